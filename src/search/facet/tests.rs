//! What facets must keep true:
//!
//! 1. each count is what the total would be with a filter for the value in place of the field's own selection;
//! 2. selected values are shown whatever their count, and at most as many values as asked for in all;
//! 3. ranges, histograms and tree nodes are counted as exactly as single values;
//! 4. an impact is the total with the value added to the field's selection, or taken from it;
//! 5. the dense columns, the sets and the rows give the same counts.

use super::spec::VALUES_DEFAULT;
use super::*;
use crate::catalog::product::Product;
use crate::id::Ordinal;
use crate::search::FacetNode;
use crate::search::columns::{Columns, FieldId, MarketId};
use crate::search::testing::{catalogue, filters, product_with_every_field, products, scope};
use proptest::prelude::*;
use serde_json::{Value, json};

fn facets(names: &[&str], text: &str, columns: &Columns, candidates: &RoaringBitmap) -> Vec<FacetCounts> {
    let filter = Filter::parse(text, columns, MarketId::GENERAL).expect("a filter");
    let matches = filter.products(scope(columns), candidates);
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let counts = count(&names, Counted { scope: scope(columns), candidates, matches: &matches, filter: &filter }).expect("counts");
    counts.iter().map(|one| (**one).clone()).collect()
}

fn shown(facet: &FacetCounts) -> Vec<String> {
    facet.values.iter().map(|value| format!("{}:{}", value.value, value.count)).collect()
}

/// One shoe in red 42 for 1.00 and blue 43 for 2.00, one in red 43 for 1.50.
fn shoes() -> Columns {
    catalogue(&[
        (Some(1), None, vec![(Some(1), Some(42), Some(100)), (Some(2), Some(43), Some(200))]),
        (Some(2), None, vec![(Some(1), Some(43), Some(150))]),
    ])
}

#[test]
fn values_are_counted_once_a_product() {
    let columns = shoes();
    let check = |name: &str, filter: &str, expected: &[&str]| {
        assert_eq!(shown(&facets(&[name], filter, &columns, columns.live())[0]), expected, "{name} with {filter}");
    };
    check("colour", "", &["c1:2", "c2:1"]);
    check("attributes.size", "", &["42:1", "43:2"]);
    check("brand", "", &["b1:1", "b2:1"]);
    check("available", "", &["false:1", "true:1"]);
    check("price", "", &["1..1.5:2", "1.5..2:2"]);
    check("velocity", "", &["0.5:1", "1.5:1"]);
}

#[test]
fn a_filter_on_variants_lends_only_the_values_of_variants_that_pass() {
    let columns = shoes();
    let check = |name: &str, filter: &str, expected: &[&str]| {
        assert_eq!(shown(&facets(&[name], filter, &columns, columns.live())[0]), expected, "{name} with {filter}");
    };
    check("colour", "size = 43", &["c1:1", "c2:1"]);
    check("colour", "size = 43 AND colour = c2", &["c1:1", "c2:1"]);
    check("size", "colour = c1", &["42:1", "43:1"]);
    check("price", "colour = c2", &["2:1"]);
    check("colour", "price > 1.2 AND colour = c3", &["c1:1", "c2:1", "c3:0"]);
    assert_eq!(facets(&["price"], "colour = c1", &columns, columns.live())[0].range, Some((1.0, 1.5)));
}

#[test]
fn a_conjunctive_facet_counts_among_the_hits() {
    let columns = shoes();
    let check = |name: &str, filter: &str, expected: &[&str]| {
        assert_eq!(shown(&facets(&[name], filter, &columns, columns.live())[0]), expected, "{name} with {filter}");
    };
    check("brand", "brand = b1", &["b1:1", "b2:1"]);
    check("brand:conjunctive", "brand = b1", &["b1:1"]);
    check("colour:conjunctive", "size = 43 AND colour = c2", &["c2:1"]);
    // The selected span itself is shown as ever.
    check("price:conjunctive", "price > 1.7", &["2:1", "1.701..:1"]);
}

