//! What a shopper may like next: relations and factors that were learnt together, answered as one.
//!
//! The rows of the history name the candidates; the best of them are scored anew with the factors' voice added, so that an answer costs
//! what the history's rows cost, however large the catalogue. Only when the rows name too few is every product's vector looked at.

use super::ModelError;
use super::factors::Factors;
use super::relations::{Relations, Scores};
use crate::id::Ordinal;
use crate::stdx::topk::{Score, TopK};
use roaring::RoaringBitmap;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Candidates that are scored with the factors, for one answer that is wanted; at least [`CANDIDATES_MIN`].
const CANDIDATES_PER_ANSWER: usize = 10;
/// So many even when one answer is wanted.
const CANDIDATES_MIN: usize = 400;

/// Of products that pass, no more than one in so many of all are looked at one by one: looking at all in their order costs less.
const ONE_BY_ONE: u64 = 8;

/// Where products are looked for that the rows of a history do not name.
pub struct Beyond<'a> {
    /// Nowhere, when they name so many.
    pub enough: usize,
    /// Among those that pass a filter, where not all do: asked for only when they are looked for.
    pub passing: &'a dyn Fn() -> Option<&'a RoaringBitmap>,
}

/// Relations with the factors that were learnt beside them, if any were.
#[derive(Debug)]
pub struct Taste {
    relations: Relations,
    factors: Option<Factors>,
}

impl Taste {
    /// Puts together what was learnt together.
    ///
    /// # Errors
    /// When the factors were learnt beside other relations.
    pub fn of(relations: Relations, factors: Option<Factors>) -> Result<Self, ModelError> {
        if factors.as_ref().is_some_and(|factors| factors.relations_checksum() != relations.checksum()) {
            return Err(ModelError::Input("the factors were learnt beside other relations".to_owned()));
        }
        Ok(Self { relations, factors })
    }

    /// Maps `relations.bin` and, where it is, `factors.bin` in the folder of models. None when there are no relations.
    ///
    /// # Errors
    /// When a file is damaged, or one was written without the other: they are replaced one after the other, so ask again later.
    pub fn open(models: &Path) -> Result<Option<Self>, ModelError> {
        let [relations, factors] = Self::files(models);
        if !relations.exists() {
            return Ok(None);
        }
        let found = if factors.exists() { Some(Factors::open(&factors)?) } else { None };
        Self::of(Relations::open(&relations)?, found).map(Some)
    }

    /// Where the files lie: relations, factors.
    #[must_use]
    pub fn files(models: &Path) -> [PathBuf; 2] {
        ["relations.bin", "factors.bin"].map(|name| models.join(name))
    }

