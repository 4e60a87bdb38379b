//! `GET /v1/suggest`: completions of queries, products and categories.

use super::card::{Card, Shelf};
use super::search::limit_of;
use crate::http::answer::{Answer, ok};
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::params::Params;
use crate::search::request::QUERY_BYTES_MAX;
use crate::search::suggest::CategorySuggestion;
use crate::search::{self, Onlooker};
use axum::extract::{RawQuery, State};
use serde::Serialize;

/// Suggestions of each sort when the request does not say.
const LIMIT_DEFAULT: usize = 8;
const LIMIT_MAX: usize = 20;

#[derive(Serialize)]
struct SuggestAnswer {
    queries: Vec<String>,
    products: Vec<Card>,
    categories: Vec<CategorySuggestion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected: Option<String>,
}

pub(in crate::http) async fn get(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let prefix = params.text("q").unwrap_or_default();
    let marketplace = params.parsed("marketplace")?;
    let limit = limit_of(params.parsed("limit")?, LIMIT_DEFAULT, LIMIT_MAX)?;
    params.finish()?;
    if prefix.len() > QUERY_BYTES_MAX {
        return Err(Problem::invalid("q", format!("must not be longer than {QUERY_BYTES_MAX} bytes")));
    }
    let moment = context.moment()?;
    let onlooker = Onlooker { marketplace: marketplace.as_ref(), now: context.shop.now() };
    let found = search::suggest(&moment, &prefix, limit, onlooker)?;
    let shelf = Shelf { catalog: &moment.catalog, signals: &moment.signals, marketplace: marketplace.as_ref() };
    let products = found.products.iter().filter_map(|product| shelf.card(moment.catalog.ordinal_of(&product.id)?, 0)).collect();
    ok(&SuggestAnswer { queries: found.queries, products, categories: found.categories, corrected: found.corrected })
}
