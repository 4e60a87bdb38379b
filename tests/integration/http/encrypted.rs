//! TLS: both protocol versions are agreed on in the handshake, browsers are told to stay, this machine may go on in the clear, a certificate is replaced without a restart, and a
//! handshake has a deadline. Certificates are made here.

use super::server::TestServer;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::{Request, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

const CONFIG: &str = "[http]\nhandshake_ms = 1000\n[http.tls]\ncertificate = \"chain.pem\"\nkey = \"key.pem\"\npoll_ms = 10\n";

/// Writes a new certificate for `localhost` and its key into the shop's folder.
fn issue(folder: &Path) -> CertificateDer<'static> {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(folder.join("key.pem"), issued.signing_key.serialize_pem()).expect("writes");
    std::fs::write(folder.join("chain.pem"), issued.cert.pem()).expect("writes");
    issued.cert.der().clone()
}

fn start() -> (TestServer, CertificateDer<'static>) {
    let mut certificate = None;
    let server = TestServer::start_empty(|folder| {
        std::fs::write(folder.join("shopkeeper.toml"), CONFIG).expect("writes");
        certificate = Some(issue(folder));
    });
    (server, certificate.expect("was issued"))
}

/// Shakes hands, trusting nothing but this certificate; none when the server shows another one.
async fn shake_hands(server: &TestServer, trusted: &CertificateDer<'static>, protocol: &[u8]) -> Option<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("versions");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(server.address).await.expect("connects");
    let name = ServerName::try_from("localhost").expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// Version, status and HSTS header of one answer.
async fn ask(stream: TlsStream<TcpStream>) -> (Version, u16, String) {
    let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let request = Request::get("https://localhost/healthz").header("host", "localhost").body(Empty::<Bytes>::new()).expect("a request");
    let response = if is_h2 {
        let shaken = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
        let (mut sender, connection) = shaken.expect("speaks HTTP/2");
        tokio::spawn(connection);
        sender.send_request(request).await.expect("an answer")
    } else {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("speaks HTTP/1");
        tokio::spawn(connection);
        sender.send_request(request).await.expect("an answer")
    };
    let hsts = response.headers().get("strict-transport-security").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (version, status) = (response.version(), response.status().as_u16());
    response.into_body().collect().await.expect("a body");
    (version, status, hsts)
}

#[test]
fn both_versions_are_spoken_and_browsers_are_told_to_stay() {
    let (server, certificate) = start();
    for (protocol, version) in [(&b"h2"[..], Version::HTTP_2), (b"http/1.1", Version::HTTP_11)] {
        let answer = wait(async { ask(shake_hands(&server, &certificate, protocol).await.expect("shakes hands")).await });
        assert_eq!(answer, (version, 200, "max-age=31536000".to_owned()));
    }
    assert_eq!(server.get("/healthz").status, 200, "commands on this machine go on in the clear");
    let clear = TestServer::start_empty(|_| {});
    assert_eq!(clear.get("/healthz").header("strict-transport-security"), "", "in the clear it would be a lie");
}

#[test]
fn a_certificate_is_replaced_without_a_restart_and_open_connections_go_on() {
    let (server, first) = start();
    wait(async {
        let before = shake_hands(&server, &first, b"http/1.1").await.expect("shakes hands");
        let second = issue(server.folder());
        let began = Instant::now();
        while shake_hands(&server, &second, b"http/1.1").await.is_none() {
            assert!(began.elapsed() < Duration::from_secs(20), "the new certificate is not taken up");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(shake_hands(&server, &first, b"http/1.1").await.is_none(), "the old one is not shown any more");
        assert_eq!(ask(before).await.1, 200);
        std::fs::write(server.folder().join("chain.pem"), "nonsense").expect("writes");
        std::fs::write(server.folder().join("key.pem"), "nonsense").expect("writes");
        for _ in 0..20 {
            assert!(shake_hands(&server, &second, b"http/1.1").await.is_some(), "a bad one changes nothing");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
}

#[test]
fn a_handshake_has_a_deadline() {
    let (server, _) = start();
    let mut silent = std::net::TcpStream::connect(server.address).expect("connects");
    silent.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    let mut nothing = Vec::new();
    assert!(silent.read_to_end(&mut nothing).is_ok() && nothing.is_empty(), "it is closed without a word");
}
