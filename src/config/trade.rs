//! What an operator can set about selling: how long things are kept and held, when a purchase looks like fraud, what shipping costs where no carrier
//! is asked.

use crate::cart::TRIES_KEPT_MS;
use crate::money::{Currency, Money};
use crate::order::FraudOptions;
use crate::pricing::{self, ShippingRate};
use crate::{payment, trade};
use serde::Deserialize;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Nothing is kept for longer than a shop looks ahead.
const DAYS_MAX: i64 = 3_650;
/// A session that waits for longer than a month is not waited for.
const CHECKOUT_TTL_S_MAX: i64 = 30 * 24 * 60 * 60;
/// Payments that one session may ask for at most, whatever the operator says.
const ATTEMPTS_MAX: u32 = 100;
/// Tries are counted up to 32, and twice the number gives points, too.
const TRIES_MAX: usize = 16;
/// One more than points add up to: never.
const POINTS_MAX: u32 = 101;
/// Tries of a refund: each waits four times as long as the one before, so that more would take years.
const REFUND_TRIES_MAX: usize = 8;
/// Currencies with rules of their own.
const CURRENCIES_MAX: usize = 200;

/// The part about selling.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trade {
    /// Seconds for which stock is held while a payment is asked for.
    pub reservation_ttl_s: i64,
    /// Seconds for which it can be held at most, however often its shopper shows up.
    pub reservation_cap_s: i64,
    /// Seconds for which a checkout session waits for its shopper.
    pub checkout_ttl_s: i64,
    /// Days for which a cart is kept that nobody touches.
    pub cart_ttl_days: i64,
    /// The same of a list of wishes.
    pub list_ttl_days: i64,
    /// Days after delivery in which goods can be sent back or exchanged.
    pub return_window_days: i64,
    /// Days after delivery in which faults can be claimed.
    pub claim_window_days: i64,
    /// Payments that one checkout session may ask for.
    pub attempts_per_session_max: u32,
    /// Days for which the money of an authorisation is taken without asking for it anew.
    pub authorization_ttl_days: i64,
    /// How many refunds of one payment may fail before a person has to look.
    pub refund_tries_max: usize,
    /// When a purchase looks like fraud.
    pub fraud: Fraud,
    /// What shipping costs, by currency, while no carrier is set up; in any other currency it costs nothing.
    pub shipping: Vec<Shipping>,
}

/// When a purchase looks like fraud. Points add up to at most 100.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fraud {
    /// How far back payments are counted.
    pub window_s: i64,
    /// Declined payments of one buyer from which on there are points.
    pub declines: usize,
    /// Payments asked for by one buyer from which on there are points; none when left out.
    pub tries: Option<usize>,
    /// Totals from which on there are points, one for each currency that has any.
    pub large: Vec<Money>,
    /// Points from which on an order waits for a person; 101 for never.
    pub review_from: u32,
    /// Points from which on a purchase is refused; 101 for never.
    pub reject_from: u32,
}

/// What shipping costs in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shipping {
    /// The currency.
    pub currency: Currency,
    /// What it costs, in minor units.
    pub flat_minor: i64,
    /// Sum of the goods from which on it costs nothing, in minor units.
    pub free_from_minor: i64,
}

impl Default for Trade {
    fn default() -> Self {
        let trade::Options {
            reservation_ttl_ms,
            checkout_ttl_ms,
            cart_ttl_ms,
            return_window_ms,
            claim_window_ms,
            list_ttl_ms,
            reservation_cap_ms,
            attempts_per_session_max,
            fraud,
            pricing,
            payments,
            awake_max: _,
        } = trade::Options::default();
        Self {
            reservation_ttl_s: reservation_ttl_ms / 1_000,
            reservation_cap_s: reservation_cap_ms / 1_000,
            checkout_ttl_s: checkout_ttl_ms / 1_000,
            cart_ttl_days: cart_ttl_ms / DAY_MS,
            list_ttl_days: list_ttl_ms / DAY_MS,
            return_window_days: return_window_ms / DAY_MS,
            claim_window_days: claim_window_ms / DAY_MS,
            attempts_per_session_max,
            authorization_ttl_days: payments.authorization_ttl_ms / DAY_MS,
            refund_tries_max: payments.refund_tries_max,
            fraud: Fraud::of(fraud),
            shipping: pricing.shipping.iter().map(Shipping::of).collect(),
        }
    }
}

