//! The weights of ranking: `models/ranking.toml`, which may name any of the weighted features and leaves the others as they are.
//!
//! ```toml
//! similarity = 0.2            # what full similarity in meaning adds to a text score, as a share of it
//!
//! [features]                  # shares of the first phase's score
//! title_phrase = 0.3
//! title_companion = -0.2
//! ```

use super::features::{FEATURES, FEATURES_COUNT};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What full similarity in meaning adds to a text score, as a share of it. A little: where all words match, they say more than the direction
/// does (with 0.5 nDCG@10 falls by 0.01 on Home Depot).
const SIMILARITY: f32 = 0.2;
/// A weight beyond this drowns everything else.
const WEIGHT_MAX: f32 = 10.0;
/// Weights below zero may take this share of a score together at most, so that a score stays above zero.
const TAKEN_MAX: f32 = 0.95;

/// Weights that fit together.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// What full similarity in meaning adds to a text score, as a share of it.
    pub similarity: f32,
    /// For each feature the share of the first phase's score that a value of 1 adds; 0 for those that are only shown.
    pub features: [f32; FEATURES_COUNT],
}

impl Default for Weights {
    fn default() -> Self {
        Self { similarity: SIMILARITY, features: std::array::from_fn(|at| FEATURES[at].weight.unwrap_or(0.0)) }
    }
}

/// Why a weight file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("ranking.toml: {0}")]
pub struct WeightsError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    similarity: Option<f32>,
    #[serde(default)]
    features: BTreeMap<String, f32>,
}

impl Weights {
    /// Reads a weight file.
    ///
    /// # Errors
    /// When it is no TOML, names something that has no weight, or a weight is out of bounds.
    pub fn parse(text: &str) -> Result<Self, WeightsError> {
        let refused = |reason: String| Err(WeightsError(reason));
        let file: File = toml::from_str(text).map_err(|error| WeightsError(error.to_string()))?;
        let mut weights = Self::default();
        if let Some(similarity) = file.similarity {
            if !(0.0..=WEIGHT_MAX).contains(&similarity) {
                return refused(format!("similarity: must be between 0 and {WEIGHT_MAX}"));
            }
            weights.similarity = similarity;
        }
        for (name, weight) in file.features {
            let Some(at) = FEATURES.iter().position(|feature| feature.name == name && feature.weight.is_some()) else {
                let names: Vec<&str> = FEATURES.iter().filter(|feature| feature.weight.is_some()).map(|feature| feature.name).collect();
                return refused(format!("features.{name}: no such weight; there are {}", names.join(", ")));
            };
            if !(-WEIGHT_MAX..=WEIGHT_MAX).contains(&weight) {
                return refused(format!("features.{name}: must be between -{WEIGHT_MAX} and {WEIGHT_MAX}"));
            }
            weights.features[at] = weight;
        }
        let taken: f32 = weights.features.iter().filter(|weight| **weight < 0.0).sum();
        if taken < -TAKEN_MAX {
            return refused(format!("features: the weights below zero add up to {taken}, beyond -{TAKEN_MAX}"));
        }
        Ok(weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_moves_what_it_names_and_nothing_else() {
        let weights = Weights::parse("similarity = 0.2\n[features]\ntitle_phrase = 0.125").expect("reads");
        let at = |name: &str| FEATURES.iter().position(|feature| feature.name == name).expect("is there");
        assert_eq!((weights.similarity, weights.features[at("title_phrase")]), (0.2, 0.125));
        assert_eq!(weights.features[at("title_fit")], Weights::default().features[at("title_fit")]);
        assert_eq!(Weights::parse(""), Ok(Weights::default()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |text: &str, named: &str| {
            let message = Weights::parse(text).expect_err(text).to_string();
            assert!(message.starts_with("ranking.toml: ") && message.contains(named), "{message}");
        };
        check("similarity = -1", "similarity");
        check("[features]\nprior = 2", "features.prior");
        check("[features]\ntitle_fit = 11", "features.title_fit");
        check("[features]\ntitle_fit = nan", "features.title_fit");
        check("[features]\ntitle_fit = -0.5\ntitle_share = -0.6", "below zero");
        check("color = 1", "color");
    }
}
