//! Habits in the recommendation checkpoint: one section of words, read back bit for bit. Drawn in `docs/FORMATS.md`.

use super::{Cell, Habit, Habits, POPULAR_MAX};
use crate::id::Ordinal;
use crate::signal::PRODUCTS_MAX;
use crate::stdx::words::{WordReader, WordWriter};

fn pair(low: u32, high: u32) -> u64 {
    u64::from(low) | (u64::from(high) << 32)
}

fn unpair(word: u64) -> (u32, u32) {
    (word as u32, (word >> 32) as u32)
}

impl Habits {
    /// Writes everything.
    pub(in crate::recommend) fn save(&self) -> WordWriter {
        let mut out = WordWriter::default();
        out.unsigned(pair(self.orders_count, self.popular.len() as u32));
        self.popular.iter().for_each(|product| out.unsigned(u64::from(product.0)));
        self.cells.iter().flatten().flatten().for_each(|cell| out.unsigned(pair(cell.tries, cell.hits)));
        for (product, habit) in self.products.known() {
            out.unsigned(pair(product.0, habit.orders));
            habit.tries.chunks(2).for_each(|two| out.unsigned(pair(two[0], two[1])));
            out.unsigned(u64::from(habit.hits));
            out.unsigned(habit.intervals);
        }
        out
    }

    /// Reads what [`Habits::save`] wrote; none when it is damaged.
    pub(in crate::recommend) fn load(words: &[u64]) -> Option<Self> {
        let mut from = WordReader::new(words);
        let mut habits = Self::new();
        let (orders_count, popular_count) = unpair(from.unsigned()?);
        habits.orders_count = orders_count;
        for _ in 0..Some(popular_count as usize).filter(|count| *count <= POPULAR_MAX)? {
            habits.popular.push(product(u32::try_from(from.unsigned()?).ok()?)?);
        }
        for cell in habits.cells.iter_mut().flatten().flatten() {
            let (tries, hits) = unpair(from.unsigned()?);
            *cell = Cell { tries, hits };
        }
        while from.left() > 0 {
            let (ordinal, orders) = unpair(from.unsigned()?);
            let mut habit = Habit { orders, ..Habit::default() };
            for two in habit.tries.chunks_mut(2) {
                (two[0], two[1]) = unpair(from.unsigned()?);
            }
            habit.hits = u32::try_from(from.unsigned()?).ok()?;
            habit.intervals = from.unsigned()?;
            habits.intervals = habits.intervals.saturating_add(habit.intervals);
            habits.lines_count += u64::from(orders);
            habits.products.change(product(ordinal)?, |there| *there = habit);
        }
        Some(habits)
    }
}

fn product(ordinal: u32) -> Option<Ordinal> {
    Some(Ordinal(ordinal)).filter(|product| product.index() < PRODUCTS_MAX)
}
