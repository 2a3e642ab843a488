//! Takes the frames off a body in Amazon's `aws-chunked` coding: `SIZE[;chunk-signature=…]\r\nDATA\r\n`, then trailers.
//! The chunks' own signatures are not checked; the request's is.

use bytes::{Buf, Bytes, BytesMut};

use super::refusal::{Refusal, RefusalCode};

/// A size line, or a line of the trailer, is never longer.
const LONGEST_LINE: usize = 4096;
const LONGEST_TRAILER: usize = 16;

/// Where in the coding we are.
#[derive(Debug, Default)]
pub(super) struct Unchunker {
    pending: BytesMut,
    place: Place,
    trailer: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Size,
    Data(usize),
    DataEnd,
    Trailer,
}

impl Unchunker {
    /// The data within the next piece of the body.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Result<Bytes, Refusal> {
        self.pending.extend_from_slice(piece);
        let mut data = BytesMut::new();
        while self.step(&mut data)? {}
        Ok(data.freeze())
    }

    /// The lines of the trailer, at the end of the body.
    ///
    /// # Errors
    /// When the body broke off.
    pub(super) fn trailer(self) -> Result<Vec<String>, Refusal> {
        if self.place == Place::Trailer {
            return Ok(self.trailer);
        }
        Err(Refusal::new(RefusalCode::InvalidRequest, "the chunked body broke off"))
    }

    /// False when more of the body is needed.
    fn step(&mut self, data: &mut BytesMut) -> Result<bool, Refusal> {
        match self.place {
            Place::Size => {
                let Some(line) = self.line()? else { return Ok(false) };
                let size = line.split(';').next().unwrap_or_default().trim();
                let size = usize::from_str_radix(size, 16).map_err(|_| malformed())?;
                self.place = if size == 0 { Place::Trailer } else { Place::Data(size) };
            }
            Place::Data(left) => {
                let taken = left.min(self.pending.len());
                data.extend_from_slice(&self.pending.split_to(taken));
                self.place = if taken == left { Place::DataEnd } else { Place::Data(left - taken) };
                return Ok(taken == left);
            }
            Place::DataEnd => {
                let Some(line) = self.line()? else { return Ok(false) };
                if !line.is_empty() {
                    return Err(malformed());
                }
                self.place = Place::Size;
            }
            Place::Trailer => {
                let Some(line) = self.line()? else { return Ok(false) };
                if self.trailer.len() == LONGEST_TRAILER {
                    return Err(malformed());
                }
                self.trailer.push(line);
            }
        }
        Ok(true)
    }

    fn line(&mut self) -> Result<Option<String>, Refusal> {
        let Some(end) = self.pending.windows(2).position(|pair| pair == b"\r\n") else {
            return if self.pending.len() > LONGEST_LINE { Err(malformed()) } else { Ok(None) };
        };
        let line = self.pending.split_to(end);
        self.pending.advance(2);
        String::from_utf8(line.to_vec()).map(Some).map_err(|_| malformed())
    }
}

fn malformed() -> Refusal {
    Refusal::new(RefusalCode::InvalidRequest, "the body is not in the aws-chunked coding that its headers announce")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODED: &[u8] = b"4;chunk-signature=ab\r\nWiki\r\n5\r\npedia\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";

    #[test]
    fn data_comes_out_however_the_body_is_cut() {
        for step in 1..CODED.len() {
            let mut unchunker = Unchunker::default();
            let data: Vec<u8> = CODED.chunks(step).flat_map(|piece| unchunker.feed(piece).unwrap()).collect();
            assert_eq!(data, b"Wikipedia");
            assert_eq!(unchunker.trailer().unwrap()[0], "x-amz-checksum-crc32:AAAA");
        }
    }

    #[test]
    fn a_cut_body_is_not_done_and_a_wrong_size_is_refused() {
        let mut unchunker = Unchunker::default();
        unchunker.feed(&CODED[..30]).unwrap();
        assert!(unchunker.trailer().is_err());
        assert!(Unchunker::default().feed(b"zz\r\n").is_err());
        assert!(Unchunker::default().feed(b"1\r\nab\r\n").is_err());
    }
}
