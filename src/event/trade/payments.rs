//! What happens to payments after they were authorised: captures, refunds, disputes, what providers report.

use serde::{Deserialize, Serialize};

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentEvent {}
