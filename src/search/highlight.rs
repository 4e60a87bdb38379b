//! Marks the words of a query in a text, safe to be shown as HTML.

use crate::text;
use std::collections::HashSet;

/// The text with every word whose term is in `terms`, or begins with one of `prefixes`, between `<em>` and `</em>`; everything else is
/// HTML-escaped.
#[must_use]
pub fn highlight(text: &str, terms: &HashSet<String>, prefixes: &[&str]) -> String {
    let mut marked = String::with_capacity(text.len() + 16);
    let is_match = |term: &str| terms.contains(term) || prefixes.iter().any(|prefix| term.starts_with(prefix));
    for piece in pieces(text, is_match) {
        match piece {
            Piece::Between(text) => escape(text, &mut marked),
            Piece::Word { text, .. } => {
                marked.push_str("<em>");
                escape(text, &mut marked);
                marked.push_str("</em>");
            }
        }
    }
    marked
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'t> {
    /// What no word was found in.
    Between(&'t str),
    /// A word that was found.
    Word {
        /// As it stands in the text.
        text: &'t str,
        /// As the index takes it.
        term: String,
    },
}

/// The text in parts, words that are a match apart. Joined they are the text again.
#[must_use]
pub fn pieces(text: &str, is_match: impl Fn(&str) -> bool) -> Vec<Piece<'_>> {
    let (mut pieces, mut shown) = (Vec::new(), 0);
    for token in text::tokens(text) {
        if is_match(&token.term) {
            pieces.push(Piece::Between(&text[shown..token.start]));
            pieces.push(Piece::Word { text: &text[token.start..token.end], term: token.term });
            shown = token.end;
        }
    }
    pieces.push(Piece::Between(&text[shown..]));
    pieces.retain(|piece| *piece != Piece::Between(""));
    pieces
}

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matched_words_are_marked_and_markup_is_escaped() {
        let terms: HashSet<String> = ["lamp", "desk"].map(str::to_owned).into();
        let check = |text: &str, expected: &str| assert_eq!(highlight(text, &terms, &["re"]), expected);
        check("Desk Lamps, red", "<em>Desk</em> <em>Lamps</em>, <em>red</em>");
        check("<b>lamp</b> & \"more\"", "&lt;b&gt;<em>lamp</em>&lt;/b&gt; &amp; &quot;more&quot;");
        check("", "");
        check("désk'", "<em>désk</em>&#39;");
    }

    proptest::proptest! {
        #[test]
        fn without_the_marks_the_text_is_whole(text in "\\PC{0,40}") {
            let terms: HashSet<String> = text::terms(&text).into_iter().step_by(2).collect();
            let plain = highlight(&text, &terms, &[]).replace("<em>", "").replace("</em>", "");
            let back = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
            proptest::prop_assert_eq!(back, text);
        }
    }
}
