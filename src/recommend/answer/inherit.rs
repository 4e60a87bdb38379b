//! Ties of products that have few of their own: they inherit those of what they are alike to.
//!
//! ```text
//! s(a → new) = φ · ρ · min(Σ cos(n, new) · s(a → n), max s(a → n))      n: tied to a, and alike to new
//! s(new → b) = ρ · min(Σ cos(new, n) · s(n → b), max s(n → b))          n: alike to new
//! ρ = n₀ / (n₀ + c_new)                                                 c_new: shoppers, or orders, that had new
//! φ = (1 + freshness) / 2                                               freshness: 1 when it has just been put, a half after a month
//! ```
//!
//! So a product that was imported a second ago stands near the products that it is like, and moves away from them as it gets ties of its own.
//! The bound keeps it from standing above the best of what it inherits from. A row has few places for such promises: among what is really
//! tied only [`AMONG_TIED_MAX`] of the shop's newest products are shown; everything else that may inherit comes after.

use super::asked::{Asked, Root, combined, weighted};
use super::ties::{Bond, Gate};
use crate::id::Ordinal;
use crate::recommend::reason::{Evidence, Reason, Recommendation};
use crate::recommend::relationship::Relationship;
use std::collections::BTreeMap;

/// Shoppers, or orders, of its own at which a product inherits half (`n₀`).
const OWN_HALF: f32 = 20.0;
/// Below this part of `ρ` nothing is inherited: what a product has of its own is worth more.
const RHO_MIN: f32 = 0.5;
/// Products from which each inherits: the best of a row, or the nearest in content.
const FROM_MAX: usize = 6;
/// The same for heirs among what is tied: every request pays for these.
const FROM_AMONG_TIED_MAX: usize = 3;
/// With so many ties of its own a row needs nobody else's.
const OWN_ENOUGH: usize = 8;
/// Heirs that stand among what is tied to one root.
const AMONG_TIED_MAX: usize = 2;
/// Heirs of each of those.
const HEIRS_MAX: usize = 16;
/// Roots whose rows are opened to heirs; each costs up to [`FROM_MAX`] look-ups of neighbours.
const ROOTS_WITH_HEIRS_MAX: usize = 3;

/// What a product inherits while it is added up.
struct Share {
    sum: f32,
    strongest: f32,
    weightiest: f32,
    reason: Reason,
}

/// Inheritances by heir.
#[derive(Default)]
struct Estate(BTreeMap<Ordinal, Share>);

impl Estate {
    /// Leaves a tie of score `score` to `heir`, which is `similarity` alike.
    fn leave(&mut self, heir: Ordinal, score: f32, similarity: f32, reason: Reason) {
        let part = score * similarity;
        let share = self.0.entry(heir).or_insert(Share { sum: 0.0, strongest: 0.0, weightiest: 0.0, reason });
        share.sum += part;
        share.strongest = share.strongest.max(score);
        if part > share.weightiest {
            share.weightiest = part;
            share.reason = reason;
        }
    }

    fn settled(self, rho: impl Fn(Ordinal) -> f32) -> Vec<Recommendation> {
        let settle = |(heir, share): (Ordinal, Share)| Recommendation::new(heir, rho(heir) * share.sum.min(share.strongest), share.reason);
        self.0.into_iter().map(settle).collect()
    }
}

