//! Which products a facet counts. A field that the filter constrains has a base of its own, the match set without the field's conditions;
//! all others share the match set itself. What has to be found out about the products of a base is found out once, for all its facets.

use super::Counted;
use super::apart::Apart;
use crate::search::columns::Ascending;
use crate::search::fields::FieldRef;
use crate::search::filter::{Filter, Scope};
use roaring::RoaringBitmap;
use std::borrow::Cow;
use std::cell::OnceCell;

/// The products that facets count, and the filter that they have passed.
pub(super) struct Base<'a> {
    /// Facts, live numbers and marketplace.
    pub(super) scope: Scope<'a>,
    all: Part<'a>,
    filter: Cow<'a, Filter>,
    apart: OnceCell<Apart>,
    whole: OnceCell<Part<'static>>,
    partly_sold_out: OnceCell<RoaringBitmap>,
    /// What the words match, before any filter.
    candidates: &'a RoaringBitmap,
    left_out: OnceCell<Option<Part<'static>>>,
}

/// Of a base that is smaller than so many times what the filter left out, the products are counted rather than those.
const LEFT_OUT_SHARE: u64 = 2;

/// Some products as a set and, once somebody asks, as a list.
#[derive(Debug)]
pub(super) struct Part<'a> {
    products: Cow<'a, RoaringBitmap>,
    ascending: OnceCell<Ascending>,
}

impl<'a> Part<'a> {
    /// These products.
    pub(super) fn of(products: Cow<'a, RoaringBitmap>) -> Self {
        Self { products, ascending: OnceCell::new() }
    }

    /// The products.
    pub(super) fn products(&self) -> &RoaringBitmap {
        &self.products
    }

    /// Its products, each with all its values.
    pub(super) fn view<'b>(&'b self, scope: Scope<'b>) -> View<'b> {
        View { scope, whole: self, apart: None }
    }

    /// The same, ascending.
    pub(super) fn ordinals(&self) -> &[u32] {
        self.ascending().ordinals()
    }

    /// The same, as columns are read.
    pub(super) fn ascending(&self) -> &Ascending {
        self.ascending.get_or_init(|| Ascending::from(&*self.products))
    }
}

/// The products of a base as one field sees them.
pub(super) struct View<'b> {
    /// Facts, live numbers and marketplace.
    pub(super) scope: Scope<'b>,
    /// Products that lend all their values.
    pub(super) whole: &'b Part<'b>,
    /// Products that lend the values of some variants only.
    pub(super) apart: Option<&'b Apart>,
}

impl<'a> Base<'a> {
    fn new(counted: Counted<'a>, products: Cow<'a, RoaringBitmap>, filter: Cow<'a, Filter>) -> Self {
        Self::of(counted.scope, counted.candidates, products, filter)
    }

    fn of(scope: Scope<'a>, candidates: &'a RoaringBitmap, products: Cow<'a, RoaringBitmap>, filter: Cow<'a, Filter>) -> Self {
        let all = Part::of(products);
        let (apart, whole, partly_sold_out, left_out) = (OnceCell::new(), OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { scope, all, filter, apart, whole, partly_sold_out, candidates, left_out }
    }

    /// The products of this base that are not in `others`.
    pub(super) fn less(&self, others: &RoaringBitmap) -> Base<'_> {
        Base::of(self.scope, self.candidates, Cow::Owned(self.products() - others), Cow::Borrowed(&*self.filter))
    }

