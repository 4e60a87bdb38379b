//! The storefront, the console and the documentation page, served from the binary.

use super::error::{Kind, Problem};
use super::path::Path;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "src/http/web/"]
struct Web;

/// The storefront: one page, whatever the address; its script shows what the address says.
pub(super) async fn storefront(headers: HeaderMap) -> Response {
    serve("index.html", &headers)
}

/// The console: one page as well. It holds nothing; what it shows, it asks for under the session of who looks.
pub(super) async fn console(headers: HeaderMap) -> Response {
    serve("console.html", &headers)
}

/// The documentation of the HTTP interface.
pub(super) async fn docs(headers: HeaderMap) -> Response {
    serve("docs.html", &headers)
}

/// A script, style or picture of the pages.
pub(super) async fn asset(Path(name): Path, headers: HeaderMap) -> Response {
    serve(&name, &headers)
}

/// Tells people that there is nothing at an address in a page of the shop; programs, which do not ask for one, read the problem.
pub(super) async fn tell_people(request: Request, next: Next) -> Response {
    let is_page_wanted = request.extensions().get::<MatchedPath>().is_none() && asks_for_a_page(request.method(), request.headers());
    let response = next.run(request).await;
    if !is_page_wanted || response.status() != StatusCode::NOT_FOUND {
        return response;
    }
    (StatusCode::NOT_FOUND, serve("index.html", &HeaderMap::new())).into_response()
}

fn asks_for_a_page(method: &Method, headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    matches!(*method, Method::GET | Method::HEAD) && accepted.contains("text/html")
}

fn serve(name: &str, headers: &HeaderMap) -> Response {
    let Some(file) = Web::get(name) else {
        return Problem::new(Kind::UnknownRoute, "no such file").into_response();
    };
    let tag = crate::stdx::digest::hex(&file.metadata.sha256_hash());
    let tag = format!("\"{}\"", &tag[..16]);
    let is_known = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(file.data.into_owned()) });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_the_browser_has_already_is_not_sent_again() {
        let first = serve("index.html", &HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        let again = serve("index.html", &HeaderMap::from_iter([(IF_NONE_MATCH, first.headers()[ETAG].clone())]));
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(serve("../Cargo.toml", &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
    }
}
