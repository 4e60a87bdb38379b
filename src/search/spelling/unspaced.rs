//! Words of scripts without blanks, cut anew by the shop's own words.
//!
//! A dictionary cuts `电热水壶` into 电热 and 水壶, and `热水壶` into 热水 and 壶: who asks for the second finds nothing in a shop that says the first. So
//! where a run of such words holds one that the shop does not know, the run is cut into as much of what the shop knows as there is, in as few words as
//! possible.

use super::{Reading, Typed};
use crate::text::is_unspaced;
use std::ops::Range;

/// Longer runs are sentences, and stay as they are.
const RUN_LETTERS_MAX: usize = 24;
/// No word of these scripts that shops write by itself is longer.
const WORD_LETTERS_MAX: usize = 8;
/// How likely a run was meant as it is cut anew.
const SURENESS: f32 = 0.8;

/// The runs that are cut otherwise than they were typed, in order and apart.
pub(super) fn cut_anew(typed: &[Typed], is_known: &impl Fn(&str) -> bool) -> Vec<Reading> {
    runs(typed)
        .filter(|run| typed[run.clone()].iter().any(|word| !is_known(&word.term)))
        .filter_map(|run| cut(typed, run, is_known))
        .collect()
}

/// Words in a row that are all of such scripts and may be changed.
fn runs(typed: &[Typed]) -> impl Iterator<Item = Range<usize>> {
    let may_be_cut = |word: &Typed| !word.fixed && word.written.chars().all(is_unspaced);
    let begins = move |at: &usize| may_be_cut(&typed[*at]) && (*at == 0 || !may_be_cut(&typed[*at - 1]));
    (0..typed.len()).filter(begins).map(move |start| start..start + typed[start..].iter().take_while(|word| may_be_cut(word)).count())
}

fn cut(typed: &[Typed], run: Range<usize>, is_known: &impl Fn(&str) -> bool) -> Option<Reading> {
    let letters: Vec<char> = typed[run.clone()].iter().flat_map(|word| word.written.chars()).collect();
    if letters.len() > RUN_LETTERS_MAX {
        return None;
    }
    // For each end the letters that known words cover at most, in how few words, and where the last piece begins.
    let mut best: Vec<(usize, usize, usize)> = vec![(0, 0, 0)];
    for end in 1..=letters.len() {
        let skipped = (best[end - 1].0, best[end - 1].1, end - 1);
        let words = (end.saturating_sub(WORD_LETTERS_MAX)..end).filter(|start| is_known(&letters[*start..end].iter().collect::<String>()));
        let taken = words.map(|start| (best[start].0 + end - start, best[start].1 + 1, start));
        let better = |one: &(usize, usize, usize), other: &(usize, usize, usize)| one.0.cmp(&other.0).then(other.1.cmp(&one.1));
        best.push(taken.chain([skipped]).max_by(better).unwrap_or(skipped));
    }
    let mut read = Vec::new();
    let mut end = letters.len();
    while end > 0 {
        let start = best[end].2;
        let word: String = letters[start..end].iter().collect();
        read.extend(Some(word).filter(|word| is_known(word)));
        end = start;
    }
    read.reverse();
    let is_other = !read.iter().eq(typed[run.clone()].iter().map(|word| &word.written));
    (!read.is_empty() && is_other).then_some(Reading { typed: run, read, sureness: SURENESS })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str, known: &[&str]) -> Vec<String> {
        let word = |written: &str| Typed { written: written.to_owned(), term: written.to_owned(), fixed: false, is_word: false };
        let typed: Vec<Typed> = query.split(' ').map(word).collect();
        cut_anew(&typed, &|term: &str| known.contains(&term)).into_iter().map(|reading| reading.read.join(" ")).collect()
    }

    #[test]
    fn a_run_is_cut_into_what_the_shop_knows() {
        assert_eq!(read("热水 壶", &["电热", "水壶"]), ["水壶"], "one letter is nothing that the shop knows");
        assert_eq!(read("电热 水壶", &["热水", "壶", "电"]), ["电 热水 壶"]);
        assert_eq!(read("热水 壶", &["热", "水", "水壶"]), ["热 水壶"], "fewer words are better than more");
    }

    #[test]
    fn what_is_known_or_strange_stays() {
        assert!(read("热水 壶", &["热水", "壶"]).is_empty());
        assert!(read("热水 壶", &["杯"]).is_empty());
        assert!(read("kettle steel", &["steel"]).is_empty());
        assert!(read(&"壶".repeat(60), &["壶"]).is_empty(), "a sentence");
    }
}
