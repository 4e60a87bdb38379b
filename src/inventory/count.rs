//! Somebody's counting of what lies at a location.

use crate::event::trade::Counted;
use crate::id::{CountId, LocationId, Sku};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a count is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountStatus {
    /// Something is still to be counted.
    Open,
    /// Everything was counted.
    Done,
    /// It was ended before that. What was counted stays so.
    Canceled,
}

impl CountStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Done, Self::Canceled];

    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Canceled => "canceled",
        }
    }
}

/// One SKU of a count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountLine {
    /// What.
    pub sku: Sku,
    /// Units that should have been there: when the count was opened, or when it was counted.
    pub expected: i64,
    /// Units that were there; none before somebody has counted.
    pub counted: Option<i64>,
}

/// A count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockCount {
    /// Its name.
    pub id: CountId,
    /// Where.
    pub location: LocationId,
    /// What; each SKU once.
    pub lines: Vec<CountLine>,
    /// How far it is.
    pub status: CountStatus,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

impl StockCount {
    /// The count after something was counted.
    #[must_use]
    pub fn recorded(&self, counted: &[Counted], at: Timestamp) -> Self {
        let mut count = Self { updated_at: at, ..self.clone() };
        for line in &mut count.lines {
            for found in counted.iter().filter(|found| found.sku == line.sku) {
                (line.expected, line.counted) = (found.expected, Some(found.counted));
            }
        }
        if count.lines.iter().all(|line| line.counted.is_some()) {
            count.status = CountStatus::Done;
        }
        count
    }
}
