//! The checksums of bytes as they come, and the entity tag that follows from them.

use base64::{Engine, prelude::BASE64_STANDARD};
use crc_fast::CrcAlgorithm::Crc64Nvme;
use flate2::Crc;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::Sha256;

use super::{promise::Promise, scheme::hex};

/// MD5 is slower than memory by far (0.6 GB/s): of larger bodies only the beginning is summed, unless a sum of all was
/// promised. Parts of uploads, and what clients send in one piece by default, are smaller.
const MD5_REACH: u64 = 8 << 20;

/// A checksum that a sender can promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sum {
    Md5,
    Sha1,
    Sha256,
    Crc32,
    Crc32c,
    Crc64Nvme,
}

impl Sum {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Md5 => "the MD5",
            Self::Sha1 => "the SHA-1",
            Self::Sha256 => "the SHA-256",
            Self::Crc32 => "the CRC32",
            Self::Crc32c => "the CRC32C",
            Self::Crc64Nvme => "the CRC64NVME",
        }
    }
}

/// What an entity tag is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Digest {
    Md5([u8; 16]),
    /// Of the beginning, the CRC32C and the size. As of an upload in one part, its tag ends in `-1`, by which clients
    /// know that it is no MD5.
    Opaque([u8; 16]),
}

impl Digest {
    pub(crate) fn bytes(self) -> [u8; 16] {
        match self {
            Self::Md5(bytes) | Self::Opaque(bytes) => bytes,
        }
    }

    /// Without quotes.
    pub(crate) fn etag(self) -> String {
        match self {
            Self::Md5(bytes) => hex(&bytes),
            Self::Opaque(bytes) => format!("{}-1", hex(&bytes)),
        }
    }
}

/// Sums of the bytes so far.
pub(super) struct Sums {
    pub(super) size: u64,
    crc32c: u32,
    md5: Md5,
    md5_reach: u64,
    sha1: Option<Sha1>,
    sha256: Option<Sha256>,
    crc32: Option<Crc>,
    crc64: Option<crc_fast::Digest>,
}

impl Sums {
    /// Those that every object has, and those that the sender names.
    pub(super) fn asked_by(promise: &Promise) -> Self {
        Self {
            size: 0,
            crc32c: 0,
            md5: Md5::new(),
            md5_reach: if promise.is_about(Sum::Md5) { u64::MAX } else { MD5_REACH },
            sha1: promise.is_about(Sum::Sha1).then(Sha1::default),
            sha256: promise.is_about(Sum::Sha256).then(Sha256::default),
            crc32: promise.is_about(Sum::Crc32).then(Crc::new),
            crc64: promise.is_about(Sum::Crc64Nvme).then(|| crc_fast::Digest::new(Crc64Nvme)),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        let within = usize::try_from(self.md5_reach.saturating_sub(self.size)).unwrap_or(usize::MAX);
        self.md5.update(bytes.get(..within).unwrap_or(bytes));
        self.crc32c = crc32c::crc32c_append(self.crc32c, bytes);
        self.sha1.iter_mut().for_each(|sha1| sha1::Digest::update(sha1, bytes));
        self.sha256.iter_mut().for_each(|sha256| sha2::Digest::update(sha256, bytes));
        self.crc32.iter_mut().for_each(|crc32| crc32.update(bytes));
        self.crc64.iter_mut().for_each(|crc64| crc64.update(bytes));
        self.size += bytes.len() as u64;
    }

    pub(super) fn finish(self) -> Found {
        let md5: [u8; 16] = self.md5.finalize().into();
        let digest = if self.size <= self.md5_reach {
            Digest::Md5(md5)
        } else {
            let all = Md5::new().chain_update(md5).chain_update(self.crc32c.to_be_bytes());
            Digest::Opaque(all.chain_update(self.size.to_be_bytes()).finalize().into())
        };
        Found {
            size: self.size,
            crc32c: self.crc32c,
            digest,
            sha1: self.sha1.map(|sha1| sha1::Digest::finalize(sha1).into()),
            sha256: self.sha256.map(|sha256| sha2::Digest::finalize(sha256).into()),
            crc32: self.crc32.map(|crc| crc.sum()),
            crc64: self.crc64.map(|crc| crc.finalize()),
        }
    }
}

/// The sums of a whole body.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) size: u64,
    pub(super) crc32c: u32,
    pub(super) digest: Digest,
    sha1: Option<[u8; 20]>,
    sha256: Option<[u8; 32]>,
    crc32: Option<u32>,
    crc64: Option<u64>,
}

