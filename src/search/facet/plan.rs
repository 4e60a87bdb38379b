//! What a request's facets come to with the fields of this catalogue: names are known, ranges are numbers, fields are chosen.

use super::number::{Number, Price};
use super::spec::{self, Asked, Grouping, LEVELS_MAX, Spec};
use super::{Counted, chosen, refused};
use crate::search::SearchError;
use crate::search::columns::{Columns, FieldId};
use crate::search::fields::{FieldRef, LiveNumber};
use crate::search::filter::resolve::{number_range, price_range};
use crate::search::filter::syntax::{Choice, SyntaxError};
use crate::search::request::FACETS_MAX;

/// Narrowest interval; below it bounds are noise.
const INTERVAL_MIN: f64 = 1e-6;

/// One facet to count.
pub(super) struct Plan {
    /// The field.
    pub(super) field: FieldRef,
    /// What is counted.
    pub(super) kind: Kind,
    /// How it is shown.
    pub(super) spec: Spec,
}

/// What is counted.
pub(super) enum Kind {
    /// The words and numbers of a field.
    Column(FieldId, Wanted<f64>),
    /// Prices.
    Prices(Wanted<Price>),
    /// A live number.
    Live(LiveNumber, Wanted<f64>),
    /// Whether products can be bought now.
    Available,
}

/// Which ranges of numbers are wanted.
pub(super) enum Wanted<T> {
    /// Single numbers while they are few, else round ranges.
    Automatic,
    /// These, both ends included.
    Ranges(Vec<(T, T)>),
    /// So many of equal width.
    Histogram(usize),
    /// Of this width.
    Interval(T),
}

/// The facets of a request, in their order.
///
/// # Errors
/// More than [`FACETS_MAX`] facets, one that cannot be read, an unknown field, or one that cannot be shown as asked.
pub(super) fn plans(texts: &[String], counted: Counted<'_>) -> Result<Vec<Plan>, SearchError> {
    if texts.len() > FACETS_MAX {
        return Err(refused(format!("at most {FACETS_MAX} facets")));
    }
    let asked: Vec<Result<Plan, usize>> = texts.iter().map(|text| read(text, counted)).collect::<Result<_, _>>()?;
    let mut known: Vec<FieldRef> = asked.iter().filter_map(|plan| plan.as_ref().ok().map(|plan| plan.field)).collect();
    let mut plans = Vec::with_capacity(asked.len());
    for plan in asked {
        match plan {
            Ok(plan) => plans.push(plan),
            Err(count) => {
                for (field, name) in chosen::choose(count.min(FACETS_MAX - known.len()), &known, counted) {
                    known.push(field);
                    // A category without its tree would be the same products once for each level.
                    let levels = (field == FieldRef::Column(FieldId::CATEGORY)).then_some(LEVELS_MAX);
                    plans.push(planned(&name, field, Spec { levels, ..Spec::plain(&name) }, counted)?);
                }
            }
        }
    }
    Ok(plans)
}

fn named(name: &str, counted: Counted<'_>) -> Option<FieldRef> {
    FieldRef::named(name, counted.scope.columns, counted.scope.market)
}

/// The plan of what a text asks for, or how many fields are to be chosen. What is the name of a field is nothing else, whatever letters it has.
fn read(text: &str, counted: Counted<'_>) -> Result<Result<Plan, usize>, SearchError> {
    if let Some(field) = named(text, counted) {
        return planned(text, field, Spec::plain(text), counted).map(Ok);
    }
    match spec::read(text)? {
        Asked::Chosen(count) => Ok(Err(count)),
        Asked::Field(spec) => {
            let field = named(&spec.field, counted).ok_or_else(|| refused(format!("unknown field `{}`", spec.field)))?;
            planned(text, field, spec, counted).map(Ok)
        }
    }
}

fn planned(text: &str, field: FieldRef, spec: Spec, counted: Counted<'_>) -> Result<Plan, SearchError> {
    check(field, &spec, counted.scope.columns)?;
    let fault = |error: SyntaxError| spec::in_facet(text, &error);
    let kind = match field {
        FieldRef::Column(id) => Kind::Column(id, wanted(&spec.grouping, |range| number_range(range, None)).map_err(fault)?),
        FieldRef::Live(number) => Kind::Live(number, wanted(&spec.grouping, |range| number_range(range, None)).map_err(fault)?),
        FieldRef::Price(_) => {
            let prices = |range: &Choice| price_range(range, None).map(|(low, high)| (Price(low), Price(high)));
            Kind::Prices(wanted(&spec.grouping, prices).map_err(fault)?)
        }
        FieldRef::Available => Kind::Available,
    };
    Ok(Plan { field, kind, spec })
}

