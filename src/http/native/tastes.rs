//! `POST /v1/tastes`: tastes learnt anew from what shoppers did, while everything goes on.

use crate::app::{TastesLearnt, train_tastes_aside};
use crate::http::answer::Answer;
use crate::http::blocking::blocking;
use crate::http::body::{parse, read};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::limits::JSON_BYTES_MAX;
use crate::http::named::work_once;
use crate::learn::LearnError;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use std::sync::{Arc, Mutex, TryLockError};
use std::time::{Duration, Instant};

/// Longest time in which better knobs are looked for: what follows has to end within the patience of a request, too.
const BUDGET_S_MAX: u64 = 600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LearnBody {
    #[serde(default = "usual_budget_s")]
    budget_s: u64,
    #[serde(default = "usual_seed")]
    seed: u64,
}

fn usual_budget_s() -> u64 {
    300
}

fn usual_seed() -> u64 {
    1
}

/// Answers when the tastes are in place; the server takes the files up as it takes up those of `shopkeeper train relations`.
pub(in crate::http) async fn learn(State(context): Shared, headers: HeaderMap, body: Body) -> Answer {
    let bytes = read(&headers, body, JSON_BYTES_MAX).await?;
    let asked: LearnBody = parse(if bytes.is_empty() { b"{}" } else { &bytes })?;
    if asked.budget_s > BUDGET_S_MAX {
        return Err(Problem::of_field(Kind::InvalidField, "budget_s", format!("must not be above {BUDGET_S_MAX}")));
    }
    let work = learnt(Arc::clone(&context), asked);
    work_once(context, &headers, ("tastes.learn", "", &bytes), StatusCode::OK, work).await
}

async fn learnt(context: Arc<Context>, asked: LearnBody) -> Result<TastesLearnt, Problem> {
    blocking(move || learn_alone(&context, &asked)).await?
}

fn learn_alone(context: &Context, asked: &LearnBody) -> Result<TastesLearnt, Problem> {
    alone(&context.learning, || {
        let until = Instant::now() + Duration::from_secs(asked.budget_s);
        let may_go_on = || Instant::now() < until && context.shop.is_ready();
        let trained = train_tastes_aside(&context.shop.readers().recommend(), &context.shop.folders().models, &may_go_on, asked.seed);
        match trained {
            Ok((tuned, taste)) => Ok(TastesLearnt::of(&tuned, &taste)),
            Err(LearnError::TooLittle(reason)) => Err(Problem::new(Kind::WrongStatus, format!("nothing to learn from: {reason}"))),
            Err(error) => Err(Problem::internal(&error)),
        }
    })
}

/// Two at once would share the processors and write the same files.
pub(super) fn alone<T>(learning: &Mutex<()>, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    let _alone = match learning.try_lock() {
        Ok(alone) => alone,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return Err(Problem::new(Kind::WrongStatus, "something is being learnt already")),
    };
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_while_tastes_are_learnt_is_refused_and_may_ask_again_when_they_are() {
        let learning = Mutex::new(());
        let within = alone(&learning, || {
            let second = alone(&learning, || -> Result<(), Problem> { panic!("learns beside the first") });
            Ok(second.expect_err("the first is not done"))
        });
        let refused = within.expect("the first goes on");
        assert_eq!(refused.status(), StatusCode::CONFLICT, "{refused:?}");
        assert_eq!(alone(&learning, || Ok(7)).ok(), Some(7));
    }

    #[test]
    fn one_that_panicked_does_not_shut_out_the_next() {
        let learning = Mutex::new(());
        let died = std::panic::catch_unwind(|| alone(&learning, || -> Result<(), Problem> { panic!("on purpose") }));
        assert!(died.is_err() && alone(&learning, || Ok(())).is_ok());
    }
}
