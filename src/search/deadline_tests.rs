//! Time that runs out. Pinned here:
//!
//! 1. whenever time is up, what is answered agrees with itself: the total is what paging reaches, and each facet that was counted says
//!    what its filter would bring;
//! 2. what is found in time is found without a deadline too;
//! 3. what was left out is said, and nothing is when there was time.

use super::testing::{filters, forgetful, numbers, pages, products, queries, shop_of, titles};
use super::{Request, search};
use crate::stdx::clock::Deadline;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[test]
fn what_was_left_out_is_said() {
    let moment = shop_of(&[(Some(1), None, vec![(None, None, None)])], &[vec![0, 1]]);
    let check = |q: &str, questions: u32, expected: &[&str]| {
        // What was found before there is time for.
        let moment = forgetful(&moment);
        let request = Request { q: q.to_owned(), facets: vec!["brand".to_owned()], limit: 5, ..Request::default() };
        let answer = search(&moment, &Request { deadline: Deadline::after_questions(questions), ..request }).expect("answers");
        assert_eq!(answer.left_out, expected, "{q} after {questions}");
        assert_eq!(answer.is_degraded(), !expected.is_empty());
    };
    check("desk lamp", 100, &[]);
    check("desk lamp", 0, &["products with fewer words", "products near in meaning", "facet brand"]);
    check("-oak -red", 0, &["2 excluded words", "facet brand"]);
    check("-oak -red", 1, &["1 excluded words", "facet brand"]);
    check("", 0, &["facet brand"]);
    let many: String = (0..500).map(|number| format!("w{number} ")).collect();
    let answer = search(&moment, &Request { q: many, limit: 5, ..Request::default() }).expect("answers");
    assert_eq!(answer.left_out, ["468 words"]);
    let answer = search(&moment, &Request { q: "-a ".repeat(40), limit: 5, ..Request::default() }).expect("answers");
    assert_eq!(answer.left_out, ["8 excluded words"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn a_cut_answer_agrees_with_itself(
        facts in products(), titles in titles(), q in queries(), excluded in prop::option::of(queries()),
        filter in prop::option::of(filters()), questions in 0_u32..8, limit in 1_usize..4,
    ) {
        let moment = shop_of(&facts, &titles);
        let excluded: String = excluded.iter().flat_map(|words| words.split(' ').filter(|word| !word.is_empty())).map(|word| format!(" -{word}")).collect();
        let facets = vec!["brand".to_owned(), "colour".to_owned()];
        let request = Request { q: q + &excluded, filter, facets, limit, ..Request::default() };
        let soon = || Deadline::after_questions(questions);
        let answers = pages(&moment, &request, soon);
        let reached: Vec<u32> = answers.iter().flat_map(|answer| numbers(&answer.hits)).collect();
        let distinct: BTreeSet<u32> = reached.iter().copied().collect();
        prop_assert!(answers.iter().all(|answer| answer.total == distinct.len() as u64) && reached.len() == distinct.len());
        if excluded.is_empty() {
            let whole = search(&moment, &Request { limit: 100, ..request.clone() }).expect("answers");
            prop_assert!(distinct.is_subset(&numbers(&whole.hits).into_iter().collect()));
        }
        for facet in &answers[0].facets {
            let selected = request.filter.as_deref().is_some_and(|filter| filter.contains(facet.field.as_str()));
            for value in facet.values.iter().filter(|_| !selected) {
                let added = format!("{} = {}", facet.field, value.value);
                let filter = Some(request.filter.as_ref().map_or(added.clone(), |filter| format!("({filter}) AND {added}")));
                let narrowed = search(&moment, &Request { filter, deadline: soon(), ..request.clone() }).expect("answers");
                prop_assert_eq!(narrowed.total, value.count);
            }
        }
    }
}
