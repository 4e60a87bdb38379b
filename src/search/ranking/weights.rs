//! The weights of ranking: `models/ranking.toml`, which may name any of the weighted features and leaves the others as they are.
//!
//! ```toml
//! similarity = 0.2            # what full similarity in meaning adds to a text score, as a share of it
//! variety = 0.01              # what each better product of the same brand takes from a score; 0 for none
//!
//! [features]                  # shares of the first phase's score
//! title_phrase = 0.3
//! title_companion = -0.2
//! ```

use super::features::{FEATURES, FEATURES_COUNT};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What full similarity in meaning adds to a text score, as a share of it. A little: where all words match, they say more than the direction
/// does (with 0.5 nDCG@10 falls by 0.01 on Home Depot).
const SIMILARITY: f32 = 0.2;
/// What each better product of the same brand takes from a score, and half of it for the same category: ten of one brand stand where they would
/// unless something else is nearly as good.
const VARIETY: f32 = 0.01;
/// More would put whatever is rare first.
const VARIETY_MAX: f32 = 0.2;
/// A weight beyond this drowns everything else.
const WEIGHT_MAX: f32 = 10.0;
/// Weights below zero may take this share of a score together at most, so that a score stays above zero.
const TAKEN_MAX: f32 = 0.95;

/// Weights that fit together.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// What full similarity in meaning adds to a text score, as a share of it.
    pub similarity: f32,
    /// What each better product of the same brand takes from a score.
    pub variety: f32,
    /// For each feature the share of the first phase's score that a value of 1 adds; 0 for those that are only shown.
    pub features: [f32; FEATURES_COUNT],
}

impl Default for Weights {
    fn default() -> Self {
        Self { similarity: SIMILARITY, variety: VARIETY, features: std::array::from_fn(|at| FEATURES[at].weight.unwrap_or(0.0)) }
    }
}

/// Why a weight file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("ranking.toml: {0}")]
pub struct WeightsError(String);

/// Some weights, to stand in place of others: what a weight file holds, and what an arm of an experiment may say.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WeightsPatch {
    /// What full similarity in meaning adds to a text score, as a share of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f32>,
    /// What each better product of the same brand takes from a score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variety: Option<f32>,
    /// Weights of features, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub features: BTreeMap<String, f32>,
}

impl WeightsPatch {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.similarity.is_none() && self.variety.is_none() && self.features.is_empty()
    }

    /// Whether it names weights only, each within its bounds, and goes with the weights that there are unless told otherwise.
    ///
    /// # Errors
    /// The path of the weight at fault, and what is wrong with it.
    pub fn check(&self) -> Result<(), (String, String)> {
        if self.similarity.is_some_and(|similarity| !(0.0..=WEIGHT_MAX).contains(&similarity)) {
            return Err(("similarity".to_owned(), format!("must be between 0 and {WEIGHT_MAX}")));
        }
        if self.variety.is_some_and(|variety| !(0.0..=VARIETY_MAX).contains(&variety)) {
            return Err(("variety".to_owned(), format!("must be between 0 and {VARIETY_MAX}")));
        }
        for (name, weight) in &self.features {
            if place_of(name).is_none() {
                let names: Vec<&str> = FEATURES.iter().filter(|feature| feature.weight.is_some()).map(|feature| feature.name).collect();
                return Err((format!("features.{name}"), format!("no such weight; there are {}", names.join(", "))));
            }
            if !(-WEIGHT_MAX..=WEIGHT_MAX).contains(weight) {
                return Err((format!("features.{name}"), format!("must be between -{WEIGHT_MAX} and {WEIGHT_MAX}")));
            }
        }
        let taken: f32 = Weights::default().with(self).features.iter().filter(|weight| **weight < 0.0).sum();
        if taken < -TAKEN_MAX {
            return Err(("features".to_owned(), format!("the weights below zero add up to {taken}, beyond -{TAKEN_MAX}")));
        }
        Ok(())
    }
}

/// Where a weighted feature stands among all.
fn place_of(name: &str) -> Option<usize> {
    FEATURES.iter().position(|feature| feature.name == name && feature.weight.is_some())
}

impl Weights {
    /// Reads a weight file.
    ///
    /// # Errors
    /// When it is no TOML, names something that has no weight, or a weight is out of bounds.
    pub fn parse(text: &str) -> Result<Self, WeightsError> {
        let patch: WeightsPatch = toml::from_str(text).map_err(|error| WeightsError(error.to_string()))?;
        patch.check().map_err(|(path, reason)| WeightsError(format!("{path}: {reason}")))?;
        Ok(Self::default().with(&patch))
    }

    /// These weights with those of a patch in their place. What it names that has no weight changes nothing.
    #[must_use]
    pub fn with(&self, patch: &WeightsPatch) -> Self {
        let mut weights = self.clone();
        weights.similarity = patch.similarity.unwrap_or(self.similarity);
        weights.variety = patch.variety.unwrap_or(self.variety);
        let named = patch.features.iter().filter_map(|(name, weight)| Some((place_of(name)?, weight)));
        named.for_each(|(place, weight)| weights.features[place] = *weight);
        weights
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
        check("variety = 0.3", "variety");
        check("[features]\nprior = 2", "features.prior");
        check("[features]\ntitle_fit = 11", "features.title_fit");
        check("[features]\ntitle_fit = nan", "features.title_fit");
        check("[features]\ntitle_fit = -0.5\ntitle_share = -0.6", "below zero");
        check("color = 1", "color");
    }
}
