//! Which object a request is about. Keys are names, never paths; those that Google's storage refuses are refused here.

use percent_encoding::percent_decode_str;

use super::{
    PREFIX,
    refusal::{Refusal, RefusalCode},
    signature::Reach,
};

/// <https://cloud.google.com/storage/docs/objects#naming>, in bytes.
const LONGEST_KEY: usize = 1024;

/// What a request is about, and what its signer may reach.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) reach: Reach,
}

impl Place {
    /// # Errors
    /// When the signer may not go there, or no object can have this name.
    pub(super) fn of(path: &str, reach: Reach) -> Result<Self, Refusal> {
        let path = path.strip_prefix(PREFIX).unwrap_or_default().trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let place = Self { bucket: text(bucket)?, key: text(key)?, reach };
        // Without a bucket, it is about all that the signer may reach.
        if !place.bucket.is_empty() {
            reachable(&place.bucket, &place.reach)?;
        }
        check_key(&place.key)?;
        Ok(place)
    }

    pub(super) fn pair(&self) -> (&str, &str) {
        (&self.bucket, &self.key)
    }
}

pub(super) fn reachable(bucket: &str, reach: &Reach) -> Result<(), Refusal> {
    match reach {
        Reach::Bucket(own) if own != bucket => {
            Err(Refusal::new(RefusalCode::AccessDenied, "this key opens the bucket of its organization only"))
        }
        _ => Ok(()),
    }
}

fn text(encoded: &str) -> Result<String, Refusal> {
    let text = percent_decode_str(encoded).decode_utf8();
    let text = text.map_err(|_| Refusal::new(RefusalCode::InvalidArgument, "the name of an object is UTF-8"))?;
    Ok(text.into_owned())
}

fn check_key(key: &str) -> Result<(), Refusal> {
    if key.len() > LONGEST_KEY {
        return Err(Refusal::new(RefusalCode::KeyTooLongError, "the name of an object has at most 1024 bytes"));
    }
    if matches!(key, "." | "..") || key.contains(['\r', '\n']) {
        let message = "an object's name is neither `.` nor `..` and holds no carriage return or line feed";
        return Err(Refusal::new(RefusalCode::InvalidArgument, message));
    }
    Ok(())
}
