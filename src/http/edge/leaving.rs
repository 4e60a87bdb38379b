//! One request and its answer, as the census sees them: begun, handled, taken, or taken back.

use super::census::Place;
use axum::body::Body;
use axum::response::Response;
use hyper::body::{Bytes, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A request from its head to the last byte of its answer. Dropped before that, the peer has taken it back.
#[derive(Debug)]
pub(super) struct Exchange {
    place: Arc<Place>,
    is_handled: bool,
    is_answered: bool,
}

impl Exchange {
    pub(super) fn begin(place: Arc<Place>) -> Self {
        place.connection.request_begins(place.now_ms());
        Self { place, is_handled: false, is_answered: false }
    }

    /// The answer, on its way to the peer from now on.
    pub(super) fn answered(mut self, response: Response) -> hyper::Response<Leaving> {
        self.is_handled = true;
        self.place.connection.handler_ends(self.place.now_ms());
        // Nothing more is to come: hyper writes the head and never asks for the body.
        self.is_answered = hyper::body::Body::is_end_stream(response.body());
        response.map(|body| Leaving { body, exchange: self })
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let now_ms = self.place.now_ms();
        if !self.is_handled {
            self.place.connection.handler_ends(now_ms);
        }
        self.place.connection.request_ends(now_ms, self.is_answered);
    }
}

/// A body on its way out.
#[derive(Debug)]
pub(super) struct Leaving {
    body: Body,
    exchange: Exchange,
}

impl hyper::body::Body for Leaving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(frame) = &frame {
            let place = &self.exchange.place;
            place.connection.progresses(place.now_ms());
            if frame.is_none() || self.body.is_end_stream() {
                self.exchange.is_answered = true;
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
