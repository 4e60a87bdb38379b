//! Facets: for each value of a field, what the total would be if a filter for that value were added.
//!
//! A field that the filter already constrains is counted as if its own conditions were not there (the *disjunctive* view), so that a
//! shopper sees what ticking another value of the same group would bring; a facet may ask for the *conjunctive* view. Where the filter can tell variants of a product apart, only
//! variants that pass it lend their values, because an added filter would have to hold on the same variant.
//!
//! `plan` reads what is asked for, `base` says which products each field counts, `keywords` and `numbers` count them, `shown`, `ranges` and
//! `tree` make of the counts what a page shows, `counts` holds it, `memory` keeps it and `json` writes it.

mod apart;
mod base;
mod buckets;
mod cells;
mod chosen;
mod counts;
mod filtered;
mod grounds;
mod impact;
pub mod json;
mod keywords;
mod memory;
mod number;
mod numbers;
mod plan;
mod prices;
mod ranges;
mod ratings;
mod shown;
pub mod spec;
mod tally;
mod tree;

use super::SearchError;
use super::columns::{FieldId, TermId};
use super::fields::FieldRef;
use super::filter::selection::{Choice, Selection};
use super::filter::{Filter, Scope};
use crate::stdx::clock::Deadline;
use base::{Base, Bases};
pub use counts::{FacetCounts, FacetStats, FacetValue, FacetValues};
use impact::Impact;
use keywords::Counts;
pub use memory::{Memory, Recalled};
pub use plan::Countable;
use plan::{Kind, Plan};
use prices::Prices;
use roaring::RoaringBitmap;
use spec::Spec;
use std::sync::Arc;
pub use tree::{FacetNode, FacetTree};

/// What facets are counted over.
#[derive(Clone, Copy)]
pub struct Counted<'a> {
    /// Facts, live numbers and marketplace.
    pub scope: Scope<'a>,
    /// What the words match, before any filter.
    pub candidates: &'a RoaringBitmap,
    /// The candidates that pass the filter: the match set.
    pub matches: &'a RoaringBitmap,
    /// The filter.
    pub filter: &'a Filter,
}

/// Counts each of the facets, in their order; [`spec`] says how they are written.
///
/// # Errors
/// More than [`super::request::FACETS_MAX`] facets, one that cannot be read, an unknown field, or one whose values name single products.
pub fn count(texts: &[String], counted: Counted<'_>) -> Result<Vec<Arc<FacetCounts>>, SearchError> {
    count_until(texts, counted, None, &Deadline::default()).map(|(counts, _)| counts)
}

/// The same, while there is time; then the names of those that were left out. What was counted of the same candidates before may be remembered: without a
/// filter, or where it leaves what it left before, it is taken from there, and where a filter leaves out little, that is counted and taken away.
///
/// # Errors
/// As for [`count`], whether there is time or not.
pub fn count_until(
    texts: &[String],
    counted: Counted<'_>,
    memory: Option<Recalled<'_>>,
    deadline: &Deadline,
) -> Result<(Vec<Arc<FacetCounts>>, Vec<String>), SearchError> {
    let plans = plan::plans(texts, counted)?;
    if plans.is_empty() || deadline.is_over() {
        return Ok((Vec::new(), plans.into_iter().map(|plan| plan.spec.field).collect()));
    }
    let bases = Bases::of(plans.iter().map(|plan| plan.field), counted);
    let memory = memory.map(|memory| memory.within(counted));
    let (mut counts, mut left_out) = (Vec::with_capacity(plans.len()), Vec::new());
    for (number, plan) in plans.iter().enumerate() {
        if number > 0 && deadline.is_over() {
            left_out.push(plan.spec.field.clone());
        } else {
            let count = || Arc::new(count_one(plan, &bases, counted, memory));
            counts.push(memory.map_or_else(count, |memory| memory.of(plan, &bases, counted, count)));
        }
    }
    Ok((counts, left_out))
}

