//! Which variants of a product pass a filter, from dense columns: the lineups of the fields that it names, the span of the prices and the bits of what is
//! sold out. Only a product that these cannot decide has its row looked at.

use super::ranges::is_in;
use super::resolve::{Ask, Leaf, Node};
use super::{Filter, Scope};
use crate::id::Ordinal;
use crate::search::columns::lineups::VARIANTS_MAX;
use crate::search::columns::{Lined, Lineups, MarketId, Row, Span};
use crate::search::fields::FieldRef;

/// Every variant of a product, however many it has.
pub const ALL_VARIANTS: u64 = u64::MAX;

/// A set of variants of one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variants {
    /// One bit each, or [`ALL_VARIANTS`].
    Bits(u64),
    /// More than there are bits for: the passing ones by index.
    Listed(Vec<usize>),
}

impl Variants {
    /// Whether no variant passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Bits(bits) => *bits == 0,
            Self::Listed(listed) => listed.is_empty(),
        }
    }
}

/// Finds the passing variants of many products.
pub struct Passing<'a> {
    filter: &'a Filter,
    scope: Scope<'a>,
    /// One for each conjunct that tells variants apart; none when rows have to say.
    tests: Option<Vec<Test<'a>>>,
}

enum Test<'a> {
    /// Of one field; `known` holds what was found for each lineup.
    Lineups { node: &'a Node, lineups: &'a Lineups, nothing: u64, known: Vec<Option<u64>> },
    /// Of prices.
    Prices(&'a Node, MarketId),
    /// Of what can be sold: whether what can passes, and whether what cannot does.
    Available { sold: bool, sold_out: bool },
}

impl<'a> Test<'a> {
    fn of(node: &'a Node, scope: Scope<'a>) -> Option<Self> {
        let field = node.first_field()?;
        if !node.constrains_only(field) {
            return None;
        }
        match field {
            FieldRef::Column(id) => {
                let lineups = scope.columns.dictionary().field(id).lineups.as_ref()?;
                let nothing = if holds_with(node, &[], &[], scope) { ALL_VARIANTS } else { 0 };
                Some(Self::Lineups { node, lineups, nothing, known: vec![None; lineups.lineups_count()] })
            }
            FieldRef::Price(market) => Some(Self::Prices(node, market)),
            FieldRef::Available => Some(Self::Available { sold: holds_when(node, true), sold_out: holds_when(node, false) }),
            FieldRef::Live(_) => None,
        }
    }

    fn bits(&mut self, scope: Scope<'a>, ordinal: Ordinal) -> Option<u64> {
        match self {
            Self::Lineups { node, lineups, nothing, known } => match lineups.at(ordinal) {
                Lined::Nothing => Some(*nothing),
                Lined::Look => None,
                Lined::Lineup(number) => Some(*known[number].get_or_insert_with(|| {
                    let lineup = lineups.lineup(number);
                    let holds = |index: &usize| {
                        let (places, numbers) = lineup.variant(*index);
                        holds_with(node, places, numbers, scope)
                    };
                    as_bits((0..lineup.variants_count()).filter(holds), lineup.variants_count())
                })),
            },
            Self::Prices(node, market) => {
                let is_priced = scope.columns.is_fully_priced(ordinal);
                let holds = holds_within(node, scope.columns.price_span(ordinal, *market), is_priced)?;
                Some(if holds { ALL_VARIANTS } else { 0 })
            }
            Self::Available { sold, sold_out } => {
                let all = |passes: bool| Some(if passes { ALL_VARIANTS } else { 0 });
                if sold == sold_out {
                    return all(*sold);
                }
                let out = scope.live.sold_out_variants(ordinal);
                if out == 0 {
                    return all(if scope.live.is_available(ordinal) { *sold } else { *sold_out });
                }
                let count = scope.columns.row(ordinal).map(Row::variants_count).filter(|count| *count <= VARIANTS_MAX)?;
                let own = (if *sold { !out } else { out }) & ALL_VARIANTS >> (VARIANTS_MAX - count);
                Some(if own.count_ones() as usize == count { ALL_VARIANTS } else { own })
            }
        }
    }
}

impl<'a> Passing<'a> {
    /// Of this filter.
    #[must_use]
    pub fn of(filter: &'a Filter, scope: Scope<'a>) -> Self {
        let telling = filter.conjuncts.iter().filter(|node| node.is_variant_level());
        Self { filter, scope, tests: telling.map(|node| Test::of(node, scope)).collect() }
    }

