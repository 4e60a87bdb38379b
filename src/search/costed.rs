//! The best completions of a prefix without looking at the others.
//!
//! Keys stand in a finite-state transducer with a *cost*, low for what is wanted most. Such a transducer keeps each cost as early on the
//! way to the key as it can, so the cost gathered at any state is exactly the lowest of all keys behind it (M. Mohri, "Finite-State
//! Transducers in Language and Speech Processing", 1997). A best-first walk therefore meets keys in the order of their cost.

use crate::stdx::mapped::{MappedError, MappedFile};
use fst::raw::{CompiledAddr, Fst, Output};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// States that a walk may open: some hundred times what ten completions need.
const STATES_MAX: usize = 20_000;

/// One section of a mapped file, as bytes that own their file.
#[derive(Debug, Clone)]
pub(super) struct Section {
    file: Arc<MappedFile>,
    index: usize,
}

impl AsRef<[u8]> for Section {
    fn as_ref(&self) -> &[u8] {
        self.file.bytes(self.index).unwrap_or_default()
    }
}

/// Keys with costs, in a section of a mapped file.
#[derive(Clone)]
pub(super) struct Costed(Fst<Section>);

impl std::fmt::Debug for Costed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Costed({} keys)", self.0.len())
    }
}

impl Costed {
    /// Opens section `index` of `file`.
    pub(super) fn open(file: &Arc<MappedFile>, index: usize) -> Result<Self, String> {
        file.bytes(index).map_err(|error: MappedError| error.to_string())?;
        Fst::new(Section { file: Arc::clone(file), index }).map(Self).map_err(|error| error.to_string())
    }

    /// Bytes of a section that holds these keys, which must rise.
    pub(super) fn encode<K: AsRef<[u8]>>(keys: impl Iterator<Item = (K, u64)>) -> Result<Vec<u8>, String> {
        fst::Map::from_iter(keys).map(|map| map.into_fst().into_inner()).map_err(|error| error.to_string())
    }

    /// The cost of a key.
    pub(super) fn get(&self, key: &str) -> Option<u64> {
        self.0.get(key).map(Output::value)
    }

    /// The transducer itself, for automata.
    pub(super) fn fst(&self) -> &Fst<Section> {
        &self.0
    }

    /// The `count` keys of least cost that start with `prefix`, best first.
    pub(super) fn complete(&self, prefix: &str, count: usize) -> Vec<(String, u64)> {
        let Some((address, cost)) = self.walk(prefix) else { return Vec::new() };
        let mut found = Vec::new();
        let mut open = BinaryHeap::from([Reverse(Step { cost, key: prefix.as_bytes().to_vec(), state: Some(address) })]);
        for _ in 0..STATES_MAX {
            let Some(Reverse(step)) = open.pop() else { break };
            let Some(address) = step.state else {
                found.extend(String::from_utf8(step.key).ok().map(|key| (key, step.cost)));
                if found.len() >= count {
                    break;
                }
                continue;
            };
            let node = self.0.node(address);
            if node.is_final() {
                open.push(Reverse(Step { cost: step.cost + node.final_output().value(), key: step.key.clone(), state: None }));
            }
            for transition in node.transitions() {
                let mut key = step.key.clone();
                key.push(transition.inp);
                open.push(Reverse(Step { cost: step.cost + transition.out.value(), key, state: Some(transition.addr) }));
            }
        }
        found
    }

    /// The least cost of the keys that start with `prefix`, which is not empty.
    pub(super) fn least(&self, prefix: &str) -> Option<u64> {
        self.walk(prefix).map(|(_, cost)| cost)
    }

    fn walk(&self, prefix: &str) -> Option<(CompiledAddr, u64)> {
        let mut node = self.0.root();
        let mut cost = 0;
        for byte in prefix.bytes() {
            let transition = node.transition(node.find_input(byte)?);
            cost += transition.out.value();
            node = self.0.node(transition.addr);
        }
        Some((node.addr(), cost))
    }
}

/// A state on the way, or a key that is complete (no state). Of equal costs the longer key goes first, which ends walks soon.
#[derive(PartialEq, Eq)]
struct Step {
    cost: u64,
    key: Vec<u8>,
    state: Option<CompiledAddr>,
}

impl Ord for Step {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let rank = |step: &Self| (step.cost, step.state.is_some(), Reverse(step.key.len()));
        rank(self).cmp(&rank(other)).then_with(|| self.key.cmp(&other.key))
    }
}

impl PartialOrd for Step {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stdx::mapped::write_sections;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn costed(keys: &BTreeMap<String, u64>) -> (Costed, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keys");
        write_sections(&path, *b"test", &[&Costed::encode(keys.iter().map(|(key, &cost)| (key, cost))).expect("rises")]).expect("writes");
        let file = Arc::new(MappedFile::open(&path, *b"test").expect("opens"));
        (Costed::open(&file, 0).expect("opens"), folder)
    }

    proptest! {
        #[test]
        fn completions_are_those_of_least_cost(
            keys in prop::collection::btree_map("[abé]{1,5}", 0_u64..50, 0..60), prefix in "[abé]{0,2}", count in 1_usize..8,
        ) {
            let (costed, _folder) = costed(&keys);
            let mut expected: Vec<u64> = keys.iter().filter(|(key, _)| key.starts_with(&prefix)).map(|(_, &cost)| cost).collect();
            expected.sort_unstable();
            expected.truncate(count);
            prop_assert!(prefix.is_empty() || costed.least(&prefix) == expected.first().copied());
            let found = costed.complete(&prefix, count);
            for (key, cost) in &found {
                prop_assert!(key.starts_with(&prefix) && keys.get(key) == Some(cost));
            }
            prop_assert_eq!(found.iter().map(|(_, cost)| *cost).collect::<Vec<_>>(), expected);
        }
    }
}