impl Default for Fraud {
    fn default() -> Self {
        Self::of(FraudOptions::default())
    }
}

impl Fraud {
    fn of(options: FraudOptions) -> Self {
        let FraudOptions { window_ms, declines, tries, large, review_from, reject_from } = options;
        Self { window_s: window_ms / 1_000, declines, tries, large, review_from, reject_from }
    }

    fn options(&self) -> FraudOptions {
        let Self { window_s, declines, tries, large, review_from, reject_from } = self.clone();
        FraudOptions { window_ms: window_s * 1_000, declines, tries, large, review_from, reject_from }
    }
}

impl Shipping {
    fn of(rate: &ShippingRate) -> Self {
        let ShippingRate { currency, flat_minor, free_from_minor } = *rate;
        Self { currency, flat_minor, free_from_minor }
    }

    fn rate(&self) -> ShippingRate {
        let Self { currency, flat_minor, free_from_minor } = *self;
        ShippingRate { currency, flat_minor, free_from_minor }
    }
}

impl Trade {
    /// What the engine goes by.
    pub(super) fn options(&self) -> trade::Options {
        let usual = trade::Options::default();
        trade::Options {
            reservation_ttl_ms: self.reservation_ttl_s * 1_000,
            reservation_cap_ms: self.reservation_cap_s * 1_000,
            checkout_ttl_ms: self.checkout_ttl_s * 1_000,
            cart_ttl_ms: self.cart_ttl_days * DAY_MS,
            list_ttl_ms: self.list_ttl_days * DAY_MS,
            return_window_ms: self.return_window_days * DAY_MS,
            claim_window_ms: self.claim_window_days * DAY_MS,
            attempts_per_session_max: self.attempts_per_session_max,
            fraud: self.fraud.options(),
            pricing: pricing::Options { shipping: self.shipping.iter().map(Shipping::rate).collect(), ..usual.pricing },
            payments: payment::Options {
                authorization_ttl_ms: self.authorization_ttl_days * DAY_MS,
                refund_tries_max: self.refund_tries_max,
                ..usual.payments
            },
            awake_max: usual.awake_max,
        }
    }

    /// Checks that the values agree with each other.
    ///
    /// # Errors
    /// The field that does not, and what is wrong with it.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let within = |field, value: i64, most, reason| if (1..=most).contains(&value) { Ok(()) } else { Err((field, reason)) };
        within("trade.checkout_ttl_s", self.checkout_ttl_s, CHECKOUT_TTL_S_MAX, "must be between 1 and 2592000")?;
        within("trade.reservation_ttl_s", self.reservation_ttl_s, self.checkout_ttl_s, "must be between 1 and trade.checkout_ttl_s")?;
        if !(self.reservation_ttl_s..=self.checkout_ttl_s).contains(&self.reservation_cap_s) {
            return Err(("trade.reservation_cap_s", "must be between trade.reservation_ttl_s and trade.checkout_ttl_s"));
        }
        let days = [
            ("trade.cart_ttl_days", self.cart_ttl_days),
            ("trade.list_ttl_days", self.list_ttl_days),
            ("trade.return_window_days", self.return_window_days),
            ("trade.claim_window_days", self.claim_window_days),
            ("trade.authorization_ttl_days", self.authorization_ttl_days),
        ];
        days.into_iter().try_for_each(|(field, days)| within(field, days, DAYS_MAX, "must be between 1 and 3650"))?;
        if !(1..=ATTEMPTS_MAX).contains(&self.attempts_per_session_max) {
            return Err(("trade.attempts_per_session_max", "must be between 1 and 100"));
        }
        if !(1..=REFUND_TRIES_MAX).contains(&self.refund_tries_max) {
            return Err(("trade.refund_tries_max", "must be between 1 and 8"));
        }
        check_amounts("trade.shipping", self.shipping.iter().flat_map(|rate| [rate.flat_minor, rate.free_from_minor]))?;
        check_currencies("trade.shipping", self.shipping.iter().map(|rate| rate.currency))?;
        self.fraud.check()
    }
}

