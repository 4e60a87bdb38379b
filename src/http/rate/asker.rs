//! Who asks, as rates count it.

use crate::http::access::{Caller, Who};
use crate::http::edge::{Group, Peer};
use crate::id::{KeyId, ShopperId};
use axum::extract::{FromRequestParts, Request};
use axum::http::Extensions;
use axum::http::request::Parts;
use std::convert::Infallible;
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

/// Whose allowances a request uses up beyond what its route says: an extension of the request, for handlers that learn from the body what is
/// asked for.
#[derive(Debug, Clone, Default)]
pub(in crate::http) struct Asking(pub(super) Arc<[Asker]>);

impl Asking {
    /// Of a request with these extensions; nobody's, when it is not limited.
    pub(in crate::http) fn of(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_default()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asking {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

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
