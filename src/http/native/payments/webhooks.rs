//! `/v1/payments/webhooks/{provider}`: what payment providers tell of their own accord.
//!
//! The signature is checked on the raw body before anything of it is read, and what it says is only a hint: how things stand is asked of the
//! provider. The answer is 204 once the event is durable; the same event again, however much later, is answered the same and changes nothing.

use crate::http::answer::Answer;
use crate::http::body;
use crate::http::context::Shared;
use crate::http::error::{Kind, Problem};
use crate::http::limits::{NOTICE_BYTES_MAX, NOTICES_MAX};
use crate::http::path::Path;
use crate::payment::NoticeError;
use crate::pipeline::Unavailable;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use tokio::sync::Semaphore;

/// Anybody may ask here: what waits to be whole, and so to be found unsigned, is bounded for all of them together.
static READING: Semaphore = Semaphore::const_new(NOTICES_MAX);

pub(super) async fn post(State(context): Shared, Path(provider): Path, request: Request) -> Answer {
    let known = context.shop.providers().iter().find(|known| known.name() == provider);
    let known = known.ok_or_else(|| Problem::unknown("payment provider", &provider))?;
    let (head, body) = request.into_parts();
    let signature = head.headers.get(known.signature_header()).and_then(|value| value.to_str().ok());
    let read =
        |bytes: &[u8]| known.read_notice(signature, bytes, context.shop.now()).map_err(|error| refused(error, known.signature_header()));
    // Where it has to be signed and is not, nothing of it is read.
    if let Err(error @ (NoticeError::NotSent | NoticeError::Unsigned)) = known.read_notice(signature, &[], context.shop.now()) {
        return Err(refused(error, known.signature_header()));
    }
    let permit = READING.try_acquire().map_err(|_| Problem::from(Unavailable::Busy))?;
    let bytes = body::read(&head.headers, body, NOTICE_BYTES_MAX).await?;
    let notice = read(&bytes)?;
    drop((bytes, permit));
    context.notice(&provider, notice).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn refused(error: NoticeError, header: &str) -> Problem {
    metrics::counter!("shopkeeper_payment_webhooks_refused_total").increment(1);
    match error {
        NoticeError::NotSent => Problem::new(Kind::UnknownRoute, error.to_string()),
        NoticeError::Unsigned => Problem::of_field(Kind::MissingHeader, header, error.to_string()),
        NoticeError::Forged | NoticeError::Stale => Problem::invalid(header, error.to_string()),
        NoticeError::Shape => Problem::new(Kind::MalformedJson, error.to_string()),
    }
}
