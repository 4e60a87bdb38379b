//! The names that a buyer is known by, as digests: whatever is counted for one person is counted under these.

use super::parts::{Address, Buyer};
use crate::event::sealed::{TextDigest, digest_of, is_marked};
use crate::stdx::digest::blake3;
use serde::{Deserialize, Serialize};

/// One of the names that a buyer is known by: it can be compared and counted, and not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BuyerKey(u64, u64);

impl BuyerKey {
    fn of(kind: &str, text: &str) -> Self {
        let whole = blake3(&[kind.as_bytes(), b"\0", text.as_bytes()]);
        let mut half = [0; 16];
        half.copy_from_slice(&whole[..16]);
        Self::of_digest(TextDigest(half))
    }

    fn of_digest(digest: TextDigest) -> Self {
        let whole = u128::from_be_bytes(digest.0);
        Self((whole >> 64) as u64, whole as u64)
    }

    /// A text in the clear (of an old journal) by itself, a sealed one by the digest that it carries. One sealed without a digest says nothing:
    /// the same text is sealed differently for each person.
    fn of_text(kind: &str, text: &str, normal: impl FnOnce() -> String) -> Option<Self> {
        match digest_of(text) {
            Some(digest) => Some(Self::of_digest(digest)),
            None => (!is_marked(text) && !text.trim().is_empty()).then(|| Self::of(kind, &normal())),
        }
    }

    /// What one person is known by: as a shopper, and by e-mail address, so that signing out does not make another person.
    #[must_use]
    pub fn of_person(buyer: &Buyer) -> Vec<Self> {
        let shopper = buyer.shopper.as_ref().map(|shopper| Self::of("shopper", shopper.as_str()));
        let email = buyer.email.as_ref().and_then(|email| Self::of_text("email", email, || normal_email(email)));
        shopper.into_iter().chain(email).collect()
    }

    /// What a household is known by: its persons, and where the goods go. Whoever says none of these is known by their visit.
    #[must_use]
    pub fn of_household(buyer: &Buyer, address: Option<&Address>) -> Vec<Self> {
        let street = address.and_then(|address| Self::of_text("street", &address.street, || normal_street(address)));
        let named: Vec<Self> = Self::of_person(buyer).into_iter().chain(street).collect();
        if named.is_empty() {
            return buyer.session.iter().map(|session| Self::of("session", session.as_str())).collect();
        }
        named
    }
}

/// An e-mail address as it is when people spell the same mailbox in two ways: in lower case and without what stands behind a `+`.
#[must_use]
pub fn normal_email(email: &str) -> String {
    let email = email.trim().to_lowercase();
    let Some((name, domain)) = email.rsplit_once('@') else { return email };
    format!("{}@{domain}", name.split_once('+').map_or(name, |(name, _)| name))
}

/// Where a street is, likewise: country, postal code and street in lower case, letters and digits only. The town's name says nothing beside its
/// postal code and is spelled in many ways.
#[must_use]
pub fn normal_street(address: &Address) -> String {
    let plain = |text: &String| text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    [&address.country, &address.postal_code, &address.street].map(plain).join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::sealed::{KeyNumber, text_of};

    fn by_email(email: &str) -> Buyer {
        Buyer { email: Some(email.to_owned()), ..Buyer::default() }
    }

    fn at(street: &str) -> Address {
        Address { street: street.to_owned(), country: "DE".to_owned(), ..Address::default() }
    }

    #[test]
    fn a_buyer_is_the_same_however_they_spell_themselves() {
        let keys = |email: &str| BuyerKey::of_person(&by_email(email));
        assert_eq!(keys("Ada@Example.org"), keys(" ada+shop@example.org"));
        assert_ne!(keys("ada@example.org"), keys("bea@example.org"));
        let keys = |street: &str| BuyerKey::of_household(&Buyer::default(), Some(&at(street)));
        assert_eq!(keys("Main St. 1"), keys("main st 1"));
        assert_ne!(keys("Main St. 1"), keys("Main St. 2"));
    }

    #[test]
    fn sealed_texts_are_compared_by_their_digests_and_without_one_not_at_all() {
        let sealed = |key, digest| text_of(KeyNumber(key), &[7; 40], digest);
        let keys = |text: String| BuyerKey::of_person(&by_email(&text));
        let (one, other) = (Some(TextDigest([1; 16])), Some(TextDigest([2; 16])));
        assert_eq!((keys(sealed(1, one)), keys(sealed(1, one)).len()), (keys(sealed(2, one)), 1));
        assert_ne!(keys(sealed(1, one)), keys(sealed(1, other)));
        assert_eq!(keys(sealed(1, None)), []);
        let visit = Buyer { session: "visit".parse().ok(), ..by_email(&sealed(1, None)) };
        assert_eq!(BuyerKey::of_household(&visit, None).len(), 1, "the visit");
    }
}
