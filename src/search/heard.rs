//! What a query says and what it finds, remembered for as long as that cannot have changed.
//!
//! A shop is asked the same few thousand things over and over, and between two askings hardly any product gets other words. So everything
//! that comes before the first live number (reading, intents, synonyms, the match set) is kept; filters, ranking, facets and pages are made
//! anew for every request, from the numbers of its moment. Counts of facets that no live number moves are kept beside a match set of which facets
//! are asked.
//!
//! What is taken again is exact. Within one commit of the index it is the same by construction. After a commit it is taken only if its words were
//! looked for as they were typed, the generation says how much they say, and no product that says something else since is in it or may come into it: by
//! enough of the words or, where it was filled up with what is near, by nearness. New prices and ratings are no words: they take away what was counted
//! of them, and nothing else.
//! How a query is read also follows what sells and what was learnt, slowly; so it is read anew after [`HEARD_FOR_MS`] or,
//! when its words were found as typed and neither learning nor selling is likely to read it otherwise, after [`PLAIN_FOR_MS`], and at once when a
//! merchant changed something. What is read and found as it was is kept with all that was counted and looked at of it.

use super::denied::{self, without_denied};
use super::dense::DenseSet;
use super::experiment::Part;
use super::filter::{Filter, Scope};
use super::index::{Facts, SearchSnapshot, Sought, word_number};
use super::intent::{self, Hearing, IntentKind, Intents};
use super::matched::{Match, Matched};
use super::matching::{Hunt, matched};
use super::merchandising::{Settings, UsedSynonym};
use super::present::{Marks, TITLE_BYTES};
use super::ranking::closeness::Wanted;
use super::ranking::{Leaders, Looks};
use super::reach::Reach;
use super::request::Mode;
use super::thesaurus::{Alternative, Own};
use super::things::Things;
use super::understand::{Manner, Query, understand_within};
use super::{Moment, Request, SearchError, either, facet, kinds, like, pasted, uses, wishes};
use crate::id::{MarketplaceId, Ordinal};
use crate::stdx::clock::Timestamp;
use crate::stdx::remembered::{Remembered, Weight};
use crate::text;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};

/// Bytes of all that is remembered, for each product of the shop: a query finds a share of them, and a larger shop has more of what is asked for. Of
/// two hundred thousand products that is room for two thousand queries of eight thousand each, with their facets.
const ROOM_A_PRODUCT: usize = 1_600;
const ROOM_MIN: usize = 16 << 20;
const ROOM_MAX: usize = 320 << 20;
/// Of fewer products facets are counted as fast as they are remembered.
const COUNTED_FROM: usize = 20;
/// So much of what is remembered at most of a query is for the facets of all products.
const ALL_SHARE: usize = 2;
/// A query is read anew after so long, in milliseconds.
const HEARD_FOR_MS: i64 = 10_000;
/// One whose words were found as they were typed.
const PLAIN_FOR_MS: i64 = 60_000;
/// Longer queries are pasted, and hardly twice.
const TYPED_BYTES_MAX: usize = 256;
/// Longer words say more than what stands around them.
const PREPOSITION_LETTERS_MAX: usize = 4;
/// What a query weighs beside its match set, about.
const QUERY_WEIGHT: usize = 2_048;

/// All that a reading depends on, beside the moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    typed: String,
    marketplace: Option<MarketplaceId>,
    /// The filter of the caller's key: what others have is not told of.
    within: Option<String>,
    mode: Mode,
    manner: Manner,
    without_synonyms: bool,
    ignored: Vec<IntentKind>,
}

/// What a query says, and what it finds before any filter and rule.
#[derive(Debug)]
pub(super) struct Heard {
    /// What was recognised.
    pub intents: Intents,
    /// What is looked for.
    pub query: Query,
    /// Merchants' synonyms that were used.
    pub synonyms: Vec<UsedSynonym>,
    /// Everyday words that were used.
    pub alternatives: Vec<Alternative>,
    /// What was found.
    pub matched: Matched,
    /// The words as titles have them.
    pub wanted: Wanted,
    /// What of it is the thing that is asked for.
    pub things: Things,
    /// Products with what the query does not want.
    pub denied: Option<Arc<DenseSet>>,
    /// Whether prices decided how it was read.
    is_read_by_prices: bool,
    settings: Arc<Settings>,
    /// When it was last read and found so, in milliseconds.
    at: AtomicI64,
    /// The newest commit for which this is known to hold.
    commit: AtomicU64,
    /// Whether it was asked for again; what is asked once needs no memory of how its products look.
    is_asked_again: AtomicBool,
    /// None where no facets were asked for, or few products were found.
    counted: Option<facet::Memory>,
    looks: Looks,
    marks: Marks,
    leaders: Leaders,
    /// What a product must have to be found; none when that is not all that decides.
    sought: Option<Sought>,
}

