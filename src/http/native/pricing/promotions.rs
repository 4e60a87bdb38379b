//! Promotions and coupons, and what a promotion would do to a cart.

use super::settings::{ScheduleBody, ScheduleView, schedule_view};
use crate::catalog::CatalogSnapshot;
use crate::event::trade::pricing::{Coupon, Effect, Limits, Promotion, Stacking, Target};
use crate::http::answer::{Answer, ok};
use crate::http::asked::{Asked, Nothing};
use crate::http::body::{self, JsonBytes};
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::versions::tagged_with;
use crate::id::{CartId, CouponCode, CustomerGroupId, MarketplaceId, ProductId, PromotionId, Sku};
use crate::money::Currency;
use crate::pricing::{Counted, check_promotion};
use crate::trade::{PricingAction, State as Trade, Version};
use axum::extract::{RawQuery, Request, State};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Coupons on a page when the request does not say, and at most.
const COUPONS_PAGE: (usize, usize) = (100, 1_000);
/// Coupons, of whichever promotion, that one page looks at.
const COUPONS_LOOKED_AT_MAX: usize = 50_000;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TargetBody {
    skus: Vec<Sku>,
    products: Vec<ProductId>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PromotionBody {
    title: String,
    effect: Effect,
    #[serde(default)]
    target: TargetBody,
    currency: Option<Currency>,
    marketplace: Option<MarketplaceId>,
    #[serde(default)]
    groups: Vec<CustomerGroupId>,
    #[serde(default)]
    subtotal_from_minor: i64,
    #[serde(default)]
    units_from: i64,
    #[serde(default)]
    schedule: ScheduleBody,
    #[serde(default)]
    stacking: Stacking,
    #[serde(default)]
    priority: i32,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    needs_coupon: bool,
}

impl PromotionBody {
    fn promotion(self, id: PromotionId, catalog: &CatalogSnapshot) -> Result<Promotion, Problem> {
        let TargetBody { mut skus, products } = self.target;
        skus.sort_unstable();
        let ordinals = products.iter().enumerate().map(|(place, product)| {
            let unknown = || Problem::invalid(format!("target.products[{place}]"), format!("there is no product {product}"));
            catalog.ordinal_of(product).ok_or_else(unknown)
        });
        let mut products: Vec<_> = ordinals.collect::<Result<_, _>>()?;
        products.sort_unstable();
        Ok(Promotion {
            id,
            title: self.title,
            effect: self.effect,
            target: Target { skus, products },
            currency: self.currency,
            marketplace: self.marketplace,
            groups: self.groups,
            subtotal_from_minor: self.subtotal_from_minor,
            units_from: self.units_from,
            schedule: self.schedule.schedule()?,
            stacking: self.stacking,
            priority: self.priority,
            limits: self.limits,
            needs_coupon: self.needs_coupon,
        })
    }
}

#[derive(Serialize)]
struct PromotionView<'a> {
    id: &'a PromotionId,
    title: &'a str,
    effect: &'a Effect,
    target: TargetView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marketplace: Option<&'a MarketplaceId>,
    groups: &'a [CustomerGroupId],
    subtotal_from_minor: i64,
    units_from: i64,
    schedule: ScheduleView,
    stacking: Stacking,
    priority: i32,
    limits: Limits,
    needs_coupon: bool,
    /// Orders that carry it, attempts in progress, and what those orders were given.
    used: u64,
    held: u64,
    given_minor: i64,
}

#[derive(Serialize)]
struct TargetView<'a> {
    skus: &'a [Sku],
    products: Vec<ProductId>,
}

fn view<'a>(promotion: &'a Promotion, trade: &Trade, catalog: &CatalogSnapshot) -> PromotionView<'a> {
    let count = trade.pricing().uses().count(&Counted::Promotion(promotion.id.clone()));
    PromotionView {
        id: &promotion.id,
        title: &promotion.title,
        effect: &promotion.effect,
        target: TargetView {
            skus: &promotion.target.skus,
            products: promotion.target.products.iter().filter_map(|ordinal| catalog.id_of(*ordinal)).collect(),
        },
        currency: promotion.currency,
        marketplace: promotion.marketplace.as_ref(),
        groups: &promotion.groups,
        subtotal_from_minor: promotion.subtotal_from_minor,
        units_from: promotion.units_from,
        schedule: schedule_view(&promotion.schedule),
        stacking: promotion.stacking,
        priority: promotion.priority,
        limits: promotion.limits,
        needs_coupon: promotion.needs_coupon,
        used: count.placed,
        held: count.held,
        given_minor: count.placed_minor,
    }
}

