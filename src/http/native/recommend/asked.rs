//! What clients ask: parameters and bodies to requests, with the field at fault named.

use crate::catalog::CatalogSnapshot;
use crate::http::access::Caller;
use crate::http::context::Context;
use crate::http::error::{Kind as ProblemKind, Problem};
use crate::http::native::card::Fields;
use crate::http::native::marketplaces::known;
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::http::visitor::Visitor;
use crate::id::{MarketplaceId, Ordinal, ProductId, RecommendationId, SessionId, ShopperId};
use crate::recommend::request::{EXCLUDED_MAX, LIMIT_MAX, PRODUCTS_MAX};
use crate::recommend::{Avoid, Kind, Pin, Request};
use crate::search::Moment;
use crate::stdx::digest::blake3;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Products when the request does not say.
const LIMIT_DEFAULT: usize = 12;
/// The least limit that all pins and explored places fit in is the largest limit, so this bounds both lists.
const SLOTS_MAX: usize = LIMIT_MAX;

/// What all carousels of a page share; the body of `POST /v1/recommend`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct PageBody {
    /// Each the body of a carousel and, if the caller likes, a `key` and a `title`. They are read one by one, so that a fault in one leaves
    /// the others be.
    pub(super) carousels: Vec<Map<String, Value>>,
    shopper_id: Option<ShopperId>,
    session_id: Option<SessionId>,
    marketplace: Option<MarketplaceId>,
    fields: Option<String>,
    seed: Option<u64>,
}

/// The same, read.
pub(super) struct Page {
    pub(super) shopper: Option<ShopperId>,
    pub(super) session: Option<SessionId>,
    pub(super) marketplace: Option<MarketplaceId>,
    /// None: identifiers only.
    pub(super) fields: Option<Fields>,
    pub(super) seed: Option<u64>,
}

impl Page {
    /// Whether the shop has what it names.
    ///
    /// # Errors
    /// When there is no such marketplace.
    pub(super) fn check(&self, context: &Context, moment: &Moment) -> Result<(), Problem> {
        known(context, moment, self.marketplace.as_ref())
    }
}

impl PageBody {
    pub(super) fn of_params(params: &mut Params) -> Result<Self, Problem> {
        Ok(Self {
            carousels: Vec::new(),
            shopper_id: params.parsed("shopper_id")?,
            session_id: params.parsed("session_id")?,
            marketplace: params.parsed("marketplace")?,
            fields: params.text("fields"),
            seed: params.parsed("seed")?,
        })
    }

    pub(super) fn read(self) -> Result<Page, Problem> {
        // What is drawn for explored places is written down with who asked.
        let Visitor { shopper, session } = Visitor::checked(self.shopper_id, self.session_id)?;
        let fields = match self.fields.as_deref() {
            Some("id") => None,
            other => Some(Fields::read(other)?),
        };
        let marketplace = Caller::current().marketplace(self.marketplace)?;
        Ok(Page { shopper, session, marketplace, fields, seed: self.seed })
    }
}

/// One carousel; `GET` takes the same names as parameters, lists in the singular.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CarouselBody {
    kind: Kind,
    #[serde(default)]
    product_ids: Vec<ProductId>,
    limit: Option<usize>,
    pub(super) filter: Option<String>,
    #[serde(default)]
    exclude_ids: Vec<ProductId>,
    #[serde(default)]
    avoid: Avoid,
    #[serde(default)]
    diversity: f32,
    fill: Option<bool>,
    #[serde(default)]
    pins: Vec<PinBody>,
    #[serde(default)]
    explore: Vec<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PinBody {
    slot: usize,
    product_id: ProductId,
    #[serde(default)]
    always: bool,
}

impl CarouselBody {
    pub(super) fn of_params(kind: Kind, params: &mut Params) -> Result<Self, Problem> {
        let always = params.flag("pin_always")?;
        Ok(Self {
            kind,
            product_ids: params.parsed_list("product_id")?,
            limit: params.parsed("limit")?,
            filter: params.text("filter"),
            exclude_ids: params.parsed_list("exclude_id")?,
            avoid: params.text("avoid").map_or(Ok(Avoid::Nothing), |avoid| avoid_of(&avoid))?,
            diversity: params.parsed("diversity")?.unwrap_or(0.0),
            fill: params.given_flag("fill")?,
            pins: params.list("pin").iter().map(|pin| pin_of(pin, always)).collect::<Result<_, _>>()?,
            explore: params.parsed_list("explore")?,
        })
    }

