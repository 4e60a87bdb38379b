//! How much memory the process holds, and how it keeps within a budget.
//!
//! Above the budget pages of mapped files are let go of first, in turn: they are no loss while the system still has them. Where that is not enough,
//! [`is_tight`] says so, and what is remembered for speed ([`super::remembered`]) takes half of its room.

use super::mapped;
use std::sync::atomic::{AtomicBool, Ordering};

/// Below the budget by this part of it, no more is let go of.
const SPARE_PART: u64 = 16;

/// Whether the process is above its budget with all pages of files let go of.
static IS_TIGHT: AtomicBool = AtomicBool::new(false);

/// What came of a look at the memory of the process, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// In physical memory now.
    pub resident: u64,
    /// Let go of just now.
    pub released: u64,
    /// Whether it is more than the budget all the same.
    pub is_above: bool,
}

/// Bytes in physical memory, where the system tells (Linux).
#[must_use]
pub fn bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = resident.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib << 10)
}

/// Brings the process back within `budget` bytes, as far as that can be done; none where the system does not tell what it holds.
pub fn keep_within(budget: u64) -> Option<Kept> {
    let before = bytes()?;
    if before > budget {
        let enough = budget - budget / SPARE_PART;
        mapped::release_until(|| bytes().is_none_or(|held| held <= enough));
    }
    let resident = if before > budget { bytes()? } else { before };
    let is_above = resident > budget;
    IS_TIGHT.store(is_above, Ordering::Relaxed);
    Some(Kept { resident, released: before.saturating_sub(resident), is_above })
}

/// Whether less should be remembered than there is room for.
pub fn is_tight() -> bool {
    IS_TIGHT.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_holds_some_memory_and_leaves_it_alone_within_its_budget() {
        let held = super::bytes().expect("is told");
        assert!(held > 1 << 20);
        let kept = super::keep_within(u64::MAX).expect("is told");
        assert_eq!((kept.released, kept.is_above, super::is_tight()), (0, false, false));
    }
}
