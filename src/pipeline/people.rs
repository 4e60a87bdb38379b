//! Where texts that say who somebody is are sealed on their way in and opened on their way out.
//!
//! In between, in commands, events, state, checkpoints, outboxes and the feed, they are sealed, and so are the tokens that providers pay for. Sealing happens before a command is queued,
//! on the thread of whoever asks: the writer decides over sealed texts, so what it writes and keeps is the same with the keys and without
//! them.

use super::key_ring::{KeyError, KeyRing};
use crate::cart::Cart;
use crate::event::sealed::{self, KeyNumber, Personal, Sealed, TextDigest};
use crate::event::trade::{Address, Buyer, normal_email, normal_street};
use crate::event::{Entry, TradeEvent};
use crate::id::{OrderId, ShopperId};
use crate::order::{Checkout, Order, check_address, check_buyer, check_text};
use crate::trade::{Action, AfterSaleAction, CartAction, PricingAction, Rejection, State};
use std::path::Path;
use std::sync::Arc;

/// What stands where a text was whose key is gone.
pub const ERASED: &str = "[erased]";
/// The field of a provider's token for an instrument.
const TOKEN: &str = "token";

/// Why a command cannot be taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum SealError {
    /// A text that cannot be kept.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// There are no keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// Seals and opens; shared by everybody who does either.
#[derive(Debug)]
pub struct People {
    ring: KeyRing,
}

/// Something personal in a command, and whom it is about.
struct Dossier<'a> {
    buyer: Option<&'a mut Buyer>,
    address: Option<&'a mut Address>,
    /// What somebody says in their own words, and what a provider knows their ways to pay by; by the names of their fields.
    words: Vec<(&'static str, &'a mut String)>,
    /// The keys of what is known of the same person already.
    known: Vec<KeyNumber>,
    shopper: Option<ShopperId>,
}

