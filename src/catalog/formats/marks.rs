//! What the columns of a file write before the decimals of a price, a point or a comma, learned from all that they hold: `2.500` beside `49,90` is two
//! and a half thousand, beside `12.99` it is two and a half.

use super::amount::{Mark, mark_shown};
use super::value::Value;

/// Columns of prices that are looked at; a file has a few.
const COLUMNS_MAX: usize = 64;
/// A mark that so many in a hundred show is the column's own.
const DECISIVE_PERCENT: u32 = 90;

/// How many prices have shown either mark.
#[derive(Debug, Clone, Copy, Default)]
struct Votes {
    points: u32,
    commas: u32,
}

impl Votes {
    fn mark(self) -> Option<Mark> {
        let sum = self.points.saturating_add(self.commas);
        let is_decisive = |votes: u32| votes > 0 && u64::from(votes) * 100 >= u64::from(sum) * u64::from(DECISIVE_PERCENT);
        match (is_decisive(self.points), is_decisive(self.commas)) {
            (true, _) => Some(Mark::Point),
            (_, true) => Some(Mark::Comma),
            (false, false) => None,
        }
    }
}

/// What was learned of one file.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<(String, Votes)>);

impl Marks {
    /// Learns from one price.
    pub(super) fn note(&mut self, column: &str, value: &Value<'_>) {
        let Some(shown) = mark_shown(value) else { return };
        let votes = match self.0.iter_mut().position(|(name, _)| name == column) {
            Some(at) => &mut self.0[at].1,
            None if self.0.len() < COLUMNS_MAX => {
                self.0.push((column.to_owned(), Votes::default()));
                let last = self.0.len() - 1;
                &mut self.0[last].1
            }
            None => return,
        };
        let counted = match shown {
            Mark::Point => &mut votes.points,
            Mark::Comma => &mut votes.commas,
        };
        *counted = counted.saturating_add(1);
    }

    /// What this column writes before decimals; where it has not shown it, what all of them do.
    pub(super) fn of(&self, column: &str) -> Option<Mark> {
        let own = self.0.iter().find(|(name, _)| name == column).map(|(_, votes)| *votes);
        own.and_then(Votes::mark).or_else(|| {
            let add = |sum: Votes, (_, votes): &(String, Votes)| Votes {
                points: sum.points.saturating_add(votes.points),
                commas: sum.commas.saturating_add(votes.commas),
            };
            self.0.iter().fold(Votes::default(), add).mark().filter(|_| own.is_none())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_the_mark_that_nearly_all_of_it_shows() {
        let mut marks = Marks::default();
        let mut note = |column: &str, prices: &[&str]| prices.iter().for_each(|price| marks.note(column, &Value::Text((*price).into())));
        note("Preis", &["1.299,00 €", "49,90", "2.500", "call us"]);
        note("price", &["12.99", "1,299.00", "2.500"]);
        note("mixed", &["12.99", "12,99"]);
        note("none", &["2.500", "1.299", "5"]);
        assert_eq!(marks.of("Preis"), Some(Mark::Comma));
        assert_eq!(marks.of("price"), Some(Mark::Point));
        assert_eq!((marks.of("mixed"), marks.of("none")), (None, None));
        let mut one = Marks::default();
        one.note("Preis", &Value::Text("1.299,-".into()));
        assert_eq!((one.of("Preis"), one.of("UVP")), (Some(Mark::Comma), Some(Mark::Comma)));
    }
}
