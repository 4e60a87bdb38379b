//! `_highlightResult` and `_snippetResult`: the texts of an object with the matched words between the page's own tags. As theirs do, texts are
//! given as they stand: their pages escape them, tags apart.

use crate::search::ShownBy;
use crate::search::highlight::{Piece, pieces};
use crate::text;
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};

/// Words of a snippet when the request does not say.
const SNIPPET_WORDS_DEFAULT: usize = 10;
/// Most words of a snippet.
const SNIPPET_WORDS_MAX: usize = 200;

/// How matched words are shown.
pub(super) struct Marker {
    pre: String,
    post: String,
    ellipsis: String,
    /// The words of the query as typed, and by term which of them it shows.
    words: Vec<String>,
    shown_by: HashMap<String, usize>,
    /// What terms begin with that show a word which is still being typed, and which.
    begun: Vec<(String, usize)>,
}

impl Marker {
    /// For the words of a query.
    pub(super) fn new(words: &[ShownBy], [pre, post, ellipsis]: [Option<&str>; 3]) -> Self {
        let each = |of: fn(&ShownBy) -> &Vec<String>| {
            words.iter().enumerate().flat_map(move |(index, word)| of(word).iter().map(move |text| (text.clone(), index)))
        };
        Self {
            pre: pre.unwrap_or("<em>").to_owned(),
            post: post.unwrap_or("</em>").to_owned(),
            ellipsis: ellipsis.unwrap_or("…").to_owned(),
            words: words.iter().filter_map(|word| word.terms.first().cloned()).collect(),
            shown_by: each(|word| &word.terms).collect(),
            begun: each(|word| &word.beginnings).collect(),
        }
    }

    /// Which word of the query a term shows.
    fn shown(&self, term: &str) -> Option<usize> {
        let begun = || self.begun.iter().find(|(begins, _)| term.starts_with(begins.as_str())).map(|(_, index)| *index);
        self.shown_by.get(term).copied().or_else(begun)
    }

    /// All texts of an object, or those of the attributes that are wanted.
    pub(super) fn highlighted(&self, object: &Map<String, Value>, wanted: Option<&[String]>) -> Value {
        let is_wanted = |name: &str| {
            wanted.is_none_or(|names| names.iter().any(|wanted| wanted == "*" || wanted == name || wanted.split('.').next() == Some(name)))
        };
        let marked = |(name, value): (&String, &Value)| Some((name.clone(), self.marked(value)?));
        Value::Object(object.iter().filter(|(name, _)| *name != "objectID" && is_wanted(name)).filter_map(marked).collect())
    }