impl Dossier<'_> {
    fn visit(&mut self, visit: &mut dyn FnMut(&'static str, &mut String)) {
        self.buyer.iter_mut().for_each(|buyer| buyer.personal(visit));
        self.address.iter_mut().for_each(|address| address.personal(visit));
        self.words.iter_mut().filter(|(_, text)| !text.trim().is_empty()).for_each(|(field, text)| visit(field, text));
    }

    /// What the two texts are recognised by that say who somebody is to whoever counts: e-mail address and street.
    fn digests(&self, ring: &KeyRing) -> [(&'static str, Option<TextDigest>); 2] {
        let email = self.buyer.as_deref().and_then(|buyer| buyer.email.as_deref());
        let email = email.filter(|email| !sealed::is_marked(email)).map(|email| ring.digest("email", &normal_email(email)));
        let address = self.address.as_deref().filter(|address| !sealed::is_marked(&address.street));
        let street = address.map(|address| ring.digest("street", &normal_street(address)));
        [("buyer.email", email), ("address.street", street)]
    }
}

impl People {
    /// Opens the keys in `folder`, and makes a master key when there is none.
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub fn open(folder: &Path) -> Result<Self, KeyError> {
        KeyRing::open(folder).map(|ring| Self { ring })
    }

    /// Makes the first keys, where there are none.
    ///
    /// # Errors
    /// When they cannot be made.
    pub(super) fn begin(&self) -> Result<(), KeyError> {
        self.ring.take().map(drop)
    }

    /// Seals what a command says of people. What is sealed already is left as it is, if it was sealed here.
    ///
    /// # Errors
    /// When a text cannot be kept, or there are no keys.
    pub(super) fn seal(&self, action: &mut Action, state: &State) -> Result<(), SealError> {
        check_tokens(action)?;
        let Some(mut dossier) = dossier(action, state) else { return Ok(()) };
        dossier.buyer.as_deref().map_or(Ok(()), check_buyer).map_err(Rejection::from)?;
        dossier.address.as_deref().map_or(Ok(()), check_address).map_err(Rejection::from)?;
        dossier.words.iter().try_for_each(|(field, text)| check_text(field, text)).map_err(Rejection::from)?;
        let (mut foreign, mut is_clear) = (None, false);
        let mut own = Vec::new();
        dossier.visit(&mut |field, text| match sealed::parts_of(text) {
            None if !sealed::is_marked(text) => is_clear = true,
            Some(sealed) if self.is_ours(field, &sealed) => own.push(sealed.key),
            Some(_) | None => foreign = Some(field),
        });
        if let Some(field) = foreign {
            return Err(Rejection::Invalid { field: field.to_owned(), reason: "must not contain control characters".to_owned() }.into());
        }
        if !is_clear {
            return Ok(());
        }
        let of_shopper = dossier.shopper.as_ref().map(|shopper| state.keys_of(shopper)).unwrap_or_default();
        let candidates = of_shopper.iter().rev().chain(&own).chain(&dossier.known);
        let known = candidates.copied().find_map(|number| self.ring.key(number).map(|key| (number, key)));
        let (number, key) = match known {
            Some(known) => known,
            None => {
                let number = self.ring.take()?;
                let gone = || KeyError::Master { path: "data/keys".into(), reason: "a new key cannot be read back" };
                (number, self.ring.key(number).ok_or_else(gone)?)
            }
        };
        let digests = dossier.digests(&self.ring);
        dossier.visit(&mut |field, text| {
            if !sealed::is_marked(text) {
                let digest = digests.iter().find(|(known, _)| *known == field).and_then(|(_, digest)| *digest);
                *text = sealed::text_of(number, &key.seal(&about(field, digest), text.as_bytes()), digest);
            }
        });
        Ok(())
    }

    /// Whether a sealed text was sealed here: it opens, or its key was destroyed.
    fn is_ours(&self, field: &'static str, sealed: &Sealed) -> bool {
        // Of a number that is yet to be given out nobody may make use: its key would be that of somebody else.
        self.ring.is_made(sealed.key)
            && self.ring.key(sealed.key).is_none_or(|key| key.open(&about(field, sealed.digest), &sealed.bytes).is_some())
    }

    /// The text of a field; none when it was erased.
    #[must_use]
    pub fn opened(&self, field: &str, text: &str) -> Option<String> {
        match sealed::parts_of(text) {
            None => Some(text.to_owned()),
            Some(sealed) => String::from_utf8(self.ring.key(sealed.key)?.open(&about(field, sealed.digest), &sealed.bytes)?).ok(),
        }
    }

    /// A provider's token as the provider knows it; empty when whoever it was of is forgotten.
    #[must_use]
    pub(super) fn token(&self, token: &str) -> String {
        self.opened(TOKEN, token).unwrap_or_default()
    }

    fn is_erased(&self, of: &impl Personal) -> bool {
        of.keys().iter().any(|number| self.ring.key(*number).is_none())
    }

    /// Who buys, as people read it. Of one who was erased nothing is left, not even the shop's name for them.
    #[must_use]
    pub fn buyer(&self, buyer: &Buyer) -> Buyer {
        if self.is_erased(buyer) {
            return Buyer::default();
        }
        let mut buyer = buyer.clone();
        buyer.personal(&mut |field, text| *text = self.opened(field, text).unwrap_or_else(|| ERASED.to_owned()));
        buyer
    }

    /// Where the goods go, as people read it.
    #[must_use]
    pub fn address(&self, address: &Address) -> Address {
        let mut address = address.clone();
        address.personal(&mut |field, text| *text = self.opened(field, text).unwrap_or_else(|| ERASED.to_owned()));
        address
    }

    /// A cart, as people read it.
    #[must_use]
    pub fn cart(&self, cart: &Cart) -> Cart {
        Cart { buyer: Arc::new(self.buyer(&cart.buyer)), ..cart.clone() }
    }

    /// A checkout session, as people read it.
    #[must_use]
    pub fn session(&self, session: &Checkout) -> Checkout {
        let address = session.address.as_deref().map(|address| Arc::new(self.address(address)));
        Checkout { buyer: Arc::new(self.buyer(&session.buyer)), address, ..session.clone() }
    }

    /// An order, as people read it.
    #[must_use]
    pub fn order(&self, order: &Order) -> Order {
        let is_erased = self.is_erased(&*order.buyer) || self.is_erased(&*order.address);
        let buyer = if is_erased { Buyer::default() } else { self.buyer(&order.buyer) };
        let mut order = Order { buyer: Arc::new(buyer), address: Arc::new(self.address(&order.address)), ..order.clone() };
        if let Some(original) = order.after_sale.original.as_mut().map(Arc::make_mut) {
            original.address = Arc::new(self.address(&original.address));
        }
        order
    }

    /// Destroys the keys of those whom durable entries forget, before any checkpoint and any answer can tell of it. False when one cannot be
    /// destroyed: the writer has to stop then, and the next start tries again before anything else.
    pub(super) fn forget_in(&self, entries: &[Entry<TradeEvent>]) -> bool {
        let keys: Vec<KeyNumber> = entries.iter().flat_map(|entry| erased(&entry.events)).collect();
        let forgotten = self.forget(&keys);
        if let Err(error) = &forgotten {
            tracing::error!(%error, "the keys of somebody who is to be forgotten cannot be destroyed; no more writes are taken");
            metrics::gauge!("shopkeeper_journal_stopped", "stream" => "trade").set(1.0);
        }
        forgotten.is_ok()
    }

    /// Destroys keys, on disk before this returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn forget(&self, keys: &[KeyNumber]) -> Result<(), KeyError> {
        self.ring.destroy(keys)
    }
}

