//! What was typed, cut into the words that are asked for, each with its place, and put together again as it was read.

use super::phrases::Phrase;
use super::request::QUERY_TERMS_MAX;
use super::spelling::Reading;
use super::understand::{Query, Word};
use crate::text;
use std::ops::Range;

/// Before what is not to be found.
const EXCLUDING: [char; 2] = ['-', '−'];

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Plain(&'a str),
    Quoted(&'a str),
    Excluded(&'a str),
    ExcludedQuote(&'a str),
}

/// What closes a quote, by what opens it: as keyboards, phones and languages write them.
fn closing(opening: char) -> Option<&'static [char]> {
    match opening {
        '"' => Some(&['"']),
        '“' | '”' => Some(&['”', '“', '"']),
        '„' => Some(&['“', '”', '"']),
        '«' => Some(&['»']),
        '»' => Some(&['«']),
        '「' => Some(&['」']),
        '＂' => Some(&['＂']),
        _ => None,
    }
}

/// The inside of a quote that a text begins with, and the bytes of the whole.
fn quote(text: &str) -> Option<(&str, usize)> {
    let opening = text.chars().next()?;
    let inside = &text[opening.len_utf8()..];
    let end = inside.find(closing(opening)?)?;
    let closing_len = inside[end..].chars().next()?.len_utf8();
    Some((&inside[..end], opening.len_utf8() + end + closing_len))
}

/// Cuts at blanks and quotes, with the place of each piece. A quote opens only at the beginning of a word, so that `24" frame` keeps its inches.
pub(super) fn pieces(typed: &str) -> Vec<(usize, Piece<'_>)> {
    let mut found = Vec::new();
    let mut rest = typed.trim_start();
    while !rest.is_empty() {
        let wanted = rest.strip_prefix(EXCLUDING).unwrap_or(rest);
        if let Some((inside, len)) = quote(wanted) {
            let is_excluded = wanted.len() < rest.len();
            let place = typed.len() - wanted.len() + wanted.find(inside).unwrap_or(0);
            found.push((place, if is_excluded { Piece::ExcludedQuote(inside) } else { Piece::Quoted(inside) }));
            rest = wanted[len..].trim_start();
            continue;
        }
        let at = typed.len() - rest.len();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let word = &rest[..end];
        match word.strip_prefix(EXCLUDING).filter(|excluded| excluded.starts_with(char::is_alphanumeric)) {
            Some(excluded) => found.push((at + word.len() - excluded.len(), Piece::Excluded(excluded))),
            None => found.push((at, Piece::Plain(word))),
        }
        rest = rest[end..].trim_start();
    }
    found
}

/// A word that was asked for.
pub(super) struct Asked {
    pub(super) written: String,
    pub(super) term: String,
    /// Where it stands in what was typed.
    pub(super) at: Range<usize>,
    pub(super) is_quoted: bool,
}

/// A number of so many digits, in one run with letters that blanks do not part from it, makes a code of both.
const CODE_DIGITS_MIN: usize = 3;

impl Asked {
    /// Whether it is a piece of a code in what was typed: `COM` of `COM-03383` is nothing that somebody mistyped, while `USB` of `USB-C` may be.
    pub(super) fn is_of_a_code(&self, typed: &str) -> bool {
        let before = typed[..self.at.start].rsplit(char::is_whitespace).next().unwrap_or_default();
        let behind = typed[self.at.end..].split(char::is_whitespace).next().unwrap_or_default();
        let is_number = |piece: &str| piece.len() >= CODE_DIGITS_MIN && piece.bytes().all(|byte| byte.is_ascii_digit());
        [before, behind].into_iter().flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric())).any(is_number)
    }
}