impl Weight for Heard {
    fn weight(&self) -> usize {
        let matches = self.matched.matches.as_ref().map_or(0, |matches| matches.capacity() * size_of::<Match>());
        let products_count = self.matched.products.len() as usize;
        QUERY_WEIGHT
            + Looks::room(products_count, 0)
            + Marks::room(products_count, TITLE_BYTES)
            + Leaders::room(products_count)
            + self.counted.as_ref().map_or(0, facet::Memory::room)
            + matches
            + self.things.weight()
            + self.sought.as_ref().map_or(0, Sought::weight)
            + self.denied.as_ref().map_or(0, |denied| denied.weight())
            + self.matched.products.serialized_size()
    }
}

/// What was heard lately, of one generation. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Hearsay(Arc<Remembered<Key, Heard>>);

impl Default for Hearsay {
    fn default() -> Self {
        Self::of_shop(0)
    }
}

impl Hearsay {
    /// Nothing yet, with room for what is asked of a shop with so many products.
    pub(super) fn of_shop(products_count: u64) -> Self {
        let room = usize::try_from(products_count).unwrap_or(usize::MAX).saturating_mul(ROOM_A_PRODUCT);
        Self(Arc::new(Remembered::with_room(room.clamp(ROOM_MIN, ROOM_MAX))))
    }
}

/// Reads `typed` and finds its match set, or remembers both.
///
/// # Errors
/// Unknown products to find others like, or an index that cannot be read.
pub(super) fn hear(moment: &Moment, request: &Request, typed: &str, scope: Scope<'_>) -> Result<Arc<Heard>, SearchError> {
    let typed = &*pasted::plain(typed);
    if !request.like.is_empty() || typed.len() > TYPED_BYTES_MAX {
        return Heard::of(moment, request, typed, manner(moment, request), scope).map(Arc::new);
    }
    let hearsay = &moment.index.heard.0;
    let manner = manner(moment, request);
    let key = Key {
        typed: typed.to_owned(),
        marketplace: request.marketplace.clone(),
        within: request.within.clone(),
        mode: request.mode_in_force(),
        manner,
        without_synonyms: request.overrides.is_off(Part::Synonyms),
        ignored: request.intents_ignored().to_vec(),
    };
    let known = hearsay.get(&key).filter(|known| known.is_of_now(moment) && known.has_room_for_counts_of(request));
    if let Some(known) = &known {
        known.is_asked_again.store(true, Relaxed);
        if known.is_fresh(request.now) {
            return Ok(Arc::clone(known));
        }
    }
    let heard = Arc::new(Heard::of(moment, request, typed, manner, scope)?);
    if let Some(known) = known.filter(|known| known.is_same_as(&heard)) {
        known.at.store(request.now.0, Relaxed);
        return Ok(known);
    }
    if heard.matched.left_out.is_empty() {
        hearsay.put(key, Arc::clone(&heard));
    }
    Ok(heard)
}

fn manner(moment: &Moment, request: &Request) -> Manner {
    let thesaurus = moment.index.languages.thesaurus(request.marketplace.as_ref());
    let without_thesaurus = thesaurus.is_none() || request.overrides.is_off(Part::Thesaurus);
    Manner { as_typed: request.is_as_typed(), is_open: request.prefix, without_thesaurus }
}