#[test]
fn a_category_counts_everything_below_it() {
    let mut columns = Columns::new();
    for (ordinal, categories) in [json!([["A", "B"]]), json!([["A", "C"], ["A", "B"]]), json!([["D"]])].into_iter().enumerate() {
        let value =
            json!({"id": format!("p{ordinal}"), "title": "p", "categories": categories, "variants": [{"sku": format!("s{ordinal}")}]});
        let product: Product = serde_json::from_value(value).expect("a product");
        columns.put(Ordinal(ordinal as u32), &product);
    }
    assert_eq!(shown(&facets(&["category"], "", &columns, columns.live())[0]), ["A:2", "A > B:2", "A > C:1", "D:1"]);
    assert_eq!(shown(&facets(&["category"], "category = 'a>c'", &columns, columns.live())[0]), ["A:2", "A > B:2", "A > C:1", "D:1"]);
}

#[test]
fn a_hundred_values_are_shown_and_the_selected_ones_among_them() {
    let mut columns = Columns::new();
    for ordinal in 0..500_u32 {
        let brand = if ordinal < 300 { ordinal } else { 7 };
        let value = json!({"id": format!("p{ordinal}"), "title": "p", "brand": format!("b{brand:03}"), "variants": [{"sku": format!("s{ordinal}")}]});
        let product: Product = serde_json::from_value(value).expect("a product");
        columns.put(Ordinal(ordinal), &product);
    }
    let few: RoaringBitmap = (0..3).collect();
    for candidates in [columns.live(), &few] {
        let facet = &facets(&["brand"], "brand = b250", &columns, candidates)[0];
        assert!(facet.values.iter().any(|value| value.value == "b250"), "{:?}", shown(facet));
        assert!(facet.values.len() <= VALUES_DEFAULT);
    }
    assert_eq!(shown(&facets(&["brand"], "", &columns, columns.live())[0])[0], "b007:201");
}

#[test]
fn a_selected_value_that_no_product_ever_had_is_shown_so_that_it_can_be_taken_back() {
    let columns = shoes();
    let check = |facet: &str, filter: &str, expected: &[(&str, u64, bool, Option<u64>)]| {
        let facets = facets(&[facet], filter, &columns, columns.live());
        let values = facets[0].values.iter().map(|value| (value.value, value.count, value.selected, value.impact));
        assert_eq!(values.collect::<Vec<_>>(), expected, "{facet} with {filter}");
    };
    check("brand", "brand = Gone", &[("b1", 1, false, None), ("b2", 1, false, None), ("Gone", 0, true, None)]);
    check("brand:impact", "brand IN [b1, Gone]", &[("b1", 1, true, Some(0)), ("b2", 1, false, Some(2)), ("Gone", 0, true, Some(1))]);
    check("brand:impact", "brand = Gone", &[("b1", 1, false, Some(1)), ("b2", 1, false, Some(1)), ("Gone", 0, true, Some(2))]);
    check("brand:limit(1)", "brand = Gone", &[("Gone", 0, true, None)]);
    check("brand:limit(2)", "brand IN [b1, Gone]", &[("b1", 1, true, None), ("Gone", 0, true, None)]);
    check("brand", "NOT brand = Gone", &[("b1", 1, false, None), ("b2", 1, false, None)]);
    check("size", "size = 99", &[("42", 1, false, None), ("43", 2, false, None), ("99", 0, true, None)]);
}

