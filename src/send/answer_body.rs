//! The body of an answer as it is read: counted, decompressed where that was asked for.

use std::fmt;
use std::io::{self, Read};
use std::prelude::rust_2024::*;

use super::progress::{Progress, Watch};
use super::transport::translate;
use super::{SendError, TransportError, progress};

pub(super) struct AnswerBody(Form);

enum Form {
    Plain(Counted),
    #[cfg(feature = "gzip")]
    Gzip(Box<flate2::read::MultiGzDecoder<Counted>>),
}

impl AnswerBody {
    pub fn new(body: ureq::Body, of: Option<u64>, watch: Watch, gunzip: bool) -> Self {
        let counted = Counted {
            reader: body.into_with_config().limit(u64::MAX).reader(),
            bytes: 0,
            of,
            watch,
        };
        #[cfg(feature = "gzip")]
        if gunzip {
            let decoder = flate2::read::MultiGzDecoder::new(counted);
            return AnswerBody(Form::Gzip(Box::new(decoder)));
        }
        let _ = gunzip;
        AnswerBody(Form::Plain(counted))
    }
}

impl Read for AnswerBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Form::Plain(counted) => counted.read(buffer),
            #[cfg(feature = "gzip")]
            Form::Gzip(decoder) => decoder.read(buffer).map_err(|error| match error.kind() {
                io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                    io::Error::new(io::ErrorKind::InvalidData, NotGzip)
                }
                _ => error,
            }),
        }
    }
}

struct Counted {
    reader: ureq::BodyReader<'static>,
    bytes: u64,
    of: Option<u64>,
    watch: Watch,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.bytes += read as u64;
        progress::tell(&self.watch, || Progress::Received {
            bytes: self.bytes,
            of: self.of,
        });
        Ok(read)
    }
}

/// An answer that nobody read to its end takes its connection with it. The rest of a short one costs less than another
/// connection.
impl Drop for Counted {
    fn drop(&mut self) {
        let is_short = |of: u64| of.saturating_sub(self.bytes) <= SHORT;
        if self.of.is_some_and(is_short) {
            let mut rest = [0; 4096];
            // The last read, of nothing, hands the connection back.
            while self.reader.read(&mut rest).is_ok_and(|read| read > 0) {}
        }
    }
}

const SHORT: u64 = 64 * 1024;

#[derive(Debug)]
struct NotGzip;

impl fmt::Display for NotGzip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer says it is gzip, and is not")
    }
}

impl core::error::Error for NotGzip {}

/// Why a body could not be read to its end.
pub(super) fn read_error(error: io::Error) -> SendError {
    if error.get_ref().is_some_and(|inner| inner.is::<NotGzip>()) {
        return SendError::AnswerForm("gzip");
    }
    match translate(ureq::Error::from(error), "", "") {
        SendError::Transport(TransportError::Timeout("the whole request")) => {
            TransportError::Timeout("the whole request").into()
        }
        SendError::Transport(TransportError::Timeout(_)) => {
            TransportError::Timeout("reading the answer").into()
        }
        _ => TransportError::Truncated.into(),
    }
}
