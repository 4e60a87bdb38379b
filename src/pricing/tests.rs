//! What pricing promises:
//!
//! 1. sums are exact: what lines and shipping come to is the totals, to the minor unit;
//! 2. no line, no shipping and no total is ever below zero, and nobody pays more with a promotion than without;
//! 3. the order of lines changes no total;
//! 4. the most specific price list wins;
//! 5. what does not fit names its field.

use super::*;
use crate::event::trade::Totals;
use crate::event::trade::{Address, Line};
use crate::id::{LineId, Ordinal, Sku};
use crate::money::Money;
use crate::stdx::clock::Timestamp;

fn line(quantity: i64, price_minor: i64, currency: Currency) -> Line {
    let id = LineId::new(&format!("{quantity}x{price_minor}")).expect("an id");
    let sku = Sku::new("a").expect("an id");
    Line {
        id,
        sku,
        product: Ordinal(0),
        title: String::new(),
        quantity,
        unit_price: Money::new(price_minor, currency),
        components: Vec::new(),
    }
}

fn priced(lines: &[Line], currency: Currency, country: Option<&str>) -> Result<Totals, PricingError> {
    let address = Address { country: country.unwrap_or_default().to_owned(), ..Address::default() };
    totals(&Basket { address: Some(&address), ..Basket::of(lines, currency, Timestamp(0)) }, &PriceBook::default(), &Options::default())
}

fn check(lines: &[(i64, i64)], currency: Currency, country: Option<&str>, expected: [i64; 5]) {
    let lines: Vec<Line> = lines.iter().map(|&(quantity, price)| line(quantity, price, currency)).collect();
    let totals = priced(&lines, currency, country).expect("fits");
    let found = [totals.subtotal, totals.discount, totals.shipping, totals.tax, totals.total].map(|money| money.amount_minor);
    assert_eq!(found, expected, "{lines:?}");
}

#[test]
fn sums_are_exact() {
    let (usd, eur) = (Currency::USD, Currency::EUR);
    check(&[], usd, Some("US"), [0, 0, 0, 0, 0]);
    check(&[(3, 333), (1, 1)], eur, Some("DE"), [1_000, 0, 499, 0, 1_499]);
    check(&[(1, 4_999)], usd, None, [4_999, 0, 499, 0, 5_498]);
    check(&[(1, 5_000)], usd, Some("us"), [5_000, 0, 0, 400, 5_400]);
    check(&[(1, 10_006)], usd, Some("US"), [10_006, 0, 0, 800, 10_806]);
    check(&[(1, 10_007)], usd, Some("US"), [10_007, 0, 0, 801, 10_808]);
    check(&[(1, 100)], Currency::new("JPY").expect("a code"), None, [100, 0, 0, 0, 100]);
}

#[test]
fn what_does_not_fit_names_the_field() {
    let check = |lines: &[Line], country, field: &str| {
        let error = priced(lines, Currency::USD, country).expect_err("does not fit");
        assert_eq!(error.field, field);
    };
    let dear = line(1, i64::MAX - 10, Currency::USD);
    check(&[line(2, i64::MAX, Currency::USD)], None, "lines[0]");
    check(&[dear.clone(), line(1, 100, Currency::USD)], None, "lines[1]");
    check(&[line(1, 1, Currency::EUR)], None, "lines[0]");
    check(&[dear], Some("US"), "total");
}

fn promotion(name: &str, effect: crate::event::trade::pricing::Effect) -> crate::event::trade::pricing::Promotion {
    serde_json::from_value(serde_json::json!({ "id": name, "title": name, "effect": effect, "currency": "EUR" })).expect("a promotion")
}

fn book(promotions: &[crate::event::trade::pricing::Promotion]) -> PriceBook {
    let mut book = PriceBook::default();
    for promotion in promotions {
        assert!(book.apply(&crate::event::trade::PricingEvent::PromotionPut(promotion.clone()), Timestamp(0)));
    }
    book
}

fn off(lines: &[(i64, i64)], promotions: &[crate::event::trade::pricing::Promotion]) -> (i64, Vec<i64>) {
    let lines: Vec<Line> = lines.iter().map(|&(quantity, price)| line(quantity, price, Currency::EUR)).collect();
    let totals = totals(&Basket::of(&lines, Currency::EUR, Timestamp(0)), &book(promotions), &Options::default()).expect("fits");
    (totals.discount.amount_minor, totals.lines.iter().map(|line| line.discount_minor).collect())
}

