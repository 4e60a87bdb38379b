//! The products that sell best and those that sell better than usual, kept as short lists so that no request has to look through the
//! catalogue for them.
//!
//! The lists are candidates: a request orders them by the signals of its own moment. Each publish looks again at those on the lists, at what
//! the batch touched, and at the next few products in turn; so everything is looked at within a few hundred publishes.

use crate::id::Ordinal;
use crate::signal::SignalTable;
use crate::stdx::topk::{Score, TopK};
use std::cmp::Reverse;
use std::sync::Arc;

/// Products on each list.
pub(super) const LIST_LEN: usize = 256;
/// Products looked at in turn at each publish.
const TURN_LEN: usize = 256;
/// Deviations from what was expected, from which on a product is trending.
pub(super) const TREND_MIN: f32 = 1.0;

/// Available products, best first as of the last publish.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tops {
    pub(super) popular: Vec<Ordinal>,
    pub(super) trending: Vec<Ordinal>,
}

/// The writer's side of the lists.
#[derive(Debug, Default)]
pub(super) struct TopsKeeper {
    cursor: u32,
    has_seen_all: bool,
}

impl TopsKeeper {
    /// Lists made from the former ones, what was touched, and the next products in turn; the first time from all.
    pub(super) fn next(&mut self, former: &Tops, touched: &[Ordinal], products_end: u32, signals: &SignalTable) -> Arc<Tops> {
        let mut candidates: Vec<Ordinal> = [&former.popular[..], &former.trending, touched].concat();
        candidates.extend(self.turn(products_end));
        candidates.sort_unstable();
        candidates.dedup();
        candidates.retain(|product| signals.is_available(*product));
        let trending = |product: &Ordinal| signals.trend(*product) >= TREND_MIN;
        Arc::new(Tops {
            popular: best(candidates.iter().copied(), |product| signals.prior(product)),
            trending: best(candidates.iter().copied().filter(trending), |product| signals.trend(product)),
        })
    }

    fn turn(&mut self, products_end: u32) -> impl Iterator<Item = Ordinal> + use<> {
        let start = if self.cursor < products_end && self.has_seen_all { self.cursor } else { 0 };
        let turn_len = if self.has_seen_all { TURN_LEN as u32 } else { u32::MAX };
        let end = start.saturating_add(turn_len).min(products_end);
        self.cursor = end;
        self.has_seen_all |= products_end > 0;
        (start..end).map(Ordinal)
    }
}

fn best(candidates: impl Iterator<Item = Ordinal>, score: impl Fn(Ordinal) -> f32) -> Vec<Ordinal> {
    let mut top = TopK::new(LIST_LEN);
    candidates.for_each(|product| top.push((Score(score(product)), Reverse(product))));
    top.into_descending().into_iter().map(|(_, Reverse(product))| product).collect()
}
