//! What merchants set: rules, synonyms and experiments as documents, and who changed what, when.
//!
//! Documents are opaque here, as product documents are to the journal: `search` gives them their meaning. Everything is
//! bounded. A setting remembers its last changes; what it has forgotten stands in the journal. A removed setting stays for its history
//! until [`REMOVED_MAX`] others were removed after it.

use crate::event::codec::{self, CodecError};
use crate::event::{CatalogEvent, Document, SettingKind};
use crate::id::{Actor, SettingId};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Most settings of one kind that hold at once.
pub const SETTINGS_MAX: usize = 10_000;
/// Most bytes of one document.
pub const SETTING_BYTES_MAX: usize = 8 << 10;
/// Removed settings of one kind whose histories are kept.
const REMOVED_MAX: usize = 1_000;
/// Changes that a setting remembers.
const HISTORY_MAX: usize = 32;
/// Bytes of former documents that a setting remembers; older changes keep their actor and time.
const HISTORY_BYTES_MAX: usize = 2 * SETTING_BYTES_MAX;

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// There was none of that name.
    Created,
    /// There was another document.
    Changed,
    /// It no longer holds.
    Removed,
}

/// One change of a setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettingChange {
    /// When the pipeline took it.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What it did.
    pub what: ChangeKind,
    /// What was put; none for a removal, and when the memory of it was given up.
    pub document: Option<Document>,
}

/// One setting and its history.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Setting {
    /// What holds now; none when it was removed.
    pub document: Option<Document>,
    /// The last changes, oldest first, at most [`HISTORY_MAX`].
    pub history: Vec<SettingChange>,
    /// Changes ever made.
    pub changes_count: u64,
}

impl Setting {
    fn record(&mut self, at: Timestamp, actor: &Actor, document: Option<&Document>) {
        let what = match (&self.document, document) {
            (_, None) => ChangeKind::Removed,
            (None, Some(_)) => ChangeKind::Created,
            (Some(_), Some(_)) => ChangeKind::Changed,
        };
        self.document = document.cloned();
        self.history.push(SettingChange { at, actor: actor.clone(), what, document: document.cloned() });
        self.changes_count += 1;
        let surplus = self.history.len().saturating_sub(HISTORY_MAX);
        self.history.drain(..surplus);
        let mut bytes = 0;
        for change in self.history.iter_mut().rev() {
            bytes += change.document.as_ref().map_or(0, |document| document.0.len());
            if bytes > HISTORY_BYTES_MAX {
                change.document = None;
            }
        }
    }

    fn removed_at(&self) -> Option<Timestamp> {
        if self.document.is_some() { None } else { self.history.last().map(|change| change.at) }
    }
}

/// What has to hold for a change to be made.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Expected {
    /// Whatever there is.
    #[default]
    Anything,
    /// Exactly this document, or none: what whoever asks has seen when they decided.
    Exactly(Option<Document>),
}

/// One change that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingCommand {
    /// What it is about.
    pub kind: SettingKind,
    /// Which.
    pub id: SettingId,
    /// What is to hold; none removes it. The caller has read it: this store does not know what it means.
    pub document: Option<Document>,
    /// Who asks.
    pub actor: Actor,
    /// What has to hold for it.
    pub expected: Expected,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingOutcome {
    /// It was not there before.
    Created,
    /// It has another document now.
    Updated,
    /// It is exactly as it was; nothing was recorded.
    Unchanged,
    /// It no longer holds.
    Removed,
    /// Nothing has that name.
    Unknown,
    /// There are [`SETTINGS_MAX`] of its kind already.
    Full,
    /// The document has more than [`SETTING_BYTES_MAX`] bytes.
    TooLong,
    /// Something else holds than was expected.
    Overtaken,
}

impl SettingOutcome {
    /// Whether the setting is as it was asked to be.
    #[must_use]
    pub fn is_as_asked(self) -> bool {
        matches!(self, Self::Created | Self::Updated | Self::Unchanged | Self::Removed)
    }
}

type Key = (SettingKind, SettingId);

const KINDS_COUNT: usize = 3;

/// All settings. Cloning it is cheap.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    entries: imbl::OrdMap<Key, Arc<Setting>>,
    /// How many of each kind hold.
    holding_counts: [usize; KINDS_COUNT],
}

impl Settings {
    /// A setting, holding or removed.
    #[must_use]
    pub fn get(&self, kind: SettingKind, id: &SettingId) -> Option<&Setting> {
        self.entries.get(&(kind, id.clone())).map(Arc::as_ref)
    }

