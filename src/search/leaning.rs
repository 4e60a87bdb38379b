//! Where a query and whoever asks it lean to: what the shop's shoppers took for the same words, and what this one has looked at lately.

use super::filter::Scope;
use super::intent::Intents;
use super::taste::Taste;
use super::understand::Query;
use super::{Moment, Request};
use crate::id::Ordinal;
use crate::signal::demand::{self, FACTOR_MAX, FACTOR_MIN, LIFT_MAX, QueryDemand};

/// Looked up once a search, then asked for each candidate. Neutral by default but for the scope.
#[derive(Clone)]
pub struct Leaning<'a> {
    /// What the query leads to.
    pub demand: QueryDemand<'a>,
    /// What the shopper looks at.
    pub taste: Taste,
    /// Where the facts of products are.
    pub scope: Scope<'a>,
}

/// How far one product is leaned to; every number between 0 and 1, 0 when nothing is known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Leanings {
    /// How much more than usual the product is wanted for this query.
    pub demand: f32,
    /// How much less than usual.
    pub demand_lack: f32,
    /// How much the query leads to the product's category, where the product itself is not known for it.
    pub category_demand: f32,
    /// How much the product is like what the shopper looked at.
    pub taste: f32,
}

impl<'a> Leaning<'a> {
    /// Of a request: its words as typed, or as they were read when nobody has asked them as typed, or the name of the category that they ask for
    /// when nobody has asked either.
    #[must_use]
    pub fn of(request: &Request, query: &Query, intents: &Intents, moment: &'a Moment, scope: Scope<'a>) -> Self {
        let asked = |words: &str| moment.demand.of(&demand::normalised(words));
        let typed = asked(&request.q);
        let is_read = query.corrections.is_empty() || typed.is_known();
        let demand = if is_read { typed } else { asked(&query.read) };
        let demand = intents.asked_category().filter(|_| !demand.is_known()).map_or(demand, asked);
        Self { demand, taste: Taste::of(request.leans_to(), scope.columns, scope.market), scope }
    }

    /// What the query leads to, by product, when that is all there is: neither whoever asks nor a category of products has a part in it.
    #[must_use]
    pub fn demand_alone(&self) -> Option<&[(Ordinal, f32)]> {
        self.demand.factors_alone().filter(|_| self.taste.is_neutral())
    }

    /// How far a product is leaned to. Allocates nothing.
    #[must_use]
    pub fn towards(&self, product: Ordinal) -> Leanings {
        let factor = self.demand.factor(product);
        Leanings {
            demand: ((factor - 1.0) / (FACTOR_MAX - 1.0)).max(0.0),
            demand_lack: ((1.0 - factor) / (1.0 - FACTOR_MIN)).max(0.0),
            category_demand: (self.demand.category_affinity(product) - 1.0) / (LIFT_MAX - 1.0),
            taste: self.taste.lift(product, self.scope.columns, self.scope.market),
        }
    }
}
