//! What an arm changes of a search: the closed vocabulary.

use crate::id::SettingId;
use crate::search::Mode;
use crate::search::merchandising::Fault;
use crate::search::ranking::{Weights, WeightsPatch};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Segments that one arm adds to its searches.
const SEGMENTS_MAX: usize = 4;
/// Most bytes in the name of a segment.
const SEGMENT_BYTES_MAX: usize = 128;
/// Rules that one arm names.
const RULES_MAX: usize = 50;

/// A part of search that can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Correcting misspelled words.
    Spelling,
    /// Recognising brands, colours, prices and the like in the words.
    Intents,
    /// Words that stand for others because a merchant said so.
    Synonyms,
    /// Words that stand for others in everyday language.
    Thesaurus,
    /// Merchandising rules, all of them.
    Rules,
    /// Leaning towards what the shopper and the visit looked at.
    Personalization,
}

impl Part {
    /// Its name in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Spelling => "spelling",
            Self::Intents => "intents",
            Self::Synonyms => "synonyms",
            Self::Thesaurus => "thesaurus",
            Self::Rules => "rules",
            Self::Personalization => "personalization",
        }
    }
}

/// What is different from how the shop usually searches. Nothing by default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overrides {
    /// Weights of ranking in place of those in force.
    #[serde(skip_serializing_if = "WeightsPatch::is_empty")]
    pub weights: WeightsPatch,
    /// What the match set is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Parts that are switched off.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub off: BTreeSet<Part>,
    /// Rules that do not hold, by name.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub rules_off: BTreeSet<SettingId>,
    /// Segments that the search is for beside those that it names: rules that wait for one of them hold in this arm only.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub segments: BTreeSet<String>,
}

impl Overrides {
    /// Whether that part is switched off.
    #[must_use]
    pub fn is_off(&self, part: Part) -> bool {
        self.off.contains(&part)
    }

    /// The weights in force with these.
    #[must_use]
    pub fn over<'a>(&self, weights: &'a Weights) -> Cow<'a, Weights> {
        if self.weights.is_empty() { Cow::Borrowed(weights) } else { Cow::Owned(weights.with(&self.weights)) }
    }

    /// Paths of everything that is different.
    #[must_use]
    pub fn paths(&self) -> BTreeSet<String> {
        let similarity = self.weights.similarity.map(|_| "weights.similarity".to_owned());
        let variety = self.weights.variety.map(|_| "weights.variety".to_owned());
        let features = self.weights.features.keys().map(|name| format!("weights.features.{name}"));
        let mode = self.mode.map(|_| "mode".to_owned());
        let off = self.off.iter().map(|part| format!("off.{}", part.name()));
        let rules = self.rules_off.iter().map(|rule| format!("rules_off.{rule}"));
        let segments = self.segments.iter().map(|segment| format!("segments.{segment}"));
        similarity.into_iter().chain(variety).chain(features).chain(mode).chain(off).chain(rules).chain(segments).collect()
    }

    /// Adds what others are, where these say nothing.
    pub(super) fn join(&mut self, others: &Self) {
        self.weights.similarity = self.weights.similarity.or(others.weights.similarity);
        self.weights.variety = self.weights.variety.or(others.weights.variety);
        for (name, weight) in &others.weights.features {
            self.weights.features.entry(name.clone()).or_insert(*weight);
        }
        self.mode = self.mode.or(others.mode);
        self.off.extend(&others.off);
        self.rules_off.extend(others.rules_off.iter().cloned());
        self.segments.extend(others.segments.iter().cloned());
    }

    /// Whether every value is one that it can have; `field` is the path of these.
    pub(super) fn check(&self, field: &str) -> Result<(), Fault> {
        self.weights.check().map_err(|(path, reason)| Fault::new(format!("{field}.weights.{path}"), reason))?;
        if self.rules_off.len() > RULES_MAX {
            return Err(Fault::new(format!("{field}.rules_off"), format!("at most {RULES_MAX}")));
        }
        let is_bad = |segment: &String| segment.trim().is_empty() || segment.len() > SEGMENT_BYTES_MAX;
        if self.segments.len() > SEGMENTS_MAX || self.segments.iter().any(is_bad) {
            return Err(Fault::new(format!("{field}.segments"), format!("at most {SEGMENTS_MAX}, each of 1 to {SEGMENT_BYTES_MAX} bytes")));
        }
        Ok(())
    }
}