    /// All that the words match, whatever the filter says.
    pub(super) fn unfiltered(&self) -> Part<'a> {
        Part::of(Cow::Borrowed(self.candidates))
    }

    /// The candidates that are not in this base, where it takes less to count the values of a field in those; none too where products of this base
    /// may lend the values of some variants only.
    pub(super) fn left_out(&self, field: FieldRef) -> Option<View<'_>> {
        if self.tells_variants_apart(field) {
            return None;
        }
        let left_out = || {
            let count = self.candidates.len() - self.products().len();
            let products = || if count == 0 { RoaringBitmap::new() } else { self.candidates - self.products() };
            (count * LEFT_OUT_SHARE <= self.products().len()).then(|| Part::of(Cow::Owned(products())))
        };
        self.left_out.get_or_init(left_out).as_ref().map(|left_out| left_out.view(self.scope))
    }

    fn tells_variants_apart(&self, field: FieldRef) -> bool {
        self.filter.is_variant_level() && field.is_variant_level(self.scope.columns) && self.has_partly_passing()
    }

    /// Whether some variants of a product may pass the filter and others not; of one that goes by stock it is known.
    pub(super) fn has_partly_passing(&self) -> bool {
        !self.filter.is_by_stock() || !self.partly_sold_out().is_empty()
    }

    /// The products of which some variants can be sold and others cannot.
    fn partly_sold_out(&self) -> &RoaringBitmap {
        let partly = || self.scope.live.partly_sold_out(&(self.products() & self.scope.columns.multi()));
        self.partly_sold_out.get_or_init(partly)
    }

    /// All products.
    pub(super) fn products(&self) -> &RoaringBitmap {
        &self.all.products
    }

    /// The filter that they have passed.
    pub(super) fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The products as a field sees them. Where variants may differ both in passing the filter and in the field, a product lends only the
    /// values of variants that pass: an added filter would have to hold on the same variant.
    pub(super) fn view(&self, field: FieldRef) -> View<'_> {
        let scope = self.scope;
        if !self.tells_variants_apart(field) {
            return self.all.view(scope);
        }
        let apart = || match self.filter.is_by_stock() {
            true => Apart::of(self.partly_sold_out(), &self.filter, scope),
            false => Apart::of(self.products(), &self.filter, scope),
        };
        let apart = self.apart.get_or_init(apart);
        if apart.is_empty() {
            return self.all.view(scope);
        }
        let whole = self.whole.get_or_init(|| Part::of(Cow::Owned(self.products() - apart.products())));
        View { scope, whole, apart: Some(apart) }
    }
}

/// The bases of one request.
pub(super) struct Bases<'a> {
    counted: Counted<'a>,
    matches: Base<'a>,
    own: Vec<Own<'a>>,
}

/// The base of a field that the filter constrains; found once somebody asks.
struct Own<'a> {
    field: FieldRef,
    /// The filter without the field's conditions.
    rest: Filter,
    base: OnceCell<Base<'a>>,
}

impl<'a> Bases<'a> {
    /// The bases of the fields.
    pub(super) fn of(fields: impl Iterator<Item = FieldRef>, counted: Counted<'a>) -> Self {
        let matches = Base::new(counted, Cow::Borrowed(counted.matches), Cow::Borrowed(counted.filter));
        let mut own: Vec<Own<'a>> = Vec::new();
        for field in fields {
            if !own.iter().any(|known| known.field == field) {
                let rest = counted.filter.without(field);
                own.extend(rest.map(|rest| Own { field, rest, base: OnceCell::new() }));
            }
        }
        Self { counted, matches, own }
    }

    fn own(&self, field: FieldRef) -> Option<&Own<'a>> {
        self.own.iter().find(|own| own.field == field)
    }

    /// The base of a field.
    pub(super) fn base(&self, field: FieldRef) -> &Base<'a> {
        let base = |own: &Own<'a>| {
            let products = own.rest.products(self.counted.scope, self.counted.candidates);
            Base::new(self.counted, Cow::Owned(products), Cow::Owned(own.rest.clone()))
        };
        self.own(field).map_or(&self.matches, |own| own.base.get_or_init(|| base(own)))
    }

    /// What products of the base of a field have passed beside the field's own conditions; none where the filter does not constrain it.
    pub(super) fn rest(&self, field: FieldRef) -> Option<&Filter> {
        self.own(field).map(|own| &own.rest)
    }

    /// The match set.
    pub(super) fn matches(&self) -> &Base<'a> {
        &self.matches
    }
}
