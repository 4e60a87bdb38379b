//! What is found, counted and shown first that nobody meant. Pinned here:
//!
//! 1. what only speaks of the thing that is asked for is not found where plenty is called so, in no total, facet or order, and that is told;
//! 2. a title of a kind that things of that name hardly ever say is another kind of thing;
//! 3. by its grammar a query for a thing for somebody asks for the thing;
//! 4. a value that puts others side by side is each of them, whichever was met first;
//! 5. a pasted address finds the product that it is of;
//! 6. an unfinished word with a slip is the beginning that it was meant to be;
//! 7. a thing by the name of its category is suggested before longer phrases, and no slip that others made.

use crate::search::testing::{LiveShop, asked as demanded, described, numbers};
use crate::search::{Answer, Mode, Moment, Onlooker, Request, sort, suggest};
use serde_json::{Value, json};

fn asked(q: &str) -> Request {
    Request { q: q.to_owned(), mode: Mode::Text, limit: 20, ..Request::default() }
}

fn shop(products: &[(String, Value)]) -> LiveShop {
    let products: Vec<(&str, Value)> = products.iter().map(|(title, more)| (title.as_str(), more.clone())).collect();
    described(&products)
}

fn told(answer: &Answer) -> Option<&str> {
    answer.relaxations.iter().map(String::as_str).find(|told| told.ends_with("left out"))
}

/// `jacket under $80` counted 70 cables with a tough jacket, and a page of jackets sorted by price began with them.
#[test]
fn what_only_speaks_of_a_thing_is_not_found_where_plenty_is_called_so() {
    let jackets = |count: usize| {
        let of_category = json!({"categories": [["Clothing", "Jackets"]], "attributes": {"rank": 50}});
        let mut products: Vec<(String, Value)> = (0..count).map(|number| (format!("Quilted n{number}"), of_category.clone())).collect();
        products.push(("Windbreaker".to_owned(), json!({"attributes": {"type": "Rain jacket"}})));
        products.push(("Jacket for a hike".to_owned(), json!({"attributes": {"rank": 60}})));
        for number in 0..5 {
            let cable = json!({"description": "A cable in a tough jacket", "categories": [["Cables"]], "attributes": {"rank": number}});
            products.push((format!("HDMI lead n{number}"), cable));
        }
        shop(&products)
    };
    let mut plenty = jackets(24);
    let answer = plenty.search(&Request { facets: vec!["category".to_owned()], ..asked("jackets") });
    assert_eq!((answer.total, told(&answer)), (26, Some("5 products that say `jacket` but are not called so are left out")));
    assert!(answer.facets[0].values.iter().all(|value| value.value != "Cables"), "no facet counts them");
    let sorted = plenty.search(&Request { sort: sort::parse("attributes.rank").expect("reads"), ..asked("jacket") });
    assert!(sorted.hits.iter().all(|hit| hit.ordinal.0 < 26), "and no order begins with them");
    for q in ["\"jacket\"", "cable", "tough jacket cable"] {
        let answer = plenty.search(&asked(q));
        assert!(told(&answer).is_none() && answer.hits.iter().any(|hit| hit.ordinal.0 >= 26), "{q}");
    }
    // Who changes its name is found at once.
    let renamed: Value = json!({"id": "p27", "title": "Jacket", "variants": [{"sku": "p27", "offers": []}]});
    plenty.put(serde_json::from_value(renamed).expect("a product"));
    assert_eq!(plenty.search(&asked("jackets")).total, 27);
    let answer = jackets(12).search(&asked("jacket"));
    assert_eq!((answer.total, told(&answer)), (19, None), "where few are called so all are found");
}

#[test]
fn without_a_category_everything_that_says_the_thing_is_found() {
    let mut products: Vec<(String, Value)> = (0..120).map(|number| (format!("n{number} steel tablet"), json!({}))).collect();
    products.push(("iPad".to_owned(), json!({"description": "The tablet that everybody wants"})));
    let mut tablets = shop(&products);
    tablets.build();
    let answer = tablets.search(&asked("tablet"));
    assert_eq!((answer.total, told(&answer)), (121, None));
}

