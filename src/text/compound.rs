//! What people write in several ways, as one term: measures, fractions, dimensions, and words with a hyphen or an apostrophe inside.
//!
//! | written | compound |
//! |---|---|
//! | `15.6 inch`, `15,6"`, `15.6in`, `15.6-inch` | `15.6in` |
//! | `1.500 W`, `1,250 kg` | `1.5w` and `1500w`, `1250kg` and `1.25kg`: nobody knows |
//! | `1/2 in.`, `0.5 in`, `½"` | `0.5in` |
//! | `2 in. x 4 in. x 8 ft.`, `2x4x8`, `2 by 4` | `2x4x8`, `2x4`, `4x8` |
//! | `24 x 330 ml`, `24x330ml`; `M8 x 40 mm`, `m8x40` | `24x330`, `330ml`; `m8x40`, `40mm` |
//! | `W32 L34`, `w32/l34`, `32x34` | `32x34` |
//! | `size 42`; `size M`, `size medium` | `size42`; `sizem` |
//! | `5W-30`, `W 712/95` | `5w30`, `w71295` |
//! | `wi-fi`, `t-shirt`, `GT-1000`, `L'Oréal` | `wifi`, `tshirt`, `gt1000`, `loreal` |
//!
//! The index holds compounds beside the plain terms, so every writing of a document is found by every writing of a query. A number in a model
//! name ("iphone 7", "p30") has no unit and stays what it is.

use super::cut::{TERM_BYTES_MAX, Token};
use super::measure::{mixed, number, read_otherwise, unit_of, unit_of_two, with_unit};
use std::ops::Range;

/// Longer compounds with a hyphen are not what anybody writes as one word.
const JOINED_BYTES_MAX: usize = 14;
/// More parts make a phrase, not a word.
const JOINED_PARTS_MAX: usize = 3;
/// Digits of a metric thread.
const THREAD_DIGITS_MAX: usize = 2;
/// Letters that a code begins with, at most, and digits of its first number, at least: `24/7` and `USB 2/3` are none.
const CODE_LETTERS_MAX: usize = 3;
const CODE_DIGITS_MIN: usize = 3;
/// More numbers in a row are no dimensions.
const DIMENSIONS_MAX: usize = 4;

/// How a compound stands to its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It says all that its parts say together: a query looks for it instead of them.
    Whole,
    /// It is a part of what is said, for documents only.
    Beside,
    /// It is another writing: a query looks for either.
    Joined,
    /// It is another reading of the whole before it: documents hold both, and a query looks for either.
    Otherwise,
}

/// A term made of neighbouring ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compound {
    /// The term.
    pub term: String,
    /// Which of the tokens it is made of.
    pub parts: Range<usize>,
    /// How it stands to them.
    pub role: Role,
}

/// The compounds of a text, given its tokens as [`super::tokens`] cuts them, in order.
#[must_use]
pub fn compounds(text: &str, tokens: &[Token]) -> Vec<Compound> {
    let text = Text { text, tokens };
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        text.code(at, &mut found);
        let end = text.quantities(at, &mut found).or_else(|| text.size(at, &mut found)).or_else(|| text.joined(at, &mut found));
        at = end.unwrap_or(at + 1);
    }
    found.retain(|compound| {
        let is_plain = compound.parts.len() == 1 && tokens[compound.parts.start].term == compound.term;
        !is_plain && compound.term.len() <= TERM_BYTES_MAX
    });
    found
}

/// A number, perhaps with a unit.
struct Quantity {
    number: String,
    unit: Option<&'static str>,
    parts: Range<usize>,
    /// Whether the number is written otherwise than its term, as `1/2` and `.5` are.
    is_rewritten: bool,
    /// What the number is to who parts thousands, or decimals, as others do.
    otherwise: Option<String>,
}

impl Quantity {
    /// Whether it is no number but the name of a thread.
    fn is_thread(&self) -> bool {
        is_thread(&self.number)
    }

    fn plain(number: String, at: usize) -> Self {
        Self { number, unit: None, parts: at..at + 1, is_rewritten: false, otherwise: None }
    }
}

