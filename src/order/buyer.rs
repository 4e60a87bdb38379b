//! What buyers may write about themselves: short texts, and never a card number.

use crate::country;
use crate::event::sealed;
use crate::event::trade::{Address, Buyer};
use crate::payment::card_guard;

/// Most bytes in one text of a buyer, address, token or reason.
pub const TEXT_BYTES_MAX: usize = 512;

/// Which field is at fault, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct FieldError {
    /// Path of the field, as in `buyer.email`.
    pub field: String,
    /// What is wrong.
    pub reason: String,
}

impl FieldError {
    fn new(field: &str, reason: impl Into<String>) -> Self {
        Self { field: field.to_owned(), reason: reason.into() }
    }
}

/// Checks a text that comes from outside and is kept.
///
/// # Errors
/// When it is longer than [`TEXT_BYTES_MAX`], holds control characters or what looks like a card number.
pub fn check_text(field: &str, text: &str) -> Result<(), FieldError> {
    // What is sealed was checked before; nobody from outside can make one.
    if sealed::parts_of(text).is_some() {
        return Ok(());
    }
    if text.len() > TEXT_BYTES_MAX {
        return Err(FieldError::new(field, format!("must not be longer than {TEXT_BYTES_MAX} bytes")));
    }
    if text.chars().any(char::is_control) {
        return Err(FieldError::new(field, "must not contain control characters"));
    }
    card_guard(field, text).map_err(|_| FieldError::new(field, "must not contain a card number"))
}

/// Checks who buys.
///
/// # Errors
/// The first field at fault.
pub fn check_buyer(buyer: &Buyer) -> Result<(), FieldError> {
    check_text("buyer.shopper", buyer.shopper.as_ref().map_or("", |shopper| shopper.as_str()))?;
    check_text("buyer.session", buyer.session.as_ref().map_or("", |session| session.as_str()))?;
    check_text("buyer.name", buyer.name.as_deref().unwrap_or_default())?;
    check_text("buyer.phone", buyer.phone.as_deref().unwrap_or_default())?;
    check_text("buyer.agent", buyer.agent.as_deref().unwrap_or_default())?;
    let Some(email) = &buyer.email else { return Ok(()) };
    check_text("buyer.email", email)?;
    let is_address =
        sealed::parts_of(email).is_some() || email.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty());
    if !is_address || email.contains(' ') {
        return Err(FieldError::new("buyer.email", "must be an e-mail address"));
    }
    Ok(())
}

/// Checks where the goods go. Empty texts are fine: they leave the session incomplete.
///
/// # Errors
/// The first field at fault.
pub fn check_address(address: &Address) -> Result<(), FieldError> {
    check_text("address.name", &address.name)?;
    check_text("address.street", &address.street)?;
    check_text("address.city", &address.city)?;
    check_text("address.postal_code", &address.postal_code)?;
    check_text("address.region", &address.region)?;
    if !address.country.is_empty() && !country::is_code(&address.country) {
        return Err(FieldError::new("address.country", "must be a country's two letters, as in ISO 3166"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_at_fault_is_named() {
        let buyer = |change: &dyn Fn(&mut Buyer), field: &str| {
            let mut buyer = Buyer::default();
            change(&mut buyer);
            assert_eq!(check_buyer(&buyer).map_err(|error| error.field), Err(field.to_owned()));
        };
        buyer(&|buyer| buyer.email = Some("ada".to_owned()), "buyer.email");
        buyer(&|buyer| buyer.email = Some("@x".to_owned()), "buyer.email");
        buyer(&|buyer| buyer.email = Some("4111111111111111@example.org".to_owned()), "buyer.email");
        buyer(&|buyer| buyer.name = Some("4111 1111 1111 1111".to_owned()), "buyer.name");
        buyer(&|buyer| buyer.name = Some("x".repeat(TEXT_BYTES_MAX + 1)), "buyer.name");
        let address = |change: &dyn Fn(&mut Address), field: &str| {
            let mut address = Address::default();
            change(&mut address);
            assert_eq!(check_address(&address).map_err(|error| error.field), Err(field.to_owned()));
        };
        address(&|address| address.country = "Germany".to_owned(), "address.country");
        address(&|address| address.country = "XX".to_owned(), "address.country");
        address(&|address| address.street = "a\nb".to_owned(), "address.street");
        address(&|address| address.region = "5555555555554444".to_owned(), "address.region");
        assert_eq!(check_address(&Address::default()), Ok(()));
        assert_eq!(check_buyer(&Buyer { email: Some("ada@example.org".to_owned()), ..Buyer::default() }), Ok(()));
    }
}
