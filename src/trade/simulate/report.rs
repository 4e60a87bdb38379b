//! What a simulation did and found.

use crate::stdx::digest::{Digest, hex};
use std::fmt;

/// What a simulation did and found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The seed that makes the same run again.
    pub seed: u64,
    /// Steps done; fewer than asked for when something broke.
    pub steps: u64,
    /// Commands decided: those of shoppers and clerks, answers of the provider, and the passing of time.
    pub commands: u64,
    /// Journal entries acknowledged.
    pub entries: u64,
    /// Orders placed.
    pub orders: u64,
    /// Commands refused with a reason.
    pub refusals: u64,
    /// Writes that were repeated under their keys.
    pub repeats: u64,
    /// Appends that failed: a sync, the space, the power, or a kill in the middle.
    pub failed_appends: u64,
    /// Times the process ended and was started again, each with a comparison of the live, the replayed and the resumed state.
    pub crashes: u64,
    /// Entries in doubt when the process ended that the disk had kept.
    pub doubts_kept: u64,
    /// Entries in doubt when the process ended that the disk had lost.
    pub doubts_lost: u64,
    /// Damage to the journal that was refused with its place.
    pub damage_refused: u64,
    /// Damage that looks like a torn last write, and was cut and reported.
    pub damage_cut: u64,
    /// Damage to bytes that carry nothing.
    pub damage_harmless: u64,
    /// Authorisations that were given back.
    pub given_back: u64,
    /// Reservations that ran out of time.
    pub expired: u64,
    /// Hash of the last state.
    pub state_hash: Digest,
    /// What is wrong; empty when all is well.
    pub broken: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, steps, commands, entries, orders, refusals, repeats, failed_appends, crashes, given_back, expired, .. } = self;
        let Self { doubts_kept, doubts_lost, damage_refused, damage_cut, damage_harmless, .. } = self;
        write!(out, "seed {seed}: {steps} steps, {commands} commands, {entries} entries, {orders} orders, {refusals} refusals, ")?;
        write!(out, "{repeats} repeats, {failed_appends} failed appends, {crashes} crashes ({doubts_kept} entries in doubt kept, ")?;
        write!(out, "{doubts_lost} lost), damage {damage_refused} refused, {damage_cut} cut, {damage_harmless} harmless, ")?;
        write!(out, "{given_back} given back, {expired} expired, state {}", &hex(&self.state_hash)[..16])?;
        self.broken.iter().try_for_each(|broken| write!(out, "\n  BROKEN: {broken}"))
    }
}