#[test]
fn a_title_of_a_kind_that_things_of_that_name_hardly_say_is_another_kind() {
    let mut products: Vec<(String, Value)> = Vec::new();
    for number in 0..40 {
        products.push((format!("Acme - 15.6\" Laptop - 4GB Memory - grey lid model {number}"), json!({})));
    }
    products.extend((0..400).map(|number| (format!("Song {number} - CD"), json!({}))));
    products.push(("The Laptop - CD".to_owned(), json!({})));
    let mut shop = shop(&products);
    shop.build();
    let answer = shop.search(&Request { limit: 50, ..asked("laptop") });
    assert_eq!((answer.total, numbers(&answer.hits).last()), (41, Some(&440)), "{:?}", numbers(&answer.hits));
    assert_eq!(numbers(&shop.search(&asked("laptop cd")).hits)[0], 440, "who asks for it is shown it");
}

#[test]
fn who_asks_for_a_thing_for_somebody_is_shown_the_thing() {
    let mut products: Vec<(String, Value)> = (0..30).map(|number| (format!("n{number} compact digital camera"), json!({}))).collect();
    products[4].1 = json!({"description": "Sturdy enough for kids"});
    products.extend((0..3).map(|number| (format!("Kids {number} - film"), json!({}))));
    products.extend((0..300).map(|number| (format!("m{number} desk"), json!({}))));
    let mut shop = shop(&products);
    shop.build();
    let answer = shop.search(&Request { explain: true, ..asked("camera for kids") });
    let found = numbers(&answer.hits);
    assert_eq!(found[0], 4, "one that says both: {answer:?}");
    assert!(found.iter().all(|number| *number < 30), "then cameras: {found:?}");
}

#[test]
fn a_value_that_puts_others_side_by_side_is_each_of_them() {
    let colour = |colour: &str| json!({"attributes": {"colour": colour}});
    let mut shop = described(&[
        ("Case one", colour("Black,Grey")),
        ("Case two", colour("Black")),
        ("Case three", colour("Grey")),
        ("Case four", colour("Grey and black")),
    ]);
    shop.build();
    let answer = shop.search(&Request { facets: vec!["attributes.colour".to_owned()], ..asked("grey case") });
    let counts: Vec<(&str, u64)> = answer.facets[0].values.iter().map(|value| (value.value, value.count)).collect();
    assert_eq!(counts, [("Black", 3), ("Grey", 3)]);
    assert_eq!(
        answer.intents.iter().find(|intent| intent.words == "grey").map(|intent| intent.filter.as_str()),
        Some("attributes.colour = \"Grey\"")
    );
    assert_eq!(shop.search(&Request { filter: Some("attributes.colour = Grey".to_owned()), ..asked("case") }).total, 3);
}

#[test]
fn a_pasted_address_finds_the_product_that_it_is_of() {
    let mut shop = described(&[("Oak desk lamp", json!({})), ("Com www site", json!({})), ("Steel chair", json!({}))]);
    for (q, first) in
        [("https://www.site.example/de/oak-desk-lamp/4711.html?x=1", 0), ("https://shop.example/products/p2", 2), ("<b>steel</b> chair", 2)]
    {
        assert_eq!(numbers(&shop.search(&asked(q)).hits), [first], "{q}");
    }
}

#[test]
fn the_thing_itself_is_suggested_before_phrases_that_go_on() {
    let mut products: Vec<(String, Value)> = Vec::new();
    for number in 0..6 {
        products.push((format!("Oak desk lamp n{number}"), json!({"categories": [["Home", "Lamps"]]})));
        products.extend((0..5).map(|_| ("Lambskin cup holder".to_owned(), json!({}))));
    }
    let mut shop = shop(&products);
    shop.build();
    let found = suggest(&shop.moment(), "lam", 9, Onlooker::default()).expect("reads").queries;
    assert_eq!(found.first().map(String::as_str), Some("lamps"), "{found:?}");
}

#[test]
fn what_would_be_read_otherwise_is_not_suggested_however_many_asked_for_it() {
    let products: Vec<(String, Value)> = (0..9).map(|number| (format!("Optical cable n{number}"), json!({}))).collect();
    let mut shop = shop(&products);
    shop.build();
    let suggested = |shop: &mut LiveShop, query: &str| {
        let moment = Moment { demand: demanded(query), ..shop.moment() };
        suggest(&moment, "opti", 9, Onlooker::default()).expect("reads").queries.contains(&query.to_owned())
    };
    assert!(suggested(&mut shop, "optical cable white"), "what is asked for in other words too");
    assert!(!suggested(&mut shop, "opticl cable"));
}

