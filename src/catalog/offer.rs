//! What a variant costs, where and in which currency.

use super::ProductError;
use crate::id::MarketplaceId;
use crate::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The highest price, in minor units: ten billion of a currency with two digits. A line of a hundred thousand of them still fits a total.
pub const PRICE_MINOR_MAX: i64 = 1_000_000_000_000;

/// Price and terms of a variant in one marketplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Where it is offered; none means everywhere that has no offer of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketplace: Option<MarketplaceId>,
    /// What one unit costs.
    pub price: Money,
    /// What it cost before, when it is reduced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_price: Option<Money>,
}

impl Offer {
    /// The offer that holds in `marketplace`: its own, else the general one.
    #[must_use]
    pub fn choose<'a>(offers: &'a [Self], marketplace: Option<&MarketplaceId>) -> Option<&'a Self> {
        let own = offers.iter().find(|offer| marketplace.is_some() && offer.marketplace.as_ref() == marketplace);
        own.or_else(|| offers.iter().find(|offer| offer.marketplace.is_none()))
    }

    /// The offer that holds in `marketplace` for who pays in `currency`: one in that currency, its own before the general one, or else the one that
    /// holds for everybody.
    #[must_use]
    pub fn choose_in<'a>(offers: &'a [Self], marketplace: Option<&MarketplaceId>, currency: Option<Currency>) -> Option<&'a Self> {
        let fits = |offer: &&Self| currency.is_some_and(|currency| offer.price.currency == currency);
        let own = offers.iter().filter(|offer| marketplace.is_some() && offer.marketplace.as_ref() == marketplace);
        let general = offers.iter().filter(|offer| offer.marketplace.is_none());
        own.chain(general).find(fits).or_else(|| Self::choose(offers, marketplace))
    }
}

/// Checks the offers of one variant.
///
/// # Errors
/// The first field at fault, as in `offers[1].price`.
pub(super) fn check(offers: &[Offer]) -> Result<(), ProductError> {
    let mut first: BTreeMap<(Option<&MarketplaceId>, Currency), &Offer> = BTreeMap::new();
    for (place, offer) in offers.iter().enumerate() {
        let wrong = |name: &str, reason: String| ProductError::new(format!("offers[{place}]{name}"), reason);
        check_price(offer.price).map_err(|reason| wrong(".price", reason))?;
        if let Some(list_price) = offer.list_price {
            check_price(list_price).map_err(|reason| wrong(".list_price", reason))?;
            // They are shown beside each other.
            if list_price.currency != offer.price.currency {
                return Err(wrong(".list_price.currency", format!("must be {}, as that of the price", offer.price.currency)));
            }
        }
        if **first.entry((offer.marketplace.as_ref(), offer.price.currency)).or_insert(offer) != *offer {
            let whose = offer.marketplace.as_ref().map_or_else(|| "in general".to_owned(), |marketplace| format!("in {marketplace}"));
            return Err(wrong("", format!("contradicts the offer before it: one price in {} {whose}", offer.price.currency)));
        }
    }
    Ok(())
}

fn check_price(price: Money) -> Result<(), String> {
    price.currency.check_known().map_err(|error| format!("{}: {error}", price.currency))?;
    match price.amount_minor {
        ..0 => Err("must not be negative".to_owned()),
        0..=PRICE_MINOR_MAX => Ok(()),
        _ => Err(format!("must be at most {PRICE_MINOR_MAX} minor units")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(amount_minor: i64, currency: Currency, marketplace: Option<&str>) -> Offer {
        let marketplace = marketplace.map(|name| MarketplaceId::new(name).expect("a name"));
        Offer { marketplace, price: Money::new(amount_minor, currency), list_price: None }
    }

    fn with_list(list_price: Money) -> Offer {
        Offer { list_price: Some(list_price), ..offer(500, Currency::EUR, None) }
    }

    #[test]
    fn prices_that_are_none_or_contradict_each_other_are_refused_by_name() {
        let refused = |offers: &[Offer]| check(offers).err().map(|error| error.field);
        let check = |offers: &[Offer], field: &str| assert_eq!(refused(offers).as_deref(), Some(field), "{offers:?}");
        let unknown = Currency::new("ABC").expect("letters");
        check(&[offer(-1, Currency::EUR, None)], "offers[0].price");
        check(&[offer(i64::MAX, Currency::EUR, None)], "offers[0].price");
        check(&[offer(1, unknown, None)], "offers[0].price");
        check(&[with_list(Money::new(-1, Currency::EUR))], "offers[0].list_price");
        check(&[with_list(Money::new(900, Currency::USD))], "offers[0].list_price.currency");
        check(&[offer(1, Currency::EUR, None), offer(2, Currency::EUR, None)], "offers[1]");
        check(&[offer(1, Currency::EUR, Some("de")), offer(1, Currency::EUR, None), offer(2, Currency::EUR, Some("de"))], "offers[2]");
        check(&[offer(500, Currency::EUR, None), with_list(Money::new(900, Currency::EUR))], "offers[1]");
        for fine in [
            vec![offer(1, Currency::EUR, None), offer(2, Currency::USD, None), offer(3, Currency::EUR, Some("de"))],
            vec![offer(1, Currency::EUR, None), offer(1, Currency::EUR, None)],
            vec![with_list(Money::new(900, Currency::EUR))],
            Vec::new(),
        ] {
            assert_eq!(refused(&fine), None, "{fine:?}");
        }
    }
}