#[test]
fn counting_by_column_is_counting_by_sets() {
    let mut columns = Columns::new();
    let put = |columns: &mut Columns, ordinal: u32, salt: u32| {
        let (brand, group) = ((ordinal * 7 + salt) % 60, (ordinal * 11 + salt) % 45);
        let mut categories = vec![json!(["All", format!("D{}", group % 9), format!("G{group}")])];
        match ordinal % 10 {
            3 => categories.push(json!(["All", format!("D{}", group % 9)])),
            5 => categories.push(json!(["All", "D1", format!("G{}", (group + 1) % 45)])),
            7 => categories = vec![json!(["Other"])],
            8 => categories.clear(),
            _ => {}
        }
        let variant = |place: u32| {
            let attributes = json!({"colour": format!("c{}", (ordinal + place * salt) % 7), "size": 36 + (ordinal * place) % 9});
            json!({"sku": format!("s{ordinal}-{place}"), "attributes": attributes})
        };
        let variants: Vec<_> = (0..1 + ordinal % 3).map(variant).collect();
        let value = json!({"id": format!("p{ordinal}"), "title": "p", "brand": format!("b{brand}"), "categories": categories, "variants": variants});
        columns.put(Ordinal(ordinal), &serde_json::from_value::<Product>(value).expect("a product"));
    };
    (0..5_000).for_each(|ordinal| put(&mut columns, ordinal, 0));
    (0..5_000).step_by(17).for_each(|ordinal| put(&mut columns, ordinal, 5));
    (0..5_000).step_by(31).for_each(|ordinal| columns.remove(Ordinal(ordinal)));
    for name in ["brand", "category", "colour", "size"] {
        let field = FieldRef::named(name, &columns, MarketId::GENERAL).expect("a field");
        let FieldRef::Column(id) = field else { panic!("{name} is a column") };
        assert!(columns.dictionary().field(id).profiles.is_some(), "{name} has a column");
        for step in [1, 2, 5, 40, 1_000] {
            let candidates: RoaringBitmap = columns.live().iter().step_by(step).skip(1).collect();
            let facet = &facets(&[name], "", &columns, &candidates)[0];
            assert!(!facet.values.is_empty());
            for value in facet.values.iter() {
                let filter = Filter::parse(&format!("{name} = '{}'", value.value), &columns, MarketId::GENERAL).expect("a filter");
                assert_eq!(
                    value.count,
                    filter.products(scope(&columns), &candidates).len(),
                    "{name} {} of {}",
                    value.value,
                    candidates.len()
                );
            }
            let known = columns.dictionary().field(id);
            let counted = known.terms.iter().filter(|term| columns.dictionary().postings(**term).intersection_len(&candidates) > 0).count();
            assert_eq!(facet.values.len(), if name == "size" { facet.values.len() } else { counted }, "{name}");
        }
    }
}

#[test]
fn values_are_searched_ordered_and_cut() {
    let columns = shoes();
    let check = |spec: &str, filter: &str, expected: &[&str]| {
        assert_eq!(shown(&facets(&[spec], filter, &columns, columns.live())[0]), expected, "{spec} with {filter}");
    };
    check("colour:search(\"C2\")", "", &["c2:1"]);
    check("colour:search(2)", "", &["c2:1"]);
    check("colour:search(2)", "colour = c1", &["c2:1", "c1:2"]);
    check("colour:limit(1)", "", &["c1:2"]);
    check("colour:limit(1)", "colour = c2", &["c2:1"]);
    check("brand:order(alphabetical)", "", &["b1:1", "b2:1"]);
    check("price[1..1.5, 1.6.., 9..]", "", &["1..1.5:2", "1.6..:1", "9..:0"]);
    check("price:histogram(2)", "", &["1..1.499:1", "1.5..2:2"]);
    check("price:interval(0.4)", "", &["0.8..1.199:1", "1.2..1.599:1", "1.6..1.999:0", "2..2.399:1"]);
    check("size:histogram(2)", "colour = c2", &["43:1"]);
    check("price", "price 1..1.2", &["1..1.5:2", "1.5..2:2", "1..1.2:1"]);
    let facet = &facets(&["price:stats:interval(0.4)"], "", &columns, columns.live())[0];
    let stats = facet.stats.expect("was asked for");
    assert_eq!((stats.min, stats.max, stats.sum, stats.avg, stats.count), (1.0, 2.0, 2.5, 1.25, 2));
    assert_eq!(
        (facet.interval, facet.values.get(1).and_then(|value| value.from), facet.values.get(1).and_then(|value| value.to)),
        (Some(0.4), Some(1.2), Some(1.6))
    );
}