/// What the field of this name holds that can be counted; none when there is no such field, or its values name single products.
#[must_use]
pub fn countable(name: &str, scope: Scope<'_>) -> Option<Countable> {
    plan::countable(FieldRef::named(name, scope.columns, scope.market)?, scope.columns)
}

fn refused(reason: String) -> SearchError {
    SearchError::Invalid { field: "facets", reason }
}

/// One facet on its way.
struct Facet<'b> {
    field: FieldRef,
    spec: &'b Spec,
    counted: Counted<'b>,
    base: &'b Base<'b>,
    selection: &'b Selection,
    impact: Option<Impact<'b>>,
    /// What was counted of the candidates before.
    memory: Option<Recalled<'b>>,
}

impl Facet<'_> {
    /// The count of a choice that is not among the counted values.
    fn total_choosing(&self, choice: Choice) -> u64 {
        // The only choice there is makes the filter what it is.
        if *self.selection.choices() == [choice] {
            return self.counted.matches.len();
        }
        self.base.filter().total_choosing(self.field, &[choice], self.counted.scope, self.base.products())
    }
}

fn count_one(plan: &Plan, bases: &Bases<'_>, counted: Counted<'_>, memory: Option<Recalled<'_>>) -> FacetCounts {
    let selection = &counted.filter.selection(plan.field);
    let impact = plan.spec.impact.then(|| Impact::of(plan.field, selection, bases, counted));
    let base = if plan.spec.conjunctive { bases.matches() } else { bases.base(plan.field) };
    let facet = Facet { field: plan.field, spec: &plan.spec, counted, base, selection, impact, memory };
    let mut counts = FacetCounts { field: plan.spec.field.clone(), ..FacetCounts::default() };
    match &plan.kind {
        Kind::Column(id, wanted) => {
            let known = counted.scope.columns.dictionary().field(*id);
            if !known.terms.is_empty() || plan.spec.levels.is_some() || !counted.filter.unheard(plan.field).is_empty() {
                count_words(*id, &facet, &mut counts);
            }
            if !known.numbered.is_empty() && plan.spec.search.is_none() {
                ranges::count(id, wanted, &facet, &mut counts);
            }
        }
        Kind::Prices(wanted) => ranges::count(&Prices(counted.scope.market), wanted, &facet, &mut counts),
        Kind::Live(number, wanted) => ranges::count(number, wanted, &facet, &mut counts),
        Kind::Available => counts.values.extend(availability(&facet)),
    }
    counts
}

/// The products of a base by the words of a field: those of what it leaves out are taken from those of all candidates where that is less to count.
fn words(field: FieldId, base: &Base<'_>, memory: Option<Recalled<'_>>) -> Counts {
    match memory.filter(Recalled::is_again).zip(base.left_out(FieldRef::Column(field))) {
        Some((memory, left_out)) => {
            let all = memory.words(field, || keywords::count(field, &base.unfiltered().view(base.scope)));
            keywords::less(&all, &keywords::count(field, &left_out))
        }
        None => keywords::count(field, &base.view(FieldRef::Column(field))),
    }
}