    fn marked(&self, value: &Value) -> Option<Value> {
        match value {
            Value::String(text) => Some(self.highlight(text)),
            Value::Array(values) if values.is_empty() => None,
            Value::Array(values) => Some(Value::Array(values.iter().filter_map(|value| self.marked(value)).collect())),
            Value::Object(members) => {
                Some(Value::Object(members.iter().filter_map(|(name, value)| Some((name.clone(), self.marked(value)?))).collect()))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
        }
    }

    fn highlight(&self, text: &str) -> Value {
        let pieces = pieces(text, |term| self.shown(term).is_some());
        let (level, words) = self.matched(&pieces);
        let mut told = json!({"value": self.joined(&pieces), "matchLevel": level, "matchedWords": words});
        if !words.is_empty()
            && let Value::Object(told) = &mut told
        {
            let is_full = |piece: &Piece<'_>| matches!(piece, Piece::Between(text) if text.contains(char::is_alphanumeric));
            told.insert("fullyHighlighted".to_owned(), json!(!pieces.iter().any(is_full)));
        }
        told
    }

    fn joined(&self, pieces: &[Piece<'_>]) -> String {
        pieces.iter().fold(String::new(), |mut value, piece| {
            match piece {
                Piece::Between(text) => value.push_str(text),
                Piece::Word { text, .. } => [&self.pre, *text, &self.post].into_iter().for_each(|part| value.push_str(part)),
            }
            value
        })
    }

    /// How much of the query the pieces show, and which of its words.
    fn matched(&self, pieces: &[Piece<'_>]) -> (&'static str, Vec<&str>) {
        let found = pieces.iter().filter_map(|piece| match piece {
            Piece::Word { term, .. } => self.shown(term),
            Piece::Between(_) => None,
        });
        let found: BTreeSet<usize> = found.collect();
        let level = match found.len() {
            0 => "none",
            count if count == self.words.len() => "full",
            _ => "partial",
        };
        (level, found.into_iter().map(|index| self.words[index].as_str()).collect())
    }

    /// The snippets that are wanted, as `attribute` or `attribute:words`.
    pub(super) fn snippets(&self, object: &Map<String, Value>, wanted: &[String]) -> Value {
        let snippet = |wanted: &String| {
            let (name, words) = wanted.split_once(':').unwrap_or((wanted, ""));
            let words = words.parse().unwrap_or(SNIPPET_WORDS_DEFAULT).clamp(1, SNIPPET_WORDS_MAX);
            Some((name.to_owned(), self.snippet(object.get(name)?.as_str()?, words)))
        };
        Value::Object(wanted.iter().filter_map(snippet).collect())
    }

    /// So many words around the first that matched.
    fn snippet(&self, text: &str, words_count: usize) -> Value {
        let tokens = text::tokens(text);
        let first = tokens.iter().position(|token| self.shown(&token.term).is_some()).unwrap_or(0);
        let start = first.saturating_sub(words_count / 2).min(tokens.len().saturating_sub(words_count));
        let end = (start + words_count).min(tokens.len());
        let from = if start == 0 { 0 } else { tokens[start].start };
        let to = if end == tokens.len() { text.len() } else { tokens[end - 1].end };
        let pieces = pieces(&text[from..to], |term| self.shown(term).is_some());
        let before = if from > 0 { self.ellipsis.as_str() } else { "" };
        let after = if to < text.len() { self.ellipsis.as_str() } else { "" };
        json!({"value": format!("{before}{}{after}", self.joined(&pieces)), "matchLevel": self.matched(&pieces).0})
    }
}

/// A facet's value with the parts of its words that were searched for between tags.
pub(super) fn marked_value(value: &str, searched: &str, [pre, post]: [&str; 2]) -> String {
    let terms = text::terms(searched);
    let found = pieces(value, |term| terms.iter().any(|wanted| term.starts_with(wanted.as_str())));
    found.into_iter().fold(String::new(), |mut marked, piece| {
        match piece {
            Piece::Between(text) => marked.push_str(text),
            Piece::Word { text, .. } => [pre, text, post].into_iter().for_each(|part| marked.push_str(part)),
        }
        marked
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker() -> Marker {
        let by = |terms: &[&str]| ShownBy { terms: terms.iter().map(|term| (*term).to_owned()).collect(), ..ShownBy::default() };
        let words = [by(&["red"]), by(&["lamp", "lantern"])];
        Marker::new(&words, [Some("[["), Some("]]"), None])
    }

    #[test]
    fn matched_words_are_marked_and_told() {
        let check = |text: &str, expected: Value| assert_eq!(marker().highlight(text), expected, "{text}");
        check(
            "Red <b>lamp</b>",
            json!({"value": "[[Red]] <b>[[lamp]]</b>", "matchLevel": "full", "matchedWords": ["red", "lamp"], "fullyHighlighted": false}),
        );
        check("lantern!", json!({"value": "[[lantern]]!", "matchLevel": "partial", "matchedWords": ["lamp"], "fullyHighlighted": true}));
        check("chair", json!({"value": "chair", "matchLevel": "none", "matchedWords": []}));
    }

    #[test]
    fn a_word_that_is_still_typed_is_marked_where_one_begins_with_it() {
        let typed = ShownBy { terms: vec!["la".to_owned()], beginnings: vec!["la".to_owned()] };
        let marker = Marker::new(&[typed], [Some("[["), Some("]]"), None]);
        assert_eq!(marker.highlight("Desk lamp, lantern")["value"], "Desk [[lamp]], [[lantern]]");
    }

    #[test]
    fn texts_are_found_wherever_they_stand_in_the_object() {
        let Value::Object(object) = json!({"objectID": "red", "name": "red", "price": 5, "categories": {"lvl0": ["lamp"]}}) else {
            panic!()
        };
        let all = marker().highlighted(&object, None);
        assert_eq!(all["categories"]["lvl0"][0]["value"], "[[lamp]]");
        assert_eq!((all.get("objectID"), all.get("price")), (None, None));
        let wanted = marker().highlighted(&object, Some(&["categories.lvl0".to_owned()]));
        assert!(wanted.get("name").is_none() && wanted.get("categories").is_some());
        assert_eq!(marker().highlighted(&object, Some(&[])), json!({}));
    }

    #[test]
    fn a_snippet_stands_around_the_first_match() {
        let check = |text: &str, words: usize, expected: &str| assert_eq!(marker().snippet(text, words)["value"], expected, "{text}");
        check("a b c d red e f g h i", 5, "…c d [[red]] e f…");
        check("red b c d", 2, "[[red]] b…");
        check("a b c red.", 2, "…c [[red]].");
        check("a b c d", 2, "a b…");
        check("", 2, "");
    }

    #[test]
    fn values_of_facets_are_marked_by_what_they_begin_with() {
        assert_eq!(marked_value("North Peak", "pea", ["<", ">"]), "North <Peak>");
        assert_eq!(marked_value("North Peak", "", ["<", ">"]), "North Peak");
    }
}
