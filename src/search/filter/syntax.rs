//! The filter grammar: text to a tree of conditions, without knowing what fields there are.
//!
//! ```text
//! any       = all { OR all }
//! all       = one { AND one }
//! one       = NOT one | "(" any ")" | EXISTS field | field [NOT] EXISTS | condition
//! condition = field ( = | != | < | <= | > | >= ) value
//!           | field [ = ] range
//!           | field [ NOT ] IN "[" ( value | range ) { "," ( value | range ) } "]"
//!           | field WITHIN number ( m | km | mi | ft ) OF "(" latitude "," longitude ")"
//! range     = value ".." [ value ] | ".." value          both ends included
//! value     = bare word | "quoted" | 'quoted'
//! ```
//!
//! Keywords are read in any case. A quoted text is never a keyword, so a field called `not` is written `"not"`.

pub use super::fault::SyntaxError;
use super::lexer::{Token, tokens};
use super::near;
use crate::search::geo::Point;
use crate::search::request::FILTER_BYTES_MAX;

/// Parentheses and NOTs inside one another. Each level costs stack.
pub const DEPTH_MAX: usize = 64;
/// Conditions in one filter; each may cost a pass over the products.
pub const CONDITIONS_MAX: usize = 128;

/// A tree of conditions.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// Every one holds.
    All(Vec<Self>),
    /// At least one holds.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// A condition on one field.
    Is(Condition),
}

/// A condition as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The field's name as written.
    pub field: String,
    /// Where it stands, in bytes.
    pub at: usize,
    /// What is asked of it.
    pub test: Test,
}

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// It has any value.
    Exists,
    /// One of its values is one of these or in one of these ranges.
    In(Vec<Choice>),
    /// One of its values lies on that side of the number.
    Compare(Side, Value),
    /// One of its values is a point at most so far from the centre.
    Near {
        /// How far, from 0.
        metres: f64,
        /// From where.
        centre: Point,
    },
}

/// One element of an IN list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// This value.
    Value(Value),
    /// From the first to the second, both included; an open end has none.
    Range(Option<Value>, Option<Value>),
}

/// The sides of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// A value as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Without quotes.
    pub text: String,
    /// Where it stands, in bytes.
    pub at: usize,
}

/// A name or value as filters take it, whatever stands in it.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Reads a filter; none when it is blank.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn parse(text: &str) -> Result<Option<Expr>, SyntaxError> {
    if text.len() > FILTER_BYTES_MAX {
        return Err(SyntaxError::new(FILTER_BYTES_MAX, format!("a filter has at most {FILTER_BYTES_MAX} bytes")));
    }
    if let Some((at, control)) = text.char_indices().find(|(_, letter)| letter.is_control() && !letter.is_whitespace()) {
        return Err(SyntaxError::new(at, format!("the control character U+{:04X}", u32::from(control))));
    }
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(None);
    }
    let mut parser = Parser { tokens, next: 0, end: text.len(), depth: 0, conditions_count: 0 };
    let expr = parser.any()?;
    match parser.tokens.get(parser.next) {
        None => Ok(Some(expr)),
        Some((_, at)) => Err(SyntaxError::new(*at, "expected AND, OR or the end")),
    }
}

/// Reads tokens from left to right.
pub(super) struct Parser {
    tokens: Vec<(Token, usize)>,
    next: usize,
    end: usize,
    depth: usize,
    conditions_count: usize,
}

type Parsed<T> = Result<T, SyntaxError>;

