//! Which rules are in force for a request, found without looking at those that wait for something else.
//!
//! Every rule that is switched on stands under the narrowest thing that it waits for: a whole query, the first word of a phrase, a category, a
//! segment, or nothing. A request looks under its own query, words, categories and segments only, so ten thousand rules for other queries
//! cost nothing. The maps share memory between clones: a change costs what the rule costs, and readers keep what they have.

use super::rule::Rule;
use crate::id::{MarketplaceId, SettingId};
use crate::search::Request;
use crate::search::asked;
use crate::search::columns::FieldId;
use crate::search::fields::FieldRef;
use crate::search::filter::{Filter, Scope};
use crate::stdx::clock::Timestamp;
use crate::text;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most rules that shape one answer; those of the highest priority do. Each costs a look at its filters.
const IN_FORCE_MAX: usize = 32;

/// What rules wait for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Cue {
    /// The whole query, as terms with a blank between.
    Query(Arc<str>),
    /// The first term of a phrase.
    Word(Arc<str>),
    Category(Arc<str>),
    Segment(Arc<str>),
    Nothing,
}

/// What a request says to rules.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked<'a> {
    /// Terms as typed, excluded ones left out.
    pub(super) terms: Vec<String>,
    /// Categories that the filter selects, folded.
    pub(super) categories: Vec<String>,
    /// Segments that the request is for.
    pub(super) segments: Vec<&'a str>,
    /// Rules that do not hold for it.
    pub(super) rules_off: Option<&'a BTreeSet<SettingId>>,
    /// The marketplace, if one is named.
    pub(super) marketplace: Option<&'a MarketplaceId>,
    /// When.
    pub(super) now: Timestamp,
}

impl<'a> Asked<'a> {
    /// What this request, whose filter was read, says.
    pub(super) fn of(request: &'a Request, filter: &Filter, scope: Scope<'_>) -> Self {
        let selected = filter.selected(FieldRef::Column(FieldId::CATEGORY)).into_iter();
        Self {
            terms: asked::asked_terms(&request.q),
            categories: selected.map(|term| category(scope.columns.dictionary().text(term))).collect(),
            segments: request.segments.iter().chain(&request.overrides.segments).map(String::as_str).collect(),
            rules_off: Some(&request.overrides.rules_off),
            marketplace: request.marketplace.as_ref(),
            now: request.now,
        }
    }

    fn cues(&self) -> impl Iterator<Item = Cue> {
        let query = Cue::Query(Arc::from(self.terms.join(" ")));
        let words = self.terms.iter().map(|term| Cue::Word(Arc::from(term.as_str())));
        let categories = self.categories.iter().flat_map(|path| with_those_above(path)).map(|path| Cue::Category(Arc::from(path)));
        let segments = self.segments.iter().map(|segment| Cue::Segment(Arc::from(*segment)));
        [query, Cue::Nothing].into_iter().chain(words).chain(categories).chain(segments)
    }
}

/// A category path as rules compare it: folded, one blank on each side of `>`.
pub(super) fn category(path: &str) -> String {
    text::fold(&path.split('>').map(str::trim).collect::<Vec<_>>().join(" > "))
}

/// A path and every path above it.
fn with_those_above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices(" > ").map(|(end, _)| &path[..end]).chain(std::iter::once(path))
}

impl Rule {
    fn cues(&self) -> BTreeSet<Cue> {
        let when = &self.document.when;
        let shared = |text: &String| Arc::from(text.as_str());
        if !self.exact.is_empty() || !self.contains.is_empty() {
            let whole = self.exact.iter().map(|phrase| Cue::Query(Arc::from(phrase.join(" "))));
            whole.chain(self.contains.iter().filter_map(|phrase| phrase.first()).map(|word| Cue::Word(shared(word)))).collect()
        } else if !self.categories.is_empty() {
            self.categories.iter().map(|path| Cue::Category(shared(path))).collect()
        } else if !when.segments.is_empty() {
            when.segments.iter().map(|segment| Cue::Segment(shared(segment))).collect()
        } else {
            BTreeSet::from([Cue::Nothing])
        }
    }

    /// Whether every condition is true of the request.
    pub(super) fn holds(&self, asked: &Asked<'_>) -> bool {
        let when = &self.document.when;
        self.document.enabled
            && self.is_open(asked.now)
            && (when.marketplaces.is_empty() || asked.marketplace.is_some_and(|market| when.marketplaces.contains(market)))
            && (when.segments.is_empty() || asked.segments.iter().any(|segment| when.segments.iter().any(|known| known == segment)))
            && (self.categories.is_empty() || asked.categories.iter().any(|path| self.is_about(path)))
            && self.is_for(&asked.terms)
    }

