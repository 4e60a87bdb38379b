//! A connection that gives up on peers that stand still.
//!
//! hyper times the request head and the handlers time bodies; two gaps are left. A client may open a connection and send nothing, or half
//! of the HTTP/2 preface, and the detection of the protocol version waits for ever (hyper#3756); and it may stop reading its answer.
//! [`Guarded`] closes both: the first bytes have a deadline, and so has every write that makes no progress.

use super::limits::{HEAD_TIMEOUT, WRITE_STALL_TIMEOUT};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

/// What an HTTP/2 connection opens with (RFC 9113, section 3.4). The version is known when all of it has come, or anything else has.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A socket with deadlines.
pub(super) struct Guarded<S> {
    socket: S,
    /// Until the protocol version is known: how much of the preface has come, and the deadline for the rest.
    opening: Option<(usize, Pin<Box<Sleep>>)>,
    /// Runs while a write waits for the peer.
    write_stall: Option<Pin<Box<Sleep>>>,
}

impl<S> Guarded<S> {
    /// Guards a socket that was accepted just now.
    pub(super) fn new(socket: S) -> Self {
        let deadline = Box::pin(sleep(HEAD_TIMEOUT));
        Self { socket, opening: Some((0, deadline)), write_stall: None }
    }

    /// Passes a write's outcome on; a pending one starts the clock, or runs into it.
    fn watched<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.write_stall = None;
            return outcome;
        }
        let deadline = || Box::pin(sleep_until(Instant::now() + WRITE_STALL_TIMEOUT));
        let stall = self.write_stall.get_or_insert_with(deadline);
        stall.as_mut().poll(context).map(|()| Err(timed_out("the peer takes no bytes")))
    }
}

fn timed_out(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what.to_owned())
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let filled_before = buffer.filled().len();
        let outcome = Pin::new(&mut self.socket).poll_read(context, buffer);
        let Some((come, deadline)) = &mut self.opening else { return outcome };
        if outcome.is_pending() {
            return deadline.as_mut().poll(context).map(|()| Err(timed_out("no request came")));
        }
        let bytes = &buffer.filled()[filled_before..];
        *come += bytes.len();
        if !PREFACE[*come - bytes.len()..].starts_with(bytes) || *come == PREFACE.len() {
            self.opening = None;
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.watched(context, outcome)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, parts: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.socket).poll_write_vectored(context, parts);
        self.watched(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.socket).poll_flush(context);
        self.watched(context, outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.socket).poll_shutdown(context);
        self.watched(context, outcome)
    }
}
