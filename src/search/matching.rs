//! The match set: what the words and the vectors find, before any filter. It is the same for every page, sort and facet of a request, and it
//! does not depend on the filter, so that adding a filter can only take products away and every count can be exact.
//!
//! 1. *Named*: products whose identifier or whole title was typed.
//! 2. *The ladder*: products with all words; if those are fewer than [`RELAX_BELOW`], also some that lack words, see `ladder`.
//! 3. *Neighbours*: while those are fewer than [`NEIGHBOURS_BELOW`], the products nearest in meaning above the calibrated cut, see `meaning`. In
//!    vector mode all products above the cut, and nothing else; where there are none, those near the products that say the words.
//! 4. *Called so*: where the thing is sure and plenty is called so, what only speaks of it is left out, see `called`.

use super::SearchError;
use super::called;
use super::codes::{codes, excluded_codes, is_a_word};
use super::dense::DenseSet;
use super::heaviest::Heaviest;
use super::identified::has_identifier;
use super::index::{SearchSnapshot, TermGroup, TextMatch, TextQuery};
use super::ladder::Ladder;
use super::matched::{Class, Entry, Match, Matched, Nearness, Share};
use super::meaning::{self, Meaning, NearTo};
use super::phrases::{DOCUMENTS_MAX, Phrase};
use super::request::{Mode, QUERY_TERMS_MAX};
use super::understand::{Query, Word};
use super::unnamed;
use crate::catalog::CatalogSnapshot;
use crate::id::Ordinal;
use crate::search::columns::{Columns, FieldId, MarketId};
use crate::stdx::clock::Deadline;
use crate::text::Language;
use roaring::RoaringBitmap;

/// Fewer products than this with all words, and those that lack some join them: a few pages' worth, below everything that has all words.
pub const RELAX_BELOW: usize = 100;
/// Of so many of the words' best matches the similarity in meaning is told, since their vectors lie all over the file: it moves a score by a fifth at most, and what words find beyond
/// these reaches no page that people look at.
const MEASURED_MAX: usize = 500;
/// While words find fewer products than this, neighbours in meaning join them in hybrid mode: as many as are looked through at most.
pub const NEIGHBOURS_BELOW: usize = 100;
/// A title that more products share names none of them.
const NAMESAKES_MAX: u64 = 5;

/// Where and how products are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Hunt<'a> {
    /// By words, vectors or both.
    pub mode: Mode,
    /// Where they have to be offered, if they are offered anywhere.
    pub market: MarketId,
    /// When to end with what there is.
    pub deadline: &'a Deadline,
    /// What the query is written in.
    pub language: Language,
}

