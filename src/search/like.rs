//! More like this: products near in meaning to given ones, united with those that share their most telling words.
//!
//! As for words, the match set is made before any filter, so totals, facets and pages agree. Without vectors the words alone decide.

use super::columns::MarketId;
use super::index::{Telling, TextQuery};
use super::matched::{Match, Matched, Share, Similarity};
use super::matching::NEIGHBOURS_BELOW;
use super::meaning::share_above;
use super::request::Mode;
use super::{Moment, Request, SearchError};
use crate::catalog::Product;
use crate::id::Ordinal;
use crate::model::ann::Among;
use crate::stdx::clock::Deadline;
use roaring::RoaringBitmap;
use std::collections::BTreeMap;

/// Most products that one search is about.
pub const LIKE_MAX: usize = 10;
/// Words of the products that are looked for.
const WORDS_MAX: usize = 16;
/// One word in so many has to be shared.
const WORDS_SHARE: usize = 4;

/// Finds the products that are like those of the request and, if they are offered anywhere, in `market`.
///
/// # Errors
/// An unknown product, too many of them, words beside them, or an index that cannot be read.
pub fn matched(request: &Request, moment: &Moment, market: MarketId) -> Result<Matched, SearchError> {
    let refused = |reason| Err(SearchError::Invalid { field: "like", reason });
    if !request.q.trim().is_empty() {
        return refused("a search is about words or about products: leave q out".to_owned());
    }
    if request.like.len() > LIKE_MAX {
        return refused(format!("at most {LIKE_MAX} products"));
    }
    let mut about: BTreeMap<Ordinal, Product> = BTreeMap::new();
    for id in &request.like {
        let ordinal = moment.catalog.ordinal_of(id);
        match ordinal.and_then(|ordinal| Some((ordinal, moment.catalog.product(ordinal)?))) {
            Some((ordinal, product)) => drop(about.insert(ordinal, product)),
            None => return refused(format!("there is no product {id}")),
        }
    }
    let mut found: BTreeMap<Ordinal, Match> = BTreeMap::new();
    let mut left_out = Vec::new();
    if request.mode_in_force() != Mode::Vector {
        let products: Vec<Product> = about.values().cloned().collect();
        let telling = moment.index.text.telling_words(&products, WORDS_MAX)?;
        if !take_sharing(telling, moment, &request.deadline, &mut found)? {
            left_out.push("products found last with the same words".to_owned());
        }
    }
    if request.mode_in_force() != Mode::Text {
        take_near(about.keys().copied(), moment, &mut found);
    }
    let is_offered = moment.index.columns.offered_in(market);
    found.retain(|ordinal, _| !about.contains_key(ordinal) && is_offered(*ordinal));
    let products: RoaringBitmap = found.keys().map(|ordinal| ordinal.0).collect();
    Ok(Matched {
        matches: Some(found.into_values().collect()),
        products,
        relaxations: Vec::new(),
        worth: Vec::new(),
        entry: None,
        left_out,
    })
}

/// A product of which nothing is known yet. It is like the given ones as a whole: it lacks nothing that was asked for.
fn alike(ordinal: Ordinal) -> Match {
    Match { share: Share::WHOLE, ..Match::near(ordinal, 0.0) }
}

/// Takes the products that share the words; says whether it was all of them.
fn take_sharing(telling: Telling, moment: &Moment, deadline: &Deadline, found: &mut BTreeMap<Ordinal, Match>) -> Result<bool, SearchError> {
    let required = telling.groups.len().div_ceil(WORDS_SHARE);
    let whole = telling.score.max(f32::MIN_POSITIVE);
    moment.index.text.matches_until(&TextQuery { groups: telling.groups, required }, deadline, &mut |one| {
        // From 0 to 1 as similarity is, so that they can be added.
        let text = (one.score / whole).clamp(f32::MIN_POSITIVE, 1.0);
        found.insert(one.ordinal, Match { text, ..alike(one.ordinal) });
    })
}

/// Takes the products nearest to the middle of the given ones, and adds their similarity to those that share words.
fn take_near(about: impl Iterator<Item = Ordinal>, moment: &Moment, found: &mut BTreeMap<Ordinal, Match>) {
    let Some(vectors) = &moment.index.vectors else { return };
    let mut middle: Vec<f32> = Vec::new();
    for vector in about.filter_map(|ordinal| vectors.vector(ordinal)) {
        middle.resize(vector.len(), 0.0);
        middle.iter_mut().zip(vector).for_each(|(sum, part)| *sum += part);
    }
    let length = middle.iter().map(|part| part * part).sum::<f32>().sqrt();
    if length <= f32::EPSILON {
        return;
    }
    middle.iter_mut().for_each(|part| *part /= length);
    let cut = vectors.cut();
    for (ordinal, cosine) in vectors.nearest(&middle, NEIGHBOURS_BELOW, Among::All) {
        if cosine >= cut {
            let near = share_above(cosine, cut);
            let known = found.entry(ordinal).or_insert(alike(ordinal));
            known.similarity = Similarity::of(near);
            known.text += near;
        }
    }
}
