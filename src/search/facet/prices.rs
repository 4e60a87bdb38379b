//! The prices of the counted products: where ranges begin and end at round numbers only, by the classes of [`price_classes`], else one by one.

use super::base::{Part, View};
use super::number::Price;
use super::numbers::{Grain, Numbers, Runs, Source, Spanned, lending};
use super::tally::Tally;
use crate::id::Ordinal;
use crate::search::columns::price_classes::{CLASSES_COUNT, class_range, is_run};
use crate::search::columns::{Columns, MarketId, PriceClasses, Span};
use crate::search::filter::Scope;
use crate::search::filter::passing::ALL_VARIANTS;
use crate::search::filter::selection::Choice;
use std::borrow::Cow;

/// Fewer products than this are looked at one by one: they cost less than the classes.
const CLASSED_MIN: u64 = 256;

/// The prices in a marketplace.
pub(super) struct Prices(pub MarketId);

impl Source for Prices {
    type Number = Price;
    const SINGLE_VALUES: bool = false;

    fn numbers(&self, view: &View<'_>, grain: Grain) -> Numbers<Price> {
        let columns = view.scope.columns;
        let mut numbers = match grain {
            Grain::Round if view.whole.products().len() >= CLASSED_MIN => self.by_class(view),
            Grain::Round | Grain::Exact => {
                let mut numbers = Numbers::with_capacity(view.whole.ordinals().len());
                self.add_all(view.whole, columns, &mut numbers);
                numbers
            }
        };
        self.add_apart(view, &mut numbers);
        numbers
    }

    fn is_round(&self, low: Price, high: Price) -> bool {
        is_run(low.0, high.0)
    }

    fn look(&self, scope: Scope<'_>, product: &Spanned<Price>, prices: &mut Vec<Price>) {
        let Some(row) = scope.columns.row(product.ordinal) else { return };
        prices.extend(lending(row, product.variants).filter_map(|variant| variant.price(self.0)).map(Price));
    }

    fn choice(&self, low: Price, high: Price) -> Choice {
        Choice::Prices(low.0, high.0)
    }

    fn range(&self, choice: Choice) -> Option<(Price, Price)> {
        if let Choice::Prices(low, high) = choice { Some((Price(low), Price(high))) } else { None }
    }
}

/// Products by the classes of their prices, and the smallest and the largest price.
#[derive(Default)]
struct Classed {
    runs: Vec<Runs<Price>>,
    ends: Option<(Price, Price)>,
}

impl Prices {
    fn add_all(&self, part: &Part<'_>, columns: &Columns, numbers: &mut Numbers<Price>) {
        columns.price_spans(part.ascending(), self.0, |ordinal, span| numbers.add_span(span, ordinal, ALL_VARIANTS, Price));
    }

    /// The products that lend all their prices, by the classes that these have: in the marketplace, or where they have no offer of their own
    /// there, in general.
    fn by_class(&self, view: &View<'_>) -> Numbers<Price> {
        let columns = view.scope.columns;
        let mut numbers = Numbers::with_capacity(0);
        let mut classed = Classed::default();
        let general = columns.price_classes(MarketId::GENERAL);
        match columns.price_classes(self.0).filter(|_| self.0 != MarketId::GENERAL) {
            None => general.into_iter().for_each(|classes| self.add_classed(classes, view.whole, columns, &mut classed, &mut numbers)),
            Some(own) => {
                let here = Part::of(Cow::Owned(view.whole.products() & own.present()));
                let elsewhere = Part::of(Cow::Owned(view.whole.products() - own.present()));
                self.add_classed(own, &here, columns, &mut classed, &mut numbers);
                general.into_iter().for_each(|classes| self.add_classed(classes, &elsewhere, columns, &mut classed, &mut numbers));
            }
        }
        if let Some(ends) = classed.ends {
            numbers.add_runs(classed.runs, ends);
        }
        numbers
    }

    fn add_classed(&self, classes: &PriceClasses, part: &Part<'_>, columns: &Columns, classed: &mut Classed, numbers: &mut Numbers<Price>) {
        let tally = Tally::of(classes.profiles(), CLASSES_COUNT, classes.present(), part, columns);
        for ordinal in &tally.looks {
            numbers.add_span(columns.price_span(*ordinal, self.0), *ordinal, ALL_VARIANTS, Price);
        }
        let run = |class: u32| {
            let (low, high) = class_range(class);
            (Price(low), Price(high))
        };
        let (mut lowest, mut highest) = (u32::MAX, 0);
        let mut add = |places: &[u32], count: u32| {
            lowest = places.first().copied().unwrap_or(lowest).min(lowest);
            highest = places.last().copied().unwrap_or(highest).max(highest);
            classed.runs.push(Runs { runs: places.iter().copied().map(run).collect(), count });
        };
        tally.places().for_each(|(class, count)| add(&[class], count));
        tally.profiles().for_each(|(profile, count)| add(&profile.places, count));
        // The ends of all prices are among those of the products with the lowest and the highest class.
        let mut span = Span::<i64>::EMPTY;
        for class in [lowest, highest] {
            for ordinal in classes.holders(class).map(|holders| holders & part.products()).unwrap_or_default() {
                let own = columns.price_span(Ordinal(ordinal), self.0);
                span.include(own.min);
                span.include(own.max);
            }
        }
        if !span.is_empty() {
            let (low, high) = classed.ends.unwrap_or((Price(span.min), Price(span.max)));
            classed.ends = Some((low.min(Price(span.min)), high.max(Price(span.max))));
        }
    }

