//! Products by their names.

use super::fault::{Answer, Fault, invalid};
use super::queries::read;
use super::shown::{object, retrieved};
use crate::http::access::Caller;
use crate::http::answer::ok;
use crate::http::context::{Context, Shared};
use crate::http::limits::LOOKUP_IDS_MAX;
use crate::http::params::decoded;
use crate::http::path::Paths;
use crate::id::ProductId;
use axum::extract::{RawQuery, Request, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Objects {
    requests: Vec<Wanted>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wanted {
    #[expect(dead_code, reason = "there is one catalogue, whatever a page calls it")]
    index_name: String,
    #[serde(rename = "objectID")]
    object_id: String,
    #[serde(default)]
    attributes_to_retrieve: Option<Vec<String>>,
}

/// One product.
pub(in crate::http) async fn one(State(context): Shared, Paths(_, id): Paths, RawQuery(query): RawQuery) -> Answer {
    let attributes = attributes_of(query.as_deref().unwrap_or_default())?;
    let found = found(&context, &id, attributes.as_deref()).ok_or_else(Fault::no_object)?;
    Ok(ok(&found)?)
}

fn attributes_of(query: &str) -> Result<Option<Vec<String>>, Fault> {
    let named = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(name, _)| *name == "attributesToRetrieve");
    let Some((_, value)) = named else { return Ok(None) };
    let names = decoded(value, "attributesToRetrieve")?;
    Ok(Some(names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()))
}

/// Several products, in the order asked for; null for those that there are not.
pub(in crate::http) async fn many(State(context): Shared, request: Request) -> Answer {
    let Objects { requests } = read(request).await?;
    if requests.len() > LOOKUP_IDS_MAX {
        return Err(invalid("requests", format!("at most {LOOKUP_IDS_MAX}")).into());
    }
    let results: Vec<_> =
        requests.iter().map(|wanted| found(&context, &wanted.object_id, wanted.attributes_to_retrieve.as_deref())).collect();
    Ok(ok(&json!({"results": results}))?)
}

fn found(context: &Context, id: &str, attributes: Option<&[String]>) -> Option<Map<String, Value>> {
    let readers = context.shop.readers();
    let catalog = readers.catalog();
    let ordinal = catalog.ordinal_of(&ProductId::new(id).ok()?)?;
    let caller = Caller::current();
    caller.shows(context, ordinal).ok()?.then_some(())?;
    let whole = object(&catalog.product(ordinal)?, 0, caller.only_marketplace(), readers.signals.is_available(ordinal));
    Some(retrieved(&whole, attributes))
}
