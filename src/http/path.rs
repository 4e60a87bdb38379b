//! The variable part of an address, refused with a problem document when it is not text.

use super::error::{Kind, Problem};
use axum::extract::FromRequestParts;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The one variable part of the address.
#[derive(Debug)]
pub(super) struct Path(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Path {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        read(parts, state).await.map(Self)
    }
}

/// The two variable parts of the address, in order.
#[derive(Debug)]
pub(super) struct Paths(pub(super) String, pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Paths {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        read(parts, state).await.map(|(first, second)| Self(first, second))
    }
}

async fn read<T: DeserializeOwned + Send, S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<T, Problem> {
    match axum::extract::Path::<T>::from_request_parts(parts, state).await {
        Ok(axum::extract::Path(read)) => Ok(read),
        Err(PathRejection::FailedToDeserializePathParams(error)) => Err(problem_of(error.kind())),
        Err(error) => Err(Problem::internal(&error)),
    }
}

fn problem_of(kind: &ErrorKind) -> Problem {
    match kind {
        ErrorKind::InvalidUtf8InPathParam { key } => Problem::of_field(Kind::MalformedText, key.as_str(), "is not UTF-8"),
        other => Problem::new(Kind::MalformedText, other.to_string()),
    }
}
