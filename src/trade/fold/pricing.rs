//! What events do to price lists, promotions, coupons, gift cards and store credit.

use super::Fault;
use crate::cart::Cart;
use crate::event::trade::PricingEvent;
use crate::order::Checkout;
use crate::trade::state::State;
use std::sync::Arc;

impl State {
    pub(super) fn fold_pricing(&mut self, event: &PricingEvent) -> Result<(), Fault> {
        match event {
            PricingEvent::CartClaimsSet { cart: id, claims } => {
                let cart = self.carts.get(id).ok_or_else(|| Fault::missing("cart", id))?;
                let cart = Cart { claims: Arc::new(claims.clone()), updated_at: self.time, ..Cart::clone(cart) };
                self.put_cart(cart);
                Ok(())
            }
            PricingEvent::CheckoutClaimsSet { checkout, claims, totals } => {
                let session = self.session(checkout)?;
                self.pricing.forget_cover(checkout);
                let (claims, totals) = (Arc::new(claims.clone()), totals.clone());
                self.put_checkout(Checkout { claims, totals, failure: None, updated_at: self.time, ..session });
                Ok(())
            }
            PricingEvent::CoverShown { checkout, .. } if self.checkouts.get(checkout).is_none() => {
                Err(Fault::missing("checkout session", checkout))
            }
            PricingEvent::CoverShown { .. }
            | PricingEvent::TendersHeld { .. }
            | PricingEvent::PriceListPut(_)
            | PricingEvent::PriceListRemoved(_)
            | PricingEvent::PricesSet { .. }
            | PricingEvent::GroupsSet { .. }
            | PricingEvent::BasePricesChanged { .. }
            | PricingEvent::PromotionPut(_)
            | PricingEvent::PromotionRemoved(_)
            | PricingEvent::CouponsPut(_)
            | PricingEvent::CouponRemoved(_)
            | PricingEvent::TaxZonePut(_)
            | PricingEvent::TaxZoneRemoved { .. }
            | PricingEvent::TaxClassSet { .. }
            | PricingEvent::AccountOpened { .. }
            | PricingEvent::AccountFunded { .. }
            | PricingEvent::AccountBlocked { .. }
            | PricingEvent::TenderGivenBack { .. } => {
                let fits = self.pricing.apply(event, self.time);
                if fits { Ok(()) } else { Err(Fault::missing("subject", format!("of {}", super::name_of(event)))) }
            }
        }
    }
}
