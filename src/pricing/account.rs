//! Gift cards and store credit: accounts of the ledger that pay for orders.
//!
//! The ledger account `credit/<name>` holds what the house owes, so its balance is zero or negative; what was put on all accounts together
//! stands on `credit_issued`. What an attempt holds is no posting: it is over in minutes, and the order's own entry posts it.

use crate::event::trade::Tender;
use crate::event::trade::pricing::AccountKind;
use crate::id::{AccountId, ShopperId};
use crate::money::{Currency, Money};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::Digest;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The ledger account that what is put on gift cards and store credit is taken from.
pub const ISSUED: &str = "credit_issued";

/// The ledger account of a gift card or of store credit.
#[must_use]
pub fn ledger_account(account: &AccountId) -> String {
    format!("credit/{account}")
}

/// A gift card or somebody's store credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name.
    pub id: AccountId,
    /// Whose it is.
    pub kind: AccountKind,
    /// Its currency.
    pub currency: Currency,
    /// What the house put on it, less what it took off, in minor units.
    pub funded_minor: i64,
    /// What it paid for orders that were not canceled, less what went back, in minor units.
    pub spent_minor: i64,
    /// What attempts in progress hold, in minor units.
    pub held_minor: i64,
    /// When it is worth nothing any more.
    pub expires_at: Option<Timestamp>,
    /// Whether it pays nothing for now.
    pub is_blocked: bool,
    /// When it was made.
    pub opened_at: Timestamp,
}

impl Account {
    /// What is on it, in minor units.
    #[must_use]
    pub fn balance_minor(&self) -> i64 {
        self.funded_minor - self.spent_minor
    }

    /// What it can pay in a new attempt, in minor units.
    #[must_use]
    pub fn available_minor(&self, now: Timestamp) -> i64 {
        let is_good = !self.is_blocked && self.expires_at.is_none_or(|expires_at| now < expires_at);
        if is_good { (self.balance_minor() - self.held_minor).max(0) } else { 0 }
    }
}

/// All accounts. Clones are cheap snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccountBook {
    accounts: OrdMap<AccountId, Arc<Account>>,
    by_code: OrdMap<Digest, AccountId>,
    by_shopper: OrdMap<(ShopperId, Currency), AccountId>,
}

impl AccountBook {
    /// An account by name.
    #[must_use]
    pub fn get(&self, id: &AccountId) -> Option<&Arc<Account>> {
        self.accounts.get(id)
    }

    /// The gift card with a code of this digest.
    #[must_use]
    pub fn by_code(&self, code_digest: &Digest) -> Option<&Arc<Account>> {
        self.get(self.by_code.get(code_digest)?)
    }

    /// A shopper's store credit.
    #[must_use]
    pub fn of_shopper(&self, shopper: &ShopperId, currency: Currency) -> Option<&Arc<Account>> {
        self.get(self.by_shopper.get(&(shopper.clone(), currency))?)
    }

    /// A shopper's store credit in every currency. It looks through everybody's: for a person's own request, not for a page.
    pub fn all_of_shopper<'a>(&'a self, shopper: &'a ShopperId) -> impl Iterator<Item = &'a Arc<Account>> {
        self.by_shopper.iter().filter(move |((known, _), _)| known == shopper).filter_map(|(_, id)| self.get(id))
    }

    /// All accounts in order of name, after `after`.
    pub fn after<'a>(&'a self, after: Option<&AccountId>) -> impl Iterator<Item = &'a Arc<Account>> {
        use std::ops::Bound;
        let from = after.cloned().map_or(Bound::Unbounded, Bound::Excluded);
        self.accounts.range::<(Bound<AccountId>, Bound<AccountId>), AccountId>((from, Bound::Unbounded)).map(|(_, account)| account)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// What accounts pay of `due`, in the order named, each once, and what they leave.
    #[must_use]
    pub fn tenders(&self, named: &[AccountId], due: Money, now: Timestamp) -> (Vec<Tender>, Money) {
        let mut left = due.amount_minor;
        let mut tenders: Vec<Tender> = Vec::new();
        for account in named.iter().filter_map(|id| self.get(id)) {
            let is_new = tenders.iter().all(|tender| tender.account != account.id);
            let paid = account.available_minor(now).min(left);
            if account.currency == due.currency && paid > 0 && is_new {
                tenders.push(Tender { account: account.id.clone(), amount: Money::new(paid, due.currency) });
                left -= paid;
            }
        }
        (tenders, Money::new(left, due.currency))
    }

    pub(super) fn open(&mut self, account: Account) {
        match &account.kind {
            AccountKind::GiftCard { code_digest, .. } => self.by_code.insert(*code_digest, account.id.clone()),
            AccountKind::StoreCredit { shopper } => self.by_shopper.insert((shopper.clone(), account.currency), account.id.clone()),
        };
        self.accounts.insert(account.id.clone(), Arc::new(account));
    }

    /// Changes an account. Whether there is one.
    pub(super) fn change(&mut self, id: &AccountId, change: impl FnOnce(&mut Account)) -> bool {
        self.accounts.get_mut(id).map(|account| change(Arc::make_mut(account))).is_some()
    }
}
