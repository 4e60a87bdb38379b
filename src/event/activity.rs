//! What shoppers do, and what they did elsewhere before (imported history).

use crate::id::{OrderId, Ordinal, QueryId, RecommendationId, SessionId, SettingId, ShopperId, Sku};
use crate::money::Money;
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{Digest, blake3, short};
use serde::{Deserialize, Serialize};

/// Purchases of a product that an order of somebody's and an event of theirs tell of are one when they are no further apart.
pub const SAME_PURCHASE_MS: i64 = 60 * 60 * 1_000;

/// One kind of behaviour towards one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// The product was shown in a list.
    Impression,
    /// The product was chosen from a list.
    Click,
    /// The product's own page was seen.
    View,
    /// It was put into a cart.
    AddToCart,
    /// It was bought in another system (orders placed here are trade events).
    Purchase,
}

/// Who did it, and what led there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// The known person, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shopper: Option<ShopperId>,
    /// The visit, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The search that led there, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<QueryId>,
    /// The recommendation that led there, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<RecommendationId>,
    /// The rank in that answer, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
}

/// A known person without their name: BLAKE3 of `shopper/` and the name. What is told of somebody to be forgotten names them no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShopperDigest(pub Digest);

impl ShopperDigest {
    /// Of a shopper.
    #[must_use]
    pub fn of(shopper: &ShopperId) -> Self {
        Self(blake3(&[b"shopper/", shopper.as_str().as_bytes()]))
    }

    /// Its first 64 bits, little-endian: what tables know people by.
    #[must_use]
    pub fn short(&self) -> u64 {
        short(&self.0)
    }
}

/// A product that a recommendation drew for one of its explored places.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explored {
    /// Which.
    pub product: Ordinal,
    /// Where, from 1.
    pub slot: u32,
    /// How probable it was there, given the rest of the page; above 0, at most 1.
    pub propensity: f32,
}

/// An experiment that an answer took part in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The experiment.
    pub experiment: SettingId,
    /// When it was started: what an experiment of the same name counted before is another one's.
    pub run: Timestamp,
    /// The arm that the answer was made with.
    pub arm: String,
}

/// One line of an order that was placed in another system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// The product.
    pub product: Ordinal,
    /// Which of its variants, when the source tells; never of orders placed here, which the trade stream tells of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// Units; negative lines are returns.
    pub quantity: i64,
    /// Price of one unit, when the source tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Money>,
}

/// What somebody has of an order that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Which.
    pub order: OrderId,
    /// Each once, in the order of its lines.
    pub products: Vec<Ordinal>,
}

/// What became of some rows of an imported file, whatever was known of them before: those that are not refused are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    /// The first of these rows, from 1.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// Those that were refused, as the first and the last of each run, ascending.
    pub rows: Vec<(u64, u64)>,
    /// Orders among those taken that lack lines of products that the shop does not have.
    #[serde(default)]
    pub incomplete_count: u64,
}

/// Events of the activity stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityEvent {
    /// One shopper did one thing with one product.
    Behaved {
        /// What they did.
        behaviour: Behaviour,
        /// With which product.
        product: Ordinal,
        /// Units, for carts and purchases; 1 otherwise.
        quantity: u32,
        /// Who, and what led there.
        origin: Origin,
        /// When it happened; for imported history earlier than the entry's own time.
        happened_at: Timestamp,
    },
    /// An order placed in another system, all its lines together.
    OrderImported {
        /// The order's name there; importing the same name again changes nothing.
        reference: String,
        /// Who bought.
        origin: Origin,
        /// What.
        lines: Vec<HistoryLine>,
        /// When.
        happened_at: Timestamp,
    },
    /// Rows of a file have been imported up to here; it stands in the same entry as the last of them, so an interrupted import goes on.
    ImportProgressed {
        /// BLAKE3 of the file.
        file: [u8; 32],
        /// Rows read so far, counted from the start of the file.
        rows_done: u64,
        /// Which of them were refused; none in what releases wrote that did not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refusals: Option<Refusals>,
    },
    /// A search was answered; its text feeds suggestions and spelling.
    Searched {
        /// The answer's name.
        query: QueryId,
        /// The words, normalised.
        text: String,
        /// The words as people write them, when that is not how they are normalised: in lower case, plurals kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        written: Option<String>,
        /// How many products matched.
        matches_count: u64,
        /// Whether somebody was still typing, so that clicks count for it and the words as a query do not.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_unfinished: bool,
        /// Who searched.
        origin: Origin,
        /// When, for imported history; otherwise the entry's own time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        happened_at: Option<Timestamp>,
    },
    /// A recommendation with explored places was answered: what was drawn, so that what comes of it can be weighed.
    Recommended {
        /// The answer's name.
        recommendation: RecommendationId,
        /// The kind's name.
        kind: String,
        /// What was drawn.
        explored: Vec<Explored>,
        /// For whom.
        origin: Origin,
    },
    /// The first page of a search was answered to somebody who takes part in experiments. It says neither what was asked nor what was found.
    Exposed {
        /// The answer's name.
        query: QueryId,
        /// The experiments, and the arm of each.
        trials: Vec<Trial>,
        /// Whether somebody was still typing.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_unfinished: bool,
        /// Who asked.
        origin: Origin,
    },
    /// An order was placed in this shop. The trade stream has it; here it stands among the clicks that led to it, so that the searches
    /// behind it get its credit, and the products looked at before it their ties, in the same order in life and in replay.
    OrderNoted {
        /// Which.
        order: OrderId,
        /// Who bought.
        origin: Origin,
        /// What.
        lines: Vec<HistoryLine>,
        /// When it is a change of an order placed before, by an edit or something that came back: which, and what the buyer has of it now. Its
        /// lines are then what was sold in addition and, with negative quantities, what is gone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept: Option<Kept>,
    },
    /// An order of this shop was canceled: what it was credited with is taken back.
    CancellationNoted {
        /// Which.
        order: OrderId,
    },
    /// These events were told under a caller's key, in the same entry: telling them again under it adds nothing.
    KeyUsed {
        /// BLAKE3 of the key.
        key: Digest,
        /// BLAKE3 of what was told, so that the same key with other events is refused.
        body: Digest,
    },
    /// Everything that is known of a shopper is forgotten, and what they added to tables is taken out of them.
    ShopperErased {
        /// Who.
        shopper: ShopperDigest,
    },
}
