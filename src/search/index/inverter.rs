//! Turns documents with their terms round, into terms with their documents.
//!
//! Documents come one after another; what is kept of each is the numbers of its terms and their impacts, five bytes a posting. At the end the
//! terms are sorted, and the lists are written range by range of them, each range in one pass over everything kept: so the working memory
//! beside it is bounded, and the lists of a range lie together while they are filled.

use crate::stdx::quick::QuickMap;
use std::io;
use std::ops::Range;
use tantivy::postings::FieldSerializer;

/// Postings of one pass; a longer list has a pass of its own.
const PASS_POSTINGS: usize = 8 << 20;

/// The terms of documents, in the order in which the documents came.
#[derive(Debug, Default)]
pub(super) struct Inverter {
    numbers: QuickMap<Box<str>, u32>,
    /// How many documents hold each term, by its number.
    holders: Vec<u32>,
    /// Numbers of terms, document after document.
    terms: Vec<u32>,
    /// The impact of each of them.
    impacts: Vec<u8>,
    /// Where the terms of each document end.
    ends: Vec<usize>,
}

impl Inverter {
    /// Adds the next document; no term twice.
    pub(super) fn add<'a>(&mut self, terms: impl Iterator<Item = (&'a str, u8)>) {
        for (term, impact) in terms {
            let number = match self.numbers.get(term) {
                Some(&number) => number,
                None => {
                    let number = self.holders.len() as u32;
                    self.numbers.insert(term.into(), number);
                    self.holders.push(0);
                    number
                }
            };
            self.holders[number as usize] += 1;
            self.terms.push(number);
            self.impacts.push(impact);
        }
        self.ends.push(self.terms.len());
    }

    /// The impacts of all postings together.
    pub(super) fn weight(&self) -> u64 {
        self.impacts.iter().map(|impact| u64::from(*impact)).sum()
    }

    /// Writes the list of every term, in order of the terms; with or without impacts.
    pub(super) fn write(mut self, mut field: FieldSerializer<'_>, with_impacts: bool) -> io::Result<()> {
        let mut sorted: Vec<(Box<str>, u32)> = std::mem::take(&mut self.numbers).into_iter().collect();
        sorted.sort_unstable();
        let mut ranks = vec![0_u32; sorted.len()];
        sorted.iter().zip(0..).for_each(|((_, number), rank)| ranks[*number as usize] = rank);
        self.terms.iter_mut().for_each(|term| *term = ranks[*term as usize]);
        let holders: Vec<usize> = sorted.iter().map(|(_, number)| self.holders[*number as usize] as usize).collect();
        for range in passes(&holders) {
            let lists = self.lists(range.clone(), &holders[range.clone()]);
            for ((term, _), list) in sorted[range].iter().zip(lists.each()) {
                field.new_term(term.as_bytes(), list.len() as u32, with_impacts)?;
                list.for_each(|(document, impact)| field.write_doc(document, if with_impacts { u32::from(impact) } else { 0 }, &[]));
                field.close_term()?;
            }
        }
        field.close()
    }

    /// The lists of some terms, in one pass over the documents.
    fn lists(&self, ranks: Range<usize>, holders: &[usize]) -> Lists {
        let starts: Vec<usize> = std::iter::once(0).chain(holders.iter().scan(0, |sum, count| Some(add_to(sum, *count)))).collect();
        let postings_count = starts.last().copied().unwrap_or(0);
        let mut lists = Lists { documents: vec![0; postings_count], impacts: vec![0; postings_count], starts: starts.clone() };
        let (mut next, mut from) = (starts, 0);
        for (document, &end) in (0_u32..).zip(&self.ends) {
            for (&rank, &impact) in self.terms[from..end].iter().zip(&self.impacts[from..end]) {
                if ranks.contains(&(rank as usize)) {
                    let place = &mut next[rank as usize - ranks.start];
                    (lists.documents[*place], lists.impacts[*place]) = (document, impact);
                    *place += 1;
                }
            }
            from = end;
        }
        lists
    }
}

fn add_to(sum: &mut usize, count: usize) -> usize {
    *sum += count;
    *sum
}

/// Ranges of terms, each with no more postings than a pass may have, or with one term.
fn passes(holders: &[usize]) -> Vec<Range<usize>> {
    let (mut ranges, mut from, mut sum) = (Vec::new(), 0, 0);
    for (at, count) in holders.iter().enumerate() {
        if at > from && sum + count > PASS_POSTINGS {
            ranges.push(from..at);
            (from, sum) = (at, 0);
        }
        sum += count;
    }
    if from < holders.len() {
        ranges.push(from..holders.len());
    }
    ranges
}

/// Posting lists, one behind another.
struct Lists {
    documents: Vec<u32>,
    impacts: Vec<u8>,
    starts: Vec<usize>,
}

impl Lists {
    fn each(&self) -> impl Iterator<Item = impl ExactSizeIterator<Item = (u32, u8)>> {
        let list = |range: Range<usize>| self.documents[range.clone()].iter().copied().zip(self.impacts[range].iter().copied());
        self.starts.windows(2).map(move |ends| list(ends[0]..ends[1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_the_documents_of_each_term_in_order() {
        let mut inverter = Inverter::default();
        inverter.add([("desk", 3), ("lamp", 5)].into_iter());
        inverter.add(std::iter::empty());
        inverter.add([("lamp", 2), ("oak", 31)].into_iter());
        assert_eq!(inverter.weight(), 41);
        let lists = inverter.lists(1..3, &[2, 1]);
        let all: Vec<Vec<(u32, u8)>> = lists.each().map(Iterator::collect).collect();
        assert_eq!(all, [vec![(0, 5), (2, 2)], vec![(2, 31)]], "the ranks of these terms are the numbers that they were met in");
    }

    #[test]
    fn passes_cover_every_term_once_and_long_lists_alone() {
        let full = PASS_POSTINGS;
        assert!(passes(&[]).is_empty());
        assert_eq!(passes(&[1, full - 1, 1, full + 5, 2, 3]), [0..2, 2..3, 3..4, 4..6]);
    }
}
