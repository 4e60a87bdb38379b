//! Whether a purchase looks like fraud: points for what is unusual, added up in the open, against thresholds of the shop.
//!
//! The rules are few and plain on purpose: each has a name that stands in the verdict, and a service outside may decide otherwise. They see
//! what the shop knows of the last hours and nothing else.

use crate::event::sealed::is_marked;
use crate::event::trade::{Address, Buyer, Decision, Verdict};
use crate::money::Money;

/// Who decides when no service outside has.
pub const BY_RULES: &str = "rules";
/// A purchase that is as suspect as can be.
const SCORE_MAX: u32 = 100;

/// When a purchase is looked at, and when it is refused. Points add up to at most 100.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FraudOptions {
    /// How far back tries and declines are counted; at most a day.
    pub window_ms: i64,
    /// Declined payments of one name within the window from which on there are points.
    pub declines: usize,
    /// Payments asked for by one name within the window from which on there are points; none never gives any, as in a shop where one company
    /// buys all day.
    pub tries: Option<usize>,
    /// Totals in minor units from which on there are points, one for each currency that has any.
    pub large: Vec<Money>,
    /// Points from which on an order waits for a person.
    pub review_from: u32,
    /// Points from which on a purchase is refused.
    pub reject_from: u32,
}

impl Default for FraudOptions {
    fn default() -> Self {
        Self { window_ms: 60 * 60 * 1_000, declines: 5, tries: None, large: Vec::new(), review_from: 50, reject_from: 90 }
    }
}

/// What is known about a purchase.
#[derive(Debug, Clone, Copy)]
pub struct Suspicion<'a> {
    /// Who buys.
    pub buyer: &'a Buyer,
    /// Where the goods go.
    pub address: Option<&'a Address>,
    /// What is to be paid.
    pub total: Money,
    /// Payments that the busiest of the buyer's names asked for within the window.
    pub tried: usize,
    /// Those that were declined.
    pub declined: usize,
}

/// Points for each rule, and what follows from their sum.
#[must_use]
pub fn judge(suspicion: &Suspicion<'_>, options: &FraudOptions) -> Verdict {
    let Suspicion { buyer, address, total, tried, declined } = suspicion;
    let is_large = options.large.iter().any(|large| large.currency == total.currency && total.amount_minor >= large.amount_minor);
    let rules = [
        ("many_declined_payments", 50, *declined >= options.declines),
        ("very_many_declined_payments", 50, *declined >= options.declines.saturating_mul(2)),
        ("many_payments", 30, options.tries.is_some_and(|tries| *tried >= tries)),
        ("very_many_payments", 30, options.tries.is_some_and(|tries| *tried >= tries.saturating_mul(2))),
        ("large_total", 30, is_large),
        ("large_total_of_a_guest", 10, is_large && buyer.shopper.is_none()),
        ("another_name_at_the_address", 15, is_large && is_another_name(buyer, *address)),
        ("another_country_in_the_email", 15, is_large && is_another_country(buyer, *address)),
    ];
    let found: Vec<(&str, u32)> = rules.into_iter().filter(|(_, _, holds)| *holds).map(|(name, points, _)| (name, points)).collect();
    let score = found.iter().map(|(_, points)| points).sum::<u32>().min(SCORE_MAX);
    let decision = match score {
        score if score >= options.reject_from => Decision::Reject,
        score if score >= options.review_from => Decision::Review,
        _ => Decision::Accept,
    };
    Verdict { decision, score, reasons: found.into_iter().map(|(name, _)| name.to_owned()).collect(), by: BY_RULES.to_owned() }
}

/// No word of the buyer's name stands in the address.
fn is_another_name(buyer: &Buyer, address: Option<&Address>) -> bool {
    let words = |text: &str| text.to_lowercase().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (Some(name), Some(address)) = (&buyer.name, address) else { return false };
    if is_marked(name) || is_marked(&address.name) {
        return false;
    }
    let known = words(&address.name);
    !known.is_empty() && !words(name).iter().any(|word| known.contains(word))
}

/// The e-mail ends in the two letters of another country.
fn is_another_country(buyer: &Buyer, address: Option<&Address>) -> bool {
    let ending =
        buyer.email.as_deref().filter(|email| !is_marked(email)).and_then(|email| email.rsplit_once('.')).map(|(_, ending)| ending);
    let country = address.map(|address| address.country.as_str()).filter(|country| !country.is_empty());
    // The United Kingdom's addresses end in letters that are not its country's.
    let same = |ending: &str, country: &str| ending.eq_ignore_ascii_case(country) || (ending == "uk" && country.eq_ignore_ascii_case("GB"));
    ending.zip(country).is_some_and(|(ending, country)| ending.len() == 2 && !same(ending, country))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn points_add_up_to_a_decision() {
        let options = FraudOptions { tries: Some(10), large: vec![Money::new(100_000, Currency::EUR)], ..FraudOptions::default() };
        let address = Address { name: "Bea Cole".to_owned(), country: "DE".to_owned(), ..Address::default() };
        let buyer = Buyer { name: Some("Ada King".to_owned()), email: Some("ada@example.fr".to_owned()), ..Buyer::default() };
        let check = |total, tried, declined, decision, score| {
            let total = Money::new(total, Currency::EUR);
            let verdict = judge(&Suspicion { buyer: &buyer, address: Some(&address), total, tried, declined }, &options);
            assert_eq!((verdict.decision, verdict.score), (decision, score), "{verdict:?}");
        };
        check(1_000, 1, 0, Decision::Accept, 0);
        check(1_000, 1, 4, Decision::Accept, 0);
        check(1_000, 1, 5, Decision::Review, 50);
        check(1_000, 1, 10, Decision::Reject, 100);
        check(1_000, 10, 0, Decision::Accept, 30);
        check(1_000, 20, 0, Decision::Review, 60);
        check(100_000, 1, 0, Decision::Review, 70);
        check(100_000, 20, 0, Decision::Reject, 100);
    }

    #[test]
    fn names_and_countries_are_compared_as_people_write_them() {
        let address = Address { name: "Dr. Ada KING".to_owned(), country: "GB".to_owned(), ..Address::default() };
        let buyer = |name: &str, email: &str| Buyer { name: Some(name.to_owned()), email: Some(email.to_owned()), ..Buyer::default() };
        assert!(!is_another_name(&buyer("ada king", ""), Some(&address)));
        assert!(is_another_name(&buyer("Bea Cole", ""), Some(&address)));
        assert!(!is_another_country(&buyer("", "ada@example.co.uk"), Some(&address)));
        assert!(!is_another_country(&buyer("", "ada@example.com"), Some(&address)));
        assert!(is_another_country(&buyer("", "ada@example.de"), Some(&address)));
    }
}
