//! `GET /v1/recommend/{kind}`, `POST /v1/recommend` and `POST /v1/products/{id}/audience`.

mod asked;
mod audience;
mod reason;
mod shown;

pub(in crate::http) use audience::post as audience;

use crate::app::Shelves;
use crate::event::ActivityEvent;
use crate::event::activity::Explored;
use crate::http::access::Caller;
use crate::http::admission::Ticket;
use crate::http::answer::{Answer, ok, took_us};
use crate::http::body::{Json, of_value};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind as ProblemKind, Problem};
use crate::http::limits::{CAROUSELS_MAX, SEARCH_KEY_BYTES_MAX};
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::visitor::Visitor;
use crate::id::{Ordinal, RecommendationId};
use crate::recommend::{self, Kind, Recommendation};
use crate::search::{Moment, Onlooker};
pub(super) use asked::PageBody;
use asked::{CarouselBody, Page};
use axum::extract::{RawQuery, State};
use serde::Serialize;
use serde_json::{Map, Value};
use shown::{RecommendAnswer, Recommended, Show};
use std::time::Instant;

/// Answers of one request.
#[derive(Serialize)]
pub(super) struct CarouselsAnswer {
    carousels: Vec<OneCarousel>,
    took_us: u64,
}

/// The answer of one carousel, or what is wrong with it.
#[derive(Serialize)]
struct OneCarousel {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    answer: Option<RecommendAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Value>,
}

pub(in crate::http) async fn get(State(context): Shared, ticket: Ticket, Path(kind): Path, RawQuery(query): RawQuery) -> Answer {
    let started = Instant::now();
    let kind = kind_of(&kind)?;
    let mut params = Params::parse(query.as_deref())?;
    let body = CarouselBody::of_params(kind, &mut params)?;
    let page = PageBody::of_params(&mut params)?.read()?;
    params.finish()?;
    let _turn = context.turn(&ticket).await?;
    let moment = context.moment()?;
    page.check(&context, &moment)?;
    let answer = answer(&context, &moment, body, &page, &[])?.0;
    ok(&RecommendAnswer { took_us: took_us(started), ..answer })
}

/// Several carousels of one page.
pub(in crate::http) async fn post(State(context): Shared, ticket: Ticket, Json(body): Json<PageBody>) -> Answer {
    let asked = Carousels::read(body)?;
    let moment = context.moment()?;
    asked.check(&context, &moment)?;
    let _turn = context.turn(&ticket).await?;
    ok(&asked.answer(&context, &moment))
}

/// Carousels of one page, of which what they share was read.
pub(super) struct Carousels {
    carousels: Vec<Map<String, Value>>,
    page: Page,
}

impl Carousels {
    /// Reads what they share; each is read when it is answered.
    ///
    /// # Errors
    /// Names the field at fault.
    pub(super) fn read(mut body: PageBody) -> Result<Self, Problem> {
        if !(1..=CAROUSELS_MAX).contains(&body.carousels.len()) {
            return Err(Problem::invalid("carousels", format!("must be between 1 and {CAROUSELS_MAX}")));
        }
        let carousels = std::mem::take(&mut body.carousels);
        Ok(Self { carousels, page: body.read()? })
    }

    /// Whether the shop has what they name.
    ///
    /// # Errors
    /// When there is no such marketplace.
    pub(super) fn check(&self, context: &Context, moment: &Moment) -> Result<(), Problem> {
        self.page.check(context, moment)
    }

    /// Answers them in order: no product stands in two of them, the earlier one has it.
    pub(super) fn answer(self, context: &Context, moment: &Moment) -> CarouselsAnswer {
        let started = Instant::now();
        let mut shown: Vec<Ordinal> = Vec::new();
        let carousels = self.carousels.into_iter().map(|carousel| one(context, moment, carousel, &self.page, &mut shown)).collect();
        CarouselsAnswer { carousels, took_us: took_us(started) }
    }
}