impl Heard {
    /// Read and found; a number that may be no price ([`Intents::doubtful_price`]) and leaves nothing of what the words find is none: `toys under 3`
    /// are for little ones.
    fn of(moment: &Moment, request: &Request, typed: &str, manner: Manner, scope: Scope<'_>) -> Result<Self, SearchError> {
        let mut heard = Self::anew(moment, request, typed, manner, scope)?;
        let Some(price) = heard.intents.doubtful_price().filter(|_| !heard.query.words.is_empty()).cloned() else { return Ok(heard) };
        heard.is_read_by_prices = true;
        if Filter::parse(&price.filter, scope.columns, scope.market)?.products(scope, &heard.matched.products).is_empty() {
            heard.intents.found.retain(|one| *one != price);
            heard.matched.relaxations.push(format!("`{}` would leave nothing and is not taken for a price", price.words));
        }
        Ok(heard)
    }

    fn anew(moment: &Moment, request: &Request, typed: &str, manner: Manner, scope: Scope<'_>) -> Result<Self, SearchError> {
        let Moment { index, catalog, settings, .. } = moment;
        let (ignored, marketplace) = (request.intents_ignored(), request.marketplace.as_ref());
        let mut intents = intent::price(typed, scope, ignored, index.languages.of(marketplace), &|word| may_only_join(word, index));
        let thesaurus = index.languages.thesaurus(marketplace).filter(|_| !manner.without_thesaurus);
        let reach = Reach::of(request, index, scope)?;
        let mut query = understand_within(moment, marketplace, &intents.rest, manner, reach.as_ref());
        let hearing = Hearing { ignored, language: index.languages.of(marketplace), thesaurus, reach: reach.as_ref() };
        intents.name(&without_denied(&wishes::without(&query.read, &query.wishes), &query.denied), index, hearing);
        denied::once(&mut query.denied);
        let own = Own { synonyms: settings.synonyms(), marketplace };
        query.words.iter_mut().for_each(|word| intents.mark(word));
        kinds::weigh_endings(&mut query, hearing.language, |product| intents.may_be_the_thing(product, scope), index)?;
        intents.deny(&query.denied, index, hearing);
        if !manner.as_typed {
            let meant = |query: &Query| {
                let mut meant = query.clone();
                settings.expand(&mut meant, request);
                thesaurus.iter().for_each(|thesaurus| drop(thesaurus.expand(&mut meant, index, &intents, own)));
                meant
            };
            uses::take_uses(&mut query, &intents, index, meant)?;
            either::mark(&mut query, index.languages.of(marketplace), index)?;
        }
        let synonyms = settings.expand(&mut query, request);
        let mut alternatives = std::mem::take(&mut query.apart);
        alternatives.extend(thesaurus.iter().flat_map(|thesaurus| thesaurus.expand(&mut query, index, &intents, own)));
        let mut matched = match request.like.is_empty() {
            true => {
                let (mode, language) = (request.mode_in_force(), hearing.language);
                matched(&query, Hunt { mode, market: scope.market, deadline: &request.deadline, language }, index, catalog)?
            }
            false => like::matched(request, moment, scope.market)?,
        };
        matched.matches.iter_mut().for_each(Vec::shrink_to_fit);
        let wanted = Wanted::of(&query, &matched.worth).among(index.thing_words.clone());
        let things = Things::of(&query, matched.matches.as_deref().unwrap_or_default(), index)?;
        // Found word by word and as what was left out; looked up by ordinal.
        matched.matches.iter_mut().for_each(|matches| matches.sort_by_key(|found| found.ordinal));
        let denied = denied::products(&query, index.languages.of(marketplace), &matched.products, index)?.map(Arc::new);
        let sought = match matched.entry.as_ref().filter(|_| is_as_typed(&query) && query.uses.is_empty()) {
            Some(entry) => Sought::of(&query, entry, index.languages.of(marketplace), &index.text)?,
            None => None,
        };
        let products_count = matched.products.len() as usize;
        let counted = are_counted(request, products_count).then(|| match matched.matches {
            Some(_) => facet::Memory::of(products_count),
            None => facet::Memory::of_all(index.heard.0.weight_max() / ALL_SHARE),
        });
        Ok(Self {
            intents,
            query,
            synonyms,
            alternatives,
            wanted,
            matched,
            things,
            denied,
            is_read_by_prices: false,
            settings: Arc::clone(settings),
            at: AtomicI64::new(request.now.0),
            commit: AtomicU64::new(index.changes.commit()),
            is_asked_again: AtomicBool::new(false),
            counted,
            looks: Looks::default(),
            marks: Marks::default(),
            leaders: Leaders::default(),
            sought,
        })
    }

