//! What can be done here, in the protocol's names, and what of it both sides can do.

use super::shapes::Entity;
use std::collections::BTreeMap;

/// The version of the protocol, and of everything in it, that is spoken here.
pub(super) const VERSION: &str = "2026-04-08";

pub(super) const CHECKOUT: &str = "dev.ucp.shopping.checkout";
pub(super) const CART: &str = "dev.ucp.shopping.cart";
pub(super) const ORDER: &str = "dev.ucp.shopping.order";
pub(super) const CATALOG_SEARCH: &str = "dev.ucp.shopping.catalog.search";
pub(super) const CATALOG_LOOKUP: &str = "dev.ucp.shopping.catalog.lookup";
pub(super) const FULFILLMENT: &str = "dev.ucp.shopping.fulfillment";
pub(super) const DISCOUNT: &str = "dev.ucp.shopping.discount";
pub(super) const BUYER_CONSENT: &str = "dev.ucp.shopping.buyer_consent";

/// A capability: its name, what it extends, and its page and schema below those of the protocol.
pub(super) struct Capability {
    pub(super) name: &'static str,
    pub(super) extends: &'static [&'static str],
    pub(super) page: &'static str,
    pub(super) schema: &'static str,
}

const fn capability(name: &'static str, extends: &'static [&'static str], page: &'static str, schema: &'static str) -> Capability {
    Capability { name, extends, page, schema }
}

/// Everything that this shop can do.
pub(super) const ALL: [Capability; 8] = [
    capability(CATALOG_SEARCH, &[], "catalog/search", "catalog_search"),
    capability(CATALOG_LOOKUP, &[], "catalog/lookup", "catalog_lookup"),
    capability(CART, &[], "cart", "cart"),
    capability(CHECKOUT, &[], "checkout", "checkout"),
    capability(ORDER, &[], "order", "order"),
    capability(FULFILLMENT, &[CHECKOUT], "fulfillment", "fulfillment"),
    capability(DISCOUNT, &[CART, CHECKOUT], "discount", "discount"),
    capability(BUYER_CONSENT, &[CHECKOUT], "buyer-consent", "buyer_consent"),
];

/// The capabilities that hold between two parties: one bit for each of [`ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Active(u8);

impl Active {
    /// All that there are: nothing is known of what the other side lacks.
    pub(super) fn all() -> Self {
        Self(u8::MAX >> (u8::BITS as usize - ALL.len()))
    }

    /// What a platform can do, too, by name and versions. An extension goes where nothing that it extends is left.
    pub(super) fn shared(platform: &BTreeMap<String, Vec<String>>) -> Self {
        let speaks = |name: &str| platform.get(name).is_some_and(|versions| versions.iter().any(|version| version == VERSION));
        let mut shared = Self::all().without(|capability| !speaks(capability.name));
        loop {
            let is_orphan =
                |capability: &Capability| !capability.extends.is_empty() && !capability.extends.iter().any(|parent| shared.has(parent));
            let left = shared.without(is_orphan);
            if left == shared {
                return shared;
            }
            shared = left;
        }
    }

    fn without(self, goes: impl Fn(&Capability) -> bool) -> Self {
        let gone = (0..).zip(&ALL).filter(|(_, capability)| goes(capability)).fold(0, |gone, (place, _)| gone | 1 << place);
        Self(self.0 & !gone)
    }

    /// Whether it holds.
    pub(super) fn has(self, name: &str) -> bool {
        ALL.iter().position(|capability| capability.name == name).is_some_and(|place| self.0 >> place & 1 == 1)
    }

    /// What an answer about `root` says: that, and what extends it.
    pub(super) fn about(self, root: &'static str) -> BTreeMap<&'static str, [Entity; 1]> {
        let matters = |capability: &&Capability| capability.name == root || capability.extends.contains(&root);
        ALL.iter().filter(|capability| self.has(capability.name)).filter(matters).map(|it| (it.name, [Entity::active(it)])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(rows: &[(&str, &[&str])]) -> Vec<&'static str> {
        let of = |(name, versions): &(&str, &[&str])| ((*name).to_owned(), versions.iter().map(|it| (*it).to_owned()).collect());
        let shared = Active::shared(&rows.iter().map(of).collect());
        let mut names: Vec<&str> = ALL.iter().map(|capability| capability.name).filter(|name| shared.has(name)).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_both_have_in_one_version_is_shared_and_orphans_go() {
        assert_eq!(shared(&[]), Vec::<&str>::new());
        assert_eq!(shared(&[(CART, &["2025-01-01", VERSION]), (CHECKOUT, &["2025-01-01"]), (DISCOUNT, &[VERSION])]), [CART, DISCOUNT]);
        assert_eq!(shared(&[(FULFILLMENT, &[VERSION]), (DISCOUNT, &[VERSION]), (ORDER, &[VERSION])]), [ORDER]);
        assert_eq!(
            shared(&[(CHECKOUT, &[VERSION]), (BUYER_CONSENT, &[VERSION]), ("com.other.thing", &[VERSION])]),
            [BUYER_CONSENT, CHECKOUT]
        );
    }

    #[test]
    fn an_answer_names_its_root_and_what_extends_it() {
        let names = |root| Active::all().about(root).into_keys().collect::<Vec<_>>();
        assert_eq!(names(CART), [CART, DISCOUNT]);
        assert_eq!(names(CHECKOUT), [BUYER_CONSENT, CHECKOUT, DISCOUNT, FULFILLMENT]);
        assert_eq!(names(ORDER), [ORDER]);
    }
}
