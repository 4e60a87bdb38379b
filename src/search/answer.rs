//! One search, from words to a page of products. This is the recipe; each step has a file of its own.

use super::cursor;
use super::facet::{self, Counted};
use super::filter::{Filter, Scope};
use super::intent;
use super::leaning::Leaning;
use super::matching::matched;
use super::merchandising::Stage;
use super::present::Presentation;
use super::ranking::closeness::Wanted;
use super::ranking::{self, Ranking, Scorer};
use super::request::{LIMIT_MAX, QUERY_BYTES_MAX, SEGMENTS_MAX};
use super::sort::Order;
use super::understand::{Manner, understand_at};
use super::{Answer, Moment, Request, SearchError};
use crate::id::MarketplaceId;
use roaring::RoaringBitmap;

/// Answers a search: understand, match, filter, rank, count, present.
///
/// # Errors
/// A part of the request that cannot be answered, named, or an index that cannot be read.
pub fn search(moment: &Moment, request: &Request) -> Result<Answer, SearchError> {
    check(request)?;
    let Moment { index, signals, catalog, settings, .. } = moment;
    let scope = Scope { columns: &index.columns, live: &**signals, market: index.columns.market(request.marketplace.as_ref()) };
    let asked = Filter::parse(request.filter.as_deref().unwrap_or_default(), scope.columns, scope.market)?;
    let order = Order::of(&request.sort, scope)?;
    let after = cursor::read(request)?;

    let rules = settings.in_force(request, &asked, scope);
    let intents = intent::recognise(rules.query(&request.q), index, scope, &request.ignored_intents);
    let filter = asked.and(&Filter::parse(&intents.filter(), scope.columns, scope.market)?);
    let manner = Manner { as_typed: request.as_typed, is_open: request.prefix };
    let mut query = understand_at(moment, request.marketplace.as_ref(), &intents.rest, manner);
    let synonyms = settings.synonyms().expand(&mut query, request.marketplace.as_ref());
    let mut matched = matched(&query, request.mode, index, catalog)?;
    let stage = Stage { query: &query, index, catalog, scope, is_by_relevance: order.is_relevance() };
    let adjustments = rules.shape(&mut matched, stage)?;
    let within = filter.products(scope, &matched.products);
    let wanted = Wanted::of(&query, &matched.worth);
    let (titles, weights) = (&index.titles, &index.weights);
    let leaning = Leaning::of(request, &query, moment, scope);
    let scorer = Scorer { signals, titles, wanted, intents: &intents, leaning, scope, weights, adjustments: &adjustments };
    let ranking = Ranking { matched: &matched, within: &within, filter: &filter, order: &order, scope, scorer: &scorer };
    let page = ranking::page(ranking, after, request.limit);
    let counted = Counted { scope, candidates: &matched.products, matches: &within, filter: &filter };
    let facets = facet::count(&request.facets, counted)?;
    let presentation = Presentation { request, query: &query, filter: &filter, order: &order, scope, scorer: &scorer, catalog };

    Ok(Answer {
        query_id: None,
        total: within.len(),
        hits: presentation.hits(&page),
        facets,
        next_cursor: page.hits.last().filter(|_| page.has_more).map(|last| cursor::write(request, last.key)),
        read: Some(query.read).filter(|_| !query.corrections.is_empty()),
        corrections: query.corrections,
        relaxations: matched.relaxations,
        intents: intents.found,
        demoted_count: page.demoted_count,
        merchandised: rules.told(synonyms),
    })
}

fn check(request: &Request) -> Result<(), SearchError> {
    let refused = |field, reason| Err(SearchError::Invalid { field, reason });
    if request.q.len() > QUERY_BYTES_MAX {
        return refused("q", format!("at most {QUERY_BYTES_MAX} bytes"));
    }
    if request.limit > LIMIT_MAX {
        return refused("limit", format!("at most {LIMIT_MAX}"));
    }
    if request.segments.len() > SEGMENTS_MAX {
        return refused("segments", format!("at most {SEGMENTS_MAX}"));
    }
    Ok(())
}

/// The products that pass a filter now, for recommendations.
///
/// # Errors
/// A filter that cannot be read, with the place of the fault.
pub fn eligible(moment: &Moment, filter: &str, marketplace: Option<&MarketplaceId>) -> Result<RoaringBitmap, SearchError> {
    let columns = &moment.index.columns;
    let scope = Scope { columns, live: &*moment.signals, market: columns.market(marketplace) };
    Ok(Filter::parse(filter, scope.columns, scope.market)?.products(scope, scope.columns.live()))
}
