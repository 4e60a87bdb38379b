//! The scores of both phases, and how a score came about.
//!
//! ```text
//! content = text · share · (1 + similarity weight · similarity)   what words and meaning say; similarity alone where no word matched;
//!                                                                 less where words are missing and the product is not the thing asked for
//! first   = content · prior · factor                              factor: what merchants' rules say, 1 where they say nothing; less for
//!                                                                 what the query does not want
//! second  = first · (1 + Σ weight · feature) · itself             itself: less where the title says what belongs to the thing asked for
//! ```
//!
//! `share` is what the words that a product has are worth, of all that were asked for: among products that lack some, one that sells well and
//! has the common word alone would else stand above those that have the rare one.
//!
//! Weights below zero add up to less than one, so a second score stays above zero. Because everything multiplies the first score, the parts
//! of a score are shares of it and add up: that is what explanations show.

use super::closeness::Wanted;
use super::features::{FEATURES, Inputs};
use super::look::{Kind, Look, Looks};
use super::weights::Weights;
use crate::id::Ordinal;
use crate::search::filter::Scope;
use crate::search::index::Titles;
use crate::search::intent::Intents;
use crate::search::leaning::Leaning;
use crate::search::matched::{Match, Share};
use crate::search::merchandising::Adjustments;
use crate::search::things::Things;
use crate::signal::{SignalRow, SignalTable, Standing};

/// What is left of the score of a product that lacks some words and is in none of the categories that the query asks for.
const ANOTHER_THING: f32 = 0.4;

/// What is left of the second score of a product whose title says what belongs to the thing that is asked for.
const BELONGING: f32 = 0.8;
/// The same where the shop has a category of the thing and the product is not in it, or in one below it of what belongs to it.
const BELONGING_ELSEWHERE: f32 = 0.5;

/// What a title loses that says another thing right behind the one that is asked for, in a shop that says that as a thing wherever it says it.
const ANOTHER: f32 = 0.2;

/// Scores the matches of one query.
#[derive(Clone)]
pub struct Scorer<'a> {
    /// Facts, live numbers and marketplace.
    pub scope: Scope<'a>,
    /// Live numbers, a row at a time.
    pub signals: &'a SignalTable,
    /// Words of titles.
    pub titles: &'a Titles,
    /// The words that were asked for.
    pub wanted: &'a Wanted,
    /// What was recognised in the words.
    pub intents: &'a Intents,
    /// What of them is the thing that is asked for.
    pub things: &'a Things,
    /// Where the query and whoever asks lean to.
    pub leaning: Leaning<'a>,
    /// What features weigh.
    pub weights: &'a Weights,
    /// What rules do to places and scores.
    pub adjustments: &'a Adjustments,
    /// How products looked to the same query; none of one that may not come again.
    pub looks: Option<&'a Looks>,
}

/// What a feature adds to a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The feature.
    pub feature: &'static str,
    /// Its value.
    pub value: f64,
    /// What it weighs; 1 where there is no weight to choose.
    pub weight: f64,
    /// What it adds to the score.
    pub contribution: f64,
}