    /// The settings of a kind that hold, in the order of their names, those after `after`.
    pub fn holding(&self, kind: SettingKind, after: Option<&SettingId>) -> impl Iterator<Item = (&SettingId, &Setting)> {
        let of_kind = self.entries.iter().filter(move |((known, _), _)| *known == kind);
        let later = of_kind.filter(move |((_, id), _)| after.is_none_or(|after| id > after));
        later.filter(|(_, setting)| setting.document.is_some()).map(|((_, id), setting)| (id, setting.as_ref()))
    }

    /// What a command comes to, and the event that records it.
    #[must_use]
    pub fn decide(&self, command: SettingCommand) -> (SettingOutcome, Option<CatalogEvent>) {
        let SettingCommand { kind, id, document, actor, expected } = command;
        let held = self.get(kind, &id).and_then(|setting| setting.document.as_ref());
        if matches!(&expected, Expected::Exactly(seen) if seen.as_ref() != held) {
            return (SettingOutcome::Overtaken, None);
        }
        let Some(document) = document else {
            return match held {
                Some(_) => (SettingOutcome::Removed, Some(CatalogEvent::SettingRemoved { kind, id, actor })),
                None => (SettingOutcome::Unknown, None),
            };
        };
        let outcome = match held {
            _ if document.0.len() > SETTING_BYTES_MAX => SettingOutcome::TooLong,
            Some(held) if *held == document => SettingOutcome::Unchanged,
            Some(_) => SettingOutcome::Updated,
            None if self.holding_counts[kind as usize] >= SETTINGS_MAX => SettingOutcome::Full,
            None => SettingOutcome::Created,
        };
        let is_recorded = matches!(outcome, SettingOutcome::Created | SettingOutcome::Updated);
        (outcome, is_recorded.then_some(CatalogEvent::SettingPut { kind, id, document, actor }))
    }

    /// Folds an event; those about products are ignored.
    pub(super) fn apply(&mut self, event: &CatalogEvent, at: Timestamp) {
        match event {
            CatalogEvent::SettingPut { kind, id, document, actor } => self.record(*kind, id, actor, Some(document), at),
            CatalogEvent::SettingRemoved { kind, id, actor } => {
                self.record(*kind, id, actor, None, at);
                self.forget_removed(*kind);
            }
            CatalogEvent::ProductPut { .. } | CatalogEvent::ProductRemoved { .. } | CatalogEvent::KeyUsed { .. } => {}
        }
    }

    fn record(&mut self, kind: SettingKind, id: &SettingId, actor: &Actor, document: Option<&Document>, at: Timestamp) {
        let setting = self.entries.entry((kind, id.clone())).or_default();
        let count = &mut self.holding_counts[kind as usize];
        *count = *count + usize::from(document.is_some()) - usize::from(setting.document.is_some());
        Arc::make_mut(setting).record(at, actor, document);
    }

    /// Gives up the history of the setting that was removed first, when there are too many.
    fn forget_removed(&mut self, kind: SettingKind) {
        let of_kind = self.entries.iter().filter(|((known, _), _)| *known == kind);
        let removed: Vec<(Timestamp, &Key)> = of_kind.filter_map(|(key, setting)| Some((setting.removed_at()?, key))).collect();
        if removed.len() > REMOVED_MAX
            && let Some(first) = removed.into_iter().min().map(|(_, key)| key.clone())
        {
            self.entries.remove(&first);
        }
    }

