//! Rules and synonyms as a search obeys them. Pinned here:
//!
//! 1. with any rules in force, the total is what paging reaches and each facet count is the total with that filter added (invariant 12);
//! 2. hidden products are nowhere; pinned ones stand first, in their order, when they pass the filter and can be bought;
//! 3. a boost never lifts a sold-out product above an available one of its class;
//! 4. the rules found by what they wait for are those that a look at every rule finds;
//! 5. an explicit sort sees the same match set and none of the places and factors;
//! 6. a preview says what switching the rule on then does.

use super::book::Asked;
use super::*;
use crate::event::SettingKind;
use crate::id::{MarketplaceId, SettingId};
use crate::search::answer_tests::{Shop, WORDS, paged, titled};
use crate::search::testing::{filters, product, product_with_every_field, products};
use crate::search::{Answer, Onlooker, Request, eligible, sort, suggest};
use crate::stdx::clock::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

fn id(name: &str) -> SettingId {
    SettingId::new(name).expect("an id")
}

fn rule(document: Value) -> Rule {
    Rule::of(serde_json::from_value(document).expect("a document")).expect("a rule")
}

fn synonym(document: Value) -> Synonym {
    Synonym::of(serde_json::from_value(document).expect("a document")).expect("a synonym")
}

fn with_rules(mut shop: Shop, rules: &[(&str, Value)]) -> Shop {
    let mut settings = Settings::default();
    rules.iter().for_each(|(name, document)| settings.put_rule(&id(name), rule(document.clone())));
    shop.0.settings = Arc::new(settings);
    shop
}

fn with_synonyms(mut shop: Shop, synonyms: &[Value]) -> Shop {
    let mut settings = Settings::default();
    synonyms.iter().enumerate().for_each(|(number, one)| settings.put_synonym(&id(&format!("s{number}")), synonym(one.clone())));
    shop.0.settings = Arc::new(settings);
    shop
}

fn asking(q: &str) -> Request {
    Request { q: q.to_owned(), limit: 50, ..Request::default() }
}

fn ids(shop: &Shop, answer: &Answer) -> String {
    answer.hits.iter().map(|hit| shop.catalog.id_of(hit.ordinal).expect("is known").to_string()).collect::<Vec<_>>().join(" ")
}

/// p0 and p3 are sold out.
fn lamps() -> Shop {
    titled(&["red lamp", "oak lamp", "desk lamp", "light lamp", "oak desk", "red desk"])
}

#[test]
fn rules_pin_boost_bury_and_hide() {
    let check = |then: Value, q: &str, expected: &str| {
        let shop = with_rules(lamps(), &[("r", json!({"then": then}))]);
        assert_eq!(ids(&shop, &shop.search(&asking(q))), expected, "{then} {q}");
    };
    let text = |q: &str| ids(&lamps(), &lamps().search(&asking(q)));
    assert_eq!(text("oak desk"), "p4 p1 p5 p2");
    check(json!({"pin": ["p5", "p1"]}), "oak desk", "p5 p1 p4 p2");
    check(json!({"pin": ["p0", "p5", "gone"]}), "oak desk", "p5 p4 p1 p2");
    check(json!({"pin": ["p0", "p5"], "pin_unavailable": true}), "oak desk", "p0 p5 p4 p1 p2");
    check(json!({"pin": ["p5"]}), "oak desk -red", "p4 p1 p2");
    check(json!({"pin": ["p5"], "hide": [{"products": ["p5", "p4"]}]}), "oak desk", "p1 p2");
    check(json!({"hide": [{"filter": "title = 'oak desk'"}]}), "", "p1 p2 p5 p0 p3");
    check(json!({"boost": [{"filter": "available = false", "factor": 10}]}), "", "p1 p2 p4 p5 p0 p3");
    check(json!({"replace_query": "oak desk"}), "chair", "p4 p1 p5 p2");
    check(json!({"boost": [{"filter": "nothing = 1", "factor": 9}]}), "oak desk", "p4 p1 p5 p2");
}