/// The words that are asked for in order, repetitions included, and how many bytes of what was typed are looked at; the excluded ones go into the query.
pub(super) fn asked(query: &mut Query) -> (Vec<Asked>, usize) {
    let mut asked: Vec<Asked> = Vec::new();
    let (mut terms_count, mut looked_at) = (0, query.typed.len());
    let has_others = query.typed.contains(char::is_whitespace);
    for (at, piece) in pieces(&query.typed) {
        let (text, is_quoted) = match piece {
            Piece::Plain(text) => (text, false),
            Piece::Quoted(text) => {
                query.phrases.extend(Phrase::of(text, false));
                (text, true)
            }
            Piece::Excluded(text) | Piece::ExcludedQuote(text) => {
                if matches!(piece, Piece::ExcludedQuote(_)) {
                    query.phrases.extend(Phrase::of(text, true));
                }
                let terms = text::terms(text);
                if query.excluded.len() >= QUERY_TERMS_MAX {
                    query.dropped_excluded_count += usize::from(!terms.is_empty());
                } else if !terms.is_empty() {
                    query.excluded.push(terms.into_iter().take(QUERY_TERMS_MAX).collect());
                }
                continue;
            }
        };
        if has_others && !is_quoted && text.eq_ignore_ascii_case("w/o") {
            if asked.len() < 2 * QUERY_TERMS_MAX {
                let without = "without".to_owned();
                asked.push(Asked { written: without.clone(), term: without, at: at..at + text.len(), is_quoted });
            }
            continue;
        }
        for token in text::tokens(text).into_iter().filter(|token| !(has_others && is_short_for_with(text, token))) {
            let is_known = asked.iter().any(|asked| asked.term == token.term);
            if !is_known && terms_count == QUERY_TERMS_MAX {
                query.dropped_count += 1;
                looked_at = looked_at.min(at + token.start);
            } else if asked.len() < 2 * QUERY_TERMS_MAX {
                terms_count += usize::from(!is_known);
                let written = text::fold(&text[token.start..token.end]);
                asked.push(Asked { written, term: token.term, at: at + token.start..at + token.end, is_quoted });
            }
        }
    }
    (asked, looked_at)
}

/// Whether a letter is that of `w/`, which says no more than `with`.
fn is_short_for_with(text: &str, token: &text::Token) -> bool {
    let (before, after) = (&text[..token.start], &text[token.end..]);
    match token.term.as_str() {
        "w" => before.is_empty() && after.starts_with('/'),
        _ => false,
    }
}

/// Puts the words into the query, as they were read, repetitions included.
pub(super) fn take(asked: &[Asked], readings: &[Reading], query: &mut Query) {
    let (mut next, mut copied) = (0, 0);
    for reading in readings {
        let span = &asked[reading.typed.clone()];
        let (Some(first), Some(last)) = (span.first(), span.last()) else { continue };
        asked[next..reading.typed.start].iter().for_each(|word| query.words.push(Word::asked(word)));
        let terms: Vec<String> = reading.read.iter().map(|read| text::term_of(read)).collect();
        match terms.as_slice() {
            // A product that has the one word has both.
            [joined] => span.iter().for_each(|word| query.words.push(Word::read(word, joined, reading.sureness))),
            halves => halves.iter().for_each(|half| query.words.push(Word::read(first, half, reading.sureness))),
        }
        let typed: Vec<&str> = span.iter().map(|word| word.written.as_str()).collect();
        let read = reading.read.join(" ");
        query.read.push_str(&query.typed[copied..first.at.start]);
        query.read.push_str(&read);
        query.corrections.push((typed.join(" "), read));
        (next, copied) = (reading.typed.end, last.at.end);
    }
    asked[next..].iter().for_each(|word| query.words.push(Word::asked(word)));
    query.read.push_str(&query.typed[copied..]);
}

impl Word {
    fn asked(asked: &Asked) -> Self {
        Self { is_quoted: asked.is_quoted, ..Self::plain(asked.term.clone()) }
    }

    fn read(asked: &Asked, read: &str, sureness: f32) -> Self {
        Self { others: vec![read.to_owned()], sureness, ..Self::asked(asked) }
    }
}

/// The words that are asked for as they were typed, without excluded ones.
pub(super) fn asked_words(typed: &str) -> impl Iterator<Item = &str> {
    pieces(typed).into_iter().flat_map(|(_, piece)| match piece {
        Piece::Plain(text) | Piece::Quoted(text) => text.split_whitespace(),
        Piece::Excluded(_) | Piece::ExcludedQuote(_) => "".split_whitespace(),
    })
}

/// The words that are excluded one by one, as they were typed.
pub(super) fn excluded_words(typed: &str) -> impl Iterator<Item = &str> {
    pieces(typed).into_iter().filter_map(|(_, piece)| match piece {
        Piece::Excluded(text) => Some(text),
        Piece::ExcludedQuote(_) | Piece::Plain(_) | Piece::Quoted(_) => None,
    })
}

/// The terms that are asked for, in order, with repetitions and without excluded ones.
#[must_use]
pub(super) fn asked_terms(typed: &str) -> Vec<String> {
    asked_words(typed).flat_map(text::terms).take(QUERY_TERMS_MAX).collect()
}
