//! Categories as a tree. Every node counts the products at it and below it, each once.

use super::spec::Arrangement;
use crate::search::columns::{Dictionary, TermId};
use crate::search::{FacetNode, FacetValue};
use crate::text;

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
    let mut kept = most_frequent(counts, levels, dictionary);
    for term in selected.iter().flat_map(|term| path_up(*term, dictionary)) {
        if kept.iter().all(|(known, _)| *known != term) {
            let counted = counts.iter().find(|(known, _)| *known == term);
            kept.push((term, counted.map_or(0, |(_, count)| *count)));
        }
    }
    // Nodes below the same one stand together, in the order in which they are shown.
    let above = |node: &(TermId, u64)| dictionary.parent(node.0);
    match arrangement {
        Arrangement::Count => {
            let text = |node: &(TermId, u64)| dictionary.text(node.0);
            let mut places: Vec<_> = kept.into_iter().map(|node| (above(&node), node)).collect();
            places
                .sort_unstable_by(|(a_above, a), (b_above, b)| a_above.cmp(b_above).then(b.1.cmp(&a.1)).then_with(|| text(a).cmp(text(b))));
            kept = places.into_iter().map(|(_, node)| node).collect();
        }
        Arrangement::Alphabetical => {
            let name = |node: &(TermId, u64)| name_of(node.0, dictionary);
            kept.sort_by_cached_key(|node| (above(node), text::fold(name(node)), name(node).to_owned()));
        }
    }
    Tree { nodes: &kept, dictionary, describe }.below(None)
}

/// The most frequent nodes, [`NODES_MAX`] of them. No node has more products than the one above it, and of equals the upper comes first: what is
/// kept hangs together.
fn most_frequent(counts: &[(TermId, u64)], levels: usize, dictionary: &Dictionary) -> Vec<(TermId, u64)> {
    let level = |term: TermId| path_up(term, dictionary).count();
    let mut kept: Vec<(TermId, u64)> = counts.iter().copied().filter(|(term, _)| level(*term) <= levels).collect();
    if kept.len() > NODES_MAX {
        let order = |node: &(TermId, u64)| (std::cmp::Reverse(node.1), level(node.0), node.0);
        kept.select_nth_unstable_by_key(NODES_MAX, order);
        kept.truncate(NODES_MAX);
    }
    kept
}

fn path_up(term: TermId, dictionary: &Dictionary) -> impl Iterator<Item = TermId> {
    std::iter::successors(Some(term), |term| dictionary.parent(*term))
}

/// The last part of a path.
fn name_of(term: TermId, dictionary: &Dictionary) -> &str {
    dictionary.text(term).rsplit(" > ").next().unwrap_or_default()
}

struct Tree<'a> {
    /// By the node above.
    nodes: &'a [(TermId, u64)],
    dictionary: &'a Dictionary,
    describe: &'a Describe<'a>,
}

impl Tree<'_> {
    /// The nodes right below one; as deep as a category's path, which is bounded.
    fn below(&self, above: Option<TermId>) -> Vec<FacetNode> {
        let above_of = |node: &(TermId, u64)| self.dictionary.parent(node.0);
        let from = &self.nodes[self.nodes.partition_point(|node| above_of(node) < above)..];
        let node = |(term, count): &(TermId, u64)| FacetNode {
            name: name_of(*term, self.dictionary).to_owned(),
            value: (self.describe)(*term, *count),
            children: self.below(Some(*term)),
        };
        from.iter().take_while(|node| above_of(node) == above).map(node).collect()
    }
}
