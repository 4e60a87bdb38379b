//! The query string as typed parameters: unknown, repeated and malformed ones are refused by name.

use super::error::{Kind, Problem};
use super::limits::QUERY_STRING_BYTES_MAX;
use std::any::Any;
use std::fmt::Display;
use std::num::{IntErrorKind, ParseIntError};
use std::str::FromStr;

/// Characters of a parameter's name that are repeated when it is too long.
const LONGEST_NAME_CHARS: usize = 64;
/// What is wrong with an empty name.
const IS_EMPTY: &str = "must not be empty: leave it out where it is not meant";

/// The parameters of one request. Take each that is known, then [`Params::finish`].
#[derive(Debug, Default)]
pub(super) struct Params {
    pairs: Vec<(String, String)>,
    known: Vec<&'static str>,
}

impl Params {
    /// Reads a query string.
    ///
    /// # Errors
    /// When it is too long, an escape is not UTF-8 or not hexadecimal, or a name stands twice.
    pub(super) fn parse(query: Option<&str>) -> Result<Self, Problem> {
        let query = query.unwrap_or_default();
        check_length(query)?;
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name, "the query string")?;
            let value = decoded(value, &name)?;
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(Problem::invalid(name, "stands twice"));
            }
            pairs.push((name, value));
        }
        Ok(Self { pairs, known: Vec::new() })
    }

    /// Takes the parameter `name`; an empty value counts as none, as forms send what nobody filled in. For what is typed and for places to go on from
    /// only: where a value chooses whose or which, [`Params::named`] is meant, or everybody's would be shown for nobody's name.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let at = self.pairs.iter().position(|(known, _)| known == name)?;
        Some(self.pairs.swap_remove(at).1).filter(|value| !value.is_empty())
    }

    /// Takes the parameter `name`, which says something if it is there.
    ///
    /// # Errors
    /// When it is there and empty.
    pub(super) fn named(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        let is_given = self.pairs.iter().any(|(known, _)| known == name);
        match self.text(name) {
            None if is_given => Err(Problem::invalid(name, IS_EMPTY)),
            text => Ok(text),
        }
    }

    /// Takes and reads the parameter `name`.
    ///
    /// # Errors
    /// When its text is not a `T`, or empty.
    pub(super) fn parsed<T: FromStr<Err: Display + 'static>>(&mut self, name: &'static str) -> Result<Option<T>, Problem> {
        self.named(name)?.map(|text| read(name, &text)).transpose()
    }

    /// Takes and reads the place to go on from; an empty one is the beginning.
    ///
    /// # Errors
    /// When its text is not a `T`.
    pub(super) fn place<T: FromStr<Err: Display + 'static>>(&mut self, name: &'static str) -> Result<Option<T>, Problem> {
        self.text(name).map(|text| read(name, &text)).transpose()
    }

    /// Takes one of a few values by its name.
    ///
    /// # Errors
    /// When it has none of their names.
    pub(super) fn one_of<T, const N: usize>(&mut self, name: &'static str, known: [(&str, T); N]) -> Result<Option<T>, Problem> {
        let Some(text) = self.named(name)? else { return Ok(None) };
        let names = known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let found = known.into_iter().find(|(known, _)| *known == text).map(|(_, value)| value);
        found.map(Some).ok_or_else(|| Problem::invalid(name, format!("must be one of {names}")))
    }

    /// Takes a list, its parts separated by commas. Commas in brackets, parentheses and quotes belong to their part.
    pub(super) fn list(&mut self, name: &'static str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        parts(&text).into_iter().map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// The same as [`Params::list`], of which at least one part says something if it is there.
    ///
    /// # Errors
    /// When it is there and has no part.
    pub(super) fn named_list(&mut self, name: &'static str) -> Result<Vec<String>, Problem> {
        let is_given = self.pairs.iter().any(|(known, _)| known == name);
        let parts = self.list(name);
        if is_given && parts.is_empty() { Err(Problem::invalid(name, IS_EMPTY)) } else { Ok(parts) }
    }

    /// The same as [`Params::flag`], with none for a name that is not there.
    ///
    /// # Errors
    /// As there.
    pub(super) fn given_flag(&mut self, name: &'static str) -> Result<Option<bool>, Problem> {
        let is_given = self.pairs.iter().any(|(known, _)| known == name);
        let flag = self.flag(name)?;
        Ok(is_given.then_some(flag))
    }

    /// Takes and reads a list, its parts separated by commas.
    ///
    /// # Errors
    /// When a part is not a `T`, or there is none in what is there.
    pub(super) fn parsed_list<T: FromStr<Err: Display + 'static>>(&mut self, name: &'static str) -> Result<Vec<T>, Problem> {
        self.named_list(name)?.iter().map(|part| read(name, part)).collect()
    }

    /// Takes a yes or no; a name without a value is a yes.
    ///
    /// # Errors
    /// When it is neither `true` nor `false`, `1` nor `0`.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool, Problem> {
        let stands_bare = self.pairs.iter().any(|(known, value)| known == name && value.is_empty());
        match self.text(name).as_deref() {
            None => Ok(stands_bare),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(_) => Err(Problem::invalid(name, "must be true or false")),
        }
    }

    /// Refuses what nobody took.
    ///
    /// # Errors
    /// Names the first parameter that is not known here.
    pub(super) fn finish(self) -> Result<(), Problem> {
        match self.pairs.into_iter().next() {
            None => Ok(()),
            Some((name, _)) if self.known.is_empty() => Err(Problem::of_field(Kind::UnknownField, name, "no parameters are known here")),
            Some((name, _)) => Err(Problem::of_field(Kind::UnknownField, name, format!("known are {}", self.known.join(", ")))),
        }
    }
}

