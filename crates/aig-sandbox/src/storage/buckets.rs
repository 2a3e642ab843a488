//! Buckets, what is in them, and uploads in parts. Knows no HTTP.

use std::{
    collections::BTreeMap,
    ops::Bound,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    attributes::Attributes,
    object::{Object, StoredFile},
    refusal::{Refusal, RefusalCode},
    shelved::{ObjectRecord, Shelved, StoredChange, UploadRecord, unshelve},
};
use crate::persist::{Entry, Journal};

/// Every bucket.
#[derive(Debug)]
pub(crate) struct Buckets {
    directory: PathBuf,
    names: AtomicU64,
    contents: Mutex<Contents>,
    journal: Arc<Journal>,
}

#[derive(Debug, Default)]
struct Contents {
    buckets: BTreeMap<String, BTreeMap<String, Object>>,
    uploads: BTreeMap<String, Upload>,
}

/// An object that comes in parts.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) attributes: Attributes,
    pub(crate) parts: BTreeMap<u32, Object>,
}

/// What a write asks of what is there already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Condition {
    #[default]
    None,
    Absent,
    Etag(String),
    Generation(u64),
}

impl Buckets {
    /// With what was kept; numbers begin at `first`, which is larger than all before.
    pub(crate) fn new(directory: PathBuf, kept: &Shelved, first: u64, journal: Arc<Journal>) -> Self {
        let (buckets, uploads) = unshelve(kept, &directory);
        let contents = Mutex::new(Contents { buckets, uploads });
        Self { directory, names: AtomicU64::new(first), contents, journal }
    }

    pub(crate) fn create(&self, bucket: impl Into<String>) {
        self.contents().buckets.entry(bucket.into()).or_default();
    }

    /// A path for a new file. Names are numbers: no key ever becomes a path.
    pub(crate) fn new_path(&self) -> PathBuf {
        self.directory.join(self.next_number().to_string())
    }

    /// Unique, and larger than all before.
    pub(crate) fn next_number(&self) -> u64 {
        self.names.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn exists(&self, bucket: &str) -> bool {
        self.contents().buckets.contains_key(bucket)
    }

    pub(crate) fn get(&self, bucket: &str, key: &str) -> Result<Object, Refusal> {
        let contents = self.contents();
        let object = contents.bucket(bucket)?.get(key).cloned();
        object.ok_or_else(|| Refusal::new(RefusalCode::NoSuchKey, "no object has this key").detail("Key", key))
    }

    pub(crate) fn put(&self, bucket: &str, key: &str, object: Object, condition: &Condition) -> Result<(), Refusal> {
        let mut contents = self.contents();
        let objects = contents.bucket_mut(bucket)?;
        check(condition, objects.get(key))?;
        self.note(|| StoredChange::Put {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            object: ObjectRecord::of(&object),
        })?;
        objects.insert(key.to_owned(), object);
        Ok(())
    }

    /// Deleting what is not there is a success.
    pub(crate) fn delete(&self, bucket: &str, key: &str) -> Result<Option<Object>, Refusal> {
        let mut contents = self.contents();
        let objects = contents.bucket_mut(bucket)?;
        if objects.contains_key(key) {
            self.note(|| StoredChange::Remove { bucket: bucket.to_owned(), key: key.to_owned() })?;
        }
        Ok(objects.remove(key))
    }

    /// Keys with this prefix after a key, in order, at most `most`.
    pub(crate) fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: &str,
        most: usize,
    ) -> Result<Vec<(String, Object)>, Refusal> {
        let contents = self.contents();
        let objects = contents.bucket(bucket)?;
        let from = if after >= prefix { Bound::Excluded(after) } else { Bound::Included(prefix) };
        let found = objects.range::<str, _>((from, Bound::Unbounded)).take_while(|(key, _)| key.starts_with(prefix));
        Ok(found.take(most).map(|(key, object)| (key.clone(), object.clone())).collect())
    }

    /// Every bucket with the number and size of its objects.
    pub(crate) fn summary(&self) -> Vec<(String, usize, u64)> {
        let contents = self.contents();
        let sizes = |objects: &BTreeMap<String, Object>| objects.values().map(|object| object.size).sum();
        contents.buckets.iter().map(|(name, objects)| (name.clone(), objects.len(), sizes(objects))).collect()
    }

