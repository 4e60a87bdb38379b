//! The text of one facet: which field, and how its values are to be shown.
//!
//! ```text
//! facet    = ( "*" | "auto" ) [ "(" number ")" ]                 chosen by coverage
//!          | field { "[" range { "," range } "]" | ":" option }
//! field    = bare text, parts of it possibly "quoted"            attributes."Size: EU"
//! range    = number ".." [ number ] | ".." number | number       both ends included
//! option   = limit(n) | order(count) | order(alphabetical) | search("text") | tree [ (levels) ]
//!          | histogram(buckets) | interval(width) | stats | impact | conjunctive
//! ```
//!
//! Values stand by how many products have them, sizes of clothes and numbers by size, unless an order is named. A name that a field has as it stands is that
//! field, whatever signs are in it.

use super::cells::CELLS_MAX;
use crate::search::SearchError;
use crate::search::filter::syntax::{Choice, SyntaxError, Value};

/// Most values shown of one keyword facet when it does not say.
pub const VALUES_DEFAULT: usize = 100;
/// Most values that one facet may ask for.
pub const VALUES_MAX: usize = 1_000;
/// Facets chosen by coverage when the request does not say how many.
pub const CHOSEN_DEFAULT: usize = 8;
/// Most facets chosen by coverage.
pub const CHOSEN_MAX: usize = 24;
/// Most levels of a tree.
pub const LEVELS_MAX: usize = 16;
/// Most bytes of one facet's text.
const SPEC_BYTES_MAX: usize = 2_048;

/// One facet as asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// So many fields, chosen by what they cover.
    Chosen(usize),
    /// This field.
    Field(Spec),
}

/// How the numbers of a field are put together.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Grouping {
    /// Single numbers while they are few, else round ranges of about as many products each.
    #[default]
    Automatic,
    /// These, as written.
    Ranges(Vec<Choice>),
    /// So many of equal width.
    Histogram(usize),
    /// As many as needed of this width.
    Interval(Value),
}

/// In which order values stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arrangement {
    /// Most frequent first, but sizes by size.
    #[default]
    Usual,
    /// Most frequent first.
    Count,
    /// By folded text.
    Alphabetical,
}

/// A field and how its values are to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// The field's name.
    pub field: String,
    /// How numbers are put together.
    pub grouping: Grouping,
    /// Most values shown.
    pub limit: usize,
    /// Their order.
    pub arrangement: Arrangement,
    /// Only values with a word that begins so, or else that have it anywhere.
    pub search: Option<String>,
    /// Levels of the tree, if one is wanted.
    pub levels: Option<usize>,
    /// Whether smallest, largest, sum and mean are wanted.
    pub stats: bool,
    /// Whether each value says what the total would become.
    pub impact: bool,
    /// Whether the field's own selection holds as well, so that values are counted among the hits.
    pub conjunctive: bool,
}

impl Spec {
    /// The field without options.
    #[must_use]
    pub fn plain(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            grouping: Grouping::Automatic,
            limit: VALUES_DEFAULT,
            arrangement: Arrangement::Usual,
            search: None,
            levels: None,
            stats: false,
            impact: false,
            conjunctive: false,
        }
    }
}

/// Reads the text of one facet that is not just the name of a field.
///
/// # Errors
/// The first thing that is wrong, with the facet and the character where it stands.
pub fn read(text: &str) -> Result<Asked, SearchError> {
    let mut reader = Reader { text, at: 0 };
    reader.facet().map_err(|error| in_facet(text, &error))
}

/// A fault for the caller: the facet and the place as a character count from 1.
pub fn in_facet(text: &str, error: &SyntaxError) -> SearchError {
    let character = text.char_indices().take_while(|(at, _)| *at < error.at).count() + 1;
    let shown: String = text.chars().take(80).collect();
    SearchError::Invalid { field: "facets", reason: format!("`{shown}` at character {character}: {}", error.reason) }
}