#[test]
fn what_is_hidden_from_everybody_is_not_suggested_and_not_recommended() {
    let check = |document: Value, suggested: &str, recommended: &str| {
        let shop = with_rules(lamps(), &[("r", document.clone())]);
        let onlooker = Onlooker { marketplace: None, now: Timestamp(1_000) };
        let named = |ordinals: Vec<u32>| ordinals.into_iter().map(|ordinal| format!("p{ordinal}")).collect::<Vec<_>>().join(" ");
        let found = suggest(&shop, "red ", 3, onlooker).expect("reads").products;
        let mut found: Vec<String> = found.into_iter().map(|product| product.id.to_string()).collect();
        found.sort();
        let passing = eligible(&shop, "title = 'red lamp' OR title = 'red desk'", onlooker).expect("reads");
        assert_eq!((found.join(" "), named(passing.iter().collect())), (suggested.to_owned(), recommended.to_owned()), "{document}");
    };
    check(json!({"then": {"boost": [{"products": ["p5"], "factor": 2}]}}), "p0 p5", "p0 p5");
    check(json!({"then": {"hide": [{"products": ["p5"]}]}}), "p0", "p0");
    check(json!({"then": {"hide": [{"filter": "title = 'red lamp'"}]}}), "p5", "p5");
    check(json!({"when": {"query": {"exact": ["red"]}}, "then": {"hide": [{"products": ["p5"]}]}}), "p0 p5", "p0 p5");
    check(json!({"when": {"marketplaces": ["de"]}, "then": {"hide": [{"products": ["p5"]}]}}), "p0 p5", "p0 p5");
    check(json!({"when": {"until": "1970-01-01T00:00:01Z"}, "then": {"hide": [{"products": ["p5"]}]}}), "p0 p5", "p0 p5");
}

#[test]
fn boosts_and_buries_move_products_within_their_class() {
    let place = |then: Value, q: &str, product: u32| {
        let shop = with_rules(lamps(), &[("r", json!({"then": then}))]);
        let hits = shop.search(&asking(q)).hits;
        (hits.iter().position(|hit| hit.ordinal.0 == product).map(|place| place + 1), hits.len())
    };
    for product in [2, 4, 5] {
        let moved = |factor: f32| json!([{"products": [format!("p{product}")], "factor": factor}]);
        assert_eq!(place(json!({"boost": moved(10.0)}), "desk", product), (Some(1), 3));
        assert_eq!(place(json!({"bury": moved(0.1)}), "desk", product), (Some(3), 3));
        assert_eq!(place(json!({"boost": moved(10.0)}), "oak desk", 4).0, Some(1), "no boost lifts a product above a better class");
    }
}

#[test]
fn conditions_decide_whether_a_rule_holds() {
    let market = MarketplaceId::new("de").expect("an id");
    let check = |when: Value, request: &Request, expected: bool| {
        let shop = with_rules(lamps(), &[("r", json!({"when": when, "then": {"redirect": "/sale"}}))]);
        assert_eq!(shop.search(request).merchandised.redirect.is_some(), expected, "{when} {request:?}");
    };
    let at = |ms: i64| Request { now: Timestamp(ms), ..asking("") };
    let day = "2026-11-27T00:00:00Z".parse::<jiff::Timestamp>().expect("a moment").as_millisecond();
    check(json!({}), &asking("anything"), true);
    check(json!({"query": {"exact": ["Desk lamps"]}}), &asking("desk LAMP"), true);
    check(json!({"query": {"exact": ["desk lamp"]}}), &asking("red desk lamp"), false);
    check(json!({"query": {"exact": [""]}}), &asking(" "), true);
    check(json!({"query": {"exact": [""]}}), &asking("lamp"), false);
    check(json!({"query": {"contains": ["desk lamp"]}}), &asking("red desk lamps cheap"), true);
    check(json!({"query": {"contains": ["desk lamp"]}}), &asking("lamp desk"), false);
    check(json!({"query": {"contains": ["lamp"]}}), &asking("desk -lamp"), false);
    check(json!({"query": {"contains": ["lamp"], "exact": ["desk"]}}), &asking("desk"), true);
    check(json!({"segments": ["trade"]}), &Request { segments: vec!["vip".into(), "trade".into()], ..asking("") }, true);
    check(json!({"segments": ["trade"]}), &asking(""), false);
    check(json!({"marketplaces": ["de"]}), &Request { marketplace: Some(market), ..asking("") }, true);
    check(json!({"marketplaces": ["de"]}), &asking(""), false);
    check(json!({"from": "2026-11-27T00:00:00Z"}), &at(day), true);
    check(json!({"from": "2026-11-27T00:00:00Z"}), &at(day - 1), false);
    check(json!({"until": "2026-11-27T00:00:00Z"}), &at(day - 1), true);
    check(json!({"until": "2026-11-27T00:00:00Z"}), &at(day), false);
}