    /// Everything as bytes, for a checkpoint.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        let entries: Vec<(&Key, &Setting)> = self.entries.iter().map(|(key, setting)| (key, setting.as_ref())).collect();
        codec::to_bytes(&entries)
    }

    /// Reads what [`Settings::to_bytes`] wrote.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let entries: Vec<(Key, Setting)> = codec::from_bytes(bytes)?;
        let mut holding_counts = [0; KINDS_COUNT];
        entries.iter().for_each(|((kind, _), setting)| holding_counts[*kind as usize] += usize::from(setting.document.is_some()));
        Ok(Self { entries: entries.into_iter().map(|(key, setting)| (key, Arc::new(setting))).collect(), holding_counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(id: &str, document: Option<&str>) -> SettingCommand {
        let document = document.map(|text| Document(Arc::from(text.as_bytes())));
        let (id, actor) = (SettingId::new(id).expect("an id"), Actor::new("ann").expect("a name"));
        SettingCommand { kind: SettingKind::Rule, id, document, actor, expected: Expected::Anything }
    }

    fn change(settings: &mut Settings, at: i64, id: &str, document: Option<&str>) -> SettingOutcome {
        let (outcome, event) = settings.decide(command(id, document));
        event.iter().for_each(|event| settings.apply(event, Timestamp(at)));
        outcome
    }

    #[test]
    fn a_setting_is_created_changed_removed_and_remembers_it() {
        let mut settings = Settings::default();
        let mut check = |at, document, expected| assert_eq!(change(&mut settings, at, "sale", document), expected);
        check(1, None, SettingOutcome::Unknown);
        check(2, Some("{}"), SettingOutcome::Created);
        check(3, Some("{}"), SettingOutcome::Unchanged);
        check(4, Some("{ }"), SettingOutcome::Updated);
        check(5, None, SettingOutcome::Removed);
        check(6, None, SettingOutcome::Unknown);
        check(7, Some("{}"), SettingOutcome::Created);
        check(8, Some(&"x".repeat(SETTING_BYTES_MAX + 1)), SettingOutcome::TooLong);
        let id = SettingId::new("sale").expect("an id");
        let setting = settings.get(SettingKind::Rule, &id).expect("is known");
        let history: Vec<(i64, ChangeKind)> = setting.history.iter().map(|change| (change.at.0, change.what)).collect();
        assert_eq!(history, [(2, ChangeKind::Created), (4, ChangeKind::Changed), (5, ChangeKind::Removed), (7, ChangeKind::Created)]);
        assert_eq!(settings.get(SettingKind::Synonym, &id), None);
        assert_eq!(Settings::from_bytes(&settings.to_bytes().expect("writes")).expect("reads"), settings);
    }

    #[test]
    fn what_was_decided_on_something_else_is_not_done() {
        let mut settings = Settings::default();
        let document = |text: &str| Some(Document(Arc::from(text.as_bytes())));
        let mut check = |seen: Option<&str>, put: Option<&str>, outcome| {
            let expected = Expected::Exactly(seen.and_then(document));
            let (found, event) = settings.decide(SettingCommand { expected, ..command("sale", put) });
            event.iter().for_each(|event| settings.apply(event, Timestamp(1)));
            assert_eq!(found, outcome, "{seen:?} {put:?}");
        };
        check(Some("{}"), Some("{ }"), SettingOutcome::Overtaken);
        check(None, Some("{}"), SettingOutcome::Created);
        check(None, Some("{ }"), SettingOutcome::Overtaken);
        check(Some("{ }"), None, SettingOutcome::Overtaken);
        check(Some("{}"), Some("{ }"), SettingOutcome::Updated);
        check(Some("{ }"), None, SettingOutcome::Removed);
    }

    #[test]
    fn histories_are_bounded() {
        let mut settings = Settings::default();
        for at in 0..100 {
            change(&mut settings, at, "long", Some(&format!("{at}{}", "x".repeat(SETTING_BYTES_MAX - 3))));
        }
        let setting = settings.get(SettingKind::Rule, &SettingId::new("long").expect("an id")).expect("is known");
        assert_eq!((setting.history.len(), setting.changes_count), (HISTORY_MAX, 100));
        assert_eq!(setting.history.iter().filter(|change| change.document.is_some()).count(), 2);
        for number in 0..REMOVED_MAX + 3 {
            change(&mut settings, 1_000 + number as i64, &format!("r{number}"), Some("{}"));
            change(&mut settings, 1_000 + number as i64, &format!("r{number}"), None);
        }
        let known = |number: usize| settings.get(SettingKind::Rule, &SettingId::new(&format!("r{number}")).expect("an id")).is_some();
        assert_eq!((known(2), known(3), settings.holding(SettingKind::Rule, None).count()), (false, true, 1));
        assert_eq!(settings.holding_counts, [1, 0, 0]);
    }

    #[test]
    fn no_more_than_the_most_are_taken() {
        let mut settings = Settings::default();
        for number in 0..SETTINGS_MAX {
            assert_eq!(change(&mut settings, 0, &format!("r{number}"), Some("{}")), SettingOutcome::Created);
        }
        assert_eq!(change(&mut settings, 0, "more", Some("{}")), SettingOutcome::Full);
        assert_eq!(change(&mut settings, 0, "r7", Some("{ }")), SettingOutcome::Updated);
        assert_eq!(change(&mut settings, 0, "r7", None), SettingOutcome::Removed);
        assert_eq!(change(&mut settings, 0, "more", Some("{}")), SettingOutcome::Created);
    }
}