impl Found {
    /// In Base64; `None` where it was not asked for.
    pub(super) fn of(&self, sum: Sum) -> Option<String> {
        match (sum, self.digest) {
            (Sum::Md5, Digest::Md5(bytes)) => Some(BASE64_STANDARD.encode(bytes)),
            (Sum::Md5, Digest::Opaque(_)) => None,
            (Sum::Sha1, _) => self.sha1.map(|bytes| BASE64_STANDARD.encode(bytes)),
            (Sum::Sha256, _) => self.sha256.map(|bytes| BASE64_STANDARD.encode(bytes)),
            (Sum::Crc32, _) => self.crc32.map(|crc| BASE64_STANDARD.encode(crc.to_be_bytes())),
            (Sum::Crc32c, _) => Some(BASE64_STANDARD.encode(self.crc32c.to_be_bytes())),
            (Sum::Crc64Nvme, _) => self.crc64.map(|crc| BASE64_STANDARD.encode(crc.to_be_bytes())),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn found(headers: &[(&'static str, &str)], pieces: &[&[u8]]) -> Found {
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let mut sums = Sums::asked_by(&Promise::of(&headers, ""));
        pieces.iter().for_each(|piece| sums.update(piece));
        sums.finish()
    }

    #[test]
    fn sums_are_those_of_the_published_check_values() {
        let promised = ["crc32", "sha1", "sha256", "crc64nvme"].map(|sum| format!("x-amz-checksum-{sum}").leak());
        let promised: Vec<(&'static str, &str)> = promised.into_iter().map(|name| (&*name, "x")).collect();
        let found = found(&promised, &[b"1234", b"", b"56789"]);
        assert_eq!(found.digest.etag(), "25f9e794323b453885f5181f1b624d0b");
        assert_eq!(found.of(Sum::Crc32c).unwrap(), BASE64_STANDARD.encode(0xe306_9283_u32.to_be_bytes()));
        assert_eq!(found.of(Sum::Crc32).unwrap(), BASE64_STANDARD.encode(0xcbf4_3926_u32.to_be_bytes()));
        assert_eq!(found.of(Sum::Sha256).unwrap(), "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=");
        assert_eq!(found.of(Sum::Sha1).unwrap(), "98O8HYCOBHMq32eZZczDTKeuNEE=");
        // The check value of CRC-64/NVME in the catalogue of parametrised CRC algorithms.
        assert_eq!(found.of(Sum::Crc64Nvme).unwrap(), BASE64_STANDARD.encode(0xae8b_1486_0a79_9888_u64.to_be_bytes()));
    }

    #[test]
    fn tags_of_large_bodies_follow_from_all_bytes_and_look_like_no_md5() {
        let (head, tail) = (vec![1; MD5_REACH as usize], vec![2; 100]);
        let tag = |pieces: &[&[u8]]| found(&[], pieces).digest.etag();
        let large = tag(&[&head, &tail]);
        assert_eq!(large.len(), 34);
        assert_eq!(large, tag(&[&[&head[..], &tail[..]].concat()]), "however it is cut");
        assert_ne!(large, tag(&[&head, &tail[..99], &[3]]));
        assert_eq!(tag(&[&head]).len(), 32);
        let promised = found(&[("content-md5", "x")], &[&head, &tail]);
        assert_eq!(promised.digest.etag().len(), 32);
    }
}