#[test]
fn a_rule_may_wait_for_a_category_and_those_below_it() {
    let product = |number: usize, path: &[&str]| {
        let value = json!({"id": format!("p{number}"), "title": "x", "categories": [path], "variants": [{"sku": format!("{number}")}]});
        serde_json::from_value(value).expect("a product")
    };
    let shop = Shop::of([product(0, &["Home", "Lighting"]), product(1, &["Home", "Rugs"]), product(2, &["Toys"])]);
    let shop = with_rules(shop, &[("r", json!({"when": {"categories": ["home>lighting", "Toys"]}, "then": {"redirect": "/sale"}}))]);
    let check = |filter: &str, expected: bool| {
        let answer = shop.search(&Request { filter: Some(filter.to_owned()), ..asking("") });
        assert_eq!(answer.merchandised.redirect.is_some(), expected, "{filter}");
    };
    check("category = 'Home > Lighting'", true);
    check("category = 'Home > Lighting' AND available = true", true);
    check("category IN [Toys, 'Home > Rugs']", true);
    check("category = Home", false);
    check("category = 'Home > Rugs'", false);
    check("category != Toys", false);
}

#[test]
fn the_page_is_told_what_rules_and_synonyms_did() {
    let banner = |text: &str| json!({"then": {"banner": {"text": text}}});
    let rules = [
        ("b", json!({"priority": 5, "then": {"banner": {"text": "first"}, "redirect": "https://shop/sale"}})),
        ("a", json!({"then": {"redirect": "/later", "replace_query": "oak"}})),
        ("c", banner("second")),
        ("d", json!({"enabled": false, "then": {"banner": {"text": "off"}}})),
    ];
    let shop = with_rules(lamps(), &rules);
    let told = shop.search(&asking("lamp")).merchandised;
    assert_eq!(told.rules, [id("b"), id("a"), id("c")]);
    assert_eq!(told.redirect.map(|redirect| redirect.url).as_deref(), Some("https://shop/sale"));
    assert_eq!(told.banners.iter().filter_map(|banner| banner.text.as_deref()).collect::<Vec<_>>(), ["first", "second"]);
    assert_eq!(told.replaced_query, Some(ReplacedQuery { rule: id("a"), query: "oak".to_owned() }));
}

#[test]
fn an_explanation_names_the_rules_that_moved_a_hit() {
    let then = json!({"pin": ["p2"], "boost": [{"products": ["p2", "p1"], "factor": 2}], "bury": [{"products": ["p1"], "factor": 0.25}]});
    let shop = with_rules(lamps(), &[("r", json!({"then": then}))]);
    let answer = shop.search(&Request { explain: true, ..asking("lamp") });
    let plain = lamps().search(&asking("lamp"));
    let explain = |place: usize| answer.hits[place].explain.clone().expect("was asked for");
    assert_eq!(explain(0)["rules"], json!([{"rule": "r", "effect": "pin", "place": 1}, {"rule": "r", "effect": "boost", "factor": 2.0}]));
    let buried = answer.hits.iter().find(|hit| hit.ordinal.0 == 1).expect("is found");
    let score = plain.hits.iter().find(|hit| hit.ordinal.0 == 1).expect("is found").score;
    assert!((buried.score - score * 0.5).abs() < 1e-6);
    let parts = &buried.explain.as_ref().expect("was asked for")["contributions"];
    let parts = parts.as_array().expect("a list");
    assert!(parts.iter().any(|part| part["feature"] == "rules" && part["value"] == json!(0.5)));
    let sum: f64 = parts.iter().filter_map(|part| part["contribution"].as_f64()).sum();
    assert!((sum - f64::from(buried.score)).abs() < 1e-5, "contributions add up to the score");
    assert_eq!(explain(3).get("rules"), None, "nothing moved it");
}

