//! What a tally says: each arm's numbers, how far they are from the control's, whether the arms can be compared at all, and a sentence.

use super::chance::{self, Interval, Moments};
use super::tally::{Counted, Sums};
use std::sync::Arc;

/// Sizes of arms that come by chance less often than this were not made by the shares: the arms are not compared (A. Fabijan and others,
/// "Diagnosing sample ratio mismatch in online controlled experiments", KDD 2019, use a bound of this order).
const MISMATCH_P: f64 = 0.001;
/// Participants that each arm has before anything is said, and conversions that all arms have: intervals of fewer are not to be relied on.
const VISITORS_MIN: i128 = 100;
const CONVERTED_MIN: i128 = 10;

/// Everything that is to be known of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The arms in the order of the document, the control first.
    pub arms: Vec<ArmReport>,
    /// Whether the arms are as large as their shares let expect.
    pub sample_ratio: SampleRatio,
    /// What follows, in words.
    pub verdict: String,
}

/// One arm.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmReport {
    /// Its name.
    pub name: Arc<str>,
    /// Its share.
    pub share: u32,
    /// What was counted.
    pub sums: Sums,
    /// Share of searches that led to a click.
    pub click_rate: Option<Interval>,
    /// Share of visitors who bought something.
    pub conversion: Option<Interval>,
    /// What a visitor spends on average, in minor units.
    pub revenue_per_visitor: Option<Interval>,
    /// How far it is from the control; none for the control itself.
    pub against_control: Option<Against>,
}

/// An arm's numbers less the control's.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    /// Of the click rate.
    pub click_rate: Option<Interval>,
    /// Of the conversion.
    pub conversion: Option<Interval>,
    /// Of the revenue per visitor.
    pub revenue_per_visitor: Option<Interval>,
}

/// Sizes of arms against their shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleRatio {
    /// Pearson's chi-square.
    pub chi_square: f64,
    /// How probable one as large is by chance alone.
    pub p: f64,
}

impl SampleRatio {
    /// Whether the shares can have made arms of these sizes.
    #[must_use]
    pub fn is_as_shared(&self) -> bool {
        self.p >= MISMATCH_P
    }
}

impl Sums {
    fn moments(&self, sum: i128, squares: i128) -> Moments {
        Moments { count: self.visitors as f64, sum: sum as f64, squares: squares as f64 }
    }

    fn click_rate(&self) -> Option<chance::Estimate> {
        let (part, whole) = (self.moments(self.clicked, self.clicked_squared), self.moments(self.searches, self.searches_squared));
        chance::ratio(part, whole, self.searches_clicked as f64)
    }

    fn conversion(&self) -> Option<Interval> {
        chance::share(self.converted as f64, self.visitors as f64)
    }

    fn revenue_per_visitor(&self) -> Option<chance::Estimate> {
        chance::mean(self.moments(self.revenue_minor, self.revenue_squared))
    }

    fn against(&self, control: &Self) -> Against {
        Against {
            click_rate: self.click_rate().zip(control.click_rate()).map(|(one, other)| chance::difference(one, other)),
            conversion: self.conversion().zip(control.conversion()).map(|(one, other)| chance::difference_of_shares(one, other)),
            revenue_per_visitor: self
                .revenue_per_visitor()
                .zip(control.revenue_per_visitor())
                .map(|(one, other)| chance::difference(one, other)),
        }
    }
}

impl Report {
    /// Of what was counted, if anything was, for arms with these shares, the control first.
    #[must_use]
    pub fn of(counted: Option<&Counted>, shares: &[(&str, u32)]) -> Self {
        let sums_of = |name: &str| {
            let known = counted.into_iter().flat_map(|counted| &counted.arms).find(|(known, _)| **known == *name);
            known.map_or_else(Sums::default, |(_, sums)| *sums)
        };
        let all: Vec<Sums> = shares.iter().map(|(name, _)| sums_of(name)).collect();
        let arm = |(index, (name, share)): (usize, &(&str, u32))| {
            let sums = all[index];
            ArmReport {
                name: Arc::from(*name),
                share: *share,
                sums,
                click_rate: sums.click_rate().map(chance::interval),
                conversion: sums.conversion(),
                revenue_per_visitor: sums.revenue_per_visitor().map(chance::interval),
                against_control: (index > 0).then(|| sums.against(&all[0])),
            }
        };
        let arms: Vec<ArmReport> = shares.iter().enumerate().map(arm).collect();
        let visitors: Vec<f64> = all.iter().map(|sums| sums.visitors as f64).collect();
        let expected: Vec<f64> = shares.iter().map(|(_, share)| f64::from(*share)).collect();
        let (chi_square, p) = chance::as_shared(&visitors, &expected);
        let sample_ratio = SampleRatio { chi_square, p };
        let verdict = verdict(&arms, sample_ratio);
        Self { arms, sample_ratio, verdict }
    }
}

