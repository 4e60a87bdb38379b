//! Who asks: what credentials come to.

use crate::access::{Key, Preset, Resource, Scope, ScopeSet, Verb};
use crate::event::trade::Buyer;
use crate::http::error::{Kind, Problem};
use crate::id::{Actor, AdminId, KeyId, MarketplaceId, SessionId, ShopperId};
use std::net::IpAddr;
use std::sync::Arc;

/// Whose credentials came with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) enum Who {
    /// Nobody's: no key has ever been made, or the route is open to everybody.
    Anyone,
    /// A command on this machine that could read the shop's own folder.
    Operator,
    /// The bearer of a key.
    Key(KeyId),
    /// An administrator who has logged in.
    Admin(AdminId),
    /// A browser on the shop page, by the name that it was given.
    Visit(ShopperId),
}

/// What names of a tenant's shoppers and visits begin with in the shop's own books: one tenant's `ann` is not another's.
const TENANT_MARK: &str = "tenant:";

/// The part of the shop that a restricted key sees.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tenant {
    prefix: String,
    filter: Option<String>,
    marketplace: Option<MarketplaceId>,
}

/// What somebody who only shops is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Bound {
    tenant: Option<Tenant>,
    /// The one shopper whose things are reached; a guest's, if none.
    shopper: Option<ShopperId>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct Caller {
    who: Who,
    scopes: ScopeSet,
    /// None: everybody's carts and orders are reached.
    bound: Option<Bound>,
    address: Option<IpAddr>,
}

tokio::task_local! {
    static CURRENT: Arc<Caller>;
}

impl Caller {
    /// Somebody without credentials, where none are needed.
    pub(in crate::http) fn anyone(address: Option<IpAddr>) -> Self {
        Self { who: Who::Anyone, scopes: ScopeSet::all(), bound: None, address }
    }

    /// A command on this machine.
    pub(super) fn operator(address: Option<IpAddr>) -> Self {
        Self { who: Who::Operator, ..Self::anyone(address) }
    }

    /// Somebody who has logged in.
    pub(super) fn admin(admin: AdminId, address: Option<IpAddr>) -> Self {
        Self { who: Who::Admin(admin), scopes: Preset::Admin.scopes(), bound: None, address }
    }

    /// A browser on the shop page.
    pub(super) fn visit(visit: ShopperId, address: Option<IpAddr>) -> Self {
        let bound = Some(Bound { tenant: None, shopper: Some(visit.clone()) });
        Self { who: Who::Visit(visit), scopes: Preset::Storefront.scopes(), bound, address }
    }

    /// The bearer of a key. Unless it works for the house, it reaches what guests have, and only what they have under the same tenant.
    pub(super) fn key(id: &KeyId, key: &Key, address: Option<IpAddr>) -> Self {
        let tenant = key.is_restricted().then(|| Tenant {
            prefix: format!("{TENANT_MARK}{id}/"),
            filter: key.grant.filter.clone(),
            marketplace: key.grant.marketplace.clone(),
        });
        let bound = (!key.is_house()).then_some(Bound { tenant, shopper: None });
        Self { who: Who::Key(id.clone()), scopes: key.scopes(), bound, address }
    }

    /// The same, acting as one shopper, with what shoppers may do.
    ///
    /// # Errors
    /// When the name is too long under a tenant.
    pub(super) fn acting_as(mut self, shopper: &str) -> Result<Self, Problem> {
        let mut bound = self.bound.take().unwrap_or_default();
        bound.shopper = Some(bound.full(shopper)?);
        let scopes = self.scopes.iter().filter(|scope| scope.is_for_shoppers()).collect();
        Ok(Self { scopes, bound: Some(bound), ..self })
    }

    /// What a shopper's token has to be shown together with: a tenant's are no good elsewhere.
    pub(super) fn token_scope(&self) -> &str {
        match (&self.who, self.tenant()) {
            (Who::Key(key), Some(_)) => key.as_str(),
            _ => "",
        }
    }