type Reading<T> = Result<T, SyntaxError>;

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn facet(&mut self) -> Reading<Asked> {
        if self.text.len() > SPEC_BYTES_MAX {
            return Err(SyntaxError::new(SPEC_BYTES_MAX, format!("a facet has at most {SPEC_BYTES_MAX} bytes")));
        }
        let chosen = self.text.trim_end().trim_start_matches("auto").trim_start_matches('*');
        if chosen.len() < self.text.trim_end().len() && (chosen.is_empty() || chosen.starts_with('(')) {
            self.at = self.text.len() - self.text.trim_start_matches("auto").trim_start_matches('*').len();
            let count = self.argument()?.map_or(Ok(CHOSEN_DEFAULT), |value| whole(&value, CHOSEN_MAX))?;
            self.end()?;
            return Ok(Asked::Chosen(count));
        }
        let mut spec = Spec::plain(&self.field()?);
        while self.at < self.text.len() {
            let at = self.at;
            if self.takes('[') {
                grouped(&mut spec, Grouping::Ranges(self.ranges()?), at)?;
            } else if self.takes(':') {
                self.option(&mut spec)?;
            } else {
                return Err(SyntaxError::new(at, "expected `[`, `:` or the end"));
            }
        }
        Ok(Asked::Field(spec))
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn takes(&mut self, sign: char) -> bool {
        let rest = self.rest().trim_start();
        let found = rest.starts_with(sign);
        if found {
            self.at = self.text.len() - rest.len() + sign.len_utf8();
        }
        found
    }

    fn end(&self) -> Reading<()> {
        if self.rest().trim().is_empty() { Ok(()) } else { Err(SyntaxError::new(self.at, "expected the end")) }
    }

    fn field(&mut self) -> Reading<String> {
        let mut name = String::new();
        while let Some(letter) = self.rest().chars().next().filter(|letter| !matches!(letter, '[' | ':')) {
            if letter == '"' || letter == '\'' {
                name.push_str(&self.quoted(letter)?);
            } else {
                name.push(letter);
                self.at += letter.len_utf8();
            }
        }
        let name = name.trim().to_owned();
        if name.is_empty() { Err(SyntaxError::new(self.at, "expected the name of a field")) } else { Ok(name) }
    }

    /// A text in quotes; `\` before a quote or another `\` lets it stand for itself.
    fn quoted(&mut self, quote: char) -> Reading<String> {
        let start = self.at;
        let mut letters = self.text[start + 1..].char_indices();
        let mut value = String::new();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some((_, escaped @ ('"' | '\'' | '\\'))) => value.push(escaped),
                    _ => return Err(SyntaxError::new(start + 1 + at, "after `\\` there must be a quote or another `\\`")),
                },
                _ if letter == quote => {
                    self.at = start + 1 + at + 1;
                    return Ok(value);
                }
                _ => value.push(letter),
            }
        }
        Err(SyntaxError::new(start, "the quoted text has no end"))
    }

    /// What stands in parentheses, if they follow.
    fn argument(&mut self) -> Reading<Option<Value>> {
        if !self.takes('(') {
            return Ok(None);
        }
        self.at = self.text.len() - self.rest().trim_start().len();
        let at = self.at;
        let text = match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote)?,
            _ => {
                let length = self.rest().find(')').unwrap_or(self.rest().len());
                self.at += length;
                self.text[at..self.at].trim().to_owned()
            }
        };
        if self.takes(')') { Ok(Some(Value { text, at })) } else { Err(SyntaxError::new(self.at, "expected `)`")) }
    }

    fn ranges(&mut self) -> Reading<Vec<Choice>> {
        let start = self.at;
        let length = self.rest().find(']').ok_or_else(|| SyntaxError::new(start, "expected `]` after the ranges"))?;
        self.at = start + length + 1;
        let mut ranges = Vec::new();
        let mut at = start;
        for part in self.text[start..start + length].split(',') {
            ranges.push(range(part, at)?);
            at += part.len() + 1;
        }
        if ranges.len() > CELLS_MAX {
            return Err(SyntaxError::new(start, format!("at most {CELLS_MAX} ranges")));
        }
        Ok(ranges)
    }

    fn option(&mut self, spec: &mut Spec) -> Reading<()> {
        let rest = self.rest().trim_start();
        let at = self.text.len() - rest.len();
        let length = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
        self.at = at + length;
        let name = &rest[..length];
        let argument = self.argument()?;
        let needed = || argument.clone().ok_or_else(|| SyntaxError::new(self.at, format!("`{name}` needs a value, as in {name}(10)")));
        match name {
            "limit" => spec.limit = whole(&needed()?, VALUES_MAX)?,
            "order" => spec.arrangement = arrangement(&needed()?)?,
            "search" => spec.search = Some(needed()?.text).filter(|text| !text.trim().is_empty()),
            "tree" => spec.levels = Some(argument.map_or(Ok(LEVELS_MAX), |value| whole(&value, LEVELS_MAX))?),
            "histogram" => grouped(spec, Grouping::Histogram(whole(&needed()?, CELLS_MAX)?), at)?,
            "interval" => grouped(spec, Grouping::Interval(needed()?), at)?,
            "stats" if argument.is_none() => spec.stats = true,
            "impact" if argument.is_none() => spec.impact = true,
            "conjunctive" if argument.is_none() => spec.conjunctive = true,
            "stats" | "impact" | "conjunctive" => return Err(SyntaxError::new(at, format!("`{name}` takes no value"))),
            _ => {
                let known = "limit, order, search, tree, histogram, interval, stats, impact and conjunctive";
                return Err(SyntaxError::new(at, format!("unknown option `{name}`; known are {known}")));
            }
        }
        Ok(())
    }
}

fn grouped(spec: &mut Spec, grouping: Grouping, at: usize) -> Reading<()> {
    if spec.grouping != Grouping::Automatic {
        return Err(SyntaxError::new(at, "numbers are put together in one way only: ranges, histogram or interval"));
    }
    spec.grouping = grouping;
    Ok(())
}

