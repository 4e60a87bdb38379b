//! How much memory the process may hold.

use serde::Deserialize;

/// Less than this no shop runs in.
const BUDGET_MB_MIN: u64 = 64;
/// More than any machine has.
const BUDGET_MB_MAX: u64 = 16 << 20;
const MB: u64 = 1_000_000;
/// What is meant where nothing is said: so much for each product, and for a small shop what a small machine has.
const BYTES_A_PRODUCT: u64 = 2_400;
const BYTES_MIN: u64 = 2_000 * MB;

/// The budget of memory.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Memory {
    /// Megabytes that the process may hold; 2.4 kB for each product, and at least 2,000 MB, unless told.
    pub budget_mb: Option<u64>,
}

impl Memory {
    pub(super) fn check(self) -> Result<(), (&'static str, String)> {
        let is_sensible = self.budget_mb.is_none_or(|mb| (BUDGET_MB_MIN..=BUDGET_MB_MAX).contains(&mb));
        let reason = || format!("must be between {BUDGET_MB_MIN} and {BUDGET_MB_MAX}");
        if is_sensible { Ok(()) } else { Err(("memory.budget_mb", reason())) }
    }

    /// Bytes for a shop of so many products.
    #[must_use]
    pub fn budget(self, products_count: usize) -> u64 {
        let usual = || BYTES_MIN.max(products_count as u64 * BYTES_A_PRODUCT);
        self.budget_mb.map_or_else(usual, |mb| mb * MB)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_follows_the_shop_unless_an_operator_says_one() {
        assert_eq!(Memory::default().budget(10), 2_000_000_000);
        assert_eq!(Memory::default().budget(1_000_000), 2_400_000_000);
        assert_eq!(Memory { budget_mb: Some(700) }.budget(1_000_000), 700_000_000);
        for (mb, is_sensible) in [(0, false), (63, false), (64, true), (u64::MAX, false)] {
            assert_eq!(Memory { budget_mb: Some(mb) }.check().is_ok(), is_sensible, "{mb}");
        }
    }
}
