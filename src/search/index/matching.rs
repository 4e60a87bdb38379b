//! From posting lists to matching documents: each once, in document order, with its score.
//!
//! A query is a list of *groups*, one for each word that was typed; a group's posting lists are the word's alternatives. Each group has a
//! *mass*: what holding it is worth. A document's score is the sum over groups of its best alternative, and it matches when the groups that
//! it holds have a mass of at least `required` together.
//!
//! Groups are taken rarest first. A document that holds none of the first few can only reach the mass of the others; as soon as that is
//! less than `required`, every match holds one of the first few, so those are *scanned*: decoded block by block and added up in a window of
//! documents that fits the first-level cache. A further group is scanned too
//! when it is not much longer than the rarest, else it is *sought*: only the candidates found so far are looked up in it. Adding up a decoded
//! posting costs about a nanosecond, finding one document about fifteen, hence [`SEEK_COST`]. No heap, no virtual call for each posting,
//! and both ways give exactly the same documents and scores.

use crate::stdx::clock::Deadline;

/// A document of one segment.
pub(super) type Doc = u32;

/// Looking one document up in a list costs as much as adding up this many postings of it.
const SEEK_COST: u64 = 12;
/// Documents that are added up together: scores, best alternatives and counts of a window take 18 KiB.
const WINDOW_DOCS: usize = 2_048;
/// Candidates that are still looked up in the remaining lists when time is up: some fifteen microseconds a list.
const CANDIDATES_AFTER_DEADLINE: usize = 1_024;

/// Documents in rising order, each with an impact, read block by block.
pub(super) trait Postings {
    /// Documents of the current block and their impacts, of equal length; empty after the last one.
    fn block(&self) -> (&[Doc], &[u32]);
    /// Moves to the next block.
    fn next_block(&mut self);
    /// Moves to the block that holds the first document from `target` on. Targets never fall.
    fn seek_block(&mut self, target: Doc);
    /// How many documents there are in all.
    fn len(&self) -> u64;
}

/// One posting list with what each step of impact is worth.
pub(super) struct List<P> {
    postings: P,
    step_score: f32,
    at: usize,
}

impl<P: Postings> List<P> {
    pub(super) fn new(postings: P, step_score: f32) -> Self {
        Self { postings, step_score, at: 0 }
    }

    /// The first document that has not been read.
    fn next_doc(&self) -> Option<Doc> {
        self.postings.block().0.get(self.at).copied()
    }

    /// Gives every posting below `end` that has not been read to `take`, with its score.
    #[inline]
    fn read_until(&mut self, end: Doc, mut take: impl FnMut(Doc, f32)) {
        loop {
            let (docs, impacts) = self.postings.block();
            let Some(&last) = docs.last() else { return };
            let stop = if last < end { docs.len() } else { self.at + docs[self.at..].partition_point(|&doc| doc < end) };
            for (&doc, &impact) in docs[self.at..stop].iter().zip(&impacts[self.at..stop]) {
                take(doc, impact as f32 * self.step_score);
            }
            self.at = stop;
            if stop < docs.len() {
                return;
            }
            self.postings.next_block();
            self.at = 0;
        }
    }

    /// The score of `doc`, if it is in the list. Documents asked for never fall.
    #[inline]
    pub(super) fn score_of(&mut self, doc: Doc) -> Option<f32> {
        if self.postings.block().0.last().is_none_or(|&last| last < doc) {
            self.postings.seek_block(doc);
            self.at = 0;
        }
        let (docs, impacts) = self.postings.block();
        self.at += docs.get(self.at..)?.partition_point(|&other| other < doc);
        (docs.get(self.at) == Some(&doc)).then(|| impacts[self.at] as f32 * self.step_score)
    }
}

/// The alternatives of one word, and what holding one of them is worth.
pub(super) struct Group<P> {
    pub(super) lists: Vec<List<P>>,
    pub(super) mass: u8,
}

impl<P: Postings> Group<P> {
    fn len(&self) -> u64 {
        self.lists.iter().map(|list| list.postings.len()).sum()
    }
}

fn mass_of<P>(groups: &[Group<P>]) -> usize {
    groups.iter().map(|group| usize::from(group.mass)).sum()
}

/// A document that may match: the mass of the groups that it holds, and their scores added up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) doc: Doc,
    pub(super) held: u8,
    pub(super) score: f32,
}

