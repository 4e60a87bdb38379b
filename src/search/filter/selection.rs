//! What a filter has chosen in one field, as facets show it: single values and ranges of which one has to hold.

use super::resolve::{Ask, Leaf, Node};
use super::{Filter, Scope};
use crate::search::columns::{Columns, TermId};
use crate::search::fields::FieldRef;

/// One value or range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Choice {
    /// A keyword.
    Term(TermId),
    /// An inclusive range of numbers.
    Numbers(f64, f64),
    /// An inclusive range of prices in thousandths of the major unit.
    Prices(i64, i64),
    /// Availability.
    Flag(bool),
    /// Values that no product ever had.
    Unknown,
}

/// What a filter has chosen in a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Selection {
    /// It says nothing about the field alone.
    Nothing,
    /// One of these has to hold.
    Union(Vec<Choice>),
    /// Something else, such as two values at once or none of some.
    Other,
}

impl Selection {
    /// The choices of a union; none otherwise.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        match self {
            Self::Union(choices) => choices,
            Self::Nothing | Self::Other => &[],
        }
    }
}

impl Filter {
    /// What is chosen in `field`.
    #[must_use]
    pub fn selection(&self, field: FieldRef) -> Selection {
        let mut own = self.conjuncts.iter().filter(|node| node.chooses_in(field));
        match (own.next(), own.next()) {
            (None, _) => Selection::Nothing,
            (Some(node), None) => choices(node).map_or(Selection::Other, Selection::Union),
            (Some(_), Some(_)) => Selection::Other,
        }
    }

    /// The filter for which one of the choices in `field` has to hold.
    #[must_use]
    pub fn choosing(field: FieldRef, choices: &[Choice], columns: &Columns) -> Self {
        let is_variant_level = field.is_variant_level(columns);
        let leaf = |choice: &Choice| {
            let ask = match *choice {
                Choice::Term(term) => Ask::Values(vec![term], Vec::new()),
                Choice::Numbers(low, high) => Ask::Values(Vec::new(), vec![(low, high)]),
                Choice::Prices(low, high) => Ask::Prices(vec![(low, high)]),
                Choice::Flag(flag) => Ask::Flags(vec![flag]),
                Choice::Unknown => Ask::Values(Vec::new(), Vec::new()),
            };
            Node::Leaf(Leaf { negated: false, field, is_variant_level, ask, unheard: Vec::new(), is_said: false })
        };
        Self::of(vec![Node::Any(choices.iter().map(leaf).collect())])
    }

    /// How many products of `within` pass this filter and one of the choices in `field`, on one and the same variant.
    #[must_use]
    pub fn total_choosing(&self, field: FieldRef, choices: &[Choice], scope: Scope<'_>, within: &roaring::RoaringBitmap) -> u64 {
        self.and(&Self::choosing(field, choices, scope.columns)).products(scope, within).len()
    }
}

/// The choices of a node that is a union of values and ranges.
fn choices(node: &Node) -> Option<Vec<Choice>> {
    match node {
        Node::All(_) => None,
        Node::Any(parts) => parts.iter().map(choices).collect::<Option<Vec<_>>>().map(|parts| parts.concat()),
        Node::Leaf(leaf) if leaf.negated => None,
        Node::Leaf(leaf) => match &leaf.ask {
            // What is near a point is one choice of no value that a facet shows.
            Ask::Exists | Ask::Near(_) => None,
            Ask::Values(terms, ranges) => {
                let numbers = ranges.iter().map(|&(low, high)| Choice::Numbers(low, high));
                let unknown = (!leaf.unheard.is_empty() || terms.is_empty() && ranges.is_empty()).then_some(Choice::Unknown);
                Some(terms.iter().copied().map(Choice::Term).chain(numbers).chain(unknown).collect())
            }
            Ask::Prices(ranges) => Some(ranges.iter().map(|&(low, high)| Choice::Prices(low, high)).collect()),
            Ask::Flags(flags) => Some(flags.iter().copied().map(Choice::Flag).collect()),
        },
    }
}
