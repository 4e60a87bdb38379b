//! Categories as a tree. Every node counts the products at it and below it, each once.

use super::counts::{FacetValue, FacetValues};
use super::shown::{fit, needle_of};
use super::spec::{Arrangement, Spec};
use crate::search::columns::{Dictionary, FieldId, TermId, compare_texts, last_part};
use crate::text;
use std::collections::BTreeSet;

/// Most nodes of one tree; the most frequent ones stay, with everything above them.
const NODES_MAX: usize = 1_000;

/// A category tree: each node is followed by all that is below it. Written as JSON a node has its path, but here its name alone, since a page has hundreds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FacetTree {
    /// Roots by their path, others by the last part of it.
    nodes: FacetValues,
    /// For each node the number of the first that is not below it.
    ends: Vec<u32>,
}

/// A node of a category tree.
#[derive(Debug, Clone, Copy)]
pub struct FacetNode<'t> {
    /// The last part of the path, and what is known of it; a root with the whole path.
    pub told: FacetValue<'t>,
    tree: &'t FacetTree,
    number: usize,
}

impl FacetTree {
    /// The uppermost nodes.
    pub fn roots(&self) -> impl Iterator<Item = FacetNode<'_>> {
        self.between(0, self.ends.len())
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn between(&self, start: usize, end: usize) -> impl Iterator<Item = FacetNode<'_>> {
        let node = move |number| if number < end { Some(FacetNode { told: self.nodes.get(number)?, tree: self, number }) } else { None };
        std::iter::successors(node(start), move |last| node(last.end()))
    }

    /// Bytes that it takes, about.
    pub(super) fn weight(&self) -> usize {
        self.nodes.weight() + size_of_val(self.ends.as_slice())
    }
}

impl<'t> FacetNode<'t> {
    /// The nodes right below it that some product has.
    pub fn children(self) -> impl Iterator<Item = FacetNode<'t>> {
        self.tree.between(self.number + 1, self.end())
    }

    fn end(self) -> usize {
        self.tree.ends[self.number] as usize
    }
}

/// Whether the filter has chosen a node, and what the total would become; by its value and count.
pub(super) type Describe<'a> = dyn Fn(TermId, u64) -> (bool, Option<u64>) + 'a;

/// The tree of counted nodes, at most `levels` deep; where a text is searched for, of those whose name has it and the nodes above them. Selected ones and
/// the nodes above them are there whatever their count, depth and name.
pub(super) fn tree(
    counts: &[(TermId, u64)],
    levels: usize,
    spec: &Spec,
    selected: &[TermId],
    dictionary: &Dictionary,
    describe: &Describe<'_>,
) -> FacetTree {
    let searched = needle_of(spec).map(|needle| found(counts, levels, &needle, dictionary));
    let mut kept = most_frequent(searched.as_deref().unwrap_or(counts), levels, dictionary);
    for term in selected.iter().flat_map(|term| dictionary.path_up(*term)) {
        if kept.iter().all(|(known, _)| *known != term) {
            let counted = counts.iter().find(|(known, _)| *known == term);
            kept.push((term, counted.map_or(0, |(_, count)| *count)));
        }
    }
    // Nodes below the same one stand together, in the order in which they are shown.
    let node = |(term, count): (TermId, u64)| Node { above: dictionary.parent(term), term, count };
    let mut nodes: Vec<Node> = kept.into_iter().map(node).collect();
    match spec.arrangement {
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
            let name = |node: &Node| last_part(dictionary.text(node.term));
            nodes.sort_by_cached_key(|node| (node.above, text::fold(name(node)), name(node).to_owned()));
        }
    }
    let mut planting = Planting { nodes: &nodes, dictionary, describe, tree: FacetTree::default() };
    planting.add_below(None);
    planting.tree
}

#[derive(Clone, Copy)]
struct Node {
    above: Option<TermId>,
    term: TermId,
    count: u64,
}

/// The nodes whose name has a word that begins with the folded text, or else has it anywhere, and those above them.
fn found(counts: &[(TermId, u64)], levels: usize, needle: &str, dictionary: &Dictionary) -> Vec<(TermId, u64)> {
    let is_named = |term: TermId| fit(needle, last_part(dictionary.text(term))).is_some();
    let named = counts.iter().map(|(term, _)| *term).filter(|term| dictionary.path_up(*term).count() <= levels && is_named(*term));
    let kept: BTreeSet<TermId> = named.flat_map(|term| dictionary.path_up(term)).collect();
    counts.iter().copied().filter(|(term, _)| kept.contains(term)).collect()
}

