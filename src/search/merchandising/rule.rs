//! A merchandising rule as merchants write it: when it holds, and what it then does.

use crate::id::{MarketplaceId, ProductId};
use crate::search::filter::syntax::{self, Expr};
use crate::stdx::clock::Timestamp;
use crate::text;
use serde::{Deserialize, Serialize};

/// Phrases, categories, segments or marketplaces that one rule waits for.
const CONDITION_VALUES_MAX: usize = 50;
/// Most bytes of one of them.
const VALUE_BYTES_MAX: usize = 512;
/// Products that one rule may pin; also the most that are pinned in one answer.
pub const PINS_MAX: usize = 50;
/// Selections of one kind (boosts, buries, hides) in one rule.
const SELECTIONS_MAX: usize = 8;
/// Products that one selection names.
const SELECTED_PRODUCTS_MAX: usize = 200;
/// The largest boost, and one over it the largest bury. Scores of one class seldom differ by more, so a larger one would order no
/// differently; pinning is the way to put a product first.
const FACTOR_MAX: f32 = 10.0;
/// Most bytes of the text of a banner.
const BANNER_BYTES_MAX: usize = 4_096;
/// Priorities lie from minus this to this.
const PRIORITY_MAX: i32 = 1_000;
/// Most bytes of a link.
const LINK_BYTES_MAX: usize = 2_048;

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Fault {
    /// Path of the field.
    pub field: String,
    /// What is wrong.
    pub reason: String,
}

impl Fault {
    pub(in crate::search) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

pub(in crate::search) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

pub(super) fn yes() -> bool {
    true
}

/// A rule as a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDocument {
    /// Whether it is switched on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What people are to know about it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub note: String,
    /// Rules of higher priority come first; equal ones in the order of their names.
    #[serde(default, skip_serializing_if = "is_default")]
    pub priority: i32,
    /// When it holds: everything that is said must be true. Nothing said: always.
    #[serde(default, skip_serializing_if = "is_default")]
    pub when: When,
    /// What it does.
    pub then: Then,
}

/// When a rule holds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// What was typed; left out: anything.
    #[serde(skip_serializing_if = "is_default")]
    pub query: QueryIs,
    /// The request filters on one of these categories or one below it, e.g. `Home > Lighting`.
    #[serde(skip_serializing_if = "is_default")]
    pub categories: Vec<String>,
    /// The request names one of these segments.
    #[serde(skip_serializing_if = "is_default")]
    pub segments: Vec<String>,
    /// The request is for one of these marketplaces.
    #[serde(skip_serializing_if = "is_default")]
    pub marketplaces: Vec<MarketplaceId>,
    /// Not before, as in `2026-11-27T00:00:00Z`.
    #[serde(skip_serializing_if = "is_default")]
    pub from: Option<String>,
    /// Not from then on.
    #[serde(skip_serializing_if = "is_default")]
    pub until: Option<String>,
}

/// What was typed, compared word by word as the search compares (case, accents and plurals aside).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueryIs {
    /// One of these and nothing else; the empty text is browsing without words.
    #[serde(skip_serializing_if = "is_default")]
    pub exact: Vec<String>,
    /// One of these, side by side, anywhere.
    #[serde(skip_serializing_if = "is_default")]
    pub contains: Vec<String>,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Then {
    /// These stand first, in this order, when they pass the request's filter and can be bought.
    #[serde(skip_serializing_if = "is_default")]
    pub pin: Vec<ProductId>,
    /// Pinned products stand first even when they are sold out.
    #[serde(skip_serializing_if = "is_default")]
    pub pin_unavailable: bool,
    /// These score higher.
    #[serde(skip_serializing_if = "is_default")]
    pub boost: Vec<Weighed>,
    /// These score lower.
    #[serde(skip_serializing_if = "is_default")]
    pub bury: Vec<Weighed>,
    /// These are not found.
    #[serde(skip_serializing_if = "is_default")]
    pub hide: Vec<Selected>,
    /// Where the page should send the shopper.
    #[serde(skip_serializing_if = "is_default")]
    pub redirect: Option<String>,
    /// What the page should show above the hits.
    #[serde(skip_serializing_if = "is_default")]
    pub banner: Option<BannerDocument>,
    /// Search for this instead.
    #[serde(skip_serializing_if = "is_default")]
    pub replace_query: Option<String>,
}

