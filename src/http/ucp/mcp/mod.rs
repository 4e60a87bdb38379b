//! The MCP binding: the operations as tools, over streamable HTTP (`docs/decisions/0039-tools-without-sessions.md`).
//!
//! No session is kept: each request is answered by itself, as JSON, so there is nothing that could be left open, and any server of a cell
//! answers any call. What a tool answers is what the REST binding answers, as structured content and once more as text.

mod tools;

use super::agent::Agent;
use super::call::{Call, Outcome};
use super::operation::{Effect, Operation, Row, not_done, perform_for};
use super::party::Party;
use super::refusal::{Refusal, Transport};
use crate::http::access::{Caller, check_elsewhere};
use crate::http::admission::{Ticket, admit_as};
use crate::http::body::{self, Media};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::limits::JSON_BYTES_MAX;
use crate::http::rate::Asking;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::post;
use http_body_util::{BodyExt, Collected, Full};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorCode, ErrorData, Implementation, JsonObject,
    ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{RoleServer, ServerHandler};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

/// What a model reads first.
const INSTRUCTIONS: &str = "Search the catalogue, fill a cart, open a checkout session over it, say who buys and where the goods go, choose \
    a delivery option, complete it with a payment token, and read the order. Every answer says in its messages what is still missing.";

/// What a call is told when it names no platform.
const NO_AGENT: &str = "say meta.ucp-agent.profile, the address of the platform's profile";

/// Letters of what is wrong with a message.
const WORDS_CHARS_MAX: usize = 512;

/// The routes of the binding.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new().route("/ucp/mcp", post(serve))
}

/// The status of an answer, where the tool that was called has something to say about it.
#[derive(Clone, Default)]
struct Status(Arc<AtomicU16>);

impl Status {
    fn set(&self, status: StatusCode) {
        self.0.store(status.as_u16(), Ordering::Relaxed);
    }

    fn get(&self) -> Option<StatusCode> {
        StatusCode::from_u16(self.0.load(Ordering::Relaxed)).ok()
    }
}

/// The library is given only what is a JSON object of bounded length.
async fn serve(State(context): Shared, request: Request) -> Result<Response, Problem> {
    let (mut head, body) = request.into_parts();
    if Media::of(&head.headers)? != Media::Json {
        return Err(Problem::of_field(Kind::UnsupportedMediaType, "content-type", "send application/json"));
    }
    let bytes = body::read(&head.headers, body, JSON_BYTES_MAX).await?;
    if let Err(problem) = body::parse::<Value>(&bytes) {
        let is_none = serde_json::from_slice::<IgnoredAny>(&bytes).is_err();
        let code = if is_none { ErrorCode::PARSE_ERROR } else { ErrorCode::INVALID_REQUEST };
        return Ok(no_message(code, problem.detail(), &bytes));
    }
    let status = Status::default();
    head.extensions.insert(status.clone());
    let tools = Tools { context };
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_sse_keep_alive(None)
        .disable_allowed_hosts()
        .with_max_request_body_bytes(JSON_BYTES_MAX);
    let service = StreamableHttpService::new(move || Ok(tools.clone()), Arc::new(NeverSessionManager::default()), config);
    let mut response = service.handle(Request::from_parts(head, Full::new(bytes.clone()))).await;
    // What the library says in plain words about a message that is none is told as the protocol tells it.
    if response.status().is_client_error() && !response.headers().contains_key(CONTENT_TYPE) {
        let (head, body) = response.into_parts();
        if head.status == StatusCode::NOT_ACCEPTABLE {
            return Err(Problem::of_field(Kind::NotAcceptable, "accept", "accept application/json and text/event-stream"));
        }
        let words = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
        return Ok(no_message(ErrorCode::INVALID_REQUEST, &String::from_utf8_lossy(&words), &bytes));
    }
    if let Some(status) = status.get().filter(|_| response.status().is_success()) {
        *response.status_mut() = status;
    }
    Ok(response.map(Body::new))
}

/// The answer to what is no message of JSON-RPC 2.0 (its section 5): under the name of the message where that can be read.
fn no_message(code: ErrorCode, words: &str, bytes: &[u8]) -> Response {
    let said: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let id = said.get("id").filter(|id| id.is_string() || id.is_number());
    let words: String = words.chars().take(WORDS_CHARS_MAX).collect();
    let body = json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code.0, "message": words } });
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The tools of one request.
#[derive(Clone)]
struct Tools {
    context: Arc<Context>,
}

impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("shopkeeper", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(&self, _: Option<PaginatedRequestParams>, _: RequestContext<RoleServer>) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools::all().to_vec()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::all().iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(&self, request: CallToolRequestParams, asked: RequestContext<RoleServer>) -> Result<CallToolResponse, ErrorData> {
        let operation = Operation::ALL.into_iter().find(|operation| operation.row().name == request.name);
        let operation = operation.ok_or_else(|| ErrorData::invalid_params(format!("there is no tool {}", request.name), None))?;
        let head = asked.extensions.get::<Parts>().map(|parts| parts.extensions.clone()).unwrap_or_default();
        let status = head.get::<Status>().cloned().unwrap_or_default();
        // The library answers on a task of its own, to which whoever asks has to be told anew.
        let caller = head.get::<Arc<Caller>>().cloned();
        let caller = caller.ok_or_else(|| ErrorData::internal_error("nobody asks", None))?;
        let arguments = request.arguments.unwrap_or_default();
        let outcome = caller.run(called(&self.context, operation, &head, arguments)).await.map_err(|transport| {
            status.set(transport.status);
            self.fault(&transport)
        })?;
        Ok(CallToolResponse::Complete(result_of(&outcome)))
    }
}