/// Gives every document that holds groups of a mass of at least `required` (and of at least 1) to `visit`, in document order. When time is
/// up before the end, the documents up to some document; says whether it was all of them.
pub(super) fn match_groups<P: Postings>(
    mut groups: Vec<Group<P>>,
    required: usize,
    deadline: &Deadline,
    visit: &mut impl FnMut(Candidate),
) -> bool {
    let total = mass_of(&groups);
    assert!(total <= usize::from(u8::MAX), "the groups of a query have a mass of at most {}", u8::MAX);
    let required = required.max(1);
    if required > total {
        return true;
    }
    groups.sort_by_key(Group::len);
    let scanned_count = scanned_count(&groups, required);
    let mut sought = groups.split_off(scanned_count);
    let mut left = mass_of(&sought);
    if sought.is_empty() {
        return scan(&mut groups, required as u8, deadline, visit);
    }
    let enough = required.saturating_sub(left).max(1);
    let mut candidates = Vec::new();
    let mut is_whole = scan(&mut groups, enough as u8, deadline, &mut |candidate| candidates.push(candidate));
    for group in sought.drain(..) {
        if candidates.len() > CANDIDATES_AFTER_DEADLINE && deadline.is_over() {
            candidates.truncate(CANDIDATES_AFTER_DEADLINE);
            is_whole = false;
        }
        left -= usize::from(group.mass);
        seek(group, &mut candidates);
        candidates.retain(|candidate| usize::from(candidate.held) + left >= required);
    }
    candidates.into_iter().for_each(visit);
    is_whole
}

/// How many of the groups, rarest first, are scanned; the rest is sought.
fn scanned_count<P: Postings>(groups: &[Group<P>], required: usize) -> usize {
    let mut without = mass_of(groups);
    let leads = |group: &&Group<P>| {
        let is_needed = without >= required;
        without -= usize::from(group.mass);
        is_needed
    };
    let leading_count = groups.iter().take_while(leads).count();
    let candidates_count: u64 = groups[..leading_count].iter().map(Group::len).sum();
    let worth_scanning = |group: &&Group<P>| group.len() <= candidates_count * group.lists.len() as u64 * SEEK_COST;
    leading_count + groups[leading_count..].iter().take_while(worth_scanning).count()
}

fn seek<P: Postings>(mut group: Group<P>, candidates: &mut [Candidate]) {
    for candidate in candidates {
        let mut best: Option<f32> = None;
        for list in &mut group.lists {
            if let Some(score) = list.score_of(candidate.doc) {
                best = Some(best.map_or(score, |best| best.max(score)));
            }
        }
        if let Some(score) = best {
            candidate.score += score;
            candidate.held += group.mass;
        }
    }
}

/// What has been added up for the documents from `start` on.
struct Window {
    start: Doc,
    scores: [f32; WINDOW_DOCS],
    best: [f32; WINDOW_DOCS],
    held: [u8; WINDOW_DOCS],
}

impl Window {
    fn end(&self) -> Doc {
        self.start.saturating_add(WINDOW_DOCS as Doc)
    }

    #[inline]
    fn slot(&self, doc: Doc) -> usize {
        (doc - self.start) as usize % WINDOW_DOCS
    }

    fn add<P: Postings>(&mut self, group: &mut Group<P>) {
        let (end, mass) = (self.end(), group.mass);
        if let [list] = group.lists.as_mut_slice() {
            list.read_until(end, |doc, score| {
                let slot = self.slot(doc);
                self.scores[slot] += score;
                self.held[slot] += mass;
            });
            return;
        }
        let mut any = false;
        for list in &mut group.lists {
            list.read_until(end, |doc, score| {
                let slot = self.slot(doc);
                self.best[slot] = self.best[slot].max(score);
                any = true;
            });
        }
        if any {
            for ((score, held), best) in self.scores.iter_mut().zip(&mut self.held).zip(&mut self.best) {
                *score += *best;
                *held += if *best > 0.0 { mass } else { 0 };
                *best = 0.0;
            }
        }
    }

    /// Gives the documents that hold enough away and empties the window.
    ///
    /// Most hold too little, and which do is not to be guessed: all are compared first, many at a time, and then eight are passed over at once.
    fn drain(&mut self, enough: u8, take: &mut impl FnMut(Candidate)) {
        let mut holds_enough = [0; WINDOW_DOCS];
        holds_enough.iter_mut().zip(&self.held).for_each(|(holds, &held)| *holds = u8::from(held >= enough));
        for (eight, holds) in holds_enough.as_chunks().0.iter().enumerate() {
            let mut holds = u64::from_le_bytes(*holds);
            while holds != 0 {
                let slot = eight * 8 + holds.trailing_zeros() as usize / 8;
                take(Candidate { doc: self.start + slot as Doc, held: self.held[slot], score: self.scores[slot] });
                holds &= holds - 1;
            }
        }
        self.held.fill(0);
        self.scores.fill(0.0);
    }
}

