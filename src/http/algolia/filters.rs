//! Their three ways to say which products are wanted, in the words of our filter grammar: `facetFilters`, `numericFilters` and `filters`.
//! Only the conditions are translated; parentheses and the words between are the same in both, and the engine reads the whole.

use super::fault::invalid;
use crate::http::error::Problem;
use crate::search::filter::syntax::{self, quoted};
use crate::search::request::FILTER_BYTES_MAX;

/// Longer signs first, so that `<=` is not read as `<`.
const SIGNS: [&str; 6] = ["!=", "<=", ">=", "=", "<", ">"];

/// An attribute of theirs: our field, and for levels of the category tree which one.
pub(super) fn field_of(attribute: &str) -> (&str, Option<usize>) {
    let (name, level) = match attribute.rsplit_once(".lvl") {
        Some((name, level)) => (name, level.parse().ok()),
        None => (attribute, None),
    };
    match name {
        "categories" | "category" | "hierarchicalCategories" => ("category", level),
        "name" => ("title", None),
        "objectID" => ("id", None),
        _ => (attribute, None),
    }
}

/// The filter that all parameters together come to; none when there is no condition.
pub(super) fn filter(facets: &[Vec<String>], numbers: &[Vec<String>], text: &str) -> Result<Option<String>, Problem> {
    let group = |conditions: &[String], read: fn(&str) -> Result<String, Problem>| -> Result<String, Problem> {
        let conditions: Vec<String> = conditions.iter().map(|condition| read(condition)).collect::<Result<_, _>>()?;
        Ok(format!("({})", conditions.join(" OR ")))
    };
    let mut parts: Vec<String> = Vec::new();
    for conditions in facets {
        parts.push(group(conditions, facet)?);
    }
    for conditions in numbers {
        parts.push(group(conditions, numeric)?);
    }
    if !text.trim().is_empty() {
        parts.push(format!("({})", rewritten(text)?));
    }
    Ok((!parts.is_empty()).then(|| parts.join(" AND ")))
}

/// `attribute:value`, with `-` before either for "not"; `\-` is a value's own sign.
fn facet(condition: &str) -> Result<String, Problem> {
    let wrong = || invalid("facetFilters", format!("`{condition}` is not a condition such as brand:Acme"));
    let (attribute, value) = condition.split_once(':').ok_or_else(wrong)?;
    let (attribute, is_not) = attribute.strip_prefix('-').map_or((attribute, false), |attribute| (attribute, true));
    let (value, is_not) = value.strip_prefix('-').map_or((value, is_not), |value| (value, true));
    let value = value.strip_prefix('\\').filter(|value| value.starts_with('-')).unwrap_or(value);
    if attribute.is_empty() || value.is_empty() {
        return Err(wrong());
    }
    Ok(format!("{}{} = {}", if is_not { "NOT " } else { "" }, quoted(field_of(attribute).0), quoted(value)))
}

/// `attribute >= 5` or `attribute:5 TO 10`.
fn numeric(condition: &str) -> Result<String, Problem> {
    let wrong = || invalid("numericFilters", format!("`{condition}` is not a condition such as price>=5 or price:5 TO 10"));
    if let Some((sign, at)) =
        SIGNS.iter().filter_map(|sign| Some((*sign, condition.find(sign)?))).min_by_key(|(sign, at)| (*at, sign.len() == 1))
    {
        let (attribute, number) = (condition[..at].trim(), condition[at + sign.len()..].trim());
        return if attribute.is_empty() { Err(wrong()) } else { compared(attribute, sign, number).ok_or_else(wrong) };
    }
    let (attribute, span) = condition.split_once(':').ok_or_else(wrong)?;
    let (low, high) = span.split_once(" TO ").ok_or_else(wrong)?;
    between(attribute.trim(), low.trim(), high.trim()).ok_or_else(wrong)
}

fn compared(attribute: &str, sign: &str, number: &str) -> Option<String> {
    is_number(number).then(|| format!("{} {sign} {number}", quoted(field_of(attribute).0)))
}

