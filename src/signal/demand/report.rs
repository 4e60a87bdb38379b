//! What a merchandiser asks of demand: which queries are asked, which find nothing, which are not clicked, which sell.

use super::counts::Counts;
use super::snapshot::{DemandSnapshot, QueryRow};
use crate::money::Currency;
use crate::stdx::topk::{Score, TopK};
use std::cmp::Reverse;
use std::sync::Arc;

/// Searches that found something before a query can be said to be clicked too little.
const FOUND_MIN: f64 = 5.0;
/// A query is clicked too little below this share of the shop's click rate.
const LOW_CLICKS_SHARE: f64 = 0.5;

/// Which queries come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Those asked most.
    Top,
    /// Those that most often found nothing.
    ZeroResults,
    /// Those that miss most clicks: asked often, clicked less than half as often as the shop's usual query.
    LowClicks,
    /// Those that led to most orders.
    Orders,
}

/// What is looked back on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The last month, softly.
    Short,
    /// The last two years, softly.
    Long,
}

/// One query of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its terms, joined by blanks.
    pub query: Arc<str>,
    /// What happened within the window.
    pub counts: Counts,
    /// Products that its last search found.
    pub matches_count: u64,
    /// Its share of the revenue that came of searches, 0 to 1.
    pub revenue_share: f64,
}

/// All searches of the shop, those of queries too rare to be shown included.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    /// What happened within the window.
    pub counts: Counts,
    /// Queries that are kept.
    pub queries_count: u64,
    /// What revenue is counted in; none before the first order.
    pub currency: Option<Currency>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Over everything.
    pub totals: Totals,
    /// Queries, in the order asked for.
    pub lines: Vec<Line>,
}

impl Counts {
    /// Clicks a search that found something; 0 without searches, and possibly more than 1.
    #[must_use]
    pub fn click_rate(&self) -> f64 {
        share(self.clicks, self.found())
    }

    /// Share of searches that found nothing, 0 to 1.
    #[must_use]
    pub fn zero_result_rate(&self) -> f64 {
        share(self.zero_results, self.searches)
    }

    /// Orders a search.
    #[must_use]
    pub fn conversion(&self) -> f64 {
        share(self.orders, self.searches)
    }

    /// Mean of the ranks that were clicked; none when no click said.
    #[must_use]
    pub fn mean_rank(&self) -> Option<f64> {
        (self.ranked_clicks > 0.0).then(|| self.ranks_sum / self.ranked_clicks)
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

impl DemandSnapshot {
    /// At most `limit` queries that enough people asked, and the totals. Looks at every query: for people, not for requests by the thousand.
    #[must_use]
    pub fn report(&self, by: By, window: Window, limit: usize) -> Report {
        let window = match window {
            Window::Short => 0,
            Window::Long => 1,
        };
        let totals = self.totals[window];
        let mut best: TopK<(Score, Reverse<&Arc<str>>)> = TopK::new(limit);
        for (text, row) in self.rows.iter().filter(|(_, row)| row.is_shared) {
            let weight = weight(by, row, window, &totals) as f32;
            if weight > 0.0 {
                best.push((Score(weight), Reverse(text)));
            }
        }
        let lines = best.into_descending().into_iter().filter_map(|(_, Reverse(text))| {
            let row = self.rows.get(text)?;
            let counts = row.counts[window];
            let revenue_share = share(counts.revenue_minor, totals.revenue_minor).min(1.0);
            Some(Line { query: Arc::clone(text), counts, matches_count: row.matches_count, revenue_share })
        });
        let totals = Totals { counts: totals, queries_count: self.rows.len() as u64, currency: self.currency };
        Report { lines: lines.collect(), totals }
    }
}

/// What queries are ordered by; 0 for one that does not belong in the list.
fn weight(by: By, row: &QueryRow, window: usize, totals: &Counts) -> f64 {
    let counts = &row.counts[window];
    match by {
        By::Top => counts.searches,
        By::ZeroResults => counts.zero_results,
        By::Orders => counts.orders,
        By::LowClicks if counts.found() < FOUND_MIN || counts.click_rate() >= LOW_CLICKS_SHARE * totals.click_rate() => 0.0,
        By::LowClicks => counts.found() * (totals.click_rate() - counts.click_rate()),
    }
}
