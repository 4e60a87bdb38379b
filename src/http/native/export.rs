//! `/v1/export`: products, orders, behaviour and recommendations as of one moment, streamed as they are read or made.
//!
//! One thread writes, at most a few pieces ahead of whoever takes them: a slow taker slows the writer and nothing else, and one that goes ends it.
//! An answer whose writer failed breaks off, so that nobody takes a part for the whole.

use crate::app::{Export, ExportError, ExportQuery, RecommendationExport, RecommendationQuery, Subject, aside, exported_kind};
use crate::catalog::tables::Layout;
use crate::http::access::{Caller, OfPeople};
use crate::http::answer::{Answer, marked, with};
use crate::http::blocking::{blocking, started};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::limits::{EXPORT_PIECE_BYTES, EXPORT_PIECES_AHEAD, EXPORTS_MAX};
use crate::http::native::changes::feed_problem;
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::recommend::request::LIMIT_MAX;
use crate::stdx::clock::Timestamp;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;
use axum::{Router, routing};
use hyper::body::{Body as Streamed, Frame};
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Each export holds a thread.
static EXPORTING: Semaphore = Semaphore::const_new(EXPORTS_MAX);

/// Products in each answer, unless told.
const RECOMMENDATIONS_LIMIT: usize = 20;

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/export/products", routing::get(products))
        .route("/v1/export/orders", routing::get(orders))
        .route("/v1/export/events", routing::get(events))
        .route("/v1/export/recommendations", routing::get(recommendations))
}

async fn products(context: Shared, query: RawQuery) -> Answer {
    export(context, &query, Subject::Products).await
}

async fn orders(context: Shared, query: RawQuery) -> Answer {
    export(context, &query, Subject::Orders).await
}

async fn events(context: Shared, query: RawQuery) -> Answer {
    export(context, &query, Subject::Events).await
}

async fn export(State(context): Shared, RawQuery(query): &RawQuery, subject: Subject) -> Answer {
    let asked = asked(query.as_deref(), subject)?;
    let is_personal = asked.is_personal;
    if is_personal {
        Caller::current().check_knows_people("personal")?;
    }
    let layout = asked.layout;
    let readers = context.shop.readers().clone();
    let prepare = move || Export::prepare(&readers, &asked);
    let answer = stream(subject.name(), layout, prepare, |export, pipe| export.write(pipe, &mut |_, _| {})).await?;
    Ok(if is_personal { marked(answer, OfPeople) } else { answer })
}

/// Made on processors that the shop does not sell on.
async fn recommendations(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let asked = asked_recommendations(query.as_deref())?;
    let is_personal = asked.kind.is_about_shopper();
    if is_personal {
        Caller::current().check_knows_people("kind")?;
    }
    let layout = asked.layout;
    let (readers, now) = (context.shop.readers().clone(), context.shop.now());
    let prepare = move || RecommendationExport::prepare(&readers, now, asked);
    let write = |export: RecommendationExport, pipe| aside("export", || export.write(pipe, &mut |_, _| {}).map(|(pipe, _)| pipe))?;
    let answer = stream("recommendations", layout, prepare, write).await?;
    Ok(if is_personal { marked(answer, OfPeople) } else { answer })
}

/// Takes the moment, and answers with what is written of it.
async fn stream<T: Send + 'static>(
    what: &'static str,
    layout: Layout,
    prepare: impl FnOnce() -> Result<T, ExportError> + Send + 'static,
    write: impl FnOnce(T, Pipe) -> Result<Pipe, ExportError> + Send + 'static,
) -> Answer {
    let permit = EXPORTING.try_acquire().map_err(|_| Problem::new(Kind::Busy, "too many exports are under way"))?;
    // Finding out who was forgotten reads files.
    let prepared = blocking(prepare).await?.map_err(|error| problem_of(&error))?;
    let (sender, pieces) = channel(EXPORT_PIECES_AHEAD);
    started(move || {
        let _permit = permit;
        end(write(prepared, Pipe::new(sender)), what);
    });
    Ok(answer(Pieces { pieces, is_over: false }, what, layout))
}

fn layout_of(params: &mut Params) -> Result<Layout, Problem> {
    match params.text("format") {
        Some(name) => name.parse().map_err(|reason: &str| Problem::invalid("format", reason)),
        None => Ok(Layout::Ndjson),
    }
}

fn asked_recommendations(query: Option<&str>) -> Result<RecommendationQuery, Problem> {
    let mut params = Params::parse(query)?;
    let kind = params.text("kind").ok_or_else(|| Problem::of_field(Kind::MissingField, "kind", "what is recommended has a kind"))?;
    let asked = RecommendationQuery {
        kind: exported_kind(&kind).map_err(|reason| Problem::invalid("kind", reason))?,
        layout: layout_of(&mut params)?,
        limit: limit_of(params.parsed("limit")?, RECOMMENDATIONS_LIMIT, LIMIT_MAX)?,
        filter: params.text("filter").unwrap_or_default(),
        marketplace: Caller::current().marketplace(params.parsed("marketplace")?)?,
        fill: params.given_flag("fill")?.unwrap_or(true),
    };
    params.finish()?;
    Ok(asked)
}

