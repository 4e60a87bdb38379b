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

/// Takes the words out that say what the thing is for and that no such thing has.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn take_uses(query: &mut Query, intents: &Intents, index: &SearchSnapshot) -> Result<(), SearchError> {
    let terms: Vec<String> = text::terms(&query.read);
    let Some(at) = terms.iter().skip(1).position(|term| FOR.contains(&term.as_str())).map(|at| at + 1) else { return Ok(()) };
    let (before, behind) = (&terms[..at], &terms[at + 1..]);
    let Some(head) = query.words.iter().find(|word| word.is_head && before.contains(&word.read_as().to_owned())) else { return Ok(()) };
    if is_belonging(word_number(head.read_as())) || !is_a_thing(head, index) {
        return Ok(());
    }
    let thing = TermGroup::exactly(text::marked_thing(head.read_as()));
    let named: BTreeSet<String> = intents.found.iter().flat_map(|intent| text::terms(&intent.words)).collect();
    let says_which = |word: &Word| {
        let read = word.read_as();
        let is_plain = !word.is_quoted && !word.is_head && word.open.is_none() && !read.contains(|letter: char| letter.is_ascii_digit());
        !is_plain || named.contains(read)
    };
    let is_behind = |word: &Word| behind.iter().any(|term| term == word.read_as()) && before.iter().all(|term| term != word.read_as());
    let uses: Vec<&Word> = query.words.iter().filter(|word| is_behind(word) && !FOR.contains(&word.read_as())).collect();
    let is_one = |pair: &[&Word]| index.vocabulary.pair_titles_count(pair[0].read_as(), pair[1].read_as()) > 0;
    if uses.iter().any(|word| says_which(word)) {
        return Ok(());
    }
    let mut is_said = uses.iter().any(|word| is_a_thing(word, index)) || uses.windows(2).any(is_one);
    for word in &uses {
        is_said = is_said || !holding_all(vec![thing.clone(), word.group()], index)?.is_empty();
    }
    if is_said {
        query.is_for = true;
        return Ok(());
    }
    let uses: Vec<String> = uses.into_iter().map(|word| word.typed.clone()).collect();
    // Where titles hardly say the word but behind `for`, that is one of the words too.
    query.words.retain(|word| uses.is_empty() || !uses.contains(&word.typed) && !FOR.contains(&word.read_as()));
    query.uses = uses;
    Ok(())
}

/// What is said of it.
pub(super) fn told(uses: &[String]) -> Option<String> {
    let said: Vec<String> = uses.iter().map(|word| format!("`{word}`")).collect();
    let are = if said.len() == 1 { "it is" } else { "they are" };
    (!said.is_empty()).then(|| format!("no such thing says {}, so {are} not looked for", said.join(", ")))
}
