//! What a recommendation asks and what it answers.

use crate::id::{Ordinal, SessionId, ShopperId};
use serde::{Deserialize, Serialize};

/// Most products in one answer.
pub const LIMIT_MAX: usize = 100;

/// Kinds of recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Alike in content: title, brand, category, description.
    Similar,
    /// In the same orders.
    BoughtTogether,
    /// By the same shoppers, soon after.
    AlsoViewed,
    /// Selling or seen more than usual.
    Trending,
    /// For one shopper or session.
    ForYou,
}

/// A request for recommendations.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which kind.
    pub kind: Kind,
    /// The products it is about; needed by the first three kinds.
    pub products: Vec<Ordinal>,
    /// Who asks, if known.
    pub shopper: Option<ShopperId>,
    /// In which visit.
    pub session: Option<SessionId>,
    /// At most so many, and at most [`LIMIT_MAX`].
    pub limit: usize,
}

/// Why a product is recommended.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Reason {
    /// Its content is close to that product's.
    SimilarTo {
        /// That product.
        product: Ordinal,
    },
    /// So many orders hold both.
    BoughtTogetherWith {
        /// That product.
        product: Ordinal,
        /// Orders that hold both.
        orders_count: u64,
    },
    /// So many shoppers looked at both.
    ViewedWith {
        /// That product.
        product: Ordinal,
        /// Shoppers who looked at both.
        shoppers_count: u64,
    },
    /// It is selling or seen more than usual.
    Trending,
    /// It sells well; nothing better is known.
    Popular,
}

/// One recommended product.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// The product.
    pub product: Ordinal,
    /// What the list is ordered by; comparable within one answer only.
    pub score: f32,
    /// Why.
    pub reason: Reason,
}