/// A promotion with the entity tag that a later write can be made conditional on; its counters are no part of that.
fn shown(promotion: &Promotion, trade: &Trade, catalog: &CatalogSnapshot) -> Answer {
    tagged_with(ok(&view(promotion, trade, catalog)), Version::of_setting(promotion))
}

fn promotion_id(text: &str) -> Result<PromotionId, Problem> {
    PromotionId::new(text).map_err(|_| Problem::unknown("promotion", text))
}

pub(super) async fn all(State(context): Shared) -> Answer {
    let (trade, catalog) = (context.shop.readers().trade(), context.shop.readers().catalog());
    let promotions: Vec<_> = trade.pricing().promotions().map(|promotion| view(promotion, &trade, &catalog)).collect();
    ok(&json!({ "promotions": promotions }))
}

pub(super) async fn one(State(context): Shared, Path(id): Path) -> Answer {
    let (trade, catalog) = (context.shop.readers().trade(), context.shop.readers().catalog());
    let promotion = trade.pricing().promotion(&promotion_id(&id)?).ok_or_else(|| Problem::unknown("promotion", &id))?;
    shown(promotion, &trade, &catalog)
}

pub(super) async fn put(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let Asked { body, key }: Asked<PromotionBody> = Asked::read("promotion.put", &id, request).await?;
    let name = PromotionId::new(&id).map_err(|error| Problem::invalid("id", error.to_string()))?;
    let catalog = context.shop.readers().catalog();
    let promotion = body.promotion(name, &catalog)?;
    let done = context.once(&key, || Ok(PricingAction::PutPromotion(promotion.clone()))).await?;
    shown(&promotion, &done.state, &catalog)
}

pub(super) async fn remove(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let Asked { body: Nothing {}, key } = Asked::read("promotion.remove", &id, request).await?;
    context.once(&key, || Ok(PricingAction::RemovePromotion(promotion_id(&id)?))).await?;
    ok(&json!({ "id": id }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CouponsBody {
    /// In any case; kept in upper case.
    codes: Vec<String>,
    uses: Option<u64>,
    #[serde(default)]
    schedule: ScheduleBody,
}

/// A code in the one form that codes are kept in.
pub(super) fn code_of(field: String, text: &str) -> Result<CouponCode, Problem> {
    CouponCode::new(&text.trim().to_uppercase()).map_err(|error| Problem::invalid(field, error.to_string()))
}

pub(super) async fn put_coupons(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let Asked { body: CouponsBody { codes, uses, schedule }, key } = Asked::read("promotion.coupons", &id, request).await?;
    let (promotion, schedule) = (promotion_id(&id)?, schedule.schedule()?);
    let coupons = codes
        .iter()
        .enumerate()
        .map(|(place, code)| Ok(Coupon { code: code_of(format!("codes[{place}]"), code)?, promotion: promotion.clone(), uses, schedule }));
    let coupons: Vec<Coupon> = coupons.collect::<Result<_, Problem>>()?;
    let count = coupons.len();
    context.once(&key, || Ok(PricingAction::PutCoupons { promotion, coupons })).await?;
    ok(&json!({ "promotion_id": id, "put": count }))
}

#[derive(Serialize)]
struct CouponView<'a> {
    code: &'a CouponCode,
    promotion_id: &'a PromotionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    uses: Option<u64>,
    schedule: ScheduleView,
    used: u64,
    held: u64,
}

fn coupon_view<'a>(coupon: &'a Coupon, trade: &Trade) -> CouponView<'a> {
    let count = trade.pricing().uses().count(&Counted::Coupon(coupon.code.clone()));
    CouponView {
        code: &coupon.code,
        promotion_id: &coupon.promotion,
        uses: coupon.uses,
        schedule: schedule_view(&coupon.schedule),
        used: count.placed,
        held: count.held,
    }
}

