//! What a key may be given, and the sets that most keys have.

use super::scope::{Scope, ScopeSet};
use crate::event::access::Grant;
use std::str::FromStr;

/// Most scopes named in one grant; the presets need fewer.
const SCOPES_MAX: usize = 64;
/// Most origins of one key.
const ORIGINS_MAX: usize = 32;
/// Longest origin.
const ORIGIN_BYTES_MAX: usize = 256;
/// Longest filter of a key: it is read with every request.
const FILTER_BYTES_MAX: usize = 2_048;

/// Sets of scopes by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Safe in a browser: finding products, and telling what was done.
    SearchOnly,
    /// A shop page: the same, and carts and checkout.
    Storefront,
    /// Everything.
    Admin,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SearchOnly, Self::Storefront, Self::Admin];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SearchOnly => "search-only",
            Self::Storefront => "storefront",
            Self::Admin => "admin",
        }
    }

    /// What it stands for.
    #[must_use]
    pub fn scopes(self) -> ScopeSet {
        let named = |names: &[&str]| names.iter().filter_map(|name| name.parse::<ScopeSet>().ok()).flat_map(ScopeSet::iter).collect();
        match self {
            Self::SearchOnly => named(&["search:read", "recommend:read", "products:read", "events:write"]),
            Self::Storefront => named(&["search:read", "recommend:read", "products:read", "events:write", "carts:write", "checkout:write"]),
            Self::Admin => ScopeSet::all(),
        }
    }
}

impl FromStr for Preset {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|preset| preset.name() == text).ok_or("must be search-only, storefront or admin")
    }
}

/// Why a key cannot be given that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct GrantError {
    /// The field.
    pub field: &'static str,
    /// What is wrong.
    pub reason: String,
}

/// The grant with the scopes of a preset before its own.
///
/// # Errors
/// When there is no such preset, or something in it cannot be held.
pub fn grant_of(preset: Option<&str>, mut grant: Grant) -> Result<Grant, GrantError> {
    if let Some(name) = preset {
        let preset: Preset = name.parse().map_err(|reason: &str| GrantError { field: "preset", reason: reason.to_owned() })?;
        grant.scopes.splice(0..0, preset.scopes().iter().map(|scope| scope.to_string()));
    }
    check_grant(&grant).map(|_| grant)
}

/// The scopes of a grant.
///
/// # Errors
/// When something in it cannot be held. That its filter can be read has to be seen elsewhere: filters are a matter of the search.
pub fn check_grant(grant: &Grant) -> Result<ScopeSet, GrantError> {
    let wrong = |field, reason: String| Err(GrantError { field, reason });
    if grant.scopes.is_empty() || grant.scopes.len() > SCOPES_MAX {
        return wrong("scopes", format!("must be between 1 and {SCOPES_MAX}"));
    }
    let mut scopes = Vec::new();
    for text in &grant.scopes {
        match text.parse::<ScopeSet>() {
            Ok(set) => scopes.extend(set.iter()),
            Err(error) => return wrong("scopes", format!("`{text}` {error}")),
        }
    }
    if grant.filter.as_ref().is_some_and(|filter| filter.trim().is_empty() || filter.len() > FILTER_BYTES_MAX) {
        return wrong("filter", format!("must have between 1 and {FILTER_BYTES_MAX} bytes"));
    }
    if is_restricted(grant)
        && let Some(scope) = scopes.iter().find(|scope| !scope.is_for_shoppers())
    {
        return wrong("scopes", format!("{scope} cannot be narrowed to a marketplace or a filter"));
    }
    if grant.origins.len() > ORIGINS_MAX || !grant.origins.iter().all(|origin| is_origin(origin)) {
        return wrong("origins", format!("at most {ORIGINS_MAX}, each as in https://shop.example"));
    }
    Ok(scopes.into_iter().collect())
}

/// Whether the key sees a part of the shop: what is bought under it is apart from what is bought elsewhere.
pub(super) fn is_restricted(grant: &Grant) -> bool {
    grant.filter.is_some() || grant.marketplace.is_some()
}

/// Scheme and host as browsers write them: no path, no credentials, lower case.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    host.is_some_and(|host| !host.is_empty() && host.bytes().all(fits)) && text.len() <= ORIGIN_BYTES_MAX
}

/// Whether the scope set holds anything that one who only shops must not have.
pub(super) fn is_for_shoppers(scopes: ScopeSet) -> bool {
    scopes.iter().all(Scope::is_for_shoppers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_granted_is_named() {
        let check = |change: &dyn Fn(&mut Grant), field: Option<&str>| {
            let mut grant = Grant { scopes: vec!["search:read".to_owned()], ..Grant::default() };
            change(&mut grant);
            assert_eq!(check_grant(&grant).err().map(|error| error.field), field, "{grant:?}");
        };
        check(&|_| {}, None);
        check(&|grant| grant.scopes.clear(), Some("scopes"));
        check(&|grant| grant.scopes.push("everything".to_owned()), Some("scopes"));
        check(&|grant| grant.scopes.resize(65, "search:read".to_owned()), Some("scopes"));
        check(&|grant| grant.filter = Some(" ".to_owned()), Some("filter"));
        check(&|grant| grant.filter = Some("brand = \"Acme\"".to_owned()), None);
        check(&|grant| grant.marketplace = "de".parse().ok(), None);
        for origin in ["shop.example", "https://", "https://Shop.example", "https://shop.example/", "ftp://x", "https://a b", "https://u@x"]
        {
            check(&|grant| grant.origins.push(origin.to_owned()), Some("origins"));
        }
        check(&|grant| grant.origins.push("http://127.0.0.1:8080".to_owned()), None);
    }

    #[test]
    fn a_tenants_key_holds_only_what_can_be_narrowed() {
        let grant = |scope: &str| Grant { scopes: vec![scope.to_owned()], filter: Some("brand = \"Acme\"".to_owned()), ..Grant::default() };
        for scope in Scope::all() {
            assert_eq!(check_grant(&grant(&scope.to_string())).is_ok(), scope.is_for_shoppers(), "{scope}");
        }
    }

    #[test]
    fn presets_grow() {
        let [search, storefront, admin] = Preset::ALL.map(Preset::scopes);
        assert!(search.iter().all(|scope| storefront.allows(scope)) && storefront.iter().all(|scope| admin.allows(scope)));
        assert!(is_for_shoppers(storefront) && !is_for_shoppers(admin));
        assert!("storefront".parse() == Ok(Preset::Storefront) && "all".parse::<Preset>().is_err());
    }
}