fn count_words(field: FieldId, facet: &Facet<'_>, counts: &mut FacetCounts) {
    let dictionary = facet.base.scope.columns.dictionary();
    let counted = words(field, facet.base, facet.memory);
    let recounted = facet.impact.as_ref().and_then(Impact::recounted).map_or_else(Counts::new, |base| words(field, base, None));
    let recounted_of = |term: TermId| count_of(&recounted, dictionary.place(term));
    let selected = facet.counted.filter.selected(facet.field);
    let describe = |term: TermId, count: u64| {
        let is_selected = selected.contains(&term);
        let impact = facet.impact.as_ref().and_then(|impact| match is_selected {
            true => impact.without(Choice::Term(term)),
            false => Some(impact.added(count, recounted_of(term))),
        });
        (is_selected, impact)
    };
    let unheard = unheard(facet);
    let room = facet.spec.limit - unheard.len();
    if room > 0 {
        let shown = shown::shown(field, &counted, &Spec { limit: room, ..facet.spec.clone() }, &selected, dictionary);
        counts.values.extend(shown.iter().map(|value| {
            let count = u64::from(value.count);
            let (selected, impact) = describe(value.term, count);
            FacetValue { value: dictionary.text(value.term), count, selected, impact, ..FacetValue::default() }
        }));
    }
    counts.values.extend(unheard);
    if let Some(levels) = facet.spec.levels {
        let terms = &dictionary.field(field).terms;
        let nodes: Vec<(TermId, u64)> = counted.iter().map(|(place, count)| (terms[*place as usize], u64::from(*count))).collect();
        counts.tree = Some(tree::tree(&nodes, levels, facet.spec, &selected, dictionary, &describe));
    }
}

/// The selected values that no product ever had: a shopper who chose one, from a link of last year perhaps, has to see it to take it back.
fn unheard<'f>(facet: &Facet<'f>) -> Vec<FacetValue<'f>> {
    let filter = facet.counted.filter;
    let texts = filter.unheard(facet.field);
    // Taking one away changes something only where it is all that is chosen.
    let is_alone = texts.len() == 1 && *facet.selection.choices() == [Choice::Unknown];
    let impact = facet.impact.as_ref().and_then(|impact| match is_alone {
        true => impact.without(Choice::Unknown),
        false => (!facet.selection.choices().is_empty()).then(|| facet.counted.matches.len()),
    });
    let value = |value| FacetValue { value, selected: true, impact, ..FacetValue::default() };
    texts.into_iter().take(facet.spec.limit).map(value).collect()
}

/// How many products have the value of this place.
fn count_of(counts: &Counts, place: u32) -> u64 {
    counts.binary_search_by_key(&place, |(known, _)| *known).map_or(0, |at| u64::from(counts[at].1))
}

fn availability(facet: &Facet<'_>) -> Vec<FacetValue<'static>> {
    // How many can be bought, and how many cannot.
    let counts = |base: &Base<'_>| {
        let (live, view) = (base.scope.live, base.view(facet.field));
        let whole = view.whole.products();
        let sold_out_count = live.sold_out_count(whole);
        let multi = base.scope.columns.multi();
        let partly_count = if multi.is_empty() { 0 } else { live.partly_sold_out(&(whole & multi)).len() };
        let mut counts = [whole.len() - sold_out_count, sold_out_count + partly_count];
        view.apart.into_iter().for_each(|apart| {
            apart.each_product(|ordinal, variants| {
                let sells =
                    variants.map(|variant| live.sells(ordinal, variant)).fold([false; 2], |has, sells| [has[0] | sells, has[1] | !sells]);
                counts.iter_mut().zip(sells).for_each(|(count, has)| *count += u64::from(has));
            });
        });
        counts
    };
    let counted = counts(facet.base);
    let recounted = facet.impact.as_ref().and_then(Impact::recounted).map_or([0; 2], counts);
    let of = |counts: [u64; 2], flag: bool| counts[usize::from(!flag)];
    let value = |flag: bool| {
        let (choice, count_of) = (Choice::Flag(flag), of(counted, flag));
        let selected = facet.selection.choices().contains(&choice);
        let impact = facet.impact.as_ref().and_then(|impact| match selected {
            true => impact.without(choice),
            false => Some(impact.added(count_of, of(recounted, flag))),
        });
        FacetValue { value: if flag { "true" } else { "false" }, count: count_of, selected, impact, ..FacetValue::default() }
    };
    let mut values = vec![value(true), value(false)];
    values.retain(|value| value.count > 0 || value.selected);
    values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(b.value)));
    values
}

#[cfg(test)]
mod memory_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod variants_tests;
