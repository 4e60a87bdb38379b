//! What other systems tell: webhooks of a payment provider that signs what it sends, and profiles of platforms. And who signs wrong is not believed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopkeeper::connect::profiles::Profile;
use shopkeeper::connect::stripe::{Options, Secret, Stripe};
use shopkeeper::payment::{NoticeError, Provider};
use shopkeeper::stdx::clock::Timestamp;
use shopkeeper::stdx::crypto::hmac_sha256;
use shopkeeper::stdx::digest::hex;
use std::sync::LazyLock;

const SECRET: &str = "whsec_fuzz";
const NOW_S: i64 = 1_700_000_000;

static PROVIDER: LazyLock<Stripe> = LazyLock::new(|| {
    let options = Options {
        name: "stripe".to_owned(),
        base_url: "http://127.0.0.1:9".to_owned(),
        secret_key: Secret::new("sk_fuzz"),
        webhook_secrets: vec![Secret::new(SECRET)],
        return_url: "https://shop.example/".to_owned(),
        multiple_captures: true,
    };
    Stripe::new(options).expect("an address")
});

// What somebody writes as a signature, and the body.
fuzz_target!(|input: (&str, &[u8])| {
    let (signature, body) = input;
    let now = Timestamp(NOW_S * 1_000);
    let guessed = PROVIDER.read_notice(Some(signature), body, now);
    assert!(matches!(guessed, Err(NoticeError::Unsigned | NoticeError::Forged)), "{signature} is believed");
    let right = hex(&hmac_sha256(SECRET.as_bytes(), &[NOW_S.to_string().as_bytes(), b".", body]));
    let told = PROVIDER.read_notice(Some(&format!("t={NOW_S},v1={right}")), body, now);
    assert!(matches!(told, Ok(_) | Err(NoticeError::Shape)), "{told:?}");
    let _ = Profile::read(body);
});
