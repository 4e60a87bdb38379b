//! What a query wants a thing for, where no such thing says so: `laptop for college`.
//!
//! No laptop says `college`. Looked for like any other word it found what else says both: notebooks of paper with college-ruled lines. So what
//! stands behind `for` and none of the things asked for has anywhere, in a title, a description or an attribute, is left out of what is looked for,
//! and the answer says so. It stays where it may say which of the things it is: names, numbers, what titles say side by side (`latch for a jewelry
//! box`), other things of the shop (`cover for a grill`), and whenever what is asked for is called by a word for what belongs to others
//! (`charger for ...`).
//!
//! Where it stays and is no name (`camera for kids`, where one of three hundred is for kids), it orders the things: by the grammar of the query a camera is
//! what is asked for, and counts twice as much as what it is for.
//!
//! An age (`bike for 3 year old`) is one thing that is said, and its number says no more than that.

use super::SearchError;
use super::either::is_a_thing;
use super::index::{SearchSnapshot, TermGroup, word_number};
use super::intent::{Intents, is_belonging};
use super::matching::holding_all;
use super::understand::{Query, Word};
use crate::text;
use std::collections::BTreeSet;

/// Words behind which a query says what a thing is for; as terms.
const FOR: [&str; 8] = ["for", "fur", "voor", "pour", "para", "per", "till", "til"];

/// What ages are counted in, and what may stand behind; as terms.
const YEARS: [&str; 12] = ["year", "yr", "month", "jahre", "jahr", "monate", "monat", "an", "ano", "anno", "jaar", "mois"];
const OLD: [&str; 4] = ["old", "olds", "alt", "oud"];

/// Takes the words out that say what the thing is for and that no such thing has. `meant` adds what stands for words: a desk for kids is a children's desk.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn take_uses(
    query: &mut Query,
    intents: &Intents,
    index: &SearchSnapshot,
    meant: impl Fn(&Query) -> Query,
) -> Result<(), SearchError> {
    let terms: Vec<String> = text::terms(&query.read);
    let Some(at) = terms.iter().skip(1).position(|term| FOR.contains(&term.as_str())).map(|at| at + 1) else { return Ok(()) };
    let (before, behind) = (&terms[..at], &terms[at + 1..]);
    let Some(head) = query.words.iter().find(|word| word.is_head && before.contains(&word.read_as().to_owned())) else { return Ok(()) };
    if is_belonging(word_number(head.read_as())) || !is_a_thing(head, index) {
        return Ok(());
    }
    let thing = TermGroup::exactly(text::marked_thing(head.read_as()));
    let age = age(behind);
    let is_behind = |word: &Word| behind.iter().any(|term| term == word.read_as()) && before.iter().all(|term| term != word.read_as());
    let uses: Vec<&Word> = query.words.iter().filter(|word| is_behind(word) && !FOR.contains(&word.read_as())).collect();
    let (aged, uses): (Vec<&Word>, Vec<&Word>) = uses.into_iter().partition(|word| age.iter().any(|term| term == word.read_as()));
    let named: BTreeSet<String> = intents.found.iter().flat_map(|intent| text::terms(&intent.words)).collect();
    if uses.iter().any(|word| says_which(word, &named)) || aged.iter().any(|word| word.is_quoted || word.open.is_some()) {
        return Ok(());
    }
    let meant = meant(query);
    let group = |word: &Word| meant.words.iter().find(|other| other.typed == word.typed).unwrap_or(word).group();
    let is_one = |pair: &[&Word]| index.vocabulary.pair_titles_count(pair[0].read_as(), pair[1].read_as()) > 0;
    let mut is_said = uses.iter().any(|word| is_a_thing(word, index)) || uses.windows(2).any(is_one);
    for word in &uses {
        is_said = is_said || !holding_all(vec![thing.clone(), group(word)], index)?.is_empty();
    }
    let groups: Vec<TermGroup> = std::iter::once(thing).chain(aged.iter().map(|word| group(word))).collect();
    let is_of_age = !aged.is_empty() && !holding_all(groups, index)?.is_empty();
    let unsaid = [(uses, is_said), (aged, is_of_age)].into_iter().filter(|(_, is_said)| !is_said).flat_map(|(words, _)| words);
    let (unsaid, read): (Vec<String>, Vec<String>) = unsaid.map(|word| (word.typed.clone(), word.read_as().to_owned())).unzip();
    query.is_for = is_said || is_of_age;
    // Where titles hardly say the word but behind `for`, that is one of the words too.
    query.words.retain(|word| unsaid.is_empty() || !unsaid.contains(&word.typed) && !FOR.contains(&word.read_as()));
    query.uses = read;
    Ok(())
}

/// Whether a word may say which of the things it is: a name, a number, what is quoted or unfinished.
fn says_which(word: &Word, named: &BTreeSet<String>) -> bool {
    let read = word.read_as();
    word.is_quoted || word.is_head || word.open.is_some() || read.contains(|letter: char| letter.is_ascii_digit()) || named.contains(read)
}

/// The terms of an age, as in `bike for 3 year old`; none where there is none.
fn age(terms: &[String]) -> &[String] {
    let is_number = |term: &String| term.bytes().all(|letter| letter.is_ascii_digit());
    let Some(at) = terms.windows(2).position(|pair| is_number(&pair[0]) && YEARS.contains(&pair[1].as_str())) else { return &[] };
    let is_old = terms.get(at + 2).is_some_and(|term| OLD.contains(&term.as_str()));
    &terms[at..at + 2 + usize::from(is_old)]
}

/// What is said of it.
pub(super) fn told(uses: &[String]) -> Option<String> {
    let said: Vec<String> = uses.iter().map(|word| format!("`{word}`")).collect();
    let are = if said.len() == 1 { "it is" } else { "they are" };
    (!said.is_empty()).then(|| format!("no such thing says {}, so {are} not looked for", said.join(", ")))
}