#[derive(Clone, Copy)]
struct Text<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl Text<'_> {
    fn term(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.term.as_str())
    }

    /// What stands between the token before `at` and the token at it; everything to the end for the last.
    fn gap(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |last| self.tokens[last].end);
        &self.text[start..self.tokens.get(at).map_or(self.text.len(), |token| token.start)]
    }

    fn is_near(&self, at: usize) -> bool {
        at < self.tokens.len() && matches!(self.gap(at), " " | "-" | "\u{a0}" | "" | "\u{202f}")
    }

    /// Takes the measures and dimensions that begin at a token; returns where they end.
    fn quantities(&self, at: usize, found: &mut Vec<Compound>) -> Option<usize> {
        let mut chain = self
            .waist_and_length(at)
            .or_else(|| self.dimensions_in_one(at))
            .or_else(|| Some(vec![self.quantity(at).or_else(|| self.thread(at))?]))?;
        while chain.len() < DIMENSIONS_MAX
            && let Some(next) = self.next_dimension(chain.last()?.parts.end)
        {
            chain.push(next);
        }
        let last = chain.pop()?;
        chain.push(if last.is_thread() { last } else { self.with_unit_behind(last) });
        let end = chain.last()?.parts.end;
        if chain.len() == 1 && chain[0].is_thread() {
            return None;
        }
        if chain.len() > 1 {
            let numbers: Vec<&str> = chain.iter().map(|quantity| quantity.number.as_str()).collect();
            found.push(Compound { term: numbers.join("x"), parts: at..end, role: Role::Whole });
            let runs = (2..numbers.len()).flat_map(|count| numbers.windows(count));
            found.extend(runs.map(|run| Compound { term: run.join("x"), parts: at..end, role: Role::Beside }));
        }
        take_measures(chain, found);
        Some(end)
    }

    fn quantity(&self, at: usize) -> Option<Quantity> {
        let term = self.term(at);
        if let Some((number, unit)) = with_unit(term) {
            return Some(Quantity { otherwise: self.otherwise(at, unit), unit: Some(unit), ..Quantity::plain(number, at) });
        }
        if let Some(fraction) = self.vulgar(at) {
            return Some(self.with_unit_behind(fraction));
        }
        let plain = number(term)?;
        if let Some(fraction) = self.fraction(at) {
            return Some(self.with_unit_behind(fraction));
        }
        let is_rewritten = self.follows_a_point(at);
        let number = if is_rewritten { number(&format!(".{term}"))? } else { plain };
        Some(self.with_unit_behind(Quantity { is_rewritten, ..Quantity::plain(number, at) }))
    }

    fn with_unit_behind(&self, mut quantity: Quantity) -> Quantity {
        if quantity.unit.is_none()
            && let Some((unit, end)) = self.unit(quantity.parts.end)
        {
            quantity.otherwise = self.otherwise(quantity.parts.start, unit).filter(|_| !quantity.is_rewritten);
            (quantity.unit, quantity.parts.end) = (Some(unit), end);
        }
        quantity
    }

    /// What the number at a token is to who writes points or commas for the other thing.
    fn otherwise(&self, at: usize, unit: &str) -> Option<String> {
        let written = &self.text[self.tokens[at].start..self.tokens[at].end];
        read_otherwise(written.trim_end_matches(|letter: char| letter.is_alphabetic()), unit)
    }

    /// `1/2`, `1-1/2` and `1 1/2` as decimals; the unit may be written onto them.
    fn fraction(&self, at: usize) -> Option<Quantity> {
        let is_over = |at: usize| at < self.tokens.len() && matches!(self.gap(at), "/" | "⁄");
        let (whole, over) = if is_over(at + 1) {
            ("0", at + 1)
        } else if is_over(at + 2) && matches!(self.gap(at + 1), " " | "-") {
            (self.term(at), at + 2)
        } else {
            return None;
        };
        let below = with_unit(self.term(over));
        let (denominator, unit) = below.as_ref().map_or((self.term(over), None), |(number, unit)| (number.as_str(), Some(*unit)));
        let number = mixed(whole, self.term(over - 1), denominator)?;
        Some(Quantity { unit, parts: at..over + 1, is_rewritten: true, ..Quantity::plain(number, at) })
    }

    /// `½`, `1½` and `1 ½` as decimals; the unit may be written onto them.
    fn vulgar(&self, at: usize) -> Option<Quantity> {
        let is_one = |at: usize| self.term(at).contains('⁄');
        let (whole, at_fraction) = match is_one(at) {
            true => ("0", at),
            false if is_one(at + 1) && matches!(self.gap(at + 1), "" | " " | "-") => (self.term(at), at + 1),
            false => return None,
        };
        let (numerator, below) = self.term(at_fraction).split_once('⁄')?;
        let (denominator, unit) = with_unit(below).map_or((below.to_owned(), None), |(number, unit)| (number, Some(unit)));
        let number = mixed(whole, numerator, &denominator)?;
        Some(Quantity { unit, parts: at..at_fraction + 1, is_rewritten: true, ..Quantity::plain(number, at) })
    }

    /// `M8`, which screws have in place of their width.
    fn thread(&self, at: usize) -> Option<Quantity> {
        is_thread(self.term(at)).then(|| Quantity::plain(self.term(at).to_owned(), at))
    }

    /// Whether the number at a token is written without its zero, as `.5` is.
    fn follows_a_point(&self, at: usize) -> bool {
        let before = &self.text[..self.tokens[at].start];
        before.strip_suffix('.').is_some_and(|before| before.chars().next_back().is_none_or(char::is_whitespace))
    }

    /// The unit that begins at a token or stands before it as a sign, and where it ends.
    fn unit(&self, at: usize) -> Option<(&'static str, usize)> {
        if let Some(unit) = unit_sign(&self.text[self.tokens[at - 1].end..]) {
            return Some((unit, at));
        }
        if !self.is_near(at) {
            return None;
        }
        if let Some(unit) = unit_of_two(self.term(at), self.term(at + 1)) {
            return Some((unit, at + 2));
        }
        // "2 in 1": a number follows without "in" being cut short.
        let is_word = self.term(at) == "in" && self.gap(at + 1) == " " && number(self.term(at + 1)).is_some();
        unit_of(self.term(at)).filter(|_| !is_word).map(|unit| (unit, at + 1))
    }

    /// `2x4`, `m8x40` and `24x330ml` written as one word.
    fn dimensions_in_one(&self, at: usize) -> Option<Vec<Quantity>> {
        let numbers: Vec<&str> = self.term(at).split('x').collect();
        if !(2..=DIMENSIONS_MAX).contains(&numbers.len()) {
            return None;
        }
        let last = numbers.len() - 1;
        let quantity = |(place, term): (usize, &&str)| match with_unit(term) {
            Some((number, unit)) => (place == last).then(|| Quantity { unit: Some(unit), ..Quantity::plain(number, at) }),
            None if place == 0 && is_thread(term) => Some(Quantity::plain((*term).to_owned(), at)),
            None => Some(Quantity::plain(number(term)?, at)),
        };
        numbers.iter().enumerate().map(quantity).collect()
    }

    /// `W32 L34`, as jeans are measured.
    fn waist_and_length(&self, at: usize) -> Option<Vec<Quantity>> {
        let side = |letter: char, at: usize| number(self.term(at).strip_prefix(letter)?);
        let (waist, length) = side('w', at).zip(side('l', at + 1))?;
        let is_pair = matches!(self.gap(at + 1), " " | "/" | "-" | " / " | ", ");
        is_pair.then(|| vec![Quantity::plain(waist, at), Quantity::plain(length, at + 1)])
    }

    /// The number behind `x`, `×` or `by`, with a letter for the direction before it (`36 in. W x 24 in. D`).
    fn next_dimension(&self, at: usize) -> Option<Quantity> {
        if at >= self.tokens.len() {
            return None;
        }
        if self.gap(at).contains(['×', '*']) {
            return self.quantity(at);
        }
        // `5 ft. 3 in. x 7 ft. 6 in.` is called 5 × 7.
        let at = self.quantity(at).filter(|rest| rest.unit.is_some()).map_or(at, |rest| rest.parts.end);
        let at = if matches!(self.term(at), "w" | "h" | "d" | "l") { at + 1 } else { at };
        match self.term(at) {
            "x" | "by" => self.quantity(at + 1),
            // `36"x24"`.
            onto => {
                let rest = onto.strip_prefix('x')?;
                let (number, unit) = with_unit(rest).map(|(number, unit)| (number, Some(unit))).or_else(|| Some((number(rest)?, None)))?;
                Some(self.with_unit_behind(Quantity { unit, is_rewritten: true, ..Quantity::plain(number, at) }))
            }
        }
    }

    /// `size 42`, `size XL` and `size large`.
    fn size(&self, at: usize, found: &mut Vec<Compound>) -> Option<usize> {
        let is_size = matches!(self.term(at), "size" | "sz" | "groesse" | "grosse" | "taille" | "talla" | "taglia" | "maat" | "storlek");
        let value = match self.term(at + 1) {
            "small" => "s",
            "medium" => "m",
            "large" => "l",
            value => value,
        };
        let is_value = number(value).is_some() || matches!(value, "xxs" | "xs" | "s" | "m" | "l" | "xl" | "xxl" | "xxxl");
        if !is_size || !is_value || !matches!(self.gap(at + 1), " " | "-" | ": ") {
            return None;
        }
        found.push(Compound {
            term: format!("size{}", number(value).unwrap_or_else(|| value.to_owned())),
            parts: at..at + 2,
            role: Role::Joined,
        });
        Some(at + 2)
    }

    /// A short name of letters and numbers with signs inside, which people type as one: `5W-30`, `W 712/95`.
    fn code(&self, at: usize, found: &mut Vec<Compound>) {
        let is_number = |at: usize| !self.term(at).is_empty() && self.term(at).bytes().all(|letter| letter.is_ascii_digit());
        let has_letters = |at: usize| self.term(at).bytes().any(|letter| letter.is_ascii_alphabetic());
        let is_long = |at: usize| self.term(at).len() >= CODE_DIGITS_MIN;
        let signs = |at: usize| matches!(self.gap(at), "-" | "/");
        let end = match at {
            // `5W-30` is no 5 watts.
            _ if self.is_a_short_measure(at) && is_number(at + 1) && self.gap(at + 1) == "-" => at + 2,
            _ if has_letters(at) && is_number(at + 1) && is_number(at + 2) && is_long(at + 1) && signs(at + 2) && self.is_near(at + 1) => {
                at + 3
            }
            _ if self.is_a_short_code(at) && is_number(at + 1) && signs(at + 1) => at + 2,
            _ => return,
        };
        // Not where it goes on: `12V-24-36` and dates are none.
        if end < self.tokens.len() && signs(end) {
            return;
        }
        let term: String = (at..end).map(|at| self.term(at)).collect();
        let letters_count = term.bytes().filter(u8::is_ascii_alphabetic).count();
        if letters_count <= CODE_LETTERS_MAX && term.len() <= JOINED_BYTES_MAX {
            found.push(Compound { term, parts: at..end, role: Role::Joined });
        }
    }

    /// Whether a term is letters and a number: `w712`.
    fn is_a_short_code(&self, at: usize) -> bool {
        let digits = self.term(at).trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
        digits.len() >= CODE_DIGITS_MIN && digits.len() < self.term(at).len() && digits.bytes().all(|letter| letter.is_ascii_digit())
    }

    /// Whether a term is a number and a letter: `5w`, `10w`.
    fn is_a_short_measure(&self, at: usize) -> bool {
        let term = self.term(at);
        let digits = term.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        with_unit(term).is_some() && digits.len() + 1 == term.len() && digits.len() <= THREAD_DIGITS_MAX
    }

    /// A short word with hyphens or an apostrophe inside.
    fn joined(&self, at: usize, found: &mut Vec<Compound>) -> Option<usize> {
        let is_inside = |at: usize| at < self.tokens.len() && matches!(self.gap(at), "-" | "\u{2010}" | "\u{2011}" | "'" | "’");
        let end = (at + 1..).find(|&end| !is_inside(end))?;
        let term: String = (at..end).map(|at| self.term(at)).collect();
        if (2..=JOINED_PARTS_MAX).contains(&(end - at)) && term.len() <= JOINED_BYTES_MAX {
            found.push(Compound { term, parts: at..end, role: Role::Joined });
        }
        Some(end)
    }
}

