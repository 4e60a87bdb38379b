//! Groups. Pinned here:
//!
//! 1. paging reaches every group once, as many as the total of groups says, and their totals add up to the total of products;
//! 2. groups come in the order of their best product, and each shows its best products, in the order in which they stand ungrouped;
//! 3. products without a value are one group; what cannot be grouped by is refused by name.

use super::testing::{LiveShop, filters, numbers, pages, products, queries, shop_of, titles};
use super::{Group, GroupBy, Request, search, sort};
use crate::stdx::clock::Deadline;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

fn by(field: &str, limit: usize) -> Option<GroupBy> {
    Some(GroupBy { field: field.to_owned(), limit })
}

#[test]
fn a_category_groups_by_its_deepest_node_and_what_has_none_stands_together() {
    let mut shop = LiveShop::open(None);
    let paths = [json!([["Home", "Light"]]), json!([["Home"]]), json!([]), json!([["Home", "Light"], ["Sale"]]), json!([])];
    for (number, path) in paths.into_iter().enumerate() {
        let value = json!({"id": format!("p{number}"), "title": "lamp", "categories": path, "variants": [{"sku": format!("s{number}")}]});
        shop.put(serde_json::from_value(value).expect("a product"));
    }
    let request = Request { group_by: by("category", 2), sort: sort::parse("newest:asc").expect("reads"), limit: 10, ..Request::default() };
    let answer = shop.search(&request);
    let shown = |group: &Group| (group.value.clone().unwrap_or_default(), group.total, numbers(&group.hits));
    let groups: Vec<_> = answer.groups.iter().flatten().map(shown).collect();
    let expected = [("Home > Light".to_owned(), 2, vec![0, 3]), ("Home".to_owned(), 1, vec![1]), (String::new(), 2, vec![2, 4])];
    assert_eq!((groups.as_slice(), answer.total, answer.groups_total), (&expected[..], 5, 3));
    let moment = shop.moment();
    let check = |group_by: Option<GroupBy>, limit: usize, expected: &str| {
        let error = search(&moment, &Request { group_by, limit, ..Request::default() }).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    };
    check(by("nope", 3), 10, "group_by: unknown field `nope`");
    check(by("sku", 3), 10, "group_by: `sku` names single products");
    check(by("price", 3), 10, "group_by: `price` has no texts to group by");
    check(by("category", 0), 10, "group_limit: must be between 1 and 20");
    check(by("category", 20), 200, "group_limit: limit times group_limit is at most 1000");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]
    #[test]
    fn groups_page_and_add_up(
        facts in products(), titles in titles(), q in queries(), filter in prop::option::of(filters()),
        field in prop_oneof![Just("brand"), Just("colour")], sort in prop_oneof![Just(""), Just("price"), Just("colour:desc")],
        limit in 1_usize..4, group_limit in 1_usize..4,
    ) {
        let moment = shop_of(&facts, &titles);
        let sort = sort::parse(sort).expect("reads");
        let flat = Request { q, filter, sort, limit: 100, ..Request::default() };
        let all = search(&moment, &flat).expect("answers");
        let order = numbers(&all.hits);
        let request = Request { group_by: by(field, group_limit), limit, ..flat.clone() };
        let answers = pages(&moment, &request, Deadline::default);
        let groups: Vec<&Group> = answers.iter().flat_map(|answer| answer.groups.iter().flatten()).collect();
        prop_assert!(answers.iter().all(|answer| answer.total == all.total && answer.groups_total == groups.len() as u64));
        prop_assert_eq!(groups.iter().map(|group| &group.value).collect::<BTreeSet<_>>().len(), groups.len());
        prop_assert_eq!(groups.iter().map(|group| group.total).sum::<u64>(), all.total);
        let place = |number: &u32| order.iter().position(|other| other == number);
        let best: Vec<_> = groups.iter().map(|group| numbers(&group.hits).first().and_then(place)).collect();
        prop_assert!(best.is_sorted_by(|a, b| a < b), "{:?}", best);
        for group in &groups {
            prop_assert_eq!(group.hits.len() as u64, group.total.min(group_limit as u64));
            prop_assert!(numbers(&group.hits).iter().map(place).collect::<Vec<_>>().is_sorted_by(|a, b| a < b));
        }
        if field == "brand" {
            for group in &groups {
                let brand = group.value.clone();
                let has_brand = |number: &&u32| facts.get(**number as usize).map_or(Some(9), |facts| facts.0).map(|brand| format!("b{brand}")) == brand;
                let members: Vec<u32> = order.iter().filter(has_brand).copied().collect();
                prop_assert_eq!((numbers(&group.hits), group.total), (members[..members.len().min(group_limit)].to_vec(), members.len() as u64));
            }
        }
    }
}
