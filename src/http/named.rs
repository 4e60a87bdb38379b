//! Administrative writes over HTTP under names that their callers gave them: changes of keys and administrators, and work that is asked for.
//!
//! Without a name each is done as often as it is asked for. Under one a change stands in the journal in the same entry as its name, and its repetition shows
//! what was made, never a secret. Work may take minutes, so its name is durable before it begins: a repetition is answered as the first one was, and
//! while nobody knows how that went it is told so rather than done a second time, unless a second time changes nothing. See `docs/decisions/0055` and 0061.

use super::access::Caller;
use super::answer::{Answer, json_bytes};
use super::context::Context;
use super::error::{Kind, Problem};
use super::keys::{Key, keyed_if_given};
use crate::access::{ANSWER_BYTES_MAX, AccessCommand, Named, Write};
use crate::event::Document;
use crate::stdx::digest;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::future::Future;
use std::sync::Arc;

impl Context {
    fn named(&self, key: &Key) -> Named {
        self.shop.readers().access().named(digest::blake3(&[key.name.as_str().as_bytes()]), &key.digest)
    }

    fn write_of(&self, named: &Named) -> Option<Write> {
        self.shop.readers().access().book().write(&named.name).cloned()
    }

    /// What was done before under this key, if anything was.
    ///
    /// # Errors
    /// When it was something else.
    pub(super) fn done_before(&self, key: Option<&Key>) -> Result<Option<Write>, Problem> {
        let Some(named) = key.map(|key| self.named(key)) else { return Ok(None) };
        match self.write_of(&named) {
            Some(known) if known.request != named.request => Err(reused()),
            known => Ok(known),
        }
    }

    /// Changes keys and administrators, once for a key; answers when that is durable.
    pub(super) async fn access_once(&self, key: Option<&Key>, command: AccessCommand) -> Result<(), Problem> {
        self.access(match key {
            Some(key) => AccessCommand::Once { named: self.named(key), command: Box::new(command) },
            None => command,
        })
        .await
    }

    /// Keeps how work under a name went. What cannot be kept leaves it begun, so that it is not done again.
    async fn keep_answer(&self, named: Named, done: &Done) {
        let kept = match done {
            Err(_) => AccessCommand::Release(named.name),
            Ok((_, bytes)) if bytes.len() > ANSWER_BYTES_MAX => return,
            Ok((status, bytes)) => AccessCommand::Answer(named.name, status.as_u16(), Document(bytes.as_slice().into())),
        };
        if let Err(problem) = self.access(kept).await {
            tracing::warn!(reason = problem.detail(), "how work under an idempotency key went is not kept");
        }
    }
}

fn reused() -> Problem {
    Problem::of_field(Kind::KeyReused, "idempotency-key", "the idempotency key was used before with another request")
}

/// Does work once for the key that its caller may give it, and goes on with it when the caller has gone. While nobody knows how it went under a key, it is
/// not done again.
pub(super) async fn work_once<T: Serialize + Send + 'static>(
    context: Arc<Context>,
    headers: &HeaderMap,
    about: (&str, &str, &[u8]),
    status: StatusCode,
    work: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Answer {
    named_work(context, headers, about, Unsure::Refuse, done_with(status, work)).await
}

/// The same of work that leaves the shop as it is when it is done twice in a row: while nobody knows how it went under a key, it is done again.
/// Once that is known a repetition does nothing, whatever has happened since.
pub(super) async fn work_until_done<T: Serialize + Send + 'static>(
    context: Arc<Context>,
    headers: &HeaderMap,
    about: (&str, &str, &[u8]),
    status: StatusCode,
    work: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Answer {
    named_work(context, headers, about, Unsure::Redo, done_with(status, work)).await
}

/// What is done about work of which nobody knows how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unsure {
    Refuse,
    Redo,
}

type Done = Result<(StatusCode, Vec<u8>), Problem>;

async fn done_with<T: Serialize>(status: StatusCode, work: impl Future<Output = Result<T, Problem>>) -> Done {
    let done = work.await?;
    serde_json::to_vec(&done).map(|bytes| (status, bytes)).map_err(|error| Problem::internal(&error))
}

async fn named_work(
    context: Arc<Context>,
    headers: &HeaderMap,
    (operation, subject, body): (&str, &str, &[u8]),
    unsure: Unsure,
    work: impl Future<Output = Done> + Send + 'static,
) -> Answer {
    let Some(key) = keyed_if_given(headers, operation, subject, body)? else { return work.await.map(shown) };
    let named = context.named(&key);
    let is_begun = context.done_before(Some(&key))?.is_some();
    if !is_begun || unsure == Unsure::Refuse {
        context.access(AccessCommand::Begin(named)).await?;
    }
    // What has an answer was done before; what was only begun before is refused, or done again.
    if let Some((status, answer)) = context.write_of(&named).and_then(|known| known.answer) {
        let status = StatusCode::from_u16(status).map_err(|error| Problem::internal(&error))?;
        return Ok(shown((status, answer.0.to_vec())));
    }
    // It is done for whoever asked, in whichever task.
    let done = tokio::spawn(Caller::current().run(async move {
        let done = work.await;
        context.keep_answer(named, &done).await;
        done
    }));
    done.await.map_err(|error| Problem::internal(&error))?.map(shown)
}

/// The answer; what says nothing has no body.
fn shown((status, bytes): (StatusCode, Vec<u8>)) -> Response {
    if bytes == b"null" { status.into_response() } else { json_bytes(status, bytes) }
}
