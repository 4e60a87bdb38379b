//! The named inputs of ranking: this list exists once, for explanations and for training alike.

use super::matching::Match;
use crate::signal::SignalRow;

/// What a feature is read from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// How the product matches.
    pub found: &'a Match,
    /// Words in the query.
    pub words_count: usize,
    /// The product's live numbers.
    pub signals: &'a SignalRow,
}

/// One named input.
pub struct Feature {
    /// Its name in explanations and training files.
    pub name: &'static str,
    /// Its value.
    pub of: fn(Inputs<'_>) -> f64,
}

const fn feature(name: &'static str, of: fn(Inputs<'_>) -> f64) -> Feature {
    Feature { name, of }
}

/// All features. `prior_*` are the factors of the prior before it is bounded, 1 where nothing is known; names as in filters are the numbers
/// they come from.
pub const FEATURES: [Feature; 17] = [
    feature("words_matched", |inputs| inputs.found.class.words_matched(inputs.words_count) as f64),
    feature("text", |inputs| f64::from(inputs.found.text)),
    feature("vector", |inputs| f64::from(inputs.found.similarity)),
    feature("prior", |inputs| f64::from(inputs.signals.prior)),
    feature("prior_price", |inputs| f64::from(inputs.signals.parts.price)),
    feature("prior_availability", |inputs| f64::from(inputs.signals.parts.availability)),
    feature("prior_velocity", |inputs| f64::from(inputs.signals.parts.velocity)),
    feature("prior_conversion", |inputs| f64::from(inputs.signals.parts.conversion)),
    feature("prior_popularity", |inputs| f64::from(inputs.signals.parts.popularity)),
    feature("prior_rating", |inputs| f64::from(inputs.signals.parts.rating)),
    feature("price_minor", |inputs| inputs.signals.price_minor as f64),
    feature("available_units", |inputs| inputs.signals.available_units as f64),
    feature("velocity", |inputs| f64::from(inputs.signals.velocity_per_day)),
    feature("conversion", |inputs| f64::from(inputs.signals.conversion)),
    feature("popularity", |inputs| f64::from(inputs.signals.popularity)),
    feature("rating", |inputs| f64::from(inputs.signals.rating)),
    feature("trend", |inputs| f64::from(inputs.signals.trend)),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<&str> = FEATURES.iter().map(|feature| feature.name).collect();
        assert_eq!(names.len(), FEATURES.len());
    }
}