    /// Writes the files; without factors an old file of factors is removed.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, models: &Path) -> Result<(), ModelError> {
        let [relations, factors] = Self::files(models);
        match &self.factors {
            Some(found) => found.save(&factors)?,
            None if factors.exists() => {
                std::fs::remove_file(&factors)
                    .map_err(|error| ModelError::inconsistent(&factors, format!("cannot be removed: {error}")))?;
            }
            None => {}
        }
        self.relations.save(&relations)
    }

    /// The item-to-item table.
    #[must_use]
    pub fn relations(&self) -> &Relations {
        &self.relations
    }

    /// The low-rank voice.
    #[must_use]
    pub fn factors(&self) -> Option<&Factors> {
        self.factors.as_ref()
    }

    /// The same for products of other ordinals: the n-th of `ordinals`, which ascend, stands where the n-th stood here.
    ///
    /// # Errors
    /// When there would be more than 2³² pairs.
    pub fn renumbered(self, ordinals: &[Ordinal]) -> Result<Self, ModelError> {
        if ordinals.last().is_none_or(|last| last.index() + 1 == ordinals.len()) {
            return Ok(self);
        }
        let relations = self.relations.renumbered(ordinals)?;
        let factors = self.factors.map(|factors| factors.renumbered(ordinals).beside(relations.recency(), relations.checksum()));
        Self::of(relations, factors)
    }

    /// The `limit` products that go best with a history (oldest first) among those that `accept` says yes to, best first.
    pub fn next(&self, history: &[Ordinal], limit: usize, scores: &mut Scores, accept: impl Fn(Ordinal) -> bool) -> Vec<(Ordinal, f32)> {
        self.next_beyond(history, limit, &Beyond { enough: limit, passing: &|| None }, scores, accept)
    }

    /// The same, told when and where to look beyond what the rows of the history name.
    pub fn next_beyond(
        &self,
        history: &[Ordinal],
        limit: usize,
        beyond: &Beyond<'_>,
        scores: &mut Scores,
        accept: impl Fn(Ordinal) -> bool,
    ) -> Vec<(Ordinal, f32)> {
        let Some(factors) = &self.factors else { return self.relations.next(history, self.relations.recency(), limit, scores, accept) };
        let wanted = (limit * CANDIDATES_PER_ANSWER).max(CANDIDATES_MIN);
        let mut candidates = self.relations.next(history, self.relations.recency(), wanted, scores, &accept);
        if candidates.len() < limit.min(beyond.enough) {
            let known: HashSet<Ordinal> = candidates.iter().map(|(product, _)| *product).collect();
            let is_another = |product| !known.contains(&product) && accept(product);
            let few = (beyond.passing)().filter(|passing| passing.len() * ONE_BY_ONE <= factors.products_count() as u64);
            let others = match few {
                Some(passing) => factors.best_among(history, limit, passing.iter().map(Ordinal), is_another),
                None => factors.best(history, limit, is_another),
            };
            candidates.extend(others.into_iter().map(|(product, _)| (product, 0.0)));
        }
        let folded = factors.fold(history);
        let mut top = TopK::new(limit);
        for (product, score) in candidates {
            top.push((Score(score + factors.score_folded(&folded, product)), Reverse(product)));
        }
        top.into_descending().into_iter().map(|(Score(score), Reverse(product))| (product, score)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relations() -> Relations {
        let row = |pairs: &[(u32, f32)]| pairs.iter().map(|&(product, weight)| (Ordinal(product), weight)).collect();
        Relations::from_rows([row(&[(1, 1.0), (2, 0.9)]), vec![], vec![], vec![]]).expect("is consistent")
    }

    fn factors() -> Factors {
        let vectors = vec![1.0, 0.0, 0.5, 0.4];
        Factors::from_parts(1, vectors, vec![1.0; 4], vec![1.0; 4]).expect("is consistent").beside(0.0, relations().checksum())
    }

    #[test]
    fn factors_have_a_voice_and_fill_what_relations_leave_open() {
        let taste = Taste::of(relations(), Some(factors())).expect("belong together");
        let mut scores = Scores::default();
        let not_own = |product| product != Ordinal(0);
        assert_eq!(taste.next(&[Ordinal(0)], 2, &mut scores, not_own), [(Ordinal(2), 1.4), (Ordinal(1), 1.0)]);
        assert_eq!(taste.next(&[Ordinal(0)], 9, &mut scores, not_own), [(Ordinal(2), 1.4), (Ordinal(1), 1.0), (Ordinal(3), 0.4)]);
        let alone = Taste::of(relations(), None).expect("need no factors");
        assert_eq!(alone.next(&[Ordinal(0)], 9, &mut scores, not_own), [(Ordinal(1), 1.0), (Ordinal(2), 0.9)]);
    }

    /// Under a narrow filter every `for_you` looked at each product of the shop.
    #[test]
    fn what_rows_do_not_name_is_looked_for_where_it_can_be_and_only_if_too_little_is_named() {
        let products_count = 1_000_u32;
        let relations = || {
            let first = vec![(Ordinal(1), 1.0), (Ordinal(2), 0.9), (Ordinal(3), 0.8)];
            Relations::from_rows(std::iter::once(first).chain((1..products_count).map(|_| vec![]))).expect("is consistent")
        };
        let ones = vec![1.0; products_count as usize];
        let factors = Factors::from_parts(1, ones.clone(), ones.clone(), ones).expect("is consistent").beside(0.0, relations().checksum());
        let taste = Taste::of(relations(), Some(factors)).expect("belong together");
        let narrow: RoaringBitmap = [2, 3, 700, 800].into_iter().collect();
        let asked = |enough: usize, passing: Option<&RoaringBitmap>| {
            let tried = std::cell::Cell::new(0);
            let accept = |product: Ordinal| {
                tried.set(tried.get() + 1);
                passing.is_none_or(|passing| passing.contains(product.0)) && product != Ordinal(0)
            };
            let beyond = Beyond { enough, passing: &|| passing };
            let found = taste.next_beyond(&[Ordinal(0)], 100, &beyond, &mut Scores::default(), accept);
            (found.iter().map(|(product, _)| product.0).collect::<Vec<_>>(), tried.get())
        };
        assert_eq!(asked(2, Some(&narrow)), (vec![2, 3], 3), "two are enough");
        assert_eq!(asked(20, Some(&narrow)), (vec![2, 3, 700, 800], 5), "two more pass");
        assert_eq!(asked(3, None), (vec![1, 2, 3], 3));
        assert_eq!(asked(20, None).0.len(), 100);
    }

    #[test]
    fn tastes_are_the_same_among_other_ordinals() {
        let taste = || Taste::of(relations(), Some(factors())).expect("belong together");
        let (mut scores, ordinals) = (Scores::default(), [2, 3, 5, 9].map(Ordinal));
        let spread = taste().renumbered(&ordinals).expect("is consistent");
        let here = taste().next(&[Ordinal(0)], 9, &mut scores, |product| product != Ordinal(0));
        let there = spread.next(&[Ordinal(2)], 9, &mut scores, |product| product != Ordinal(2));
        assert_eq!(there, here.iter().map(|(product, score)| (ordinals[product.index()], *score)).collect::<Vec<_>>());
        assert_eq!((there.len(), spread.relations().products_count()), (3, 10));
        assert_eq!(spread.next(&[Ordinal(4)], 9, &mut scores, |_| true), []);
    }

    #[test]
    fn files_open_together_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(Taste::open(folder.path()).expect("nothing is fine").is_none());
        Taste::of(relations(), Some(factors())).expect("belong together").save(folder.path()).expect("saves");
        assert!(Taste::open(folder.path()).expect("opens").is_some_and(|taste| taste.factors().is_some()));
        factors().beside(0.0, 1).save(&Taste::files(folder.path())[1]).expect("saves");
        assert!(Taste::open(folder.path()).is_err());
        Taste::of(relations(), None).expect("need no factors").save(folder.path()).expect("saves");
        assert!(Taste::open(folder.path()).expect("opens").is_some_and(|taste| taste.factors().is_none()));
    }
}
