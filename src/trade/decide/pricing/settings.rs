//! What the house sets: price lists, customer groups, promotions, coupons, taxes.

use crate::event::TradeEvent;
use crate::event::trade::PricingEvent;
use crate::event::trade::pricing::{BasePrice, Coupon, ListPrice, PriceList, Promotion, TaxZone};
use crate::id::{CustomerGroupId, PriceListId, PromotionId, ShopperId, Sku};
use crate::order::check_text;
use crate::pricing::{
    CLASSES_MAX, CheckError, LISTS_MAX, PRICES_MAX, PriceBook, ZONES_MAX, check_coupon, check_list, check_prices, check_promotion,
    check_tax_class, check_zone,
};
use crate::trade::command::{PricingAction, Rejection};
use crate::trade::state::State;

/// Most promotions: every one is looked at for every basket.
const PROMOTIONS_MAX: usize = 1_000;
/// Most coupons: a few hundred MB.
const COUPONS_MAX: usize = 2_000_000;
/// Most groups of one shopper.
const GROUPS_MAX: usize = 16;
/// Most changes of base prices in one command.
const CHANGES_MAX: usize = 10_000;

impl From<CheckError> for Rejection {
    fn from(error: CheckError) -> Self {
        Self::invalid(error.field, error.reason)
    }
}

pub(super) fn decide(state: &State, action: &PricingAction) -> Result<Vec<TradeEvent>, Rejection> {
    let book = state.pricing();
    let event = match action {
        PricingAction::PutPriceList(list) => put_list(book, list)?,
        PricingAction::RemovePriceList(id) => {
            book.list(id).ok_or_else(|| Rejection::unknown("price list", id))?;
            Some(PricingEvent::PriceListRemoved(id.clone()))
        }
        PricingAction::SetPrices { list, prices } => set_prices(book, list, prices)?,
        PricingAction::SetGroups { shopper, groups } => set_groups(shopper, groups)?,
        PricingAction::NoteBasePrices { changes } => note_base_prices(changes)?,
        PricingAction::PutPromotion(promotion) => put_promotion(book, promotion)?,
        PricingAction::RemovePromotion(id) => {
            book.promotion(id).ok_or_else(|| Rejection::unknown("promotion", id))?;
            Some(PricingEvent::PromotionRemoved(id.clone()))
        }
        PricingAction::PutCoupons { promotion, coupons } => put_coupons(book, promotion, coupons)?,
        PricingAction::RemoveCoupon(code) => {
            book.coupon(code).ok_or_else(|| Rejection::unknown("coupon", code))?;
            Some(PricingEvent::CouponRemoved(code.clone()))
        }
        PricingAction::PutTaxZone(zone) => put_zone(book, zone)?,
        PricingAction::RemoveTaxZone { country } => {
            book.tax_zones().find(|zone| zone.country == *country).ok_or_else(|| Rejection::unknown("tax table", country))?;
            Some(PricingEvent::TaxZoneRemoved { country: country.clone() })
        }
        PricingAction::SetTaxClass { class, skus } => set_tax_class(book, class, skus)?,
        PricingAction::SetCartClaims { .. }
        | PricingAction::SetCheckoutClaims { .. }
        | PricingAction::Claiming { .. }
        | PricingAction::OpenAccount { .. }
        | PricingAction::FundAccount { .. }
        | PricingAction::BlockAccount { .. } => None,
    };
    Ok(event.map(TradeEvent::Pricing).into_iter().collect())
}

type Decided = Result<Option<PricingEvent>, Rejection>;

fn put_list(book: &PriceBook, list: &PriceList) -> Decided {
    check_list(list)?;
    list.currency.check_known().map_err(|error| Rejection::invalid("currency", error))?;
    check_text("title", &list.title)?;
    match book.list(&list.id) {
        Some(known) if known.list == *list => return Ok(None),
        Some(known) if known.list.currency != list.currency && known.prices_count() > 0 => {
            return Err(Rejection::invalid("currency", format!("must stay {} while the list has prices", known.list.currency)));
        }
        None if book.lists().count() >= LISTS_MAX => {
            return Err(Rejection::invalid("id", format!("there are {LISTS_MAX} price lists already")));
        }
        Some(_) | None => {}
    }
    Ok(Some(PricingEvent::PriceListPut(list.clone())))
}

