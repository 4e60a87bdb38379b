//! Spelling against what people made of queries that others had typed.

use super::{Means, Report};
use crate::learn::formats::Correction;
use crate::text;

/// One query that was not read as a person read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// As typed.
    pub typed: String,
    /// As it was read.
    pub read: String,
    /// As a person read it.
    pub expected: String,
    /// Words that the person left alone and the shop did not.
    pub spoilt: Vec<String>,
}

/// Reads every query and compares the words, folded but in the singular or plural that they have: `exact` is the share of queries read
/// exactly as a person read them, `kept` the share of the words that the person left alone which were left alone. Words are told apart from
/// changed ones by the longest common subsequence of words.
pub fn evaluate_spelling(corrections: &[Correction], read: &mut dyn FnMut(&str) -> String) -> (Report, Vec<Miss>) {
    let mut means = Means::default();
    let mut misses = Vec::new();
    for Correction { typed, meant } in corrections {
        let answer = read(typed);
        let (typed_words, meant_words, read_words) = (text::written(typed), text::written(meant), text::written(&answer));
        let left_alone = common(&typed_words, &meant_words);
        let kept = common(&typed_words, &read_words);
        let is_exact = read_words == meant_words;
        means.add("exact", Some(f64::from(u8::from(is_exact))));
        let mut spoilt = Vec::new();
        for (at, word) in typed_words.iter().enumerate().filter(|(at, _)| left_alone[*at]) {
            // Of a word that stands twice the two alignments may keep different ones.
            let is_kept = is_exact || kept[at] || count(&read_words, word) >= count(&typed_words, word);
            means.add("kept", Some(f64::from(u8::from(is_kept))));
            spoilt.extend(Some(word.clone()).filter(|_| !is_kept));
        }
        if !is_exact {
            misses.push(Miss { typed: typed.clone(), read: answer, expected: meant.clone(), spoilt });
        }
    }
    (means.into_report(corrections.len()), misses)
}

fn count(words: &[String], word: &str) -> usize {
    words.iter().filter(|other| *other == word).count()
}

/// Which of `words` are in the longest common subsequence with `others`.
fn common(words: &[String], others: &[String]) -> Vec<bool> {
    let mut lengths = vec![vec![0_usize; others.len() + 1]; words.len() + 1];
    for at in (0..words.len()).rev() {
        for other in (0..others.len()).rev() {
            let skipped = lengths[at + 1][other].max(lengths[at][other + 1]);
            lengths[at][other] = if words[at] == others[other] { lengths[at + 1][other + 1] + 1 } else { skipped };
        }
    }
    let mut is_common = vec![false; words.len()];
    let (mut at, mut other) = (0, 0);
    while at < words.len() && other < others.len() {
        if words[at] == others[other] {
            is_common[at] = true;
            (at, other) = (at + 1, other + 1);
        } else if lengths[at + 1][other] >= lengths[at][other + 1] {
            at += 1;
        } else {
            other += 1;
        }
    }
    is_common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_and_words_are_counted_apart() {
        let correction = |typed: &str, meant: &str| Correction { typed: typed.to_owned(), meant: meant.to_owned() };
        let corrections = [
            correction("1/2\" colated screws", "1/2 Collated Screws"),
            correction("red lmap", "red lamp"),
            correction("drain house", "drain hose"),
        ];
        let (report, misses) = evaluate_spelling(&corrections, &mut |typed| match typed {
            "red lmap" => "bed lmap".to_owned(),
            "drain house" => "drain house".to_owned(),
            _ => "1/2\" collated screws".to_owned(),
        });
        // Left alone by the person: 1, 2, screws; red; drain. Of those "red" was not.
        assert_eq!((report.cases_count, report.value("exact"), report.value("kept")), (3, Some(1.0 / 3.0), Some(0.8)));
        assert_eq!(misses.iter().map(|miss| miss.spoilt.join(" ")).collect::<Vec<_>>(), ["red", ""]);
    }
}