/// Reads one value. What numbers say of themselves is meant for programmers, so it is put into words.
fn read<T: FromStr<Err: Display + 'static>>(name: &'static str, text: &str) -> Result<T, Problem> {
    let in_words = |error: &T::Err| match (error as &dyn Any).downcast_ref::<ParseIntError>().map(ParseIntError::kind) {
        Some(IntErrorKind::PosOverflow) => "is too large".to_owned(),
        Some(_) if text.starts_with('-') => "must be a whole number from 0".to_owned(),
        Some(_) => "must be a whole number".to_owned(),
        None => error.to_string(),
    };
    text.parse().map_err(|error| Problem::invalid(name, in_words(&error)))
}

/// Cuts a text at its commas, but for those in brackets, parentheses and quotes. What is opened and never closed reaches to the end, so that
/// the part at fault is refused whole by whoever reads it.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut depth, mut quote, mut is_escaped) = (0_usize, None, false);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(_), _) if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(open), _) => quote = quote.filter(|_| letter != open),
            // An apostrophe inside a word opens nothing.
            (None, '"' | '\'') if !text[..at].ends_with(char::is_alphanumeric) => quote = Some(letter),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            (None, _) => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Refuses a query string that is too long.
///
/// # Errors
/// Names the longest parameter, which is the one to shorten.
pub(super) fn check_length(query: &str) -> Result<(), Problem> {
    if query.len() <= QUERY_STRING_BYTES_MAX {
        return Ok(());
    }
    let longest = query.split('&').max_by_key(|pair| pair.len()).unwrap_or_default();
    let name: String = longest.split('=').next().unwrap_or_default().chars().take(LONGEST_NAME_CHARS).collect();
    let name = decoded(&name, "").unwrap_or_default();
    Err(Problem::of_field(Kind::QueryTooLong, name, format!("at most {QUERY_STRING_BYTES_MAX} bytes; POST takes more")))
}

