//! Rules hold for what a query was read as, not only for how it was typed.

use super::*;
use crate::id::SettingId;
use crate::search::Request;
use crate::search::answer_tests::titled;
use crate::search::testing::numbers;
use serde_json::{Value, json};
use std::sync::Arc;

/// A pin for lamps did not hold for `lmap`, though the answer was one about lamps.
#[test]
fn rules_hold_for_what_a_query_was_read_as() {
    let titles = ["red lamp", "oak lamp", "desk lamp", "light lamp", "oak desk", "red desk"];
    let shop = || {
        let of = (0..60).map(|number| titles[number % titles.len()]).collect::<Vec<_>>();
        titled(&of)
    };
    let told = |then: Value, q: &str| {
        let mut shop = shop();
        let document = json!({"when": {"query": {"exact": ["lamp"]}}, "then": then});
        let rule = Rule::of(serde_json::from_value(document).expect("a document")).expect("a rule");
        let mut settings = Settings::default();
        settings.put_rule(&SettingId::new("r").expect("an id"), rule);
        shop.0.settings = Arc::new(settings);
        shop.search(&Request { q: q.to_owned(), limit: 50, ..Request::default() })
    };
    let answer = told(json!({"redirect": "/lamps"}), "lampp");
    assert_eq!((answer.read.as_deref(), answer.merchandised.redirect.is_some()), (Some("lamp"), true));
    assert_eq!(numbers(&told(json!({"pin": ["p8"]}), "lampp").hits)[..1], [8]);
    let answer = told(json!({"replace_query": "oak desk"}), "lampp");
    assert_eq!(answer.merchandised.replaced_query.map(|replaced| replaced.query), Some("oak desk".to_owned()));
}