/// Adds up window by window until the end or until time is up, one window at least; says whether it came to the end.
fn scan<P: Postings>(groups: &mut [Group<P>], enough: u8, deadline: &Deadline, take: &mut impl FnMut(Candidate)) -> bool {
    let mut window = Box::new(Window { start: 0, scores: [0.0; WINDOW_DOCS], best: [0.0; WINDOW_DOCS], held: [0; WINDOW_DOCS] });
    let lists = |groups: &[Group<P>]| groups.iter().flat_map(|group| &group.lists).filter_map(List::next_doc).min();
    while let Some(start) = lists(groups) {
        window.start = start;
        for group in groups.iter_mut() {
            window.add(group);
        }
        window.drain(enough, take);
        if deadline.is_over() {
            return lists(groups).is_none();
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::blocks::Blocks;
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Table = Vec<Vec<BTreeMap<Doc, u32>>>;

    fn groups(table: &Table, masses: &[u8]) -> Vec<Group<Blocks<4>>> {
        let list = |postings: &BTreeMap<Doc, u32>| List::new(Blocks::of(postings), 1.0);
        table.iter().zip(masses).map(|(lists, &mass)| Group { lists: lists.iter().map(list).collect(), mass }).collect()
    }

    fn expected(table: &Table, masses: &[u8], required: usize) -> Vec<Candidate> {
        let mut held: BTreeMap<Doc, (u8, u32)> = BTreeMap::new();
        for (lists, mass) in table.iter().zip(masses) {
            let mut best: BTreeMap<Doc, u32> = BTreeMap::new();
            for (&doc, &impact) in lists.iter().flatten() {
                let kept = best.entry(doc).or_default();
                *kept = impact.max(*kept);
            }
            for (doc, impact) in best {
                let entry = held.entry(doc).or_default();
                *entry = (entry.0 + mass, entry.1 + impact);
            }
        }
        let enough = |held: u8| usize::from(held) >= required.max(1);
        held.into_iter()
            .filter(|(_, (held, _))| enough(*held))
            .map(|(doc, (held, sum))| Candidate { doc, held, score: sum as f32 })
            .collect()
    }

    proptest! {
        #[test]
        fn scanning_and_seeking_find_what_a_table_of_all_documents_finds(
            table in prop::collection::vec(
                prop::collection::vec(prop::collection::btree_map(0_u32..6_000, 1_u32..32, 0..80), 0..4), 0..5),
            frequent in prop::collection::btree_map(0_u32..6_000, 1_u32..32, 900..1_000),
            masses in prop::collection::vec(prop_oneof![Just(1_u8), 1_u8..30], 6),
            share in 0_usize..=8,
        ) {
            let mut table: Table = table;
            table.push(vec![frequent]);
            let mut found = Vec::new();
            let total: usize = masses.iter().take(table.len()).map(|&mass| usize::from(mass)).sum();
            let required = (total * share).div_ceil(8);
            let never = Deadline::default();
            prop_assert!(match_groups(groups(&table, &masses), required, &never, &mut |candidate| found.push(candidate)));
            prop_assert_eq!(&found, &expected(&table, &masses, required));
            let mut found_in_time = Vec::new();
            let soon = Deadline::after_questions(1);
            let is_whole = match_groups(groups(&table, &masses), required, &soon, &mut |candidate| found_in_time.push(candidate));
            prop_assert!(found.starts_with(&found_in_time));
            prop_assert!(!is_whole || found_in_time == found);
        }
    }

    #[test]
    fn a_long_list_beside_a_short_one_is_sought_and_a_similar_one_scanned() {
        let list = |len: u32| (0..len).map(|doc| (doc, 1)).collect::<BTreeMap<_, _>>();
        let check = |lens: &[u32], required: usize, count: usize| {
            let mut made = groups(&lens.iter().map(|&len| vec![list(len)]).collect(), &[1; 8]);
            made.sort_by_key(Group::len);
            assert_eq!(scanned_count(&made, required), count, "{lens:?}, {required} required");
        };
        check(&[2, 1_000], 2, 1);
        check(&[100, 1_000], 2, 2);
        check(&[2, 1_000], 1, 2);
        check(&[2, 20, 10_000], 2, 2);
    }
}
