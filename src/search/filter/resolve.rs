//! Gives a filter's names and values their numbers: conditions as written become sets of keywords and inclusive ranges of numbers.
//!
//! NOT is pushed down to the conditions here, so that evaluation meets only AND, OR and possibly negated conditions.

use super::Scope;
use super::near::{self, Near};
use super::ranges::{in_order, is_in};
use super::syntax::{Choice, Condition, Expr, Side, SyntaxError, Test, Value};
use crate::id::Ordinal;
use crate::search::columns::{Columns, FieldId, MarketId, Row, TermId, VariantRow};
use crate::search::fields::FieldRef;
use std::collections::HashSet;
use std::sync::Arc;

/// An expression with NOT at its leaves only.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Every one holds.
    All(Vec<Self>),
    /// At least one holds.
    Any(Vec<Self>),
    /// A condition on one field.
    Leaf(Leaf),
}

/// A condition on one field, possibly negated.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// Whether the condition must not hold.
    pub negated: bool,
    /// The field.
    pub field: FieldRef,
    /// Whether variants of one product may differ in it.
    pub is_variant_level: bool,
    /// What is asked of the field.
    pub ask: Ask,
    /// Keywords asked for that no product ever had, as they were written.
    pub unheard: Vec<String>,
    /// Whether the words of the query say it: it is no choice of a value that a page can take back in the filter.
    pub is_said: bool,
}

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Any value.
    Exists,
    /// One of these keywords, or a number in one of these inclusive ranges.
    Values(Vec<TermId>, Vec<(f64, f64)>),
    /// A price in one of these inclusive ranges, in thousandths of the major unit.
    Prices(Vec<(i64, i64)>),
    /// Availability is one of these.
    Flags(Vec<bool>),
    /// A point near another.
    Near(Arc<Near>),
}

impl Node {
    /// Whether variants of one product may differ in it.
    #[must_use]
    pub fn is_variant_level(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::is_variant_level),
            Self::Leaf(leaf) => leaf.is_variant_level,
        }
    }

    /// Whether sets of products alone cannot decide it: a product may have a variant for each condition and none for all.
    #[must_use]
    pub fn needs_variant_check(&self) -> bool {
        match self {
            Self::All(parts) => {
                parts.iter().filter(|part| part.is_variant_level()).count() > 1 || parts.iter().any(Self::needs_variant_check)
            }
            Self::Any(parts) => parts.iter().any(Self::needs_variant_check),
            Self::Leaf(leaf) => leaf.negated && leaf.is_variant_level,
        }
    }

    /// The same, said by the words of a query.
    pub(super) fn said(self) -> Self {
        match self {
            Self::All(parts) => Self::All(parts.into_iter().map(Self::said).collect()),
            Self::Any(parts) => Self::Any(parts.into_iter().map(Self::said).collect()),
            Self::Leaf(leaf) => Self::Leaf(Leaf { is_said: true, ..leaf }),
        }
    }

    /// Whether it is a choice in `field` and in nothing else, which a page may take back in the filter.
    #[must_use]
    pub fn chooses_in(&self, field: FieldRef) -> bool {
        self.constrains_only(field) && !self.is_said()
    }

    fn is_said(&self) -> bool {
        self.leaves().iter().any(|leaf| leaf.is_said)
    }

    /// Whether it says something about `field` and nothing about any other.
    #[must_use]
    pub fn constrains_only(&self, field: FieldRef) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => !parts.is_empty() && parts.iter().all(|part| part.constrains_only(field)),
            Self::Leaf(leaf) => leaf.field == field,
        }
    }

    /// The conditions that it is made of.
    pub(super) fn leaves(&self) -> Vec<&Leaf> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::leaves).collect(),
            Self::Leaf(leaf) => vec![leaf],
        }
    }

    /// The field of the first condition; none of a node without conditions.
    pub fn first_field(&self) -> Option<FieldRef> {
        self.leaves().first().map(|leaf| leaf.field)
    }

    /// Keywords asked for, not counting negated conditions.
    pub fn terms(&self) -> Vec<TermId> {
        let terms = |leaf: &Leaf| if let Ask::Values(terms, _) = &leaf.ask { terms.clone() } else { Vec::new() };
        self.leaves().into_iter().filter(|leaf| !leaf.negated).flat_map(terms).collect()
    }

    /// Keywords asked for that no product ever had, not counting negated conditions.
    pub fn unheard(&self) -> Vec<&str> {
        self.leaves().into_iter().filter(|leaf| !leaf.negated).flat_map(|leaf| leaf.unheard.iter().map(String::as_str)).collect()
    }

    /// How many conditions it is made of, long sets of keywords counted as several.
    pub fn conditions_count(&self) -> usize {
        self.leaves().into_iter().map(Leaf::looks).sum()
    }

    /// Whether it is true of one variant.
    #[must_use]
    pub fn holds(&self, scope: Scope<'_>, ordinal: Ordinal, row: Row<'_>, variant: VariantRow<'_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(scope, ordinal, row, variant)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(scope, ordinal, row, variant)),
            Self::Leaf(leaf) => leaf.asks(scope, ordinal, row, variant) != leaf.negated,
        }
    }
}

