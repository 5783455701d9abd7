//! Head and body of a short request in one write: one segment, one TLS record.
//!
//! ureq writes the head, then the body. On a kept connection the second write costs more than the signature.

use std::fmt;
use std::prelude::rust_2024::*;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use zeroize::Zeroizing;

/// Wraps the connections that the connectors before it make.
#[derive(Debug)]
pub(super) struct OneWrite;

impl<In: Transport> Connector<In> for OneWrite {
    type Out = Joined<In>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Joined<In>>, Error> {
        Ok(chained.map(|inner| Joined::new(inner, details.config.output_buffer_size())))
    }
}

/// A connection that keeps the head back until the beginning of the body is there, or an answer is awaited.
#[derive(Debug)]
pub(super) struct Joined<T> {
    inner: T,
    start: Start,
    /// Whether what comes now is the start of a request.
    is_start: bool,
}

impl<T: Transport> Transport for Joined<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        match self.is_start {
            true => &mut self.start,
            false => self.inner.buffers(),
        }
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if !self.is_start {
            return self.inner.transmit_output(amount, timeout);
        }
        let is_first = self.start.held == 0;
        self.start.held += amount;
        let written = self.start.written();
        let has_room = written.len() <= self.start.size / 2;
        match is_first && has_room && written.ends_with(END_OF_HEAD) {
            true => Ok(()),
            false => self.write_start(timeout),
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if self.is_start {
            self.write_start(timeout)?;
        }
        self.inner.await_input(timeout)
    }

    /// Asked before a connection is kept, and before it is used again: the next bytes start a request.
    fn is_open(&mut self) -> bool {
        self.is_start = self.inner.buffers().input().is_empty();
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

impl<T: Transport> Joined<T> {
    fn new(inner: T, size: usize) -> Self {
        Joined {
            inner,
            start: Start {
                output: Zeroizing::default(),
                size,
                held: 0,
            },
            is_start: true,
        }
    }

    fn write_start(&mut self, timeout: NextTimeout) -> Result<(), Error> {
        self.is_start = false;
        let mut rest = self.start.written();
        while !rest.is_empty() {
            let output = self.inner.buffers().output();
            let (piece, after) = rest.split_at(rest.len().min(output.len()));
            output[..piece.len()].copy_from_slice(piece);
            self.inner.transmit_output(piece.len(), timeout)?;
            rest = after;
        }
        self.start.held = 0;
        Ok(())
    }
}

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// What is held back stands at the beginning of the output, what is written next goes behind it. Nothing is read here.
/// Heads hold session tokens: wiped on drop.
struct Start {
    output: Zeroizing<Vec<u8>>,
    size: usize,
    held: usize,
}

/// Shows no byte of a request.
impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Start")
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

impl Start {
    fn written(&self) -> &[u8] {
        &self.output[..self.held]
    }
}

impl Buffers for Start {
    fn output(&mut self) -> &mut [u8] {
        if self.output.is_empty() {
            self.output = Zeroizing::new(std::vec![0; self.size]);
        }
        &mut self.output[self.held..]
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        (&mut [], self.output())
    }

    fn input(&self) -> &[u8] {
        &[]
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        &mut []
    }

    fn input_appended(&mut self, _: usize) {}

    fn input_consume(&mut self, _: usize) {}

    fn can_use_input(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::unversioned::transport::LazyBuffers;

    /// Keeps what is written; every answer is one byte.
    #[derive(Debug)]
    struct Recorder {
        buffers: LazyBuffers,
        writes: Vec<Vec<u8>>,
    }

    impl Transport for Recorder {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
            let written = self.buffers.output()[..amount].to_vec();
            self.writes.push(written);
            Ok(())
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
            self.buffers.input_append_buf()[0] = b'!';
            self.buffers.input_appended(1);
            Ok(true)
        }

        fn is_open(&mut self) -> bool {
            true
        }
    }

    const SIZE: usize = 64;
    const HEAD: &[u8] = b"PUT / HTTP/1.1\r\n\r\n";

    fn connection() -> Joined<Recorder> {
        let recorder = Recorder {
            buffers: LazyBuffers::new(16, SIZE),
            writes: Vec::new(),
        };
        Joined::new(recorder, SIZE)
    }

    /// As much of `bytes` as there is room for.
    fn write<'a>(connection: &mut Joined<Recorder>, bytes: &'a [u8]) -> &'a [u8] {
        let output = connection.buffers().output();
        let (now, later) = bytes.split_at(bytes.len().min(output.len()));
        output[..now.len()].copy_from_slice(now);
        let done = connection.transmit_output(now.len(), NextTimeout::default());
        done.expect("the recorder takes all");
        later
    }

    fn answer(connection: &mut Joined<Recorder>) {
        let awaited = connection.await_input(NextTimeout::default());
        assert!(awaited.expect("an answer"));
        assert_eq!(connection.buffers().input(), b"!");
        connection.buffers().input_consume(1);
        assert!(connection.is_open());
    }

    #[test]
    fn head_and_body_are_one_write_each_time() {
        let mut connection = connection();
        for _ in 0..2 {
            write(&mut connection, HEAD);
            write(&mut connection, b"body");
            answer(&mut connection);
        }
        let both = [HEAD, b"body"].concat();
        assert_eq!(connection.inner.writes, [both.clone(), both]);
    }

    #[test]
    fn a_head_alone_is_written_before_an_answer_is_awaited() {
        let mut connection = connection();
        write(&mut connection, HEAD);
        assert!(connection.inner.writes.is_empty());
        answer(&mut connection);
        assert_eq!(connection.inner.writes, [HEAD]);
    }

    #[test]
    fn a_long_head_and_a_long_body_lose_nothing() {
        let line = [b'a'; SIZE + 9];
        for parts in [
            [&line[..], HEAD, b"body"],
            [HEAD, &line, &line],
            [&line[..SIZE - 30], HEAD, b"body"],
        ] {
            let mut connection = connection();
            for mut part in parts {
                while !part.is_empty() {
                    part = write(&mut connection, part);
                }
            }
            answer(&mut connection);
            assert_eq!(connection.inner.writes.concat(), parts.concat());
        }
    }
}
