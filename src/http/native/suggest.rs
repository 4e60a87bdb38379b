//! `GET /v1/suggest`: completions of queries, products, categories and brands.

use super::card::{Card, Shelf};
use super::marketplaces::known;
use super::search::limit_of;
use crate::http::access::Caller;
use crate::http::admission::Ticket;
use crate::http::answer::{Answer, ok};
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::params::Params;
use crate::id::MarketplaceId;
use crate::search::filter::syntax::quoted;
use crate::search::request::{QUERY_BYTES_MAX, control_in};
use crate::search::suggest::{BrandSuggestion, CategorySuggestion};
use crate::search::{self, Moment, Onlooker, Request, SearchError, Suggestions};
use crate::stdx::clock::Deadline;
use axum::extract::{RawQuery, State};
use serde::{Deserialize, Serialize};

/// Suggestions of each sort when the request does not say.
const LIMIT_DEFAULT: usize = 8;
const LIMIT_MAX: usize = 20;

/// What is asked for: the parameters of `GET /v1/suggest`, or a part of a multi-search.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SuggestBody {
    q: String,
    limit: Option<usize>,
    marketplace: Option<MarketplaceId>,
}

#[derive(Serialize)]
pub(super) struct SuggestAnswer {
    queries: Vec<String>,
    products: Vec<Card>,
    categories: Vec<CategorySuggestion>,
    brands: Vec<BrandSuggestion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected: Option<String>,
}

pub(in crate::http) async fn get(State(context): Shared, ticket: Ticket, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let q = params.text("q").unwrap_or_default();
    let body = SuggestBody { q, marketplace: params.parsed("marketplace")?, limit: params.parsed("limit")? };
    params.finish()?;
    let body = body.checked()?;
    let _turn = context.turn(&ticket).await?;
    ok(&answer(&context, &context.moment()?, body, &context.search_deadline(&ticket))?)
}

impl SuggestBody {
    /// Checks what can be checked without looking.
    ///
    /// # Errors
    /// Names the field at fault.
    pub(super) fn checked(self) -> Result<Self, Problem> {
        limit_of(self.limit, LIMIT_DEFAULT, LIMIT_MAX)?;
        if self.q.len() > QUERY_BYTES_MAX {
            return Err(Problem::invalid("q", format!("must not be longer than {QUERY_BYTES_MAX} bytes")));
        }
        match control_in(&self.q) {
            Some(control) => Err(Problem::invalid("q", format!("holds {control}"))),
            None => Ok(self),
        }
    }
}

/// Completes what was typed, as far as the caller's key shows products.
///
/// # Errors
/// When the marketplace is not the caller's, or the index cannot be read.
pub(super) fn answer(context: &Context, moment: &Moment, body: SuggestBody, deadline: &Deadline) -> Result<SuggestAnswer, Problem> {
    let caller = Caller::current();
    known(context, moment, body.marketplace.as_ref())?;
    let marketplace = caller.marketplace(body.marketplace)?;
    let onlooker = Onlooker { marketplace: marketplace.as_ref(), now: context.shop.now() };
    let found = search::suggest_within(moment, &body.q, body.limit.unwrap_or(LIMIT_DEFAULT), onlooker, caller.filter())?;
    let found = match caller.filter() {
        None => found,
        Some(within) => bounded(moment, found, within, onlooker, deadline)?,
    };
    let shelf = Shelf { catalog: &moment.catalog, signals: &moment.signals, marketplace: marketplace.as_ref() };
    let card = |id| {
        let ordinal = moment.catalog.ordinal_of(id)?;
        shelf.card(ordinal, moment.signals.first_sold(ordinal))
    };
    let products = found.products.iter().filter_map(|product| card(&product.id)).collect();
    let Suggestions { queries, categories, brands, corrected, .. } = found;
    Ok(SuggestAnswer { queries, products, categories, brands, corrected })
}

/// What of the suggestions leads to products within the filter of a key, with how many those are.
fn bounded(
    moment: &Moment,
    found: Suggestions,
    within: &str,
    onlooker: Onlooker<'_>,
    deadline: &Deadline,
) -> Result<Suggestions, SearchError> {
    let finds = |q: &str, filter: Option<String>| {
        let (within, deadline) = (Some(within.to_owned()), deadline.clone());
        let marketplace = onlooker.marketplace.cloned();
        let request = Request { q: q.to_owned(), filter, within, limit: 1, marketplace, now: onlooker.now, deadline, ..Request::default() };
        search::search(moment, &request).map(|answer| answer.total)
    };
    let mut kept = Suggestions { corrected: found.corrected, products: found.products, ..Suggestions::default() };
    for query in found.queries {
        if finds(&query, None)? > 0 {
            kept.queries.push(query);
        }
    }
    let equals = |field: &str, value: &str| Some(format!("{field} = {}", quoted(value)));
    for category in found.categories {
        let products_count = finds("", equals("category", &category.path))?;
        if products_count > 0 {
            kept.categories.push(CategorySuggestion { products_count, ..category });
        }
    }
    for brand in found.brands {
        let products_count = finds("", equals("brand", &brand.name))?;
        if products_count > 0 {
            kept.brands.push(BrandSuggestion { products_count, ..brand });
        }
    }
    Ok(kept)
}
