//! Cuts a filter text into tokens, each with the byte where it starts.

use super::syntax::SyntaxError;

/// What a filter is written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A bare word: a name, a number, a keyword or a value.
    Word(String),
    /// A quoted text, without its quotes.
    Quoted(String),
    /// `=`, `!=`, `<`, `<=`, `>`, `>=`, `(`, `)`, `[`, `]`, `,` or `..`.
    Sign(&'static str),
}

/// Longer signs first, so that `<=` is not read as `<`.
const SIGNS: [&str; 12] = ["!=", "<=", ">=", "..", "=", "<", ">", "(", ")", "[", "]", ","];

/// The tokens of a text and the byte where each starts.
///
/// # Errors
/// A quoted text without an end, an unknown escape, or a character that starts nothing.
pub fn tokens(text: &str) -> Result<Vec<(Token, usize)>, SyntaxError> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        if letter.is_whitespace() {
            at += letter.len_utf8();
        } else if letter == '"' || letter == '\'' {
            let (quoted, end) = quoted(text, at, letter)?;
            found.push((Token::Quoted(quoted), at));
            at = end;
        } else if let Some(sign) = SIGNS.iter().find(|sign| text[at..].starts_with(**sign)) {
            found.push((Token::Sign(sign), at));
            at += sign.len();
        } else {
            let end = word_end(text, at);
            if end == at {
                return Err(SyntaxError::new(at, format!("unexpected `{letter}`")));
            }
            found.push((Token::Word(text[at..end].to_owned()), at));
            at = end;
        }
    }
    Ok(found)
}

fn word_end(text: &str, start: usize) -> usize {
    let ends = |at: usize, letter: char| letter.is_whitespace() || "\"'()[],=<>!".contains(letter) || text[at..].starts_with("..");
    text[start..]
        .char_indices()
        .map(|(at, letter)| (start + at, letter))
        .find(|&(at, letter)| ends(at, letter))
        .map_or(text.len(), |(at, _)| at)
}

/// The text between quotes and the byte after the closing one. `\"`, `\'` and `\\` stand for themselves.
fn quoted(text: &str, start: usize, quote: char) -> Result<(String, usize), SyntaxError> {
    let mut value = String::new();
    let mut letters = text[start + 1..].char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some((_, escaped @ ('"' | '\'' | '\\'))) => value.push(escaped),
                _ => return Err(SyntaxError::new(start + 1 + at, "after `\\` there must be a quote or another `\\`")),
            },
            _ if letter == quote => return Ok((value, start + 1 + at + 1)),
            _ => value.push(letter),
        }
    }
    Err(SyntaxError::new(start, "the quoted text has no end"))
}
