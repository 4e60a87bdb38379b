//! One visit to the web shop and one purchase in a store: what a shopper sees, chooses, and takes along.

use super::history::Happening;
use super::shopper::Taste;
use super::{Draw, Shop, draw, queries};
use crate::catalog::formats::{EventRow, OrderLine, OrderRow};
use crate::event::{Behaviour, Origin};
use crate::id::{QueryId, SessionId, ShopperId};
use crate::money::{Currency, Money};
use crate::stdx::clock::Timestamp;

/// A list that a search or a category page shows.
const LIST_LEN: usize = 8;
/// How much of it is seen without scrolling: only that counts as shown.
const SEEN_LEN: usize = 5;
/// Visits by people who are signed in.
const SIGNED_IN_SHARE: f64 = 0.7;
const SEARCH_SHARE: f64 = 0.62;
/// A second thing looked for in the same visit.
const SECOND_SHARE: f64 = 0.25;
const CART_SHARE: f64 = 0.62;
const BUY_SHARE: f64 = 0.72;
/// Of three products that go with one, how often each is the one taken.
const PARTNERS: [f64; 3] = [0.62, 0.88, 1.0];

/// When something takes place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) at: Timestamp,
    pub(super) days_before: f64,
    pub(super) month: u8,
}

struct Visit<'s> {
    shop: &'s Shop,
    taste: Taste,
    origin: Origin,
    at: Timestamp,
    moment: Moment,
    draw: Draw,
    basket: Vec<(usize, i64)>,
    happened: Vec<Happening>,
    number: u64,
}

/// Everything of one visit to the web shop, in order.
pub(super) fn online(shop: &Shop, number: u64, moment: Moment) -> Vec<Happening> {
    let mut draw = draw(shop.seed, "visit", number);
    let shopper = (draw.f64() < SIGNED_IN_SHARE).then(|| regular(shop, &mut draw));
    let taste = Taste::of(shop, shopper.unwrap_or(u64::MAX - number));
    let session = SessionId::new(&format!("v-{number:06}")).ok();
    let origin = Origin { shopper: shopper.and_then(shopper_id), session, ..Origin::default() };
    let mut visit = Visit { shop, taste, origin, at: moment.at, moment, draw, basket: Vec::new(), happened: Vec::new(), number };
    visit.look_for_something();
    if visit.draw.f64() < SECOND_SHARE {
        visit.look_for_something();
    }
    visit.check_out();
    visit.happened
}

/// One purchase in a store.
pub(super) fn in_store(shop: &Shop, number: u64, moment: Moment) -> Happening {
    let mut draw = draw(shop.seed, "store", number);
    let shopper = (draw.f64() < 0.6).then(|| regular(shop, &mut draw));
    let taste = Taste::of(shop, shopper.unwrap_or(u64::MAX / 2 - number));
    let mut basket = Vec::new();
    for _ in 0..1 + draw.usize(..2) {
        let category = taste.category(shop, moment.month, &mut draw);
        let product = taste.product(shop, category, moment.days_before, &mut draw);
        basket.push((product, units(shop, category, &mut draw)));
        basket.extend(companions(shop, category, product, &mut draw).into_iter().map(|companion| (companion, 1)));
    }
    order(shop, format!("S-{number:06}"), shopper.and_then(shopper_id), moment.at, basket)
}

/// Some shoppers come much more often than others.
fn regular(shop: &Shop, draw: &mut Draw) -> u64 {
    let (one, other) = (draw.u64(..shop.size.shoppers_count), draw.u64(..shop.size.shoppers_count));
    one.min(other)
}

fn shopper_id(number: u64) -> Option<ShopperId> {
    ShopperId::new(&format!("shopper-{number:05}")).ok()
}

fn units(shop: &Shop, category: usize, draw: &mut Draw) -> i64 {
    let several = if shop.grammar.categories[category].usual { 0.4 } else { 0.06 };
    if draw.f64() < several { 2 + draw.i64(0..2) } else { 1 }
}

/// What is taken along with a product: always from the same three of each category that goes with it.
fn companions(shop: &Shop, category: usize, product: usize, draw: &mut Draw) -> Vec<usize> {
    let goes_with = &shop.grammar.categories[category].goes_with;
    let taken = goes_with.iter().filter(|(_, often)| draw.f64() < *often).map(|(companion, _)| *companion);
    let categories: Vec<usize> = taken.collect();
    categories.into_iter().map(|companion| partner(shop, product, companion, draw.f64())).collect()
}

