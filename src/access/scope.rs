//! Scopes: a resource and what is done with it. `write` includes `read`; `*` is every verb of a resource.

use std::fmt;
use std::str::FromStr;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// Searches, suggestions, the catalogue as agents see it.
    Search,
    /// Recommendations.
    Recommend,
    /// Product documents.
    Products,
    /// What shoppers did.
    Events,
    /// Carts.
    Carts,
    /// Checkout sessions, paying, and the order that comes of it as its buyer sees it.
    Checkout,
    /// Orders as the house sees them, and what happens to them afterwards.
    Orders,
    /// Payments and disputes.
    Payments,
    /// Stock, purchases, transfers, counts, quotas, bundles.
    Inventory,
    /// Locations, carriers, sourcing, work on orders.
    Fulfilment,
    /// Price lists, taxes, promotions, coupons, gift cards, credit.
    Prices,
    /// Merchandising rules, synonyms, experiments, quantity rules.
    Rules,
    /// What shoppers search for, what it led to, and what experiments come to.
    Analytics,
    /// What is held of people, tokens in their name, forgetting them.
    Shoppers,
    /// The journal as others follow it, and webhooks.
    Changes,
    /// Generations, ranking, tables of relations.
    Index,
    /// Numbers about the server.
    Metrics,
    /// Keys.
    Keys,
    /// What administrators did.
    Audit,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Looking.
    Read,
    /// Changing, and looking.
    Write,
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Search,
        Self::Recommend,
        Self::Products,
        Self::Events,
        Self::Carts,
        Self::Checkout,
        Self::Orders,
        Self::Payments,
        Self::Inventory,
        Self::Fulfilment,
        Self::Prices,
        Self::Rules,
        Self::Analytics,
        Self::Shoppers,
        Self::Changes,
        Self::Index,
        Self::Metrics,
        Self::Keys,
        Self::Audit,
    ];

    /// Its name and its verbs.
    fn row(self) -> (&'static str, &'static [Verb]) {
        use Verb::{Read, Write};
        const BOTH: &[Verb] = &[Read, Write];
        match self {
            Self::Search => ("search", &[Read]),
            Self::Recommend => ("recommend", &[Read]),
            Self::Products => ("products", BOTH),
            Self::Events => ("events", &[Write]),
            Self::Carts => ("carts", BOTH),
            Self::Checkout => ("checkout", BOTH),
            Self::Orders => ("orders", BOTH),
            Self::Payments => ("payments", BOTH),
            Self::Inventory => ("inventory", BOTH),
            Self::Fulfilment => ("fulfilment", BOTH),
            Self::Prices => ("prices", BOTH),
            Self::Rules => ("rules", BOTH),
            Self::Analytics => ("analytics", &[Read]),
            Self::Shoppers => ("shoppers", BOTH),
            Self::Changes => ("changes", BOTH),
            Self::Index => ("index", BOTH),
            Self::Metrics => ("metrics", &[Read]),
            Self::Keys => ("keys", &[Write]),
            Self::Audit => ("audit", &[Read]),
        }
    }
}

/// One thing that a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// With what.
    pub resource: Resource,
    /// What.
    pub verb: Verb,
}

impl Scope {
    /// A scope of that resource and verb.
    #[must_use]
    pub const fn new(resource: Resource, verb: Verb) -> Self {
        Self { resource, verb }
    }

    /// Every scope there is.
    pub fn all() -> impl Iterator<Item = Self> {
        Resource::ALL.into_iter().flat_map(|resource| resource.row().1.iter().map(move |verb| Self::new(resource, *verb)))
    }

    /// Whether somebody who only shops may have it: what is reached under it can be narrowed to one tenant's products and one shopper's
    /// carts and orders.
    #[must_use]
    pub fn is_for_shoppers(self) -> bool {
        match self.resource {
            Resource::Search | Resource::Recommend | Resource::Events | Resource::Carts | Resource::Checkout => true,
            Resource::Products => self.verb == Verb::Read,
            Resource::Orders
            | Resource::Payments
            | Resource::Inventory
            | Resource::Fulfilment
            | Resource::Prices
            | Resource::Rules
            | Resource::Analytics
            | Resource::Shoppers
            | Resource::Changes
            | Resource::Index
            | Resource::Metrics
            | Resource::Keys
            | Resource::Audit => false,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match (self.resource, self.verb) {
            // Whoever handles keys can give themselves everything.
            (Resource::Keys, _) => "admin",
            (_, Verb::Read) => "read",
            (_, Verb::Write) => "write",
        };
        write!(out, "{}:{verb}", self.resource.row().0)
    }
}

/// Why a text names no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a scope, such as search:read, products:write or inventory:*")]
pub struct UnknownScope;

/// Scopes that somebody holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScopeSet(u64);

impl ScopeSet {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Scope::all().collect()
    }

    /// Whether the scope is among them, or one that includes it.
    #[must_use]
    pub fn allows(self, scope: Scope) -> bool {
        self.0 & (bit(scope) | bit(Scope::new(scope.resource, Verb::Write))) != 0
    }

    /// Those that are exactly here.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::all().filter(move |scope| self.0 & bit(*scope) != 0)
    }
}

fn bit(scope: Scope) -> u64 {
    1 << (scope.resource as u32 * 2 + scope.verb as u32)
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | bit(scope)))
    }
}

/// One scope, or all of a resource.
impl FromStr for ScopeSet {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let named = |scope: &Scope| match text.strip_suffix('*') {
            Some(resource) => scope.to_string().starts_with(resource) && resource.ends_with(':'),
            None => scope.to_string() == text,
        };
        let found: Self = Scope::all().filter(named).collect();
        if found == Self::default() { Err(UnknownScope) } else { Ok(found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_reads_as_it_is_written_and_has_its_own_bit() {
        let mut seen = 0;
        for scope in Scope::all() {
            let set: ScopeSet = scope.to_string().parse().expect("a scope");
            assert_eq!(set.iter().collect::<Vec<_>>(), [scope]);
            assert_eq!(seen & set.0, 0, "{scope}");
            seen |= set.0;
        }
        for text in ["", "search", "search:", "*", ":*", "search:write", "sear*", "keys:write", "products:READ"] {
            assert_eq!(text.parse::<ScopeSet>(), Err(UnknownScope), "{text}");
        }
    }

    #[test]
    fn writing_includes_reading_and_a_star_is_both() {
        let set = |text: &str| text.parse::<ScopeSet>().expect("a scope");
        let (read, write) = (Scope::new(Resource::Orders, Verb::Read), Scope::new(Resource::Orders, Verb::Write));
        assert!(set("orders:write").allows(read) && set("orders:*").allows(write));
        assert!(!set("orders:read").allows(write) && !set("payments:*").allows(read));
    }
}
