//! What is forecast to be wanted, and the terms of ordering that follow from it. Nothing here changes anything: a person sets the terms, or orders.

use crate::http::answer::{Answer, moment, ok};
use crate::http::context::Shared;
use crate::http::error::{Kind, Problem};
use crate::http::params::Params;
use crate::id::{LocationId, Sku};
use crate::inventory::{Cover, Suggested, suggested};
use crate::model::forecasts::{Forecast, Forecasts, LEVELS, UnitsWithin};
use axum::extract::{RawQuery, State};
use serde::Serialize;

/// Days that a supplier takes when nothing was ever received, and days between two looks, when nobody says otherwise.
const LEAD_DAYS_USUAL: u32 = 14;
const REVIEW_DAYS_USUAL: u32 = 7;
/// Two years: nobody plans for longer.
const DAYS_MAX: u32 = 730;
/// Names of the levels in requests, and the one that is meant when none is named.
const SERVICES: [(&str, usize); LEVELS.len()] = [("0.5", 0), ("0.9", 1), ("0.95", 2), ("0.99", 3)];
const SERVICE_USUAL: usize = 2;

/// What is asked of a forecast.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    lead_days: Option<u32>,
    review_days: u32,
    level: usize,
}

impl Asked {
    /// As is usual.
    pub(super) const USUAL: Self = Self { lead_days: None, review_days: REVIEW_DAYS_USUAL, level: SERVICE_USUAL };

    fn of(params: &mut Params) -> Result<Self, Problem> {
        let lead_days = days(params, "lead_days")?;
        let review_days = days(params, "review_days")?.unwrap_or(REVIEW_DAYS_USUAL);
        Ok(Self { lead_days, review_days, level: params.one_of("service", SERVICES)?.unwrap_or(SERVICE_USUAL) })
    }
}

fn days(params: &mut Params, field: &'static str) -> Result<Option<u32>, Problem> {
    let days: Option<u32> = params.parsed(field)?;
    match days.filter(|days| *days > DAYS_MAX) {
        Some(_) => Err(Problem::invalid(field, format!("must not be above {DAYS_MAX}"))),
        None => Ok(days),
    }
}

/// A forecast, and what follows from it.
#[derive(Serialize)]
pub(super) struct ForecastView {
    class: String,
    method: String,
    weeks_known: u32,
    units_wanted: u32,
    weeks_imported: u32,
    units_imported: u32,
    from: String,
    lead_days: u32,
    lead_from: &'static str,
    review_days: u32,
    weeks: usize,
    demand: DemandView,
    service: f64,
    reorder_point: i64,
    reorder_to: i64,
    reason: String,
}

#[derive(Serialize)]
struct DemandView {
    p50: u32,
    p90: u32,
    p95: u32,
    p99: u32,
}

impl DemandView {
    fn of([p50, p90, p95, p99]: UnitsWithin) -> Self {
        Self { p50, p90, p95, p99 }
    }
}

/// The forecast of a SKU at a location, if there is one.
pub(super) fn forecast_of(forecasts: Option<&Forecasts>, sku: &Sku, location: &LocationId, asked: Asked) -> Option<ForecastView> {
    let forecasts = forecasts?;
    Some(view(&forecasts.get(sku, location)?, moment(forecasts.until()), asked))
}

/// Why so many.
fn reason(forecast: &Forecast<'_>, suggested: &Suggested, (lead_days, review_days, service): (u32, u32, f64)) -> String {
    let Suggested { weeks, reorder_point, reorder_to, .. } = *suggested;
    if forecast.units_wanted == 0 && reorder_to == 0 {
        return format!(
            "none were ever wanted, in {} weeks in which they were there: nothing is foreseen until some are",
            forecast.weeks_known
        );
    }
    let imported = match (forecast.units_imported, forecast.weeks_imported) {
        (0, 0) => String::new(),
        (units, 0) => format!(", {units} of them in orders of other systems"),
        (units, weeks) => format!(", {units} of them in orders of other systems, which alone tell of {weeks} of these weeks"),
    };
    format!(
        "in {:.0} of 100 cases no more than {reorder_point} are wanted in {weeks} weeks (goods come after {lead_days} days, the next look is after {review_days}), \
         and half of the time no more than {} between two looks; {} were wanted in {} weeks in which they were there{imported}",
        service * 100.0,
        reorder_to - reorder_point,
        forecast.units_wanted,
        forecast.weeks_known
    )
}

fn view(forecast: &Forecast<'_>, from: String, asked: Asked) -> ForecastView {
    let (lead_days, lead_from) = match (asked.lead_days, forecast.lead_days) {
        (Some(days), _) => (days, "asked"),
        (None, Some(days)) => (days, "received"),
        (None, None) => (LEAD_DAYS_USUAL, "usual"),
    };
    let Asked { review_days, level, .. } = asked;
    let suggested = suggested(forecast, Cover { lead_days, review_days, level });
    let service = LEVELS[level];
    let reason = reason(forecast, &suggested, (lead_days, review_days, service));
    let Suggested { weeks, demand, reorder_point, reorder_to } = suggested;
    ForecastView {
        class: forecast.class.to_owned(),
        method: forecast.method.to_owned(),
        weeks_known: forecast.weeks_known,
        units_wanted: forecast.units_wanted,
        weeks_imported: forecast.weeks_imported,
        units_imported: forecast.units_imported,
        from,
        lead_days,
        lead_from,
        review_days,
        weeks,
        demand: DemandView::of(demand),
        service,
        reorder_point,
        reorder_to,
        reason,
    }
}

#[derive(Serialize)]
struct PlaceView {
    location: LocationId,
    #[serde(skip_serializing_if = "Option::is_none")]
    reorder_point: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reorder_to: Option<i64>,
    forecast: ForecastView,
}

#[derive(Serialize)]
struct ForecastsView {
    sku: Sku,
    places: Vec<PlaceView>,
}

/// Every place that stocks the SKU and has a forecast, with the terms that it has beside those that follow from the forecast.
pub(super) async fn get(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let sku: Option<Sku> = params.parsed("sku")?;
    let asked = Asked::of(&mut params)?;
    params.finish()?;
    let sku = sku.ok_or_else(|| Problem::of_field(Kind::MissingField, "sku", "which stock-keeping unit"))?;
    let readers = context.shop.readers();
    let (trade, forecasts) = (readers.trade(), readers.forecasts());
    if trade.stock().row(&sku).is_none() && readers.catalog().ordinal_of_sku(&sku).is_none() {
        return Err(Problem::unknown("SKU", sku.as_str()).in_field("sku"));
    }
    let place = |stock: &crate::inventory::LocationStock| {
        let terms = stock.terms.as_deref().copied().unwrap_or_default();
        let forecast = forecast_of(forecasts.as_ref().as_ref(), &sku, &stock.location, asked)?;
        Some(PlaceView { location: stock.location.clone(), reorder_point: terms.reorder_point, reorder_to: terms.reorder_to, forecast })
    };
    let places = trade.stock_of(&sku).iter().filter_map(place).collect();
    ok(&ForecastsView { sku, places })
}
