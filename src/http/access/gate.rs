//! The gate before every route.

use super::caller::{Caller, Who};
use super::credentials::caller_of;
use super::deeds::Pending;
use super::table::{Need, need};
use super::{hosts, origins, reach};
use crate::access::Book;
use crate::http::context::{Context, Shared};
use crate::http::edge::Peer;
use crate::http::error::{Kind, Problem, unknown_route};
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Lets a request through as whoever asks, or refuses it.
pub(in crate::http) async fn gate(State(context): Shared, request: Request, next: Next) -> Response {
    let book = context.shop.readers().access().book();
    if !book.is_closed() {
        return opened(&context, request, next).await.unwrap_or_else(IntoResponse::into_response);
    }
    if let Some(response) = origins::preflight(&request, &book, context.shop.now()) {
        return response;
    }
    let origin = origins::foreign_origin(request.headers());
    let mut response = match closed(&context, &book, request, next, origin.as_ref()).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    };
    if let Some(origin) = origin.filter(|_| response.extensions().get::<Readable>().is_some()) {
        origins::allow(response.headers_mut(), origin);
    }
    response
}

/// The same while there are no keys: everybody is let in, and what changes how the shop finds is written down all the same.
async fn opened(context: &Context, request: Request, next: Next) -> Result<Response, Problem> {
    hosts::check(&request, &context.public_url)?;
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let pending = route.filter(|_| !request.method().is_safe()).and_then(|route| Pending::of_anyone(&route, &request));
    let response = let_in(request, next, Caller::anyone(None)).await;
    noted(pending, context, response).await
}

/// What is not written down is not said to be done.
async fn noted(pending: Option<Pending>, context: &Context, response: Response) -> Result<Response, Problem> {
    if let Some(deed) = pending.and_then(|pending| pending.answered(&response)) {
        deed.note(context).await?;
    }
    Ok(response)
}

/// An answer that the asking page may read, whatever it says.
#[derive(Clone)]
struct Readable;

async fn let_in(mut request: Request, next: Next, caller: Caller) -> Response {
    let address = request.extensions().get::<Peer>().map(|peer| peer.address);
    let caller = Arc::new(if *caller.who() == Who::Anyone { Caller::anyone(address) } else { caller });
    request.extensions_mut().insert(Arc::clone(&caller));
    caller.run(next.run(request)).await
}

/// The same, once there are keys.
async fn closed(
    context: &Arc<Context>,
    book: &Book,
    request: Request,
    next: Next,
    origin: Option<&HeaderValue>,
) -> Result<Response, Problem> {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let needed = route.as_deref().map(|route| need(request.method(), route));
    if needed == Some(Some(Need::Nothing)) {
        return Ok(let_in(request, next, Caller::anyone(None)).await);
    }
    let caller = caller_of(context, &request)?;
    let is_readable = check_origin(book, &caller, origin)?;
    let answer = admitted(context, caller, needed.flatten(), route.as_deref().unwrap_or_default(), request, next).await;
    let mut response = answer.unwrap_or_else(IntoResponse::into_response);
    if is_readable {
        response.extensions_mut().insert(Readable);
    }
    Ok(response)
}

/// Whether the page that asks may read the answer; a page of an origin that the key does not name may not even ask.
fn check_origin(book: &Book, caller: &Caller, origin: Option<&HeaderValue>) -> Result<bool, Problem> {
    let (Some(origin), Who::Key(key)) = (origin, caller.who()) else { return Ok(false) };
    if book.key(key).is_some_and(|key| origins::may_use(key, origin)) {
        return Ok(true);
    }
    Err(Problem::of_field(Kind::Forbidden, "origin", "pages of this origin may not use the key"))
}

async fn admitted(
    context: &Arc<Context>,
    caller: Caller,
    needed: Option<Need>,
    route: &str,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(needed) = needed else {
        // An address that nobody thought of is no address, even if there is something at it.
        return Err(unknown_route().await);
    };
    check_need(&caller, needed)?;
    let (mut parts, body) = request.into_parts();
    let named = named_in(&mut parts).await?;
    reach::check_named(context, &caller, needed, route, &named)?;
    let request = Request::from_parts(parts, body);
    let object = (!named.is_empty()).then(|| named.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join("/"));
    let pending = Pending::of(&caller, needed, route, object, &request);
    let response = let_in(request, next, caller).await;
    noted(pending, context, response).await
}

fn check_need(caller: &Caller, needed: Need) -> Result<(), Problem> {
    match needed {
        Need::Nothing => Ok(()),
        Need::Login if matches!(caller.who(), Who::Admin(_)) => Ok(()),
        Need::Login => Err(Problem::new(Kind::Unauthenticated, "log in first")),
        Need::Scope(scope) if caller.allows(scope) => Ok(()),
        Need::Scope(scope) => Err(Problem::new(Kind::Forbidden, format!("this needs {scope}"))),
    }
}

/// Checks what is asked over another binding as if it had come to its own address, with the name of what it is about.
///
/// # Errors
/// When the caller may not do that, or does not reach it.
pub(in crate::http) fn check_elsewhere(context: &Context, method: &Method, route: &str, id: &str) -> Result<(), Problem> {
    let caller = Caller::current();
    let needed = need(method, route).ok_or_else(|| Problem::new(Kind::UnknownRoute, "there is nothing at this address"))?;
    check_need(&caller, needed)?;
    let named = (!id.is_empty()).then(|| ("id".to_owned(), id.to_owned()));
    reach::check_named(context, &caller, needed, route, named.as_slice())
}

/// The variable parts of the address.
async fn named_in(parts: &mut axum::http::request::Parts) -> Result<Vec<(String, String)>, Problem> {
    use axum::extract::FromRequestParts;
    let params = RawPathParams::from_request_parts(parts, &()).await;
    let params = params.map_err(|_| Problem::new(Kind::MalformedText, "the address is not UTF-8"))?;
    Ok(params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}