impl Fraud {
    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if !(1..=TRIES_KEPT_MS / 1_000).contains(&self.window_s) {
            return Err(("trade.fraud.window_s", "must be between 1 and 86400"));
        }
        if !(1..=TRIES_MAX).contains(&self.declines) {
            return Err(("trade.fraud.declines", "must be between 1 and 16"));
        }
        if self.tries.is_some_and(|tries| !(1..=TRIES_MAX).contains(&tries)) {
            return Err(("trade.fraud.tries", "must be between 1 and 16"));
        }
        if !(1..=POINTS_MAX).contains(&self.reject_from) {
            return Err(("trade.fraud.reject_from", "must be between 1 and 101"));
        }
        if !(1..=self.reject_from).contains(&self.review_from) {
            return Err(("trade.fraud.review_from", "must be between 1 and trade.fraud.reject_from"));
        }
        check_amounts("trade.fraud.large", self.large.iter().map(|large| large.amount_minor))?;
        check_currencies("trade.fraud.large", self.large.iter().map(|large| large.currency))
    }
}

fn check_amounts(field: &'static str, mut amounts: impl Iterator<Item = i64>) -> Result<(), (&'static str, &'static str)> {
    if amounts.any(|minor| minor < 0) { Err((field, "amounts must not be negative")) } else { Ok(()) }
}

fn check_currencies(field: &'static str, currencies: impl Iterator<Item = Currency>) -> Result<(), (&'static str, &'static str)> {
    let mut known: Vec<Currency> = Vec::new();
    for currency in currencies {
        if known.contains(&currency) || known.len() == CURRENCIES_MAX {
            return Err((field, "must name each currency once, and at most 200"));
        }
        known.push(currency);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Trade {
        toml::from_str(text).expect("has the shape")
    }

    #[test]
    fn what_is_not_set_is_as_the_engine_has_it() {
        assert_eq!((read("").options(), read("").check()), (trade::Options::default(), Ok(())));
    }

    #[test]
    fn what_is_set_reaches_the_engine() {
        let text = "reservation_ttl_s = 60\nreturn_window_days = 14\n[fraud]\ntries = 8\nlarge = [{ amount_minor = 50000, currency = \"EUR\" }]\n\
                    [[shipping]]\ncurrency = \"CHF\"\nflat_minor = 900\nfree_from_minor = 10000";
        let options = read(text).options();
        assert_eq!((options.reservation_ttl_ms, options.return_window_ms), (60_000, 14 * DAY_MS));
        assert_eq!((options.fraud.tries, options.fraud.declines, options.fraud.large.len()), (Some(8), 5, 1));
        assert_eq!(
            options.pricing.shipping.iter().map(|rate| (rate.currency.as_str(), rate.flat_minor)).collect::<Vec<_>>(),
            [("CHF", 900)]
        );
    }

    #[test]
    fn values_that_do_not_go_together_are_named() {
        let check = |text: &str, field: &str| assert_eq!(read(text).check().map_err(|(field, _)| field), Err(field), "{text}");
        check("checkout_ttl_s = 0", "trade.checkout_ttl_s");
        check("reservation_ttl_s = -1", "trade.reservation_ttl_s");
        check("reservation_ttl_s = 3000", "trade.reservation_cap_s");
        check("checkout_ttl_s = 300", "trade.reservation_ttl_s");
        check("cart_ttl_days = 0", "trade.cart_ttl_days");
        check("claim_window_days = 9223372036854775807", "trade.claim_window_days");
        check("attempts_per_session_max = 0", "trade.attempts_per_session_max");
        check("refund_tries_max = 9", "trade.refund_tries_max");
        check("[fraud]\nwindow_s = 86401", "trade.fraud.window_s");
        check("[fraud]\ndeclines = 17", "trade.fraud.declines");
        check("[fraud]\ntries = 0", "trade.fraud.tries");
        check("[fraud]\nreject_from = 102", "trade.fraud.reject_from");
        check("[fraud]\nreview_from = 95", "trade.fraud.review_from");
        check("[fraud]\nlarge = [{ amount_minor = -1, currency = \"EUR\" }]", "trade.fraud.large");
        let rate = "[[shipping]]\ncurrency = \"EUR\"\nflat_minor = 1\nfree_from_minor = 1\n";
        check(&rate.repeat(2), "trade.shipping");
        check(&rate.replace("free_from_minor = 1", "free_from_minor = -1"), "trade.shipping");
    }
}
