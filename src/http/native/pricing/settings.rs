//! Price lists, taxes and customer groups.

use super::moment_of;
use crate::event::trade::pricing::{ListPrice, PriceList, Schedule, TaxRate, TaxZone, Tier};
use crate::http::answer::{Answer, moment, ok};
use crate::http::asked::{Asked, Nothing};
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::versions::tagged_with;
use crate::http::visitor::refuse_card_number;
use crate::id::{CustomerGroupId, MarketplaceId, PriceListId, ShopperId, Sku};
use crate::money::Currency;
use crate::pricing;
use crate::trade::{PricingAction, Version};
use axum::extract::{RawQuery, Request, State};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Prices on a page when the request does not say, and at most.
const PRICES_PAGE: (usize, usize) = (100, 1_000);

/// When something holds, as moments in RFC 3339.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ScheduleBody {
    from: Option<String>,
    until: Option<String>,
}

impl ScheduleBody {
    pub(super) fn schedule(&self) -> Result<Schedule, Problem> {
        let from = moment_of("schedule.from", self.from.as_deref())?;
        Ok(Schedule { from, until: moment_of("schedule.until", self.until.as_deref())? })
    }
}

/// The same in answers.
#[derive(Serialize)]
pub(super) struct ScheduleView {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

pub(super) fn schedule_view(schedule: &Schedule) -> ScheduleView {
    ScheduleView { from: schedule.from.map(moment), until: schedule.until.map(moment) }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListBody {
    title: String,
    currency: Currency,
    marketplace: Option<MarketplaceId>,
    group: Option<CustomerGroupId>,
    #[serde(default)]
    schedule: ScheduleBody,
    #[serde(default)]
    priority: i32,
}

#[derive(Serialize)]
struct ListView<'a> {
    id: &'a PriceListId,
    title: &'a str,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    marketplace: Option<&'a MarketplaceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a CustomerGroupId>,
    schedule: ScheduleView,
    priority: i32,
}

fn view(list: &PriceList) -> ListView<'_> {
    let PriceList { id, title, currency, marketplace, group, schedule, priority } = list;
    let schedule = schedule_view(schedule);
    ListView { id, title, currency: *currency, marketplace: marketplace.as_ref(), group: group.as_ref(), schedule, priority: *priority }
}

/// A price list with the entity tag that a later write can be made conditional on; its prices are no part of that.
fn shown(list: &PriceList) -> Answer {
    tagged_with(ok(&view(list)), Version::of_setting(list))
}

fn list_id(text: &str) -> Result<PriceListId, Problem> {
    PriceListId::new(text).map_err(|_| Problem::unknown("price list", text))
}

pub(super) async fn lists(State(context): Shared) -> Answer {
    let trade = context.shop.readers().trade();
    ok(&json!({ "price_lists": trade.pricing().lists().map(|book| view(&book.list)).collect::<Vec<_>>() }))
}

pub(super) async fn list(State(context): Shared, Path(id): Path) -> Answer {
    let trade = context.shop.readers().trade();
    let book = trade.pricing().list(&list_id(&id)?).ok_or_else(|| Problem::unknown("price list", &id))?;
    shown(&book.list)
}

pub(super) async fn put_list(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let Asked { body, key }: Asked<ListBody> = Asked::read("price-list.put", &id, request).await?;
    let id = PriceListId::new(&id).map_err(|error| Problem::invalid("id", error.to_string()))?;
    let ListBody { title, currency, marketplace, group, schedule, priority } = body;
    let list = PriceList { id, title, currency, marketplace, group, schedule: schedule.schedule()?, priority };
    context.once(&key, || Ok(PricingAction::PutPriceList(list.clone()))).await?;
    shown(&list)
}