#[test]
fn every_kind_of_promotion_takes_off_what_it_says() {
    use crate::event::trade::pricing::{Effect, Stacking};
    let check = |lines: &[(i64, i64)], effect: Effect, expected: i64| {
        assert_eq!(off(lines, &[promotion("p", effect)]).0, expected, "{effect:?} on {lines:?}");
    };
    check(&[(1, 999), (2, 500)], Effect::Percent { basis_points: 1_000 }, -200);
    check(&[(1, 999)], Effect::Amount { amount_minor: 300 }, -300);
    check(&[(1, 200)], Effect::Amount { amount_minor: 300 }, -200);
    check(&[(2, 700), (1, 300)], Effect::BuyGet { buy: 2, get: 1, basis_points: 10_000 }, -300);
    check(&[(5, 100)], Effect::BuyGet { buy: 2, get: 1, basis_points: 5_000 }, -50);
    check(&[(6, 100)], Effect::BuyGet { buy: 2, get: 1, basis_points: 10_000 }, -200);
    check(&[(1, 1_000)], Effect::Shipping { basis_points: 10_000 }, -499);
    // 10 % and then 3.00 off are less than one exclusive 5.00; two exclusive ones never add up.
    let (tenth, three) = (promotion("a", Effect::Percent { basis_points: 1_000 }), promotion("b", Effect::Amount { amount_minor: 300 }));
    let alone = |name: &str, amount_minor| {
        let stacking = Stacking::Exclusive;
        crate::event::trade::pricing::Promotion { stacking, ..promotion(name, Effect::Amount { amount_minor }) }
    };
    assert_eq!(off(&[(1, 1_000)], &[tenth.clone(), three.clone(), alone("c", 500), alone("d", 450)]).0, -500);
    assert_eq!(off(&[(1, 1_000)], &[tenth, three, alone("c", 399)]).0, -400);
}

#[test]
fn the_most_specific_price_list_wins_and_the_tier_that_all_lines_reach() {
    use crate::event::trade::PricingEvent;
    let mut book = PriceBook::default();
    let mut put = |id: &str, group: Option<&str>, marketplace: Option<&str>, tiers: &[(i64, i64)]| {
        let list = serde_json::json!({ "id": id, "title": id, "currency": "EUR", "group": group, "marketplace": marketplace,
            "schedule": {}, "priority": 0 });
        assert!(book.apply(&PricingEvent::PriceListPut(serde_json::from_value(list).expect("a list")), Timestamp(0)));
        let tiers: Vec<_> = tiers
            .iter()
            .map(|(from_units, unit_minor)| serde_json::json!({ "from_units": from_units, "unit_minor": unit_minor }))
            .collect();
        let prices = serde_json::from_value(serde_json::json!([{ "sku": "a", "tiers": tiers }])).expect("prices");
        assert!(book.apply(&PricingEvent::PricesSet { list: id.parse().expect("an id"), prices }, Timestamp(0)));
    };
    put("everybody", None, None, &[(1, 900), (10, 800)]);
    put("here", None, Some("de"), &[(1, 850)]);
    put("members", Some("members"), None, &[(5, 1_200)]);
    let groups = ["members".parse().expect("an id")];
    let here = "de".parse().expect("an id");
    let check = |groups: &[_], marketplace, units, expected: (&str, i64)| {
        let context = PriceContext { currency: Currency::EUR, marketplace, groups, now: Timestamp(0) };
        let sku = "a".parse().expect("an id");
        let found = book.lists_in_force(&context).price_of(&sku, units).map(|(list, minor)| (list.as_str().to_owned(), minor));
        assert_eq!(found, Some((expected.0.to_owned(), expected.1)));
    };
    check(&[], None, 1, ("everybody", 900));
    check(&[], None, 10, ("everybody", 800));
    check(&[], Some(&here), 10, ("here", 850));
    check(&groups, Some(&here), 5, ("members", 1_200));
    check(&groups, Some(&here), 4, ("here", 850));
}

#[test]
fn taxes_add_up_at_a_place_and_are_taken_out_of_prices_that_include_them() {
    use crate::event::trade::PricingEvent;
    let check = |zone: serde_json::Value, address: Address, expected: [i64; 3]| {
        let mut book = PriceBook::default();
        assert!(book.apply(&PricingEvent::TaxZonePut(serde_json::from_value(zone).expect("a zone")), Timestamp(0)));
        let classed = PricingEvent::TaxClassSet { class: "books".to_owned(), skus: vec!["a".parse().expect("an id")] };
        assert!(book.apply(&classed, Timestamp(0)));
        let lines = [line(1, 1_000, Currency::EUR), Line { sku: "b".parse().expect("an id"), ..line(3, 333, Currency::EUR) }];
        let basket = Basket {
            address: Some(&address),
            shipping: Some(Money::new(500, Currency::EUR)),
            ..Basket::of(&lines, Currency::EUR, Timestamp(0))
        };
        let totals = totals(&basket, &book, &Options::default()).expect("fits");
        let included: i64 = totals.lines.iter().map(|line| line.included_tax_minor).sum();
        assert_eq!([totals.tax.amount_minor, included, totals.shipping_amounts.included_tax_minor], expected, "{address:?}");
        let by_rate: i64 = totals.taxes.iter().map(|tax| tax.amount_minor).sum();
        assert_eq!(by_rate, totals.tax.amount_minor + included + totals.shipping_amounts.included_tax_minor);
    };
    let at = |country: &str, region: &str, postal_code: &str| Address {
        country: country.to_owned(),
        region: region.to_owned(),
        postal_code: postal_code.to_owned(),
        ..Address::default()
    };
    // Books 7 % of 10.00 and all else 19 % of 9.99 and of shipping, within the prices: 0.65, and of 14.99 together 2.39.
    let germany = serde_json::json!({ "country": "DE", "is_included": true, "rates": [
        { "name": "VAT", "basis_points": 1_900, "on_shipping": true }, { "name": "VAT reduced", "class": "books", "basis_points": 700 }] });
    check(germany, at("DE", "", "89073"), [0, 65 + 159, 80]);
    // State and city add up on the 19.99; a place of its own stands instead of both.
    let states = serde_json::json!({ "country": "US", "is_included": false, "rates": [
        { "name": "State", "region": "CA", "basis_points": 600 }, { "name": "City", "region": "CA", "postal_prefix": "941", "basis_points": 250 },
        { "name": "Zone", "region": "CA", "postal_prefix": "94199", "basis_points": 100, "replaces": true }] });
    check(states.clone(), at("US", "ca", "94110"), [120 + 50, 0, 0]);
    check(states.clone(), at("US", "CA", "94199"), [20, 0, 0]);
    check(states, at("US", "NV", "89101"), [0, 0, 0]);
}

