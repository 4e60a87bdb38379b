//! What happens to orders after they were placed: edits, canceled lines, holds, returns, exchanges, claims.

use serde::{Deserialize, Serialize};

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterSaleEvent {}