    /// The products that lend the prices of some variants only.
    fn add_apart(&self, view: &View<'_>, numbers: &mut Numbers<Price>) {
        let Some(apart) = view.apart else { return };
        let columns = view.scope.columns;
        for (ordinal, variants) in apart.few() {
            let span = columns.price_span(ordinal, self.0);
            if columns.is_fully_priced(ordinal) {
                // Some passing variant has a price, and it lies in the span.
                numbers.add_span(span, ordinal, variants, Price);
            } else if !span.is_empty() {
                let product = Spanned { low: Price(span.min), high: Price(span.max), ordinal, variants };
                numbers.add_products(1, |numbers| self.look(view.scope, &product, numbers));
            }
        }
        for (row, variants) in apart.many(columns) {
            let prices = variants.iter().filter_map(|variant| row.variant(*variant).price(self.0)).map(Price);
            numbers.add_products(1, |numbers| numbers.extend(prices));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::base::Bases;
    use super::super::buckets::round;
    use super::super::cells::Cells;
    use super::super::{Counted, Filter};
    use super::*;
    use crate::catalog::product::Product;
    use crate::id::MarketplaceId;
    use crate::search::fields::FieldRef;
    use crate::search::testing::scope;
    use proptest::prelude::*;
    use roaring::RoaringBitmap;
    use serde_json::json;

    /// A variant: mantissa and power of its general price, and whether it has one; the price in a marketplace, if it has one there.
    type Priced = ((i64, u32), bool, Option<i64>);

    fn product(number: u32, variants: &[Priced]) -> Product {
        let offers = |((mantissa, power), is_general, own): Priced| {
            let general = is_general.then(|| json!({"price": {"amount_minor": mantissa * 10_i64.pow(power), "currency": "EUR"}}));
            let own = own.map(|price| json!({"marketplace": "m", "price": {"amount_minor": price, "currency": "EUR"}}));
            general.into_iter().chain(own).collect::<Vec<_>>()
        };
        let variant = |(place, priced): (usize, &Priced)| json!({"sku": format!("s{number}-{place}"), "attributes": {"colour": format!("c{place}")}, "offers": offers(*priced)});
        let variants: Vec<_> = variants.iter().enumerate().map(variant).collect();
        serde_json::from_value(json!({"id": format!("p{number}"), "title": "p", "variants": variants})).expect("a product")
    }

    fn variants() -> impl Strategy<Value = Vec<Priced>> {
        prop::collection::vec(((0_i64..40, 0_u32..5), prop::bool::weighted(0.9), prop::option::weighted(0.2, 0_i64..500)), 1..4)
    }

    fn check(columns: &Columns, market: MarketId, text: &str, candidates: &RoaringBitmap) {
        let scope = Scope { market, ..scope(columns) };
        let filter = Filter::parse(text, columns, market).expect("a filter");
        let matches = filter.products(scope, candidates);
        let counted = Counted { scope, candidates, matches: &matches, filter: &filter };
        let (bases, prices) = (Bases::of(std::iter::empty(), counted), Prices(market));
        let view = bases.matches().view(FieldRef::Price(market));
        let (classed, exact) = (prices.numbers(&view, Grain::Round), prices.numbers(&view, Grain::Exact));
        let look = |product: &Spanned<Price>, all: &mut Vec<Price>| prices.look(scope, product, all);
        assert_eq!(classed.ends(look), exact.ends(look));
        let Some((min, max)) = exact.ends(look) else { return };
        let asked = [(0, 50_000), (50_000, 99_999), (10_000, 15_000), (15_000, i64::MAX), (7, 7)];
        for cells in [round(&classed.sample(), min, max), Cells::of(asked.map(|(low, high)| (Price(low), Price(high))))] {
            assert!(cells.ranges().all(|(low, high)| prices.is_round(low, high)));
            assert_eq!(classed.counts(&cells, look), exact.counts(&cells, look), "{cells:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn classes_count_as_prices_do(
            products in prop::collection::vec((variants(), variants(), 0_u8..8), CLASSED_MIN as usize * 2..CLASSED_MIN as usize * 3),
        ) {
            let mut columns = Columns::new();
            (0..).zip(&products).for_each(|(number, (first, _, _))| columns.put(Ordinal(number), &product(number, first)));
            for (number, (_, then, fate)) in (0..).zip(&products) {
                match fate {
                    0 => columns.remove(Ordinal(number)),
                    1 => columns.put(Ordinal(number), &product(number, then)),
                    _ => {}
                }
            }
            let some: RoaringBitmap = columns.live().iter().filter(|number| number % 3 > 0).collect();
            let own = columns.market(MarketplaceId::new("m").ok().as_ref());
            for (market, candidates) in [(MarketId::GENERAL, columns.live()), (MarketId::GENERAL, &some), (own, &some)] {
                check(&columns, market, "", candidates);
                check(&columns, market, "colour = c0 AND price < 100", candidates);
            }
        }
    }
}