    pub(crate) fn begin_upload(&self, id: String, upload: Upload) -> Result<(), Refusal> {
        let mut contents = self.contents();
        contents.bucket(&upload.bucket)?;
        self.note(|| StoredChange::Begin { id: id.clone(), upload: UploadRecord::of(&upload) })?;
        contents.uploads.insert(id, upload);
        Ok(())
    }

    pub(crate) fn put_part(&self, id: &str, place: (&str, &str), number: u32, part: Object) -> Result<(), Refusal> {
        let mut contents = self.contents();
        let upload = contents.upload_mut(id, place)?;
        self.note(|| StoredChange::Part { id: id.to_owned(), number, part: ObjectRecord::of(&part) })?;
        upload.parts.insert(number, part);
        Ok(())
    }

    pub(crate) fn upload(&self, id: &str, place: (&str, &str)) -> Result<Upload, Refusal> {
        self.contents().upload_mut(id, place).cloned()
    }

    pub(crate) fn end_upload(&self, id: &str, place: (&str, &str)) -> Result<(), Refusal> {
        let mut contents = self.contents();
        contents.upload_mut(id, place)?;
        self.note(|| StoredChange::End { id: id.to_owned() })?;
        contents.uploads.remove(id);
        Ok(())
    }

    /// Everything that is there, while nothing can change.
    pub(crate) fn still<T>(&self, look: impl FnOnce(Vec<StoredChange>, Vec<Arc<StoredFile>>) -> T) -> T {
        let contents = self.contents();
        look(contents.as_changes(), contents.files())
    }

    /// Writes a change down before it is made.
    fn note(&self, change: impl FnOnce() -> StoredChange) -> std::io::Result<()> {
        if self.journal.is_kept() { self.journal.write(&[Entry::Stored(change())]) } else { Ok(()) }
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Buckets {
    /// Files go with their last holder; those of a state that is kept shall not, so nobody lets go of them.
    fn drop(&mut self) {
        if self.journal.keeps_files() {
            std::mem::forget(std::mem::take(&mut *self.contents()));
        }
    }
}

impl Contents {
    fn as_changes(&self) -> Vec<StoredChange> {
        let objects =
            self.buckets.iter().flat_map(|(bucket, objects)| objects.iter().map(move |(key, it)| (bucket, key, it)));
        let put = objects.map(|(bucket, key, object)| StoredChange::Put {
            bucket: bucket.clone(),
            key: key.clone(),
            object: ObjectRecord::of(object),
        });
        let begin =
            self.uploads.iter().map(|(id, it)| StoredChange::Begin { id: id.clone(), upload: UploadRecord::of(it) });
        put.chain(begin).collect()
    }

    /// Each once, also when several objects share it.
    fn files(&self) -> Vec<Arc<StoredFile>> {
        let parts = self.uploads.values().flat_map(|upload| upload.parts.values());
        let objects = self.buckets.values().flat_map(BTreeMap::values).chain(parts);
        let files = objects.flat_map(|object| object.parts.iter().map(|file| (file.name(), Arc::clone(file))));
        files.collect::<BTreeMap<_, _>>().into_values().collect()
    }

    fn bucket(&self, name: &str) -> Result<&BTreeMap<String, Object>, Refusal> {
        self.buckets.get(name).ok_or_else(|| no_bucket(name))
    }

    fn bucket_mut(&mut self, name: &str) -> Result<&mut BTreeMap<String, Object>, Refusal> {
        self.buckets.get_mut(name).ok_or_else(|| no_bucket(name))
    }

    fn upload_mut(&mut self, id: &str, (bucket, key): (&str, &str)) -> Result<&mut Upload, Refusal> {
        let found = self.uploads.get_mut(id).filter(|upload| upload.bucket == bucket && upload.key == key);
        found.ok_or_else(|| Refusal::new(RefusalCode::NoSuchUpload, "no upload of this object has this id"))
    }
}

fn no_bucket(name: &str) -> Refusal {
    Refusal::new(RefusalCode::NoSuchBucket, "there is no bucket of this name").detail("BucketName", name)
}

fn check(condition: &Condition, present: Option<&Object>) -> Result<(), Refusal> {
    let holds = match condition {
        Condition::None => true,
        Condition::Absent | Condition::Generation(0) => present.is_none(),
        Condition::Etag(etag) => present.is_some_and(|object| object.etag == *etag),
        Condition::Generation(generation) => present.is_some_and(|object| object.generation == *generation),
    };
    let refusal = || Refusal::new(RefusalCode::PreconditionFailed, "the object is not as the request expects it");
    if holds { Ok(()) } else { Err(refusal()) }
}