pub(super) async fn coupon(State(context): Shared, Path(code): Path) -> Answer {
    let unknown = || Problem::unknown("coupon", &code);
    let name = code_of("code".to_owned(), &code).map_err(|_| unknown())?;
    let trade = context.shop.readers().trade();
    let coupon = trade.pricing().coupon(&name).ok_or_else(unknown)?;
    tagged_with(ok(&coupon_view(coupon, &trade)), Version::of_setting(&**coupon))
}

/// The coupons of a promotion, in order of code. The coupons of all promotions lie together, so that a page may have few and more behind it.
pub(super) async fn coupons(State(context): Shared, Path(id): Path, RawQuery(query): RawQuery) -> Answer {
    let promotion = promotion_id(&id)?;
    let mut params = Params::parse(query.as_deref())?;
    let limit = limit_of(params.parsed("limit")?, COUPONS_PAGE.0, COUPONS_PAGE.1)?;
    let after: Option<CouponCode> = params.place("cursor")?;
    params.finish()?;
    let trade = context.shop.readers().trade();
    trade.pricing().promotion(&promotion).ok_or_else(|| Problem::unknown("promotion", &id))?;
    let (mut shown, mut next_cursor) = (Vec::new(), None);
    for (place, coupon) in trade.pricing().coupons_after(after.as_ref()).enumerate() {
        if shown.len() == limit || place == COUPONS_LOOKED_AT_MAX {
            break;
        }
        next_cursor = Some(&coupon.code);
        if coupon.promotion == promotion {
            shown.push(coupon_view(coupon, &trade));
        }
    }
    let next_cursor = next_cursor.filter(|last| trade.pricing().coupons_after(Some(*last)).next().is_some());
    ok(&json!({ "coupons": shown, "next_cursor": next_cursor }))
}

pub(super) async fn remove_coupon(State(context): Shared, Path(code): Path, request: Request) -> Answer {
    let Asked { body: Nothing {}, key } = Asked::read("coupon.remove", &code, request).await?;
    let name = code_of("code".to_owned(), &code).map_err(|_| Problem::unknown("coupon", &code))?;
    context.once(&key, || Ok(PricingAction::RemoveCoupon(name.clone()))).await?;
    ok(&json!({ "code": name }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PreviewBody {
    cart_id: CartId,
    /// The promotion as it would be; left out: as it is.
    promotion: Option<PromotionBody>,
}

/// What a cart comes to with a promotion, as it is or as it would be, and without. Nothing happens.
pub(super) async fn preview(State(context): Shared, Path(id): Path, JsonBytes(bytes): JsonBytes) -> Answer {
    let PreviewBody { cart_id, promotion } = body::parse(&bytes)?;
    let (trade, catalog) = (context.shop.readers().trade(), context.shop.readers().catalog());
    let name = PromotionId::new(&id).map_err(|error| Problem::invalid("id", error.to_string()))?;
    let cart = trade.cart(&cart_id).ok_or_else(|| Problem::unknown("cart", cart_id.as_str()).in_field("cart_id"))?;
    let promotion = match promotion {
        Some(body) => body.promotion(name, &catalog)?,
        None => trade.pricing().promotion(&name).map(|known| Promotion::clone(known)).ok_or_else(|| Problem::unknown("promotion", &id))?,
    };
    check_promotion(&promotion).map_err(|error| Problem::invalid(format!("promotion.{}", error.field), error.reason))?;
    let now = context.shop.now();
    let totals = |with: Option<Promotion>| {
        let priced = trade.cart_totals_with(cart, &promotion.id, with, now);
        priced.map_err(|error| Problem::invalid(error.field, error.source.to_string()))
    };
    let (before, after) = (totals(None)?, totals(Some(promotion.clone()))?);
    ok(&json!({ "without": before, "with": after, "difference_minor": after.total.amount_minor - before.total.amount_minor }))
}
