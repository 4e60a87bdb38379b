//! A socket that tells the census what arrives, and puts words to hyper's own refusals.
//!
//! hyper answers by itself when a request head is too long to be read, with a bare status. Clients of this shop read problem documents, so
//! that answer is given a body on its way out.

use super::census::Place;
use crate::http::error::{Kind, PROBLEM_JSON, Problem};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What an HTTP/2 connection opens with (RFC 9113, section 3.4). The version is known when all of it has come, or anything else has.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How hyper's own answers begin.
const REFUSAL_START: &[u8] = b"HTTP/1.1 ";

/// A socket whose connection has a place in the census.
pub(super) struct Guarded<S> {
    socket: S,
    place: Arc<Place>,
    /// Until the protocol version is known: how much of the preface has come.
    opening: Option<usize>,
    /// What is written in place of a bare refusal.
    refusal: Option<Refusal>,
}

/// A whole answer, how much of it has been written, and how many bytes it stands for.
struct Refusal {
    answer: Vec<u8>,
    written_bytes: usize,
    stands_for_bytes: usize,
}

impl Refusal {
    /// The answer in place of hyper's own to a head that is too long; none for any other bytes.
    fn of(bytes: &[u8]) -> Option<Self> {
        let kind = match bytes.strip_prefix(REFUSAL_START)?.first_chunk()? {
            b"414" => Kind::QueryTooLong,
            b"431" => Kind::HeadersTooLarge,
            _ => return None,
        };
        let head = std::str::from_utf8(bytes).ok()?.to_ascii_lowercase();
        if !head.contains("content-length: 0\r\n") || !head.ends_with("\r\n\r\n") {
            return None;
        }
        let (status, _, title) = kind.row();
        let body = Problem::new(kind, "the request's head is too long; POST takes long queries in its body").to_json().to_string();
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status} {title}\r\ncontent-type: {PROBLEM_JSON}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        Some(Self { answer: answer.into_bytes(), written_bytes: 0, stands_for_bytes: bytes.len() })
    }
}

impl<S> Guarded<S> {
    /// Guards a socket that was accepted just now.
    pub(super) fn new(socket: S, place: Arc<Place>) -> Self {
        Self { socket, place, opening: Some(0), refusal: None }
    }

    /// Notes bytes that came.
    fn received(&mut self, bytes: &[u8]) {
        if let Some(come) = &mut self.opening {
            let expected = &PREFACE[*come..];
            let is_preface = expected.starts_with(bytes) || bytes.starts_with(expected);
            *come += bytes.len();
            if is_preface && *come >= PREFACE.len() {
                self.place.connection.is_multiplexed();
            }
            if !is_preface || *come >= PREFACE.len() {
                self.opening = None;
            }
        }
        self.place.connection.received(|| self.place.now_ms());
    }
}

impl<S: AsyncWrite + Unpin> Guarded<S> {
    /// Writes what stands in place of a bare refusal, if these bytes are one.
    fn refuse(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Option<Poll<io::Result<usize>>> {
        let mut refusal = self.refusal.take().or_else(|| Refusal::of(bytes))?;
        loop {
            let left = &refusal.answer[refusal.written_bytes..];
            if left.is_empty() {
                return Some(Poll::Ready(Ok(refusal.stands_for_bytes)));
            }
            let outcome = Pin::new(&mut self.socket).poll_write(context, left);
            match outcome {
                Poll::Ready(Ok(0)) => return Some(Poll::Ready(Ok(0))),
                Poll::Ready(Ok(count)) => refusal.written_bytes += count,
                Poll::Ready(Err(error)) => return Some(Poll::Ready(Err(error))),
                Poll::Pending => {
                    self.refusal = Some(refusal);
                    return Some(Poll::Pending);
                }
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let filled_before = buffer.filled().len();
        let outcome = Pin::new(&mut self.socket).poll_read(context, buffer);
        let bytes = &buffer.filled()[filled_before..];
        if !bytes.is_empty() {
            self.received(bytes);
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(outcome) = self.refuse(context, bytes) {
            return outcome;
        }
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, parts: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if let [only] = parts
            && let Some(outcome) = self.refuse(context, only)
        {
            return outcome;
        }
        Pin::new(&mut self.socket).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