/// Products by name or by filter, and what their scores are multiplied by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weighed {
    /// These.
    #[serde(default, skip_serializing_if = "is_default")]
    pub products: Vec<ProductId>,
    /// And those that pass this.
    #[serde(default, skip_serializing_if = "is_default")]
    pub filter: Option<String>,
    /// Above 1 to boost, below 1 to bury.
    pub factor: f32,
}

/// Products by name or by filter.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Selected {
    /// These.
    #[serde(skip_serializing_if = "is_default")]
    pub products: Vec<ProductId>,
    /// And those that pass this.
    #[serde(skip_serializing_if = "is_default")]
    pub filter: Option<String>,
}

/// A banner as written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BannerDocument {
    /// Plain text.
    #[serde(skip_serializing_if = "is_default")]
    pub text: Option<String>,
    /// Address of a picture.
    #[serde(skip_serializing_if = "is_default")]
    pub image: Option<String>,
    /// Where it leads.
    #[serde(skip_serializing_if = "is_default")]
    pub url: Option<String>,
}

/// Products of a selection, its filter read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Selection {
    pub(super) products: Vec<ProductId>,
    pub(super) filter: Option<FilterText>,
}

/// A filter as written and as read. Its names get their numbers at every search, because columns come and go.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FilterText {
    pub(super) text: String,
    pub(super) expr: Expr,
    pub(super) field: String,
}

/// A rule that was checked and can be applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// As it was written.
    pub document: RuleDocument,
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    /// Phrases as terms.
    pub(super) exact: Vec<Vec<String>>,
    pub(super) contains: Vec<Vec<String>>,
    /// Folded.
    pub(super) categories: Vec<String>,
    /// Boosts and buries.
    pub(super) weighed: Vec<(Selection, f32)>,
    pub(super) hidden: Vec<Selection>,
}

impl Rule {
    /// Checks a document.
    ///
    /// # Errors
    /// The field at fault.
    pub fn of(document: RuleDocument) -> Result<Self, Fault> {
        let RuleDocument { when, then, priority, .. } = &document;
        if priority.abs() > PRIORITY_MAX {
            return Err(Fault::new("priority", format!("must lie between -{PRIORITY_MAX} and {PRIORITY_MAX}")));
        }
        if is_default(then) || *then == (Then { pin_unavailable: true, ..Then::default() }) {
            return Err(Fault::new("then", "says nothing to do"));
        }
        let (from, until) = window(when)?;
        check_when(when)?;
        check_then(then)?;
        let mut weighed = weighed("then.boost", &then.boost, 1.0..=FACTOR_MAX)?;
        weighed.extend(self::weighed("then.bury", &then.bury, 1.0 / FACTOR_MAX..=1.0)?);
        let hidden = then
            .hide
            .iter()
            .enumerate()
            .map(|(index, selected)| selection(&format!("then.hide[{index}]"), &selected.products, selected.filter.as_deref()));
        let hidden = at_most("then.hide", &then.hide, SELECTIONS_MAX).and_then(|()| hidden.collect::<Result<_, _>>())?;
        Ok(Self {
            from,
            until,
            exact: when.query.exact.iter().map(|phrase| text::terms(phrase)).collect(),
            contains: phrases("when.query.contains", &when.query.contains)?,
            categories: when.categories.iter().map(|path| super::book::category(path)).collect(),
            weighed,
            hidden,
            document,
        })
    }

    /// Whether it may hold at this time.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }

