//! How the simulated process ends and comes back: faults of disk and power, what they leave, and the comparison of live, replayed and resumed state.

use super::engine::Phase;
use super::planted::Planted;
use super::shop::Death;
use super::{Report, Simulation, Staged};
use crate::stdx::digest::hex;
use crate::trade::{Action, Command, State};

/// One step in so many arms a fault that strikes in this append or a later one.
const FAULT_ONE_IN: u32 = 90;
/// One step in so many ends the process between two appends.
const STOP_ONE_IN: u32 = 400;
/// One step in so many saves a checkpoint.
const SAVE_ONE_IN: u32 = 120;
/// Starts that are themselves interrupted, at most, before one is not.
const DEATHS_MAX: usize = 3;
/// Hours that the shop gets to come to rest: far more than anything lives.
const SETTLE_HOURS_MAX: u32 = 1_000;
const HOUR_MS: i64 = 3_600_000;

impl Simulation {
    /// The disk or the power will fail soon.
    pub(super) fn arm_a_fault(&mut self) {
        if self.rng.u32(0..FAULT_ONE_IN) != 0 {
            return;
        }
        let disk = &self.shop.disk;
        match self.rng.u32(0..4) {
            0 if self.faults.disk => disk.fail_sync_after(self.rng.u64(0..3)),
            1 if self.faults.disk => disk.limit_space(Some(self.rng.u64(0..6_000))),
            2 | 3 if self.faults.crash => disk.power_off_after(self.rng.u64(0..9)),
            _ => {}
        }
    }

    /// Saves a checkpoint now and then; ends the process now and then, between two appends.
    pub(super) fn stop_sometimes(&mut self) {
        if self.rng.u32(0..SAVE_ONE_IN) == 0
            && let Err(what) = self.shop.save(&self.durable)
        {
            self.report.broken.push(what);
        }
        if self.faults.crash && self.rng.u32(0..STOP_ONE_IN) == 0 {
            self.stop(Vec::new());
        }
    }

    /// The process is over. What was durable comes back from the disk; of what was in doubt a first part may; answers in flight may be lost, and are asked
    /// for again; callers who got no answer try again.
    pub(super) fn stop(&mut self, in_doubt: Vec<Staged>) {
        if !self.report.broken.is_empty() {
            return;
        }
        self.report.crashes += 1;
        let bytes: Vec<Vec<u8>> = in_doubt.iter().map(|staged| staged.bytes.clone()).collect();
        let deaths = self.deaths();
        let survived = match self.shop.restart(&bytes, &deaths) {
            Ok(survived) => survived,
            Err(what) => return self.report.broken.push(what),
        };
        self.report.doubts_kept += survived as u64;
        self.report.doubts_lost += (bytes.len() - survived) as u64;
        self.again = in_doubt.iter().map(|staged| staged.command.clone()).collect();
        let kept: Vec<Staged> = in_doubt.into_iter().take(if self.takes_torn() { usize::MAX } else { survived }).collect();
        self.come_back(kept, survived);
        if self.faults.rot && self.rng.u32(0..3) == 0 {
            self.rot();
        }
    }

    fn takes_torn(&self) -> bool {
        self.engine.has(Planted::TornTailAccepted)
    }

    fn deaths(&mut self) -> Vec<Death> {
        let count = if self.faults.crash && self.rng.u32(0..4) == 0 { self.rng.usize(2..=DEATHS_MAX) } else { 1 };
        let may_lose_power = self.faults.crash;
        (0..count).map(|_| Death { after_operations: Some(self.rng.u64(1..12)), power_goes: may_lose_power && self.rng.bool() }).collect()
    }

    /// Makes the state again from the journal and compares it with what it was, plus what the disk had kept of what was in doubt.
    fn come_back(&mut self, kept: Vec<Staged>, survived: usize) {
        let ahead = std::mem::replace(&mut self.writer, self.durable.clone());
        for Staged { entry, .. } in &kept {
            entry.events.iter().for_each(|event| self.engine.fold(&mut self.writer, event, entry.at, Phase::Live));
        }
        let expected = self.writer.clone();
        self.acknowledge_survivors(kept, survived);
        if let Some(replayed) = self.compare(&expected) {
            self.report.broken.extend(replayed.check_invariants());
            self.report.broken.extend(self.oracle.missing_orders(&replayed));
            self.writer = if self.engine.has(Planted::StateKeptAfterFailure) { ahead } else { replayed.clone() };
            self.durable = replayed;
        }
        self.provider.restart(&self.durable.pending_payments(), self.now, &mut self.rng);
    }

    /// What the disk had kept is as good as acknowledged, although nobody was told.
    fn acknowledge_survivors(&mut self, mut kept: Vec<Staged>, survived: usize) {
        kept.truncate(survived);
        if kept.is_empty() {
            return;
        }
        self.acknowledge(kept);
    }

    /// The state that live folding gave, that of a full replay, and that of the checkpoint and its tail have one hash.
    fn compare(&mut self, expected: &State) -> Option<State> {
        let was = expected.hash();
        let replayed = self.shop.replayed();
        let resumed = self.shop.resumed().transpose();
        for (how, state) in [("replayed", Some(&replayed)), ("resumed", resumed.as_ref())] {
            match state {
                Some(Ok(state)) if state.hash() != was => {
                    self.report.broken.push(format!("the {how} state is {}, was {}", hex(&state.hash()), hex(&was)));
                }
                Some(Err(what)) => self.report.broken.push(format!("the {how} state cannot be made: {what}")),
                Some(Ok(_)) | None => {}
            }
        }
        // A process resumes from its checkpoint when it has one.
        resumed.unwrap_or(replayed).ok()
    }

    /// Nobody asks for anything more; time passes until nothing is open.
    pub(super) fn settle(&mut self) {
        for _ in 0..SETTLE_HOURS_MAX {
            let is_at_rest = self.durable.pending_payments().is_empty() && self.provider.is_quiet() && self.again.is_empty();
            if is_at_rest && self.durable.next_expiry().is_none() || !self.report.broken.is_empty() {
                break;
            }
            self.now = self.now.max(self.durable.time()).plus_ms(HOUR_MS);
            let mut batch = self.due();
            batch.push(Command { key: None, action: Action::PassTime });
            self.commit(batch);
        }
        self.stop(Vec::new());
        self.replay_anew();
        if self.faults.rot && self.report.broken.is_empty() {
            self.rot();
        }
    }

    /// In the end the whole journal is folded once more, from its first entry on: all of it in one go gives what its parts gave one after another.
    fn replay_anew(&mut self) {
        match self.shop.replayed_anew() {
            Ok(state) if state.hash() == self.durable.hash() => {}
            Ok(_) => self.report.broken.push("the state of a replay from the first entry on is another".to_owned()),
            Err(what) => self.report.broken.push(format!("the journal cannot be replayed from its first entry on: {what}")),
        }
    }

    pub(super) fn finish(mut self) -> Report {
        let left = self.durable.stock().reservations().len() + self.durable.pending_payments().len();
        if self.report.broken.is_empty() && left != 0 {
            self.report.broken.push(format!("{left} reservations and payments never came to rest"));
        }
        if self.report.broken.is_empty() {
            self.report.broken.extend(self.provider.money_without_order(&self.durable));
            self.report.broken.extend(self.provider.orders_without_money(&self.durable));
        }
        self.report.orders = self.durable.orders_count() as u64;
        self.report.expired = self.durable.stock().counts().expired;
        self.report.given_back = self.provider.given_back();
        self.report.state_hash = self.durable.hash();
        self.report
    }
}
