//! Whom a request is about: the names of shopper and visit that come with a request. They are written into the journal with what was asked, so this is the
//! one way in for them.

use super::access::Caller;
use super::error::Problem;
use crate::event::Origin;
use crate::id::{SessionId, ShopperId};
use crate::payment::card_guard;

/// A known person and a visit, if the request names them; neither looks like a card number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Visitor {
    pub(super) shopper: Option<ShopperId>,
    pub(super) session: Option<SessionId>,
}

impl Visitor {
    /// Checks both names.
    ///
    /// # Errors
    /// When one of them looks like a card number, or is not one that the caller may speak for.
    pub(super) fn checked(shopper: Option<ShopperId>, session: Option<SessionId>) -> Result<Self, Problem> {
        refuse_card_number("shopper_id", shopper.as_ref().map(ShopperId::as_str))?;
        refuse_card_number("session_id", session.as_ref().map(SessionId::as_str))?;
        let caller = Caller::current();
        Ok(Self { shopper: caller.shopper_named("shopper_id", shopper)?, session: caller.session_named(session)? })
    }

    /// As events say it.
    pub(super) fn origin(self) -> Origin {
        Origin { shopper: self.shopper, session: self.session, ..Origin::default() }
    }
}

/// Whoever names somebody after a card number would have it written into the journal.
///
/// # Errors
/// When the text holds what looks like one.
pub(super) fn refuse_card_number(field: &'static str, name: Option<&str>) -> Result<(), Problem> {
    card_guard(field, name.unwrap_or_default()).map_err(|_| Problem::invalid(field, "must not contain a card number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_named_after_a_card() {
        let check = |shopper: &str, session: &str, field: Option<&str>| {
            let named = Visitor::checked(shopper.parse().ok(), session.parse().ok());
            assert_eq!(named.err().and_then(|problem| problem.field().map(str::to_owned)).as_deref(), field);
        };
        check("s-1", "v-1", None);
        check("", "", None);
        check("4111111111111111", "v-1", Some("shopper_id"));
        check("s-1", "4111 1111 1111 1111", Some("session_id"));
    }
}