    pub(super) fn filters(&self) -> impl Iterator<Item = &FilterText> {
        let weighed = self.weighed.iter().map(|(selection, _)| selection);
        weighed.chain(&self.hidden).filter_map(|selection| selection.filter.as_ref())
    }
}

fn at_most<T>(field: &str, values: &[T], count_max: usize) -> Result<(), Fault> {
    if values.len() > count_max { Err(Fault::new(field, format!("at most {count_max}"))) } else { Ok(()) }
}

fn window(when: &When) -> Result<(Option<Timestamp>, Option<Timestamp>), Fault> {
    let read = |field: &str, text: &Option<String>| {
        let parsed = text.as_ref().map(|text| text.parse::<jiff::Timestamp>());
        let wrong = |_| Fault::new(format!("when.{field}"), "must be a moment as in 2026-11-27T00:00:00Z");
        parsed.transpose().map(|at| at.map(|at| Timestamp(at.as_millisecond()))).map_err(wrong)
    };
    let (from, until) = (read("from", &when.from)?, read("until", &when.until)?);
    match (from, until) {
        (Some(from), Some(until)) if until <= from => Err(Fault::new("when.until", "must be later than when.from")),
        _ => Ok((from, until)),
    }
}

fn check_when(when: &When) -> Result<(), Fault> {
    at_most("when.marketplaces", &when.marketplaces, CONDITION_VALUES_MAX)?;
    for (field, values) in [
        ("when.query.exact", &when.query.exact),
        ("when.query.contains", &when.query.contains),
        ("when.categories", &when.categories),
        ("when.segments", &when.segments),
    ] {
        at_most(field, values, CONDITION_VALUES_MAX)?;
        for (index, value) in values.iter().enumerate() {
            let may_be_blank = field == "when.query.exact";
            if value.len() > VALUE_BYTES_MAX || (value.trim().is_empty() && !may_be_blank) {
                return Err(Fault::new(format!("{field}[{index}]"), format!("must have 1 to {VALUE_BYTES_MAX} bytes")));
            }
            // Signs alone would be no words, which is browsing.
            if may_be_blank && !value.trim().is_empty() && text::terms(value).is_empty() {
                return Err(Fault::new(format!("{field}[{index}]"), "has no letters or digits; the empty text is browsing"));
            }
            if field == "when.categories" && value.split('>').any(|level| level.trim().is_empty()) {
                return Err(Fault::new(format!("{field}[{index}]"), "a level of the path has no name"));
            }
        }
    }
    Ok(())
}

fn check_then(then: &Then) -> Result<(), Fault> {
    at_most("then.pin", &then.pin, PINS_MAX)?;
    if let Some(redirect) = &then.redirect {
        check_link("then.redirect", redirect)?;
    }
    if let Some(BannerDocument { text, image, url }) = &then.banner {
        if text.is_none() && image.is_none() {
            return Err(Fault::new("then.banner", "needs a text or an image"));
        }
        if text.as_ref().is_some_and(|text| text.trim().is_empty() || text.len() > BANNER_BYTES_MAX) {
            return Err(Fault::new("then.banner.text", format!("must have 1 to {BANNER_BYTES_MAX} bytes")));
        }
        image.iter().try_for_each(|link| check_link("then.banner.image", link))?;
        url.iter().try_for_each(|link| check_link("then.banner.url", link))?;
    }
    match &then.replace_query {
        Some(query) if query.len() > VALUE_BYTES_MAX => Err(Fault::new("then.replace_query", format!("at most {VALUE_BYTES_MAX} bytes"))),
        // A search for nothing is the whole shop.
        Some(query) if text::terms(query).is_empty() => Err(Fault::new("then.replace_query", "has no letters or digits")),
        Some(query) if query.chars().any(char::is_control) => Err(Fault::new("then.replace_query", "holds control characters")),
        _ => Ok(()),
    }
}

