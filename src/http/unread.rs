//! What is left of a request's body when its answer goes out.
//!
//! Over HTTP/1 it stands between this answer and the next request. A small rest is read and dropped, so that the connection can be used again; with a
//! larger one the answer says `connection: close` (RFC 9112, section 9.6): hyper closes the connection then, and without a word the client would send
//! its next request into it. Streams of HTTP/2 end by themselves.

use super::limits::{UNREAD_BYTES_MAX, UNREAD_TIMEOUT};
use axum::BoxError;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{CONNECTION, EXPECT};
use axum::http::{HeaderMap, HeaderValue, Version};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// What came back of a body that was lent to whoever answers.
#[derive(Debug, Default)]
enum Rest {
    /// It was read to its end, or nobody has given it back.
    #[default]
    Nothing,
    /// The peer still owes it.
    Body(Body),
    /// It broke off or was given up.
    Broken,
}

/// The rest of one request's body.
#[derive(Debug)]
pub(super) struct Unread {
    rest: Arc<Mutex<Rest>>,
    /// The peer waits for a word before it sends the body, and may never send it after an answer.
    is_awaited: bool,
}

/// Lends the body of a request to whoever answers it. None where nothing can be left over.
pub(super) fn lend(request: &mut Request) -> Option<Unread> {
    if request.version() > Version::HTTP_11 || hyper::body::Body::is_end_stream(request.body()) {
        return None;
    }
    let rest = Arc::<Mutex<Rest>>::default();
    let body = std::mem::take(request.body_mut());
    *request.body_mut() = Body::new(Lent { body, is_over: false, is_broken: false, back: Arc::clone(&rest) });
    Some(Unread { rest, is_awaited: request.headers().contains_key(EXPECT) })
}

impl Unread {
    /// Reads a small rest, and has the connection closed behind an answer with these headers where that is not done.
    pub(super) async fn settle(self, headers: &mut HeaderMap) {
        let rest = std::mem::take(&mut *self.rest.lock().unwrap_or_else(PoisonError::into_inner));
        let is_settled = match rest {
            Rest::Nothing => true,
            Rest::Body(body) => !self.is_awaited && drain(body, UNREAD_TIMEOUT).await,
            Rest::Broken => false,
        };
        if !is_settled {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// Whether a body came to its end within bounds.
async fn drain(mut body: Body, patience: Duration) -> bool {
    if hyper::body::Body::size_hint(&body).lower() > UNREAD_BYTES_MAX {
        return false;
    }
    let read = async {
        let mut bytes_left = UNREAD_BYTES_MAX;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return false };
            let Some(left) = bytes_left.checked_sub(frame.data_ref().map_or(0, |data| data.len() as u64)) else { return false };
            bytes_left = left;
        }
        true
    };
    tokio::time::timeout(patience, read).await.unwrap_or(false)
}

/// A body that goes back when it is dropped.
struct Lent {
    body: Body,
    is_over: bool,
    is_broken: bool,
    back: Arc<Mutex<Rest>>,
}

impl hyper::body::Body for Lent {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        match &frame {
            Poll::Ready(None) => self.is_over = true,
            Poll::Ready(Some(Err(_))) => self.is_broken = true,
            Poll::Ready(Some(Ok(_))) | Poll::Pending => {}
        }
        frame.map(|frame| frame.map(|frame| frame.map_err(axum::Error::into_inner)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if self.is_over || hyper::body::Body::is_end_stream(&self.body) {
            return;
        }
        let rest = if self.is_broken { Rest::Broken } else { Rest::Body(std::mem::take(&mut self.body)) };
        *self.back.lock().unwrap_or_else(PoisonError::into_inner) = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body of pieces with so many bytes each; one that `breaks` ends with an error, one that `stalls` never ends.
    #[derive(Clone, Copy, Default)]
    struct Piecewise {
        pieces_left: usize,
        piece_bytes: usize,
        is_stated: bool,
        breaks: bool,
        stalls: bool,
    }

    impl hyper::body::Body for Piecewise {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            match self.pieces_left.checked_sub(1) {
                Some(left) => {
                    self.pieces_left = left;
                    Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![b'x'; self.piece_bytes])))))
                }
                None if self.stalls => Poll::Pending,
                None => Poll::Ready(self.breaks.then(|| Err("broken".into()))),
            }
        }

        fn size_hint(&self) -> SizeHint {
            let bytes = (self.pieces_left * self.piece_bytes) as u64;
            if self.is_stated { SizeHint::with_exact(bytes) } else { SizeHint::new() }
        }
    }

    /// Whether the connection stays open behind an answer before which so many frames of the body were read.
    fn stays(body: Piecewise, frames_read: usize, version: Version, headers: &[(&str, &str)]) -> bool {
        let request = Request::builder().version(version);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let mut request = request.body(Body::new(body)).expect("a request");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            let unread = lend(&mut request);
            let mut body = request.into_body();
            for _ in 0..frames_read {
                body.frame().await;
            }
            drop(body);
            let mut answered = HeaderMap::new();
            if let Some(unread) = unread {
                unread.settle(&mut answered).await;
            }
            answered.is_empty()
        })
    }

    #[test]
    fn a_connection_stays_open_where_nothing_is_left_or_what_is_left_is_little() {
        let small = Piecewise { pieces_left: 3, piece_bytes: 1_000, ..Piecewise::default() };
        let large = Piecewise { pieces_left: 300, ..small };
        let check = |body: Piecewise, frames_read: usize, expected: bool| {
            assert_eq!(stays(body, frames_read, Version::HTTP_11, &[]), expected, "{} after {frames_read}", body.pieces_left);
        };
        for is_stated in [true, false] {
            check(Piecewise { is_stated, ..small }, 0, true);
            check(Piecewise { is_stated, ..small }, 1, true);
            check(Piecewise { is_stated, ..large }, 0, false);
            check(Piecewise { is_stated, ..large }, 100, true);
            check(Piecewise { is_stated, ..large }, 301, true);
        }
        check(Piecewise { breaks: true, ..small }, 0, false);
        check(Piecewise { breaks: true, ..small }, 4, false);
        check(Piecewise { is_stated: true, ..Piecewise::default() }, 0, true);
    }

    #[test]
    fn nobody_waits_for_a_rest_that_does_not_come() {
        let body = Body::new(Piecewise { pieces_left: 1, piece_bytes: 10, stalls: true, ..Piecewise::default() });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        assert!(!runtime.block_on(drain(body, Duration::ZERO)));
    }

    #[test]
    fn a_body_that_waits_for_a_word_is_not_asked_for_and_streams_are_left_alone() {
        let small = Piecewise { pieces_left: 3, piece_bytes: 1_000, is_stated: true, ..Piecewise::default() };
        assert!(!stays(small, 0, Version::HTTP_11, &[("expect", "100-continue")]));
        assert!(stays(small, 4, Version::HTTP_11, &[("expect", "100-continue")]));
        assert!(stays(Piecewise { pieces_left: 300, ..small }, 0, Version::HTTP_2, &[]));
    }
}
