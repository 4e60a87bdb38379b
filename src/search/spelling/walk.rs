//! Finds the words that a typed one may stand for, without looking at the others.
//!
//! The words of a generation stand in a transducer, those of live products in an ordered map; both are gone through letter by letter, and a
//! beginning of which no word can be within the budget is left with everything behind it. Every row that is computed is paid for from one
//! purse for the whole query, so that a query of long nonsense costs no more than a few sensible ones.

use super::channel::{Channel, Row};
use crate::search::costed::Costed;
use crate::search::index::LiveTerms;
use fst::raw::{CompiledAddr, Node};
use std::sync::Arc;

/// Rows that are computed for one query: about two milliseconds, some ten times what one misspelled word takes.
const ROWS_MAX: u32 = 20_000;

/// What a query may still spend.
#[derive(Debug)]
pub(super) struct Purse(u32);

impl Purse {
    pub(super) fn full() -> Self {
        Self(ROWS_MAX)
    }

    /// Pays for one row.
    fn pay(&mut self) -> bool {
        let can_pay = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        can_pay
    }
}

/// A word or a beginning, with what it costs to have meant it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Near {
    pub(super) word: String,
    pub(super) cost: f32,
}

/// The words of a transducer within the budget.
pub(super) fn words(among: &Costed, channel: &Channel, purse: &mut Purse) -> Vec<Near> {
    let mut walk = Walk { among, channel, purse, key: Vec::new(), found: Vec::new(), beginnings: false };
    walk.start();
    walk.found
}

/// The beginnings of words within the budget.
pub(super) fn beginnings(among: &Costed, channel: &Channel, purse: &mut Purse) -> Vec<Near> {
    let mut walk = Walk { among, channel, purse, key: Vec::new(), found: Vec::new(), beginnings: true };
    walk.start();
    walk.found
}

/// A letter of which not all bytes have come.
#[derive(Debug, Clone, Copy, Default)]
struct Partial {
    code: u32,
    missing: u8,
}

impl Partial {
    fn with(self, byte: u8) -> Self {
        let (code, missing) = match (self.missing, byte) {
            (0, 0x00..=0x7f) => (u32::from(byte), 0),
            (0, 0xc0..=0xdf) => (u32::from(byte & 0x1f), 1),
            (0, 0xe0..=0xef) => (u32::from(byte & 0x0f), 2),
            (0, _) => (u32::from(byte & 0x07), 3),
            (missing, _) => ((self.code << 6) | u32::from(byte & 0x3f), missing - 1),
        };
        Self { code, missing }
    }

    fn letter(self) -> Option<char> {
        (self.missing == 0).then(|| char::from_u32(self.code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

struct Walk<'a> {
    among: &'a Costed,
    channel: &'a Channel,
    purse: &'a mut Purse,
    key: Vec<u8>,
    found: Vec<Near>,
    /// Whether beginnings will do.
    beginnings: bool,
}

impl Walk<'_> {
    /// Words with the letter that was typed first are looked at first: they are the likeliest when the purse runs out.
    fn start(&mut self) {
        let fst = self.among.fst();
        let first = self.channel.first_letter().and_then(|letter| letter.to_string().bytes().next());
        let root = fst.root();
        let row = self.channel.start();
        for likeliest in [true, false] {
            for transition in root.transitions().filter(|transition| (Some(transition.inp) == first) == likeliest) {
                self.step(transition.inp, transition.addr, Partial::default(), None, &row);
            }
        }
    }

    fn step(&mut self, byte: u8, address: CompiledAddr, partial: Partial, above: Option<&Row>, row: &Row) {
        self.key.push(byte);
        let partial = partial.with(byte);
        let node = self.among.fst().node(address);
        match partial.letter() {
            None => self.descend(&node, partial, above, row),
            Some(letter) if self.purse.pay() => {
                let next = self.channel.advance(above, row, letter);
                if self.channel.can_match(&next) {
                    self.take(&node, &next);
                    self.descend(&node, Partial::default(), Some(row), &next);
                }
            }
            Some(_) => {}
        }
        self.key.pop();
    }

    fn descend(&mut self, node: &Node<'_>, partial: Partial, above: Option<&Row>, row: &Row) {
        for transition in node.transitions() {
            self.step(transition.inp, transition.addr, partial, above, row);
        }
    }

    /// Takes what ends here.
    fn take(&mut self, node: &Node<'_>, row: &Row) {
        let Some(cost) = self.channel.cost(row).filter(|_| self.beginnings || node.is_final()) else { return };
        self.found.extend(str::from_utf8(&self.key).ok().map(|word| Near { word: word.to_owned(), cost }));
    }
}

/// The words of live products within the budget, of those that begin with the letter that was typed first.
pub(super) fn live_words(among: &LiveTerms, channel: &Channel, purse: &mut Purse) -> Vec<Near> {
    let first: String = channel.first_letter().into_iter().collect();
    let from = among.range(Arc::<str>::from(first.as_str())..).map(|(word, _)| &**word);
    words_in_order(from.take_while(|word| word.starts_with(&first)), channel, purse)
}

/// Those of some words in order that are within the budget.
pub(super) fn words_in_order<'w>(among: impl Iterator<Item = &'w str>, channel: &Channel, purse: &mut Purse) -> Vec<Near> {
    let mut rows = vec![channel.start()];
    let mut last: Vec<char> = Vec::new();
    let mut found = Vec::new();
    for word in among {
        let letters: Vec<char> = word.chars().collect();
        let shared = letters.iter().zip(&last).take_while(|(one, other)| one == other).count();
        rows.truncate(shared + 1);
        while rows.len() <= letters.len() && rows.last().is_some_and(|row| channel.can_match(row)) {
            if !purse.pay() {
                return found;
            }
            let above = rows.len().checked_sub(2).map(|at| &rows[at]);
            rows.push(channel.advance(above, &rows[rows.len() - 1], letters[rows.len() - 1]));
        }
        if rows.len() == letters.len() + 1 {
            found.extend(channel.cost(&rows[letters.len()]).map(|cost| Near { word: word.to_string(), cost }));
        }
        last = letters;
        last.truncate(rows.len() - 1);
    }
    found
}
