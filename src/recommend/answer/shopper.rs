//! Candidates for one shopper or visit: several sources, each in its own order, blended.
//!
//! Scores of different sources have no common scale, so only places count: a candidate gets `w / (K + place)` from each source that has it
//! (reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009). A source that has nothing says nothing, so a first click is answered
//! from what that click is tied to, and somebody without any history from what sells and trends. Places are counted among what the page may take:
//! what a filter refuses stands in nobody's way.

use super::asked::{Asked, combined, weighted};
use super::page::Page;
use super::ties::Gate;
use crate::id::Ordinal;
use crate::recommend::again::Wanted;
use crate::recommend::reason::{Reason, Recommendation};
use crate::recommend::relationship::Relationship;
use crate::stdx::topk::Score;
use std::cell::RefCell;
use std::collections::HashMap;

const DAY_MS: f32 = 86_400_000.0;
/// Candidates of each source that count.
const SOURCE_MAX: usize = 100;
/// Steps of a history whose ties are looked at: each costs four rows, and the thirteenth would count a thirteenth.
const STEPS_MAX: usize = 12;
/// Ties of each row that count: beyond them a row says little, and all rows together make a long list.
const OF_ROW_MAX: usize = 24;
/// Softens the lead of the first places (`K`).
const FUSION: f32 = 20.0;

/// Something that knows what a shopper may want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// What goes with the history: `Σ k⁻¹ · s(h_k → b)` over all relations.
    Steps,
    /// What visits that went the same way turned to next.
    Visits,
    /// What tastes say that were learnt of all shoppers.
    Taste,
    /// What the next order may hold, by how the shopper and others order.
    NextOrder,
    /// What is like the newest products of the history.
    Content,
}

/// The sources and what each counts. The one place where they are weighed.
const BLEND: [(Source, f32); 5] =
    [(Source::Steps, 1.0), (Source::Visits, 1.0), (Source::Taste, 1.0), (Source::NextOrder, 0.5), (Source::Content, 0.3)];