impl Leaf {
    /// How often a product is looked at for it, at most and about.
    fn looks(&self) -> usize {
        if let Ask::Values(terms, _) = &self.ask { 1 + terms.len() / TERMS_OF_A_LOOK } else { 1 }
    }

    /// Bytes that it takes, about.
    pub(super) fn weight(&self) -> usize {
        let asked = match &self.ask {
            Ask::Values(terms, ranges) => size_of_val(terms.as_slice()) + size_of_val(ranges.as_slice()),
            Ask::Prices(ranges) => size_of_val(ranges.as_slice()),
            Ask::Near(near) => near.weight(),
            Ask::Exists | Ask::Flags(_) => 0,
        };
        size_of::<Self>() + asked + self.unheard.iter().map(|text| size_of_val(text) + text.len()).sum::<usize>()
    }

    /// Whether the condition without its negation is true of one variant.
    fn asks(&self, scope: Scope<'_>, ordinal: Ordinal, row: Row<'_>, variant: VariantRow<'_>) -> bool {
        let facts = [row.shared(), variant.own];
        match (&self.ask, self.field) {
            (Ask::Exists, FieldRef::Column(field)) => facts.iter().any(|facts| facts.fields().any(|known| known == field)),
            (Ask::Exists, FieldRef::Price(market)) => variant.price(market).is_some(),
            (Ask::Exists, FieldRef::Available | FieldRef::Live(_)) => true,
            (Ask::Values(terms, ranges), FieldRef::Column(field)) => {
                terms.iter().any(|term| facts.iter().any(|facts| facts.has(*term)))
                    || (!ranges.is_empty() && facts.iter().any(|facts| facts.numbers_of(field).any(|number| is_in(ranges, number))))
            }
            (Ask::Values(_, ranges), FieldRef::Live(number)) => is_in(ranges, scope.live.number(number, ordinal)),
            (Ask::Prices(ranges), FieldRef::Price(market)) => variant.price(market).is_some_and(|price| is_in(ranges, price)),
            (Ask::Flags(flags), FieldRef::Available) => flags.contains(&scope.live.sells(ordinal, variant.index)),
            (Ask::Near(near), FieldRef::Column(field)) => facts.iter().any(|facts| facts.keywords_of(field).any(|term| near.has(term))),
            (Ask::Values(..) | Ask::Prices(_) | Ask::Flags(_) | Ask::Near(_), _) => false,
        }
    }
}

/// Keywords of one condition that cost about as much as a look at a product does.
const TERMS_OF_A_LOOK: usize = 16;
/// Gives names and values their numbers.
///
/// # Errors
/// An unknown field, or a test that the field cannot answer.
pub fn resolve(expr: &Expr, columns: &Columns, market: MarketId) -> Result<Node, SyntaxError> {
    node(expr, false, columns, market)
}

fn node(expr: &Expr, negated: bool, columns: &Columns, market: MarketId) -> Result<Node, SyntaxError> {
    let parts = |parts: &[Expr]| parts.iter().map(|part| node(part, negated, columns, market)).collect::<Result<Vec<Node>, _>>();
    match (expr, negated) {
        (Expr::Not(inner), _) => node(inner, !negated, columns, market),
        (Expr::All(inner), false) | (Expr::Any(inner), true) => Ok(Node::All(flat(parts(inner)?))),
        (Expr::Any(inner), false) | (Expr::All(inner), true) => Ok(Node::Any(parts(inner)?)),
        (Expr::Is(condition), _) => {
            let field = FieldRef::named(&condition.field, columns, market)
                .ok_or_else(|| SyntaxError::new(condition.at, format!("unknown field `{}`", condition.field)))?;
            let is_variant_level = field.is_variant_level(columns);
            let (ask, unheard) = (ask(condition, field, columns)?, unheard(condition, field, columns));
            let (negated, ask) = match ask {
                // Nothing is neither: what must not be one of the two must be the other.
                Ask::Flags(flags) if negated => {
                    (false, Ask::Flags([true, false].into_iter().filter(|flag| !flags.contains(flag)).collect()))
                }
                ask => (negated, ask),
            };
            Ok(Node::Leaf(Leaf { negated, field, is_variant_level, ask, unheard, is_said: false }))
        }
    }
}