/// Finds the match set.
///
/// # Errors
/// When the index cannot be read.
pub fn matched(query: &Query, hunt: Hunt<'_>, index: &SearchSnapshot, catalog: &CatalogSnapshot) -> Result<Matched, SearchError> {
    let Hunt { mode, market, .. } = hunt;
    let mut relaxations = Vec::new();
    let mut left_out = Vec::new();
    if query.dropped_count > 0 {
        let looked_at = QUERY_TERMS_MAX;
        relaxations.push(format!("looked at the first {looked_at} of {} words", looked_at + query.dropped_count));
        left_out.push(format!("{} words", query.dropped_count));
    }
    if query.dropped_excluded_count > 0 {
        left_out.push(format!("{} excluded words", query.dropped_excluded_count));
    }
    if query.is_everything() {
        let live = index.columns.live();
        let products = index.columns.only_elsewhere(market).map_or_else(|| live.clone(), |elsewhere| live - &*elsewhere);
        return Ok(Matched { matches: None, products, relaxations, worth: Vec::new(), entry: None, left_out });
    }
    let (mut found, unsaid) = Found::new(query, hunt, index, catalog, left_out)?;
    relaxations.extend(unsaid);
    let ladder = Ladder::of(query, index);
    let (mut entry, mut left_out_names) = (None, None);
    if query.words.is_empty() {
        found.take_all(&index.columns);
    } else if mode == Mode::Vector {
        relaxations.extend(found.take_near(query, &ladder, index)?);
    } else {
        let identified = index.text.identifiers(&query.typed)?;
        let is_named = found.take_named(query, &identified, index, catalog)?;
        let begun = match (is_named, identified.is_empty()) {
            (true, _) => Vec::new(),
            (false, false) => identified,
            (false, true) => index.text.identified_by_words(codes(&query.typed))?,
        };
        let climbed = found.climb_down(&ladder, &begun, index, is_named)?;
        let is_whole = !is_named && climbed.relaxation.is_none() && found.matches.len() == found.whole_count;
        if !is_named && !is_whole {
            unnamed::lower(&mut found.matches[..found.whole_count], query, &begun, index, hunt.language);
        }
        relaxations.extend(climbed.relaxation);
        let nearness = if mode == Mode::Hybrid && !is_named { found.take_neighbours(query, index) } else { None };
        // A neighbour that was not allowed took a place that it may leave unseen.
        let is_decided = !is_named && !query.is_either && (nearness.is_none() || found.allowed.is_none());
        entry = is_decided.then(|| Entry { masses: ladder.masses(query), mass_min: climbed.mass_min, nearness });
        left_out_names = if is_whole { called::keep(&mut found.matches, query, &begun, index, hunt.language) } else { None };
    }
    let products = match left_out_names {
        Some(_) => found.matches.iter().map(|found| found.ordinal.0).collect(),
        None => found.seen.to_bitmap(),
    };
    relaxations.extend(left_out_names);
    Ok(Matched { products, matches: Some(found.matches), relaxations, worth: ladder.worth(query), entry, left_out: found.left_out })
}

/// How far down the ladder words were looked for.
struct Climbed {
    /// What was given up, in words.
    relaxation: Option<String>,
    /// What the words of one more product would have to be worth.
    mass_min: usize,
}

/// What has been found so far.
struct Found {
    matches: Vec<Match>,
    seen: DenseSet,
    /// What may be found at all: live products with every quoted word, without excluded ones and not offered elsewhere only.
    allowed: Option<DenseSet>,
    /// How many of the first matches have all words.
    whole_count: usize,
    deadline: Deadline,
    left_out: Vec<String>,
}

impl Found {
    /// Nothing yet. Says which phrases no product says, so that their words suffice.
    fn new(
        query: &Query,
        hunt: Hunt<'_>,
        index: &SearchSnapshot,
        catalog: &CatalogSnapshot,
        mut left_out: Vec<String>,
    ) -> Result<(Self, Vec<String>), SearchError> {
        let deadline = hunt.deadline.clone();
        let end = index.columns.ordinals_end();
        let quoted: Vec<TermGroup> = query.words.iter().filter(|word| word.is_quoted).map(Word::group).collect();
        let mut allowed = if quoted.is_empty() { None } else { Some(holding_all(quoted, index)?) };
        let (mut unsaid, mut documents_left) = (Vec::new(), DOCUMENTS_MAX);
        let unread = |phrase: &Phrase| format!("whether some products say `{}`", phrase.said());
        for phrase in query.phrases.iter().filter(|phrase| !phrase.is_excluded) {
            let Some(holders) = allowed.as_ref() else { continue };
            let saying = phrase.said_by(holders, (index, catalog), &mut documents_left, &deadline);
            left_out.extend(saying.is_cut.then(|| unread(phrase)));
            match saying.products.is_empty() {
                true if saying.is_cut => (),
                true => unsaid.push(format!("nothing has `{}` side by side", phrase.said())),
                false => allowed = Some(saying.products),
            }
        }
        for (number, terms) in query.excluded.iter().enumerate() {
            if deadline.is_over() {
                left_out.push(format!("{} excluded words", query.excluded.len() - number));
                break;
            }
            let mut shut_out = holding_all(terms.iter().map(|term| TermGroup::exactly(term.clone())).collect(), index)?;
            if let Some(phrase) = query.phrases.iter().find(|phrase| phrase.is_excluded && phrase.terms == *terms) {
                let saying = phrase.said_by(&shut_out, (index, catalog), &mut documents_left, &deadline);
                left_out.extend(saying.is_cut.then(|| unread(phrase)));
                shut_out = saying.products;
            }
            allowed = Some(allowed.unwrap_or_else(|| index.columns.live().clone()) - shut_out);
        }
        let coded = index.text.identified_by_words(excluded_codes(&query.typed))?;
        if !coded.is_empty() {
            let coded: RoaringBitmap = coded.into_iter().map(|ordinal| ordinal.0).collect();
            allowed = Some(allowed.unwrap_or_else(|| index.columns.live().clone()) - coded);
        }
        if let Some(elsewhere) = index.columns.only_elsewhere(hunt.market) {
            allowed = Some(allowed.unwrap_or_else(|| index.columns.live().clone()) - &*elsewhere);
        }
        let allowed = allowed.map(|allowed| DenseSet::of(&allowed, end));
        Ok((
            Self { matches: Vec::with_capacity(MEASURED_MAX), seen: DenseSet::below(end), allowed, whole_count: 0, deadline, left_out },
            unsaid,
        ))
    }