    /// The request, on the products of this moment.
    pub(super) fn read(self, catalog: &CatalogSnapshot, page: &Page, seed: u64) -> Result<Request, Problem> {
        let limit = limit_of(self.limit, LIMIT_DEFAULT, LIMIT_MAX)?;
        let products = products_of(catalog, &self.product_ids)?;
        if products.is_empty() && self.kind.is_about_products() {
            return Err(Problem::of_field(ProblemKind::MissingField, "product_id", "this kind of recommendation is about a product"));
        }
        if self.kind == Kind::BuyAgain && self.avoid != Avoid::Nothing {
            return Err(Problem::invalid("avoid", "what was bought cannot be both wanted and avoided"));
        }
        if !(0.0..=1.0).contains(&self.diversity) {
            return Err(Problem::invalid("diversity", "must be between 0 and 1"));
        }
        if self.exclude_ids.len() > EXCLUDED_MAX {
            return Err(Problem::invalid("exclude_id", format!("at most {EXCLUDED_MAX}")));
        }
        // One that has gone meanwhile is shut out already.
        let excluded: Vec<Ordinal> = self.exclude_ids.iter().filter_map(|id| catalog.ordinal_of(id)).collect();
        let pins = pins_of(catalog, &self.pins, limit)?;
        if let Some(pin) = pins.iter().find(|pin| excluded.contains(&pin.product) || products.contains(&pin.product)) {
            let id = catalog.id_of(pin.product).map(|id| id.to_string()).unwrap_or_default();
            return Err(Problem::invalid("pin", format!("{id} is shut out or what the request is about")));
        }
        let explored = explored_of(self.explore, &pins, limit)?;
        Ok(Request {
            products,
            shopper: page.shopper.clone(),
            session: page.session.clone(),
            excluded,
            avoid: self.avoid,
            diversity: self.diversity,
            fill: self.fill.unwrap_or(true),
            pins,
            explored,
            seed,
            ..Request::of(self.kind, limit)
        })
    }
}

/// What exploration is drawn from when the caller gives no seed: the answer's name says it, so a logged answer can be drawn again.
pub(super) fn seed_of(recommendation: &RecommendationId) -> u64 {
    let digest = blake3(&[recommendation.as_str().as_bytes()]);
    digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}

/// Known products by their names; a name that stands twice counts once.
fn products_of(catalog: &CatalogSnapshot, ids: &[ProductId]) -> Result<Vec<Ordinal>, Problem> {
    if ids.len() > PRODUCTS_MAX {
        return Err(Problem::invalid("product_id", format!("at most {PRODUCTS_MAX}")));
    }
    let mut products = Vec::with_capacity(ids.len());
    for id in ids {
        let product = catalog.ordinal_of(id).ok_or_else(|| Problem::unknown("product", id.as_str()).in_field("product_id"))?;
        if !products.contains(&product) {
            products.push(product);
        }
    }
    Ok(products)
}

fn avoid_of(text: &str) -> Result<Avoid, Problem> {
    match text {
        "nothing" => Ok(Avoid::Nothing),
        "bought" => Ok(Avoid::Bought),
        "seen" => Ok(Avoid::Seen),
        _ => Err(Problem::invalid("avoid", "must be nothing, bought or seen")),
    }
}

/// `SLOT:PRODUCT`.
fn pin_of(text: &str, always: bool) -> Result<PinBody, Problem> {
    let read = || {
        let (slot, id) = text.split_once(':')?;
        Some(PinBody { slot: slot.parse().ok()?, product_id: ProductId::new(id).ok()?, always })
    };
    read().ok_or_else(|| Problem::invalid("pin", format!("`{text}` is not a place and a product, such as 1:desk-lamp")))
}

fn pins_of(catalog: &CatalogSnapshot, bodies: &[PinBody], limit: usize) -> Result<Vec<Pin>, Problem> {
    let mut pins: Vec<Pin> = Vec::new();
    let refused = |reason: String| Err(Problem::invalid("pin", reason));
    if bodies.len() > SLOTS_MAX {
        return refused(format!("at most {SLOTS_MAX}"));
    }
    for body in bodies {
        let Some(product) = catalog.ordinal_of(&body.product_id) else {
            return refused(format!("there is no product {}", body.product_id));
        };
        if !(1..=limit).contains(&body.slot) {
            return refused(format!("places are between 1 and the limit, {limit}"));
        }
        if pins.iter().any(|pin| pin.slot == body.slot || pin.product == product) {
            return refused(format!("place {} or product {} stands twice", body.slot, body.product_id));
        }
        pins.push(Pin { slot: body.slot, product, always: body.always });
    }
    Ok(pins)
}

fn explored_of(slots: Vec<usize>, pins: &[Pin], limit: usize) -> Result<Vec<usize>, Problem> {
    let refused = |reason: String| Err(Problem::invalid("explore", reason));
    for (index, slot) in slots.iter().enumerate() {
        if !(1..=limit).contains(slot) {
            return refused(format!("places are between 1 and the limit, {limit}"));
        }
        if slots[..index].contains(slot) {
            return refused(format!("place {slot} stands twice"));
        }
        if pins.iter().any(|pin| pin.slot == *slot) {
            return refused(format!("place {slot} is pinned"));
        }
    }
    Ok(slots)
}