/// ANDs inside an AND join it, so that `(a AND b) AND c` has three conjuncts.
fn flat(parts: Vec<Node>) -> Vec<Node> {
    let unfold = |part| match part {
        Node::All(inner) => inner,
        other @ (Node::Any(_) | Node::Leaf(_)) => vec![other],
    };
    parts.into_iter().flat_map(unfold).collect()
}

fn ask(condition: &Condition, field: FieldRef, columns: &Columns) -> Result<Ask, SyntaxError> {
    let side;
    let choices: &[Choice] = match &condition.test {
        Test::Exists => return Ok(Ask::Exists),
        Test::Near { metres, centre } => return near::resolve(condition, field, *metres, *centre, columns),
        Test::In(choices) => choices,
        Test::Compare(_, value) => {
            side = [Choice::Value(value.clone())];
            &side
        }
    };
    let compared = match condition.test {
        Test::Compare(side, _) => Some(side),
        Test::Exists | Test::In(_) | Test::Near { .. } => None,
    };
    match field {
        FieldRef::Price(_) => {
            choices.iter().map(|choice| price_range(choice, compared)).collect::<Result<_, _>>().map(in_order).map(Ask::Prices)
        }
        FieldRef::Available => choices.iter().map(|choice| flag(choice, compared)).collect::<Result<_, _>>().map(Ask::Flags),
        FieldRef::Live(_) => choices
            .iter()
            .map(|choice| number_range(choice, compared))
            .collect::<Result<_, _>>()
            .map(|ranges| Ask::Values(Vec::new(), in_order(ranges))),
        FieldRef::Column(id) => values(condition, choices, compared, id, columns),
    }
}

/// Keywords and, for a field that has numbers, ranges. A value that no product has is no fault: it matches nothing.
fn values(condition: &Condition, choices: &[Choice], compared: Option<Side>, id: FieldId, columns: &Columns) -> Result<Ask, SyntaxError> {
    let has_numbers = has_numbers(id, columns);
    let (mut terms, mut ranges) = (Vec::new(), Vec::new());
    for choice in choices {
        match choice {
            Choice::Value(value) if compared.is_none() => {
                terms.extend(columns.dictionary().term(id, &value.text));
                if has_numbers {
                    ranges.extend(number_range(choice, None).ok());
                }
            }
            Choice::Value(_) | Choice::Range(..) if has_numbers => ranges.push(number_range(choice, compared)?),
            Choice::Value(_) | Choice::Range(..) => {
                return Err(SyntaxError::new(condition.at, format!("`{}` has no numbers: use = or IN", condition.field)));
            }
        }
    }
    let mut named = HashSet::new();
    terms.retain(|term| named.insert(*term));
    Ok(Ask::Values(terms, in_order(ranges)))
}

/// The values of a condition that are no keyword of the field and, where it has numbers, no number.
fn unheard(condition: &Condition, field: FieldRef, columns: &Columns) -> Vec<String> {
    let (FieldRef::Column(id), Test::In(choices)) = (field, &condition.test) else { return Vec::new() };
    let dictionary = columns.dictionary();
    let is_heard = |choice: &&Choice| match choice {
        Choice::Value(value) => {
            dictionary.term(id, &value.text).is_some() || (has_numbers(id, columns) && number_range(choice, None).is_ok())
        }
        Choice::Range(..) => true,
    };
    let text = |choice: &Choice| match choice {
        Choice::Value(value) => Some(value.text.clone()),
        Choice::Range(..) => None,
    };
    choices.iter().filter(|choice| !is_heard(choice)).filter_map(text).collect()
}

fn has_numbers(id: FieldId, columns: &Columns) -> bool {
    id == FieldId::RATING || !columns.dictionary().field(id).numbered.is_empty()
}