/// Four products on shelves of a tree.
fn shelves() -> Columns {
    let mut columns = Columns::new();
    for (ordinal, categories) in
        [json!([["A", "B"]]), json!([["A", "C"], ["A", "B", "E"]]), json!([["D"]]), json!([["a", "B"]])].iter().enumerate()
    {
        let value =
            json!({"id": format!("p{ordinal}"), "title": "p", "categories": categories, "variants": [{"sku": format!("s{ordinal}")}]});
        columns.put(Ordinal(ordinal as u32), &serde_json::from_value::<Product>(value).expect("a product"));
    }
    columns
}

/// Each node as `name:count` with what is below it in parentheses, selected ones with a star.
fn drawn(nodes: &mut dyn Iterator<Item = FacetNode<'_>>) -> String {
    let node = |node: FacetNode<'_>| {
        let below = drawn(&mut node.children());
        let below = if below.is_empty() { below } else { format!("({below})") };
        format!("{}{}:{}{below}", if node.told.selected { "*" } else { "" }, node.told.value, node.told.count)
    };
    nodes.map(node).collect::<Vec<_>>().join(" ")
}

#[test]
fn categories_are_a_tree_as_deep_as_asked_for() {
    let columns = shelves();
    let check = |spec: &str, filter: &str, expected: &str| {
        let facet = &facets(&[spec], filter, &columns, columns.live())[0];
        assert_eq!(drawn(&mut facet.tree.as_ref().expect("a tree").roots()), expected, "{spec} with {filter}");
    };
    check("category:tree", "", "A:3(B:3(E:1) C:1) D:1");
    check("category:tree(1)", "", "A:3 D:1");
    check("category:tree(1)", "category = 'A > B > E'", "A:3(B:3(*E:1)) D:1");
    check("category:tree:order(alphabetical)", "id = p2", "D:1");
    assert_eq!(shown(&facets(&["category:tree(1)"], "", &columns, columns.live())[0]), ["A:3", "D:1"]);
}

#[test]
fn fields_are_chosen_by_what_they_cover() {
    let mut columns = Columns::new();
    for ordinal in 0..200_u32 {
        let variants =
            json!([{"sku": format!("s{ordinal}"), "offers": [{"price": {"amount_minor": 100 + ordinal * 7, "currency": "EUR"}}]}]);
        let attributes = json!({"colour": format!("c{}", ordinal % 8), "made": "EU", "part": format!("n{ordinal}"), "depth": if ordinal < 9 { json!(1) } else { json!(true) }, "farbe": format!("f{}", ordinal % 8), "since": format!("2020-01-{:02}", 1 + ordinal % 8), "lot": format!("l{}", ordinal % 50)});
        let value = json!({"id": format!("p{ordinal}"), "title": format!("p c{}", ordinal % 8), "brand": format!("b{}", ordinal % 3), "attributes": attributes, "variants": variants});
        columns.put(Ordinal(ordinal), &serde_json::from_value::<Product>(value).expect("a product"));
    }
    let names =
        |texts: &[&str]| -> Vec<String> { facets(texts, "", &columns, columns.live()).into_iter().map(|facet| facet.field).collect() };
    assert_eq!(names(&["*"]), ["price", "attributes.colour", "brand"]);
    assert_eq!(names(&["brand", "auto(1)"]), ["brand", "price"]);
    assert_eq!(names(&["attributes.farbe", "*"]), ["attributes.farbe", "price", "brand"], "what is named is not said again");
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let columns = shoes();
    let check = |name: &str, expected: &str| {
        let counted = Counted { scope: scope(&columns), candidates: columns.live(), matches: columns.live(), filter: &Filter::default() };
        let error = count(&[name.to_owned()], counted).expect_err(name);
        assert_eq!(error.to_string(), format!("facets: {expected}"));
    };
    check("sku", "`sku` names single products and cannot be counted");
    check("colr", "unknown field `colr`");
    check("colr:limit(3)", "unknown field `colr`");
    check("brand[1..2]", "`brand` has no numbers for ranges, histograms or stats");
    check("price:search(a)", "`price` has no texts to search");
    check("brand:tree", "`brand` is not a tree, only `category` is");
    check("price[1..2,x..3]", "`price[1..2,x..3]` at character 12: `x` is not a price such as 12.50");
    check("size[3..2]", "`size[3..2]` at character 6: `3..2` holds nothing: the smaller number comes first");
    check("price:interval(0)", "`price:interval(0)` at character 16: an interval is a number above 0");
}

