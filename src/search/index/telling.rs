//! The words that tell a product from others: what "more like this" looks for.

use super::SearchError;
use super::impact::{AverageLengths, IMPACT_STEPS, term_impacts};
use super::text_index::{TermGroup, TextIndex};
use crate::catalog::Product;
use crate::stdx::topk::{Score, TopK};
use crate::text;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Words of the products that a search is about.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Telling {
    /// One group for each word, weighted by what the products earn by it.
    pub groups: Vec<TermGroup>,
    /// The text score of a product that holds every word as the products do.
    pub score: f32,
}

impl TextIndex {
    /// The at most `count` words by which the products are best told from others: those with the largest product of inverse document
    /// frequency and impact, among the words that some other product may hold too.
    ///
    /// # Errors
    /// When the generation's files cannot be read.
    pub fn telling_words(&self, products: &[Product], count: usize) -> Result<Telling, SearchError> {
        let mut impacts: BTreeMap<String, f32> = BTreeMap::new();
        for product in products {
            let impacts_of = term_impacts(product, &AverageLengths::default(), &[]);
            for found in impacts_of.into_iter().filter(|found| !text::is_marked(&found.term)) {
                *impacts.entry(found.term).or_default() += found.impact as f32 / (IMPACT_STEPS as f32 * products.len() as f32);
            }
        }
        let mut best = TopK::new(count);
        for (term, impact) in impacts {
            let (weight, holders_count) = self.weight_of(&term)?;
            if holders_count > 1 {
                best.push((Score(weight * impact), Reverse(term), Score(impact)));
            }
        }
        let mut telling = Telling::default();
        for (Score(weighed), Reverse(term), Score(impact)) in best.into_descending() {
            telling.score += weighed * impact;
            telling.groups.push(TermGroup { terms: vec![(term, impact)], ..TermGroup::default() });
        }
        Ok(telling)
    }
}
