//! `/v1/locations`, `/v1/carriers`, `/v1/places`, `/v1/weights`: what the shop is told, written as a whole. What is left out takes its usual value.

use crate::event::trade::fulfilment::{CarrierFacts, LocationFacts, PlaceFacts, SourcingPolicy, WeightFacts};
use crate::http::answer::{Answer, ok};
use crate::http::asked::Asked;
use crate::http::body;
use crate::http::context::Shared;
use crate::http::error::{Kind, Problem};
use crate::http::path::Path;
use crate::http::versions::tagged;
use crate::id::{CarrierId, LocationId};
use crate::trade::{FulfilmentAction, Snapshot};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Serialize)]
struct LocationsView<'a> {
    locations: &'a [Arc<LocationFacts>],
}

#[derive(Serialize)]
struct CarriersView<'a> {
    carriers: &'a [Arc<CarrierFacts>],
}

pub(super) async fn locations(State(context): Shared) -> Answer {
    ok(&LocationsView { locations: context.shop.readers().trade().fulfilment().facts().locations() })
}

pub(super) async fn carriers(State(context): Shared) -> Answer {
    ok(&CarriersView { carriers: context.shop.readers().trade().fulfilment().facts().carriers() })
}

pub(super) async fn location(State(context): Shared, Path(id): Path) -> Answer {
    let trade = context.shop.readers().trade();
    let found = LocationId::new(&id).ok().and_then(|id| trade.fulfilment().facts().location(&id).cloned());
    location_shown(&found.ok_or_else(|| Problem::unknown("location", &id))?)
}

pub(super) async fn carrier(State(context): Shared, Path(id): Path) -> Answer {
    let trade = context.shop.readers().trade();
    let found = CarrierId::new(&id).ok().and_then(|id| trade.fulfilment().facts().carrier(&id).cloned());
    carrier_shown(&found.ok_or_else(|| Problem::unknown("carrier", &id))?)
}

fn location_shown(location: &Arc<LocationFacts>) -> Answer {
    tagged(ok(&**location), &Snapshot::Location(Arc::clone(location)))
}

fn carrier_shown(carrier: &Arc<CarrierFacts>) -> Answer {
    tagged(ok(&**carrier), &Snapshot::Carrier(Arc::clone(carrier)))
}

pub(super) fn policy_shown(policy: SourcingPolicy) -> Answer {
    tagged(ok(&policy), &Snapshot::Policy(policy))
}

/// A fact out of a body: what the body leaves out is as in `usual`, and a field that the fact does not have is refused by name.
fn fact<T: Serialize + DeserializeOwned>(usual: Value, name: (&str, &str), bytes: &[u8]) -> Result<T, Problem> {
    let given: Value = body::parse(bytes)?;
    let (Value::Object(mut fields), Value::Object(given)) = (usual, given) else {
        return Err(Problem::invalid("", "must be an object"));
    };
    for (field, value) in &given {
        fields.insert(field.clone(), value.clone());
    }
    let named = fields.insert(name.0.to_owned(), Value::from(name.1));
    if given.contains_key(name.0) && named != Some(Value::from(name.1)) {
        return Err(Problem::invalid(name.0, "must be the one in the address"));
    }
    let whole = serde_json::to_vec(&fields).map_err(|error| Problem::internal(&error))?;
    let fact: T = body::parse(&whole)?;
    let kept = serde_json::to_value(&fact).map_err(|error| Problem::internal(&error))?;
    match unknown_field(&Value::Object(fields), &kept, "") {
        Some(field) => Err(Problem::of_field(Kind::UnknownField, field, "there is no such field")),
        None => Ok(fact),
    }
}

/// The path of the first field that was given and is not kept.
fn unknown_field(given: &Value, kept: &Value, path: &str) -> Option<String> {
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => given.iter().find_map(|(name, value)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            kept.get(name).map_or(Some(path.clone()), |kept| unknown_field(value, kept, &path))
        }),
        (Value::Array(given), Value::Array(kept)) => {
            let rows = given.iter().zip(kept).enumerate();
            rows.into_iter().find_map(|(place, (given, kept))| unknown_field(given, kept, &format!("{path}[{place}]")))
        }
        _ => None,
    }
}

