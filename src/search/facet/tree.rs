//! Categories as a tree. Every node counts the products at it and below it, each once.

use super::spec::Arrangement;
use crate::search::columns::{Dictionary, TermId};
use crate::search::{FacetNode, FacetValue};
use crate::text;
use std::collections::{HashMap, HashSet};

/// Most nodes of one tree; the most frequent ones stay, with everything above them.
const NODES_MAX: usize = 1_000;

/// What there is to say about a node, by its value.
pub(super) type Describe<'a> = dyn Fn(TermId, u64) -> FacetValue + 'a;

/// The roots of the tree of counted nodes, at most `levels` deep. Selected ones and the nodes above them are there whatever their count and
/// depth.
pub(super) fn roots(
    counts: &[(TermId, u64)],
    levels: usize,
    arrangement: Arrangement,
    selected: &[TermId],
    dictionary: &Dictionary,
    describe: &Describe<'_>,
) -> Vec<FacetNode> {
    let counted: HashMap<TermId, u64> = counts.iter().copied().collect();
    let mut kept: HashSet<TermId> = selected.iter().flat_map(|term| path_up(*term, dictionary)).collect();
    let mut others: Vec<(u64, usize, TermId)> = counts
        .iter()
        .map(|(term, count)| (*count, path_up(*term, dictionary).count(), *term))
        .filter(|(_, level, _)| *level <= levels)
        .collect();
    // No node has more products than the one above it, and of equals the upper comes first: what is kept hangs together.
    others.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    kept.extend(others.into_iter().take(NODES_MAX).map(|(_, _, term)| term));
    let mut below: HashMap<Option<TermId>, Vec<TermId>> = HashMap::new();
    kept.into_iter().for_each(|term| below.entry(dictionary.parent(term)).or_default().push(term));
    let tree = Tree { counted, below, arrangement, dictionary, describe };
    tree.nodes(None)
}

fn path_up(term: TermId, dictionary: &Dictionary) -> impl Iterator<Item = TermId> {
    std::iter::successors(Some(term), |term| dictionary.parent(*term))
}

struct Tree<'a> {
    counted: HashMap<TermId, u64>,
    below: HashMap<Option<TermId>, Vec<TermId>>,
    arrangement: Arrangement,
    dictionary: &'a Dictionary,
    describe: &'a Describe<'a>,
}

impl Tree<'_> {
    /// The nodes right below one; as deep as a category's path, which is bounded.
    fn nodes(&self, above: Option<TermId>) -> Vec<FacetNode> {
        let terms = self.below.get(&above).map_or(&[][..], Vec::as_slice);
        let mut nodes: Vec<FacetNode> = terms.iter().map(|term| self.node(*term)).collect();
        let name = |node: &FacetNode| (text::fold(&node.name), node.name.clone());
        match self.arrangement {
            Arrangement::Count => nodes.sort_by(|a, b| b.value.count.cmp(&a.value.count).then_with(|| a.value.value.cmp(&b.value.value))),
            Arrangement::Alphabetical => nodes.sort_by_cached_key(name),
        }
        nodes
    }

    fn node(&self, term: TermId) -> FacetNode {
        let value = (self.describe)(term, self.counted.get(&term).copied().unwrap_or(0));
        let name = self.dictionary.text(term).rsplit(" > ").next().unwrap_or_default().to_owned();
        FacetNode { name, value, children: self.nodes(Some(term)) }
    }
}
