//! Webhooks against a real receiver on this machine:
//!
//! 1. messages arrive in order, each signed so that its receiver can check it, and none holds who somebody is;
//! 2. an endpoint that is dead or slow keeps nobody else waiting, and nothing is lost to one that comes back, also over a restart;
//! 3. redirects are not followed, 410 ends an endpoint, long answers are not read;
//! 4. nothing is sent into the private network, whatever an address looks like;
//! 5. a secret is shown once; two sign while it is replaced; writes are done once under one key.

use super::client::Answer;
use super::server::TestServer;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One message as it arrived.
#[derive(Debug)]
pub(super) struct Message {
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Message {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// Something that takes messages and answers each with what it was told to.
pub(super) struct Receiving {
    pub(super) address: SocketAddr,
    messages: Receiver<Message>,
    answer: Arc<Mutex<String>>,
}

pub(super) const FINE: &str = "HTTP/1.1 204 No Content\r\n\r\n";

impl Receiving {
    pub(super) fn start(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, messages) = channel();
        let answer = Arc::new(Mutex::new(answer.to_owned()));
        let answering = Arc::clone(&answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (sender, answering) = (sender.clone(), Arc::clone(&answering));
                std::thread::spawn(move || serve(&stream, &sender, &answering));
            }
        });
        Self { address, messages, answer }
    }

    pub(super) fn next(&self) -> Message {
        self.messages.recv_timeout(Duration::from_secs(30)).expect("a message arrives")
    }

    /// Whether nothing has come.
    pub(super) fn is_silent(&self) -> bool {
        self.messages.try_recv().is_err()
    }

    fn answers(&self, answer: &str) {
        answer.clone_into(&mut self.answer.lock().expect("is free"));
    }
}

fn serve(stream: &TcpStream, sender: &Sender<Message>, answer: &Mutex<String>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line.trim().is_empty() {
                break;
            }
            lines.push(line);
        }
        let split = |line: &String| line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
        let headers: Vec<(String, String)> = lines.iter().filter_map(split).collect();
        let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        sender.send(Message { headers, body }).ok()?;
        let answer = answer.lock().ok()?.clone();
        (&*stream).write_all(answer.as_bytes()).ok()?;
    }
}

pub(super) fn server(receivers: &[&Receiving]) -> TestServer {
    let allowed: Vec<String> = receivers.iter().map(|receiver| format!("\"{}\"", receiver.address)).collect();
    let config = format!("[webhooks]\nallow = [{}]\n", allowed.join(", "));
    TestServer::start_with(|folder| std::fs::write(folder.join("shopkeeper.toml"), config).expect("is written"))
}

fn ask(server: &TestServer, request: &str, key: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    server.send(request, &headers, if body.is_null() { Vec::new() } else { body.to_string().into_bytes() }.as_slice())
}

fn create(server: &TestServer, receiver: &Receiving, key: &str, more: &Value) -> Value {
    let mut body = json!({ "url": format!("http://{}/hook", receiver.address) });
    let fields = body.as_object_mut().expect("an object");
    fields.extend(more.as_object().cloned().unwrap_or_default());
    let answer = ask(server, "POST /v1/webhooks", key, &body);
    assert_eq!(answer.status, 201, "{}", answer.json());
    answer.json()
}

fn open_cart(server: &TestServer, key: &str) -> String {
    let body = json!({ "line_items": [{ "item": { "id": "DL-BRASS" }, "quantity": 1 }] });
    let answer = ask(server, "POST /ucp/v1/carts", key, &body);
    assert_eq!(answer.status, 201);
    answer.json()["id"].as_str().expect("an id").to_owned()
}