pub(super) async fn set_location(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let asked = Asked::raw("location", &id, request).await?;
    let done = asked
        .done(&context, |bytes| {
            let location = LocationId::new(&id).map_err(|error| Problem::invalid("id", error.to_string()))?;
            let usual = serde_json::to_value(LocationFacts::untold(location)).map_err(|error| Problem::internal(&error))?;
            Ok(FulfilmentAction::SetLocation(Box::new(fact(usual, ("id", &id), &bytes)?)))
        })
        .await?;
    match done.snapshot() {
        Snapshot::Location(location) => location_shown(&location),
        _ => Err(Problem::unknown("location", &id)),
    }
}

pub(super) async fn set_carrier(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let asked = Asked::raw("carrier", &id, request).await?;
    let done = asked
        .done(&context, |bytes| {
            CarrierId::new(&id).map_err(|error| Problem::invalid("id", error.to_string()))?;
            let usual = json!({ "title": "", "is_enabled": true, "calendar": {}, "tracking": {}, "services": [] });
            Ok(FulfilmentAction::SetCarrier(Box::new(fact(usual, ("id", &id), &bytes)?)))
        })
        .await?;
    match done.snapshot() {
        Snapshot::Carrier(carrier) => carrier_shown(&carrier),
        _ => Err(Problem::unknown("carrier", &id)),
    }
}

pub(super) async fn remove_carrier(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let asked = Asked::raw("carrier.remove", &id, request).await?;
    let carrier = CarrierId::new(&id).map_err(|_| Problem::unknown("carrier", &id))?;
    asked.done(&context, |_| Ok(FulfilmentAction::RemoveCarrier(carrier))).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn set_policy(State(context): Shared, request: Request) -> Answer {
    let asked = Asked::raw("sourcing.policy", "", request).await?;
    let done = asked
        .done(&context, |bytes| {
            let usual = serde_json::to_value(SourcingPolicy::default()).map_err(|error| Problem::internal(&error))?;
            let given: Value = body::parse(&bytes)?;
            let policy: SourcingPolicy = body::parse(&bytes)?;
            match unknown_field(&given, &usual, "") {
                Some(field) => Err(Problem::of_field(Kind::UnknownField, field, "there is no such field")),
                None => Ok(FulfilmentAction::SetPolicy(policy)),
            }
        })
        .await?;
    match done.snapshot() {
        Snapshot::Policy(policy) => policy_shown(policy),
        _ => policy_shown(*done.answer.state.fulfilment().facts().policy()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlacesBody {
    places: Vec<PlaceFacts>,
}

pub(super) async fn set_places(State(context): Shared, Path(country): Path, request: Request) -> Answer {
    let asked = Asked::raw("places", &country, request).await?;
    asked
        .done(&context, |bytes| {
            let PlacesBody { places } = body::parse(&bytes)?;
            Ok(FulfilmentAction::SetPlaces { country: country.clone(), places })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightsBody {
    weights: Vec<WeightFacts>,
}

pub(super) async fn set_weights(State(context): Shared, request: Request) -> Answer {
    let asked = Asked::raw("weights", "", request).await?;
    asked
        .done(&context, |bytes| {
            let WeightsBody { weights } = body::parse(&bytes)?;
            Ok(FulfilmentAction::SetWeights(weights))
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_takes_its_usual_value_and_what_there_is_not_is_refused_by_name() {
        let usual = || serde_json::to_value(LocationFacts::untold(LocationId::new("north").expect("an id"))).expect("is JSON");
        let parsed = |body: &str| fact::<LocationFacts>(usual(), ("id", "north"), body.as_bytes());
        let north = parsed(r#"{"country":"DE","calendar":{"cut_off_minute":600}}"#).expect("a location");
        assert_eq!((north.country.as_str(), north.calendar.cut_off_minute, north.calendar.weekdays), ("DE", 600, 31));
        let field = |body: &str| parsed(body).expect_err(body).field().map(str::to_owned);
        assert_eq!(field(r#"{"id":"south"}"#).as_deref(), Some("id"));
        assert_eq!(field(r#"{"kountry":"DE"}"#).as_deref(), Some("kountry"));
        assert_eq!(field(r#"{"calendar":{"cutoff":1}}"#).as_deref(), Some("calendar.cutoff"));
        assert_eq!(field(r#"{"handling_days":-1}"#).as_deref(), Some("handling_days"));
    }
}