    /// Runs a request as this caller.
    pub(in crate::http) async fn run<F: Future>(self: Arc<Self>, request: F) -> F::Output {
        CURRENT.scope(self, request).await
    }

    /// Who asks for what this task does; anyone outside of a request.
    pub(in crate::http) fn current() -> Arc<Self> {
        CURRENT.try_with(Arc::clone).unwrap_or_else(|_| Arc::new(Self::anyone(None)))
    }

    /// Whose credentials came.
    pub(in crate::http) fn who(&self) -> &Who {
        &self.who
    }

    /// From where the request came.
    pub(in crate::http) fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The shopper that the caller is bound to, in the shop's own books.
    pub(in crate::http) fn shopper(&self) -> Option<&ShopperId> {
        self.bound.as_ref()?.shopper.as_ref()
    }

    /// Whether the caller may do that.
    pub(in crate::http) fn allows(&self, scope: Scope) -> bool {
        self.scopes.allows(scope)
    }

    /// Who somebody is is told only to those who may know it, whatever else the address of a route lets them do. `field` asks for it.
    ///
    /// # Errors
    /// When the caller may not.
    pub(in crate::http) fn check_knows_people(&self, field: &'static str) -> Result<(), Problem> {
        self.check_any(&[Scope::new(Resource::Shoppers, Verb::Read)], field)
    }

    /// What `field` asks for is told to who holds any of some scopes, whatever the address of its route needs.
    ///
    /// # Errors
    /// When the caller holds none.
    pub(in crate::http) fn check_any(&self, scopes: &[Scope], field: &'static str) -> Result<(), Problem> {
        if scopes.iter().any(|scope| self.allows(*scope)) {
            return Ok(());
        }
        let needed: Vec<String> = scopes.iter().map(Scope::to_string).collect();
        Err(Problem::of_field(Kind::Forbidden, field, format!("this needs {}", needed.join(" or "))))
    }

    /// Whether the caller holds nothing but what somebody who shops may have.
    pub(super) fn only_shops(&self) -> bool {
        self.scopes.iter().all(Scope::is_for_shoppers)
    }

    /// Whether the caller reaches only what is theirs.
    pub(in crate::http) fn is_bound(&self) -> bool {
        self.bound.is_some()
    }

    /// Under which name it is remembered what the caller did; none for those who only shop.
    pub(in crate::http) fn actor(&self) -> Option<Actor> {
        let name = match &self.who {
            Who::Anyone | Who::Visit(_) => return None,
            Who::Operator => "operator".to_owned(),
            Who::Key(key) => format!("key:{key}"),
            Who::Admin(admin) => format!("admin:{}", admin.as_str().chars().take(100).collect::<String>()),
        };
        Actor::new(&name).ok()
    }

    /// What tells the caller's idempotency keys from those of others; none when there is nobody to tell them from.
    pub(in crate::http) fn namespace(&self) -> Option<String> {
        let who = match &self.who {
            Who::Anyone => return None,
            Who::Operator => "operator".to_owned(),
            Who::Key(key) => format!("key:{key}"),
            Who::Admin(admin) => format!("admin:{admin}"),
            Who::Visit(visit) => format!("visit:{visit}"),
        };
        Some(format!("{who}\n{}", self.shopper().map_or("", ShopperId::as_str)))
    }

    fn tenant(&self) -> Option<&Tenant> {
        self.bound.as_ref()?.tenant.as_ref()
    }

    /// The filter that every product passes which the caller is shown.
    pub(in crate::http) fn filter(&self) -> Option<&str> {
        self.tenant()?.filter.as_deref()
    }

    /// The one marketplace that the caller asks about, whatever it names.
    pub(in crate::http) fn only_marketplace(&self) -> Option<&MarketplaceId> {
        self.tenant()?.marketplace.as_ref()
    }

    /// Whether this is that one.
    pub(in crate::http) fn is_bound_to(&self, marketplace: &MarketplaceId) -> bool {
        self.only_marketplace() == Some(marketplace)
    }

