//! Filters: text to the exact set of products for which one and the same variant meets every condition.
//!
//! Meaning: a product passes when it has a variant for which the whole expression is true. A variant has its product's facts and its own.
//! So `colour = red AND size = 42` needs one variant that is both, and `NOT colour = red` needs a variant that is not red.
//!
//! Evaluation: sets of products by value give a superset at bitmap speed; only when several conditions (or a negated one) can differ
//! between variants are the products with two or more variants looked at one by one.

pub mod evaluate;
pub mod fault;
pub mod lexer;
pub mod near;
pub mod passing;
pub mod ranges;
pub mod resolve;
pub mod selection;
pub mod syntax;

use super::SearchError;
use super::columns::{Columns, MarketId, Row};
use super::fields::{FieldRef, Live};
use crate::id::Ordinal;
use passing::Passing;
use resolve::Node;
use roaring::RoaringBitmap;

/// What conditions are evaluated against.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The facts.
    pub columns: &'a Columns,
    /// The live numbers.
    pub live: &'a dyn Live,
    /// Whose prices hold.
    pub market: MarketId,
}

/// A filter whose names are known to the columns it was read for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// All of them must hold.
    conjuncts: Vec<Node>,
    is_variant_level: bool,
    is_by_stock: bool,
    needs_variant_check: bool,
}

impl Filter {
    /// Reads a filter; a blank text lets everything pass.
    ///
    /// # Errors
    /// A fault in the grammar, an unknown field, or a test that the field cannot answer, each with its place.
    pub fn parse(text: &str, columns: &Columns, market: MarketId) -> Result<Self, SearchError> {
        let read = || match syntax::parse(text)? {
            Some(expr) => Self::resolved(&expr, columns, market),
            None => Ok(Self::default()),
        };
        read().map_err(|error: syntax::SyntaxError| error.in_text(text))
    }

    /// Checks all of a filter that can be told without the products that it is for.
    ///
    /// # Errors
    /// A fault in the grammar, with its place.
    pub fn check_grammar(text: &str) -> Result<(), SearchError> {
        syntax::parse(text).map(|_| ()).map_err(|error| error.in_text(text))
    }

    /// Gives the names of a filter that was read before their numbers in these columns.
    ///
    /// # Errors
    /// An unknown field, or a test that the field cannot answer, each with its place.
    pub fn resolved(expr: &syntax::Expr, columns: &Columns, market: MarketId) -> Result<Self, syntax::SyntaxError> {
        Ok(match resolve::resolve(expr, columns, market)? {
            Node::All(conjuncts) => Self::of(conjuncts),
            other @ (Node::Any(_) | Node::Leaf(_)) => Self::of(vec![other]),
        })
    }

    fn of(conjuncts: Vec<Node>) -> Self {
        let by_variant = || conjuncts.iter().filter(|node| node.is_variant_level());
        let variant_conjuncts = by_variant().count();
        let is_by_stock = variant_conjuncts > 0 && by_variant().all(|node| node.constrains_only(FieldRef::Available));
        let needs_variant_check = variant_conjuncts > 1 || conjuncts.iter().any(Node::needs_variant_check);
        Self { conjuncts, is_variant_level: variant_conjuncts > 0, is_by_stock, needs_variant_check }
    }

    /// How many conditions there are, long sets of keywords counted as several.
    #[must_use]
    pub fn conditions_count(&self) -> usize {
        self.conjuncts.iter().map(Node::conditions_count).sum()
    }

    /// Bytes that it takes, about.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.conjuncts.iter().flat_map(Node::leaves).map(resolve::Leaf::weight).sum()
    }

    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.conjuncts.is_empty()
    }

    /// Whether variants of one product may differ in passing.
    #[must_use]
    pub fn is_variant_level(&self) -> bool {
        self.is_variant_level
    }

    /// Whether nothing but what can be bought decides which variants of a product pass: where all can, or none, all pass, or none.
    #[must_use]
    pub fn is_by_stock(&self) -> bool {
        self.is_by_stock
    }

    /// Whether more than what can be bought decides which variants of a product pass.
    #[must_use]
    pub fn tells_variants_apart(&self) -> bool {
        self.is_variant_level && !self.is_by_stock
    }

    /// The filter without the conditions that choose in `field` and in nothing else; none when there are no such conditions.
    #[must_use]
    pub fn without(&self, field: FieldRef) -> Option<Self> {
        let kept: Vec<Node> = self.conjuncts.iter().filter(|node| !node.chooses_in(field)).cloned().collect();
        if kept.len() == self.conjuncts.len() { None } else { Some(Self::of(kept)) }
    }

    /// Whether some condition chooses in `field` and in nothing else.
    #[must_use]
    pub fn chooses_in(&self, field: FieldRef) -> bool {
        self.conjuncts.iter().any(|node| node.chooses_in(field))
    }

    /// The fields that it says something about, some of them several times.
    pub fn fields(&self) -> impl Iterator<Item = FieldRef> {
        fields(self.conjuncts.iter())
    }

    /// The same of the conditions that decide which variants of a product pass.
    pub fn fields_by_variant(&self) -> impl Iterator<Item = FieldRef> {
        fields(self.conjuncts.iter().filter(|node| node.is_variant_level()))
    }

    /// This filter and another, on one and the same variant.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self::of(self.conjuncts.iter().chain(&other.conjuncts).cloned().collect())
    }

    /// The same, said by the words of a query: every count of a facet holds inside it, as a page that adds a filter sends the words along.
    #[must_use]
    pub fn said(self) -> Self {
        Self { conjuncts: self.conjuncts.into_iter().map(Node::said).collect(), ..self }
    }

    /// The products of `within` that pass; `within` holds live products only.
    #[must_use]
    pub fn products(&self, scope: Scope<'_>, within: &RoaringBitmap) -> RoaringBitmap {
        let mut passing = evaluate::all(&self.conjuncts, scope, within);
        if self.needs_variant_check {
            let doubtful = &passing & scope.columns.multi();
            let mut variants = Passing::of(self, scope);
            let refuted = doubtful.iter().filter(|ordinal| variants.variants(Ordinal(*ordinal)).is_empty());
            let refuted = RoaringBitmap::from_sorted_iter(refuted).unwrap_or_default();
            passing -= refuted;
        }
        passing
    }

    /// The variants of a product that pass, by index.
    pub fn variants<'a>(&'a self, scope: Scope<'a>, ordinal: Ordinal, row: Row<'a>) -> impl Iterator<Item = usize> + 'a {
        let passes = move |index: &usize| self.conjuncts.iter().all(|node| node.holds(scope, ordinal, row, row.variant(*index)));
        (0..row.variants_count()).filter(passes)
    }

    /// The keyword values that the filter selects in `field`, so that a facet can show them even when nothing matches.
    #[must_use]
    pub fn selected(&self, field: FieldRef) -> Vec<super::columns::TermId> {
        self.conjuncts.iter().filter(|node| node.chooses_in(field)).flat_map(Node::terms).collect()
    }

    /// The values that the filter selects in `field` and that no product ever had, as they were written.
    #[must_use]
    pub fn unheard(&self, field: FieldRef) -> Vec<&str> {
        self.conjuncts.iter().filter(|node| node.chooses_in(field)).flat_map(Node::unheard).collect()
    }
}

fn fields<'n>(nodes: impl Iterator<Item = &'n Node>) -> impl Iterator<Item = FieldRef> {
    nodes.flat_map(Node::leaves).map(|leaf| leaf.field)
}

#[cfg(test)]
mod tests;