fn whole(value: &Value, max: usize) -> Reading<usize> {
    let number = value.text.parse().ok().filter(|number| (1..=max).contains(number));
    number.ok_or_else(|| SyntaxError::new(value.at, format!("expected a whole number from 1 to {max}")))
}

fn arrangement(value: &Value) -> Reading<Arrangement> {
    match value.text.as_str() {
        "count" => Ok(Arrangement::Count),
        "alphabetical" | "value" => Ok(Arrangement::Alphabetical),
        _ => Err(SyntaxError::new(value.at, "an order is count or alphabetical")),
    }
}

/// Reads `10..20`, `10..`, `..20` or `10`, which stands at byte `at`.
fn range(text: &str, at: usize) -> Reading<Choice> {
    let side = |part: &str, from: usize| {
        let trimmed = part.trim();
        let at = at + from + (part.len() - part.trim_start().len());
        (!trimmed.is_empty()).then(|| Value { text: trimmed.to_owned(), at })
    };
    let wrong = || SyntaxError::new(at, "expected a range such as 10..20, 10.. or ..20");
    match text.split_once("..") {
        None => side(text, 0).map(Choice::Value).ok_or_else(wrong),
        Some((low, high)) => match (side(low, 0), side(high, low.len() + 2)) {
            (None, None) => Err(wrong()),
            (low, high) => Ok(Choice::Range(low, high)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, at: usize) -> Value {
        Value { text: text.to_owned(), at }
    }

    #[test]
    fn facets_are_read() {
        let check = |text: &str, expected: Spec| assert_eq!(read(text), Ok(Asked::Field(expected)), "{text}");
        check("brand", Spec::plain("brand"));
        check("attributes.Screen size", Spec::plain("attributes.Screen size"));
        check("attributes.\"Size: [EU]\"", Spec::plain("attributes.Size: [EU]"));
        check("brand:limit(5):order(alphabetical)", Spec { limit: 5, arrangement: Arrangement::Alphabetical, ..Spec::plain("brand") });
        check("brand : search( \"so) \\\"n\" ) :impact", Spec { search: Some("so) \"n".to_owned()), impact: true, ..Spec::plain("brand") });
        check("category:tree", Spec { levels: Some(LEVELS_MAX), ..Spec::plain("category") });
        check("category:tree(2):impact", Spec { levels: Some(2), impact: true, ..Spec::plain("category") });
        check("price:histogram(20):stats", Spec { grouping: Grouping::Histogram(20), stats: true, ..Spec::plain("price") });
        check("price:interval(2.5)", Spec { grouping: Grouping::Interval(value("2.5", 15)), ..Spec::plain("price") });
        let ranges = vec![
            Choice::Range(Some(value("0", 6)), Some(value("50", 9))),
            Choice::Range(Some(value("100", 13)), None),
            Choice::Range(None, Some(value("9.5", 22))),
            Choice::Value(value("7", 27)),
        ];
        check("price[0..50, 100.., ..9.5, 7]", Spec { grouping: Grouping::Ranges(ranges), ..Spec::plain("price") });
        assert_eq!(read("*"), Ok(Asked::Chosen(CHOSEN_DEFAULT)));
        assert_eq!(read("auto(3)"), Ok(Asked::Chosen(3)));
        assert_eq!(read("automatic"), Ok(Asked::Field(Spec::plain("automatic"))));
    }

    #[test]
    fn a_fault_is_named_with_the_facet_and_its_place() {
        let check = |text: &str, character: usize, reason: &str| {
            let error = read(text).expect_err(text).to_string();
            assert_eq!(error, format!("facets: `{text}` at character {character}: {reason}"));
        };
        check("", 1, "expected the name of a field");
        check("é:limit", 8, "`limit` needs a value, as in limit(10)");
        check("brand:limit(0)", 13, "expected a whole number from 1 to 1000");
        check("brand:order(up)", 13, "an order is count or alphabetical");
        check("brand:search(\"so)", 14, "the quoted text has no end");
        check("brand:search(so", 16, "expected `)`");
        check("price[1..2,..]", 12, "expected a range such as 10..20, 10.. or ..20");
        check("price[1..2", 7, "expected `]` after the ranges");
        check("price[1..2]x", 12, "expected `[`, `:` or the end");
        check("price[1..2]:histogram(3)", 13, "numbers are put together in one way only: ranges, histogram or interval");
        check("price:impact(3)", 7, "`impact` takes no value");
        check("auto(99)", 6, "expected a whole number from 1 to 24");
        let known = "limit, order, search, tree, histogram, interval, stats, impact and conjunctive";
        check("price:sum", 7, &format!("unknown option `sum`; known are {known}"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_facet_or_a_fault(text in "([a-c]|auto|\\*|:|tree|limit|search|[\\[\\](),\"' \\\\]|\\.\\.|[0-9é]|\\PC){0,20}") {
            drop(read(&text));
        }
    }
}