/// The most frequent nodes, [`NODES_MAX`] of them. No node has more products than the one above it, and of equals the upper comes first: what is
/// kept hangs together.
fn most_frequent(counts: &[(TermId, u64)], levels: usize, dictionary: &Dictionary) -> Vec<(TermId, u64)> {
    let level = |term: TermId| dictionary.path_up(term).count();
    let mut kept: Vec<(TermId, u64)> = counts.iter().copied().filter(|(term, _)| level(*term) <= levels).collect();
    if kept.len() > NODES_MAX {
        let order = |node: &(TermId, u64)| (std::cmp::Reverse(node.1), level(node.0), node.0);
        kept.select_nth_unstable_by_key(NODES_MAX, order);
        kept.truncate(NODES_MAX);
    }
    kept
}

/// A tree that grows.
struct Planting<'a> {
    /// By the node above.
    nodes: &'a [Node],
    dictionary: &'a Dictionary,
    describe: &'a Describe<'a>,
    tree: FacetTree,
}

impl Planting<'_> {
    /// Adds the nodes below one; as deep as a category's path, which is bounded.
    fn add_below(&mut self, above: Option<TermId>) {
        let start = self.nodes.partition_point(|node| node.above < above);
        let nodes = self.nodes;
        for Node { term, count, .. } in nodes[start..].iter().take_while(|node| node.above == above).copied() {
            let text = self.dictionary.text(term);
            let (selected, impact) = (self.describe)(term, count);
            let value = if above.is_some() { last_part(text) } else { text };
            self.tree.nodes.push(FacetValue { value, count, selected, impact, ..FacetValue::default() });
            let number = self.tree.ends.len();
            self.tree.ends.push(0);
            self.add_below(Some(term));
            self.tree.ends[number] = self.tree.ends.len() as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Counted, FacetCounts, count, json};
    use crate::id::Ordinal;
    use crate::search::columns::{Columns, MarketId};
    use crate::search::filter::Filter;
    use crate::search::testing::scope;
    use serde_json::{Value, json};

    fn shop(paths: &[&[&str]]) -> Columns {
        let mut columns = Columns::new();
        for (number, path) in (0..).zip(paths) {
            let product =
                json!({"id": format!("p{number}"), "title": "p", "categories": [path], "variants": [{"sku": format!("s{number}")}]});
            columns.put(Ordinal(number), &serde_json::from_value(product).expect("a product"));
        }
        columns
    }

    /// The paths of a tree with their counts, each node followed by those below it.
    fn paths(facet: &FacetCounts) -> Vec<String> {
        fn below(nodes: &Value) -> Vec<String> {
            let node = |node: &Value| {
                [vec![format!("{}:{}", node["value"].as_str().unwrap_or_default(), node["count"])], below(&node["children"])]
            };
            nodes.as_array().into_iter().flatten().flat_map(|one| node(one).concat()).collect()
        }
        let mut written = Vec::new();
        json::write(&[facet], &mut written);
        below(&serde_json::from_slice::<Value>(&written).expect("JSON")[0]["tree"])
    }

    #[test]
    fn what_is_searched_for_in_a_tree_is_shown_with_what_stands_above_it() {
        let columns =
            shop(&[&["Home", "Lamps", "Desk lamps"], &["Home", "Lamps", "Bulbs"], &["Home", "Sofas"], &["Garden", "Lamps"], &["Toys"]]);
        let check = |spec: &str, filter: &str, expected: &[&str]| {
            let filter = Filter::parse(filter, &columns, MarketId::GENERAL).expect("a filter");
            let matches = filter.products(scope(&columns), columns.live());
            let counted = Counted { scope: scope(&columns), candidates: columns.live(), matches: &matches, filter: &filter };
            let facets = count(&[format!("category:{spec}")], counted).expect("counts");
            assert_eq!(paths(&facets[0]), expected, "{spec}");
        };
        let lamps = ["Home:3", "Home > Lamps:2", "Home > Lamps > Desk lamps:1", "Garden:1", "Garden > Lamps:1"];
        check("tree:search(\"lamp\")", "", &lamps);
        check("search(LAMP):tree(2)", "", &["Home:3", "Home > Lamps:2", "Garden:1", "Garden > Lamps:1"]);
        check("tree:search(bulb)", "", &["Home:3", "Home > Lamps:2", "Home > Lamps > Bulbs:1"]);
        // The name of a node alone is looked at, or all that is below `Home` would be found.
        check("tree:search(home)", "", &["Home:3"]);
        check("tree:search(zzz)", "", &[]);
        // What is chosen is there to be taken back.
        check("tree:search(bulb)", "category = 'Toys'", &["Home:3", "Home > Lamps:2", "Home > Lamps > Bulbs:1", "Toys:1"]);
    }
}
