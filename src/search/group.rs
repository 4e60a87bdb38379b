//! Groups: a page of the values of a field, each with its best products, in the order of the best product of each.
//!
//! A product stands in one group, so the groups' totals add up to the total. Where it has several values the first by text counts, of a
//! category path the deepest node; products without a value are one group.

use super::columns::{FieldId, TermId};
use super::fields::FieldRef;
use super::filter::Scope;
use super::matched::Match;
use super::place::{GROUPS_MAX, Place};
use super::ranking::{Page, Ranked, Ranking};
use super::request::{GroupBy, HITS_MAX};
use super::sort::Key;
use super::{SearchError, values};
use crate::id::Ordinal;
use crate::stdx::digest::blake3;
use crate::stdx::topk::TopK;
use crate::text;
use std::collections::HashMap;

/// Most products of one group.
pub const GROUP_LIMIT_MAX: usize = 20;

/// A group of a page.
pub struct Grouped {
    /// Its value; none for products without one.
    pub value: Option<TermId>,
    /// How many products stand in it.
    pub total: u64,
    /// Its best products.
    pub page: Page,
}

/// A page of groups.
pub struct Groups {
    /// Best first.
    pub groups: Vec<Grouped>,
    /// How many groups there are: as many as paging reaches.
    pub groups_total: u64,
    /// Where the next page starts; none when nothing follows.
    pub next: Option<Place>,
}

/// The place of a value among those of its field; none for products without one.
type Value = Option<u32>;

/// The field that a request groups by.
///
/// # Errors
/// An unknown field, one without values that several products can share, or more hits on a page than there may be.
pub fn field_of(by: &GroupBy, limit: usize, scope: Scope<'_>) -> Result<FieldId, SearchError> {
    let refused = |field, reason| Err(SearchError::Invalid { field, reason });
    if !(1..=GROUP_LIMIT_MAX).contains(&by.limit) {
        return refused("group_limit", format!("must be between 1 and {GROUP_LIMIT_MAX}"));
    }
    if by.limit * limit > HITS_MAX {
        return refused("group_limit", format!("limit times group_limit is at most {HITS_MAX}"));
    }
    match FieldRef::named(&by.field, scope.columns, scope.market) {
        None => refused("group_by", format!("unknown field `{}`", by.field)),
        Some(FieldRef::Column(id)) if id.is_naming() => refused("group_by", format!("`{}` names single products", by.field)),
        Some(FieldRef::Column(id)) if scope.columns.dictionary().field(id).terms.is_empty() => {
            refused("group_by", format!("`{}` has no texts to group by", by.field))
        }
        Some(FieldRef::Column(id)) => Ok(id),
        Some(FieldRef::Price(_) | FieldRef::Available | FieldRef::Live(_)) => {
            refused("group_by", format!("`{}` has no texts to group by", by.field))
        }
    }
}

/// Products that the second phase looked at.
type Window = HashMap<Ordinal, Ranked>;

/// A match with its place among all.
fn ranked(ranking: Ranking<'_>, window: &Window, found: &Match) -> Ranked {
    let first = || Ranked { found: *found, key: ranking.first_key(found), score: ranking.scorer.first(found), variety: 1.0 };
    window.get(&found.ordinal).copied().unwrap_or_else(first)
}

/// What is known of a group after one pass.
#[derive(Clone, Copy)]
struct Tally {
    best: Key,
    total: u64,
}