fn between(attribute: &str, low: &str, high: &str) -> Option<String> {
    let is_span = !attribute.is_empty() && is_number(low) && is_number(high);
    is_span.then(|| format!("{} = {low}..{high}", quoted(field_of(attribute).0)))
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|letter: char| letter.is_ascii_digit()) && digits.parse::<f64>().is_ok_and(f64::is_finite)
}

/// The text of `filters` with every condition in our words; what our grammar has against it is told by its place in theirs.
fn rewritten(text: &str) -> Result<String, Problem> {
    if text.len() > FILTER_BYTES_MAX {
        return Err(invalid("filters", format!("at most {FILTER_BYTES_MAX} bytes")));
    }
    let mut reader = Reader { text, at: 0 };
    let mut ours = String::new();
    // Where each piece begins in ours and in theirs, in bytes.
    let mut begins: Vec<(usize, usize)> = Vec::new();
    while let Some(letter) = reader.peek() {
        if !ours.is_empty() {
            ours.push(' ');
        }
        begins.push((ours.len(), reader.at));
        if matches!(letter, '(' | ')') {
            reader.at += 1;
            ours.push(letter);
        } else {
            ours.push_str(&reader.word_or_condition()?);
        }
    }
    syntax::parse(&ours).map_err(|error| {
        let piece = begins.iter().rev().find(|(begin, _)| *begin <= error.at && error.at < ours.len());
        Reader { text, at: piece.map_or(text.len(), |(_, begin)| *begin) }.fault(&error.reason)
    })?;
    Ok(ours)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn fault(&self, reason: &str) -> Problem {
        let character = self.text[..self.at].chars().count() + 1;
        invalid("filters", format!("at character {character}: {reason}"))
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The next letter that is no blank.
    fn peek(&mut self) -> Option<char> {
        self.at = self.text.len() - self.rest().trim_start().len();
        self.rest().chars().next()
    }

    /// A text in quotes, or the letters up to a blank, a parenthesis or one of `ends`; and whether it stood in quotes.
    fn word(&mut self, ends: &str) -> Result<(String, bool), Problem> {
        let Some(quote @ ('"' | '\'')) = self.peek() else {
            let is_end = |letter: char| letter.is_whitespace() || "()".contains(letter) || ends.contains(letter);
            let length = self.rest().find(is_end).unwrap_or(self.rest().len());
            let word = &self.rest()[..length];
            self.at += length;
            return if word.is_empty() { Err(self.fault("expected a name or a value")) } else { Ok((word.to_owned(), false)) };
        };
        let (mut word, mut letters) = (String::new(), self.rest()[1..].char_indices());
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => word.extend(letters.next().map(|(_, escaped)| escaped)),
                _ if letter == quote => {
                    self.at += 1 + at + 1;
                    return Ok((word, true));
                }
                _ => word.push(letter),
            }
        }
        Err(self.fault("the quoted text has no end"))
    }

    fn word_or_condition(&mut self) -> Result<String, Problem> {
        let (name, is_quoted) = self.word(":<>=!")?;
        if !is_quoted && ["AND", "OR", "NOT"].iter().any(|word| name.eq_ignore_ascii_case(word)) {
            return Ok(name.to_ascii_uppercase());
        }
        if self.peek() == Some(':') {
            self.at += 1;
            return self.value_of(&name);
        }
        let Some(sign) = SIGNS.iter().find(|sign| self.rest().starts_with(**sign)) else {
            return Err(self.fault("expected `:` or a comparison after the attribute"));
        };
        self.at += sign.len();
        let (number, _) = self.word("")?;
        compared(&name, sign, &number).ok_or_else(|| self.fault("expected a number after the comparison"))
    }

    /// What follows `attribute:`: a value, or a span of numbers.
    fn value_of(&mut self, name: &str) -> Result<String, Problem> {
        let (value, is_quoted) = self.word("<")?;
        // What a condition counts in their ranking, which it does not in ours.
        if self.rest().starts_with("<score=") {
            self.at += self.rest().find('>').map_or(self.rest().len(), |end| end + 1);
        }
        let after = self.at;
        if !is_quoted && self.peek() == Some('T') && self.word("").is_ok_and(|(word, _)| word == "TO") {
            let (high, _) = self.word("")?;
            return between(name, &value, &high).ok_or_else(|| self.fault("expected numbers on both sides of TO"));
        }
        self.at = after;
        Ok(format!("{} = {}", quoted(field_of(name).0), quoted(&value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_on_facets_are_translated() {
        let check = |condition: &str, expected: &str| assert_eq!(facet(condition).as_deref(), Ok(expected), "{condition}");
        check("brand:Acme", "\"brand\" = \"Acme\"");
        check("brand:-Acme", "NOT \"brand\" = \"Acme\"");
        check("-brand:Acme", "NOT \"brand\" = \"Acme\"");
        check("code:\\-7", "\"code\" = \"-7\"");
        check("categories.lvl1:A > \"B\"", "\"category\" = \"A > \\\"B\\\"\"");
        check("hierarchicalCategories.lvl0:A", "\"category\" = \"A\"");
        check("time:10:30", "\"time\" = \"10:30\"");
        for wrong in ["brand", ":x", "brand:", ""] {
            assert_eq!(facet(wrong).expect_err(wrong).field(), Some("facetFilters"));
        }
    }

    #[test]
    fn conditions_on_numbers_are_translated() {
        let check = |condition: &str, expected: &str| assert_eq!(numeric(condition).as_deref(), Ok(expected), "{condition}");
        check("price>=10", "\"price\" >= 10");
        check("price < 9.5", "\"price\" < 9.5");
        check("price!=-1", "\"price\" != -1");
        check("price:5 TO 10", "\"price\" = 5..10");
        for wrong in ["price", "price>", "price>x", "price>NaN", ">5", "price:5", "price:5 TO x"] {
            assert_eq!(numeric(wrong).expect_err(wrong).field(), Some("numericFilters"));
        }
    }

    #[test]
    fn a_filter_is_translated_condition_by_condition() {
        let check = |text: &str, expected: &str| {
            assert_eq!(rewritten(text).as_deref(), Ok(expected), "{text}");
            assert!(syntax::parse(expected).is_ok(), "{expected}");
        };
        check("brand:Acme", "\"brand\" = \"Acme\"");
        check("brand:'A \\'B\\'' AND NOT colour:red", "\"brand\" = \"A 'B'\" AND NOT \"colour\" = \"red\"");
        check("(price > 10 or price:1 TO 5) and \"a b\":x", "( \"price\" > 10 OR \"price\" = 1..5 ) AND \"a b\" = \"x\"");
        check("brand:Acme<score=3> OR brand:TO", "\"brand\" = \"Acme\" OR \"brand\" = \"TO\"");
        check("brand:Tiny", "\"brand\" = \"Tiny\"");
        check("available:true", "\"available\" = \"true\"");
        for wrong in ["brand", "brand:", "price > x", "brand:'a", "brand ~ 5", "price:a TO 5"] {
            assert_eq!(rewritten(wrong).expect_err(wrong).field(), Some("filters"), "{wrong}");
        }
    }

    #[test]
    fn what_is_wrong_between_conditions_is_told_by_its_place_in_their_text() {
        let check = |text: &str, expected: &str| assert_eq!(rewritten(text).expect_err(text).detail(), expected, "{text}");
        check("(", "at character 2: expected a field name, found the end");
        check("brand:Acme brand:B", "at character 12: expected AND, OR or the end");
        check("brand:Acme AND AND brand:B", "at character 16: expected a field name, found AND");
        check("(brand:Acme", "at character 12: expected `)`");
    }

    #[test]
    fn parts_are_joined() {
        let groups = |texts: &[&[&str]]| {
            texts.iter().map(|group| group.iter().map(|text| (*text).to_owned()).collect()).collect::<Vec<Vec<String>>>()
        };
        let joined = filter(&groups(&[&["a:1", "a:2"], &["b:-3"]]), &groups(&[&["p>1"]]), "c:4").expect("translates").expect("a filter");
        assert_eq!(joined, r#"("a" = "1" OR "a" = "2") AND (NOT "b" = "3") AND ("p" > 1) AND ("c" = "4")"#);
        assert_eq!(filter(&[], &[], " "), Ok(None));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_translated_or_refused(text in "[a-c:<>=!()'\"\\\\ 0-9ANDORTé-]{0,40}") {
            let _ = rewritten(&text);
            let _ = numeric(&text);
            let _ = facet(&text);
        }
    }
}