impl Parser {
    fn any(&mut self) -> Parsed<Expr> {
        let mut parts = vec![self.all()?];
        while self.takes_keyword("or") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Any(parts) })
    }

    fn all(&mut self) -> Parsed<Expr> {
        let mut parts = vec![self.one()?];
        while self.takes_keyword("and") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::All(parts) })
    }

    fn one(&mut self) -> Parsed<Expr> {
        let at = self.at();
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(SyntaxError::new(at, format!("more than {DEPTH_MAX} levels of parentheses and NOT")));
        }
        let expr = if self.takes_keyword("not") {
            Expr::Not(Box::new(self.one()?))
        } else if self.takes_sign("(") {
            let inner = self.any()?;
            self.expect(")")?;
            inner
        } else {
            self.condition()?
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn condition(&mut self) -> Parsed<Expr> {
        self.conditions_count += 1;
        if self.conditions_count > CONDITIONS_MAX {
            return Err(SyntaxError::new(self.at(), format!("more than {CONDITIONS_MAX} conditions")));
        }
        let exists = self.takes_keyword("exists");
        let (field, at) = self.field()?;
        let is = |test| Expr::Is(Condition { field, at, test });
        if exists {
            return Ok(is(Test::Exists));
        }
        let not = |expr| Expr::Not(Box::new(expr));
        if self.takes_keyword("exists") {
            return Ok(is(Test::Exists));
        }
        if self.takes_keyword("in") {
            return Ok(is(Test::In(self.list()?)));
        }
        if self.takes_keyword("not") {
            if self.takes_keyword("exists") {
                return Ok(not(is(Test::Exists)));
            }
            if !self.takes_keyword("in") {
                return Err(SyntaxError::new(self.at(), "expected IN or EXISTS after NOT"));
            }
            return Ok(not(is(Test::In(self.list()?))));
        }
        if self.takes_keyword("within") {
            return Ok(is(near::read(self)?));
        }
        if self.takes_sign("!=") {
            return Ok(not(is(Test::In(vec![self.choice()?]))));
        }
        for (sign, side) in [("<=", Side::AtMost), (">=", Side::AtLeast), ("<", Side::Below), (">", Side::Above)] {
            if self.takes_sign(sign) {
                return Ok(is(Test::Compare(side, self.value("a number")?)));
            }
        }
        let has_equals = self.takes_sign("=");
        let before = self.at();
        match self.choice() {
            Ok(choice) if has_equals || matches!(choice, Choice::Range(..)) => Ok(is(Test::In(vec![choice]))),
            Err(error) if has_equals => Err(error),
            _ => Err(SyntaxError::new(before, "expected =, !=, <, <=, >, >=, IN, NOT IN, EXISTS, WITHIN or a range such as 10..20")),
        }
    }

    /// A name such as `price`, `attributes.colour`, `attributes."Screen size"` or `"Screen size"`.
    fn field(&mut self) -> Parsed<(String, usize)> {
        let Value { text: mut name, at } = self.value("a field name")?;
        if let Some((Token::Quoted(rest), _)) = self.tokens.get(self.next)
            && name.ends_with('.')
        {
            name.push_str(rest);
            self.next += 1;
        }
        Ok((name, at))
    }

    fn list(&mut self) -> Parsed<Vec<Choice>> {
        self.expect("[")?;
        let mut choices = vec![self.choice()?];
        while self.takes_sign(",") {
            choices.push(self.choice()?);
        }
        self.expect("]")?;
        Ok(choices)
    }

    fn choice(&mut self) -> Parsed<Choice> {
        if self.takes_sign("..") {
            return Ok(Choice::Range(None, Some(self.value("a number")?)));
        }
        let low = self.value("a value")?;
        if !self.takes_sign("..") {
            return Ok(Choice::Value(low));
        }
        let has_high = self.tokens.get(self.next).is_some_and(|(token, _)| match token {
            Token::Word(word) => !is_keyword(word),
            Token::Quoted(_) => true,
            Token::Sign(_) => false,
        });
        let high = if has_high { Some(self.value("a number")?) } else { None };
        Ok(Choice::Range(Some(low), high))
    }

    pub(super) fn value(&mut self, what: &str) -> Parsed<Value> {
        let at = self.at();
        let text = match self.tokens.get(self.next) {
            Some((Token::Quoted(text), _)) => text.clone(),
            Some((Token::Word(text), _)) if !is_keyword(text) => text.clone(),
            Some((Token::Word(word), _)) => return Err(SyntaxError::new(at, format!("expected {what}, found {}", word.to_uppercase()))),
            Some((Token::Sign(sign), _)) => return Err(SyntaxError::new(at, format!("expected {what}, found `{sign}`"))),
            None => return Err(SyntaxError::new(at, format!("expected {what}, found the end"))),
        };
        self.next += 1;
        Ok(Value { text, at })
    }

    pub(super) fn takes_keyword(&mut self, keyword: &str) -> bool {
        let found =
            self.tokens.get(self.next).is_some_and(|(token, _)| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(keyword)));
        self.next += usize::from(found);
        found
    }

    fn takes_sign(&mut self, sign: &'static str) -> bool {
        let found = self.tokens.get(self.next).is_some_and(|(token, _)| *token == Token::Sign(sign));
        self.next += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, sign: &'static str) -> Parsed<()> {
        if self.takes_sign(sign) { Ok(()) } else { Err(SyntaxError::new(self.at(), format!("expected `{sign}`"))) }
    }

    pub(super) fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |(_, at)| *at)
    }
}

