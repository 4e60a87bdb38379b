//! What happens to stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use serde::{Deserialize, Serialize};

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockEvent {}