/// Asks until the answer is as wanted.
fn until(server: &TestServer, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        let found = server.get(path).json();
        if wanted(&found) {
            return found;
        }
        assert!(std::time::Instant::now() < deadline, "{path} stays {found}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn messages_arrive_signed_and_in_order_and_say_nothing_of_people() {
    let receiver = Receiving::start(FINE);
    let server = server(&[&receiver]);
    let made = create(&server, &receiver, "w1", &json!({ "kinds": ["cart_opened", "checkout_opened"] }));
    assert!(made["secret"].as_str().expect("a secret").starts_with("whsec_"));
    let (first, second) = (open_cart(&server, "c1"), open_cart(&server, "c2"));
    let body = json!({ "cart_id": second, "buyer": { "email": "ada@example.org", "first_name": "Ada", "last_name": "Moss" } });
    assert_eq!(ask(&server, "POST /ucp/v1/checkout-sessions", "c3", &body).status, 201);
    let messages = [receiver.next(), receiver.next(), receiver.next()];
    let carts: Vec<Value> = messages[..2].iter().map(|message| message.json()["data"]["cart"].clone()).collect();
    assert_eq!(carts, [json!(first), json!(second)]);
    assert_eq!(messages[2].json()["type"], "checkout_opened");
    let text = String::from_utf8_lossy(&messages[2].body).into_owned();
    assert!(!text.contains("ada@example.org") && !text.contains("Moss"), "{text}");
    for message in &messages {
        let expected = signature(made["secret"].as_str().expect("a secret"), message);
        assert_eq!(message.header("webhook-signature"), expected);
        assert_eq!((message.header("content-type"), message.json()["timestamp"].is_string()), ("application/json", true));
    }
    let told = server.get(&format!("/v1/changes?after={}", messages[0].header("webhook-id")));
    assert_eq!(told.json()["changes"][0]["type"], "cart_lines_set", "a message's id is a cursor of the feed");
}

/// Signed again, by the receiver's own means.
fn signature(secret: &str, message: &Message) -> String {
    use shopkeeper::stdx::{base64, crypto};
    let key = base64::decode_padded(secret.trim_start_matches("whsec_")).expect("base64");
    let signed = [message.header("webhook-id").as_bytes(), b".", message.header("webhook-timestamp").as_bytes(), b".", &message.body];
    format!("v1,{}", base64::encode_padded(&crypto::hmac_sha256(&key, &signed)))
}

#[test]
fn a_dead_endpoint_keeps_nobody_waiting_and_misses_nothing() {
    let (alive, dead) = (Receiving::start(FINE), Receiving::start("HTTP/1.1 503 Busy\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n"));
    let server = server(&[&alive, &dead]);
    create(&server, &alive, "w1", &json!({ "kinds": ["cart_opened"] }));
    let ill = create(&server, &dead, "w2", &json!({ "kinds": ["cart_opened"] }));
    let carts: Vec<String> = (0..5).map(|number| open_cart(&server, &format!("c{number}"))).collect();
    for cart in &carts {
        assert_eq!(alive.next().json()["data"]["cart"], json!(cart));
    }
    assert_eq!(dead.next().json()["data"]["cart"], json!(carts[0]));
    let path = format!("/v1/webhooks/{}", ill["id"].as_str().expect("an id"));
    let status = until(&server, &path, |found| found["outbox"]["failures"] == 1);
    assert!(
        status["outbox"]["lag_entries"].as_u64().expect("a number") >= 5 && status["outbox"]["next_attempt_at"].is_string(),
        "{status}"
    );
    dead.answers(FINE);
    // The first pause is of some seconds; switching it off and on is quicker, and begins where it was.
    for is_enabled in [false, true] {
        assert_eq!(ask(&server, &format!("PATCH {path}"), &format!("is {is_enabled}"), &json!({ "is_enabled": is_enabled })).status, 200);
    }
    for cart in &carts {
        assert_eq!(dead.next().json()["data"]["cart"], json!(cart));
    }
    until(&server, &path, |found| found["outbox"]["failures"] == 0 && found["outbox"]["delivered"] == 5);
}

#[test]
fn gone_ends_an_endpoint_and_a_redirect_is_not_followed() {
    let (gone, moved, elsewhere) =
        (Receiving::start("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n"), Receiving::start(""), Receiving::start(FINE));
    moved.answers(&format!("HTTP/1.1 307 Moved\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n", elsewhere.address));
    let server = server(&[&gone, &moved, &elsewhere]);
    let ended = create(&server, &gone, "w1", &json!({}));
    let moving = create(&server, &moved, "w2", &json!({}));
    open_cart(&server, "c1");
    let path = |made: &Value| format!("/v1/webhooks/{}", made["id"].as_str().expect("an id"));
    let found = until(&server, &path(&ended), |found| found["status"] == "ended");
    assert!(found["ended_reason"].as_str().expect("a reason").contains("410"));
    assert_eq!(ask(&server, &format!("POST {}/redeliver", path(&ended)), "-", &json!({ "id": "trade/0/0" })).status, 409);
    until(&server, &path(&moving), |found| found["outbox"]["failures"] == 1);
    let tried = server.get(&format!("{}/deliveries", path(&moving))).json();
    assert_eq!((&tried["deliveries"][0]["status"], &tried["deliveries"][0]["is_success"]), (&json!(307), &json!(false)));
    assert!(elsewhere.messages.try_recv().is_err(), "nothing went where the redirect pointed");
}

#[test]
fn a_long_answer_is_not_read_and_a_change_is_delivered_again_when_asked() {
    let long = format!("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n{}", "x".repeat(100_000));
    let receiver = Receiving::start(&long);
    let server = server(&[&receiver]);
    let made = create(&server, &receiver, "w1", &json!({ "kinds": ["cart_opened"] }));
    let path = format!("/v1/webhooks/{}", made["id"].as_str().expect("an id"));
    open_cart(&server, "c1");
    open_cart(&server, "c2");
    let (first, _) = (receiver.next(), receiver.next());
    let id = first.header("webhook-id").to_owned();
    until(&server, &path, |found| found["outbox"]["delivered"] == 2);
    let redeliver = |key: &str, id: &str| ask(&server, &format!("POST {path}/redeliver"), key, &json!({ "id": id })).status;
    assert_eq!(redeliver("r1", &id), 202);
    let again = receiver.next();
    assert_eq!((again.header("webhook-id"), &again.body), (id.as_str(), &first.body));
    assert_eq!((redeliver("r1", &id), redeliver("r1", "trade/0/1"), redeliver("r2", "trade/99999/0")), (202, 422, 400));
    let test = |key: &str| ask(&server, &format!("POST {path}/test"), key, &Value::Null);
    let sent = test("t1");
    assert_eq!((sent.status, &sent.json()["is_success"]), (200, &json!(true)));
    assert_eq!(receiver.next().json()["type"], "webhook.test", "what was asked for twice under one key was delivered once");
    assert_eq!((test("t1").json(), test("r1").status), (sent.json(), 422));
    assert_ne!(test("t2").json()["id"], sent.json()["id"]);
    assert_eq!(receiver.next().json()["type"], "webhook.test");
    assert!(receiver.messages.try_recv().is_err(), "a test was sent twice under one key");
}

#[test]
fn nothing_is_sent_into_the_private_network() {
    let receiver = Receiving::start(FINE);
    let server = server(&[&receiver]);
    let check = |url: &str| {
        let answer = ask(&server, "POST /v1/webhooks", url, &json!({ "url": url }));
        assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some("url")), "{url}: {}", answer.json());
    };
    let other = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("an address");
    check(&format!("http://{other}/"));
    check(&format!("https://{other}/"));
    check("https://127.0.0.1/");
    check("https://[::1]/");
    check("https://[::ffff:127.0.0.1]/");
    check("https://169.254.169.254/latest/meta-data/");
    check("https://10.0.0.1/");
    check("https://user:password@example.org/");
    check("file:///etc/passwd");
    check("http://example.org/");
    // What a name leads to is only known when it is resolved (`connect::webhooks::address` pins that); of some it is known without.
    check("https://localhost/");
    check("https://printer.local/");
}