/// What a field holds that can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Countable {
    /// Whether it may have words to search among.
    pub has_words: bool,
    /// Whether it has numbers, for ranges and stats.
    pub has_numbers: bool,
}

/// What a field holds that can be counted; none when its values name single products.
pub(super) fn countable(field: FieldRef, columns: &Columns) -> Option<Countable> {
    let (has_words, has_numbers) = match field {
        FieldRef::Column(id) if id.is_naming() => return None,
        FieldRef::Column(id) => (id != FieldId::RATING, id == FieldId::RATING || !columns.dictionary().field(id).numbered.is_empty()),
        FieldRef::Price(_) | FieldRef::Live(_) => (false, true),
        FieldRef::Available => (false, false),
    };
    Some(Countable { has_words, has_numbers })
}

fn check(field: FieldRef, spec: &Spec, columns: &Columns) -> Result<(), SearchError> {
    let name = &spec.field;
    let Some(Countable { has_words, has_numbers }) = countable(field, columns) else {
        return Err(refused(format!("`{name}` names single products and cannot be counted")));
    };
    if (spec.grouping != Grouping::Automatic || spec.stats) && !has_numbers {
        return Err(refused(format!("`{name}` has no numbers for ranges, histograms or stats")));
    }
    if spec.conjunctive && spec.impact {
        return Err(refused(format!("`{name}` is counted among the hits, so its values have no impact")));
    }
    if spec.search.is_some() && !has_words {
        return Err(refused(format!("`{name}` has no texts to search")));
    }
    if spec.levels.is_some() && field != FieldRef::Column(FieldId::CATEGORY) {
        return Err(refused(format!("`{name}` is not a tree, only `category` is")));
    }
    Ok(())
}

fn wanted<T: Number>(grouping: &Grouping, range: impl Fn(&Choice) -> Result<(T, T), SyntaxError>) -> Result<Wanted<T>, SyntaxError> {
    Ok(match grouping {
        Grouping::Automatic => Wanted::Automatic,
        Grouping::Histogram(count) => Wanted::Histogram(*count),
        Grouping::Ranges(ranges) => {
            let ordered = |choice: &Choice| {
                let (low, high) = range(choice)?;
                let at = match choice {
                    Choice::Value(value) | Choice::Range(Some(value), _) | Choice::Range(None, Some(value)) => value.at,
                    Choice::Range(None, None) => 0,
                };
                if low <= high { Ok((low, high)) } else { Err(SyntaxError::new(at, "a range that holds no number")) }
            };
            Wanted::Ranges(ranges.iter().map(ordered).collect::<Result<_, _>>()?)
        }
        Grouping::Interval(value) => {
            let (width, _) = range(&Choice::Value(value.clone()))?;
            if width.to_f64() < INTERVAL_MIN {
                return Err(SyntaxError::new(value.at, "an interval is a number above 0"));
            }
            Wanted::Interval(width)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ordinal;
    use crate::search::filter::Filter;
    use crate::search::testing::{catalogue, scope};

    #[test]
    fn the_name_of_a_field_is_nothing_else_whatever_letters_it_has() {
        let mut columns = catalogue(&[]);
        let attributes = serde_json::json!({"weight:tree": "x", "Größe": "y", "plain": "z"});
        let product = serde_json::json!({"id": "p", "title": "p", "attributes": attributes, "variants": [{"sku": "s"}]});
        columns.put(Ordinal(0), &serde_json::from_value(product).expect("a product"));
        let filter = Filter::default();
        let counted = Counted { scope: scope(&columns), candidates: columns.live(), matches: columns.live(), filter: &filter };
        let planned = |text: &str| plans(&[text.to_owned()], counted).expect(text).remove(0);
        let field = |name: &str| columns.dictionary().field_named(name).map(FieldRef::Column).expect(name);
        for (text, name) in [
            ("weight:tree", "attributes.weight:tree"),
            ("ATTRIBUTES.Weight:Tree", "attributes.weight:tree"),
            ("grösse", "attributes.größe"),
            ("Plain", "attributes.plain"),
            ("Brand", "brand"),
        ] {
            assert_eq!(planned(text).field, field(name), "{text}");
            assert_eq!(planned(text).spec, Spec::plain(text), "{text}");
        }
        assert_eq!(planned("plain:order(count)").spec, Spec { arrangement: spec::Arrangement::Count, ..Spec::plain("plain") });
        assert_eq!((planned("PRICE").field, planned("Available").field), (FieldRef::Price(counted.scope.market), FieldRef::Available));
        assert!(plans(&["weight".to_owned()], counted).is_err());
    }
}
