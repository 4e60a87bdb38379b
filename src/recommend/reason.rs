//! Why a product is recommended, with the numbers that make it true.

use super::relationship::Relationship;
use crate::id::Ordinal;

/// The numbers behind a tie.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Evidence {
    /// Shoppers, or orders, that had both.
    pub support: u32,
    /// Shoppers, or orders, that had the product asked about; at least `support`. 0 when it is not counted.
    pub reach: u32,
    /// How many times as often as chance would have it; 0 when it is not known.
    pub lift: f32,
    /// Standard deviations (Poisson) above what chance would have; 0 when it is not known.
    pub z: f32,
    /// The share of `support` in which this product came after the one asked about; a half where neither came first.
    pub after: f32,
}

/// Why a product is recommended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// Its content is close to that product's.
    SimilarTo {
        /// That product.
        product: Ordinal,
        /// Cosine of their contents.
        similarity: f32,
    },
    /// Shoppers or orders had both.
    TiedTo {
        /// How.
        tied: Relationship,
        /// The product asked about, or one of the shopper's.
        product: Ordinal,
        /// In numbers.
        evidence: Evidence,
    },
    /// It is of another sort and goes with that product into one order.
    Complements {
        /// That product.
        product: Ordinal,
        /// Orders.
        evidence: Evidence,
    },
    /// It is of the same sort, and shoppers take one or the other.
    Substitutes {
        /// How they came from the one to the other.
        tied: Relationship,
        /// That product.
        product: Ordinal,
        /// Shoppers who did.
        evidence: Evidence,
    },
    /// It is of a category that goes into the same orders as that product's.
    CategoryGoesWith {
        /// That product.
        product: Ordinal,
        /// How many times as often as chance would have it, smoothed.
        lift: f32,
    },
    /// Too little is known of one of the two: what is alike stands in for it.
    Inherits {
        /// How what is alike is tied.
        tied: Relationship,
        /// The product asked about.
        product: Ordinal,
        /// The product whose ties are borrowed.
        like: Ordinal,
        /// Whether `like` stands in for the product asked about; if not, for the one recommended.
        for_asked: bool,
        /// Cosine of their contents.
        similarity: f32,
        /// The borrowed tie.
        evidence: Evidence,
    },
    /// Shoppers who bought the same bought it.
    ShoppersAlike {
        /// One purchase that they share.
        product: Ordinal,
        /// Shoppers who bought both.
        evidence: Evidence,
    },
    /// The shopper bought it before.
    BoughtBefore {
        /// In how many orders.
        times: u32,
        /// After how long it is bought again, in the geometric mean over all shoppers who did, in days; none when too few did.
        usual_days: Option<f32>,
    },
    /// Visits that went the same way came to it.
    VisitsAlike {
        /// How many of them.
        visits: u32,
        /// Of how many.
        of: u32,
    },
    /// It suits what the shopper looked at and bought, by tastes that were learnt of all shoppers.
    SuitsTaste,
    /// It is selling or seen more than usual.
    Trending {
        /// Standard deviations above what was expected.
        deviations: f32,
    },
    /// It sells well among what is like that product.
    PopularNear {
        /// That product.
        product: Ordinal,
    },
    /// It sells well; nothing better is known.
    Popular,
    /// The caller set it there.
    Pinned,
    /// To find out how it does.
    Explore,
}

impl Reason {
    /// Its name in answers and exports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SimilarTo { .. } => "similar_to",
            Self::TiedTo { tied: Relationship::AlsoViewed, .. } => "viewed_with",
            Self::TiedTo { tied: Relationship::ViewedThenBought, .. } => "viewed_then_bought_with",
            Self::TiedTo { tied: Relationship::AlsoBought, .. } => "bought_with",
            Self::TiedTo { tied: Relationship::BoughtTogether, .. } => "bought_together_with",
            Self::Complements { .. } => "complements",
            Self::Substitutes { .. } => "substitutes",
            Self::CategoryGoesWith { .. } => "category_goes_with",
            Self::Inherits { .. } => "inherits",
            Self::ShoppersAlike { .. } => "shoppers_alike",
            Self::BoughtBefore { .. } => "bought_before",
            Self::VisitsAlike { .. } => "visits_alike",
            Self::SuitsTaste => "suits_taste",
            Self::Trending { .. } => "trending",
            Self::PopularNear { .. } => "popular_near",
            Self::Popular => "popular",
            Self::Pinned => "pinned",
            Self::Explore => "explore",
        }
    }
}

/// One recommended product.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recommendation {
    /// The product.
    pub product: Ordinal,
    /// How well it fits; comparable within one answer only. What is pinned has 0.
    pub score: f32,
    /// Why.
    pub reason: Reason,
    /// Of an explored place: how probable this product was, given the rest of the page.
    pub propensity: Option<f32>,
}

impl Recommendation {
    /// A candidate that was not drawn.
    #[must_use]
    pub(super) fn new(product: Ordinal, score: f32, reason: Reason) -> Self {
        Self { product, score, reason, propensity: None }
    }
}
