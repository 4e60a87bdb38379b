//! The ties of one product as answers see them: a score to order by, and the numbers that explain it.

use super::asked::Asked;
use crate::id::Ordinal;
use crate::recommend::reason::Evidence;
use crate::recommend::relationship::{self, Relationship};

/// Beyond this a deviate or a lift says that nothing at all was to be expected, and adding more of them up says nothing more.
const CERTAIN: f32 = 1e6;

/// Which ties are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// Those that may be shown to everybody on their own.
    Shown,
    /// Those of a single shopper too, for what only the shop itself sees.
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
    pub(super) fn bonds(&self, tied: Relationship, asking: Ordinal, gate: Gate) -> Vec<Bond> {
        let shown = self.snapshot.gate(tied);
        let gate = match gate {
            Gate::Shown => shown,
            Gate::Voice => relationship::Gate { support_min: 1, ..shown },
            Gate::Any => relationship::Gate::OPEN,
        };
        let reach = self.reach(tied, asking);
        let ties = self.snapshot.ties(tied, asking, gate).into_iter();
        let mut found: Vec<Bond> = ties
            .map(|tie| {
                let (lift, z) = (tie.lift.min(CERTAIN), tie.z.clamp(-CERTAIN, CERTAIN));
                // Two tables count them, and one may have been cut where the other was not.
                let evidence = Evidence { support: tie.support, reach: reach.max(tie.support), lift, z, after: tie.after };
                Bond { product: tie.product, score: tie.score, evidence }
            })
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.product.cmp(&b.product)));
        found
    }

    /// How many shoppers, or orders, had the product in the way that the relationship asks about.
    pub(super) fn reach(&self, tied: Relationship, product: Ordinal) -> u32 {
        self.snapshot.reach(tied, product)
    }
}
