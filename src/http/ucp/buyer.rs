//! Who buys, as UCP clients say it, and what that makes of what is known already.

use super::party::Party;
use crate::event::trade::{Buyer, Consent};
use crate::id::{SessionId, ShopperId};
use serde::Deserialize;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BuyerBody {
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    phone_number: Option<String>,
    consent: Option<ConsentBody>,
    /// Extension: the known person, so that an order is credited to what they looked at.
    shopper_id: Option<ShopperId>,
    /// Extension: the visit.
    session_id: Option<SessionId>,
}

/// What the buyer allows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ConsentBody {
    analytics: Option<bool>,
    preferences: Option<bool>,
    marketing: Option<bool>,
    sale_of_data: Option<bool>,
}

impl From<ConsentBody> for Consent {
    fn from(ConsentBody { analytics, preferences, marketing, sale_of_data }: ConsentBody) -> Self {
        Self { analytics, preferences, marketing, sale_of_data }
    }
}

impl BuyerBody {
    /// In the words of the trade engine; what is not said stays as it was.
    pub(super) fn over(self, before: &Buyer, party: &Party) -> Buyer {
        let parts = [self.first_name.as_deref(), self.last_name.as_deref()];
        let name = parts.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        Buyer {
            shopper: self.shopper_id.or_else(|| before.shopper.clone()),
            session: self.session_id.or_else(|| before.session.clone()),
            email: self.email.or_else(|| before.email.clone()),
            name: Some(name).filter(|name| !name.is_empty()).or_else(|| before.name.clone()),
            phone: self.phone_number.or_else(|| before.phone.clone()),
            consent: self.consent.map(Consent::from).or(before.consent),
            agent: party.profile().map(str::to_owned).or_else(|| before.agent.clone()),
        }
    }

    /// The same, but what is known stays: a session over a cart goes on with what the cart says, whatever else is said beside it.
    pub(super) fn under(self, known: &Buyer, party: &Party) -> Buyer {
        let said = self.over(&Buyer::default(), party);
        Buyer {
            shopper: known.shopper.clone().or(said.shopper),
            session: known.session.clone().or(said.session),
            email: known.email.clone().or(said.email),
            name: known.name.clone().or(said.name),
            phone: known.phone.clone().or(said.phone),
            consent: known.consent.or(said.consent),
            agent: said.agent.or_else(|| known.agent.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_about_a_buyer_stays() {
        let before = Buyer { email: Some("a@b.c".to_owned()), name: Some("Ada".to_owned()), ..Buyer::default() };
        let body = BuyerBody { first_name: Some("Bea".to_owned()), last_name: Some("Cole".to_owned()), ..BuyerBody::default() };
        let after = body.clone().over(&before, &Party::own());
        assert_eq!((after.email.as_deref(), after.name.as_deref()), (Some("a@b.c"), Some("Bea Cole")));
        let kept = BuyerBody { phone_number: Some("+1".to_owned()), ..body }.under(&before, &Party::own());
        assert_eq!((kept.name.as_deref(), kept.phone.as_deref()), (Some("Ada"), Some("+1")), "what is known stays, what is missing comes");
    }
}
