//! Counts of one match set without a filter, remembered beside it: the words and prices of products do not change unless the set does.

use super::plan::{Kind, Plan};
use super::spec::Spec;
use crate::search::{FacetCounts, FacetNode};
use std::sync::Mutex;

/// Bytes that the counts of one match set may take, about: some eight facets of twenty values.
pub const ROOM: usize = 24 << 10;
/// What a value takes beside its text.
const VALUE_WEIGHT: usize = size_of::<FacetNode>();

/// What was counted. Nobody waits: who meets another thread here counts for itself.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    counts: Vec<(Spec, FacetCounts)>,
    weight: usize,
}

impl Memory {
    /// The counts of a facet, made by `count` unless they are remembered or move with live numbers.
    pub(super) fn of(&self, plan: &Plan, count: impl FnOnce() -> FacetCounts) -> FacetCounts {
        if matches!(plan.kind, Kind::Live(..) | Kind::Available) {
            return count();
        }
        if let Some(counts) = self.get(&plan.spec) {
            return counts;
        }
        let counts = count();
        self.put(&plan.spec, &counts);
        counts
    }

    fn get(&self, spec: &Spec) -> Option<FacetCounts> {
        let known = self.0.try_lock().ok()?;
        known.counts.iter().find(|(other, _)| other == spec).map(|(_, counts)| counts.clone())
    }

    fn put(&self, spec: &Spec, counts: &FacetCounts) {
        let Ok(mut known) = self.0.try_lock() else { return };
        let weight = known.weight + weight_of(counts);
        if weight <= ROOM && known.counts.iter().all(|(other, _)| other != spec) {
            known.weight = weight;
            known.counts.push((spec.clone(), counts.clone()));
        }
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

    #[test]
    fn what_is_remembered_is_bounded() {
        let memory = Memory::default();
        for number in 0..100 {
            memory.put(&Spec::plain(&format!("field{number}")), &counts(20));
        }
        let known = memory.0.lock().expect("no thread died");
        assert!(known.weight <= ROOM && known.weight > ROOM / 2, "{}", known.weight);
        assert!(known.counts.len() > 4 && known.counts.len() < 100);
    }

    #[test]
    fn the_same_field_with_other_options_is_another_facet() {
        let memory = Memory::default();
        memory.put(&Spec::plain("brand"), &counts(3));
        assert_eq!(memory.get(&Spec::plain("brand")), Some(counts(3)));
        assert_eq!(memory.get(&Spec { limit: 2, ..Spec::plain("brand") }), None);
        assert_eq!(memory.get(&Spec::plain("colour")), None);
    }
}
