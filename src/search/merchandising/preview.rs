//! What a rule would do, before it is switched on: the same search with it and without it.

use super::effect::Merchandised;
use super::rule::Rule;
use crate::event::SettingKind;
use crate::id::{Ordinal, SettingId};
use crate::search::filter::Filter;
use crate::search::{Moment, Request, SearchError, search};
use std::sync::Arc;

/// A product whose place differs; places count from 1 and reach as far as the request's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The product.
    pub ordinal: Ordinal,
    /// Its place without the rule; none when it is not among the first hits.
    pub before: Option<usize>,
    /// Its place with the rule.
    pub after: Option<usize>,
}

/// What a rule does to one search.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// Whether the rule's conditions are true of the search, so that it applies.
    pub applies: bool,
    /// Products found without it.
    pub total_before: u64,
    /// Products found with it.
    pub total_after: u64,
    /// Those whose place differs, in the order of their new places, those that leave last.
    pub moved: Vec<Moved>,
    /// What the page is told without it.
    pub before: Merchandised,
    /// What the page is told with it.
    pub after: Merchandised,
}

/// Searches without the rule of that name and with this one in its place, switched on.
///
/// # Errors
/// As a search.
pub fn preview(moment: &Moment, id: &SettingId, rule: &Rule, request: &Request) -> Result<Effect, SearchError> {
    let (mut without, mut with) = ((*moment.settings).clone(), (*moment.settings).clone());
    without.remove(SettingKind::Rule, id);
    let mut rule = rule.clone();
    rule.document.enabled = true;
    with.put_rule(id, rule);
    let answer = |settings| search(&Moment { settings: Arc::new(settings), ..moment.clone() }, request);
    let (before, after) = (answer(without)?, answer(with)?);
    let places = |hits: &[crate::search::Hit]| hits.iter().map(|hit| hit.ordinal).collect::<Vec<Ordinal>>();
    Ok(Effect {
        applies: after.merchandised.rules.contains(id),
        total_before: before.total,
        total_after: after.total,
        moved: moved(&places(&before.hits), &places(&after.hits)),
        before: before.merchandised,
        after: after.merchandised,
    })
}

fn moved(before: &[Ordinal], after: &[Ordinal]) -> Vec<Moved> {
    let place = |list: &[Ordinal], ordinal: Ordinal| list.iter().position(|known| *known == ordinal).map(|index| index + 1);
    let left = before.iter().filter(|ordinal| !after.contains(ordinal));
    let all = after.iter().chain(left);
    let places = all.map(|&ordinal| Moved { ordinal, before: place(before, ordinal), after: place(after, ordinal) });
    places.filter(|moved| moved.before != moved.after).collect()
}

/// What may surprise who writes a rule: products that the shop does not have and filters that nothing can pass today. The rule is taken all the
/// same, because tomorrow's catalogue may have them.
#[must_use]
pub fn warnings(moment: &Moment, rule: &Rule) -> Vec<String> {
    let then = &rule.document.then;
    let of_weighed = then.boost.iter().chain(&then.bury).flat_map(|weighed| &weighed.products);
    let named = then.pin.iter().chain(of_weighed).chain(then.hide.iter().flat_map(|selected| &selected.products));
    let unknown = named.filter(|id| moment.catalog.ordinal_of(id).is_none()).map(|id| format!("there is no product {id}"));
    let columns = &moment.index.columns;
    let filters = rule.filters().filter_map(|filter| {
        let fault = Filter::resolved(&filter.expr, columns, columns.market(None)).err()?;
        Some(format!("{}: {}", filter.field, fault.placed_in(&filter.text)))
    });
    let mut warnings: Vec<String> = unknown.chain(filters).collect();
    warnings.dedup();
    warnings
}