/// The keys that these events destroy.
pub(super) fn erased(events: &[TradeEvent]) -> impl Iterator<Item = KeyNumber> + '_ {
    let keys = |event: &TradeEvent| if let TradeEvent::Shopper(event) = event { event.destroyed().to_vec() } else { Vec::new() };
    events.iter().flat_map(keys)
}

/// What a text is sealed together with: the last part of its field's path, so that it opens wherever the same thing is shown, and its digest,
/// so that it cannot be passed off as somebody else's.
fn about(field: &str, digest: Option<TextDigest>) -> Vec<u8> {
    let field = field.rsplit('.').next().unwrap_or(field).as_bytes();
    digest.map_or_else(|| field.to_vec(), |digest| [field, b"\0", &digest.0].concat())
}

/// Checks tokens by the place where they stand: once sealed they are taken as they are.
fn check_tokens(action: &Action) -> Result<(), Rejection> {
    match action {
        Action::OnlyIf { action, .. } => check_tokens(action),
        Action::CompleteCheckout { token, parts, .. } => {
            check_text("payment.token", token)?;
            let mut parts = parts.iter().enumerate();
            parts.try_for_each(|(place, part)| Ok(check_text(&format!("payment.parts[{place}].token"), &part.token)?))
        }
        Action::AfterSale(AfterSaleAction::PayBalance { token, .. }) => Ok(check_text("token", token)?),
        _ => Ok(()),
    }
}

/// What a command says of people; none when it says nothing.
fn dossier<'a>(action: &'a mut Action, state: &State) -> Option<Dossier<'a>> {
    match action {
        Action::OnlyIf { action, .. } | Action::Pricing(PricingAction::Claiming { action, .. }) => dossier(action, state),
        Action::OpenCart { buyer, .. } => Some(of_buyer(buyer, None, Vec::new())),
        Action::SetCartLines { cart, buyer: Some(buyer), .. } => {
            let known = state.cart(cart).map(|cart| cart.buyer.keys()).unwrap_or_default();
            Some(of_buyer(buyer, None, known))
        }
        Action::OpenCheckout { buyer, address, cart, .. } => {
            let known = cart.as_ref().and_then(|cart| state.cart(cart)).map(|cart| cart.buyer.keys()).unwrap_or_default();
            Some(of_buyer(buyer, address.as_mut(), known))
        }
        Action::UpdateCheckout { checkout, buyer, address, .. } => {
            let session = state.checkout(checkout);
            let known = session.map(|session| keys_of(&session.buyer, session.address.as_deref())).unwrap_or_default();
            Some(of_buyer(buyer, address.as_mut(), known))
        }
        Action::Cart(CartAction::SetOneClick { shopper, profile }) => {
            let mut dossier = of_buyer(&mut profile.buyer, Some(&mut profile.address), Vec::new());
            dossier.shopper = Some(shopper.clone());
            dossier.words.push((TOKEN, &mut profile.token));
            Some(dossier)
        }
        Action::CompleteCheckout { checkout, token, parts, .. } => {
            let session = &state.checkout(checkout)?;
            let known = keys_of(&session.buyer, session.address.as_deref());
            let tokens = std::iter::once(token).chain(parts.iter_mut().map(|part| &mut part.token));
            let words = tokens.map(|token| (TOKEN, token)).collect();
            Some(Dossier { buyer: None, address: None, words, known, shopper: session.buyer.shopper.clone() })
        }
        Action::AfterSale(AfterSaleAction::EditOrder { order, change, .. }) => of_order(state, order, change.address.as_mut(), None),
        Action::AfterSale(AfterSaleAction::RequestReturn { order, note, .. }) => of_order(state, order, None, Some(("note", note))),
        Action::AfterSale(AfterSaleAction::PayBalance { order, token, .. }) => of_order(state, order, None, Some((TOKEN, token))),
        _ => None,
    }
}

fn keys_of(buyer: &Buyer, address: Option<&Address>) -> Vec<KeyNumber> {
    let mut keys = buyer.keys();
    keys.extend(address.map(Personal::keys).unwrap_or_default());
    keys
}

fn of_buyer<'a>(buyer: &'a mut Buyer, address: Option<&'a mut Address>, known: Vec<KeyNumber>) -> Dossier<'a> {
    let shopper = buyer.shopper.clone();
    Dossier { buyer: Some(buyer), address, words: Vec::new(), known, shopper }
}

/// Something said about an order: sealed as the order itself is.
fn of_order<'a>(
    state: &State,
    order: &OrderId,
    address: Option<&'a mut Address>,
    words: Option<(&'static str, &'a mut String)>,
) -> Option<Dossier<'a>> {
    let order = &state.order(order)?;
    let known = keys_of(&order.buyer, Some(&order.address));
    Some(Dossier { buyer: None, address, words: words.into_iter().collect(), known, shopper: order.buyer.shopper.clone() })
}