impl Scorer<'_> {
    /// What words and meaning say, times the prior, times what rules say; from 0.
    #[inline]
    #[must_use]
    pub fn first(&self, found: &Match) -> f32 {
        self.first_of(found, self.signals.standing(found.ordinal))
    }

    /// The same for whoever has read the product's standing already.
    #[inline]
    #[must_use]
    pub fn first_of(&self, found: &Match, standing: Standing) -> f32 {
        self.unruled(found, standing) * self.adjustments.factor(found.ordinal)
    }

    #[inline]
    fn unruled(&self, found: &Match, standing: Standing) -> f32 {
        // max() turns what is no number into 0 too.
        (self.content(found) * standing.prior).max(0.0)
    }

    #[inline]
    fn content(&self, found: &Match) -> f32 {
        self.said(found) * self.thing(found)
    }

    #[inline]
    fn said(&self, found: &Match) -> f32 {
        let similarity = found.similarity.get();
        if found.text > 0.0 { found.text * found.share.get() * (1.0 + self.weights.similarity * similarity) } else { similarity }
    }

    /// What a product that lacks some words loses for not being the thing that is asked for.
    #[inline]
    fn thing(&self, found: &Match) -> f32 {
        if found.share == Share::WHOLE || self.intents.may_be_the_thing(found.ordinal, self.scope) { 1.0 } else { ANOTHER_THING }
    }

    /// The first scores, moved by the weighted features, each from 0, and what the products are.
    pub fn second<'f>(&self, found: &'f [Match]) -> impl Iterator<Item = (f32, Kind)> + use<'_, 'f> {
        let products: Vec<Ordinal> = found.iter().map(|found| found.ordinal).collect();
        let freshness = self.signals.freshness_of_all(products.iter().copied());
        let weighted: Vec<_> = FEATURES.iter().zip(&self.weights.features).filter(|(_, weight)| **weight != 0.0).collect();
        let score = move |((found, freshness), look): ((&Match, f32), Look)| {
            let signals = SignalRow::default();
            let inputs = Inputs { freshness, ..self.inputs(found, &signals, look) };
            let share: f32 = weighted.iter().map(|(feature, weight)| **weight * (feature.of)(&inputs) as f32).sum();
            ((self.first(found) * (1.0 + share) * self.itself(&inputs)).max(0.0), look.kind)
        };
        found.iter().zip(freshness).zip(self.looks(&products)).map(score)
    }

    fn inputs<'s>(&self, found: &Match, signals: &'s SignalRow, look: Look) -> Inputs<'s> {
        let Look { closeness, thing, is_another, intent_fit, kind: _ } = look;
        let leanings = self.leaning.towards(found.ordinal);
        Inputs { found: *found, closeness, thing, is_another, intent_fit, freshness: signals.freshness, signals, leanings }
    }

    fn look(&self, found: &Match) -> Look {
        self.look_at(found.ordinal, self.titles.words(found.ordinal))
    }

    /// Every feature's name and value.
    #[must_use]
    pub fn values(&self, found: &Match) -> Vec<(&'static str, f64)> {
        let signals = self.signals.row(found.ordinal);
        let inputs = self.inputs(found, &signals, self.look(found));
        FEATURES.iter().map(|feature| (feature.name, (feature.of)(&inputs))).collect()
    }

    fn itself_of(&self, found: &Match) -> f32 {
        let signals = SignalRow::default();
        self.itself(&self.inputs(found, &signals, self.look(found)))
    }

    /// What is left of a score for what the title says to belong to the thing, half as far again where there are things to choose from.
    fn itself(&self, inputs: &Inputs<'_>) -> f32 {
        let left = itself(inputs);
        if self.things.are_plenty() { left * left.sqrt() } else { left }
    }

    fn weighted_share(&self, values: &[(&'static str, f64)]) -> f64 {
        values.iter().zip(&self.weights.features).map(|((_, value), weight)| f64::from(*weight) * value).sum()
    }

    /// What the score of a match is made of: contributions that add up to the second score when `is_second`, else to the first.
    #[must_use]
    pub fn contributions(&self, found: &Match, is_second: bool) -> Vec<Contribution> {
        let first = f64::from(self.first(found));
        let mut parts = self.first_contributions(found, first);
        if is_second {
            let values = self.values(found);
            let weighted = values.iter().zip(&self.weights.features).filter(|((_, value), weight)| **weight != 0.0 && *value != 0.0);
            parts.extend(weighted.map(|(&(feature, value), &weight)| {
                let weight = f64::from(weight);
                Contribution { feature, value, weight, contribution: first * weight * value }
            }));
            let itself = f64::from(self.itself_of(found));
            if itself != 1.0 {
                let whole: f64 = first * (1.0 + self.weighted_share(&values));
                parts.push(Contribution { feature: "belongs_to_it", value: itself, weight: 1.0, contribution: whole * (itself - 1.0) });
            }
        }
        parts
    }

    fn first_contributions(&self, found: &Match, first: f64) -> Vec<Contribution> {
        let (text, similarity) = (f64::from(found.text), f64::from(found.similarity.get()));
        let part = |feature, value, weight, contribution| Contribution { feature, value, weight, contribution };
        let mut parts = Vec::new();
        if text > 0.0 {
            let weight = f64::from(self.weights.similarity);
            let share = f64::from(found.share.get());
            parts.push(part("text", text, 1.0, text));
            if share != 1.0 {
                parts.push(part("words_share", share, 1.0, text * (share - 1.0)));
            }
            if similarity > 0.0 {
                parts.push(part("vector", similarity, weight, text * share * weight * similarity));
            }
        } else {
            parts.push(part("vector", similarity, 1.0, similarity));
        }
        let thing = f64::from(self.thing(found));
        if thing != 1.0 {
            parts.push(part("another_thing", thing, 1.0, f64::from(self.said(found)) * (thing - 1.0)));
        }
        let content: f64 = parts.iter().map(|part| part.contribution).sum();
        let unruled = f64::from(self.unruled(found, self.signals.standing(found.ordinal)));
        parts.extend(prior_contributions(&self.signals.row(found.ordinal), content, unruled));
        let (rules, wishes) = (f64::from(self.adjustments.of_rules(found.ordinal)), f64::from(self.adjustments.of_wishes(found.ordinal)));
        let ruled = if wishes == 1.0 { first } else { unruled * rules };
        if rules != 1.0 {
            parts.push(part("rules", rules, 1.0, ruled - unruled));
        }
        if wishes != 1.0 {
            parts.push(part("not_wanted", wishes, 1.0, first - ruled));
        }
        parts
    }
}

/// What is left of a score for what the title says to belong to the thing.
fn itself(inputs: &Inputs<'_>) -> f32 {
    let belonging = match inputs.closeness.is_belonging {
        true if inputs.is_another => BELONGING_ELSEWHERE,
        true => BELONGING,
        false => 1.0,
    };
    belonging * (1.0 - ANOTHER * inputs.closeness.another)
}

/// Of a score, what bounds take from the product of all factors; the steps in which priors are kept take less.
const BOUNDED_SHARE: f64 = 1e-3;

/// What each factor of the prior adds to what the factors before it have made of `content`, up to `scored`: shares by logarithms grow without bound
/// where factors nearly cancel. What bounds take from the product is told as the prior's own; what steps take goes with the last factor.
fn prior_contributions(signals: &SignalRow, content: f64, scored: f64) -> Vec<Contribution> {
    let parts = &signals.parts;
    let factors = [
        ("prior_price", parts.price),
        ("prior_availability", parts.availability),
        ("prior_velocity", parts.velocity),
        ("prior_conversion", parts.conversion),
        ("prior_popularity", parts.popularity),
        ("prior_rating", parts.rating),
    ];
    let part = |feature, value, contribution| Contribution { feature, value, weight: 1.0, contribution };
    let mut so_far = content;
    let moving = factors.into_iter().filter(|(_, factor)| *factor != 1.0);
    let mut told: Vec<Contribution> = moving
        .map(|(feature, factor)| {
            let (before, value) = (so_far, f64::from(factor));
            so_far *= value;
            part(feature, value, so_far - before)
        })
        .collect();
    let left = scored - so_far;
    match told.last_mut() {
        Some(last) if left.abs() <= BOUNDED_SHARE * scored.abs() => last.contribution += left,
        _ if left != 0.0 => told.push(part("prior", f64::from(signals.prior), left)),
        _ => {}
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::PriorParts;

    fn told(parts: PriorParts, prior: f32) -> Vec<Contribution> {
        let content = 10.0;
        let scored = content * f64::from(prior);
        let told = prior_contributions(&SignalRow { parts, prior, ..SignalRow::default() }, content, scored);
        let sum: f64 = told.iter().map(|part| part.contribution).sum();
        assert!((content + sum - scored).abs() < 1e-9, "{sum} of {told:?}");
        told
    }

    /// Low stock and selling well were told as nothing where they undid one another, and as many times the score where a step lay between.
    #[test]
    fn factors_that_nearly_cancel_add_what_they_do() {
        let parts = PriorParts { velocity: 1.25, availability: 0.800_01, ..PriorParts::NEUTRAL };
        let told = told(parts, parts.prior());
        let of = |feature: &str| told.iter().find(|part| part.feature == feature).map_or(0.0, |part| part.contribution);
        assert!((of("prior_availability") + 2.0).abs() < 0.01 && (of("prior_velocity") - 2.0).abs() < 0.01, "{told:?}");
    }

    #[test]
    fn what_bounds_take_is_told_as_the_priors_own() {
        let all = PriorParts { velocity: 1.8, conversion: 1.4, popularity: 1.4, rating: 1.12, price: 1.15, ..PriorParts::NEUTRAL };
        let bounded = told(all, all.prior());
        assert!(bounded.last().is_some_and(|part| part.feature == "prior" && part.contribution < 0.0), "{bounded:?}");
        assert!(bounded[..5].iter().all(|part| part.contribution > 0.0), "{bounded:?}");
        assert!(told(PriorParts::NEUTRAL, 1.0).is_empty());
        assert_eq!(told(PriorParts::NEUTRAL, 1.5).len(), 1, "no part says why");
    }
}