/// The measures of a chain; a number without a unit has that of the next one that has one (`36 x 24 in.`).
fn take_measures(chain: Vec<Quantity>, found: &mut Vec<Compound>) {
    let is_alone = chain.len() == 1;
    let role = if is_alone { Role::Whole } else { Role::Beside };
    let mut unit = None;
    for quantity in chain.into_iter().rev().filter(|quantity| !quantity.is_thread()) {
        unit = quantity.unit.or(unit);
        if let Some(unit) = unit {
            found.push(Compound { term: format!("{}{unit}", quantity.number), parts: quantity.parts.clone(), role });
            let otherwise = quantity.otherwise.as_ref().filter(|_| is_alone);
            found.extend(otherwise.map(|number| Compound {
                term: format!("{number}{unit}"),
                parts: quantity.parts.clone(),
                role: Role::Otherwise,
            }));
        }
        if quantity.is_rewritten {
            let role = if is_alone && unit.is_none() { Role::Whole } else { Role::Beside };
            found.push(Compound { term: quantity.number, parts: quantity.parts, role });
        }
    }
}

/// Whether a term names a metric thread: `m8`.
fn is_thread(term: &str) -> bool {
    let digits = term.strip_prefix('m').unwrap_or_default();
    (1..=THREAD_DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// The unit that a sign right behind a number means: `"` inches, `'` feet.
fn unit_sign(after: &str) -> Option<&'static str> {
    if after.starts_with(['"', '″', '”']) || after.starts_with("''") || after.starts_with("’’") {
        return Some("in");
    }
    let rest = after.strip_prefix(['\'', '′', '’'])?;
    rest.chars().next().is_none_or(|next| !next.is_alphabetic() || next == 'x').then_some("ft")
}
