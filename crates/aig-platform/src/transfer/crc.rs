//! CRC32C as the platform writes it: base64 of the four bytes, most significant first.

use std::{fmt, io::Read, path::Path, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{Error, ErrorKind, Result, file};

/// A CRC32C checksum (Castagnoli; RFC 3720, appendix B.4).
///
/// ```
/// use aig_platform::transfer::Crc32c;
///
/// let checksum = Crc32c::of(b"123456789");
/// assert_eq!(checksum.to_string(), "4waSgw==");
/// assert_eq!("4waSgw==".parse(), Ok(checksum));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Crc32c(u32);

impl Crc32c {
    /// The checksum of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(crc32c::crc32c(bytes))
    }

    /// The checksum of what went before, followed by these bytes.
    #[must_use]
    pub fn append(self, bytes: &[u8]) -> Self {
        Self(crc32c::crc32c_append(self.0, bytes))
    }

    /// The number itself.
    pub fn value(self) -> u32 {
        self.0
    }
}

impl Default for Crc32c {
    /// The checksum of nothing.
    fn default() -> Self {
        Self::of(&[])
    }
}

impl fmt::Display for Crc32c {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0.to_be_bytes()))
    }
}

/// The text is no CRC32C in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no CRC32C: base64 of four bytes is expected")]
pub struct InvalidCrc32c;

impl FromStr for Crc32c {
    type Err = InvalidCrc32c;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| InvalidCrc32c)?;
        let bytes = <[u8; 4]>::try_from(bytes).map_err(|_| InvalidCrc32c)?;
        Ok(Self(u32::from_be_bytes(bytes)))
    }
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileChecksum {
    /// The checksum over all of it.
    pub crc32c: Crc32c,
    /// Its size.
    pub bytes: u64,
}

/// The checksum of a file, read in the background. Memory stays the same whatever the size.
///
/// # Errors
/// When the file cannot be read to its end.
pub async fn checksum(path: impl AsRef<Path>) -> Result<FileChecksum> {
    let path = path.as_ref().to_owned();
    let read =
        tokio::task::spawn_blocking(move || read_through(&path).map_err(|error| Error::io("read", &path, error)));
    read.await.map_err(|_| Error::new(ErrorKind::Io, "the checksum was interrupted"))?
}

/// Pieces this large make the system calls disappear beside the checksum itself.
const PIECE: usize = 1 << 20;

fn read_through(path: &Path) -> std::io::Result<FileChecksum> {
    let mut file = file::open(path)?;
    let mut piece = vec![0; PIECE];
    let mut sum = FileChecksum { crc32c: Crc32c::default(), bytes: 0 };
    loop {
        let count = file.read(&mut piece)?;
        let read = piece.get(..count).unwrap_or_default();
        if read.is_empty() {
            return Ok(sum);
        }
        sum = FileChecksum { crc32c: sum.crc32c.append(read), bytes: sum.bytes + count as u64 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_checksum_of_the_standard() {
        // RFC 3720, appendix B.4: 32 bytes of zeroes, of ones, and ascending.
        for (bytes, value) in
            [([0; 32], 0x8a91_36aa), ([0xff; 32], 0x62a8_ab43), (std::array::from_fn(|i| i as u8), 0x46dd_794e)]
        {
            assert_eq!(Crc32c::of(&bytes).value(), value);
        }
    }

    #[test]
    fn what_is_no_checksum_is_refused() {
        for text in ["", "AAAA", "AAAAAAA=", "!!!!!!==", "4waSgw=="] {
            assert_eq!(text.parse::<Crc32c>().is_ok(), text == "4waSgw==", "{text:?}");
        }
    }

    #[tokio::test]
    async fn a_file_larger_than_a_piece_has_the_checksum_of_its_bytes() {
        let bytes: Vec<u8> = (0..PIECE * 2 + 17).map(|i| (i * 31 % 251) as u8).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, &bytes).unwrap();
        let sum = checksum(file.path()).await.unwrap();
        assert_eq!(sum, FileChecksum { crc32c: Crc32c::of(&bytes), bytes: bytes.len() as u64 });
    }
}