fn flag(choice: &Choice, compared: Option<Side>) -> Result<bool, SyntaxError> {
    match (choice, compared) {
        (Choice::Value(value), None) if value.text.eq_ignore_ascii_case("true") => Ok(true),
        (Choice::Value(value), None) if value.text.eq_ignore_ascii_case("false") => Ok(false),
        (Choice::Value(value) | Choice::Range(Some(value), _) | Choice::Range(None, Some(value)), _) => {
            Err(SyntaxError::new(value.at, "`available` is true or false"))
        }
        (Choice::Range(None, None), _) => Err(SyntaxError::new(0, "`available` is true or false")),
    }
}

/// An inclusive range of floating-point numbers.
///
/// # Errors
/// A text that is not a number.
pub fn number_range(choice: &Choice, compared: Option<Side>) -> Result<(f64, f64), SyntaxError> {
    let number = |value: &Value| {
        let parsed = value.text.parse::<f64>().ok().filter(|number| number.is_finite());
        parsed.ok_or_else(|| SyntaxError::new(value.at, format!("`{}` is not a number", value.text)))
    };
    let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
    Ok(match (choice, compared) {
        (Choice::Value(value), None) => (number(value)?, number(value)?),
        (Choice::Value(value), Some(Side::Below)) => (low, number(value)?.next_down()),
        (Choice::Value(value), Some(Side::AtMost)) => (low, number(value)?),
        (Choice::Value(value), Some(Side::Above)) => (number(value)?.next_up(), high),
        (Choice::Value(value), Some(Side::AtLeast)) => (number(value)?, high),
        (Choice::Range(from, to), _) => {
            let range = (from.as_ref().map(number).transpose()?.unwrap_or(low), to.as_ref().map(number).transpose()?.unwrap_or(high));
            if range.0 > range.1 {
                return Err(holds_nothing(from.as_ref(), to.as_ref()));
            }
            range
        }
    })
}

/// A range of which the larger number comes first.
fn holds_nothing(from: Option<&Value>, to: Option<&Value>) -> SyntaxError {
    let [low, high] = [from, to].map(|value| value.map_or("", |value| value.text.as_str()));
    let at = from.map_or(0, |from| from.at);
    SyntaxError::new(at, format!("`{low}..{high}` holds nothing: the smaller number comes first"))
}

/// An inclusive range of prices in thousandths of the major unit; exact for any number of decimals.
///
/// # Errors
/// A text that is not a decimal.
pub fn price_range(choice: &Choice, compared: Option<Side>) -> Result<(i64, i64), SyntaxError> {
    let decimal = |value: &Value| {
        let wrong = || SyntaxError::new(value.at, format!("`{}` is not a price such as 12.50", value.text));
        thousandths_of(&value.text).ok_or_else(wrong)
    };
    let at_least = |value: &Value| decimal(value).map(|(floor, is_exact)| floor.saturating_add(i64::from(!is_exact)));
    let at_most = |value: &Value| decimal(value).map(|(floor, _)| floor);
    let (low, high) = (i64::MIN, i64::MAX);
    Ok(match (choice, compared) {
        (Choice::Value(value), None) => (at_least(value)?, at_most(value)?),
        (Choice::Value(value), Some(Side::Below)) => (low, at_least(value)?.saturating_sub(1)),
        (Choice::Value(value), Some(Side::AtMost)) => (low, at_most(value)?),
        (Choice::Value(value), Some(Side::Above)) => (at_most(value)?.saturating_add(1), high),
        (Choice::Value(value), Some(Side::AtLeast)) => (at_least(value)?, high),
        (Choice::Range(from, to), _) => {
            let range = (from.as_ref().map(at_least).transpose()?.unwrap_or(low), to.as_ref().map(at_most).transpose()?.unwrap_or(high));
            // Between two thousandths lies none either, and nobody has turned that round.
            if let (Some(from), Some(to)) = (from, to)
                && at_most(from)? > at_least(to)?
            {
                return Err(holds_nothing(Some(from), Some(to)));
            }
            range
        }
    })
}

/// The largest whole number of thousandths not above the decimal, and whether it is the decimal exactly. Saturates.
fn thousandths_of(text: &str) -> Option<(i64, bool)> {
    let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (kept, beyond) = fraction.split_at(fraction.len().min(3));
    let is_exact = beyond.bytes().all(|digit| digit == b'0');
    let size = format!("{whole}{kept:0<3}").parse().unwrap_or(i64::MAX);
    Some((if is_negative { -size - i64::from(!is_exact) } else { size }, is_exact))
}

#[cfg(test)]
mod tests;