#[test]
fn an_unfinished_word_with_a_slip_goes_on_as_what_it_was_meant_to_be() {
    let mut shop = described(&[("Wireless headphones", json!({})), ("Oak desk lamp", json!({})), ("Headphone stand", json!({}))]);
    shop.build();
    for (q, read) in [("hedpho", "headpho"), ("wireless hedpho", "headpho"), ("headpho", "")] {
        let answer = shop.search(&Request { prefix: true, ..asked(q) });
        assert_eq!(numbers(&answer.hits).first(), Some(&0), "{q}");
        let corrections: Vec<&str> = answer.corrections.iter().map(|(_, read)| read.as_str()).collect();
        assert_eq!(corrections.concat(), read, "{q}");
    }
    assert_eq!(shop.search(&asked("hedpho")).total, 0, "finished, it is no word");
}

#[test]
fn a_size_is_found_where_it_is_a_value_that_no_text_calls_a_size() {
    let shoe = |number: u32| ("Running shoes".to_owned(), json!({"attributes": {"size": (42 + number % 2).to_string()}}));
    let mut shop = shop(&(0..240).map(shoe).collect::<Vec<_>>());
    shop.build();
    let answer = shop.search(&asked("running shoes size 42"));
    assert!(answer.total == 120 && numbers(&answer.hits).iter().all(|number| number % 2 == 0), "{} {:?}", answer.total, answer.relaxations);
}

#[test]
fn a_size_that_is_called_one_has_a_chip_which_can_be_taken_away() {
    let sizes = ["42", "43", "XL", "42.5"];
    let shoe = |number: usize| ("Running shoes".to_owned(), json!({"attributes": {"size": sizes[number % 4], "width": "42"}}));
    let mut shop = shop(&(0..40).map(shoe).collect::<Vec<_>>());
    shop.build();
    let chips = |shop: &mut LiveShop, request: &Request| {
        let found = shop.search(request).intents;
        found.into_iter().map(|intent| (intent.kind.name(), intent.words, intent.filter)).collect::<Vec<_>>()
    };
    let chip = |words: &str, size: &str| vec![("size", words.to_owned(), format!("attributes.size = {size}"))];
    assert_eq!(chips(&mut shop, &asked("running shoes size 42")), chip("size 42", "\"42\""));
    assert_eq!(chips(&mut shop, &asked("shoes taille 42.5")), chip("taille 42.5", "\"42.5\""));
    assert_eq!(chips(&mut shop, &asked("shoes size xl")), chip("size xl", "\"XL\""));
    assert_eq!(chips(&mut shop, &asked("running shoes size 47")), [], "no product has it");
    assert_eq!(chips(&mut shop, &asked("running shoes 42")), [], "a mere number may be anything");
    let without = Request { ignored_intents: vec![crate::search::IntentKind::Size], ..asked("running shoes size 42") };
    assert_eq!(chips(&mut shop, &without), []);
}

#[test]
fn what_is_given_up_is_called_as_it_was_read() {
    let mut shop = described(&[("Hiking backpack", json!({})), ("Hiking boots", json!({})), ("Oak desk", json!({}))]);
    shop.build();
    let answer = shop.search(&asked("hikng backpack"));
    assert_eq!(answer.corrections, [("hikng".to_owned(), "hiking".to_owned())]);
    let told = answer.relaxations.concat();
    assert!(told.contains("some lack") && !told.contains("hikng"), "{told}");
}

#[test]
fn what_is_said_twice_is_one_wish() {
    let mut shop = described(&[("Oak desk lamp", json!({"categories": [["Home", "Lamps"]]})), ("Oak chair", json!({}))]);
    shop.build();
    let intents = |shop: &mut LiveShop, q: &str| shop.search(&asked(q)).intents.into_iter().map(|intent| intent.filter).collect::<Vec<_>>();
    assert_eq!(intents(&mut shop, "lamp lamp lamp"), intents(&mut shop, "lamp"));
    assert_eq!(intents(&mut shop, "lamp").len(), 1);
}