impl Asked<'_> {
    /// What is tied to the roots.
    pub(super) fn tied(&self, tied: Relationship) -> Vec<Recommendation> {
        let of_root = |(place, root): (usize, &Root)| {
            let found = if place < ROOTS_WITH_HEIRS_MAX {
                self.tied_or_inherited(tied, root.product)
            } else {
                self.own(tied, root.product, Gate::Shown)
            };
            weighted(found, root.weight)
        };
        combined(self.roots.iter().enumerate().flat_map(of_root).collect())
    }

    /// What is tied to `root` by its own numbers.
    pub(super) fn own(&self, tied: Relationship, root: Ordinal, gate: Gate) -> Vec<Recommendation> {
        self.bonds(tied, root, gate).into_iter().map(|bond| as_tied(tied, root, &bond)).collect()
    }

    fn tied_or_inherited(&self, tied: Relationship, root: Ordinal) -> Vec<Recommendation> {
        let own = self.bonds(tied, root, Gate::Shown);
        let best = &own[..own.len().min(FROM_AMONG_TIED_MAX)];
        let mut found = self.left_to_heirs(tied, root, best, |like| self.assortment.newest_like(like));
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.product.cmp(&b.product)));
        found.truncate(AMONG_TIED_MAX);
        if own.len() < OWN_ENOUGH {
            found.extend(self.inherited_by(tied, root));
        }
        found.extend(own.iter().map(|bond| as_tied(tied, root, bond)));
        stronger(found)
    }

    /// All that inherits from what is tied to the roots.
    pub(super) fn heirs(&self, tied: Relationship) -> Vec<Recommendation> {
        let of_root = |root: &Root| {
            let own = self.bonds(tied, root.product, Gate::Shown);
            weighted(self.left_to_heirs(tied, root.product, &own, |like| self.assortment.kin(like)), root.weight)
        };
        combined(self.roots.iter().take(ROOTS_WITH_HEIRS_MAX).flat_map(of_root).collect())
    }

    /// `s(a → new)`: what products alike to the best of `own` inherit; `alike` gives them.
    fn left_to_heirs(
        &self,
        tied: Relationship,
        root: Ordinal,
        own: &[Bond],
        alike: impl Fn(Ordinal) -> Vec<(Ordinal, f32)>,
    ) -> Vec<Recommendation> {
        let mut estate = Estate::default();
        for bond in own.iter().take(FROM_MAX) {
            for (heir, similarity) in alike(bond.product).into_iter().take(HEIRS_MAX) {
                if heir != root && self.rho(tied, heir) >= RHO_MIN {
                    estate.leave(heir, bond.score, similarity, inherits(tied, root, (bond.product, false), similarity, bond.evidence));
                }
            }
        }
        estate.settled(|heir| self.rho(tied, heir) * (1.0 + self.signals.freshness(heir)) / 2.0)
    }

    /// `s(new → b)`: what `root` inherits while it is new.
    fn inherited_by(&self, tied: Relationship, root: Ordinal) -> Vec<Recommendation> {
        let rho = self.rho(tied, root);
        if rho < RHO_MIN {
            return Vec::new();
        }
        let mut estate = Estate::default();
        for (like, similarity) in self.assortment.kin(root).into_iter().take(FROM_MAX) {
            for bond in self.bonds(tied, like, Gate::Shown).iter().filter(|bond| bond.product != root) {
                estate.leave(bond.product, bond.score, similarity, inherits(tied, root, (like, true), similarity, bond.evidence));
            }
        }
        estate.settled(|_| rho)
    }

    /// `ρ` of a product.
    pub(super) fn rho(&self, tied: Relationship, product: Ordinal) -> f32 {
        OWN_HALF / (OWN_HALF + self.reach(tied, product) as f32)
    }
}

fn as_tied(tied: Relationship, root: Ordinal, bond: &Bond) -> Recommendation {
    Recommendation::new(bond.product, bond.score, Reason::TiedTo { tied, product: root, evidence: bond.evidence })
}

fn inherits(tied: Relationship, product: Ordinal, (like, for_asked): (Ordinal, bool), similarity: f32, evidence: Evidence) -> Reason {
    Reason::Inherits { tied, product, like, for_asked, similarity, evidence }
}

/// Each product once, as its strongest candidate; own ties come last and win against equal inheritances.
fn stronger(mut found: Vec<Recommendation>) -> Vec<Recommendation> {
    found.reverse();
    found.sort_by(|a, b| a.product.cmp(&b.product).then(b.score.total_cmp(&a.score)));
    found.dedup_by_key(|candidate| candidate.product);
    found
}
