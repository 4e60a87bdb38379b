//! The simulated shop's process: the real journal on a simulated disk, and the state that is made of it.
//!
//! It does as the pipeline does: a batch is decided and folded ahead, appended with one sync, and shown only then. Any append that fails ends the process; it
//! is started again from what the disk kept, never from what memory held. A journal that was read back is compared, byte for byte, with what was acknowledged.

use super::engine::{Engine, Phase};
use super::planted::Planted;
use crate::event::codec::decode as read;
use crate::event::{Events, Stream};
use crate::id::Offset;
use crate::journal::sim::SimDisk;
use crate::journal::{AppendError, DataLock, Durability, Journal, JournalError, Options as JournalOptions, SegmentJournal};
use crate::trade::{Options, State};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Small, so that a run goes through dozens of segments.
const SEGMENT_BYTES: u64 = 48 << 10;
/// Starts that may fail for what is still wrong with the disk.
const STARTS_MORE: usize = 4;
const FOLDER: &str = "shop/data";

/// The folder of the stream's segments.
pub(super) fn segments_folder() -> PathBuf {
    Path::new(FOLDER).join(Stream::Trade.name())
}

/// A journal that was opened, and everything in it.
pub(super) struct Opened {
    pub(super) journal: SegmentJournal,
    pub(super) records: Vec<Vec<u8>>,
}

/// Opens the journal on `disk` as a starting process does, and reads all of it.
pub(super) fn open(disk: &SimDisk) -> Result<Opened, JournalError> {
    let lock = DataLock::take(Path::new(FOLDER), Arc::new(disk.clone()))?;
    let journal = SegmentJournal::open(Stream::Trade, JournalOptions { segment_bytes: SEGMENT_BYTES }, &lock)?;
    let mut records = Vec::new();
    journal.read(Offset(0), &mut |_, payload| {
        records.push(payload.to_vec());
        ControlFlow::Continue(())
    })?;
    Ok(Opened { journal, records })
}

/// The state that records give, folded from `from` on over `state`.
pub(super) fn replay(engine: Engine, mut state: State, from: usize, records: &[Vec<u8>]) -> Result<State, String> {
    for (offset, bytes) in records.iter().enumerate().skip(from) {
        let recorded = read(Stream::Trade, Offset(offset as u64), bytes).map_err(|error| format!("record {offset}: {error}"))?;
        let Events::Trade(events) = recorded.events else { return Err(format!("record {offset} is of another stream")) };
        events.iter().for_each(|event| engine.fold(&mut state, event, recorded.at, Phase::Replay));
    }
    Ok(state)
}

pub(super) struct Shop {
    pub(super) disk: SimDisk,
    /// None while the process is down.
    journal: Option<SegmentJournal>,
    engine: Engine,
    /// What the states that are made again are made with.
    options: Options,
    /// Everything that was acknowledged, as it was written.
    pub(super) kept: Vec<Vec<u8>>,
    /// Where the last append began: what a disk may lose of acknowledged records without anybody being able to tell (see `journal::scan`).
    pub(super) last_append: usize,
    /// A checkpoint: the state as bytes, and how many entries it holds.
    checkpoint: Option<(Vec<Vec<u8>>, usize)>,
    /// What replaying has given so far, and how many entries that holds.
    replayed: (State, usize),
}

impl Shop {
    pub(super) fn new(seed: u64, engine: Engine, options: Options) -> Self {
        let disk = SimDisk::new(seed);
        if let Some(careless) = engine.planted.and_then(Planted::careless) {
            disk.be_careless(careless);
        }
        let journal = open(&disk).ok().map(|opened| opened.journal);
        let replayed = (State::new(options.clone()), 0);
        Self { disk, journal, engine, options, kept: Vec::new(), last_append: 0, checkpoint: None, replayed }
    }

    /// Appends entries with one sync. After an error the process is over: [`Shop::restart`].
    pub(super) fn append(&mut self, entries: &[Vec<u8>]) -> Result<(), AppendError> {
        let Some(journal) = self.journal.as_mut() else { return Err(AppendError::Stopped("the process is down".to_owned())) };
        let durability = if self.engine.has(Planted::FsyncDropped) { Durability::Buffered } else { Durability::Synced };
        journal.append(journal.end(), entries, durability)?;
        self.acknowledge(entries);
        Ok(())
    }

    fn acknowledge(&mut self, entries: &[Vec<u8>]) {
        self.last_append = self.kept.len();
        self.kept.extend_from_slice(entries);
    }