    /// The variants that pass, of a product that meets every condition in which its variants cannot differ.
    pub fn variants(&mut self, ordinal: Ordinal) -> Variants {
        let scope = self.scope;
        let decided = self.tests.as_mut().and_then(|tests| {
            tests.iter_mut().try_fold(ALL_VARIANTS, |bits, test| Some(if bits == 0 { 0 } else { bits & test.bits(scope, ordinal)? }))
        });
        decided.map_or_else(|| self.look(ordinal), Variants::Bits)
    }

    fn look(&self, ordinal: Ordinal) -> Variants {
        let Some(row) = self.scope.columns.row(ordinal) else { return Variants::Bits(0) };
        let passing = self.filter.variants(self.scope, ordinal, row);
        let count = row.variants_count();
        if count > VARIANTS_MAX {
            let passing: Vec<usize> = passing.collect();
            return if passing.len() == count { Variants::Bits(ALL_VARIANTS) } else { Variants::Listed(passing) };
        }
        Variants::Bits(as_bits(passing, count))
    }
}

/// The passing ones of `count` variants, at most [`VARIANTS_MAX`].
fn as_bits(passing: impl Iterator<Item = usize>, count: usize) -> u64 {
    let bits = passing.fold(0_u64, |bits, index| bits | 1 << index);
    if bits.count_ones() as usize == count { ALL_VARIANTS } else { bits }
}

/// Whether a node about one field is true of a variant with these keywords, by place, and numbers.
fn holds_with(node: &Node, places: &[u32], numbers: &[f64], scope: Scope<'_>) -> bool {
    match node {
        Node::All(parts) => parts.iter().all(|part| holds_with(part, places, numbers, scope)),
        Node::Any(parts) => parts.iter().any(|part| holds_with(part, places, numbers, scope)),
        Node::Leaf(Leaf { negated, ask, field, .. }) => {
            let dictionary = scope.columns.dictionary();
            let asks = match ask {
                Ask::Exists => !places.is_empty() || !numbers.is_empty(),
                Ask::Values(terms, ranges) => {
                    terms.iter().any(|term| places.contains(&dictionary.place(*term)))
                        || numbers.iter().any(|number| is_in(ranges, *number))
                }
                Ask::Near(near) => {
                    let FieldRef::Column(id) = field else { return *negated };
                    let values = &dictionary.field(*id).terms;
                    places.iter().filter_map(|place| values.get(*place as usize)).any(|term| near.has(*term))
                }
                Ask::Prices(_) | Ask::Flags(_) => false,
            };
            asks != *negated
        }
    }
}

/// Whether a node about what can be sold is true of a variant that can, or cannot.
fn holds_when(node: &Node, sells: bool) -> bool {
    match node {
        Node::All(parts) => parts.iter().all(|part| holds_when(part, sells)),
        Node::Any(parts) => parts.iter().any(|part| holds_when(part, sells)),
        Node::Leaf(Leaf { negated, ask, .. }) => {
            let asks = match ask {
                Ask::Exists => true,
                Ask::Flags(flags) => flags.contains(&sells),
                Ask::Values(..) | Ask::Prices(_) | Ask::Near(_) => false,
            };
            asks != *negated
        }
    }
}

/// Whether a node about prices is true of all variants or of none; none when the span cannot tell.
fn holds_within(node: &Node, span: Span<i64>, is_priced: bool) -> Option<bool> {
    let joined = |parts: &[Node], deciding: bool| {
        let mut is_known = true;
        for part in parts {
            match holds_within(part, span, is_priced) {
                Some(holds) if holds == deciding => return Some(deciding),
                Some(_) => {}
                None => is_known = false,
            }
        }
        is_known.then_some(!deciding)
    };
    match node {
        Node::All(parts) => joined(parts, false),
        Node::Any(parts) => joined(parts, true),
        Node::Leaf(Leaf { negated, ask, .. }) => {
            let asks = match ask {
                _ if span.is_empty() => Some(false),
                Ask::Exists => is_priced.then_some(true),
                Ask::Prices(ranges) if !ranges.iter().any(|&(low, high)| span.touches(low, high)) => Some(false),
                Ask::Prices(ranges) if ranges.iter().any(|&(low, high)| low <= span.min && span.max <= high) => is_priced.then_some(true),
                Ask::Prices(_) => None,
                Ask::Values(..) | Ask::Flags(_) | Ask::Near(_) => Some(false),
            };
            asks.map(|asks| asks != *negated)
        }
    }
}
