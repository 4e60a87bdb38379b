//! TLS: the certificate as it is now, taken up again when its files change, and handshakes with a deadline.
//!
//! A renewal writes two files one after the other, so what is read in between may not fit together. Whatever cannot be used is logged and
//! left alone; connections go on with the certificate before it, and the files are read again at the next look.

use crate::config::Tls;
use crate::stdx::published::Published;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring as provider;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{Error as RustlsError, ServerConfig};
use tokio_rustls::server::TlsStream;

/// Versions of HTTP that are offered in the handshake, the preferred one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The first byte of every TLS connection (RFC 8446, section 5.1); no HTTP request begins with it.
const HANDSHAKE: u8 = 22;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is not PEM.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: PemError,
    },
    /// There is no certificate in the file.
    #[error("{}: holds no certificate", .0.display())]
    Empty(PathBuf),
    /// They do not fit together, or are of a kind that is not known.
    #[error("certificate and key cannot be used: {0}")]
    Unusable(#[from] RustlsError),
}

/// What a file looked like when it was read: a change of any of these is a reason to read it again.
type Seen = [Option<(SystemTime, u64)>; 2];

/// The certificate, as it is now.
pub(in crate::http) struct Certificates {
    files: Tls,
    current: Published<ServerConfig>,
    /// The files as they were taken up or refused.
    seen: Mutex<(Seen, bool)>,
}

impl Certificates {
    /// Reads both files.
    ///
    /// # Errors
    /// When they cannot be used: a server does not start without the certificate that it was told to have.
    pub(in crate::http) fn open(files: &Tls) -> Result<Self, TlsError> {
        let seen = look(files);
        let current = Published::new(read(files)?);
        Ok(Self { files: files.clone(), current, seen: Mutex::new((seen, true)) })
    }

    /// Looks at the files again and again and takes up what is new.
    pub(super) async fn follow(&self) {
        loop {
            tokio::time::sleep(Duration::from_millis(self.files.poll_ms)).await;
            self.renew();
        }
    }

    /// Takes up the files if they have changed, or could not be used the last time.
    fn renew(&self) {
        let mut known = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = look(&self.files);
        let has_changed = known.0 != seen;
        if !has_changed && known.1 {
            return;
        }
        let outcome = read(&self.files);
        *known = (seen, outcome.is_ok());
        match outcome {
            Ok(config) => {
                self.current.swap(config);
                tracing::info!("a new certificate was taken up");
            }
            Err(error) if has_changed => {
                metrics::counter!("shopkeeper_tls_reloads_failed_total").increment(1);
                tracing::error!(%error, "the certificate has changed and cannot be used; the one before stays");
            }
            Err(_) => {}
        }
        metrics::gauge!("shopkeeper_tls_certificate_faulty").set(f64::from(u8::from(!known.1)));
    }
}

/// A connection whose beginning is known.
pub(super) enum Greeted {
    Encrypted(Box<TlsStream<TcpStream>>),
    Clear(TcpStream),
}

/// Shakes hands within the deadline; none when the peer does not. Commands and probes on this machine may go on in the clear: what they send
/// crosses no network, and the certificate is for a name that they do not use.
pub(super) async fn greet(certificates: &Certificates, stream: TcpStream, may_be_clear: bool, deadline: Duration) -> Option<Greeted> {
    let acceptor = TlsAcceptor::from(certificates.current.take());
    let greeted = async {
        if may_be_clear && !begins_handshake(&stream).await? {
            return Ok(Greeted::Clear(stream));
        }
        acceptor.accept(stream).await.map(|stream| Greeted::Encrypted(Box::new(stream)))
    };
    tokio::time::timeout(deadline, greeted).await.ok()?.ok()
}

async fn begins_handshake(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    Ok(stream.peek(&mut first).await? == 1 && first[0] == HANDSHAKE)
}

fn look(files: &Tls) -> Seen {
    let stamp = |path: &Path| -> io::Result<_> {
        let metadata = std::fs::metadata(path)?;
        Ok((metadata.modified()?, metadata.len()))
    };
    [stamp(&files.certificate).ok(), stamp(&files.key).ok()]
}

fn read(files: &Tls) -> Result<ServerConfig, TlsError> {
    let wrong = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::File { path, source }
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain: Vec<CertificateDer<'static>> = chain.map_err(wrong(&files.certificate))?;
    if chain.is_empty() {
        return Err(TlsError::Empty(files.certificate.clone()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(wrong(&files.key))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(provider::default_provider())).with_safe_default_protocol_versions()?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    config.ticketer = provider::Ticketer::new()?;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn files(folder: &TempDir) -> Tls {
        Tls { certificate: folder.path().join("chain.pem"), key: folder.path().join("key.pem"), poll_ms: 1 }
    }

    /// Writes a certificate, and its own key or another's.
    fn issue(files: &Tls, with_key: bool) {
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        std::fs::write(&files.certificate, issued.cert.pem()).expect("writes");
        if with_key {
            std::fs::write(&files.key, issued.signing_key.serialize_pem()).expect("writes");
        }
    }

    #[test]
    fn a_server_does_not_start_without_its_certificate() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = files(&folder);
        let refusal = || Certificates::open(&files).err().expect("is refused").to_string();
        assert!(refusal().contains("chain.pem"));
        issue(&files, false);
        assert!(refusal().contains("key.pem"));
        std::fs::write(&files.key, "nothing").expect("writes");
        assert!(refusal().contains("key.pem"));
        std::fs::write(&files.certificate, "").expect("writes");
        assert!(refusal().contains("chain.pem: holds no certificate"));
    }

    #[test]
    fn a_new_certificate_is_taken_up_and_a_bad_one_leaves_the_old() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = files(&folder);
        issue(&files, true);
        let certificates = Certificates::open(&files).expect("is usable");
        let first = certificates.current.take();
        certificates.renew();
        assert!(Arc::ptr_eq(&first, &certificates.current.take()), "nothing has changed");
        std::fs::write(&files.certificate, "-----BEGIN CERTIFICATE-----\nhalf of").expect("writes");
        certificates.renew();
        assert!(Arc::ptr_eq(&first, &certificates.current.take()), "half a file is not taken up");
        issue(&files, false);
        certificates.renew();
        assert!(Arc::ptr_eq(&first, &certificates.current.take()), "nor one that its key does not fit");
        issue(&files, true);
        certificates.renew();
        assert!(!Arc::ptr_eq(&first, &certificates.current.take()));
    }
}
