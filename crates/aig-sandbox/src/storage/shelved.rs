//! Objects as they are written down: everything but their content, which lies in files beside.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
    sync::Arc,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    attributes::Attributes,
    buckets::Upload,
    object::{Object, StoredFile},
    sums::Digest,
};

/// A change in storage.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoredChange {
    Put { bucket: String, key: String, object: ObjectRecord },
    Remove { bucket: String, key: String },
    Begin { id: String, upload: UploadRecord },
    Part { id: String, number: u32, part: ObjectRecord },
    End { id: String },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ObjectRecord {
    files: Vec<FileRecord>,
    size: u64,
    etag: String,
    crc32c: u32,
    #[serde(flatten)]
    attributes: Attributes,
    generation: u64,
    modified: Timestamp,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FileRecord {
    name: String,
    size: u64,
    digest: Digest,
    crc32c: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UploadRecord {
    bucket: String,
    key: String,
    #[serde(flatten)]
    attributes: Attributes,
    parts: BTreeMap<u32, ObjectRecord>,
}

/// All of storage, as written down.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelved {
    buckets: BTreeMap<String, BTreeMap<String, ObjectRecord>>,
    uploads: BTreeMap<String, UploadRecord>,
}

impl Shelved {
    /// Does what was written down. False for a part of an upload that is not there.
    pub(crate) fn apply(&mut self, change: StoredChange) -> bool {
        match change {
            StoredChange::Put { bucket, key, object } => {
                self.buckets.entry(bucket).or_default().insert(key, object);
            }
            StoredChange::Remove { bucket, key } => {
                self.buckets.entry(bucket).or_default().remove(&key);
            }
            StoredChange::Begin { id, upload } => {
                self.uploads.insert(id, upload);
            }
            StoredChange::Part { id, number, part } => match self.uploads.get_mut(&id) {
                Some(upload) => _ = upload.parts.insert(number, part),
                None => return false,
            },
            StoredChange::End { id } => _ = self.uploads.remove(&id),
        }
        true
    }

    pub(crate) fn as_changes(&self) -> Vec<StoredChange> {
        let put = |(bucket, key, object): (&String, &String, &ObjectRecord)| StoredChange::Put {
            bucket: bucket.clone(),
            key: key.clone(),
            object: object.clone(),
        };
        let objects =
            self.buckets.iter().flat_map(|(bucket, objects)| objects.iter().map(move |(k, o)| (bucket, k, o)));
        let begin =
            |(id, upload): (&String, &UploadRecord)| StoredChange::Begin { id: id.clone(), upload: upload.clone() };
        objects.map(put).chain(self.uploads.iter().map(begin)).collect()
    }

    /// The names of all files, each once.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.records().flat_map(|record| &record.files).map(|file| file.name.as_str()).collect()
    }

    /// Gives every file another name, made from its number in the order of names. Old and new ones, in pairs.
    pub(crate) fn rename(&mut self, name: impl Fn(usize) -> String) -> Vec<(String, String)> {
        let pairs = self.names().into_iter().enumerate().map(|(index, old)| (old.to_owned(), name(index)));
        let pairs: BTreeMap<String, String> = pairs.collect();
        for file in self.records_mut().flat_map(|record| &mut record.files) {
            if let Some(new) = pairs.get(&file.name) {
                file.name.clone_from(new);
            }
        }
        pairs.into_iter().collect()
    }

    /// Whether every file is there with its size.
    ///
    /// # Errors
    /// The name of the first that is not.
    pub(crate) fn check(&self, directory: &Path) -> Result<(), String> {
        for file in self.records().flat_map(|record| &record.files) {
            let is_plain = !file.name.is_empty() && !file.name.contains(['/', '\\']) && !file.name.starts_with('.');
            let size = std::fs::metadata(directory.join(&file.name)).map(|metadata| metadata.len());
            if !is_plain || !size.is_ok_and(|size| size == file.size) {
                return Err(format!("the object file {:?} is missing or has another size", file.name));
            }
        }
        Ok(())
    }

    fn records(&self) -> impl Iterator<Item = &ObjectRecord> {
        let parts = self.uploads.values().flat_map(|upload| upload.parts.values());
        self.buckets.values().flat_map(BTreeMap::values).chain(parts)
    }

    fn records_mut(&mut self) -> impl Iterator<Item = &mut ObjectRecord> {
        let parts = self.uploads.values_mut().flat_map(|upload| upload.parts.values_mut());
        self.buckets.values_mut().flat_map(BTreeMap::values_mut).chain(parts)
    }
}

impl ObjectRecord {
    pub(super) fn of(object: &Object) -> Self {
        let file = |file: &Arc<StoredFile>| FileRecord {
            name: file.name(),
            size: file.size,
            digest: file.digest,
            crc32c: file.crc32c,
        };
        Self {
            files: object.parts.iter().map(file).collect(),
            size: object.size,
            etag: object.etag.clone(),
            crc32c: object.crc32c,
            attributes: object.attributes.clone(),
            generation: object.generation,
            modified: object.modified,
        }
    }
}

impl UploadRecord {
    pub(super) fn of(upload: &Upload) -> Self {
        Self {
            bucket: upload.bucket.clone(),
            key: upload.key.clone(),
            attributes: upload.attributes.clone(),
            parts: upload.parts.iter().map(|(number, part)| (*number, ObjectRecord::of(part))).collect(),
        }
    }
}

/// Objects and uploads, by the names of their buckets and by id.
pub(super) type Unshelved = (BTreeMap<String, BTreeMap<String, Object>>, BTreeMap<String, Upload>);

/// Takes objects up again. A file that several of them share stays shared.
pub(super) fn unshelve(shelved: &Shelved, directory: &Path) -> Unshelved {
    let mut files: HashMap<String, Arc<StoredFile>> = HashMap::new();
    let mut file = |record: &FileRecord| {
        let open = || StoredFile {
            path: directory.join(&record.name),
            size: record.size,
            digest: record.digest,
            crc32c: record.crc32c,
        };
        Arc::clone(files.entry(record.name.clone()).or_insert_with(|| Arc::new(open())))
    };
    let mut object = |record: &ObjectRecord| Object {
        parts: record.files.iter().map(&mut file).collect(),
        size: record.size,
        etag: record.etag.clone(),
        crc32c: record.crc32c,
        attributes: record.attributes.clone(),
        generation: record.generation,
        modified: record.modified,
    };
    let mut buckets = BTreeMap::new();
    for (bucket, records) in &shelved.buckets {
        let objects: BTreeMap<String, Object> = records.iter().map(|(key, it)| (key.clone(), object(it))).collect();
        buckets.insert(bucket.clone(), objects);
    }
    let mut uploads = BTreeMap::new();
    for (id, record) in &shelved.uploads {
        let upload = Upload {
            bucket: record.bucket.clone(),
            key: record.key.clone(),
            attributes: record.attributes.clone(),
            parts: record.parts.iter().map(|(number, it)| (*number, object(it))).collect(),
        };
        uploads.insert(id.clone(), upload);
    }
    (buckets, uploads)
}