    #[inline]
    fn take(&mut self, found: Match) {
        if self.is_allowed(found.ordinal) && self.seen.insert(found.ordinal) {
            self.matches.push(found);
        }
    }

    #[inline]
    fn is_allowed(&self, ordinal: Ordinal) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.contains(ordinal))
    }

    fn take_all(&mut self, columns: &Columns) {
        let all = columns.live().iter().map(Ordinal);
        all.for_each(|ordinal| self.take(Match::alike(ordinal, Class::NEAR)));
    }

    /// Takes the products that the query names; says whether it names any exactly.
    fn take_named(
        &mut self,
        query: &Query,
        identified: &[Ordinal],
        index: &SearchSnapshot,
        catalog: &CatalogSnapshot,
    ) -> Result<bool, SearchError> {
        let is_exact =
            identified.first().is_some_and(|first| has_identifier(*first, &query.typed, catalog)) && !is_a_word(&query.typed, index)?;
        let dictionary = index.columns.dictionary();
        let titled = dictionary.term(FieldId::TITLE, &query.typed).map(|title| dictionary.postings(title));
        let titled = titled.filter(|titled| titled.len() <= NAMESAKES_MAX).map(|titled| titled.bitmap().into_owned()).unwrap_or_default();
        let named = |ordinal| Match::alike(ordinal, Class::NAMED);
        if is_exact {
            identified.iter().for_each(|ordinal| self.take(named(*ordinal)));
        }
        titled.iter().map(Ordinal).for_each(|ordinal| self.take(named(ordinal)));
        Ok(is_exact && !self.matches.is_empty())
    }

    /// Takes the products with all words and, while they are few, those that lack some.
    ///
    /// Products whose identifier begins with or contains the query, or is one of its words, stand below those that have all its words.
    fn climb_down(&mut self, ladder: &Ladder, begun: &[Ordinal], index: &SearchSnapshot, is_named: bool) -> Result<Climbed, SearchError> {
        let mass_min = ladder.total();
        if is_named && ladder.has_unknown() {
            // What was typed is an identifier: products with a part of it are something else.
            return Ok(Climbed { relaxation: None, mass_min });
        }
        self.take_with(ladder, &ladder.all(), index)?;
        self.take_begun(begun);
        self.whole_count = self.matches.len();
        let kept = usize::from(u8::MAX);
        if is_named || self.matches.len() >= RELAX_BELOW {
            return Ok(Climbed { relaxation: ladder.relaxation(kept, !begun.is_empty()), mass_min });
        }
        let mut taken = Taken { least: None, wanted: mass_min };
        if let Some(enough) = ladder.enough() {
            taken = self.take_best_with(ladder, &enough, index)?;
        }
        if let Some(any) = ladder.any().filter(|_| self.matches.is_empty()) {
            taken = self.take_best_with(ladder, &any, index)?;
        }
        Ok(Climbed { relaxation: ladder.relaxation(taken.least.unwrap_or(kept), !begun.is_empty()), mass_min: taken.wanted })
    }

    /// Takes the products that an identifier in the query names: of `makita DHP482Z`, whose code no text holds, the one with that code has all that
    /// was asked for, and stands above all others of the brand.
    fn take_begun(&mut self, begun: &[Ordinal]) {
        let lacking = |found: &&mut Match| found.class < Class::ALL && begun.contains(&found.ordinal);
        if begun.iter().any(|ordinal| self.seen.contains(*ordinal)) {
            self.matches.iter_mut().filter(lacking).for_each(|found| (found.class, found.share) = (Class::ALL, Share::WHOLE));
        }
        for ordinal in begun {
            self.take(Match { text: f32::MIN_POSITIVE, ..Match::alike(*ordinal, Class::ALL) });
        }
    }

    fn take_with(&mut self, ladder: &Ladder, query: &TextQuery, index: &SearchSnapshot) -> Result<(), SearchError> {
        let deadline = self.deadline.clone();
        let mut take = |found| self.take(of_words(found, ladder));
        if !index.text.matches_until(query, &deadline, &mut take)? {
            self.left_out.push("products found last".to_owned());
        }
        Ok(())
    }

    /// Takes the products that keep most, with as much as has to be kept lowered until there are enough products.
    fn take_best_with(&mut self, ladder: &Ladder, query: &TextQuery, index: &SearchSnapshot) -> Result<Taken, SearchError> {
        if self.deadline.is_over() {
            self.left_out.push("products with fewer words".to_owned());
            return Ok(Taken { least: None, wanted: query.required });
        }
        let mut best = Heaviest::new(RELAX_BELOW.saturating_sub(self.matches.len()));
        let mut offer = |one: TextMatch| {
            if best.wants(&one) && self.is_allowed(one.ordinal) && !self.seen.contains(one.ordinal) {
                best.push(one);
            }
        };
        if !index.text.matches_until(query, &self.deadline, &mut offer)? {
            self.left_out.push("products with fewer words found last".to_owned());
        }
        let least = best.iter().map(|one| usize::from(one.mass)).min();
        best.iter().for_each(|one| self.take(of_words(*one, ladder)));
        Ok(Taken { least, wanted: best.lowest().max(query.required) })
    }

    /// Tells how near in meaning the words' matches are and, while they are few, adds the nearest other products. Says how near one more would have
    /// to be; none when none would be taken for that.
    fn take_neighbours(&mut self, query: &Query, index: &SearchSnapshot) -> Option<Nearness> {
        if self.deadline.is_over() {
            self.left_out.push("products near in meaning".to_owned());
            return None;
        }
        let best = best_by_words(&self.matches, MEASURED_MAX);
        let meaning = Meaning::of_found(query, &self.matches, &best, index)?;
        meaning.measure(&mut self.matches, &best);
        let room = NEIGHBOURS_BELOW.checked_sub(self.matches.len()).filter(|room| *room > 0)?;
        let min = meaning.neighbours(room, &self.seen.to_bitmap(), |neighbour| self.take(neighbour));
        Some(Nearness { direction: meaning.into_direction(), min })
    }

    /// Takes every product above the cut: all are compared, so that no filter can starve the answer and every count is exact. Where the words have no
    /// vector or nothing is near what they say, it is those near the products that say them. Says what became of the words, if it is not what was asked.
    fn take_near(&mut self, query: &Query, ladder: &Ladder, index: &SearchSnapshot) -> Result<Option<String>, SearchError> {
        let Some(vectors) = &index.vectors else {
            return Ok(Some("the shop has no vectors, by which nothing is near in meaning".to_owned()));
        };
        let (meaning, silent) = Meaning::of_words(query, vectors);
        meaning.iter().for_each(|meaning| meaning.above_cut(|near| self.take(near)));
        let mut nearness = NearTo::Words;
        if self.matches.is_empty() {
            let saying = self.saying(ladder, index)?;
            let best = best_by_words(&saying, MEASURED_MAX);
            let meaning = if saying.is_empty() { None } else { Meaning::of_found(query, &saying, &best, index) };
            meaning.iter().for_each(|meaning| meaning.above_cut(|near| self.take(near)));
            nearness = if self.matches.is_empty() { NearTo::Nothing } else { NearTo::Products };
        }
        Ok(meaning::told(nearness, &silent, query.words.len()))
    }

    /// The products with all words that any product holds; where there are none, those with any.
    fn saying(&mut self, ladder: &Ladder, index: &SearchSnapshot) -> Result<Vec<Match>, SearchError> {
        let (mut saying, deadline) = (Vec::new(), self.deadline.clone());
        for asked in std::iter::once(ladder.all()).chain(ladder.any()) {
            let mut take = |found: TextMatch| saying.extend(self.is_allowed(found.ordinal).then(|| of_words(found, ladder)));
            if !index.text.matches_until(&asked, &deadline, &mut take)? {
                self.left_out.push("products found last".to_owned());
            }
            if !saying.is_empty() {
                break;
            }
        }
        Ok(saying)
    }
}

