//! One request to a server on this machine: how a command reaches a shop that another process has open.

use crate::stdx::percent;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::timeout;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// Longest wait for the next piece of an answer that is streamed: the whole journal may be read before the first one.
const STALL_PATIENCE: Duration = Duration::from_secs(300);

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
    /// What comes cannot be kept.
    #[error("what the server sends cannot be written: {0}")]
    Out(std::io::Error),
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
        Err(refused(&answer))
    }

    /// Brings an answer of any length into `out`, as long as it keeps coming; tells how many bytes have come.
    ///
    /// # Errors
    /// When the server cannot be reached, stands still, breaks off, or answers with a problem; and when `out` takes no more.
    pub fn download(
        &self,
        path: &str,
        params: &[(&str, String)],
        out: &mut dyn Write,
        report: &mut dyn FnMut(u64),
    ) -> Result<(), AskError> {
        let unreachable = |reason: String| AskError::Unreachable { address: self.address, reason };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| unreachable(error.to_string()))?;
        runtime.block_on(async {
            let path = format!("{path}?{}", percent::pairs(params.iter().map(|(name, value)| (*name, value.as_str()))));
            let asked = self.request("GET", &path, None);
            let answer =
                timeout(STALL_PATIENCE, asked).await.map_err(|_| unreachable("no answer in time".to_owned()))?.map_err(unreachable)?;
            if !answer.status().is_success() {
                let body =
                    Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(|error| unreachable(error.to_string()))?;
                return Err(refused(&serde_json::from_slice(&body.to_bytes()).unwrap_or_default()));
            }
            let (mut body, mut bytes) = (answer.into_body(), 0);
            while let Some(frame) = timeout(STALL_PATIENCE, body.frame()).await.map_err(|_| unreachable("it stands still".to_owned()))? {
                let frame = frame.map_err(|error| unreachable(error.to_string()))?;
                let Some(data) = frame.data_ref() else { continue };
                out.write_all(data).map_err(AskError::Out)?;
                bytes += data.len() as u64;
                report(bytes);
            }
            Ok(())
        })
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(bool, Bytes), String> {
        let answer = self.request(method, path, body).await?;
        let is_success = answer.status().is_success();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(|error| error.to_string())?;
        Ok((is_success, body.to_bytes()))
    }

    async fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Response<Incoming>, String> {
        let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let method = Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?;
        let request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        let request = request.header(AUTHORIZATION, format!("Bearer {}", self.secret)).header(CONTENT_TYPE, "application/json");
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        client.request(request).await.map_err(|error| error.to_string())
    }
}

/// What a problem document says.
fn refused(problem: &Value) -> AskError {
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    AskError::Refused(format!("{}: {}", text("title"), text("detail")))
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