impl Asked<'_> {
    /// Everything that is known of the shopper, blended.
    pub(super) fn for_shopper(&self, page: &Page<'_>) -> Vec<Recommendation> {
        let fit = Fit { page, known: RefCell::default() };
        let places = BLEND.into_iter().flat_map(|(source, weight)| by_place(self.of_source(source, &fit), weight, &fit));
        combined(places.collect())
    }

    fn of_source(&self, source: Source, fit: &Fit<'_>) -> Vec<Recommendation> {
        match source {
            Source::Steps => self.next_steps(fit),
            Source::Visits => self.visits_alike(fit),
            Source::Taste => self.suited(fit.page),
            Source::NextOrder => self.habitual(fit),
            Source::Content => self.alike(),
        }
    }

    /// What goes with the newest steps. A single shopper's ties are left out here too: what one person did is not told to another.
    fn next_steps(&self, fit: &Fit<'_>) -> Vec<Recommendation> {
        let relations = [Relationship::AlsoViewed, Relationship::ViewedThenBought, Relationship::AlsoBought, Relationship::BoughtTogether];
        let of_step = |tied: Relationship| {
            self.steps().take(STEPS_MAX).flat_map(move |step| {
                let mut strongest = self.own(tied, step.product, Gate::Shown);
                if strongest.len() > OF_ROW_MAX {
                    strongest = strongest.into_iter().filter(|candidate| fit.is(candidate.product)).take(OF_ROW_MAX).collect();
                }
                weighted(strongest, step.weight)
            })
        };
        combined(relations.into_iter().flat_map(of_step).collect())
    }

    fn visits_alike(&self, fit: &Fit<'_>) -> Vec<Recommendation> {
        let steps = self.snapshot.visit(self.request.shopper.as_ref(), self.request.session.as_ref());
        let foresight = self.snapshot.foresee(&steps, SOURCE_MAX, |product| fit.is(product));
        let of = foresight.near_count;
        // What a single person came to, in however many visits, is their own business.
        let support_min = self.snapshot.gate(Relationship::AlsoViewed).support_min;
        let foreseen = foresight.products.into_iter().filter(|next| next.people_count >= support_min);
        foreseen.map(|next| Recommendation::new(next.product, next.score, Reason::VisitsAlike { visits: next.visits_count, of })).collect()
    }

    fn suited(&self, page: &Page<'_>) -> Vec<Recommendation> {
        let history: Vec<Ordinal> = self.history.iter().rev().map(|seen| seen.product).collect();
        let suited = self.assortment.suited(&history, SOURCE_MAX, page.choice_max()).into_iter();
        suited.map(|(product, score)| Recommendation::new(product, score, Reason::SuitsTaste)).collect()
    }

    fn habitual(&self, fit: &Fit<'_>) -> Vec<Recommendation> {
        let found = self.next_order(|product| fit.is(product));
        // What others bought with it is another source's to tell.
        found.iter().filter(|wanted| wanted.times > 0 || wanted.is_popular).map(wanted).collect()
    }

    /// What the next order may hold of what the page may take, likeliest first.
    pub(super) fn ordered_next(&self, page: &Page<'_>) -> Vec<Recommendation> {
        self.next_order(|product| page.may_take(product)).iter().map(wanted).collect()
    }

    fn next_order(&self, accept: impl Fn(Ordinal) -> bool) -> Vec<Wanted> {
        if self.bought.is_empty() {
            return Vec::new();
        }
        let log = self.snapshot.log(self.request.shopper.as_ref(), self.request.session.as_ref());
        self.snapshot.next_order_of(log.all(), SOURCE_MAX, accept)
    }

    /// What shoppers bought who bought the same: `Σ k⁻¹ · s(p_k → b)` over the purchases.
    pub(super) fn shoppers_alike(&self) -> Vec<Recommendation> {
        let of_purchase = |(place, product): (usize, Ordinal)| {
            let bonds = self.bonds(Relationship::AlsoBought, product, Gate::Shown).into_iter();
            let weight = ((place + 1) as f32).recip();
            bonds.map(move |bond| {
                let reason = Reason::ShoppersAlike { product, evidence: bond.evidence };
                Recommendation::new(bond.product, bond.score * weight, reason)
            })
        };
        let purchases = self.bought.iter().copied().take(super::asked::ROOTS_MAX).enumerate();
        combined(purchases.flat_map(of_purchase).collect())
    }

    /// What was bought and may be bought again, likeliest first.
    pub(super) fn bought_before(&self) -> Vec<Recommendation> {
        let log = self.snapshot.log(self.request.shopper.as_ref(), self.request.session.as_ref());
        self.snapshot.buy_again_of(log.all(), self.signals.now(), self.bought.len(), |_| true).iter().map(wanted).collect()
    }
}

/// What the page may take, asked once of each product: several sources name the same ones.
struct Fit<'a> {
    page: &'a Page<'a>,
    known: RefCell<HashMap<Ordinal, bool>>,
}

impl Fit<'_> {
    fn is(&self, product: Ordinal) -> bool {
        *self.known.borrow_mut().entry(product).or_insert_with(|| self.page.may_take(product))
    }
}

fn wanted(wanted: &Wanted) -> Recommendation {
    let usual_days = wanted.usual_interval_ms.map(|interval_ms| interval_ms as f32 / DAY_MS);
    let reason = match wanted.times {
        0 if wanted.is_popular => Reason::Popular,
        0 => Reason::SuitsTaste,
        times => Reason::BoughtBefore { times, usual_days },
    };
    Recommendation::new(wanted.product, wanted.chance, reason)
}

/// Scores by place in the source's own order, among what the page may take.
fn by_place(mut found: Vec<Recommendation>, weight: f32, fit: &Fit<'_>) -> Vec<Recommendation> {
    found.sort_by(|a, b| Score(b.score).cmp(&Score(a.score)).then(a.product.cmp(&b.product)));
    let fitting = found.into_iter().filter(|candidate| fit.is(candidate.product)).take(SOURCE_MAX);
    fitting.zip(1_u16..).map(|(candidate, place)| Recommendation { score: weight / (FUSION + f32::from(place)), ..candidate }).collect()
}
