//! The double-entry ledger: every posting takes from one account what it gives to another, so all balances of a currency sum to zero.
//!
//! Accounts: `sales` (what was sold, negative), `receivable/<order>` (what an order still owes, negative for what
//! the shop owes its shopper), `provider/<name>` (what a provider has taken
//! for the shop and not given back), `refunds` (what was given back beyond what goods ask for), `disputes/<name>` (what a provider holds back because a bank disputes
//! it), `losses` (disputes that were lost), `fees` (what providers kept). An account that comes back to zero leaves memory, so memory follows open orders.

use crate::event::trade::Posting;
use crate::money::{Currency, Money, MoneyError};
use crate::stdx::table::Table;
use std::sync::Arc;

/// Names of accounts.
pub mod account {
    use crate::id::OrderId;

    /// What accounts of orders begin with.
    const RECEIVABLE: &str = "receivable/";
    /// What was sold.
    pub const SALES: &str = "sales";

    /// What was given back as a goodwill, beyond what goods that came back ask for.
    pub const REFUNDS: &str = "refunds";
    /// Disputes that were lost.
    pub const LOSSES: &str = "losses";
    /// What providers kept for their services.
    pub const FEES: &str = "fees";

    /// What a provider holds back because a bank disputes it.
    #[must_use]
    pub fn disputes(name: &str) -> String {
        format!("disputes/{name}")
    }

    /// What an order still owes.
    #[must_use]
    pub fn receivable(order: &OrderId) -> String {
        format!("{RECEIVABLE}{order}")
    }

    /// Whether an account is what an order still owes.
    #[must_use]
    pub fn is_receivable(account: &str) -> bool {
        account.starts_with(RECEIVABLE)
    }

    /// What a provider has taken for the shop.
    #[must_use]
    pub fn provider(name: &str) -> String {
        format!("provider/{name}")
    }
}

/// Balances by account and currency.
#[derive(Clone, Default)]
pub struct Ledger {
    /// Names are shared: what is copied for a snapshot copies none.
    balances: Table<(Arc<str>, Currency), i64>,
}

impl Ledger {
    /// Moves money between two accounts.
    ///
    /// # Errors
    /// When the amount is not positive or a balance would not fit; nothing has moved then.
    pub fn post(&mut self, posting: &Posting) -> Result<(), MoneyError> {
        let Money { amount_minor, currency } = posting.amount;
        let from = self.balance(&posting.from, currency).checked_sub(amount_minor).ok_or(MoneyError::Overflow)?;
        let to = self.balance(&posting.to, currency).checked_add(amount_minor).ok_or(MoneyError::Overflow)?;
        if amount_minor <= 0 || posting.from == posting.to {
            return Err(MoneyError::Overflow);
        }
        self.set(&posting.from, currency, from);
        self.set(&posting.to, currency, to);
        Ok(())
    }

    fn set(&mut self, account: &str, currency: Currency, balance: i64) {
        let key = (Arc::from(account), currency);
        if balance == 0 {
            self.balances.remove(&key);
        } else {
            self.balances.insert(key, balance);
        }
    }

    /// The balance of an account, in minor units.
    #[must_use]
    pub fn balance(&self, account: &str, currency: Currency) -> i64 {
        self.balances.get(&(Arc::from(account), currency)).copied().unwrap_or(0)
    }

    /// Every account with a balance, in order of name and currency, in minor units.
    #[must_use]
    pub fn balances(&self) -> Vec<(&str, Currency, i64)> {
        self.balances.sorted().into_iter().map(|((account, currency), balance)| (&**account, *currency, *balance)).collect()
    }

    /// Puts a balance back, as a checkpoint kept it.
    pub fn restore(&mut self, account: &str, currency: Currency, balance: i64) {
        self.set(account, currency, balance);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posting(from: &str, to: &str, amount_minor: i64) -> Posting {
        Posting { from: from.to_owned(), to: to.to_owned(), amount: Money::new(amount_minor, Currency::USD) }
    }

    #[test]
    fn balances_sum_to_zero_and_settled_accounts_leave() {
        let mut ledger = Ledger::default();
        ledger.post(&posting("sales", "receivable/o1", 500)).expect("posts");
        ledger.post(&posting("sales", "receivable/o2", 300)).expect("posts");
        ledger.post(&posting("receivable/o1", "provider/test", 500)).expect("posts");
        let usd = Currency::USD;
        assert_eq!(ledger.balances(), [("provider/test", usd, 500), ("receivable/o2", usd, 300), ("sales", usd, -800)]);
    }

    #[test]
    fn what_does_not_fit_moves_nothing() {
        let mut ledger = Ledger::default();
        assert!(ledger.post(&posting("a", "b", 0)).is_err());
        assert!(ledger.post(&posting("a", "b", -5)).is_err());
        assert!(ledger.post(&posting("a", "a", 5)).is_err());
        ledger.post(&posting("a", "b", i64::MAX)).expect("posts");
        assert!(ledger.post(&posting("a", "b", 2)).is_err());
        assert_eq!(ledger.balance("b", Currency::USD), i64::MAX);
    }
}
