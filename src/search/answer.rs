//! One search, from words to a page of products. This is the recipe; each step has a file of its own.

use super::columns::FieldId;
use super::facet::{self, Counted};
use super::filter::{Filter, Scope};
use super::group::{self, Grouped};
use super::heard::{Heard, hear};
use super::leaning::Leaning;
use super::matched::Matched;
use super::merchandising::{InForce, Stage, take_out};
use super::moment::Onlooker;
use super::place::Place;
use super::present::Presentation;
use super::ranking::{self, Ranking, Scorer};
use super::request::{HITS_MAX, QUERY_BYTES_MAX, READ_BYTES_MAX, SEGMENTS_MAX, control_in};
use super::sift::sift;
use super::sort::Order;
use super::understand::{Query, Word};
use super::{Answer, Group, Hit, Moment, Request, SearchError, cursor, denied, either, uses, wishes};
use crate::id::Ordinal;
use roaring::RoaringBitmap;
use std::borrow::Cow;
use std::sync::Arc;

/// Answers a search: understand, match, filter, rank, count, present.
///
/// # Errors
/// A part of the request that cannot be answered, named, or an index that cannot be read.
pub fn search(moment: &Moment, request: &Request) -> Result<Answer, SearchError> {
    check(request)?;
    if request.q.len() <= READ_BYTES_MAX {
        return answered(moment, request);
    }
    let q = beginning_of(&request.q).to_owned();
    let told = format!("all but the first {} bytes of the query", q.len());
    let mut answer = answered(moment, &Request { q, ..request.clone() })?;
    answer.left_out.push(told);
    Ok(answer)
}

/// As much of a long query as is read, to the end of a word if there is one.
fn beginning_of(typed: &str) -> &str {
    let end = (0..=READ_BYTES_MAX).rev().find(|&at| typed.is_char_boundary(at)).unwrap_or(0);
    let read = &typed[..end];
    read.rfind(char::is_whitespace).map_or(read, |blank| &read[..blank])
}

fn answered(moment: &Moment, request: &Request) -> Result<Answer, SearchError> {
    let Moment { index, signals, catalog, .. } = moment;
    let scope = Scope { columns: &index.columns, live: &**signals, market: index.columns.market(request.marketplace.as_ref()) };
    let asked = Filter::parse(request.filter.as_deref().unwrap_or_default(), scope.columns, scope.market)?;
    let order = Order::of(&request.sort, scope)?;
    let grouped_by = request.group_by.as_ref().map(|by| group::field_of(by, request.limit, scope).map(|field| (field, by.limit)));
    let grouped_by = grouped_by.transpose()?;
    let place = cursor::read(request)?;

    let (rules, heard) = understood(moment, request, &asked, scope)?;
    let Heard { query, intents, .. } = &*heard;
    let filter = asked.and(&Filter::parse(&intents.filter(), scope.columns, scope.market)?.said());
    let mut matched = Cow::Borrowed(&heard.matched);
    let stage = Stage { query, index, catalog, scope, is_by_relevance: order.is_relevance() };
    let adjustments = rules.shape(&mut matched, stage)?.denying(heard.denied.as_ref().filter(|_| stage.is_by_relevance));
    if let Some(within) = &request.within {
        let inside = Filter::parse(within, scope.columns, scope.market)?.products(scope, &matched.products);
        let outside = &matched.products - inside;
        take_out(matched.to_mut(), &outside);
    }
    let sifted = sift(&matched.products, &filter, scope, &request.deadline);
    let (titles, weights) = (&index.titles, &request.overrides.over(&index.weights));
    let leaning = Leaning::of(request, query, intents, moment, scope);
    let Heard { things, wanted, .. } = &*heard;
    let scorer =
        Scorer { signals, titles, wanted, intents, things, leaning, scope, weights, adjustments: &adjustments, looks: heard.looks() };
    // What rules, a key's filter or the end of the time took away is not in what was heard.
    let is_as_heard = matches!(matched, Cow::Borrowed(_));
    let leaders = heard.leaders().filter(|_| is_as_heard && adjustments.are_of_wishes());
    let ranking = Ranking { matched: &matched, within: &sifted.within, filter: &filter, order: &order, scope, scorer: &scorer, leaders };
    let presentation =
        Presentation { request, query, filter: &filter, order: &order, scope, scorer: &scorer, catalog, marks: heard.marks() };
    let page = Paged::of(ranking, grouped_by, &place, &presentation);
    let counted = Counted { scope, candidates: &sifted.candidates, matches: &sifted.within, filter: &filter };
    let memory = heard.counted(index).filter(|_| is_as_heard && !sifted.is_cut());
    let (facets, uncounted) = facet::count_until(&request.facets, counted, memory, &request.deadline)?;

    let cut = sifted.is_cut().then(|| "products that the filter was not tried on".to_owned());
    Ok(Answer {
        query_id: None,
        total: sifted.within.len(),
        hits: page.hits,
        groups: page.groups,
        groups_total: page.groups_total,
        facets,
        next_cursor: page.next.as_ref().map(|next| cursor::write(request, next)),
        left_out: matched.left_out.iter().cloned().chain(cut).chain(uncounted.iter().map(|field| format!("facet {field}"))).collect(),
        words: query.words.iter().map(Word::shown_by).collect(),
        read: Some(&query.read).filter(|_| !query.corrections.is_empty()).cloned(),
        corrections: query.corrections.clone(),
        relaxations: relaxations(query, &matched),
        intents: intents.found.clone(),
        alternatives: heard.alternatives.clone(),
        demoted_count: page.demoted_count,
        merchandised: rules.told(heard.synonyms.clone()),
    })
}

