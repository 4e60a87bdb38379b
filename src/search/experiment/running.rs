//! Who takes part in which experiment, and in which arm.

use super::RUNNING_MAX;
use super::document::{ArmDocument, Experiment};
use super::overrides::{Overrides, Part};
use crate::id::{SessionId, SettingId, ShopperId};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{blake3, short};
use std::sync::Arc;

/// Somebody who can be recognised: a shopper by name, else a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visitor<'a> {
    /// A known person.
    Shopper(&'a ShopperId),
    /// A visit of somebody who is not known.
    Session(&'a SessionId),
}

impl<'a> Visitor<'a> {
    /// Whoever is named, the person before the visit; nobody, if neither is.
    #[must_use]
    pub fn of(shopper: Option<&'a ShopperId>, session: Option<&'a SessionId>) -> Option<Self> {
        shopper.map(Self::Shopper).or(session.map(Self::Session))
    }

    /// Where they stand in an experiment: 64 bits that are the same for ever, and say nothing of where they stand in another one.
    #[must_use]
    pub fn place(self, experiment: &SettingId) -> u64 {
        let key = blake3(&[b"experiment/", experiment.as_str().as_bytes()]);
        let (kind, name): (&[u8], _) = match self {
            Self::Shopper(shopper) => (b"shopper/", shopper.as_str()),
            Self::Session(session) => (b"session/", session.as_str()),
        };
        short(&blake3(&[&key, kind, name.as_bytes()]))
    }
}

/// What a search says itself, so that no arm may say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stated {
    /// The mode.
    pub mode: bool,
    /// Whether words are corrected.
    pub spelling: bool,
    /// What is recognised in the words.
    pub intents: bool,
    /// Whether it leans towards what the shopper looked at.
    pub personalization: bool,
}

impl Stated {
    /// Whether it says what the experiment varies.
    fn meets(self, experiment: &Experiment) -> bool {
        let off = |part: Part| experiment.varies(&format!("off.{}", part.name()));
        (self.mode && experiment.varies("mode"))
            || (self.spelling && off(Part::Spelling))
            || (self.intents && off(Part::Intents))
            || (self.personalization && off(Part::Personalization))
    }
}

/// One search's part in an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrolled {
    /// The experiment.
    pub experiment: SettingId,
    /// When it was started.
    pub run: Timestamp,
    /// The arm that the search is answered with.
    pub arm: Arc<ArmDocument>,
    /// Whether somebody who can be recognised is put there by chance, so that it counts.
    pub counts: bool,
}

/// All experiments. Cloning shares everything.
#[derive(Debug, Clone, Default)]
pub struct Experiments {
    known: imbl::OrdMap<SettingId, Arc<Experiment>>,
    /// Those of them that run: every search asks for them, and seldom for another one.
    running: imbl::OrdMap<SettingId, Arc<Experiment>>,
}

impl Experiments {
    pub(in crate::search) fn put(&mut self, id: &SettingId, experiment: Experiment) {
        self.remove(id);
        let experiment = Arc::new(experiment);
        if experiment.is_running() {
            self.running.insert(id.clone(), Arc::clone(&experiment));
        }
        self.known.insert(id.clone(), experiment);
    }

    pub(in crate::search) fn remove(&mut self, id: &SettingId) {
        self.known.remove(id);
        self.running.remove(id);
    }

    /// An experiment, whatever its state.
    #[must_use]
    pub fn get(&self, id: &SettingId) -> Option<&Arc<Experiment>> {
        self.known.get(id)
    }

    /// Those that run, in the order of their names, at most [`RUNNING_MAX`].
    pub fn running(&self) -> impl Iterator<Item = (&SettingId, &Arc<Experiment>)> {
        self.running.iter().take(RUNNING_MAX)
    }

    /// What a search takes part in; who cannot be recognised is in the control of each.
    #[must_use]
    pub fn enrol(&self, visitor: Option<Visitor<'_>>, stated: Stated) -> Vec<Enrolled> {
        let open = self.running().filter(|(_, experiment)| !stated.meets(experiment));
        let enrolled = open.map(|(id, experiment)| {
            let arm = visitor.map_or(experiment.control(), |visitor| experiment.arm_at(visitor.place(id)));
            let run = experiment.run().unwrap_or_default();
            Enrolled { experiment: id.clone(), run, arm: Arc::clone(arm), counts: visitor.is_some() }
        });
        enrolled.collect()
    }

    /// The arm that is asked for, written `experiment:arm`, of an experiment in whatever state; not counted.
    #[must_use]
    pub fn forced(&self, named: &str) -> Option<Enrolled> {
        let (id, arm) = named.rsplit_once(':')?;
        let id = SettingId::new(id).ok()?;
        self.get(&id)?.forced(&id, arm)
    }
}

impl Enrolled {
    /// What is different in a search that takes part in all of these.
    #[must_use]
    pub fn overrides(all: &[Self]) -> Overrides {
        let mut joined = Overrides::default();
        all.iter().for_each(|one| joined.join(&one.arm.overrides));
        joined
    }
}