pub(super) async fn remove_list(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let Asked { body: Nothing {}, key } = Asked::read("price-list.remove", &id, request).await?;
    context.once(&key, || Ok(PricingAction::RemovePriceList(list_id(&id)?))).await?;
    ok(&json!({ "id": id }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PricesBody {
    prices: Vec<ListPrice>,
}

#[derive(Serialize)]
struct PriceView<'a> {
    sku: &'a Sku,
    tiers: &'a [Tier],
}

/// How many SKUs a page has, and after which it begins.
fn page_of(query: Option<&str>) -> Result<(usize, Option<Sku>), Problem> {
    let mut params = Params::parse(query)?;
    let limit = limit_of(params.parsed("limit")?, PRICES_PAGE.0, PRICES_PAGE.1)?;
    let after = params.place("cursor")?;
    params.finish()?;
    Ok((limit, after))
}

pub(super) async fn prices(State(context): Shared, Path(id): Path, RawQuery(query): RawQuery) -> Answer {
    let (limit, after) = page_of(query.as_deref())?;
    let trade = context.shop.readers().trade();
    let book = trade.pricing().list(&list_id(&id)?).ok_or_else(|| Problem::unknown("price list", &id))?;
    let prices: Vec<PriceView<'_>> = book.prices_after(after.as_ref()).take(limit).map(|(sku, tiers)| PriceView { sku, tiers }).collect();
    let next_cursor = prices.last().filter(|_| prices.len() == limit).map(|last| last.sku);
    ok(&json!({ "prices": prices, "next_cursor": next_cursor }))
}

pub(super) async fn set_prices(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let Asked { body: PricesBody { prices }, key } = Asked::read("price-list.prices", &id, request).await?;
    let count = prices.len();
    context.once(&key, || Ok(PricingAction::SetPrices { list: list_id(&id)?, prices })).await?;
    ok(&json!({ "id": id, "set": count }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ZoneBody {
    is_included: bool,
    #[serde(default)]
    rounds_lines: bool,
    rates: Vec<TaxRate>,
}

pub(super) async fn zones(State(context): Shared) -> Answer {
    let trade = context.shop.readers().trade();
    let zones: Vec<&TaxZone> = trade.pricing().tax_zones().map(|zone| &**zone).collect();
    // What is charged while the shop has set none: nobody should have to guess where a sum comes from.
    let usual = if zones.is_empty() { pricing::Options::default().taxes } else { Vec::new() };
    ok(&json!({ "tax_zones": zones, "usual": usual.iter().map(|zone| &**zone).collect::<Vec<_>>() }))
}

pub(super) async fn zone(State(context): Shared, Path(country): Path) -> Answer {
    let trade = context.shop.readers().trade();
    let zone = trade.pricing().tax_zone(&country).ok_or_else(|| Problem::unknown("tax zone", &country))?;
    tagged_with(ok(&**zone), Version::of_setting(&**zone))
}

pub(super) async fn put_zone(State(context): Shared, Path(country): Path, request: Request) -> Answer {
    let Asked { body, key }: Asked<ZoneBody> = Asked::read("tax-zone.put", &country, request).await?;
    let zone = TaxZone { country, is_included: body.is_included, rounds_lines: body.rounds_lines, rates: body.rates };
    context.once(&key, || Ok(PricingAction::PutTaxZone(zone.clone()))).await?;
    tagged_with(ok(&zone), Version::of_setting(&zone))
}

pub(super) async fn remove_zone(State(context): Shared, Path(country): Path, request: Request) -> Answer {
    let Asked { body: Nothing {}, key } = Asked::read("tax-zone.remove", &country, request).await?;
    context.once(&key, || Ok(PricingAction::RemoveTaxZone { country: country.clone() })).await?;
    ok(&json!({ "country": country }))
}

#[derive(Serialize)]
struct ClassView<'a> {
    sku: &'a Sku,
    class: &'a str,
}

pub(super) async fn tax_classes(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let (limit, after) = page_of(query.as_deref())?;
    let trade = context.shop.readers().trade();
    let rows = trade.pricing().tax_classes_after(after.as_ref()).take(limit);
    let rows: Vec<ClassView<'_>> = rows.map(|(sku, class)| ClassView { sku, class }).collect();
    let next_cursor = rows.last().filter(|_| rows.len() == limit).map(|last| last.sku);
    ok(&json!({ "tax_classes": rows, "next_cursor": next_cursor }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassBody {
    skus: Vec<Sku>,
}

/// The class `none` takes SKUs out of theirs.
pub(super) async fn set_tax_class(State(context): Shared, Path(class): Path, request: Request) -> Answer {
    let Asked { body: ClassBody { skus }, key } = Asked::read("tax-class.set", &class, request).await?;
    let count = skus.len();
    let named = if class == "none" { String::new() } else { class.clone() };
    context.once(&key, || Ok(PricingAction::SetTaxClass { class: named, skus })).await?;
    ok(&json!({ "class": class, "set": count }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupsBody {
    groups: Vec<CustomerGroupId>,
}

/// Groups with the entity tag that a later write can be made conditional on.
fn groups_shown(shopper: &ShopperId, groups: &[CustomerGroupId]) -> Answer {
    tagged_with(ok(&json!({ "shopper_id": shopper, "groups": groups })), Version::of_setting(&groups))
}

pub(super) async fn groups(State(context): Shared, Path(id): Path) -> Answer {
    let shopper = ShopperId::new(&id).map_err(|_| Problem::unknown("shopper", &id))?;
    let trade = context.shop.readers().trade();
    match trade.pricing().groups_of_shopper(&shopper) {
        Some(groups) => groups_shown(&shopper, groups),
        // What does not exist has no version.
        None => ok(&json!({ "shopper_id": shopper, "groups": [] })),
    }
}

pub(super) async fn set_groups(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let Asked { body: GroupsBody { mut groups }, key } = Asked::read("shopper.groups", &id, request).await?;
    let shopper = ShopperId::new(&id).map_err(|error| Problem::invalid("id", error.to_string()))?;
    refuse_card_number("id", Some(shopper.as_str()))?;
    groups.sort_unstable();
    groups.dedup();
    context.once(&key, || Ok(PricingAction::SetGroups { shopper: shopper.clone(), groups: groups.clone() })).await?;
    groups_shown(&shopper, &groups)
}