#[test]
fn documents_at_fault_are_refused_by_field() {
    let check = |document: Value, expected: &str| {
        let read = serde_json::from_value(document).expect("a document");
        assert_eq!(Rule::of(read).expect_err(expected).to_string(), expected);
    };
    let boost = |weighed: Value| json!({"then": {"boost": [weighed]}});
    check(json!({"then": {}}), "then: says nothing to do");
    check(json!({"priority": 2_000, "then": {"redirect": "/"}}), "priority: must lie between -1000 and 1000");
    check(boost(json!({"products": ["a"], "factor": 11})), "then.boost[0].factor: must lie between 1 and 10");
    check(boost(json!({"products": ["a"], "factor": 0.5})), "then.boost[0].factor: must lie between 1 and 10");
    check(boost(json!({"factor": 2})), "then.boost[0]: needs products or a filter");
    check(boost(json!({"filter": "a = ", "factor": 2})), "then.boost[0].filter: at character 5: expected a value, found the end");
    check(json!({"then": {"bury": [{"products": ["a"], "factor": 2}]}}), "then.bury[0].factor: must lie between 0.1 and 1");
    check(json!({"then": {"hide": [{}]}}), "then.hide[0]: needs products or a filter");
    let link = "must begin with https://, http:// or a single / and have no blanks";
    check(json!({"then": {"redirect": "javascript:alert(1)"}}), &format!("then.redirect: {link}"));
    check(json!({"then": {"redirect": "//elsewhere"}}), &format!("then.redirect: {link}"));
    check(json!({"then": {"banner": {"url": "/sale"}}}), "then.banner: needs a text or an image");
    check(json!({"when": {"from": "today"}, "then": {"redirect": "/"}}), "when.from: must be a moment as in 2026-11-27T00:00:00Z");
    let reversed = json!({"from": "2026-11-27T00:00:00Z", "until": "2026-11-26T00:00:00Z"});
    check(json!({"when": reversed, "then": {"redirect": "/"}}), "when.until: must be later than when.from");
    check(json!({"when": {"query": {"contains": ["…"]}}, "then": {"redirect": "/"}}), "when.query.contains[0]: has no letters or digits");
    check(json!({"when": {"segments": [""]}, "then": {"redirect": "/"}}), "when.segments[0]: must have 1 to 512 bytes");
}

#[test]
fn synonyms_at_fault_are_refused_by_field() {
    let check = |document: Value, expected: &str| {
        let read = serde_json::from_value(document).expect("a document");
        assert_eq!(Synonym::of(read).expect_err(expected).to_string(), expected);
    };
    check(json!({}), "words: is missing: give words, or from and to");
    check(json!({"words": ["a", "b"], "to": ["c"]}), "words: stands beside from or to: a synonym is two-way or one-way");
    check(json!({"from": ["a"]}), "to: is missing beside from");
    check(json!({"to": ["a"]}), "from: is missing beside to");
    check(json!({"words": ["lamp", "Lamps"]}), "words: must have two that differ");
    check(json!({"words": ["lamp", "!"]}), "words[1]: has no letters or digits");
    check(json!({"from": ["a b c d e f g"], "to": ["x"]}), "from[0]: at most 5 words and 200 bytes");
}