/// Pages follow these links, so only those that lead to a page are taken: a `javascript:` link would run in the shopper's browser.
fn check_link(field: &str, link: &str) -> Result<(), Fault> {
    let is_path = link.starts_with('/') && !link.starts_with("//");
    let leads_to_a_page = is_path || ["https://", "http://"].iter().any(|start| link.starts_with(start));
    if !leads_to_a_page || link.chars().any(|letter| letter.is_control() || letter.is_whitespace() || letter == '\\') {
        return Err(Fault::new(field, "must begin with https://, http:// or a single / and have no blanks"));
    }
    if link.len() > LINK_BYTES_MAX { Err(Fault::new(field, format!("at most {LINK_BYTES_MAX} bytes"))) } else { Ok(()) }
}

/// Each phrase as terms, of which it must have some.
pub(super) fn phrases(field: &str, texts: &[String]) -> Result<Vec<Vec<String>>, Fault> {
    let phrase = |(index, phrase): (usize, &String)| {
        let terms = text::terms(phrase);
        if terms.is_empty() { Err(Fault::new(format!("{field}[{index}]"), "has no letters or digits")) } else { Ok(terms) }
    };
    texts.iter().enumerate().map(phrase).collect()
}

fn weighed(field: &str, weighed: &[Weighed], factors: std::ops::RangeInclusive<f32>) -> Result<Vec<(Selection, f32)>, Fault> {
    at_most(field, weighed, SELECTIONS_MAX)?;
    let one = |(index, one): (usize, &Weighed)| {
        let field = format!("{field}[{index}]");
        if !factors.contains(&one.factor) {
            let (low, high) = (factors.start(), factors.end());
            return Err(Fault::new(format!("{field}.factor"), format!("must lie between {low} and {high}")));
        }
        Ok((selection(&field, &one.products, one.filter.as_deref())?, one.factor))
    };
    weighed.iter().enumerate().map(one).collect()
}

fn selection(field: &str, products: &[ProductId], filter: Option<&str>) -> Result<Selection, Fault> {
    at_most(&format!("{field}.products"), products, SELECTED_PRODUCTS_MAX)?;
    let filter_field = format!("{field}.filter");
    let read = |text: &str| {
        let expr = syntax::parse(text).map_err(|error| Fault::new(&filter_field, error.placed_in(text)))?;
        Ok(expr.map(|expr| FilterText { text: text.to_owned(), expr, field: filter_field.clone() }))
    };
    let filter = filter.map(read).transpose()?.flatten();
    if products.is_empty() && filter.is_none() {
        return Err(Fault::new(field, "needs products or a filter"));
    }
    Ok(Selection { products: products.to_vec(), filter })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// `replace_query: ""` was taken, and then showed the whole shop.
    #[test]
    fn what_says_nothing_is_refused_by_name() {
        let check = |document: Value, expected: &str| {
            let document = serde_json::from_value(document).expect("is a document");
            assert_eq!(Rule::of(document).map_err(|fault| fault.to_string()).err().as_deref(), Some(expected));
        };
        for nothing in ["", " ", "!?"] {
            check(json!({"then": {"replace_query": nothing}}), "then.replace_query: has no letters or digits");
        }
        check(json!({"then": {"replace_query": "a\u{7}b"}}), "then.replace_query: holds control characters");
        check(json!({"then": {"banner": {"text": " "}}}), "then.banner.text: must have 1 to 4096 bytes");
        let to_sale = |when: Value| json!({"when": when, "then": {"redirect": "/sale"}});
        let signs = "when.query.exact[0]: has no letters or digits; the empty text is browsing";
        check(to_sale(json!({"query": {"exact": ["!!"]}})), signs);
        check(to_sale(json!({"categories": ["Home > "]})), "when.categories[0]: a level of the path has no name");
        for fine in [json!({"query": {"exact": [""]}}), json!({"categories": ["Home > Desks"]})] {
            assert!(Rule::of(serde_json::from_value(to_sale(fine)).expect("is a document")).is_ok());
        }
    }
}