fn asked(query: Option<&str>, subject: Subject) -> Result<ExportQuery, Problem> {
    let mut params = Params::parse(query)?;
    let layout = layout_of(&mut params)?;
    let is_of_products = subject == Subject::Products;
    let (since, until) = if is_of_products { (None, None) } else { (time(&mut params, "since")?, time(&mut params, "until")?) };
    let is_personal = !is_of_products && params.flag("personal")?;
    let after = params.text("after");
    params.finish()?;
    Ok(ExportQuery { subject, layout, since, until, after, is_personal })
}

fn time(params: &mut Params, name: &'static str) -> Result<Option<Timestamp>, Problem> {
    let read = |text: String| Timestamp::of_rfc3339(&text).ok_or_else(|| Problem::invalid(name, "must be a time as in RFC 3339"));
    params.named(name)?.map(read).transpose()
}

fn problem_of(error: &ExportError) -> Problem {
    match error {
        ExportError::Query { field, reason } => Problem::invalid(*field, reason.clone()),
        ExportError::Feed(error) => feed_problem(error),
        ExportError::Io(error) => Problem::internal(error),
    }
}

fn end(written: Result<Pipe, ExportError>, what: &'static str) {
    match written {
        Ok(pipe) => pipe.end(),
        Err(ExportError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            tracing::debug!(what, "whoever took an export has gone");
        }
        Err(error) => tracing::error!(%error, what, "an export broke off"),
    }
}

fn answer(pieces: Pieces, what: &str, layout: Layout) -> Response {
    let mut response = Response::new(Body::new(pieces));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(layout.media_type()));
    let name = format!("attachment; filename=\"{what}.{}\"", layout.name());
    with(response, CONTENT_DISPOSITION, &name)
}

/// What goes through the channel: pieces, and last that there are no more.
enum Piece {
    Data(Bytes),
    Whole,
}

/// The end that is written to.
struct Pipe {
    sender: Sender<Piece>,
    piece: Vec<u8>,
}

impl Pipe {
    fn new(sender: Sender<Piece>) -> Self {
        Self { sender, piece: Vec::with_capacity(EXPORT_PIECE_BYTES) }
    }

    fn send(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(EXPORT_PIECE_BYTES));
        self.sender.blocking_send(Piece::Data(piece.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    /// Says that everything was written. Without it the taker's answer breaks off.
    fn end(mut self) {
        let is_taken = self.send().is_ok() && self.sender.blocking_send(Piece::Whole).is_ok();
        tracing::debug!(is_taken, "an export has ended");
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(EXPORT_PIECE_BYTES - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == EXPORT_PIECE_BYTES {
            self.send()?;
        }
        Ok(taken)
    }

    /// A piece waits until it is full: whoever writes flushes at its own borders, which are not those of pieces.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The end that is read from: the body of the answer.
struct Pieces {
    pieces: Receiver<Piece>,
    is_over: bool,
}

impl Streamed for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let piece = ready!(self.pieces.poll_recv(context));
        self.is_over = !matches!(piece, Some(Piece::Data(_)));
        Poll::Ready(match piece {
            Some(Piece::Data(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Piece::Whole) => None,
            None => Some(Err(io::Error::other("the export broke off"))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[test]
    fn what_cannot_be_asked_is_refused_by_name() {
        let check = |query: &str, subject: Subject, field: &str| {
            let problem = asked(Some(query), subject).expect_err("is refused");
            assert_eq!(problem.field(), Some(field), "{query}");
        };
        check("format=xml", Subject::Products, "format");
        check("since=2026-01-01T00:00:00Z", Subject::Products, "since");
        check("personal=true", Subject::Products, "personal");
        check("since=yesterday", Subject::Orders, "since");
        check("until=1", Subject::Events, "until");
        check("since=", Subject::Orders, "since");
        check("personal=perhaps", Subject::Orders, "personal");
        check("limit=1", Subject::Orders, "limit");
    }

    #[test]
    fn recommendations_are_asked_by_kind_and_what_is_wrong_is_named() {
        let check = |query: &str, field: &str| {
            assert_eq!(asked_recommendations(Some(query)).expect_err("is refused").field(), Some(field), "{query}");
        };
        check("", "kind");
        check("kind=popular", "kind");
        check("kind=similar&limit=0", "limit");
        check("kind=similar&limit=101", "limit");
        check("kind=similar&format=xml", "format");
        check("kind=similar&fill=perhaps", "fill");
        check("kind=similar&personal=true", "personal");
        let asked = asked_recommendations(Some("kind=for_you")).expect("is fine");
        assert_eq!((asked.limit, asked.fill, asked.layout), (20, true, Layout::Ndjson));
    }

    #[tokio::test]
    async fn a_body_that_nobody_ended_breaks_off() {
        let body = |ends: bool| {
            let (sender, pieces) = channel(EXPORT_PIECES_AHEAD);
            let write = move || {
                let mut pipe = Pipe::new(sender);
                pipe.write_all(&vec![7; EXPORT_PIECE_BYTES + 1]).expect("is taken");
                if ends {
                    pipe.end()
                }
            };
            tokio::task::spawn_blocking(write);
            Pieces { pieces, is_over: false }.collect()
        };
        let whole = body(true).await.expect("ends").to_bytes();
        assert_eq!(whole.len(), EXPORT_PIECE_BYTES + 1);
        assert!(body(false).await.is_err());
    }
}