fn one(context: &Context, moment: &Moment, mut carousel: Map<String, Value>, page: &Page, shown: &mut Vec<Ordinal>) -> OneCarousel {
    let name = |value: Option<Value>, field: &'static str| match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) if name.len() <= SEARCH_KEY_BYTES_MAX => Ok(Some(name)),
        Some(_) => Err(Problem::invalid(field, format!("must be a text of at most {SEARCH_KEY_BYTES_MAX} bytes"))),
    };
    let (key, title) = (name(carousel.remove("key"), "key"), name(carousel.remove("title"), "title"));
    let (known_key, known_title) = (key.clone().ok().flatten(), title.clone().ok().flatten());
    let read = key.and(title).and_then(|_| of_value::<CarouselBody>(Value::Object(carousel)));
    let (status, answer, problem) = match read.and_then(|body| answer(context, moment, body, page, shown)) {
        Ok((answer, products)) => {
            shown.extend(products);
            (200, Some(answer), None)
        }
        Err(problem) => (problem.status().as_u16(), None, Some(problem.to_json())),
    };
    OneCarousel { key: known_key, title: known_title, status, answer, problem }
}

/// Answers one carousel; `shown` stands on the page already. Gives the products beside the answer.
fn answer(
    context: &Context,
    moment: &Moment,
    body: CarouselBody,
    page: &Page,
    shown: &[Ordinal],
) -> Result<(RecommendAnswer, Vec<Ordinal>), Problem> {
    let started = Instant::now();
    let recommendation = RecommendationId::new(&context.shop.new_name("rec")).map_err(|error| Problem::internal(&error))?;
    let seed = page.seed.unwrap_or_else(|| asked::seed_of(&recommendation));
    let filter = body.filter.clone().unwrap_or_default();
    let onlooker = Onlooker { marketplace: page.marketplace.as_ref(), now: context.shop.now() };
    let caller = Caller::current();
    let filter = narrowed(moment, &caller, filter, onlooker)?;
    let shelves = Shelves::of(moment, &filter, onlooker)?.with_taste(context.shop.readers().taste());
    let mut request = body.read(&moment.catalog, page, seed)?;
    for product in request.products.iter().chain(request.pins.iter().map(|pin| &pin.product)) {
        if !caller.shows_at(moment, context, *product)? {
            let id = moment.catalog.id_of(*product).map(|id| id.to_string()).unwrap_or_default();
            return Err(Problem::unknown("product", &id).in_field("product_id"));
        }
    }
    request.excluded.extend(shown);
    let readers = context.shop.readers();
    let found = recommend::recommend(&readers.recommend(), &readers.signals, &request, &shelves);
    record(context, &recommendation, request.kind, &found, page);
    let show = Show::new(moment, &shelves, page);
    let products: Vec<Recommended> = found.iter().filter_map(|one| show.recommended(one)).collect();
    metrics::histogram!("shopkeeper_recommend_seconds").record(started.elapsed().as_secs_f64());
    let answer = RecommendAnswer { recommendation_id: recommendation, kind: request.kind, products, took_us: took_us(started) };
    Ok((answer, found.iter().map(|one| one.product).collect()))
}

/// The filter asked for, within that of the caller's key.
fn narrowed(moment: &Moment, caller: &Caller, asked: String, onlooker: Onlooker<'_>) -> Result<String, Problem> {
    let Some(own) = caller.filter() else { return Ok(asked) };
    if asked.trim().is_empty() {
        return Ok(own.to_owned());
    }
    // Read by itself first: what is asked for cannot close a bracket of the key's own, and a fault in it is told at its own place.
    Shelves::of(moment, &asked, onlooker)?;
    Ok(format!("({own}) AND ({asked})"))
}

/// Tells the activity stream what was drawn for explored places. What was not drawn needs no telling: it follows from the tables.
fn record(context: &Context, recommendation: &RecommendationId, kind: Kind, found: &[Recommendation], page: &Page) {
    let drawn = found.iter().zip(1_u32..).filter_map(|(one, slot)| {
        let propensity = one.propensity?;
        Some(Explored { product: one.product, slot, propensity })
    });
    let explored: Vec<Explored> = drawn.collect();
    if explored.is_empty() {
        return;
    }
    let origin = Visitor { shopper: page.shopper.clone(), session: page.session.clone() }.origin();
    let (recommendation, kind) = (recommendation.clone(), kind.name().to_owned());
    let event = ActivityEvent::Recommended { recommendation, kind, explored, origin };
    context.activity_unpromised(vec![event], "shopkeeper_recommendations_unrecorded_total");
}

fn kind_of(name: &str) -> Result<Kind, Problem> {
    Kind::named(name).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.iter().map(|(_, name)| *name).collect();
        Problem::of_field(ProblemKind::UnknownId, "kind", format!("kinds are {}", known.join(", ")))
    })
}