/// What a rung of the ladder gave.
struct Taken {
    /// What the products kept of the words at least; none when there were none.
    least: Option<usize>,
    /// What one more would have to keep.
    wanted: usize,
}

fn of_words(found: TextMatch, ladder: &Ladder) -> Match {
    let TextMatch { ordinal, score, mass } = found;
    Match { text: score, share: Share::of(ladder.share(mass)), ..Match::alike(ordinal, ladder.class(mass)) }
}

/// The places of the best `count` matches by class and text score, in no order. Of equal ones the first are taken.
pub(super) fn best_by_words(matches: &[Match], count: usize) -> Vec<u32> {
    if matches.len() <= count {
        return (0..matches.len() as u32).collect();
    }
    // One number each, since numbers are compared without a guess: class, text score (bits of numbers from 0 on order as they do), place.
    let key = |(place, found): (u32, &Match)| {
        u128::from(found.class.rank()) << 64 | u128::from(found.text.to_bits()) << 32 | u128::from(u32::MAX - place)
    };
    let mut keys: Vec<u128> = (0..).zip(matches).map(key).collect();
    let (best, last, _) = keys.select_nth_unstable_by(count - 1, |a, b| b.cmp(a));
    best.iter().chain([&*last]).map(|key| u32::MAX - *key as u32).collect()
}