/// Undoes `+` and percent escapes.
///
/// # Errors
/// When an escape is not two hexadecimal digits, or the bytes are not UTF-8; `field` is what the problem names.
pub(super) fn decoded(text: &str, field: &str) -> Result<String, Problem> {
    let malformed = |detail: &str| Problem::of_field(Kind::MalformedText, field, detail);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                let value = high.zip(low).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                value.ok_or_else(|| malformed("a % must be followed by two hexadecimal digits"))?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|error| malformed(&format!("byte {} is not UTF-8", error.utf8_error().valid_up_to())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(query: &str) -> Option<String> {
        let finish = |mut params: Params| {
            params.text("q");
            params.parsed::<u32>("limit")?;
            params.finish()
        };
        Params::parse(Some(query)).and_then(finish).err().and_then(|problem| problem.field().map(str::to_owned))
    }

    #[test]
    fn the_parameter_at_fault_is_named() {
        assert_eq!(refused("q=a&limit=10"), None);
        assert_eq!(refused("limit=ten").as_deref(), Some("limit"));
        assert_eq!(refused("limit=-1").as_deref(), Some("limit"));
        assert_eq!(refused("q=%ff").as_deref(), Some("q"));
        assert_eq!(refused("q=%4").as_deref(), Some("q"));
        assert_eq!(refused("q=1&q=2").as_deref(), Some("q"));
        assert_eq!(refused("page=2").as_deref(), Some("page"));
    }

    #[test]
    fn what_is_wrong_with_a_number_is_said_in_words() {
        let check = |text: &str, detail: &str| assert_eq!(read::<u32>("limit", text).expect_err(text).detail(), detail, "{text}");
        check("-1", "must be a whole number from 0");
        check("1.5", "must be a whole number");
        check("ten", "must be a whole number");
        check("", "must be a whole number");
        check("4294967296", "is too large");
        assert_eq!(read::<i64>("delta", "-5").ok(), Some(-5));
    }

    #[test]
    fn a_list_is_cut_at_commas_that_stand_by_themselves() {
        let check = |text: &str, expected: &[&str]| assert_eq!(parts(text), expected, "{text}");
        check("brand,price", &["brand", "price"]);
        check("price[0..50,50..],brand:search(\"a,\\\"b\"),x", &["price[0..50,50..]", "brand:search(\"a,\\\"b\")", "x"]);
        check("men's,women's", &["men's", "women's"]);
        check("price[1,2", &["price[1,2"]);
        check("a),b", &["a)", "b"]);
        check("", &[""]);
    }

    #[test]
    fn an_empty_name_is_refused_and_an_empty_text_is_none() {
        let read = |query: &str| {
            let mut params = Params::parse(Some(query)).expect("parses");
            params.text("q");
            params.list("facets");
            params.place::<u32>("cursor")?;
            params.parsed::<u32>("limit")?;
            params.named("arm")?;
            params.one_of("status", [("open", 1)])?;
            params.parsed_list::<u32>("product_id")?;
            params.finish()
        };
        let refused = |query: &str| read(query).err().and_then(|problem| problem.field().map(str::to_owned));
        for name in ["limit", "arm", "status", "product_id"] {
            assert_eq!(refused(&format!("{name}=")).as_deref(), Some(name));
            assert_eq!(refused(name).as_deref(), Some(name));
        }
        assert_eq!(refused("product_id=,").as_deref(), Some("product_id"));
        assert_eq!(refused("q=&facets=&cursor=&limit=1&arm=a&status=open&product_id=1"), None);
    }

    #[test]
    fn escapes_and_lists_are_read() {
        let mut params = Params::parse(Some("q=caf%C3%A9+noir&facets=brand,%20price,&explain")).expect("parses");
        assert_eq!(params.text("q").as_deref(), Some("café noir"));
        assert_eq!(params.list("facets"), ["brand", "price"]);
        assert_eq!(params.flag("explain").ok(), Some(true));
        assert_eq!(params.finish(), Ok(()));
    }
}