fn set_prices(book: &PriceBook, list: &PriceListId, prices: &[ListPrice]) -> Decided {
    book.list(list).ok_or_else(|| Rejection::unknown("price list", list))?;
    check_prices(prices)?;
    let count: usize = book.lists().map(|list| list.prices_count()).sum();
    if count + prices.len() > PRICES_MAX {
        return Err(Rejection::invalid("prices", format!("there are {count} prices already, of at most {PRICES_MAX}")));
    }
    Ok((!prices.is_empty()).then(|| PricingEvent::PricesSet { list: list.clone(), prices: prices.to_vec() }))
}

fn set_groups(shopper: &ShopperId, groups: &[CustomerGroupId]) -> Decided {
    if groups.len() > GROUPS_MAX || !groups.is_sorted_by(|left, right| left < right) {
        return Err(Rejection::invalid("groups", format!("must be at most {GROUPS_MAX} different ones, in order")));
    }
    Ok(Some(PricingEvent::GroupsSet { shopper: shopper.clone(), groups: groups.to_vec() }))
}

fn note_base_prices(changes: &[BasePrice]) -> Decided {
    if changes.len() > CHANGES_MAX {
        return Err(Rejection::invalid("changes", format!("must not be more than {CHANGES_MAX}")));
    }
    let changes: Vec<BasePrice> = changes.iter().filter(|change| change.before != change.after).cloned().collect();
    Ok((!changes.is_empty()).then_some(PricingEvent::BasePricesChanged { changes }))
}

fn put_promotion(book: &PriceBook, promotion: &Promotion) -> Decided {
    check_promotion(promotion)?;
    promotion.currency.map_or(Ok(()), |currency| currency.check_known()).map_err(|error| Rejection::invalid("currency", error))?;
    check_text("title", &promotion.title)?;
    match book.promotion(&promotion.id) {
        Some(known) if **known == *promotion => return Ok(None),
        Some(known) if known.limits.budget_minor.is_some() && known.currency != promotion.currency => {
            return Err(Rejection::invalid("currency", "must stay while there is a budget"));
        }
        None if book.promotions().count() >= PROMOTIONS_MAX => {
            return Err(Rejection::invalid("id", format!("there are {PROMOTIONS_MAX} promotions already")));
        }
        Some(_) | None => {}
    }
    Ok(Some(PricingEvent::PromotionPut(promotion.clone())))
}

fn put_coupons(book: &PriceBook, promotion: &PromotionId, coupons: &[Coupon]) -> Decided {
    book.promotion(promotion).ok_or_else(|| Rejection::unknown("promotion", promotion))?;
    for (index, coupon) in coupons.iter().enumerate() {
        check_coupon(index, coupon)?;
        check_text("code", coupon.code.as_str())?;
        let owner = book.coupon(&coupon.code).map_or(&coupon.promotion, |known| &known.promotion);
        if coupon.promotion != *promotion || owner != promotion {
            return Err(Rejection::exists("coupon", &coupon.code));
        }
    }
    if book.coupons_count() + coupons.len() > COUPONS_MAX {
        return Err(Rejection::invalid("coupons", format!("there may be {COUPONS_MAX} at most")));
    }
    Ok((!coupons.is_empty()).then(|| PricingEvent::CouponsPut(coupons.to_vec())))
}

fn put_zone(book: &PriceBook, zone: &TaxZone) -> Decided {
    check_zone(zone)?;
    if book.tax_zones().count() >= ZONES_MAX && book.tax_zones().all(|known| known.country != zone.country) {
        return Err(Rejection::invalid("country", format!("there are {ZONES_MAX} tax tables already")));
    }
    let is_known = book.tax_zones().any(|known| **known == *zone);
    Ok((!is_known).then(|| PricingEvent::TaxZonePut(zone.clone())))
}

fn set_tax_class(book: &PriceBook, class: &str, skus: &[Sku]) -> Decided {
    check_tax_class(class, skus)?;
    check_text("class", class)?;
    if book.tax_classes_count() + skus.len() > CLASSES_MAX {
        return Err(Rejection::invalid("skus", format!("at most {CLASSES_MAX} may have a class of their own")));
    }
    Ok((!skus.is_empty()).then(|| PricingEvent::TaxClassSet { class: class.to_owned(), skus: skus.to_vec() }))
}