    /// The marketplace to ask about: the caller's only one, or whichever was named.
    ///
    /// # Errors
    /// When another was named than the caller's only one.
    pub(in crate::http) fn marketplace(&self, named: Option<MarketplaceId>) -> Result<Option<MarketplaceId>, Problem> {
        let only = self.only_marketplace().cloned();
        match (named, only) {
            (Some(named), Some(only)) if named != only => {
                Err(Problem::of_field(Kind::Forbidden, "marketplace", "the key is for another marketplace"))
            }
            (named, only) => Ok(named.or(only)),
        }
    }

    /// The shopper that a request is about: the one that the caller acts as, whatever it names.
    ///
    /// # Errors
    /// When it names somebody else: they are as good as unknown. Who acts as nobody may name nobody.
    pub(in crate::http) fn shopper_named(&self, field: &str, named: Option<ShopperId>) -> Result<Option<ShopperId>, Problem> {
        let Some(bound) = &self.bound else { return Ok(named) };
        match (&bound.shopper, named) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(Problem::of_field(Kind::Forbidden, field, "under this key a shopper is named by X-Shopper-Token alone")),
            // The page's own name for the browser is of no account beside the one that was signed.
            (own, _) if matches!(self.who, Who::Visit(_)) => Ok(own.clone()),
            (Some(own), None) => Ok(Some(own.clone())),
            (Some(own), Some(named)) if named == *own || bound.full(named.as_str())? == *own => Ok(Some(own.clone())),
            (Some(_), Some(named)) => Err(Problem::unknown("shopper", named.as_str()).in_field(field)),
        }
    }

    /// The visit that a request is about; a tenant's visits are apart from those of others.
    ///
    /// # Errors
    /// When the name is too long, or claims to be another tenant's.
    pub(in crate::http) fn session_named(&self, named: Option<SessionId>) -> Result<Option<SessionId>, Problem> {
        let Some(bound) = &self.bound else { return Ok(named) };
        let text = named.as_ref().map_or("", SessionId::as_str);
        match &bound.tenant {
            None if text.starts_with(TENANT_MARK) => Err(Problem::invalid("session_id", "is a name that the shop gives")),
            None => Ok(named),
            Some(tenant) if text.starts_with(&tenant.prefix) => Ok(named),
            Some(tenant) => prefixed(tenant, text, "session_id").map(Some),
        }
    }

    /// Writes down whose a cart, session or stored way to pay is.
    ///
    /// # Errors
    /// When the buyer names somebody else.
    pub(super) fn claim(&self, buyer: &mut Buyer) -> Result<(), Problem> {
        buyer.shopper = self.shopper_named("buyer.shopper_id", buyer.shopper.take())?;
        buyer.session = self.session_named(buyer.session.take())?;
        Ok(())
    }

    /// Whether a cart, session or order of this buyer is reached.
    pub(super) fn owns(&self, buyer: &Buyer) -> bool {
        self.is_same_tenant(buyer) && self.bound.as_ref().is_none_or(|bound| buyer.shopper == bound.shopper)
    }

    /// Whether a guest's cart is reached: its unguessable name is shown by whoever made it.
    pub(super) fn may_take_over(&self, buyer: &Buyer) -> bool {
        self.owns(buyer) || buyer.shopper.is_none() && self.is_same_tenant(buyer)
    }

    fn is_same_tenant(&self, buyer: &Buyer) -> bool {
        let Some(bound) = &self.bound else { return true };
        let session = buyer.session.as_ref().map_or("", SessionId::as_str);
        match &bound.tenant {
            Some(tenant) => session.starts_with(&tenant.prefix),
            None => !session.starts_with(TENANT_MARK),
        }
    }
}

impl Bound {
    /// A shopper's name as the shop's own books have it.
    fn full(&self, shopper: &str) -> Result<ShopperId, Problem> {
        match &self.tenant {
            Some(tenant) => prefixed(tenant, shopper, "shopper_id"),
            None => ShopperId::new(shopper).map_err(|error| Problem::invalid("shopper_id", error.to_string())),
        }
    }
}

