//! Look-up of products and variants by their names.

use super::filter::Filters;
use super::resolve;
use super::shapes::{self, Input, ProductShape, VariantShape};
use crate::http::context::Context;
use crate::http::error::{Kind, Problem};
use crate::http::limits::LOOKUP_IDS_MAX;
use crate::http::ucp::call::{Call, Outcome};
use crate::http::ucp::capability::CATALOG_LOOKUP;
use crate::http::ucp::shapes::{Message, Ucp};
use crate::id::{Ordinal, Sku};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LookupBody {
    ids: Vec<String>,
    #[serde(default)]
    filters: Filters,
    #[serde(rename = "context")]
    _context: Option<IgnoredAny>,
    #[serde(rename = "signals")]
    _signals: Option<IgnoredAny>,
    #[serde(rename = "attribution")]
    _attribution: Option<IgnoredAny>,
}

#[derive(Serialize)]
struct LookupAnswer {
    ucp: Ucp,
    products: Vec<ProductShape>,
    messages: Vec<Message>,
}

/// Which names led to one product: to one of its variants, or to it as a whole.
type Asked = Vec<(Option<Sku>, String)>;

pub(in crate::http::ucp) fn lookup(context: &Context, call: &Call) -> Result<Outcome, Problem> {
    let LookupBody { mut ids, filters, .. } = call.parsed()?;
    if ids.is_empty() {
        return Err(Problem::invalid("ids", "must hold at least one"));
    }
    if ids.len() > LOOKUP_IDS_MAX {
        return Err(Problem::of_field(Kind::RequestTooLarge, "ids", format!("must not be more than {LOOKUP_IDS_MAX}")));
    }
    ids.sort_unstable();
    ids.dedup();
    let readers = context.shop.readers();
    let (catalog, trade) = (readers.catalog(), readers.trade());
    let mut wanted: BTreeMap<Ordinal, Asked> = BTreeMap::new();
    let mut messages = Vec::new();
    for id in ids {
        match resolve(context, &catalog, &id)? {
            Some((ordinal, sku)) => wanted.entry(ordinal).or_default().push((sku, id)),
            None => messages.push(Message::info("not_found", format!("there is no product or variant {id}"))),
        }
    }
    let products = wanted.iter().filter_map(|(ordinal, asked)| {
        let product = catalog.product(*ordinal).filter(|product| filters.takes_product(product))?;
        let all = shapes::variants(&trade, &product, &filters);
        let options = shapes::options(&all);
        shapes::product(product, options, asked_for(all, asked))
    });
    Outcome::ok(&LookupAnswer { ucp: Ucp::of(&call.party.active, CATALOG_LOOKUP), products: products.collect(), messages })
}

/// The variants that were asked for, and one that stands for the product if that was. Each says by which names.
fn asked_for(mut variants: Vec<VariantShape>, asked: &Asked) -> Vec<VariantShape> {
    let featured = shapes::featured(&variants);
    for (place, variant) in variants.iter_mut().enumerate() {
        let leads = |(sku, id): &(Option<Sku>, String)| match sku {
            Some(sku) => (*sku == variant.id).then(|| Input { id: id.clone(), r#match: "exact" }),
            None => (place == featured).then(|| Input { id: id.clone(), r#match: "featured" }),
        };
        variant.inputs = asked.iter().filter_map(leads).collect();
    }
    variants.retain(|variant| !variant.inputs.is_empty());
    variants
}