#[test]
fn synonyms_find_what_the_shop_calls_otherwise() {
    let titles = ["flat screen television", "tv stand", "flat shoe", "running shoe", "sneaker", "oak lamp"];
    let two_way = json!({"words": ["tv", "flat screen television", "telly"]});
    let one_way = json!({"from": ["sneaker", "trainers"], "to": ["running shoe"]});
    let german = json!({"words": ["lampe", "lamp"], "marketplaces": ["de"]});
    let shop = with_synonyms(titled(&titles), &[two_way, one_way, german]);
    let text = |q: &str, marketplace: Option<&str>| {
        let marketplace = marketplace.map(|name| MarketplaceId::new(name).expect("an id"));
        let answer = shop.search(&Request { mode: crate::search::Mode::Text, marketplace, ..asking(q) });
        (ids(&shop, &answer).split(' ').map(str::to_owned).collect::<BTreeSet<_>>(), answer)
    };
    let check = |q: &str, marketplace: Option<&str>, expected: &[&str], used: usize| {
        let (found, answer) = text(q, marketplace);
        assert_eq!(found, expected.iter().map(|id| (*id).to_owned()).collect(), "{q}");
        assert_eq!(answer.merchandised.synonyms.len(), used, "{q}");
    };
    check("tv", None, &["p0", "p1"], 1);
    check("telly", None, &["p0", "p1"], 1);
    assert!(text("telly", None).1.corrections.is_empty(), "a word with a synonym is no typing error");
    check("sneaker", None, &["p3", "p4"], 1);
    check("trainer", None, &["p3"], 1);
    check("\"sneaker\"", None, &["p4"], 0);
    check("lampe", Some("de"), &["p5"], 1);
    let (_, answer) = text("flat screen television", None);
    assert_eq!(answer.hits[0].ordinal.0, 0, "what was typed counts more");
    assert!(answer.hits.iter().any(|hit| hit.ordinal.0 == 1), "each word of the phrase may stand as the synonym");
    let used = &text("trainers cheap", None).1.merchandised.synonyms;
    assert_eq!((used[0].typed.as_str(), used[0].added.as_slice()), ("trainer", ["running shoe".to_owned()].as_slice()));
}

#[test]
fn a_preview_says_what_the_rule_then_does() {
    let live = ("live", json!({"then": {"pin": ["p1"]}}));
    let shop = with_rules(lamps(), std::slice::from_ref(&live));
    let tried = json!({"enabled": false, "then": {"pin": ["p5"], "hide": [{"products": ["p4"]}]}});
    let effect = preview(&shop, &id("tried"), &rule(tried.clone()), &asking("oak desk")).expect("searches");
    let mut on = tried;
    on["enabled"] = json!(true);
    let after = with_rules(lamps(), &[live, ("tried", on)]).search(&asking("oak desk"));
    assert!(effect.applies);
    assert_eq!((effect.total_before, effect.total_after), (4, after.total));
    let moved: Vec<(u32, Option<usize>, Option<usize>)> =
        effect.moved.iter().map(|moved| (moved.ordinal.0, moved.before, moved.after)).collect();
    assert_eq!(moved, [(5, Some(3), Some(2)), (2, Some(4), Some(3)), (4, Some(2), None)]);
    let replacing = preview(&shop, &id("live"), &rule(json!({"then": {"pin": ["p5"]}})), &asking("oak desk")).expect("searches");
    assert_eq!(replacing.before.rules, [] as [SettingId; 0]);
    let idle = rule(json!({"when": {"query": {"exact": ["chair"]}}, "then": {"hide": [{"products": ["gone"], "filter": "nope = 1"}]}}));
    let effect = preview(&shop, &id("idle"), &idle, &asking("oak desk")).expect("searches");
    assert!(!effect.applies && effect.moved.is_empty());
    assert_eq!(warnings(&shop, &idle), ["there is no product gone", "then.hide[0].filter: at character 1: unknown field `nope`"]);
}

