//! An experiment as it is written down, and as it is read.

use super::overrides::Overrides;
use super::{ARMS_MAX, Enrolled};
use crate::id::SettingId;
use crate::search::merchandising::{Fault, is_default};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The largest share.
const SHARE_MAX: u32 = 10_000;
/// Most bytes in the name of an arm.
const ARM_BYTES_MAX: usize = 32;

/// How far an experiment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It can be changed, and nobody takes part.
    #[default]
    Draft,
    /// Shoppers take part, and nothing of it changes.
    Running,
    /// Everybody is answered as usual again, and what was counted stays.
    Stopped,
}

/// An experiment as a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExperimentDocument {
    /// How far it is; told, never put.
    #[serde(default)]
    pub state: State,
    /// When it was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When it was stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<String>,
    /// What people are to know about it: what is expected, and until when it is to run.
    #[serde(default, skip_serializing_if = "is_default")]
    pub note: String,
    /// The control, and what it is compared with.
    pub arms: Vec<ArmDocument>,
}

/// An arm as a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmDocument {
    /// Its name: lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// How many it gets of as many as all shares add up to.
    pub share: u32,
    /// What is different in it; nothing in the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub overrides: Overrides,
}

/// An experiment that was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// As it is written down.
    pub document: ExperimentDocument,
    arms: Vec<Arc<ArmDocument>>,
    shares_total: u64,
    /// Paths of everything that some arm changes.
    varied: BTreeSet<String>,
    started_at: Option<Timestamp>,
}

impl Experiment {
    /// Checks a document.
    ///
    /// # Errors
    /// The field at fault.
    pub fn of(document: ExperimentDocument) -> Result<Self, Fault> {
        let arms = &document.arms;
        if !(2..=ARMS_MAX).contains(&arms.len()) {
            return Err(Fault::new("arms", format!("must be 2 to {ARMS_MAX}, the control first")));
        }
        for (index, arm) in arms.iter().enumerate() {
            check_arm(index, arm, &arms[..index])?;
        }
        let started_at = moment("started_at", document.started_at.as_deref())?;
        let stopped_at = moment("stopped_at", document.stopped_at.as_deref())?;
        let told = (started_at.is_some(), stopped_at.is_some());
        let expected = match document.state {
            State::Draft => (false, false),
            State::Running => (true, false),
            State::Stopped => (true, true),
        };
        if told != expected {
            return Err(Fault::new("state", "does not go with started_at and stopped_at"));
        }
        Ok(Self {
            shares_total: arms.iter().map(|arm| u64::from(arm.share)).sum(),
            varied: arms.iter().flat_map(|arm| arm.overrides.paths()).collect(),
            arms: arms.iter().cloned().map(Arc::new).collect(),
            started_at,
            document,
        })
    }

    /// When it was started; none while it is a draft.
    #[must_use]
    pub fn run(&self) -> Option<Timestamp> {
        self.started_at
    }

    /// Whether shoppers take part.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.document.state == State::Running
    }

    /// Whether some arm changes what stands at that path.
    pub(super) fn varies(&self, path: &str) -> bool {
        self.varied.contains(path)
    }

    /// What both vary, if there is such a thing: they cannot run at the same time.
    #[must_use]
    pub fn clash(&self, other: &Self) -> Option<&str> {
        self.varied.iter().find(|path| other.varied.contains(*path)).map(String::as_str)
    }

    /// Rules that some arm names.
    pub fn rules_named(&self) -> impl Iterator<Item = &SettingId> {
        self.arms.iter().flat_map(|arm| &arm.overrides.rules_off)
    }

    /// The arm into whose part of the shares a place of 64 bits falls.
    #[must_use]
    pub fn arm_at(&self, place: u64) -> &Arc<ArmDocument> {
        let scaled = (u128::from(place) * u128::from(self.shares_total)) >> u64::BITS;
        let mut end = 0;
        let within = |arm: &&Arc<ArmDocument>| {
            end += u128::from(arm.share);
            scaled < end
        };
        self.arms.iter().find(within).unwrap_or(&self.arms[0])
    }

    /// The arm that changes nothing.
    pub(super) fn control(&self) -> &Arc<ArmDocument> {
        &self.arms[0]
    }

    /// The arm of that name, as somebody sees it who asks for it and is not counted.
    pub(super) fn forced(&self, id: &SettingId, arm: &str) -> Option<Enrolled> {
        let arm = self.arms.iter().find(|known| known.name == arm)?;
        Some(Enrolled { experiment: id.clone(), run: self.started_at.unwrap_or_default(), arm: Arc::clone(arm), counts: false })
    }
}

fn check_arm(index: usize, arm: &ArmDocument, before: &[ArmDocument]) -> Result<(), Fault> {
    let field = format!("arms[{index}]");
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_');
    if arm.name.is_empty() || arm.name.len() > ARM_BYTES_MAX || !arm.name.chars().all(is_plain) {
        return Err(Fault::new(format!("{field}.name"), format!("must be 1 to {ARM_BYTES_MAX} of a-z, 0-9, - and _")));
    }
    if before.iter().any(|known| known.name == arm.name) {
        return Err(Fault::new(format!("{field}.name"), "another arm has that name"));
    }
    if !(1..=SHARE_MAX).contains(&arm.share) {
        return Err(Fault::new(format!("{field}.share"), format!("must be 1 to {SHARE_MAX}")));
    }
    let says_something = arm.overrides != Overrides::default();
    match (index, says_something) {
        (0, true) => Err(Fault::new(format!("{field}.overrides"), "the first arm is the control: it changes nothing")),
        (0, false) => Ok(()),
        (_, false) => Err(Fault::new(format!("{field}.overrides"), "says nothing to change")),
        (_, true) => arm.overrides.check(&format!("{field}.overrides")),
    }
}

fn moment(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, Fault> {
    let parsed = text.map(|text| text.parse::<jiff::Timestamp>().map(|at| Timestamp(at.as_millisecond())));
    parsed.transpose().map_err(|_| Fault::new(field, "must be a moment as in 2026-11-27T00:00:00Z"))
}