    /// Counts of the match set.
    pub(super) fn counted<'h>(&'h self, index: &'h SearchSnapshot) -> Option<facet::Recalled<'h>> {
        Some(self.counted.as_ref()?.as_of(&index.changes, self.is_asked_again.load(Relaxed)))
    }

    /// How its products look, from the second time on that it is asked for.
    pub(super) fn looks(&self) -> Option<&Looks> {
        self.is_asked_again.load(Relaxed).then_some(&self.looks)
    }

    /// What of its products says its words, likewise.
    pub(super) fn marks(&self) -> Option<&Marks> {
        self.is_asked_again.load(Relaxed).then_some(&self.marks)
    }

    /// The best of its products, likewise.
    pub(super) fn leaders(&self) -> Option<&Leaders> {
        self.is_asked_again.load(Relaxed).then_some(&self.leaders)
    }

    /// Who asks for facets of what nobody asked them of hears it once more, with room for them.
    fn has_room_for_counts_of(&self, request: &Request) -> bool {
        self.counted.is_some() || !are_counted(request, self.matched.products.len() as usize)
    }

    /// Whether it was read so lately that it need not be read anew.
    fn is_fresh(&self, now: Timestamp) -> bool {
        let age_ms = now.0.saturating_sub(self.at.load(Relaxed));
        let lasts_ms = if self.sought.is_some() { PLAIN_FOR_MS } else { HEARD_FOR_MS };
        (0..lasts_ms).contains(&age_ms)
    }

    /// Whether nothing changed that it is made of, but what is learnt of words.
    fn is_of_now(&self, moment: &Moment) -> bool {
        Arc::ptr_eq(&self.settings, &moment.settings) && self.is_untouched(&moment.index)
    }

    /// Whether the same was read and found; what follows from these is the same too, in one generation.
    fn is_same_as(&self, other: &Self) -> bool {
        self.query == other.query
            && self.intents == other.intents
            && self.is_read_by_prices == other.is_read_by_prices
            && self.synonyms == other.synonyms
            && self.alternatives == other.alternatives
            && self.matched == other.matched
            && self.things == other.things
            && self.denied == other.denied
    }

    /// Whether no change of the index has to do with it.
    fn is_untouched(&self, index: &SearchSnapshot) -> bool {
        let changes = &index.changes;
        let commit = self.commit.load(Acquire);
        if commit == changes.commit() {
            return true;
        }
        let Some(mut reworded) = changes.since(commit, Facts::Words) else { return false };
        let is_found = |product: Ordinal| self.matched.products.contains(product.0);
        let has_to_do = |product: Ordinal| self.sought.as_ref().is_none_or(|sought| is_found(product) || index.may_find(product, sought));
        if reworded.any(has_to_do) {
            return false;
        }
        let renumbered = [Facts::Prices, Facts::Rating].map(|facts| (facts, changes.last(commit, facts, is_found)));
        if self.is_read_by_prices && renumbered[0].1.is_some() {
            return false;
        }
        for (facts, at) in renumbered.into_iter().filter_map(|(facts, at)| Some((facts, at?))) {
            self.counted.iter().for_each(|counted| counted.outdate(facts, at));
        }
        // Who sees this commit sees what it outdated.
        self.commit.fetch_max(changes.commit(), Release);
        true
    }
}

fn are_counted(request: &Request, products_count: usize) -> bool {
    !request.facets.is_empty() && products_count >= COUNTED_FROM
}

/// Whether a word may only join what is around it in a language that nobody here knows: a short one that no product has, or that titles use so.
fn may_only_join(word: &str, index: &SearchSnapshot) -> bool {
    let term = text::term_of(word);
    let is_short = word.chars().count() <= PREPOSITION_LETTERS_MAX && word.chars().all(char::is_alphabetic);
    is_short && (index.vocabulary.df(&term) == 0 || index.stop_words.contains(word_number(&term)))
}

/// Whether the words are looked for as they were typed, each of them finished.
fn is_as_typed(query: &Query) -> bool {
    query.corrections.is_empty() && query.words.iter().all(|word| word.open.is_none())
}
