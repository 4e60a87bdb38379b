//! Orders as a platform is told of them (Universal Commerce Protocol): the whole order as it is now, whenever something about it changed,
//! signed with a key that the shop's profile shows (RFC 9421, ECDSA over P-256), so that nobody has to share a secret.

use super::address::Target;
use crate::stdx::crypto::NoRandomness;
use crate::stdx::signing::{SigningKey, sha256};
use crate::stdx::{base64, digest, private_file};
use hyper::body::Bytes;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Where the key is kept, beside the endpoints.
const FILE: &str = "signing-key.pk8";
/// What a signature is over.
const COMPONENTS: &str = "(\"@method\" \"@authority\" \"@path\" \"ucp-agent\" \"content-digest\" \"content-type\")";
const CONTENT_TYPE: &str = "application/json";

/// An order as a platform sees it, as JSON; none when it is not that platform's.
pub type OrderBody = Arc<dyn Fn(&str, &str) -> Option<Vec<u8>> + Send + Sync>;

/// What telling of orders needs, and only a server knows.
#[derive(Clone)]
pub struct Orders {
    /// Makes the body, from the platform's profile and the order's name.
    pub body: OrderBody,
    /// The address of the shop's own profile.
    pub profile_url: String,
}

/// The public half of the shop's key, as a profile shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its name.
    pub id: String,
    /// The first coordinate, in base64 for addresses.
    pub x: String,
    /// The second one.
    pub y: String,
}

/// The shop's key.
#[derive(Debug)]
pub(super) struct Signer {
    key: SigningKey,
    public: PublicKey,
}

impl Signer {
    /// Reads the shop's key, or makes one.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(FILE);
        let key = match std::fs::read(&path) {
            Ok(document) => SigningKey::read(&document).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no signing key"))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = SigningKey::fresh().map_err(io::Error::other)?;
                private_file::replace(&path, key.document())?;
                key
            }
            Err(error) => return Err(error),
        };
        let (x, y) = key.coordinates();
        let id = digest::hex(&digest::blake3(&[x, y]))[..16].to_owned();
        let public = PublicKey { id, x: base64::encode(x), y: base64::encode(y) };
        Ok(Self { key, public })
    }

    pub(super) fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The headers that say who sends a body where, and prove it.
    pub(super) fn headers(&self, target: &Target, profile_url: &str, body: &Bytes) -> Result<Vec<(&'static str, String)>, NoRandomness> {
        let agent = format!("profile=\"{profile_url}\"");
        let content = format!("sha-256=:{}:", base64::encode_padded(&sha256(body)));
        let input = format!("{COMPONENTS};keyid=\"{}\"", self.public.id);
        let signature = self.key.sign(base(target, &agent, &content, &input).as_bytes())?;
        Ok(vec![
            ("ucp-agent", agent),
            ("content-digest", content),
            ("signature-input", format!("sig1={input}")),
            ("signature", format!("sig1=:{}:", base64::encode_padded(&signature))),
        ])
    }
}

/// The signature base of RFC 9421 (section 2.5).
fn base(target: &Target, agent: &str, content_digest: &str, input: &str) -> String {
    let path = target.path.split('?').next().unwrap_or_default();
    let authority = target.authority.to_ascii_lowercase();
    format!(
        "\"@method\": POST\n\"@authority\": {authority}\n\"@path\": {path}\n\"ucp-agent\": {agent}\n\"content-digest\": {content_digest}\n\
         \"content-type\": {CONTENT_TYPE}\n\"@signature-params\": {input}"
    )
}

/// The name of a message: a UUID that follows from the change and the endpoint, so that every attempt has the same.
pub(super) fn message_id(endpoint: &str, change: &str) -> String {
    let hash = digest::blake3(&[endpoint.as_bytes(), b"\n", change.as_bytes()]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::webhooks::Policy;
    use crate::stdx::signing::is_signed;

    #[test]
    fn a_body_is_signed_for_its_receiver_with_a_key_that_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let signer = Signer::open(folder.path()).expect("makes a key");
        assert_eq!(Signer::open(folder.path()).expect("reads it").public(), signer.public());
        let target = Target::parse("https://Agent.example/hook?x=1", &Policy::default()).expect("an address");
        let headers = signer.headers(&target, "https://shop.example/.well-known/ucp", &Bytes::from_static(b"{}")).expect("signs");
        let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str()).expect("a header");
        assert_eq!(header("content-digest"), "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:");
        let signed = base(&target, header("ucp-agent"), header("content-digest"), header("signature-input").trim_start_matches("sig1="));
        assert!(signed.contains("\"@authority\": agent.example\n\"@path\": /hook\n"), "{signed}");
        let signature = base64::decode_padded(header("signature").trim_start_matches("sig1=:").trim_end_matches(':')).expect("base64");
        assert!(is_signed(signer.key.coordinates(), signed.as_bytes(), &signature));
    }

    #[test]
    fn a_message_keeps_its_name() {
        assert_eq!(message_id("whe_1", "trade/1/0"), message_id("whe_1", "trade/1/0"));
        assert_ne!(message_id("whe_1", "trade/1/0"), message_id("whe_2", "trade/1/0"));
        assert!(message_id("whe_1", "trade/1/0").parse::<uuid::Uuid>().is_ok());
    }
}
