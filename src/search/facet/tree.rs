//! Categories as a tree. Every node counts the products at it and below it, each once.

use super::spec::Arrangement;
use crate::search::columns::{Dictionary, FieldId, TermId, compare_texts, last_part};
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
    let node = |(term, count): (TermId, u64)| Node { above: dictionary.parent(term), term, count };
    let mut nodes: Vec<Node> = kept.into_iter().map(node).collect();
    match arrangement {
        Arrangement::Usual | Arrangement::Count => {
            // Small counts are alike, and comparing texts would take longer than counting did.
            let ranks = dictionary.settled_ranks(FieldId::CATEGORY);
            let rank = |node: &Node| ranks.get(dictionary.place(node.term) as usize);
            let by_text = |a: &Node, b: &Node| match (rank(a), rank(b)) {
                (Some(first), Some(second)) => first.cmp(second),
                _ => compare_texts(dictionary.text(a.term), dictionary.text(b.term)),
            };
            nodes.sort_unstable_by(|a, b| a.above.cmp(&b.above).then(b.count.cmp(&a.count)).then_with(|| by_text(a, b)));
        }
        Arrangement::Alphabetical => {
            let name = |node: &Node| name_of(node.term, dictionary);
            nodes.sort_by_cached_key(|node| (node.above, text::fold(name(node)), name(node).to_owned()));
        }
    }
    Tree { nodes: &nodes, describe }.below(None)
}

#[derive(Clone, Copy)]
struct Node {
    above: Option<TermId>,
    term: TermId,
    count: u64,
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
    last_part(dictionary.text(term))
}

struct Tree<'a> {
    /// By the node above.
    nodes: &'a [Node],
    describe: &'a Describe<'a>,
}

impl Tree<'_> {
    /// The nodes right below one; as deep as a category's path, which is bounded.
    fn below(&self, above: Option<TermId>) -> Vec<FacetNode> {
        let start = self.nodes.partition_point(|node| node.above < above);
        let below = self.nodes[start..].iter().take_while(|node| node.above == above);
        let shown = |node: &Node| FacetNode { value: (self.describe)(node.term, node.count), children: self.below(Some(node.term)) };
        below.map(shown).collect()
    }
}
