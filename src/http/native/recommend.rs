//! `GET /v1/recommend/{kind}`.

use super::card::{Shelf, Shown};
use super::search::{fields_of, limit_of};
use crate::catalog::CatalogSnapshot;
use crate::http::answer::{Answer, ok};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind as ProblemKind, Problem};
use crate::http::params::Params;
use crate::http::path::Path;
use crate::id::{Ordinal, ProductId};
use crate::model::ann::Among;
use crate::recommend::request::LIMIT_MAX;
use crate::recommend::{self, Kind, Reason, Recommendation, Request};
use crate::search::index::SearchSnapshot;
use crate::search::{self, Onlooker};
use axum::extract::{RawQuery, State};
use roaring::RoaringBitmap;
use serde::Serialize;
use std::cell::OnceCell;
use std::time::Instant;

/// Products when the request does not say.
const LIMIT_DEFAULT: usize = 12;
/// Products that one request may be about.
const PRODUCTS_MAX: usize = 20;

#[derive(Serialize)]
struct RecommendAnswer {
    kind: Kind,
    products: Vec<Recommended>,
    took_us: u64,
}

#[derive(Serialize)]
struct Recommended {
    id: ProductId,
    score: f32,
    reason: ReasonAnswer,
    product: Shown,
}

/// A reason with names for people instead of ordinals.
#[derive(Serialize)]
struct ReasonAnswer {
    because: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<ProductId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    text: String,
}

pub(in crate::http) async fn get(State(context): Shared, Path(kind): Path, RawQuery(query): RawQuery) -> Answer {
    let started = Instant::now();
    let readers = context.shop.readers();
    let catalog = readers.catalog();
    let kind = kind_of(&kind)?;
    let mut params = Params::parse(query.as_deref())?;
    let products = products_of(&catalog, &params.list("product_id"))?;
    let marketplace = params.parsed("marketplace")?;
    let filter = params.text("filter").unwrap_or_default();
    let fields = fields_of(params.text("fields").as_deref())?;
    let request = Request {
        kind,
        products,
        shopper: params.parsed("shopper_id")?,
        session: params.parsed("session_id")?,
        limit: limit_of(params.parsed("limit")?, LIMIT_DEFAULT, LIMIT_MAX)?,
    };
    params.finish()?;
    if request.products.is_empty() && matches!(kind, Kind::Similar | Kind::BoughtTogether | Kind::AlsoViewed) {
        return Err(Problem::of_field(ProblemKind::MissingField, "product_id", "this kind of recommendation is about a product"));
    }
    let found = recommended(&context, &request, &filter, marketplace.as_ref())?;
    let shelf = Shelf { catalog: &catalog, signals: &readers.signals, marketplace: marketplace.as_ref() };
    let products = found.into_iter().filter_map(|one| {
        let (id, product) = shelf.show(one.product, 0, fields)?;
        Some(Recommended { id, score: one.score, reason: reason_of(&shelf, &one.reason), product })
    });
    let answer =
        RecommendAnswer { kind, products: products.collect(), took_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX) };
    metrics::histogram!("shopkeeper_recommend_seconds").record(started.elapsed().as_secs_f64());
    ok(&answer)
}

fn recommended(
    context: &Context,
    request: &Request,
    filter: &str,
    marketplace: Option<&crate::id::MarketplaceId>,
) -> Result<Vec<Recommendation>, Problem> {
    let readers = context.shop.readers();
    let moment = context.moment()?;
    let passing = search::eligible(&moment, filter, Onlooker { marketplace, now: context.shop.now() })?;
    let eligible = |product: Ordinal| passing.contains(product.0) && readers.signals.is_available(product);
    // Only neighbours in meaning need all that is eligible at once.
    let all = OnceCell::new();
    let all_eligible = || passing.iter().filter(|&product| eligible(Ordinal(product))).collect();
    let alike = |product: Ordinal, count: usize| alike(&moment.index, product, count, all.get_or_init(all_eligible));
    Ok(recommend::recommend(&readers.recommend(), &readers.signals, request, &eligible, &alike))
}

/// Neighbours in meaning; none when nothing is learned or the product has no known words.
fn alike(index: &SearchSnapshot, product: Ordinal, count: usize, eligible: &RoaringBitmap) -> Vec<(Ordinal, f32)> {
    let Some(vectors) = &index.vectors else { return Vec::new() };
    let Some(vector) = vectors.vector(product) else { return Vec::new() };
    vectors.nearest(vector, count, Among::Only(eligible))
}

fn kind_of(text: &str) -> Result<Kind, Problem> {
    match text {
        "similar" => Ok(Kind::Similar),
        "bought_together" => Ok(Kind::BoughtTogether),
        "also_viewed" => Ok(Kind::AlsoViewed),
        "trending" => Ok(Kind::Trending),
        "for_you" => Ok(Kind::ForYou),
        _ => {
            Err(Problem::of_field(ProblemKind::UnknownId, "kind", "kinds are similar, bought_together, also_viewed, trending and for_you"))
        }
    }
}

fn products_of(catalog: &CatalogSnapshot, ids: &[String]) -> Result<Vec<Ordinal>, Problem> {
    if ids.len() > PRODUCTS_MAX {
        return Err(Problem::invalid("product_id", format!("at most {PRODUCTS_MAX}")));
    }
    let one = |text: &String| {
        let id = ProductId::new(text).map_err(|error| Problem::invalid("product_id", error.to_string()))?;
        catalog.ordinal_of(&id).ok_or_else(|| Problem::unknown("product", text).in_field("product_id"))
    };
    ids.iter().map(one).collect()
}

fn reason_of(shelf: &Shelf<'_>, reason: &Reason) -> ReasonAnswer {
    let title = |product: Ordinal| shelf.catalog.product(product).map_or_else(String::new, |product| product.title);
    let about = |because, product: Ordinal, count, text| ReasonAnswer { because, product_id: shelf.catalog.id_of(product), count, text };
    let plain = |because, text: &str| ReasonAnswer { because, product_id: None, count: None, text: text.to_owned() };
    match *reason {
        Reason::SimilarTo { product } => about("similar_to", product, None, format!("Similar to {}", title(product))),
        Reason::BoughtTogetherWith { product, orders_count } => {
            about("bought_together_with", product, Some(orders_count), format!("Bought with {}", title(product)))
        }
        Reason::ViewedWith { product, shoppers_count } => {
            about("viewed_with", product, Some(shoppers_count), format!("Viewed with {}", title(product)))
        }
        Reason::Trending => plain("trending", "Trending now"),
        Reason::Popular => plain("popular", "Popular"),
    }
}
