//! Counts of one match set without a filter, remembered beside it: the words and prices of products do not change unless the set does. What a filter
//! leaves of them is what it leaves out taken away.

use super::keywords::Counts;
use super::plan::{Kind, Plan};
use super::spec::Spec;
use crate::search::columns::FieldId;
use crate::search::{FacetCounts, FacetNode};
use std::sync::{Arc, Mutex};

/// Bytes that the counts of one match set may take, about: some eight facets of twenty values, and what they were chosen from.
pub const ROOM: usize = 32 << 10;
/// What a value takes beside its text.
const VALUE_WEIGHT: usize = size_of::<FacetNode>();

/// What was counted. Nobody waits: who meets another thread here counts for itself.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    facets: Vec<(Spec, FacetCounts)>,
    words: Vec<(FieldId, Arc<Counts>)>,
    ranges: Vec<(Spec, Arc<Ranged>)>,
    weight: usize,
}

/// The numbers of a facet, counted in ranges.
#[derive(Debug, PartialEq)]
pub(super) struct Ranged {
    /// Smallest and largest number as bits, if there are any.
    pub(super) ends: Option<(u64, u64)>,
    /// Products in each range.
    pub(super) counts: Vec<u64>,
}

impl Memory {
    /// The counts of a facet, made by `count` unless they are remembered or move with live numbers.
    pub(super) fn of(&self, plan: &Plan, count: impl FnOnce() -> FacetCounts) -> FacetCounts {
        if matches!(plan.kind, Kind::Live(..) | Kind::Available) {
            return count();
        }
        self.remembered(&plan.spec, |known| &mut known.facets, weight_of, count)
    }

    /// The words of a field, counted by `count` unless they are remembered.
    pub(super) fn words(&self, field: FieldId, count: impl FnOnce() -> Counts) -> Arc<Counts> {
        let weight = |counts: &Arc<Counts>| size_of_val(counts.as_slice());
        self.remembered(&field, |known| &mut known.words, weight, || Arc::new(count()))
    }

    /// The numbers of a facet in its ranges, counted by `count` unless they are remembered.
    pub(super) fn ranges(&self, spec: &Spec, count: impl FnOnce() -> Ranged) -> Arc<Ranged> {
        let weight = |ranged: &Arc<Ranged>| size_of::<Spec>() + size_of_val(ranged.counts.as_slice());
        self.remembered(spec, |known| &mut known.ranges, weight, || Arc::new(count()))
    }

    fn remembered<K: PartialEq + Clone, V: Clone>(
        &self,
        key: &K,
        list: impl Fn(&mut Known) -> &mut Vec<(K, V)>,
        weight: impl Fn(&V) -> usize,
        make: impl FnOnce() -> V,
    ) -> V {
        let get = |known: &mut Known| list(known).iter().find(|(other, _)| other == key).map(|(_, value)| value.clone());
        if let Some(value) = self.0.try_lock().ok().and_then(|mut known| get(&mut known)) {
            return value;
        }
        let value = make();
        if let Ok(mut known) = self.0.try_lock() {
            let weight = known.weight + weight(&value);
            if weight <= ROOM && get(&mut known).is_none() {
                known.weight = weight;
                list(&mut known).push((key.clone(), value.clone()));
            }
        }
        value
    }
}

fn weight_of(counts: &FacetCounts) -> usize {
    let values = counts.values.iter().map(|value| VALUE_WEIGHT + value.value.len());
    let nodes = counts.tree.iter().flatten().map(weight_below);
    size_of::<(Spec, FacetCounts)>() + values.sum::<usize>() + nodes.sum::<usize>()
}

/// Trees are as deep as a request may ask for, which is not much.
fn weight_below(node: &FacetNode) -> usize {
    let own = VALUE_WEIGHT + node.name.len() + node.value.value.len();
    own + node.children.iter().map(weight_below).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::FacetValue;

    fn counts(values: usize) -> FacetCounts {
        let value = |number: usize| FacetValue { value: format!("value {number}"), count: 1, ..FacetValue::default() };
        FacetCounts { values: (0..values).map(value).collect(), ..FacetCounts::default() }
    }

    fn facet(memory: &Memory, spec: &Spec, made: FacetCounts) -> FacetCounts {
        memory.remembered(spec, |known| &mut known.facets, weight_of, || made)
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let memory = Memory::default();
        for number in 0..100 {
            facet(&memory, &Spec::plain(&format!("field{number}")), counts(20));
        }
        let known = memory.0.lock().expect("no thread died");
        assert!(known.weight <= ROOM && known.weight > ROOM / 2, "{}", known.weight);
        assert!(known.facets.len() > 4 && known.facets.len() < 100);
    }

    #[test]
    fn the_same_field_with_other_options_is_another_facet() {
        let memory = Memory::default();
        facet(&memory, &Spec::plain("brand"), counts(3));
        assert_eq!(facet(&memory, &Spec::plain("brand"), counts(9)), counts(3));
        assert_eq!(facet(&memory, &Spec { limit: 2, ..Spec::plain("brand") }, counts(2)), counts(2));
        assert_eq!(facet(&memory, &Spec::plain("colour"), counts(1)), counts(1));
    }

    #[test]
    fn who_meets_another_thread_counts_for_itself() {
        let memory = Memory::default();
        memory.words(FieldId::BRAND, || vec![(1, 2)]);
        let held = memory.0.lock().expect("no thread died");
        assert_eq!(*memory.words(FieldId::BRAND, || vec![(7, 8)]), [(7, 8)]);
        drop(held);
        assert_eq!(*memory.words(FieldId::BRAND, || vec![(7, 8)]), [(1, 2)]);
    }
}
