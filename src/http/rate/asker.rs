//! Who asks, as rates count it.

use crate::http::access::{Caller, Who};
use crate::http::edge::{Group, Peer};
use crate::id::{KeyId, ShopperId};
use axum::extract::Request;
use std::sync::Arc;

/// One whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Asker {
    /// Everybody at one address.
    Address(Group),
    /// Everybody a key speaks for.
    Key(KeyId),
    /// One person, wherever they are.
    Shopper(ShopperId),
}

/// A handler found so many codes that do not exist; an extension of its answer.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Guessed(pub(in crate::http) u32);

/// Everybody whose allowances a request uses up; none for whoever is not limited.
///
/// A key that reaches everything is a shop's own server, which speaks for many: it answers for its rate itself, and the address that it comes
/// from is not counted beside it. A key that may be in anybody's browser is not counted: one visitor would use it up for all others.
pub(super) fn askers(request: &Request, limit_loopback: bool) -> Vec<Asker> {
    let Some(peer) = request.extensions().get::<Peer>() else { return Vec::new() };
    if peer.address.is_loopback() && !limit_loopback {
        return Vec::new();
    }
    let caller = request.extensions().get::<Arc<Caller>>();
    let server = caller.filter(|caller| !caller.is_bound()).and_then(|caller| match caller.who() {
        Who::Key(key) => Some(Asker::Key(key.clone())),
        Who::Anyone | Who::Operator | Who::Admin(_) | Who::Visit(_) => None,
    });
    let shopper = caller.and_then(|caller| caller.shopper()).cloned().map(Asker::Shopper);
    let first = server.unwrap_or_else(|| Asker::Address(Group::of(peer.address)));
    std::iter::once(first).chain(shopper).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn from(address: &str) -> Request {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(Peer { address: address.parse().expect("an address"), is_encrypted: false });
        request
    }

    #[test]
    fn this_machine_is_limited_only_when_it_is_asked_for() {
        assert!(askers(&from("127.0.0.1"), false).is_empty() && askers(&from("::1"), false).is_empty());
        let address = "127.0.0.1".parse().expect("an address");
        assert_eq!(askers(&from("127.0.0.1"), true), [Asker::Address(Group::of(address))]);
        assert_eq!(askers(&from("192.0.2.7"), false).len(), 1);
    }
}