    fn is_about(&self, path: &str) -> bool {
        with_those_above(path).any(|above| self.categories.iter().any(|category| category == above))
    }

    fn is_for(&self, terms: &[String]) -> bool {
        let waits_for_nothing = self.exact.is_empty() && self.contains.is_empty();
        let stands_in = |phrase: &Vec<String>| terms.windows(phrase.len().max(1)).any(|part| part == phrase.as_slice());
        waits_for_nothing || self.exact.iter().any(|phrase| phrase == terms) || self.contains.iter().any(stands_in)
    }
}

/// All rules that are switched on. Cloning shares everything.
#[derive(Debug, Clone, Default)]
pub(super) struct RuleBook {
    rules: imbl::HashMap<SettingId, Arc<Rule>>,
    by_cue: imbl::HashMap<Cue, imbl::OrdSet<SettingId>>,
}

impl RuleBook {
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The marketplaces that rules name.
    pub(super) fn marketplaces(&self) -> impl Iterator<Item = &MarketplaceId> {
        self.rules.values().flat_map(|rule| &rule.document.when.marketplaces)
    }

    /// Puts a rule in place of what had its name; one that is switched off only takes that away.
    pub(super) fn put(&mut self, id: &SettingId, rule: Rule) {
        self.remove(id);
        if !rule.document.enabled {
            return;
        }
        for cue in rule.cues() {
            self.by_cue.entry(cue).or_default().insert(id.clone());
        }
        self.rules.insert(id.clone(), Arc::new(rule));
    }

    /// Takes a rule away; nothing happens when it is not here.
    pub(super) fn remove(&mut self, id: &SettingId) {
        let Some(rule) = self.rules.remove(id) else { return };
        for cue in rule.cues() {
            let Some(waiting) = self.by_cue.get_mut(&cue) else { continue };
            waiting.remove(id);
            if waiting.is_empty() {
                self.by_cue.remove(&cue);
            }
        }
    }

    /// The rules in force that wait for nothing but their time and marketplace: they hold wherever products are shown.
    pub(super) fn standing(&self, marketplace: Option<&MarketplaceId>, now: Timestamp) -> InForce {
        let asked = Asked { terms: Vec::new(), categories: Vec::new(), segments: Vec::new(), rules_off: None, marketplace, now };
        let waiting = self.by_cue.get(&Cue::Nothing).into_iter().flatten();
        let known = waiting.filter_map(|id| Some((id, self.rules.get(id)?))).filter(|(_, rule)| rule.holds(&asked));
        InForce { rules: known.map(|(id, rule)| (id.clone(), Arc::clone(rule))).collect() }
    }

    /// The rules whose conditions are all true, in the order in which they apply, at most [`IN_FORCE_MAX`].
    pub(super) fn in_force(&self, asked: &Asked<'_>) -> InForce {
        let waiting: BTreeSet<&SettingId> = asked.cues().filter_map(|cue| self.by_cue.get(&cue)).flatten().collect();
        let is_on = |id: &&SettingId| !asked.rules_off.is_some_and(|off| off.contains(*id));
        let known = waiting.into_iter().filter(is_on).filter_map(|id| Some((id, self.rules.get(id)?)));
        InForce::ordered(known.filter(|(_, rule)| rule.holds(asked)).map(|(id, rule)| (id.clone(), Arc::clone(rule))).collect())
    }
}

impl InForce {
    /// By priority, of equal ones by name, no more than may be in force.
    fn ordered(mut rules: Vec<(SettingId, Arc<Rule>)>) -> Self {
        rules.sort_by(|(one, first), (other, second)| second.document.priority.cmp(&first.document.priority).then_with(|| one.cmp(other)));
        rules.truncate(IN_FORCE_MAX);
        Self { rules }
    }

    /// These rules and others, each once.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        let is_known = |id: &SettingId| self.rules.iter().any(|(known, _)| known == id);
        let new: Vec<_> = others.rules.into_iter().filter(|(id, _)| !is_known(id)).collect();
        self.rules.extend(new);
        Self::ordered(self.rules)
    }
}

/// The rules that shape one answer, in the order in which they apply.
#[derive(Debug, Clone, Default)]
pub struct InForce {
    pub(super) rules: Vec<(SettingId, Arc<Rule>)>,
}