/// A random rule over [`products`] and [`WORDS`].
fn rules() -> impl Strategy<Value = Value> {
    let named = || prop::collection::vec((0_u8..14).prop_map(|number| format!("p{number}")), 0..4);
    let selected = || (named(), prop::option::of(filters())).prop_map(|(products, filter)| json!({"products": products, "filter": filter}));
    let word = || (0..WORDS.len()).prop_map(|word| WORDS[word]);
    let when = prop_oneof![
        2 => Just(json!({})),
        1 => word().prop_map(|word| json!({"query": {"contains": [word]}})),
        1 => word().prop_map(|word| json!({"query": {"exact": [word, ""]}})),
        1 => Just(json!({"segments": ["vip"]})),
    ];
    let then = (
        named(),
        any::<bool>(),
        prop::collection::vec((selected(), 1_u8..5), 0..3),
        prop::option::of(selected()),
        prop::option::of(word()),
    );
    (when, then, -2_i32..3).prop_map(|(when, (pin, sold_out, weighed, hide, replaced), priority)| {
        let is_sound = |selected: &Value| !selected["filter"].is_null() || selected["products"].as_array().is_some_and(|ids| !ids.is_empty());
        let weighed = weighed.into_iter().filter(|(selected, _)| is_sound(selected)).map(|(mut selected, factor)| {
            selected["factor"] = json!(factor);
            selected
        });
        let hide: Vec<Value> = hide.into_iter().filter(is_sound).collect();
        let then = json!({"pin": pin, "pin_unavailable": sold_out, "boost": weighed.collect::<Vec<_>>(), "hide": hide, "replace_query": replaced, "redirect": "/"});
        json!({"priority": priority, "when": when, "then": then})
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn with_any_rules_totals_pages_and_facets_agree(
        facts in products(),
        titles in prop::collection::vec(prop::collection::vec(0..WORDS.len(), 1..4), 12),
        words in prop::collection::vec(0..WORDS.len(), 0..3),
        rules in prop::collection::vec(rules(), 1..4),
        filter in prop::option::of(filters()),
        sort in prop_oneof![Just(""), Just("price:asc")],
        limit in 1_usize..5,
    ) {
        let joined = |words: &[usize]| words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ");
        let last = product_with_every_field(facts.len());
        let shop = Shop::of(facts.iter().enumerate().map(|(number, facts)| product(number, &joined(&titles[number]), facts)).chain([last]));
        let names: Vec<String> = (0..rules.len()).map(|number| format!("r{number}")).collect();
        let rules: Vec<(&str, Value)> = names.iter().map(String::as_str).zip(rules).collect();
        let shop = with_rules(shop, &rules);
        let facets: Vec<String> = ["brand", "colour", "size", "price", "available"].map(str::to_owned).to_vec();
        let sort = sort::parse(sort).expect("reads");
        let request = Request { q: joined(&words), filter, sort, limit, facets, segments: vec!["vip".to_owned()], ..Request::default() };
        let whole = shop.search(&Request { limit: 200, ..request.clone() });
        let (reached, total) = paged(&shop, &request);
        prop_assert_eq!(reached.iter().collect::<BTreeSet<_>>().len() as u64, total);
        prop_assert_eq!(&reached, &whole.hits.iter().map(|hit| hit.ordinal.0).collect::<Vec<_>>());
        let otherwise = shop.search(&Request { sort: sort::parse("newest").expect("reads"), ..request.clone() });
        prop_assert_eq!(otherwise.total, total, "the match set does not depend on the order");
        for facet in &whole.facets {
            let selected = request.filter.as_deref().is_some_and(|filter| filter.contains(facet.field.as_str()));
            for value in facet.values.iter().filter(|_| !selected) {
                let added = format!("{} = {}", facet.field, value.value);
                let filter = Some(request.filter.as_ref().map_or(added.clone(), |filter| format!("({filter}) AND {added}")));
                prop_assert_eq!(shop.search(&Request { filter, ..request.clone() }).total, value.count, "{}", added);
            }
        }
    }

    #[test]
    fn rules_found_by_their_cues_are_those_that_hold(
        changes in prop::collection::vec((0_u8..6, prop::option::weighted(0.8, (rules(), any::<bool>()))), 1..20),
        words in prop::collection::vec(0..WORDS.len(), 0..3),
        segments in prop_oneof![Just(vec![]), Just(vec!["vip".to_owned()])],
    ) {
        let mut settings = Settings::default();
        let mut table: std::collections::BTreeMap<SettingId, Rule> = std::collections::BTreeMap::new();
        for (name, change) in changes {
            let name = id(&format!("r{name}"));
            match change {
                Some((mut document, enabled)) => {
                    document["enabled"] = json!(enabled);
                    settings.put_rule(&name, rule(document.clone()));
                    table.insert(name, rule(document));
                }
                None => {
                    settings.remove(SettingKind::Rule, &name);
                    table.remove(&name);
                }
            }
        }
        let terms = words.iter().map(|word| WORDS[*word].to_owned()).collect();
        let segments = segments.iter().map(String::as_str).collect();
        let asked = Asked { terms, categories: Vec::new(), segments, rules_off: None, marketplace: None, now: Timestamp(0) };
        let mut expected: Vec<(i32, &SettingId)> =
            table.iter().filter(|(_, rule)| rule.holds(&asked)).map(|(name, rule)| (-rule.document.priority, name)).collect();
        expected.sort_unstable();
        let found = settings.book.in_force(&asked).told(Vec::new()).rules;
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected.into_iter().map(|(_, name)| name).collect::<Vec<_>>());
    }
}
