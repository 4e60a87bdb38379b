//! `GET /v1/analytics/queries`: what shoppers search for, what they do not find, and what it led to.
//!
//! Nobody is named: a query is listed only when several different visits asked it, and only what was counted of it is told.

use super::search::limit_of;
use crate::http::answer::{Answer, ok, rounded};
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::params::Params;
use crate::money::Currency;
use crate::signal::demand::{By, Counts, Line, Totals, Window};
use axum::extract::{RawQuery, State};
use serde::Serialize;

/// Queries when the request does not say.
const LIMIT_DEFAULT: usize = 20;
/// Most queries in one answer.
const LIMIT_MAX: usize = 500;

#[derive(Serialize)]
struct QueriesAnswer {
    by: &'static str,
    window_days: u32,
    totals: TotalsAnswer,
    queries: Vec<QueryAnswer>,
}

/// Counts are decayed sums, so they are not whole; they are told with one decimal.
#[derive(Serialize)]
struct TotalsAnswer {
    searches: f64,
    zero_result_rate: f64,
    click_rate: f64,
    conversion: f64,
    orders: f64,
    revenue_minor: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    different_queries: u64,
}

#[derive(Serialize)]
struct QueryAnswer {
    query: String,
    searches: f64,
    zero_result_rate: f64,
    clicks: f64,
    click_rate: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_rank: Option<f64>,
    carts: f64,
    orders: f64,
    units: f64,
    conversion: f64,
    revenue_minor: i64,
    revenue_share: f64,
    matches_count: u64,
}

pub(in crate::http) async fn queries(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let (by_name, by) = by_of(params.named("by")?.as_deref().unwrap_or("top"))?;
    let (window_days, window) = window_of(params.named("window_days")?.as_deref().unwrap_or("30"))?;
    let limit = limit_of(params.parsed("limit")?, LIMIT_DEFAULT, LIMIT_MAX)?;
    params.finish()?;
    let report = context.shop.readers().demand().report(by, window, limit);
    let queries = report.lines.iter().map(query_of).collect();
    ok(&QueriesAnswer { by: by_name, window_days, totals: totals_of(&report.totals), queries })
}

fn by_of(text: &str) -> Result<(&'static str, By), Problem> {
    match text {
        "top" => Ok(("top", By::Top)),
        "zero_results" => Ok(("zero_results", By::ZeroResults)),
        "low_clicks" => Ok(("low_clicks", By::LowClicks)),
        "orders" => Ok(("orders", By::Orders)),
        _ => Err(Problem::invalid("by", "must be top, zero_results, low_clicks or orders")),
    }
}

fn window_of(text: &str) -> Result<(u32, Window), Problem> {
    match text {
        "30" => Ok((30, Window::Short)),
        "730" => Ok((730, Window::Long)),
        _ => Err(Problem::invalid("window_days", "must be 30 or 730")),
    }
}

/// A decayed count, to one decimal.
fn count(number: f64) -> f64 {
    rounded(number, 10.0)
}

/// A share, to one part in ten thousand.
fn share(number: f64) -> f64 {
    rounded(number, 10_000.0)
}

fn totals_of(totals: &Totals) -> TotalsAnswer {
    let counts = &totals.counts;
    TotalsAnswer {
        searches: count(counts.searches),
        zero_result_rate: share(counts.zero_result_rate()),
        click_rate: share(counts.click_rate()),
        conversion: share(counts.conversion()),
        orders: count(counts.orders),
        revenue_minor: counts.revenue_minor.round() as i64,
        currency: totals.currency,
        different_queries: totals.queries_count,
    }
}

fn query_of(line: &Line) -> QueryAnswer {
    let counts: &Counts = &line.counts;
    QueryAnswer {
        query: line.query.to_string(),
        searches: count(counts.searches),
        zero_result_rate: share(counts.zero_result_rate()),
        clicks: count(counts.clicks),
        click_rate: share(counts.click_rate()),
        mean_rank: counts.mean_rank().map(count),
        carts: count(counts.carts),
        orders: count(counts.orders),
        units: count(counts.units),
        conversion: share(counts.conversion()),
        revenue_minor: counts.revenue_minor.round() as i64,
        revenue_share: share(line.revenue_share),
        matches_count: line.matches_count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_and_windows_are_read_or_refused_by_name() {
        assert_eq!(by_of("low_clicks"), Ok(("low_clicks", By::LowClicks)));
        assert_eq!(by_of("worst").map_err(|problem| problem.field().map(str::to_owned)), Err(Some("by".to_owned())));
        assert_eq!(window_of("730"), Ok((730, Window::Long)));
        assert_eq!(window_of("7").map_err(|problem| problem.field().map(str::to_owned)), Err(Some("window_days".to_owned())));
    }
}
