//! A write as it came: its body, the key that it is done under, and its headers; done once, however often it is repeated.

use super::body;
use super::context::Context;
use super::error::Problem;
use super::keys::{Key, keyed};
use super::limits::JSON_BYTES_MAX;
use super::versions::only_if;
use crate::pipeline::TradeAnswer;
use crate::trade::{Action, Snapshot};
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What was asked for. The body is parsed, or left as it came: [`Asked::raw`].
pub(super) struct Asked<T> {
    pub(super) body: T,
    pub(super) key: Key,
    pub(super) headers: HeaderMap,
}

/// A body that says nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

impl Asked<Bytes> {
    /// Reads a write without looking at its body; `operation` and `subject` tell it from others. No body counts as an empty object.
    ///
    /// # Errors
    /// When the body is too long or too slow, or the write has no key.
    pub(super) async fn raw(operation: &str, subject: &str, request: Request) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let body = body::read(&head.headers, body, JSON_BYTES_MAX).await?;
        let key = keyed(&head.headers, operation, subject, &body)?;
        let body = if body.is_empty() { Bytes::from_static(b"{}") } else { body };
        Ok(Self { body, key, headers: head.headers })
    }
}

impl<T: DeserializeOwned> Asked<T> {
    /// Reads a write whose body is JSON.
    ///
    /// # Errors
    /// As [`Asked::raw`], and when the body does not say what it has to.
    pub(super) async fn read(operation: &str, subject: &str, request: Request) -> Result<Self, Problem> {
        let Asked { body, key, headers } = Asked::raw(operation, subject, request).await?;
        Ok(Self { body: body::parse(&body)?, key, headers })
    }
}

impl<T> Asked<T> {
    /// Does it, unless it was done under this key before.
    pub(super) async fn done<A: Into<Action>>(
        self,
        context: &Context,
        action: impl FnOnce(T) -> Result<A, Problem>,
    ) -> Result<Done, Problem> {
        let answer = context.once(&self.key, || action(self.body)).await?;
        Ok(Done { answer, key: self.key })
    }

    /// The same, answering what it was about, as that was right after it.
    pub(super) async fn snapshot<A: Into<Action>>(
        self,
        context: &Context,
        action: impl FnOnce(T) -> Result<A, Problem>,
    ) -> Result<Snapshot, Problem> {
        self.done(context, action).await.map(|done| done.snapshot())
    }

    /// The same while its subject has a version that `If-Match` names, when it names any.
    pub(super) async fn done_if<A: Into<Action>>(
        self,
        context: &Context,
        action: impl FnOnce(T) -> Result<A, Problem>,
    ) -> Result<Done, Problem> {
        let Self { body, key, headers } = self;
        let conditional = || {
            let action: Action = action(body)?.into();
            match action.subject() {
                Some(subject) => only_if(&headers, subject, action),
                None => Ok(action),
            }
        };
        let answer = context.once(&key, conditional).await?;
        Ok(Done { answer, key })
    }
}

/// A write that was done, now or before.
pub(super) struct Done {
    pub(super) answer: TradeAnswer,
    pub(super) key: Key,
}

impl Done {
    /// What it was about, as that was right after it.
    pub(super) fn snapshot(&self) -> Snapshot {
        self.answer.snapshot_under(&self.key.0)
    }
}