mod properties {
    use super::*;
    use crate::event::trade::pricing::{Effect, Promotion, Stacking};
    use proptest::prelude::*;

    fn effect() -> impl Strategy<Value = Effect> {
        prop_oneof![
            (1_i64..=10_000).prop_map(|basis_points| Effect::Percent { basis_points }),
            (1_i64..5_000).prop_map(|amount_minor| Effect::Amount { amount_minor }),
            (1_i64..4, 1_i64..3, 1_i64..=10_000).prop_map(|(buy, get, basis_points)| Effect::BuyGet { buy, get, basis_points }),
            (1_i64..=10_000).prop_map(|basis_points| Effect::Shipping { basis_points }),
        ]
    }

    proptest! {
        #[test]
        fn sums_are_exact_never_negative_and_do_not_depend_on_the_order_of_lines(
            prices in prop::collection::vec((1_i64..20, 0_i64..5_000), 1..12),
            effects in prop::collection::vec((effect(), any::<bool>(), 0_i32..3), 0..6),
            turn in 0_usize..12,
        ) {
            let named = |(place, (effect, is_exclusive, priority)): (usize, &(Effect, bool, i32))| {
                let stacking = if *is_exclusive { Stacking::Exclusive } else { Stacking::Combinable };
                Promotion { stacking, priority: *priority, ..promotion(&format!("p{place}"), *effect) }
            };
            let promotions: Vec<Promotion> = effects.iter().enumerate().map(named).collect();
            let line = |(place, &(quantity, price)): (usize, &(i64, i64))| Line {
                id: LineId::new(&place.to_string()).expect("an id"),
                ..line(quantity, price, Currency::USD)
            };
            let mut lines: Vec<Line> = prices.iter().enumerate().map(line).collect();
            let promotions: Vec<Promotion> = promotions.into_iter().map(|it| Promotion { currency: None, ..it }).collect();
            let address = Address { country: "US".to_owned(), ..Address::default() };
            let priced = |lines: &[Line], promotions: &[Promotion]| {
                totals(&Basket { address: Some(&address), ..Basket::of(lines, Currency::USD, Timestamp(0)) }, &book(promotions), &Options::default()).expect("fits")
            };
            let found = priced(&lines, &promotions);
            let sum = |part: fn(&crate::event::trade::LineAmounts) -> i64| found.lines.iter().map(part).sum::<i64>();
            prop_assert_eq!(sum(|line| line.gross_minor), found.subtotal.amount_minor);
            prop_assert_eq!(sum(|line| line.discount_minor) + found.shipping_amounts.discount_minor, found.discount.amount_minor);
            prop_assert_eq!(sum(|line| line.tax_minor) + found.shipping_amounts.tax_minor, found.tax.amount_minor);
            prop_assert!(found.lines.iter().all(|line| line.discount_minor <= 0 && line.gross_minor + line.discount_minor >= 0 && line.tax_minor >= 0));
            prop_assert!(found.shipping.amount_minor + found.shipping_amounts.discount_minor >= 0);
            let given: i64 = found.discounts.iter().map(|discount| discount.amount.amount_minor).sum();
            prop_assert_eq!(given, found.discount.amount_minor);
            for discount in found.discounts.iter().filter(|discount| !discount.is_shipping) {
                prop_assert_eq!(discount.allocations.iter().map(|(_, part)| part).sum::<i64>(), discount.amount.amount_minor);
            }
            prop_assert!(found.total.amount_minor <= priced(&lines, &[]).total.amount_minor);
            let turn = turn % lines.len();
            lines.rotate_left(turn);
            prop_assert_eq!(priced(&lines, &promotions).total, found.total);
        }

        #[test]
        fn one_more_unit_never_lowers_what_a_percentage_leaves(price in 0_i64..10_000, units in 1_i64..50, basis_points in 1_i64..=10_000) {
            let paid = |units: i64| {
                let (discount, _) = off(&[(units, price)], &[promotion("p", Effect::Percent { basis_points })]);
                price * units + discount
            };
            prop_assert!(paid(units + 1) >= paid(units));
        }
    }
}
