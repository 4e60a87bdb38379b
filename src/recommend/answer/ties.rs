//! The ties of one product as answers see them: a score to order by, and the numbers that explain it.

use super::asked::Asked;
use crate::id::Ordinal;
use crate::recommend::reason::{Evidence, Tied};
use crate::recommend::relation::{Relation, Scoring, ties};

/// Which ties are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// Those with enough support to be shown on their own.
    Shown,
    /// Those of a single shopper too: each is one voice of many in an answer made from a whole history.
    Voice,
    /// All that there are, stronger than chance or not.
    Any,
}

/// A product tied to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bond {
    pub(super) product: Ordinal,
    pub(super) score: f32,
    pub(super) evidence: Evidence,
}

impl Asked<'_> {
    /// The ties of `asking`, strongest first.
    pub(super) fn bonds(&self, tied: Tied, asking: Ordinal, gate: Gate) -> Vec<Bond> {
        let options = &self.snapshot.options;
        let parts: &[&Relation] = match tied {
            Tied::Viewed => &[&self.snapshot.viewed],
            Tied::Together | Tied::Bought => &[&self.snapshot.together[0], &self.snapshot.together[1]],
            Tied::ViewedThenBought => &[],
        };
        let shown_min = if tied == Tied::Viewed { options.viewers_support_min } else { options.orders_support_min };
        let scoring = Scoring {
            alpha: 0.3,
            beta: if tied == Tied::Viewed { 0.3 } else { 0.4 },
            support_min: if gate == Gate::Shown { shown_min } else { 1 },
            beats_chance: gate != Gate::Any && tied != Tied::Viewed,
        };
        let reach = self.reach(tied, asking);
        let mut found: Vec<Bond> = ties(parts, asking, scoring)
            .into_iter()
            .map(|tie| {
                let evidence = Evidence { support: tie.count, reach: reach.max(tie.count), lift: tie.lift, z: tie.z };
                Bond { product: tie.product, score: tie.score, evidence }
            })
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.product.cmp(&b.product)));
        found
    }

    /// How many shoppers, or orders, had the product.
    pub(super) fn reach(&self, tied: Tied, product: Ordinal) -> u32 {
        let parts: &[&Relation] = match tied {
            Tied::Viewed => &[&self.snapshot.viewed],
            Tied::Together | Tied::Bought => &[&self.snapshot.together[0], &self.snapshot.together[1]],
            Tied::ViewedThenBought => &[],
        };
        parts.iter().map(|part| part.degree(product, part.epoch).round() as u32).sum()
    }
}