fn prefixed<T: std::str::FromStr<Err: std::fmt::Display>>(tenant: &Tenant, name: &str, field: &str) -> Result<T, Problem> {
    format!("{}{name}", tenant.prefix).parse().map_err(|error: T::Err| Problem::invalid(field, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shopper(name: &str) -> ShopperId {
        ShopperId::new(name).expect("a name")
    }

    fn bound(tenant: Option<&str>, acting_as: Option<&str>) -> Caller {
        let tenant = tenant.map(|id| Tenant { prefix: format!("{TENANT_MARK}{id}/"), filter: None, marketplace: "de".parse().ok() });
        let who = Who::Key(KeyId::new("k").expect("a name"));
        let caller = Caller { who, bound: Some(Bound { tenant, shopper: None }), ..Caller::anyone(None) };
        acting_as.map_or(caller.clone(), |name| caller.acting_as(name).expect("fits"))
    }

    fn buyer(caller: &Caller, session: Option<&str>) -> Buyer {
        let mut buyer = Buyer { session: session.and_then(|session| session.parse().ok()), ..Buyer::default() };
        caller.claim(&mut buyer).expect("is theirs");
        buyer
    }

    #[test]
    fn everybody_reaches_exactly_what_they_claimed_themselves() {
        let callers = [
            bound(None, None),
            bound(None, Some("ann")),
            bound(None, Some("ben")),
            bound(Some("a"), None),
            bound(Some("a"), Some("ann")),
            bound(Some("b"), None),
            bound(Some("b"), Some("ann")),
            Caller::visit(shopper("visit_1"), None),
        ];
        for (number, owner) in callers.iter().enumerate() {
            let owned = [buyer(owner, None), buyer(owner, Some("s-1"))];
            for (other, caller) in callers.iter().enumerate() {
                assert!(owned.iter().all(|buyer| caller.owns(buyer) == (number == other)), "{owner:?} {caller:?}");
            }
            assert!(owned.iter().all(|buyer| Caller::anyone(None).owns(buyer)));
        }
        let [guest, ann, .., in_a, ann_in_a, _, _, _] = &callers[..] else { panic!("eight of them") };
        assert!(ann.may_take_over(&buyer(guest, None)) && ann_in_a.may_take_over(&buyer(in_a, None)));
        assert!(!ann.may_take_over(&buyer(in_a, None)) && !ann_in_a.may_take_over(&buyer(guest, None)));
    }

    #[test]
    fn nobody_speaks_for_somebody_else() {
        let named =
            |caller: &Caller, name: &str| caller.shopper_named("shopper_id", Some(shopper(name))).map_err(|problem| problem.status());
        assert_eq!(named(&bound(None, Some("ann")), "ann"), Ok(Some(shopper("ann"))));
        assert_eq!(named(&bound(None, Some("ann")), "ben").expect_err("is somebody else").as_u16(), 404);
        assert_eq!(named(&bound(None, None), "ann").expect_err("acts as nobody").as_u16(), 403);
        assert_eq!(named(&bound(Some("a"), Some("ann")), "ann"), Ok(Some(shopper("tenant:a/ann"))));
        assert_eq!(named(&Caller::visit(shopper("visit_1"), None), "ann"), Ok(Some(shopper("visit_1"))));
        assert!(bound(None, None).session_named("tenant:a/s".parse().ok()).is_err());
        let again = bound(Some("a"), None).session_named("tenant:a/s".parse().ok()).expect("is theirs");
        assert_eq!(again, "tenant:a/s".parse().ok());
    }

    #[test]
    fn a_key_for_a_marketplace_asks_about_no_other() {
        let caller = bound(Some("a"), None);
        assert_eq!(caller.marketplace(None), Ok("de".parse().ok()));
        assert_eq!(caller.marketplace("fr".parse().ok()).expect_err("is another").status().as_u16(), 403);
        assert_eq!(Caller::anyone(None).marketplace("fr".parse().ok()), Ok("fr".parse().ok()));
    }
}
