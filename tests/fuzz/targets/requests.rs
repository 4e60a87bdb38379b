//! Bytes at every place of the interface that takes some: bodies, parameters, queries and names in addresses, native, UCP, MCP, Algolia's, webhooks of a
//! payment provider, the console. Whatever is sent is answered, never with 500, and what is refused is refused in words.
//!
//! The first two bytes of an input choose the place; an odd number asks as a platform does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopkeeper_fuzz::{Door, Entrance, Place, all, play};
use std::sync::{LazyLock, Mutex, PoisonError};

/// How a platform says who it is.
const AGENT: &[u8] = b"profile=\"https://platform.example/profile\"";

static SHOP: LazyLock<Mutex<(Door, Vec<Entrance>)>> = LazyLock::new(|| {
    let mut door = Door::open();
    let played = play(&mut door);
    let description = door.ask("GET", "/openapi.json", &[], b"").json();
    Mutex::new((door, all(&description, &played)))
});

fuzz_target!(init: LazyLock::force(&SHOP), |bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first_chunk() else { return };
    let choice = usize::from(u16::from_le_bytes(*choice));
    let mut shop = SHOP.lock().unwrap_or_else(PoisonError::into_inner);
    let (door, entrances) = &mut *shop;
    let entrance = &entrances[choice / 2 % entrances.len()];
    let (target, media, body) = entrance.request(bytes);
    let mut headers: Vec<(&str, &[u8])> = vec![("content-type", media.as_bytes())];
    headers.extend((choice % 2 == 1).then_some(("ucp-agent", AGENT)));
    let answer = door.ask(&entrance.method, &target, &headers, body);
    let words = || format!("{} from {} {:?}: {}", answer.status, entrance.method, entrance.place, String::from_utf8_lossy(&answer.body));
    // Only where somebody has to log in does the key not open.
    assert!(answer.status != 500 && (answer.status != 401 || entrance.template.starts_with("/console")), "{}", words());
    // An address with another name in it may be any; its answer to a body is a problem in words.
    let is_told = answer.status < 400 || answer.body.len() > 2 || matches!(entrance.place, Place::Part(_));
    assert!(is_told, "without a word: {}", words());
});