    /// The process dies, once or more, and is started again until it comes up. Says how many of the entries in doubt the disk kept.
    pub(super) fn restart(&mut self, in_doubt: &[Vec<u8>], deaths: &[Death]) -> Result<usize, String> {
        self.journal = None;
        let patience = std::iter::repeat_n(&Death::KILL, STARTS_MORE);
        let mut deaths = deaths.iter().chain(patience).peekable();
        while let Some(death) = deaths.next() {
            if death.power_goes {
                self.disk.crash()
            } else {
                self.disk.kill()
            }
            self.disk.limit_space(None);
            if let Some(operations) = deaths.peek().and_then(|next| next.after_operations) {
                self.disk.power_off_after(operations);
            }
            match open(&self.disk) {
                Ok(opened) => {
                    self.journal = Some(opened.journal);
                    return self.compare(&opened.records, in_doubt);
                }
                Err(JournalError::Io { .. } | JournalError::Lock(_)) if deaths.peek().is_some() => {}
                Err(error) => return Err(format!("the journal cannot be opened: {error}")),
            }
        }
        Err("a process that does not die cannot be started again".to_owned())
    }

    /// Everything acknowledged is there as it was written, and behind it at most a first part of what was in doubt.
    fn compare(&mut self, found: &[Vec<u8>], in_doubt: &[Vec<u8>]) -> Result<usize, String> {
        let kept = self.kept.len();
        if found.len() < kept || found[..kept] != self.kept {
            let same = found.iter().zip(&self.kept).take_while(|(found, kept)| found == kept).count();
            return Err(format!("{kept} entries were acknowledged, {} came back, {same} of them as they were", found.len()));
        }
        let survived = &found[kept..];
        if survived.len() > in_doubt.len() || survived != &in_doubt[..survived.len()] {
            return Err(format!("{} entries came back that nobody wrote", survived.len()));
        }
        if !survived.is_empty() {
            self.acknowledge(survived);
        }
        Ok(survived.len())
    }

    /// Keeps the state as a checkpoint does.
    pub(super) fn save(&mut self, state: &State) -> Result<(), String> {
        self.checkpoint = Some((state.to_sections().map_err(|error| error.to_string())?, self.kept.len()));
        Ok(())
    }

    /// The state that the whole journal gives. It goes on from what was replayed before, because what was read back is byte for byte what that was
    /// made of, and the same bytes give the same state: [`Shop::replayed_anew`] sees once a run whether they do.
    pub(super) fn replayed(&mut self) -> Result<State, String> {
        let (before, upto) = std::mem::take(&mut self.replayed);
        self.replayed = (replay(self.engine, before, upto, &self.kept)?, self.kept.len());
        self.ended(self.replayed.0.clone())
    }

    /// The same, folded from the first entry on.
    pub(super) fn replayed_anew(&self) -> Result<State, String> {
        replay(self.engine, State::new(self.options.clone()), 0, &self.kept).and_then(|state| self.ended(state))
    }

    /// How a replay ends: nothing more happens, unless that is the bug.
    fn ended(&self, state: State) -> Result<State, String> {
        let is_last_doubled = self.engine.has(Planted::LastAppliedTwice);
        let from = self.kept.len() - usize::from(is_last_doubled && !self.kept.is_empty());
        replay(self.engine, state, from, &self.kept)
    }

    /// The state that the checkpoint and the entries behind it give; none while there is no checkpoint.
    pub(super) fn resumed(&self) -> Result<Option<State>, String> {
        let Some((sections, upto)) = &self.checkpoint else { return Ok(None) };
        let state = State::from_sections(sections, self.options.clone()).map_err(|error| format!("the checkpoint: {error}"))?;
        let from = match self.engine.planted {
            Some(Planted::TailOverlaps) => upto.saturating_sub(1),
            Some(Planted::TailSkipsOne) => upto + 1,
            _ => *upto,
        };
        replay(self.engine, state, from, &self.kept).and_then(|state| self.ended(state)).map(Some)
    }
}

/// How a process ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Death {
    /// After so many operations on the disk, counted from the start; none when nothing but the failing disk ends it.
    pub(super) after_operations: Option<u64>,
    /// Whether the power goes too, and with it what was not synced.
    pub(super) power_goes: bool,
}

impl Death {
    const KILL: Self = Self { after_operations: None, power_goes: false };
}
