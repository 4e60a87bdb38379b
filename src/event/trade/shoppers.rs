//! What happens to what the shop keeps about people, and how it forgets them.

use serde::{Deserialize, Serialize};

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShopperEvent {}
