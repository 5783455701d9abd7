//! An answer that comes before the whole body was taken.
//!
//! A server that refuses a long body answers and closes the connection; what is still written then fails, while the
//! answer, with the reason, is there to be read.

use std::io::ErrorKind;
use std::prelude::rust_2024::*;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// Wraps the connections that the connectors before it make; TLS comes after it.
#[derive(Debug)]
pub(super) struct EarlyAnswer;

impl<In: Transport> Connector<In> for EarlyAnswer {
    type Out = Lenient<In>;

    fn connect(
        &self,
        _: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Lenient<In>>, Error> {
        Ok(chained.map(|inner| Lenient {
            inner,
            is_closed: false,
        }))
    }
}

/// A connection that lets writing end where the other side takes no more. Whether there is an answer, reading tells.
#[derive(Debug)]
pub(super) struct Lenient<T> {
    inner: T,
    /// Whether the other side takes no more.
    is_closed: bool,
}

impl<T: Transport> Transport for Lenient<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.is_closed {
            return Ok(());
        }
        match self.inner.transmit_output(amount, timeout) {
            Err(Error::Io(error)) if is_close(error.kind()) => {
                self.is_closed = true;
                Ok(())
            }
            outcome => outcome,
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        !self.is_closed && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

fn is_close(kind: ErrorKind) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(kind, BrokenPipe | ConnectionReset | ConnectionAborted)
}
