//! Products that what is typed names, or begins to.

use super::{Asker, ProductSuggestion, Typed};
use crate::id::Ordinal;
use crate::search::dense::DenseSet;
use crate::search::index::{SearchSnapshot, TermGroup, TextQuery};
use crate::search::{Moment, SearchError};
use crate::stdx::topk::{Score, TopK};
use crate::text;
use roaring::RoaringBitmap;
use std::cmp::Reverse;

/// Products are offered once so many letters are typed; fewer stand for nearly everything.
const PRODUCT_LETTERS_MIN: usize = 2;
/// Of the best products so many may be hidden by merchants before all are looked through once more.
const HIDDEN_MAX: usize = 32;
/// Words that a beginning may go on to which are looked at as things.
const THINGS_MAX: usize = 4;
/// What a product counts that is the thing itself, against what only says its name.
const THING: f32 = 3.0;

pub(super) fn products(moment: &Moment, typed: &Typed, limit: usize, asker: Asker<'_>) -> Result<Vec<ProductSuggestion>, SearchError> {
    if typed.words.iter().map(|word| word.chars().count()).sum::<usize>() < PRODUCT_LETTERS_MIN {
        return Ok(Vec::new());
    }
    let Moment { index, signals, .. } = moment;
    let query = typed.query(&index.vocabulary);
    let things = things(index, typed)?;
    let best = |hidden: &RoaringBitmap| -> Result<Vec<Ordinal>, SearchError> {
        let mut best: TopK<(Score, Reverse<Ordinal>)> = TopK::new(limit + HIDDEN_MAX);
        index.text.matches(&query, &mut |found| {
            let ordinal = found.ordinal;
            if asker.may_see(ordinal) && !hidden.contains(ordinal.0) {
                let worth = if things.contains(ordinal) { THING } else { 1.0 };
                best.push((Score(found.score * worth * signals.prior(ordinal)), Reverse(ordinal)));
            }
        })?;
        Ok(best.into_descending().into_iter().map(|(_, Reverse(ordinal))| ordinal).collect())
    };
    let first = best(&RoaringBitmap::new())?;
    let is_cut = first.len() == limit + HIDDEN_MAX;
    let products = shown(moment, first, limit, asker);
    if products.len() == limit || !is_cut {
        return Ok(products);
    }
    // Merchants hide more of the best than they do as a rule.
    Ok(shown(moment, best(&moment.hidden(asker.onlooker, index.columns.live()))?, limit, asker))
}

/// Puts the products that what is typed names by identifier, or by the beginning or middle of one, before those that hold it.
pub(super) fn identified(
    moment: &Moment,
    typed: &str,
    limit: usize,
    asker: Asker<'_>,
    products: &mut Vec<ProductSuggestion>,
) -> Result<(), SearchError> {
    let named = shown(moment, moment.index.text.identifiers(typed)?, limit, asker);
    products.retain(|product| named.iter().all(|named| named.id != product.id));
    products.splice(..0, named);
    products.truncate(limit);
    Ok(())
}

/// The first of some products that are not hidden.
fn shown(moment: &Moment, mut best: Vec<Ordinal>, limit: usize, asker: Asker<'_>) -> Vec<ProductSuggestion> {
    let hidden = moment.hidden(asker.onlooker, &best.iter().map(|ordinal| ordinal.0).collect());
    best.retain(|ordinal| asker.may_see(*ordinal) && !hidden.contains(ordinal.0));
    let product = |ordinal| moment.catalog.product(ordinal).map(|product| ProductSuggestion { id: product.id, title: product.title });
    best.into_iter().take(limit).filter_map(product).collect()
}

/// The products that titles call what the last word is, or begins: of `laptop` the laptops, and none of their sleeves and chargers.
fn things(index: &SearchSnapshot, typed: &Typed) -> Result<DenseSet, SearchError> {
    let mut things = DenseSet::below(index.columns.ordinals_end());
    let Some(last) = typed.words.last() else { return Ok(things) };
    let begun = if typed.open { index.vocabulary.complete(last, THINGS_MAX) } else { Vec::new() };
    let mut terms: Vec<String> = begun.into_iter().chain([text::term_of(last)]).map(|term| text::marked_thing(&term)).collect();
    terms.sort_unstable();
    terms.dedup();
    let group = TermGroup { terms: terms.into_iter().map(|term| (term, 1.0)).collect(), ..TermGroup::default() };
    index.text.matches(&TextQuery { groups: vec![group], required: 1 }, &mut |found| {
        things.insert(found.ordinal);
    })?;
    Ok(things)
}
