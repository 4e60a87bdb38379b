//! What happens to carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use serde::{Deserialize, Serialize};

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CartEvent {}