fn is_keyword(word: &str) -> bool {
    ["and", "or", "not", "in", "exists"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree in a compact notation.
    fn shown(expr: &Expr) -> String {
        let list = |parts: &[Expr]| parts.iter().map(shown).collect::<Vec<_>>().join(" ");
        let text = |value: &Option<Value>| value.as_ref().map(|value| value.text.clone()).unwrap_or_default();
        match expr {
            Expr::All(parts) => format!("(& {})", list(parts)),
            Expr::Any(parts) => format!("(| {})", list(parts)),
            Expr::Not(inner) => format!("(! {})", shown(inner)),
            Expr::Is(Condition { field, test: Test::Exists, .. }) => format!("{field}?"),
            Expr::Is(Condition { field, test: Test::Compare(side, value), .. }) => format!("{field} {side:?} {}", value.text),
            Expr::Is(Condition { field, test: Test::Near { metres, centre }, .. }) => {
                format!("{field}~{metres}@{},{}", centre.latitude_deg, centre.longitude_deg)
            }
            Expr::Is(Condition { field, test: Test::In(choices), .. }) => {
                let choice = |choice: &Choice| match choice {
                    Choice::Value(value) => value.text.clone(),
                    Choice::Range(low, high) => format!("{}..{}", text(low), text(high)),
                };
                format!("{field}={}", choices.iter().map(choice).collect::<Vec<_>>().join(","))
            }
        }
    }

    #[test]
    fn the_grammar_is_read() {
        let check = |text: &str, expected: &str| {
            let expr = parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(expr.as_ref().map(shown).unwrap_or_default(), expected, "{text}");
        };
        check("", "");
        check("  \n", "");
        check("brand = Acme", "brand=Acme");
        check("brand=\"Acme & Co\" AND price<50", "(& brand=Acme & Co price Below 50)");
        check("a = 1 and b = 2 or c = 3", "(| (& a=1 b=2) c=3)");
        check("a = 1 AND (b = 2 OR c = 3)", "(& a=1 (| b=2 c=3))");
        check("NOT a = 1 AND NOT (b != 2)", "(& (! a=1) (! (! b=2)))");
        check("price 10..20", "price=10..20");
        check("price = 10.5..", "price=10.5..");
        check("price ..20 and x = 1", "(& price=..20 x=1)");
        check("attributes.\"Screen size\" >= 15", "attributes.Screen size AtLeast 15");
        check("rating EXISTS AND brand NOT EXISTS", "(& rating? (! brand?))");
        check("EXISTS rating AND \"not\" = 'AND'", "(& rating? not=AND)");
        check("brand NOT IN [a, \"b \\\" c\"]", "(! brand=a,b \" c)");
        check("price 10.. and x = 1", "(& price=10.. x=1)");
        check("store within 10 km of (52.52, -13.40) and x = 1", "(& store~10000@52.52,-13.4 x=1)");
        check("NOT store WITHIN 2.5mi OF (0,0)", "(! store~4023.36@0,0)");
        check("within = of", "within=of");
        check("size in [\"a, b\", 'x', 3..4, ..1]", "size=a, b,x,3..4,..1");
    }
    #[test]
    fn a_fault_is_named_with_its_place() {
        let check = |text: &str, character: usize, reason: &str| {
            let error = parse(text).expect_err(text).in_text(text).to_string();
            assert_eq!(error, format!("filter: at character {character}: {reason}"), "{text}");
        };
        check("brand =", 8, "expected a value, found the end");
        check("é = 1 AND", 10, "expected a field name, found the end");
        check("a = 1 b = 2", 7, "expected AND, OR or the end");
        check("(a = 1", 7, "expected `)`");
        check("a = 1)", 6, "expected AND, OR or the end");
        check("a = \"x", 5, "the quoted text has no end");
        check("a = \"x\\n\"", 7, "after `\\` there must be a quote or another `\\`");
        check("a ~ 1", 3, "expected =, !=, <, <=, >, >=, IN, NOT IN, EXISTS, WITHIN or a range such as 10..20");
        check("a ! 1", 3, "unexpected `!`");
        check("a = 'x\0'", 7, "the control character U+0000");
        check("a < AND", 5, "expected a number, found AND");
        check("a IN (1)", 6, "expected `[`");
        check("a IN [1, ]", 10, "expected a value, found `]`");
        check("a NOT = 1", 7, "expected IN or EXISTS after NOT");
        check("a WITHIN 10 parsec OF (1, 2)", 13, "unknown unit `parsec`: use m, km, mi, ft");
        check("a WITHIN 10lm OF (1, 2)", 12, "unknown unit `lm`: use m, km, mi, ft");
        check("a WITHIN far OF (1, 2)", 10, "`far` is not a distance such as 10 km");
        check("a WITHIN -1 km OF (1, 2)", 10, "`-1` is not a distance such as 10 km");
        check("a WITHIN NaN OF (1, 2)", 10, "`NaN` is not a distance such as 10 km");
        check("a WITHIN 10 km (1, 2)", 16, "expected OF and a point such as (52.52, 13.405)");
        check("a WITHIN 10 km OF 1, 2", 19, "expected `(`");
        check("a WITHIN 10 km OF (91, 2)", 20, "`91` is not a latitude from -90 to 90");
        check("a WITHIN 10 km OF (1, nan)", 23, "`nan` is not a longitude from -180 to 180");
        check("a WITHIN 10", 12, "expected a unit, found the end");
        check(&"(".repeat(500), DEPTH_MAX + 1, "more than 64 levels of parentheses and NOT");
        check(&"a=1 OR ".repeat(200), CONDITIONS_MAX * 7 + 1, "more than 128 conditions");
        check(&"x".repeat(9_000), FILTER_BYTES_MAX + 1, "a filter has at most 8192 bytes");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_filter_or_a_fault(text in "([a-c]|[0-9]|AND|OR|NOT|IN|EXISTS|WITHIN|km|OF|[\\[\\](),=<>!\"' ]|\\.\\.|\\PC| ){0,30}") {
            if let Err(error) = parse(&text) {
                proptest::prop_assert!(error.at <= text.len());
                let _ = error.in_text(&text);
            }
        }
    }
}
