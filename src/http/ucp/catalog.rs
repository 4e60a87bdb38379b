//! `/ucp/v1/catalog/search` and `/ucp/v1/catalog/lookup`.

use super::shapes::{CATALOG_LOOKUP, CATALOG_SEARCH, Message, Ucp};
use crate::catalog::{AttributeValue, CatalogSnapshot, Product, Variant};
use crate::http::access::Caller;
use crate::http::answer::{Answer, ok};
use crate::http::body::Json;
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::limits::LOOKUP_IDS_MAX;
use crate::http::native::search::limit_of;
use crate::id::{Ordinal, ProductId, Sku};
use crate::money::{Currency, Money};
use crate::search::request::LIMIT_MAX;
use crate::search::{self, Request};
use crate::trade::State as Trade;
use axum::extract::State;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Products on a page when the request does not say; the protocol's own default.
const LIMIT_DEFAULT: usize = 10;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SearchBody {
    #[serde(default)]
    query: String,
    #[serde(default)]
    filters: Filters,
    #[serde(default)]
    pagination: PageBody,
    #[serde(default)]
    context: ContextBody,
    #[serde(rename = "signals")]
    _signals: Option<IgnoredAny>,
    #[serde(rename = "attribution")]
    _attribution: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct LookupBody {
    ids: Vec<String>,
    #[serde(rename = "context")]
    _context: Option<IgnoredAny>,
    #[serde(rename = "signals")]
    _signals: Option<IgnoredAny>,
    #[serde(rename = "attribution")]
    _attribution: Option<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Filters {
    categories: Vec<String>,
    price: PriceFilter,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PriceFilter {
    min: Option<u32>,
    max: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PageBody {
    cursor: Option<String>,
    limit: Option<usize>,
}

/// The context is the platform's own; only the currency, in which a price filter is meant, is looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContextBody {
    currency: Option<Currency>,
}

#[derive(Serialize)]
struct CatalogAnswer {
    ucp: Ucp,
    products: Vec<ProductShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pagination: Option<Page>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Page {
    has_next_page: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    total_count: u64,
}

#[derive(Serialize)]
struct ProductShape {
    id: ProductId,
    title: String,
    description: Plain,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    categories: Vec<Category>,
    price_range: Range,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    media: Vec<Media>,
    variants: Vec<VariantShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<RatingShape>,
}

#[derive(Serialize)]
struct Plain {
    plain: String,
}

#[derive(Serialize)]
struct Category {
    value: String,
    taxonomy: &'static str,
}

#[derive(Clone, Copy, Serialize)]
struct Price {
    amount: i64,
    currency: Currency,
}

#[derive(Serialize)]
struct Range {
    min: Price,
    max: Price,
}

#[derive(Serialize)]
struct Media {
    r#type: &'static str,
    url: String,
}

#[derive(Serialize)]
struct RatingShape {
    value: f32,
    scale_min: u8,
    scale_max: u8,
    count: u32,
}

#[derive(Serialize)]
struct VariantShape {
    id: Sku,
    sku: Sku,
    title: String,
    description: Plain,
    price: Price,
    #[serde(skip_serializing_if = "Option::is_none")]
    list_price: Option<Price>,
    availability: Availability,
    options: Vec<Choice>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inputs: Vec<Input>,
}

#[derive(Serialize)]
struct Availability {
    available: bool,
    status: &'static str,
}

#[derive(Serialize)]
struct Choice {
    name: String,
    label: String,
}

#[derive(Clone, Serialize)]
struct Input {
    id: String,
    r#match: &'static str,
}

pub(in crate::http) async fn search(State(context): Shared, Json(body): Json<SearchBody>) -> Answer {
    let caller = Caller::current();
    let request = Request {
        within: caller.filter().map(str::to_owned),
        marketplace: caller.marketplace(None)?,
        filter: filter_of(&body.filters, body.context.currency.unwrap_or(Currency::USD)),
        q: body.query,
        limit: limit_of(body.pagination.limit, LIMIT_DEFAULT, LIMIT_MAX).map_err(|problem| problem.in_field("pagination.limit"))?,
        cursor: body.pagination.cursor,
        now: context.shop.now(),
        deadline: context.shop.search_deadline(),
        ..Request::default()
    };
    let (moment, trade) = (context.moment()?, context.shop.readers().trade());
    let found = search::search(&moment, &request).map_err(|error| renamed(error.into()))?;
    let products = found.hits.iter().filter_map(|hit| shape(&trade, moment.catalog.product(hit.ordinal)?, &[]));
    ok(&CatalogAnswer {
        ucp: Ucp::of(&[CATALOG_SEARCH]),
        products: products.collect(),
        pagination: Some(Page { has_next_page: found.next_cursor.is_some(), cursor: found.next_cursor, total_count: found.total }),
        messages: Vec::new(),
    })
}

/// The search's field names as the protocol has them.
fn renamed(problem: Problem) -> Problem {
    match problem.field() {
        Some("q") => problem.in_field("query"),
        Some("cursor") => problem.in_field("pagination.cursor"),
        Some("filter") => problem.in_field("filters"),
        _ => problem,
    }
}

fn filter_of(filters: &Filters, currency: Currency) -> Option<String> {
    let quoted = |text: &String| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let decimal = |amount: u32| {
        let money = Money::new(i64::from(amount), currency).to_string();
        money.split(' ').next().unwrap_or_default().to_owned()
    };
    let categories = filters.categories.iter().map(quoted).collect::<Vec<_>>().join(", ");
    let parts = [
        (!filters.categories.is_empty()).then(|| format!("category IN [{categories}]")),
        filters.price.min.map(|amount| format!("price >= {}", decimal(amount))),
        filters.price.max.map(|amount| format!("price <= {}", decimal(amount))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

pub(in crate::http) async fn lookup(State(context): Shared, Json(body): Json<LookupBody>) -> Answer {
    if !(1..=LOOKUP_IDS_MAX).contains(&body.ids.len()) {
        return Err(Problem::invalid("ids", format!("must be between 1 and {LOOKUP_IDS_MAX}")));
    }
    let readers = context.shop.readers();
    let (catalog, trade) = (readers.catalog(), readers.trade());
    let mut wanted: BTreeMap<Ordinal, Vec<(Option<Sku>, Input)>> = BTreeMap::new();
    let mut messages = Vec::new();
    let caller = Caller::current();
    for id in body.ids {
        let known = resolve(&catalog, &id);
        let is_shown = known.as_ref().map_or(Ok(true), |(ordinal, _)| caller.shows(&context, *ordinal))?;
        match known.filter(|_| is_shown) {
            Some((ordinal, sku)) => {
                let input = Input { r#match: if sku.is_some() { "exact" } else { "featured" }, id };
                wanted.entry(ordinal).or_default().push((sku, input));
            }
            None => messages.push(not_found(&id)),
        }
    }
    let products = wanted.iter().filter_map(|(ordinal, inputs)| shape(&trade, catalog.product(*ordinal)?, inputs));
    ok(&CatalogAnswer { ucp: Ucp::of(&[CATALOG_LOOKUP]), products: products.collect(), pagination: None, messages })
}

fn not_found(id: &str) -> Message {
    Message { r#type: "info", code: "not_found", path: None, content: format!("there is no product or variant {id}"), severity: None }
}

/// A SKU, else a product.
fn resolve(catalog: &CatalogSnapshot, id: &str) -> Option<(Ordinal, Option<Sku>)> {
    let sku = Sku::new(id).ok()?;
    match catalog.ordinal_of_sku(&sku) {
        Some(ordinal) => Some((ordinal, Some(sku))),
        None => Some((catalog.ordinal_of(&ProductId::new(id).ok()?)?, None)),
    }
}

/// A product with those of its variants that have a price; none when it has no such variant.
fn shape(trade: &Trade, product: Product, inputs: &[(Option<Sku>, Input)]) -> Option<ProductShape> {
    let title = &product.title;
    let about = |variant: &Variant| {
        inputs.iter().filter(|(sku, _)| sku.as_ref().is_none_or(|sku| *sku == variant.sku)).map(|(_, input)| input.clone()).collect()
    };
    let variants: Vec<VariantShape> =
        product.variants.iter().filter_map(|variant| variant_shape(trade, title, variant, about(variant))).collect();
    // A look-up shows what was looked up; a search shows all.
    let variants: Vec<VariantShape> =
        if inputs.is_empty() { variants } else { variants.into_iter().filter(|variant| !variant.inputs.is_empty()).collect() };
    let min = variants.iter().map(|variant| variant.price).min_by_key(|price| price.amount)?;
    let max = variants.iter().map(|variant| variant.price).max_by_key(|price| price.amount)?;
    let is_address = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    Some(ProductShape {
        description: Plain { plain: product.description.unwrap_or_else(|| product.title.clone()) },
        id: product.id,
        title: product.title,
        url: product.url.filter(is_address),
        categories: product.categories.iter().map(|path| Category { value: path.join(" > "), taxonomy: "merchant" }).collect(),
        price_range: Range { min, max },
        media: product.images.into_iter().filter(is_address).map(|url| Media { r#type: "image", url }).collect(),
        variants,
        rating: product.rating.map(|rating| RatingShape { value: rating.average, scale_min: 0, scale_max: 5, count: rating.count }),
    })
}

fn variant_shape(trade: &Trade, product_title: &str, variant: &Variant, inputs: Vec<Input>) -> Option<VariantShape> {
    let offer = variant.offer(None)?;
    let price = |money: Money| Price { amount: money.amount_minor, currency: money.currency };
    let available = trade.available_units(&variant.sku) > 0;
    let title = variant.title.clone().unwrap_or_else(|| product_title.to_owned());
    let choice = |(name, value): (&String, &AttributeValue)| Choice { name: name.clone(), label: label_of(value) };
    Some(VariantShape {
        id: variant.sku.clone(),
        sku: variant.sku.clone(),
        description: Plain { plain: title.clone() },
        title,
        price: price(offer.price),
        list_price: offer.list_price.map(price),
        availability: Availability { available, status: if available { "in_stock" } else { "out_of_stock" } },
        options: variant.attributes.iter().map(choice).collect(),
        inputs,
    })
}

fn label_of(value: &AttributeValue) -> String {
    match value {
        AttributeValue::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        AttributeValue::Number(number) => number.to_string(),
        AttributeValue::Text(text) => text.clone(),
        AttributeValue::Texts(texts) => texts.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_become_one_expression() {
        let filters = |json: &str| filter_of(&serde_json::from_str(json).expect("filters"), Currency::USD);
        assert_eq!(filters("{}"), None);
        let all = r#"{"categories":["A > B","say \"C\""],"price":{"min":1050,"max":99}}"#;
        assert_eq!(filters(all).as_deref(), Some(r#"category IN ["A > B", "say \"C\""] AND price >= 10.50 AND price <= 0.99"#));
    }
}
