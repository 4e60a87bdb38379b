//! What happens to price lists, promotions, coupons, gift cards and store credit.

use serde::{Deserialize, Serialize};

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PricingEvent {}
