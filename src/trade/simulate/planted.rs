//! Bugs that are put into a simulated shop on purpose, to show that the simulation finds them.
//!
//! Nothing of the engine knows of them: they sit in the simulation, at the seams where it calls the engine, the journal and the disk, and
//! change what goes through. Most are what other engines did wrong, or what this one could.

use crate::journal::sim::Careless;
use std::fmt;

macro_rules! planted {
    ($($(#[$doc:meta])* $name:ident = $says:literal,)+) => {
        /// A bug that the simulation has to find.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Planted { $($(#[$doc])* $name,)+ }

        impl Planted {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// What is done wrong, in words.
            #[must_use]
            pub fn says(self) -> &'static str {
                match self { $(Self::$name => $says,)+ }
            }
        }
    };
}

planted! {
    /// Journal.
    FsyncDropped = "entries are acknowledged without a sync",
    /// Journal.
    FsyncRetried = "a failed sync is asked for again and then believed",
    /// Journal.
    FolderNotSynced = "the name of a new segment is not made durable",
    /// Journal.
    ToldBeforeAppend = "callers and the provider are told before the append",
    /// Journal.
    StateKeptAfterFailure = "the writer goes on with its state after a failed append",
    /// Replay.
    TornTailAccepted = "entries whose records were cut are folded all the same",
    /// Replay.
    LastAppliedTwice = "the last entry is folded twice after a replay",
    /// Replay.
    TailOverlaps = "the tail begins one entry before the checkpoint's end",
    /// Replay.
    TailSkipsOne = "the tail begins one entry behind the checkpoint's end",
    /// Replay.
    HeldOnlyLive = "a reservation lowers stock live but not on replay",
    /// Replay.
    ClockInFold = "the fold reads the clock",
    /// Time.
    TimeRunsBack = "event time goes back with the clock",
    /// Time.
    ExpiredTwice = "a reservation that ran out ends twice",
    /// Time.
    ExpiredLate = "a reservation lives one millisecond too long",
    /// Stock.
    DemandByLine = "demand is checked line by line instead of summed",
    /// Stock.
    AvailabilityUnchecked = "units are reserved without asking whether they are there",
    /// Stock.
    CompareIgnored = "a compare-and-set of stock ignores the expected number",
    /// Stock.
    CancelKeepsUnits = "a canceled order keeps its units",
    /// Stock.
    ShippedTwice = "twice the units leave stock with a shipment",
    /// Orders.
    PlacedUnreserved = "an order is asked for without a reservation",
    /// Orders.
    PlacedUnallocated = "an order is placed without units",
    /// Orders.
    PlacedTwice = "the provider's second answer places a second order",
    /// Orders.
    EditPastQuota = "an edit takes units past the quota of its order's channel",
    /// Orders.
    LoserKeepsHold = "a failed payment leaves its reservation behind",
    /// Payments.
    WinnerCompensated = "the payment of a placed order is given back",
    /// Payments.
    TimeoutIsFailure = "a payment of unknown outcome is taken for failed",
    /// Payments.
    CancelKeepsMoney = "a canceled order keeps its authorisation",
    /// Payments.
    CaptureBeyond = "more is taken than was authorised",
    /// Payments.
    RefundBeyond = "more is given back than was taken",
    /// Payments.
    PendingRefundsIgnored = "a refund is asked for as if none were on its way",
    /// Payments.
    StepRetriedBlindly = "a step of unknown outcome is asked for again without a look-up",
    /// Payments.
    PostingOmitted = "a capture is not posted to the ledger",
    /// Payments.
    FailedRefundUnposted = "a refund that came back is not owed again",
    /// Payments.
    RefundNeverRetried = "a refund that failed is dropped when it should be asked for again",
    /// Payments.
    PostingOneSided = "a posting reaches one of its two accounts",
    /// Prices.
    CouponUncounted = "an order does not count the coupons that it used",
    /// Prices.
    CouponKept = "a canceled order goes on counting the coupons that it used",
    /// Carts.
    MergeLosesLine = "a line is lost when a guest signs in",
    /// Carts.
    MergeKeepsGuest = "a guest's cart stays open after it became part of another",
    /// Keys.
    KeyForgotten = "idempotency keys are not remembered",
    /// Keys.
    KeyBodyIgnored = "a key answers whatever it is used for",
}

impl Planted {
    /// The careless layer above the disk that the bug is, if it is one.
    pub(super) fn careless(self) -> Option<Careless> {
        match self {
            Self::FsyncRetried => Some(Careless::RetriesSyncs),
            Self::FolderNotSynced => Some(Careless::SkipsFolderSyncs),
            _ => None,
        }
    }
}

impl fmt::Display for Planted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self:?}")
    }
}