/// One of the three products of a category that go with a product.
fn partner(shop: &Shop, product: usize, category: usize, luck: f64) -> usize {
    let mut fixed = draw(shop.seed, "partner", (product * shop.shelves.len() + category) as u64);
    let place = PARTNERS.iter().position(|up_to| luck < *up_to).unwrap_or(0);
    (0..=place).map(|_| shop.shelves[category].popular(&mut fixed)).last().unwrap_or_default()
}

fn order(shop: &Shop, reference: String, shopper: Option<ShopperId>, at: Timestamp, mut basket: Vec<(usize, i64)>) -> Happening {
    basket.sort_unstable();
    basket.dedup_by_key(|(product, _)| *product);
    let line = |(product, quantity): (usize, i64)| {
        let price = shop.shelves[shop.category_of(product)].card(product).price_minor;
        OrderLine { product: shop.id_of(product), title: None, quantity, unit_price: Some(Money::new(price, Currency::USD)) }
    };
    Happening::Ordered(OrderRow { reference, shopper, at, lines: basket.into_iter().map(line).collect(), lines_left_out: 0 })
}

impl Visit<'_> {
    /// A search or a category page, what is chosen from it, and perhaps a product in the cart.
    fn look_for_something(&mut self) {
        let category = self.taste.category(self.shop, self.moment.month, &mut self.draw);
        self.origin.query = None;
        if self.draw.f64() < SEARCH_SHARE {
            self.search(category);
        }
        let list = self.list(category);
        self.pass_s(4);
        for (place, product) in list.iter().take(SEEN_LEN).enumerate() {
            self.behave(Behaviour::Impression, *product, Some(place));
        }
        let mut best: Option<(f64, usize)> = None;
        for (place, product) in list.iter().enumerate() {
            let liking = self.taste.liking(self.shop, category, *product);
            // The chance to look at a place at all falls with its rank; what is seen is chosen by taste.
            if self.draw.f64() < liking * 0.75 / (1.0 + 0.5 * place as f64) {
                self.pass_s(15);
                self.behave(Behaviour::Click, *product, Some(place));
                self.behave(Behaviour::View, *product, None);
                if best.is_none_or(|(most, _)| liking > most) {
                    best = Some((liking, *product));
                }
            }
        }
        if let Some((_, product)) = best.filter(|_| self.draw.f64() < CART_SHARE) {
            self.take(category, product);
        }
    }

    fn search(&mut self, category: usize) {
        let text = queries::for_category(self.shop, category, &mut self.draw);
        let query = QueryId::new(&format!("q-{:06}-{}", self.number, self.happened.len())).ok();
        let matches_count = self.shop.shelves[category].products.len() as u64;
        if let Some(query) = query.clone() {
            self.happened.push(Happening::Searched { query, text, matches_count, origin: self.origin.clone(), at: self.at });
        }
        self.origin.query = query;
    }

    fn list(&mut self, category: usize) -> Vec<usize> {
        let mut list = Vec::with_capacity(LIST_LEN);
        for _ in 0..2 * LIST_LEN {
            let product = self.taste.product(self.shop, category, self.moment.days_before, &mut self.draw);
            if list.len() < LIST_LEN && !list.contains(&product) {
                list.push(product);
            }
        }
        list
    }

    /// Puts a product into the cart, and looks at what goes with it.
    fn take(&mut self, category: usize, product: usize) {
        let quantity = units(self.shop, category, &mut self.draw);
        self.pass_s(20);
        self.behave(Behaviour::AddToCart, product, None);
        self.basket.push((product, quantity));
        for companion in companions(self.shop, category, product, &mut self.draw) {
            self.origin.query = None;
            self.pass_s(25);
            self.behave(Behaviour::View, companion, None);
            self.behave(Behaviour::AddToCart, companion, None);
            self.basket.push((companion, 1));
        }
    }

    fn check_out(&mut self) {
        if !self.basket.is_empty() && self.draw.f64() < BUY_SHARE {
            self.pass_s(120);
            let basket = std::mem::take(&mut self.basket);
            self.happened.push(order(self.shop, format!("W-{:06}", self.number), self.origin.shopper.clone(), self.at, basket));
        }
    }

    /// Lets up to twice `seconds` pass.
    fn pass_s(&mut self, seconds: i64) {
        self.at = self.at.plus_ms(500 + self.draw.i64(0..seconds * 2_000));
    }

    fn behave(&mut self, behaviour: Behaviour, product: usize, place: Option<usize>) {
        let origin = Origin { rank: place.map(|place| place as u32 + 1), ..self.origin.clone() };
        let row = EventRow { behaviour, product: self.shop.id_of(product), quantity: 1, origin, at: self.at };
        self.happened.push(Happening::Behaved(row));
    }
}