/// The best `limit` groups of those that the place has not shown, each with its best `group_limit` products.
#[must_use]
pub fn page(ranking: Ranking<'_>, field: FieldId, group_limit: usize, place: &Place, limit: usize) -> Groups {
    let window: Window = ranking.window().into_iter().map(|ranked| (ranked.found.ordinal, ranked)).collect();
    let (tallies, values_in_order) = tallied(ranking, &window, field);
    let number = |value: Value| number_of(value, field, ranking.scope);
    // Of the best groups at most as many as were shown are left out.
    let mut best = TopK::new(place.shown.len() + limit + 1);
    let open = tallies.iter().filter(|(_, tally)| !place.is_above_floor(tally.best));
    open.for_each(|(value, tally)| best.push((tally.best, *value)));
    let ordered = best.into_descending().into_iter().map(|(key, value)| (number(value), key, value));
    let mut following: Vec<(u64, Key, Value)> = ordered.filter(|(number, ..)| place.shown.binary_search(number).is_err()).collect();
    let has_more = limit > 0 && following.len() > limit;
    following.truncate(limit);
    let next = has_more.then(|| {
        let now = if place.is_nearly_full(limit, GROUPS_MAX) { standing(&tallies, place, number) } else { Vec::new() };
        let shown: Vec<(u64, Key)> = following.iter().map(|(number, key, _)| (*number, *key)).collect();
        place.after(&shown, now, GROUPS_MAX)
    });
    let chosen: Vec<Value> = following.into_iter().map(|(_, _, value)| value).collect();
    let pages = best_of(ranking, &window, &chosen, &values_in_order, group_limit);
    let known = terms_of(field, ranking.scope);
    let term = |value: Value| value.and_then(|place| known.get(place as usize).copied());
    let groups = chosen.iter().zip(pages).map(|(value, page)| {
        let total = tallies.get(value).map_or(0, |tally| tally.total);
        Grouped { value: term(*value), total, page }
    });
    Groups { groups: groups.collect(), groups_total: tallies.len() as u64, next }
}

/// Every group with its best key and total, and the group of each match in the order of matches.
fn tallied(ranking: Ranking<'_>, window: &Window, field: FieldId) -> (HashMap<Value, Tally>, Vec<Value>) {
    let first_by_text = ranking.scope.columns.dictionary().text_ranks(field);
    let mut tallies: HashMap<Value, Tally> = HashMap::new();
    let mut values_in_order = Vec::with_capacity(ranking.within.len() as usize);
    ranking.each(|found, _| {
        let mut value: Value = None;
        values::each_place(field, found.ordinal, ranking.scope, ranking.filter, &mut |place| {
            if value.is_none_or(|known| known != place && first_by_text.rank(place) < first_by_text.rank(known)) {
                value = Some(place);
            }
        });
        let key = ranked(ranking, window, &found).key;
        let tally = tallies.entry(value).or_insert(Tally { best: key, total: 0 });
        tally.best = tally.best.max(key);
        tally.total += 1;
        values_in_order.push(value);
    });
    (tallies, values_in_order)
}

fn terms_of(field: FieldId, scope: Scope<'_>) -> &[TermId] {
    &scope.columns.dictionary().field(field).terms
}

/// The best products of each chosen group.
fn best_of(ranking: Ranking<'_>, window: &Window, chosen: &[Value], values_in_order: &[Value], group_limit: usize) -> Vec<Page> {
    let at: HashMap<Value, usize> = chosen.iter().enumerate().map(|(at, value)| (*value, at)).collect();
    let mut tops: Vec<TopK<(Key, u32)>> = chosen.iter().map(|_| TopK::new(group_limit)).collect();
    let mut values = values_in_order.iter();
    ranking.each(|found, index| {
        if let Some(at) = values.next().and_then(|value| at.get(value)) {
            tops[*at].push((ranked(ranking, window, &found).key, index));
        }
    });
    let hits = |top: TopK<(Key, u32)>| top.into_descending().into_iter().map(|(_, index)| ranked(ranking, window, &ranking.found(index)));
    tops.into_iter().map(|top| Page { hits: hits(top).collect(), next: None, demoted_count: 0 }).collect()
}

/// Where the groups that were shown stand now.
fn standing(tallies: &HashMap<Value, Tally>, place: &Place, number: impl Fn(Value) -> u64) -> Vec<(Key, u64)> {
    let numbered = tallies.iter().map(|(value, tally)| (tally.best, number(*value)));
    numbered.filter(|(_, number)| place.shown.binary_search(number).is_ok()).collect()
}

/// A number that names a group in cursors: 48 bits of its value's digest, because places among values change with a rebuild. Among a
/// hundred thousand groups one in four million pages could miss one.
fn number_of(value: Value, field: FieldId, scope: Scope<'_>) -> u64 {
    let Some(term) = value.and_then(|place| terms_of(field, scope).get(place as usize)) else { return 0 };
    let digest = blake3(&[text::fold(scope.columns.dictionary().text(*term)).as_bytes()]);
    digest[..6].iter().fold(0, |number, byte| number << 8 | u64::from(*byte)).max(1)
}
