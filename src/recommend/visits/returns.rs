//! How often people go back to a product that they have seen in the same visit: one step in three at bol.com.
//!
//! Counted live, so a shop where nobody goes back is told nothing of it. A step can go back to each product seen before; what the chance of
//! each depends on, most of all, is how many others were seen since, how often it was seen, and whether the last step went back, too (from a
//! list to product after product, say).

use crate::id::Ordinal;

/// Products back that are told apart; further ones are not counted and have no chance of their own.
const LAGS: usize = 8;
/// Once, twice, or more often.
const TIMES: usize = 3;
/// Cells are halved from here on, so that the shop's habits of last year fade.
const TRIES_MAX: u32 = 1 << 20;
/// What is assumed of a cell before anything is known: one in fifty, for as much as fifty tries say.
const PRIOR: (f32, f32) = (1.0, 50.0);

/// Steps that could go back to a product, and those that did.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Cell {
    pub(super) tries: u32,
    pub(super) hits: u32,
}

/// By whether the last step went back, products since, times seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Returns {
    pub(super) cells: [[[Cell; TIMES]; LAGS]; 2],
}

/// A product of a visit that a step may go back to.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Earlier {
    product: Ordinal,
    lag: usize,
    times: usize,
}

impl Returns {
    /// Counts the step from `before` (oldest first, no product twice in a row) to `next`.
    pub(super) fn count(&mut self, before: &[Ordinal], next: Ordinal) {
        self.each(before, |cell, product| {
            if cell.tries >= TRIES_MAX {
                *cell = Cell { tries: cell.tries / 2, hits: cell.hits / 2 };
            }
            *cell = Cell { tries: cell.tries + 1, hits: cell.hits + u32::from(product == next) };
        });
    }

    /// Takes back what [`Returns::count`] gave.
    pub(super) fn uncount(&mut self, before: &[Ordinal], next: Ordinal) {
        self.each(before, |cell, product| {
            cell.tries = cell.tries.saturating_sub(1);
            cell.hits = cell.hits.saturating_sub(u32::from(product == next)).min(cell.tries);
        });
    }

    /// The chance of each earlier product of a visit to be the next step, newest first.
    pub(super) fn chances(&self, steps: &[Ordinal]) -> Vec<(Ordinal, f32)> {
        let went_back = usize::from(went_back(steps));
        let chance = |cell: Cell| (cell.hits as f32 + PRIOR.0) / (cell.tries as f32 + PRIOR.1);
        earlier(steps).into_iter().map(|it| (it.product, chance(self.cells[went_back][it.lag][it.times]))).collect()
    }

    fn each(&mut self, before: &[Ordinal], mut change: impl FnMut(&mut Cell, Ordinal)) {
        let went_back = usize::from(went_back(before));
        for it in earlier(before) {
            change(&mut self.cells[went_back][it.lag][it.times], it.product);
        }
    }
}

fn went_back(steps: &[Ordinal]) -> bool {
    steps.split_last().is_some_and(|(last, before)| before.contains(last))
}

/// The last few different products before that of the last step, newest first.
fn earlier(steps: &[Ordinal]) -> Vec<Earlier> {
    let mut found: Vec<Earlier> = Vec::new();
    let Some((last, before)) = steps.split_last() else { return found };
    for product in before.iter().rev().filter(|product| *product != last) {
        let lag = found.len();
        match found.iter_mut().find(|it| it.product == *product) {
            Some(it) => it.times = (it.times + 1).min(TIMES - 1),
            None if lag < LAGS => found.push(Earlier { product: *product, lag, times: 0 }),
            None => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordinals(numbers: &[u32]) -> Vec<Ordinal> {
        numbers.iter().copied().map(Ordinal).collect()
    }

    #[test]
    fn a_step_can_go_back_to_each_product_before_the_last_step() {
        let check = |steps: &[u32], expected: &[(u32, usize, usize)], expected_back: bool| {
            let found: Vec<_> = earlier(&ordinals(steps)).iter().map(|it| (it.product.0, it.lag, it.times)).collect();
            assert_eq!((found.as_slice(), went_back(&ordinals(steps))), (expected, expected_back), "{steps:?}");
        };
        check(&[], &[], false);
        check(&[1], &[], false);
        check(&[1, 2], &[(1, 0, 0)], false);
        check(&[1, 2, 1, 3, 1, 4], &[(1, 0, 2), (3, 1, 0), (2, 2, 0)], false);
        check(&[1, 2, 1], &[(2, 0, 0)], true);
    }

    #[test]
    fn what_people_do_is_what_is_expected_and_can_be_taken_back() {
        let mut returns = Returns::default();
        let before = ordinals(&[1, 2]);
        let unknown = returns.chances(&before);
        (0..900).for_each(|number| returns.count(&before, Ordinal(if number % 3 == 0 { 1 } else { 5 })));
        let chance = returns.chances(&before)[0].1;
        assert!((chance - 301.0 / 950.0).abs() < 1e-6, "{chance}");
        (0..900).for_each(|number| returns.uncount(&before, Ordinal(if number % 3 == 0 { 1 } else { 5 })));
        assert_eq!(returns.chances(&before), unknown);
        returns.uncount(&before, Ordinal(1));
        assert_eq!(returns, Returns::default());
    }

    #[test]
    fn a_full_cell_is_halved_and_goes_on() {
        let mut returns = Returns::default();
        returns.cells[0][0][0] = Cell { tries: TRIES_MAX, hits: TRIES_MAX / 4 };
        returns.count(&ordinals(&[1, 2]), Ordinal(1));
        assert_eq!(returns.cells[0][0][0], Cell { tries: TRIES_MAX / 2 + 1, hits: TRIES_MAX / 8 + 1 });
    }
}