#[test]
fn a_secret_is_shown_once_and_writes_are_done_once() {
    let receiver = Receiving::start(FINE);
    let server = server(&[&receiver]);
    let made = create(&server, &receiver, "w1", &json!({ "kinds": ["cart_opened"] }));
    let same = create(&server, &receiver, "w1", &json!({ "kinds": ["cart_opened"] }));
    assert_eq!(made, same, "the same key and body give the same answer");
    let other = ask(&server, "POST /v1/webhooks", "w1", &json!({ "url": format!("http://{}/other", receiver.address) }));
    assert_eq!((other.status, other.json()["field"].as_str()), (422, Some("idempotency-key")));
    let path = format!("/v1/webhooks/{}", made["id"].as_str().expect("an id"));
    let shown = server.get(&path);
    assert!(shown.json()["secret"].is_null() && server.get("/v1/webhooks").json()["webhooks"][0]["secret"].is_null());
    let rotated = ask(&server, &format!("POST {path}/rotate-secret"), "w2", &Value::Null).json();
    assert_ne!(rotated["secret"], made["secret"]);
    open_cart(&server, "c1");
    let message = receiver.next();
    let both: Vec<String> = [&rotated, &made].iter().map(|by| signature(by["secret"].as_str().expect("a secret"), &message)).collect();
    assert_eq!(message.header("webhook-signature"), both.join(" "));
    let stale = [("if-match", shown.header("etag")), ("content-type", "application/json")];
    let refused = server.send(&format!("PATCH {path}"), &stale, br#"{"description":"x"}"#);
    assert_eq!((refused.status, refused.json()["field"].as_str()), (412, Some("if-match")));
    let headers = [("if-match", shown.header("etag")), ("idempotency-key", "w3")];
    assert_eq!(server.send(&format!("POST {path}/rotate-secret"), &headers, b"").status, 412);
    let change = |key: &str, text: &str| ask(&server, &format!("PATCH {path}"), key, &json!({ "description": text }));
    let changed = change("w4", "x");
    assert_eq!((changed.status, changed.json()["description"].as_str()), (200, Some("x")));
    assert_eq!(change("w5", "y").status, 200);
    assert_eq!(change("w4", "x").body, changed.body, "the same key gives the same answer, and changes nothing");
    assert_eq!((change("w4", "z").status, server.get(&path).json()["description"].as_str()), (422, Some("y")));
    assert_eq!(server.send(&format!("DELETE {path}"), &[("if-match", "\"2\"")], b"").status, 412);
    let delete = |key: &str| ask(&server, &format!("DELETE {path}"), key, &Value::Null).status;
    assert_eq!([delete("w6"), delete("w6"), delete("w7")], [204, 204, 404]);
    assert_eq!(server.get(&path).status, 404);
}
