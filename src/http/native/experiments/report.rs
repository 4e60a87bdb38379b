//! `GET /v1/experiments/{id}/report`: what an experiment has come to.

use super::{KIND, document_of, id_of};
use crate::http::answer::{Answer, ok, rounded};
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::path::Path;
use crate::id::SettingId;
use crate::money::Currency;
use crate::search::experiment::{Experiment, State};
use crate::signal::experiments::{self, Against, ArmReport, Interval, Report};
use axum::extract::State as Extracted;
use serde::Serialize;

const DAY_MS: i64 = 86_400_000;

#[derive(Serialize)]
struct ReportAnswer<'a> {
    id: &'a SettingId,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_at: Option<&'a str>,
    /// For how many days after they were last exposed what somebody does is counted.
    attribution_days: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    visitors: u64,
    /// Exposures of visitors for whom there was no room.
    uncounted: u64,
    arms: Vec<ArmAnswer<'a>>,
    sample_ratio: SampleRatioAnswer,
    verdict: &'a str,
}

#[derive(Serialize)]
struct ArmAnswer<'a> {
    name: &'a str,
    share: u32,
    visitors: u64,
    searches: u64,
    searches_clicked: u64,
    visitors_with_cart: u64,
    visitors_converted: u64,
    orders: u64,
    revenue_minor: i64,
    #[serde(flatten)]
    rates: Rates,
    #[serde(skip_serializing_if = "Option::is_none")]
    against_control: Option<Rates>,
}

/// The three numbers that arms are compared by.
#[derive(Serialize)]
struct Rates {
    #[serde(skip_serializing_if = "Option::is_none")]
    click_rate: Option<IntervalAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversion: Option<IntervalAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue_per_visitor_minor: Option<IntervalAnswer>,
}

#[derive(Serialize)]
struct IntervalAnswer {
    value: f64,
    low: f64,
    high: f64,
}

#[derive(Serialize)]
struct SampleRatioAnswer {
    chi_square: f64,
    p: f64,
    is_as_shared: bool,
}

pub(super) async fn get(Extracted(context): Shared, Path(id): Path) -> Answer {
    let name = id_of(&id)?;
    let catalog = context.shop.readers().catalog();
    let document = catalog.settings().get(KIND, &name).and_then(|setting| setting.document.as_ref());
    let document = document_of(document.ok_or_else(|| Problem::unknown("experiment", &id))?)?;
    let experiment = Experiment::of(document)?;
    let tallies = context.shop.readers().experiments();
    let counted = experiment.run().and_then(|run| tallies.of(&name, run));
    let shares: Vec<(&str, u32)> = experiment.document.arms.iter().map(|arm| (arm.name.as_str(), arm.share)).collect();
    let report = Report::of(counted, &shares);
    ok(&ReportAnswer {
        id: &name,
        state: experiment.document.state,
        started_at: experiment.document.started_at.as_deref(),
        stopped_at: experiment.document.stopped_at.as_deref(),
        attribution_days: experiments::Options::default().attribution_ms / DAY_MS,
        currency: counted.and_then(|counted| counted.currency),
        visitors: report.arms.iter().map(|arm| count(arm.sums.visitors)).sum(),
        uncounted: counted.map_or(0, |counted| counted.uncounted),
        arms: report.arms.iter().map(arm_of).collect(),
        sample_ratio: SampleRatioAnswer {
            chi_square: rounded(report.sample_ratio.chi_square, 1e4),
            p: report.sample_ratio.p,
            is_as_shared: report.sample_ratio.is_as_shared(),
        },
        verdict: &report.verdict,
    })
}

fn count(number: i128) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A share and the ends of its interval, to one part in a million.
fn shares(interval: Interval) -> IntervalAnswer {
    interval_of(interval, 1e6)
}

/// A mean of minor units, to a hundredth of one.
fn minor(interval: Interval) -> IntervalAnswer {
    interval_of(interval, 1e2)
}

fn interval_of(Interval { value, low, high }: Interval, steps: f64) -> IntervalAnswer {
    IntervalAnswer { value: rounded(value, steps), low: rounded(low, steps), high: rounded(high, steps) }
}

fn arm_of(arm: &ArmReport) -> ArmAnswer<'_> {
    let sums = &arm.sums;
    ArmAnswer {
        name: &arm.name,
        share: arm.share,
        visitors: count(sums.visitors),
        searches: count(sums.searches),
        searches_clicked: count(sums.clicked),
        visitors_with_cart: count(sums.carted),
        visitors_converted: count(sums.converted),
        orders: count(sums.orders),
        revenue_minor: i64::try_from(sums.revenue_minor).unwrap_or(i64::MAX),
        rates: Rates {
            click_rate: arm.click_rate.map(shares),
            conversion: arm.conversion.map(shares),
            revenue_per_visitor_minor: arm.revenue_per_visitor.map(minor),
        },
        against_control: arm.against_control.as_ref().map(|Against { click_rate, conversion, revenue_per_visitor }| Rates {
            click_rate: click_rate.map(shares),
            conversion: conversion.map(shares),
            revenue_per_visitor_minor: revenue_per_visitor.map(minor),
        }),
    }
}