/// What was given up, and what words of the query say that are not looked for.
fn relaxations(query: &Query, matched: &Matched) -> Vec<String> {
    let denied = query.denied.iter().map(denied::told);
    let left_out = denied.chain(wishes::told(&query.wishes)).chain(uses::told(&query.uses));
    matched.relaxations.iter().cloned().chain(left_out).chain(either::told(query)).collect()
}

/// The rules in force and what the query says. One that was read otherwise than it was typed is what rules wait for too: who types `bakcpack` is shown
/// what is pinned for backpacks.
fn understood(moment: &Moment, request: &Request, filter: &Filter, scope: Scope<'_>) -> Result<(InForce, Arc<Heard>), SearchError> {
    let settings = &moment.settings;
    let rules = settings.in_force(request, filter, scope);
    let heard = hear(moment, request, rules.query(&request.q), scope)?;
    if heard.query.corrections.is_empty() || settings.are_none() || rules.replaces() {
        return Ok((rules, heard));
    }
    let read = Request { q: heard.query.read.clone(), ..request.clone() };
    let rules = rules.and(settings.in_force(&read, filter, scope));
    let heard = if rules.replaces() { hear(moment, request, rules.query(&request.q), scope)? } else { heard };
    Ok((rules, heard))
}

/// A page, in groups or not.
#[derive(Default)]
struct Paged {
    hits: Vec<Hit>,
    groups: Option<Vec<Group>>,
    groups_total: u64,
    demoted_count: usize,
    next: Option<Place>,
}

impl Paged {
    fn of(ranking: Ranking<'_>, grouped_by: Option<(FieldId, usize)>, place: &Place, presentation: &Presentation<'_>) -> Self {
        let Request { limit, offset, .. } = *presentation.request;
        let Some((field, group_limit)) = grouped_by else {
            let mut page = ranking::page(ranking, place, offset + limit);
            page.hits.drain(..offset.min(page.hits.len()));
            return Self { hits: presentation.hits(&page), demoted_count: page.demoted_count, next: page.next, ..Self::default() };
        };
        let page = group::page(ranking, field, group_limit, place, limit);
        let text = |term| ranking.scope.columns.dictionary().text(term).to_owned();
        let shown = |one: &Grouped| Group { value: one.value.map(text), total: one.total, hits: presentation.hits(&one.page) };
        let groups = Some(page.groups.iter().map(shown).collect());
        Self { groups, groups_total: page.groups_total, next: page.next, ..Self::default() }
    }
}

fn check(request: &Request) -> Result<(), SearchError> {
    let refused = |field, reason| Err(SearchError::Invalid { field, reason });
    if request.q.len() > QUERY_BYTES_MAX {
        return refused("q", format!("at most {QUERY_BYTES_MAX} bytes"));
    }
    if let Some(control) = control_in(&request.q) {
        return refused("q", format!("holds {control}"));
    }
    if request.limit.saturating_add(request.offset) > HITS_MAX {
        return refused("limit", format!("at most {HITS_MAX}, with what is passed over"));
    }
    if request.offset > 0 && (request.cursor.is_some() || request.group_by.is_some()) {
        return refused("offset", "does not go with a cursor or with groups".to_owned());
    }
    if request.segments.len() > SEGMENTS_MAX {
        return refused("segments", format!("at most {SEGMENTS_MAX}"));
    }
    Ok(())
}

/// Whether a product passes a filter now.
///
/// # Errors
/// A filter that cannot be read, with the place of the fault.
pub fn passes(moment: &Moment, filter: &str, onlooker: Onlooker<'_>, product: Ordinal) -> Result<bool, SearchError> {
    let scope = moment.scope(onlooker.marketplace);
    let filter = Filter::parse(filter, scope.columns, scope.market)?;
    let row = scope.columns.row(product);
    Ok(row.is_some_and(|row| filter.variants(scope, product, row).next().is_some()))
}

/// The products that pass a filter now, that no merchant hides and that are not offered elsewhere only, for recommendations.
///
/// # Errors
/// A filter that cannot be read, with the place of the fault.
pub fn eligible(moment: &Moment, filter: &str, onlooker: Onlooker<'_>) -> Result<RoaringBitmap, SearchError> {
    let scope = moment.scope(onlooker.marketplace);
    let passing = Filter::parse(filter, scope.columns, scope.market)?.products(scope, scope.columns.live());
    let hidden = moment.hidden(onlooker, &passing);
    Ok(passing - hidden)
}
