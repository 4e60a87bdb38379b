//! What asking for something to be learnt has in common, whatever it is.

use crate::http::body::{parse, read};
use crate::http::error::{Kind, Problem};
use crate::http::limits::JSON_BYTES_MAX;
use crate::learn::LearnError;
use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;
use std::sync::{Mutex, TryLockError};

/// The body as it came, and what it asks for; without one everything is as usual.
///
/// # Errors
/// When it is too long, or asks for something else.
pub(super) async fn asked<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<(Bytes, T), Problem> {
    let bytes = read(headers, body, JSON_BYTES_MAX).await?;
    let asked = parse(if bytes.is_empty() { b"{}" } else { &bytes })?;
    Ok((bytes, asked))
}

/// Learns, unless something is being learnt: two at once would share the processors and write the same files.
///
/// # Errors
/// When something is, or there is too little to learn from.
pub(super) fn alone<T>(learning: &Mutex<()>, work: impl FnOnce() -> Result<T, LearnError>) -> Result<T, Problem> {
    let _alone = match learning.try_lock() {
        Ok(alone) => alone,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return Err(Problem::new(Kind::WrongStatus, "something is being learnt already")),
    };
    work().map_err(|error| match error {
        LearnError::TooLittle(reason) => Problem::new(Kind::WrongStatus, format!("nothing to learn from: {reason}")),
        error => Problem::internal(&error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;

    #[test]
    fn who_asks_while_tastes_are_learnt_is_refused_and_may_ask_again_when_they_are() {
        let learning = Mutex::new(());
        let within = alone(&learning, || {
            let second = alone(&learning, || -> Result<(), LearnError> { panic!("learns beside the first") });
            Ok(second.expect_err("the first is not done"))
        });
        let refused = within.expect("the first goes on");
        assert_eq!(refused.status(), StatusCode::CONFLICT, "{refused:?}");
        assert_eq!(alone(&learning, || Ok(7)).ok(), Some(7));
    }

    #[test]
    fn one_that_panicked_does_not_shut_out_the_next() {
        let learning = Mutex::new(());
        let died = std::panic::catch_unwind(|| alone(&learning, || -> Result<(), LearnError> { panic!("on purpose") }));
        assert!(died.is_err() && alone(&learning, || Ok(())).is_ok());
    }
}
