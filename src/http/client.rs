//! One request to a server on this machine: how a command reaches a shop that another process has open.

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::net::SocketAddr;
use std::time::Duration;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Why a running server could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It could not be reached, or did not answer in time.
    #[error("the server at {address} does not answer: {reason}")]
    Unreachable {
        /// Where it was expected.
        address: SocketAddr,
        /// What went wrong.
        reason: String,
    },
    /// It answered with a problem.
    #[error("the server refused: {0}")]
    Refused(String),
}

/// Asks the server at `address` without a body and waits at most `patience`; answers the JSON of a successful answer.
///
/// # Errors
/// When the server cannot be reached, does not answer in time, or answers with a problem.
pub fn ask(address: SocketAddr, method: &str, path: &str, patience: Duration) -> Result<serde_json::Value, AskError> {
    let unreachable = |reason: String| AskError::Unreachable { address, reason };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| unreachable(error.to_string()))?;
    let (is_success, body) = runtime
        .block_on(async { tokio::time::timeout(patience, send(address, method, path)).await })
        .map_err(|_| unreachable("no answer in time".to_owned()))?
        .map_err(unreachable)?;
    let answer: serde_json::Value = serde_json::from_slice(&body).map_err(|error| unreachable(error.to_string()))?;
    if is_success {
        return Ok(answer);
    }
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    Err(AskError::Refused(format!("{} {}", text("title"), text("detail"))))
}

async fn send(address: SocketAddr, method: &str, path: &str) -> Result<(bool, Bytes), String> {
    let client: Client<HttpConnector, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let method = Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?;
    let request = Request::builder().method(method).uri(format!("http://{address}{path}"));
    let request = request.body(Empty::new()).map_err(|error| error.to_string())?;
    let answer = client.request(request).await.map_err(|error| error.to_string())?;
    let is_success = answer.status().is_success();
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(|error| error.to_string())?;
    Ok((is_success, body.to_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_not_there_is_named() {
        let nowhere = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("an address");
        let error = ask(nowhere, "GET", "/healthz", Duration::from_secs(10)).expect_err("nobody listens");
        assert!(error.to_string().contains(&nowhere.to_string()), "{error}");
    }
}
