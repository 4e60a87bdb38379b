//! One request to a server on this machine: how a command reaches a shop that another process has open.

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
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

/// A server on this machine, and what its commands show it.
pub struct RunningServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// The operator's secret.
    pub secret: String,
}

impl RunningServer {
    /// Asks and waits at most `patience`; answers the JSON of a successful answer, null when it has no body.
    ///
    /// # Errors
    /// When the server cannot be reached, does not answer in time, or answers with a problem.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>, patience: Duration) -> Result<Value, AskError> {
        let unreachable = |reason: String| AskError::Unreachable { address: self.address, reason };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| unreachable(error.to_string()))?;
        let (is_success, body) = runtime
            .block_on(async { tokio::time::timeout(patience, self.send(method, path, body)).await })
            .map_err(|_| unreachable("no answer in time".to_owned()))?
            .map_err(unreachable)?;
        if is_success && body.is_empty() {
            return Ok(Value::Null);
        }
        let answer: Value = serde_json::from_slice(&body).map_err(|error| unreachable(error.to_string()))?;
        if is_success {
            return Ok(answer);
        }
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Err(AskError::Refused(format!("{} {}", text("title"), text("detail"))))
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(bool, Bytes), String> {
        let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let method = Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?;
        let request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        let request = request.header(AUTHORIZATION, format!("Bearer {}", self.secret)).header(CONTENT_TYPE, "application/json");
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        let answer = client.request(request).await.map_err(|error| error.to_string())?;
        let is_success = answer.status().is_success();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(|error| error.to_string())?;
        Ok((is_success, body.to_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_not_there_is_named() {
        let nowhere = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("an address");
        let server = RunningServer { address: nowhere, secret: String::new() };
        let error = server.ask("GET", "/healthz", None, Duration::from_secs(10)).expect_err("nobody listens");
        assert!(error.to_string().contains(&nowhere.to_string()), "{error}");
    }
}