fn verdict(arms: &[ArmReport], sample_ratio: SampleRatio) -> String {
    let visitors: i128 = arms.iter().map(|arm| arm.sums.visitors).sum();
    let converted: i128 = arms.iter().map(|arm| arm.sums.converted).sum();
    if visitors == 0 {
        return "Nobody has been counted yet.".to_owned();
    }
    if !sample_ratio.is_as_shared() {
        let sizes: Vec<String> = arms.iter().map(|arm| format!("{} has {}", arm.name, arm.sums.visitors)).collect();
        let shares: Vec<String> = arms.iter().map(|arm| arm.share.to_string()).collect();
        return format!(
            "Do not read this report: of {visitors} visitors {}, which shares of {} do not make by chance (p = {:.1e}); some visitors of one arm are lost or named anew.",
            sizes.join(", "),
            shares.join(" to "),
            sample_ratio.p
        );
    }
    if arms.iter().any(|arm| arm.sums.visitors < VISITORS_MIN) || converted < CONVERTED_MIN {
        return format!(
            "Too early to tell: {visitors} visitors and {converted} who bought; each arm needs {VISITORS_MIN} visitors, and all together {CONVERTED_MIN} who bought."
        );
    }
    let control = arms.first().map_or("the control", |arm| &arm.name);
    let sentences: Vec<String> = arms.iter().filter_map(|arm| Some(sentence(&arm.name, control, arm.against_control.as_ref()?))).collect();
    sentences.join(" ")
}

/// What there is to say of one arm: conversion decides, revenue is told when it is apart, too.
fn sentence(name: &str, control: &str, against: &Against) -> String {
    let Some(conversion) = against.conversion else { return format!("{name} cannot be compared with {control}.") };
    let points = |share: f64| format!("{:.2}", share * 100.0);
    let between = format!("{} to {} points", points(conversion.low), points(conversion.high));
    let told = if conversion.low > 0.0 {
        format!("{name} converts better than {control}, by {between}")
    } else if conversion.high < 0.0 {
        format!("{name} converts worse than {control}, by {} to {} points", points(-conversion.high), points(-conversion.low))
    } else {
        format!("{name} and {control} convert alike as far as can be told: the difference lies between {between}")
    };
    let revenue = against.revenue_per_visitor.filter(Interval::is_apart_from_zero).map_or_else(String::new, |revenue| {
        let what = if revenue.low > 0.0 { "more" } else { "less" };
        let (least, most) = (revenue.low.abs().min(revenue.high.abs()), revenue.low.abs().max(revenue.high.abs()));
        format!(", and a visitor spends {least:.1} to {most:.1} minor units {what}")
    });
    format!("{told}{revenue}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARES: [(&str, u32); 2] = [("control", 1), ("b", 1)];

    fn counted(arms: [(i128, i128); 2]) -> Counted {
        let sums = |(visitors, converted)| Sums { visitors, converted, searches: visitors, searches_squared: visitors, ..Sums::default() };
        let arms = SHARES.iter().zip(arms).map(|((name, _), arm)| (Arc::from(*name), sums(arm))).collect();
        Counted { experiment: Arc::from("x"), run: crate::stdx::clock::Timestamp(0), arms, currency: None, uncounted: 0 }
    }

    fn check(arms: [(i128, i128); 2], begins: &str) {
        let report = Report::of(Some(&counted(arms)), &SHARES);
        assert!(report.verdict.starts_with(begins), "{}", report.verdict);
    }

    #[test]
    fn the_verdict_says_what_the_numbers_allow_and_no_more() {
        assert_eq!(Report::of(None, &SHARES).verdict, "Nobody has been counted yet.");
        check([(90, 30), (95, 40)], "Too early to tell: 185 visitors and 70 who bought");
        check([(1_000, 4), (1_000, 5)], "Too early to tell");
        check([(1_000, 100), (1_010, 103)], "b and control convert alike as far as can be told");
        check([(10_000, 1_000), (10_000, 1_200)], "b converts better than control, by 1.1");
        check([(10_000, 1_200), (10_000, 1_000)], "b converts worse than control, by 1.1");
        check([(10_000, 1_000), (9_000, 1_200)], "Do not read this report: of 19000 visitors control has 10000, b has 9000");
    }

    #[test]
    fn arms_that_nobody_was_in_have_no_numbers_and_take_no_part() {
        let report = Report::of(Some(&counted([(500, 20), (0, 0)])), &[("control", 1), ("c", 1)]);
        assert_eq!((report.arms[1].conversion, report.arms[1].click_rate), (None, None));
        assert!(!report.sample_ratio.is_as_shared(), "one of two arms is empty");
        assert_eq!(report.arms[0].conversion.map(|share| share.value), Some(0.04));
    }
}
