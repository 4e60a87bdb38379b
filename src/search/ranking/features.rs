//! The named inputs of ranking: this list exists once, for ranking, explanations and training alike.
//!
//! A feature of the second phase has a weight: the share of the first phase's score that a value of 1 adds. Values of such features lie
//! between 0 and 1. The others are shown: what the first phase was made of, and the live numbers behind it. No feature with a weight reads
//! [`Inputs::signals`], so that ranking need not gather two hundred rows.

use super::closeness::Closeness;
use crate::search::leaning::Leanings;
use crate::search::matched::Match;
use crate::signal::SignalRow;

/// What a feature is read from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// How the product matches.
    pub found: Match,
    /// How its title says the words.
    pub closeness: Closeness,
    /// What the word for the thing that is asked for is worth of all, where the title says it as what the product is.
    pub thing: f32,
    /// Whether the query asks for a category of things that it is not in.
    pub is_another: bool,
    /// How well it fits what was recognised in the words, 0 to 1.
    pub intent_fit: f32,
    /// How young the product is, 0 to 1.
    pub freshness: f32,
    /// The product's live numbers, for the features that are only shown.
    pub signals: &'a SignalRow,
    /// How far the query and whoever asks lean to it.
    pub leanings: Leanings,
}

/// One named input.
pub struct Feature {
    /// Its name in explanations, weight files and training files.
    pub name: &'static str,
    /// Its value.
    pub of: fn(&Inputs<'_>) -> f64,
    /// The weight that it has in the second phase unless `models/ranking.toml` says otherwise; none when it is only shown.
    pub weight: Option<f32>,
}

const fn shown(name: &'static str, of: fn(&Inputs<'_>) -> f64) -> Feature {
    Feature { name, of, weight: None }
}

const fn weighted(name: &'static str, weight: f32, of: fn(&Inputs<'_>) -> f64) -> Feature {
    Feature { name, of, weight: Some(weight) }
}

/// How many features there are.
pub const FEATURES_COUNT: usize = 29;

/// All features. `prior_*` are the factors of the prior before it is bounded, 1 where nothing is known; names as in filters are the numbers
/// they come from.
pub const FEATURES: [Feature; FEATURES_COUNT] = [
    weighted("title_share", 0.5, |inputs| f64::from(inputs.closeness.share)),
    weighted("title_fit", 0.0, |inputs| f64::from(inputs.closeness.fit)),
    weighted("title_phrase", 0.4, |inputs| f64::from(inputs.closeness.phrase)),
    weighted("title_nearness", 0.15, |inputs| f64::from(inputs.closeness.nearness)),
    weighted("title_companion", -0.1, |inputs| f64::from(inputs.closeness.companion)),
    // Squared: a query of that word alone says nothing else, and among other words it is hardly a sign more.
    weighted("title_thing", 0.6, |inputs| f64::from(inputs.thing * inputs.thing)),
    weighted("intent", 0.3, |inputs| f64::from(inputs.intent_fit)),
    weighted("demand", 2.5, |inputs| f64::from(inputs.leanings.demand)),
    weighted("demand_lack", -0.8, |inputs| f64::from(inputs.leanings.demand_lack)),
    weighted("category_demand", 0.4, |inputs| f64::from(inputs.leanings.category_demand)),
    weighted("taste", 0.4, |inputs| f64::from(inputs.leanings.taste)),
    weighted("freshness", 0.08, |inputs| f64::from(inputs.freshness)),
    shown("words_share", |inputs| f64::from(inputs.found.share.get())),
    shown("text", |inputs| f64::from(inputs.found.text)),
    shown("vector", |inputs| f64::from(inputs.found.similarity.get())),
    shown("prior", |inputs| f64::from(inputs.signals.prior)),
    shown("prior_price", |inputs| f64::from(inputs.signals.parts.price)),
    shown("prior_availability", |inputs| f64::from(inputs.signals.parts.availability)),
    shown("prior_velocity", |inputs| f64::from(inputs.signals.parts.velocity)),
    shown("prior_conversion", |inputs| f64::from(inputs.signals.parts.conversion)),
    shown("prior_popularity", |inputs| f64::from(inputs.signals.parts.popularity)),
    shown("prior_rating", |inputs| f64::from(inputs.signals.parts.rating)),
    shown("price_minor", |inputs| inputs.signals.price_minor as f64),
    shown("available_units", |inputs| inputs.signals.available_units as f64),
    shown("velocity", |inputs| f64::from(inputs.signals.velocity_per_day)),
    shown("conversion", |inputs| f64::from(inputs.signals.conversion)),
    shown("popularity", |inputs| f64::from(inputs.signals.popularity)),
    shown("rating", |inputs| f64::from(inputs.signals.rating)),
    shown("trend", |inputs| f64::from(inputs.signals.trend)),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ordinal;
    use crate::signal::PriorParts;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<&str> = FEATURES.iter().map(|feature| feature.name).collect();
        assert_eq!(names.len(), FEATURES.len());
    }

    #[test]
    fn what_has_a_weight_does_not_read_the_row_of_signals() {
        let parts = PriorParts { velocity: 2.0, conversion: 2.0, popularity: 2.0, rating: 2.0, availability: 2.0, price: 2.0 };
        let (blank, full) = (
            SignalRow::default(),
            SignalRow {
                price_minor: 2,
                available_units: 2,
                velocity_per_day: 2.0,
                velocity_long_per_day: 2.0,
                conversion: 2.0,
                click_rate: 2.0,
                popularity: 2.0,
                rating: 2.0,
                trend: 2.0,
                freshness: 2.0,
                prior: 2.0,
                parts,
            },
        );
        let found = Match::near(Ordinal(0), 0.5);
        let inputs = Inputs {
            found,
            closeness: Closeness::default(),
            thing: 0.5,
            is_another: false,
            intent_fit: 0.5,
            freshness: 0.5,
            signals: &blank,
            leanings: Leanings::default(),
        };
        for feature in &FEATURES {
            let differs = (feature.of)(&inputs) != (feature.of)(&Inputs { signals: &full, ..inputs });
            assert!(!(differs && feature.weight.is_some()), "{}", feature.name);
        }
    }
}
