//! `WITHIN … OF`: products that are near a point.
//!
//! The points of a field are values of it, so those within the distance are looked for once a request, and from then on the condition is
//! one on values: exact, and held by one and the same variant like any other.

use super::resolve::Ask;
use super::syntax::{Condition, Parser, SyntaxError, Test, Value};
use crate::search::columns::{Columns, Postings, TermId};
use crate::search::fields::FieldRef;
use crate::search::geo::{Point, metres_in, units_listed};
use roaring::RoaringBitmap;
use std::sync::Arc;

/// The values that lie near a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    terms: RoaringBitmap,
}

impl Near {
    /// Whether the value is one of them.
    #[must_use]
    pub fn has(&self, term: TermId) -> bool {
        self.terms.contains(term.0)
    }

    /// Bytes that they take, about.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.terms.serialized_size()
    }

    /// The products that have one of them.
    #[must_use]
    pub fn products(&self, columns: &Columns) -> RoaringBitmap {
        // Most places have one product, so these are put together as a list and not one by one as sets.
        let (mut few, mut many) = (Vec::<u32>::new(), RoaringBitmap::new());
        for term in &self.terms {
            match columns.dictionary().postings(TermId(term)) {
                Postings::Few { len, ordinals } => few.extend(&ordinals[..usize::from(*len)]),
                Postings::Many(products) => many |= &**products,
            }
        }
        few.sort_unstable();
        many | few.into_iter().collect::<RoaringBitmap>()
    }
}

/// Reads what follows WITHIN: `10 km OF (52.52, 13.405)`.
pub(super) fn read(parser: &mut Parser) -> Result<Test, SyntaxError> {
    let metres = distance(parser)?;
    if !parser.takes_keyword("of") {
        return Err(SyntaxError::new(parser.at(), "expected OF and a point such as (52.52, 13.405)"));
    }
    parser.expect("(")?;
    let latitude = degrees(parser, "latitude", 90.0)?;
    parser.expect(",")?;
    let longitude = degrees(parser, "longitude", 180.0)?;
    parser.expect(")")?;
    Point::new(latitude, longitude)
        .map(|centre| Test::Near { metres, centre })
        .ok_or_else(|| SyntaxError::new(parser.at(), "no point on earth"))
}

/// `10 km` or `10km`, in metres.
fn distance(parser: &mut Parser) -> Result<f64, SyntaxError> {
    let Value { text, at } = parser.value("a distance such as 10 km")?;
    let number_end = text.find(|letter: char| letter.is_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(number_end);
    let number = number.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    let number = number.ok_or_else(|| SyntaxError::new(at, format!("`{text}` is not a distance such as 10 km")))?;
    let unit = if unit.is_empty() { parser.value("a unit")? } else { Value { text: unit.to_owned(), at: at + number_end } };
    let metres =
        metres_in(&unit.text).ok_or_else(|| SyntaxError::new(unit.at, format!("unknown unit `{}`: use {}", unit.text, units_listed())))?;
    Ok(number * metres)
}

fn degrees(parser: &mut Parser, name: &str, largest: f64) -> Result<f64, SyntaxError> {
    let Value { text, at } = parser.value(&format!("a {name}"))?;
    let number = text.parse::<f64>().ok().filter(|number| number.abs() <= largest);
    number.ok_or_else(|| SyntaxError::new(at, format!("`{text}` is not a {name} from -{largest} to {largest}")))
}

/// Finds the values of the condition's field that lie near enough.
///
/// # Errors
/// When no value of the field is a point.
pub(super) fn resolve(condition: &Condition, field: FieldRef, metres: f64, centre: Point, columns: &Columns) -> Result<Ask, SyntaxError> {
    let points = match field {
        FieldRef::Column(id) => columns.dictionary().points(id),
        FieldRef::Price(_) | FieldRef::Available | FieldRef::Live(_) => Vec::new(),
    };
    if points.is_empty() {
        return Err(SyntaxError::new(condition.at, format!("`{}` has no points such as 52.52,13.405", condition.field)));
    }
    let near = points.into_iter().filter(|(_, point)| centre.is_within(metres, *point));
    Ok(Ask::Near(Arc::new(Near { terms: near.map(|(term, _)| term.0).collect() })))
}
