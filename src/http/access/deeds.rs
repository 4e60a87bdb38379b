//! What administrators do, written down: every write that changes the shop itself rather than somebody's cart, and every read that tells who people are.
//! In a shop without keys nobody is anybody, and what changes how the shop finds is written down of whoever came.

use super::RequestName;
use super::caller::Caller;
use super::table::{Need, need};
use crate::access::{AccessCommand, Resource, Verb};
use crate::event::access::Deed;
use crate::http::context::{Context, answered, reply};
use crate::http::error::Problem;
use crate::id::Actor;
use crate::payment::card_guard;
use crate::stdx::digest::{blake3, hex};
use axum::extract::Request;
use axum::http::Method;
use axum::http::header::LOCATION;
use axum::response::Response;

/// Addresses whose variable parts name people or are worth something: their digest is written down.
const PRIVATE: [&str; 4] = ["/v1/shoppers", "/v1/coupons", "/v1/gift-cards", "/v1/credits"];
/// Addresses under which answers can tell who people are.
const OF_PEOPLE: [&str; 3] = ["/v1/export/", "/v1/shoppers/", "/v1/changes"];
/// What callers of a shop without keys say that they are called.
const ACTOR: &str = "x-actor";
/// Whoever changes a shop that has no keys.
const ANYONE: &str = "anonymous";
const DIGEST_DIGITS: usize = 16;
const OBJECT_BYTES_MAX: usize = 300;

/// What a write was about, where its address does not say: a mark on the answer.
#[derive(Clone)]
pub(in crate::http) struct Object(pub(in crate::http) String);

/// That an answer tells who people are: a mark on it.
#[derive(Clone)]
pub(in crate::http) struct OfPeople;

/// What is written down when it is known how it went.
pub(super) struct Pending(Deed);

/// An object as it is written down: what names people or is worth something as its digest.
fn shown(route: &str, object: &str) -> String {
    if PRIVATE.iter().any(|start| route.starts_with(start)) {
        return hex(&blake3(&[object.as_bytes()])).chars().take(DIGEST_DIGITS).collect();
    }
    object.chars().take(OBJECT_BYTES_MAX).collect()
}

impl Pending {
    /// None when it changes nothing and cannot tell who people are, or when shoppers do the same.
    pub(super) fn of(caller: &Caller, need: Need, route: &str, object: Option<String>, request: &Request) -> Option<Self> {
        let is_for_shoppers = matches!(need, Need::Scope(scope) if scope.is_for_shoppers());
        let may_tell = OF_PEOPLE.iter().any(|start| route.starts_with(start));
        if request.method().is_safe() && !may_tell || need == Need::Nothing || is_for_shoppers {
            return None;
        }
        let object = object.map(|object| shown(route, &object));
        Some(Self::by(caller.actor()?, route, object, request))
    }

    /// Of whoever reaches a shop without keys: only what changes how the shop finds, since every other write would wait for a second journal.
    pub(super) fn of_anyone(route: &str, request: &Request) -> Option<Self> {
        let Some(Need::Scope(scope)) = need(request.method(), route) else { return None };
        if scope.verb != Verb::Write || !matches!(scope.resource, Resource::Rules | Resource::Index) {
            return None;
        }
        // What stands in the address where the route has a name for it.
        let given =
            request.uri().path().split('/').zip(route.split('/')).filter(|(_, of_route)| of_route.starts_with('{')).map(|(given, _)| given);
        let object = given.collect::<Vec<_>>().join("/");
        let object = (!object.is_empty()).then(|| object.chars().take(OBJECT_BYTES_MAX).collect());
        // Who they say they are, as the history of a rule tells.
        let said = request.headers().get(ACTOR).and_then(|said| said.to_str().ok()).filter(|said| card_guard(ACTOR, said).is_ok());
        let by = said.and_then(|said| Actor::new(said).ok()).or_else(|| Actor::new(ANYONE).ok())?;
        Some(Self::by(by, route, object, request))
    }

    fn by(by: Actor, route: &str, object: Option<String>, request: &Request) -> Self {
        let name = request.extensions().get::<RequestName>().and_then(|name| name.0.to_str().ok()).unwrap_or_default();
        Self(Deed { by, method: request.method().to_string(), route: route.to_owned(), object, status: 0, request: name.to_owned() })
    }

    /// With what was answered; none when that was no deed after all.
    pub(super) fn answered(self, answer: &Response) -> Option<Self> {
        let mut deed = self.0;
        let is_read = deed.method.parse::<Method>().is_ok_and(|method| method.is_safe());
        if is_read && answer.extensions().get::<OfPeople>().is_none() {
            return None;
        }
        deed.status = answer.status().as_u16();
        deed.object = deed.object.or_else(|| Some(shown(&deed.route, &made(answer)?)));
        Some(Self(deed))
    }

    /// Writes it down; done when that is durable.
    pub(super) async fn note(self, context: &Context) -> Result<(), Problem> {
        let (reply, answer) = reply();
        context.shop.access(AccessCommand::Note(self.0), reply);
        answered(answer).await?.map_err(Problem::from)
    }
}

/// What the handler says that the write was about, or else what the write has made.
fn made(answer: &Response) -> Option<String> {
    let told = answer.extensions().get::<Object>().map(|object| object.0.clone());
    let place = || answer.headers().get(LOCATION)?.to_str().ok()?.rsplit('/').next();
    told.or_else(|| place().map(str::to_owned))
}