/// The products that hold every group.
pub(super) fn holding_all(groups: Vec<TermGroup>, index: &SearchSnapshot) -> Result<RoaringBitmap, SearchError> {
    let mut found = DenseSet::below(index.columns.ordinals_end());
    let required = groups.len();
    index.text.matches(&TextQuery { groups, required }, &mut |one| {
        found.insert(one.ordinal);
    })?;
    Ok(found.to_bitmap())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_by_words_are_of_the_best_class_then_of_the_best_score_then_the_first() {
        let found = |ordinal: u32| {
            let class = if ordinal.is_multiple_of(7) { Class::ALL } else { Class::SOME };
            Match { text: (ordinal % 10) as f32, class, ..Match::near(Ordinal(ordinal), 0.0) }
        };
        let matches: Vec<Match> = (0..2_000).map(found).collect();
        let mut places = best_by_words(&matches, MEASURED_MAX);
        places.sort_unstable();
        let mut expected: Vec<u32> = (0..2_000).collect();
        expected.sort_by_key(|&place| (std::cmp::Reverse(matches[place as usize].class), 9 - matches[place as usize].text as u32, place));
        expected.truncate(MEASURED_MAX);
        expected.sort_unstable();
        assert_eq!(places, expected);
        assert_eq!(best_by_words(&matches[..3], MEASURED_MAX), [0, 1, 2]);
    }
}