/// The total with a filter in place of the field's own selection.
fn total_with(field: FieldRef, test: &str, filter: &Filter, columns: &Columns, candidates: &RoaringBitmap) -> u64 {
    let rest = filter.without(field).unwrap_or_else(|| filter.clone());
    let added = Filter::parse(test, columns, MarketId::GENERAL).unwrap_or_else(|error| panic!("{test}: {error}"));
    rest.and(&added).products(scope(columns), candidates).len()
}

/// A selection of one field: tests joined by OR, and the same without each.
fn union(tests: &[String]) -> String {
    format!("({})", tests.join(" OR "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_count_is_the_total_with_that_filter_added(
        products in products(),
        conjuncts in prop::collection::vec(filters(), 0..4),
        left_out in prop::collection::btree_set(0_u32..12, 0..4),
    ) {
        let mut columns = catalogue(&products);
        columns.put(Ordinal(90), &product_with_every_field(90));
        let candidates = columns.live() - left_out.iter().collect::<RoaringBitmap>();
        let text = conjuncts.join(" AND ");
        let filter = Filter::parse(&text, &columns, MarketId::GENERAL).expect("a filter");
        let names = ["brand", "colour", "size", "price", "available", "velocity", "category", "price[0..0.02,0.02..0.04,0.03..]",
            "price:histogram(4)", "size:histogram(3)", "size:interval(2)", "size[0..1,3..,7]", "colour:search(\"1\")"];
        for facet in facets(&names, &text, &columns, &candidates) {
            let field = FieldRef::named(&facet.field, &columns, MarketId::GENERAL).expect("a field");
            let rest = filter.without(field).unwrap_or_else(|| filter.clone());
            for value in facet.values.iter() {
                let total = total_with(field, &format!("{} = {}", facet.field, value.value), &filter, &columns, &candidates);
                prop_assert_eq!(value.count, total, "{} = {} with {}", facet.field, &value.value, text);
            }
            if let Some((min, max)) = facet.range {
                let check = |test: String| {
                    let added = Filter::parse(&test, &columns, MarketId::GENERAL).expect("a filter");
                    rest.and(&added).products(scope(&columns), &candidates).len()
                };
                prop_assert_eq!(check(format!("{} < {min}", facet.field)) + check(format!("{} > {max}", facet.field)), 0);
                let ends = [check(format!("{} = {min}", facet.field)), check(format!("{} = {max}", facet.field))];
                prop_assert!(ends.iter().all(|total| *total > 0));
            }
        }
    }

    #[test]
    fn an_impact_is_the_total_with_the_selection_changed(
        products in products(),
        conjuncts in prop::collection::vec(filters(), 0..2),
        field in prop_oneof![Just("colour"), Just("brand"), Just("price"), Just("size")],
        chosen in prop::collection::btree_set(0_u8..4, 0..3),
    ) {
        let mut columns = catalogue(&products);
        columns.put(Ordinal(90), &product_with_every_field(90));
        let letter = &field[..1];
        let test = |value: &str| format!("{field} = {value}");
        let name = |value: &u8| match field { "price" => super::number::Number::text(super::number::Price(i64::from(*value) * 10)), "size" => value.to_string(), _ => format!("{letter}{value}") };
        let selected: Vec<String> = chosen.iter().map(|value| test(&name(value))).collect();
        let whole: Vec<String> = conjuncts.iter().cloned().chain((!selected.is_empty()).then(|| union(&selected))).collect();
        let text = whole.join(" AND ");
        let of = FieldRef::named(field, &columns, MarketId::GENERAL).expect("a field");
        // Conditions on the field beside the selection make it something else than a union.
        prop_assume!(Filter::parse(&conjuncts.join(" AND "), &columns, MarketId::GENERAL).expect("a filter").without(of).is_none());
        let rest = conjuncts.join(" AND ");
        let total = |tests: &[String]| {
            let parts: Vec<String> = [rest.clone(), if tests.is_empty() { String::new() } else { union(tests) }].into_iter().filter(|part| !part.is_empty()).collect();
            Filter::parse(&parts.join(" AND "), &columns, MarketId::GENERAL).expect("a filter").products(scope(&columns), columns.live()).len()
        };
        let spec = format!("{field}:impact");
        for value in facets(&[&spec], &text, &columns, columns.live())[0].values.iter() {
            let added = test(value.value);
            let changed: Vec<String> = match value.selected {
                true => selected.iter().filter(|known| **known != added).cloned().collect(),
                false => selected.iter().cloned().chain([added]).collect(),
            };
            prop_assert_eq!(value.impact, Some(total(&changed)), "{} {:?} with {}", field, value, text);
        }
    }

    #[test]
    fn tree_nodes_count_as_their_filters_do(
        paths in prop::collection::vec(prop::collection::vec(prop::collection::vec(0_u8..3, 1..4), 0..3), 1..10),
        chosen in prop::option::of(prop::collection::vec(0_u8..3, 1..3)),
    ) {
        let mut columns = Columns::new();
        let names = |path: &Vec<u8>| path.iter().map(|name| format!("n{name}")).collect::<Vec<_>>();
        for (ordinal, paths) in paths.iter().enumerate() {
            let categories: Vec<_> = paths.iter().map(names).collect();
            let value = json!({"id": format!("p{ordinal}"), "title": "p", "categories": categories, "variants": [{"sku": format!("s{ordinal}")}]});
            columns.put(Ordinal(ordinal as u32), &serde_json::from_value::<Product>(value).expect("a product"));
        }
        let text = chosen.as_ref().map(|path| format!("category = '{}'", names(path).join(" > "))).unwrap_or_default();
        let filter = Filter::parse(&text, &columns, MarketId::GENERAL).expect("a filter");
        let facet = facets(&["category:tree"], &text, &columns, columns.live()).remove(0);
        let mut written = Vec::new();
        json::write(&[&facet], &mut written);
        let mut nodes: Vec<Value> = serde_json::from_slice::<Value>(&written).expect("JSON")[0]["tree"].as_array().expect("a list").clone();
        let mut nodes_count = 0;
        while let Some(node) = nodes.pop() {
            nodes_count += 1;
            let of = FieldRef::named("category", &columns, MarketId::GENERAL).expect("a field");
            let path = node["value"].as_str().expect("a text");
            prop_assert_eq!(node["count"].as_u64(), Some(total_with(of, &format!("category = '{path}'"), &filter, &columns, columns.live())));
            for child in node["children"].as_array().expect("a list") {
                prop_assert_eq!(&child["value"], &json!(format!("{path} > {}", child["name"].as_str().expect("a text"))));
                nodes.push(child.clone());
            }
        }
        prop_assert_eq!(nodes_count, facet.tree.as_ref().expect("a tree").len());
        // A category that no product ever had is shown to be taken back, and is no node.
        let unheard = filter.unheard(FieldRef::Column(FieldId::CATEGORY)).len();
        prop_assert_eq!(nodes_count + unheard, facet.values.len());
    }
}
