//! A write as it came: its body, and the key that it is done under; done once, however often it is repeated.

use super::body;
use super::context::Context;
use super::error::Problem;
use super::keys::{Key, keyed};
use super::limits::JSON_BYTES_MAX;
use crate::pipeline::TradeAnswer;
use crate::trade::{Action, Snapshot};
use axum::body::Bytes;
use axum::extract::Request;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What was asked for. The body is parsed, or left as it came: [`Asked::raw`].
pub(super) struct Asked<T> {
    pub(super) body: T,
    pub(super) key: Key,
}

/// The rows of a list that may be left out, and then means all there are. One that is empty names nothing, which is not all.
///
/// # Errors
/// When it is empty.
pub(super) fn some_or_all<T>(field: &str, rows: Option<Vec<T>>) -> Result<Vec<T>, Problem> {
    match rows {
        Some(rows) if rows.is_empty() => Err(Problem::invalid(field, "must not be empty: leave it out for all of it")),
        rows => Ok(rows.unwrap_or_default()),
    }
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
        Ok(Self { body, key })
    }
}

impl<T: DeserializeOwned> Asked<T> {
    /// Reads a write whose body is JSON.
    ///
    /// # Errors
    /// As [`Asked::raw`], and when the body does not say what it has to.
    pub(super) async fn read(operation: &str, subject: &str, request: Request) -> Result<Self, Problem> {
        let Asked { body, key } = Asked::raw(operation, subject, request).await?;
        Ok(Self { body: body::parse(&body)?, key })
    }
}

impl<T> Asked<T> {
    /// Does it while `If-Match` holds, unless it was done under this key before.
    pub(super) async fn done<A: Into<Action>>(
        self,
        context: &Context,
        action: impl FnOnce(T) -> Result<A, Problem>,
    ) -> Result<Done, Problem> {
        let Self { body, key } = self;
        let answer = context.once(&key, || action(body)).await?;
        Ok(Done { answer, key })
    }

    /// The same, answering what it was about, as that was right after it.
    pub(super) async fn snapshot<A: Into<Action>>(
        self,
        context: &Context,
        action: impl FnOnce(T) -> Result<A, Problem>,
    ) -> Result<Snapshot, Problem> {
        self.done(context, action).await.map(|done| done.snapshot())
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
        self.answer.snapshot_under(&self.key.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_left_out_is_all_and_one_that_is_empty_is_not() {
        assert!(some_or_all::<u8>("units", None).is_ok_and(|rows| rows.is_empty()));
        assert_eq!(some_or_all("units", Some(vec![1])), Ok(vec![1]));
        assert_eq!(some_or_all::<u8>("units", Some(Vec::new())).expect_err("is refused").field(), Some("units"));
    }
}