/// Reads a call and does what it asks for, as far as whoever asks may. `head` is what the request came with.
///
/// A call is held to what a request to the operation's own address is: allowances, room, scopes.
async fn called(context: &Context, operation: Operation, head: &Extensions, arguments: JsonObject) -> Result<Outcome, Transport> {
    let (method, address) = operation.address();
    let asking = Asking::of(head);
    let refused = |problem: Problem| transport_of(problem.into());
    context.rates.spend_as(&asking, &method, address).map_err(refused)?;
    let ticket = admit_as(context, Ticket::of(head), &method, address).map_err(refused)?;
    let call = call_of(context, &operation.row(), (ticket, asking), arguments).await.map_err(transport_of)?;
    match check_elsewhere(context, &method, address, &call.id) {
        Ok(()) => perform_for(context, operation, &call).await,
        // What is somebody else's is told as what does not exist.
        Err(problem) => not_done(context, operation, &call, problem),
    }
}

/// A refusal to read a call; what would be an outcome elsewhere is a bad call.
fn transport_of(refusal: Refusal) -> Transport {
    match refusal {
        Refusal::Transport(transport) => transport,
        Refusal::Outcome(message) => Transport::unread(*message),
    }
}

impl Tools {
    fn fault(&self, transport: &Transport) -> ErrorData {
        let code = match transport.status {
            _ if transport.is_discovery => -32_001,
            StatusCode::BAD_REQUEST => ErrorCode::INVALID_PARAMS.0,
            StatusCode::INTERNAL_SERVER_ERROR => ErrorCode::INTERNAL_ERROR.0,
            _ => -32_000,
        };
        let mut data = serde_json::to_value(transport.fault(&self.context.public_url)).unwrap_or_default();
        if let Some(wait_s) = transport.wait_s {
            data["retry_after"] = json!(wait_s);
        }
        ErrorData::new(ErrorCode(code), transport.content.clone(), Some(data))
    }
}

fn result_of(outcome: &Outcome) -> CallToolResult {
    let text = String::from_utf8_lossy(&outcome.body).into_owned();
    let mut result = CallToolResult::default();
    result.structured_content = serde_json::from_str(&text).ok();
    result.content = vec![ContentBlock::text(text)];
    result
}

/// Reads a tool's arguments as a call. A write that may go without a name is given a fresh one.
async fn call_of(context: &Context, row: &Row, who: (Ticket, Asking), mut arguments: JsonObject) -> Result<Call, Refusal> {
    let meta = arguments.remove("meta").unwrap_or_default();
    let profile = meta.pointer("/ucp-agent/profile").and_then(Value::as_str).ok_or_else(|| Refusal::profile(NO_AGENT))?;
    let version = meta.pointer("/ucp-agent/version").and_then(Value::as_str).map(str::to_owned);
    let party = Party::of(context, Agent::new(profile, version)?).await?;
    let mut headers = HeaderMap::new();
    match (meta.get("idempotency-key"), row.effect) {
        (Some(Value::String(key)), _) => name(&mut headers, key)?,
        (None, Effect::Writes) => name(&mut headers, &context.shop.new_name("call"))?,
        (None, Effect::Reads | Effect::Commits) => {}
        (Some(_), _) => return Err(Problem::invalid("meta.idempotency-key", "must be a text").into()),
    }
    let id = match (row.has_id, arguments.remove("id")) {
        (true, Some(Value::String(id))) => id,
        (true, Some(_)) => return Err(Problem::invalid("id", "must be a text").into()),
        (true, None) => return Err(Problem::of_field(Kind::MissingField, "id", "what it is about").into()),
        (false, Some(_)) => return Err(Problem::of_field(Kind::UnknownField, "id", "this tool takes none").into()),
        (false, None) => String::new(),
    };
    let body = match row.content {
        None => Bytes::new(),
        Some((argument, _)) => match arguments.remove(argument) {
            Some(content @ Value::Object(_)) => Bytes::from(content.to_string()),
            Some(_) => return Err(Problem::invalid(argument, "must be an object").into()),
            None => return Err(Problem::of_field(Kind::MissingField, argument, "what the tool works on").into()),
        },
    };
    match arguments.keys().next() {
        Some(unknown) => Err(Problem::of_field(Kind::UnknownField, unknown.clone(), "this tool has no such argument").into()),
        None => Ok(Call { party, id, headers, body, ticket: who.0, asking: who.1 }),
    }
}

fn name(headers: &mut HeaderMap, key: &str) -> Result<(), Refusal> {
    let key = HeaderValue::from_str(key).map_err(|_| Problem::invalid("meta.idempotency-key", "must be printable ASCII"))?;
    headers.insert("idempotency-key", key);
    Ok(())
}
