//! `POST /v1/products/{id}/audience`: which of the named shoppers would want a product.

use super::reason::{ReasonAnswer, Titles, reason_of};
use crate::app::Shelves;
use crate::http::admission::Ticket;
use crate::http::answer::{Answer, ok, took_us};
use crate::http::body::Json;
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::native::search::limit_of;
use crate::http::path::Path;
use crate::id::{ProductId, ShopperId};
use crate::recommend::{self, Avoid, SHOPPERS_MAX};
use crate::search::Onlooker;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// Shoppers in an answer when the request does not say.
const LIMIT_DEFAULT: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AudienceBody {
    shopper_ids: Vec<ShopperId>,
    limit: Option<usize>,
    /// What was bought is not offered again unless the caller says so.
    avoid: Option<Avoid>,
}

#[derive(Serialize)]
struct AudienceAnswer {
    product_id: ProductId,
    shoppers: Vec<ShopperAnswer>,
    /// Named shoppers of whom nothing is known.
    unknown_count: usize,
    /// Named shoppers who bought or saw it already.
    avoided_count: usize,
    took_us: u64,
}

#[derive(Serialize)]
struct ShopperAnswer {
    shopper_id: ShopperId,
    score: f32,
    reason: ReasonAnswer,
}

pub(in crate::http) async fn post(State(context): Shared, ticket: Ticket, Path(id): Path, Json(body): Json<AudienceBody>) -> Answer {
    let started = Instant::now();
    let moment = context.moment()?;
    let product_id = ProductId::new(&id).map_err(|error| Problem::invalid("id", error.to_string()))?;
    let product = moment.catalog.ordinal_of(&product_id).ok_or_else(|| Problem::unknown("product", &id))?;
    let limit = limit_of(body.limit, LIMIT_DEFAULT, SHOPPERS_MAX)?;
    let mut shoppers = body.shopper_ids;
    if !(1..=SHOPPERS_MAX).contains(&shoppers.len()) {
        return Err(Problem::invalid("shopper_ids", format!("must be between 1 and {SHOPPERS_MAX}")));
    }
    shoppers.sort_unstable();
    shoppers.dedup();
    let _turn = context.turn(&ticket).await?;
    let shelves =
        Shelves::of(&moment, "", Onlooker { marketplace: None, now: context.shop.now() })?.with_taste(context.shop.readers().taste());
    let readers = context.shop.readers();
    let avoid = body.avoid.unwrap_or(Avoid::Bought);
    let found = recommend::audience(&readers.recommend(), &readers.signals, &shelves, product, (&shoppers, avoid));
    let titles = Titles::of(&moment.catalog);
    let shown = found.reached.iter().take(limit).filter_map(|reached| {
        let reason = reason_of(&titles, &reached.reason);
        Some(ShopperAnswer { shopper_id: shoppers.get(reached.place)?.clone(), score: reached.score, reason })
    });
    ok(&AudienceAnswer {
        product_id,
        shoppers: shown.collect(),
        unknown_count: found.unknown_count,
        avoided_count: found.avoided_count,
        took_us: took_us(started),
    })
}
