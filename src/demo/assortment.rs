//! The sample shop's products: each is made from the seed and its own number alone, so any of them can be made at any time.

use super::grammar::{Category, Grammar, Pick};
use super::{Draw, draw};
use crate::catalog::{AttributeValue, Attributes, Offer, Product, Rating, Variant};
use crate::id::{ProductId, Sku};
use crate::money::{Currency, Money};
use std::collections::BTreeMap;

const COLOURS_MAX: usize = 4;
const SENTENCES_MAX: usize = 4;

/// The choices that make a product, before any text.
#[derive(Debug)]
pub(super) struct Core<'g> {
    pub(super) category: &'g Category,
    pub(super) brand: usize,
    pub(super) price_minor: i64,
    /// Before the reduction, when there is one.
    list_price_minor: Option<i64>,
    attributes: Vec<(&'g str, &'g Pick)>,
    /// What the slots of templates hold: attributes, words, noun, brand, series, model.
    slots: BTreeMap<String, String>,
    colours: Vec<&'g str>,
    rating: Option<Rating>,
    draw: Draw,
}

/// Makes the choices of product `index`, which stands in `category`.
pub(super) fn core(grammar: &Grammar, seed: u64, category: usize, index: usize) -> Core<'_> {
    let category = &grammar.categories[category];
    let department = &grammar.departments[category.department];
    let mut draw = draw(seed, "product", index as u64);
    let brand = draw.usize(..department.brands.len());
    let attributes: Vec<(&str, &Pick)> =
        category.attributes.iter().map(|(name, picks)| (name.as_str(), &picks[draw.usize(..picks.len())])).collect();
    let position = department.brands[brand].position;
    let price_minor = price(category, position, &attributes, &mut draw);
    let list_price_minor =
        (draw.f64() < 0.22).then(|| shelf_price(price_minor as f64 * (1.1 + 0.4 * draw.f64()))).filter(|list| *list > price_minor);
    let mut slots: BTreeMap<String, String> = attributes.iter().map(|(name, pick)| ((*name).to_owned(), spoken(pick))).collect();
    for (name, words) in &category.words {
        let first = draw.usize(..words.len());
        let second = (first + 1 + draw.usize(..words.len().max(2) - 1)) % words.len();
        slots.insert(name.clone(), words[first].clone());
        slots.insert(format!("{name}2"), words[second].clone());
    }
    let brand_name = &department.brands[brand].name;
    let series = &department.series[draw.usize(..department.series.len())];
    let model = format!("{}{}{}", &brand_name[..1], &series[..1].to_uppercase(), 1_000 + draw.usize(..9_000));
    slots.insert("noun".to_owned(), category.nouns[draw.usize(..category.nouns.len())].clone());
    slots.insert("brand".to_owned(), brand_name.clone());
    slots.insert("series".to_owned(), series.clone());
    slots.insert("model".to_owned(), model);
    let rating = rating(position, &mut draw);
    let colours = some_of(&category.colours, &mut draw);
    Core { category, brand, price_minor, list_price_minor, attributes, slots, colours, rating, draw }
}

/// A price within the category's range: mostly in its lower half, higher for better brands and larger forms.
fn price(category: &Category, position: f64, attributes: &[(&str, &Pick)], draw: &mut Draw) -> i64 {
    let [low, high] = category.price.map(|whole| whole as f64 * 100.0);
    let chosen = attributes.iter().find(|(name, _)| category.scale.as_deref() == Some(*name));
    let place = chosen.map_or(0.0, |(name, pick)| {
        let picks = &category.attributes[*name];
        picks.iter().position(|known| known == *pick).unwrap_or(0) as f64 / (picks.len().max(2) - 1) as f64
    });
    let luck = draw.f64();
    let share = if chosen.is_some() { 0.65 * place * place + 0.35 * luck * luck } else { luck * luck };
    shelf_price((low + (high - low) * share) * position)
}

/// The nearest price that a shop would write, in minor units.
fn shelf_price(minor: f64) -> i64 {
    let minor = minor.max(99.0) as i64;
    match minor {
        ..2_000 => minor / 50 * 50 + 49,
        2_000..20_000 => minor / 100 * 100 + 99,
        20_000.. => minor / 1_000 * 1_000 + 900,
    }
}

/// Better brands are rated a little better; few products are rated badly.
fn rating(position: f64, draw: &mut Draw) -> Option<Rating> {
    let unrated = draw.f64() < 0.08;
    let tenths = 34.0 + 4.0 * position + 9.0 * draw.f64() - 12.0 * draw.f64() * draw.f64() * draw.f64();
    let luck = draw.f64();
    let count = 1 + (1_200.0 * luck * luck * luck * luck) as u32;
    let average = (tenths.clamp(12.0, 49.0) as u8 as f32) / 10.0;
    (!unrated).then_some(Rating { average, count })
}

fn some_of<'g>(all: &'g [String], draw: &mut Draw) -> Vec<&'g str> {
    let count = if all.is_empty() { 0 } else { 1 + draw.usize(..all.len().min(COLOURS_MAX)) };
    let first = draw.usize(..all.len().max(1));
    (0..count).map(|step| all[(first + step) % all.len()].as_str()).collect()
}

/// A value as it stands in a sentence.
fn spoken(pick: &Pick) -> String {
    match pick {
        Pick::Flag(flag) => if *flag { "with" } else { "without" }.to_owned(),
        Pick::Number(number) => number.to_string(),
        Pick::Text(text) => text.clone(),
    }
}

fn value(pick: &Pick) -> AttributeValue {
    match pick {
        Pick::Flag(flag) => AttributeValue::Flag(*flag),
        Pick::Number(number) => AttributeValue::Number(*number),
        Pick::Text(text) => AttributeValue::Text(text.clone()),
    }
}

/// Puts the product's words into the slots of a template.
///
/// # Panics
/// When a template names a slot that its category does not have; a test makes every product.
pub(super) fn filled(template: &str, slots: &BTreeMap<String, String>) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').expect("a slot is closed");
        text.push_str(before);
        text.push_str(slots.get(name).unwrap_or_else(|| panic!("no words for the slot {name} of: {template}")));
        rest = after;
    }
    text.push_str(rest);
    text
}

impl<'g> Core<'g> {
    pub(super) fn slots(&self) -> &BTreeMap<String, String> {
        &self.slots
    }

    pub(super) fn colours(&self) -> &[&'g str] {
        &self.colours
    }

    /// How many variants the product has.
    pub(super) fn variants_count(&self) -> usize {
        self.colours.len().max(1) * self.category.sizes.len().max(1)
    }

    /// The whole product.
    pub(super) fn into_product(mut self, grammar: &Grammar, index: usize) -> Product {
        let code = &grammar.departments[self.category.department].code;
        let title = filled(&self.category.titles[self.draw.usize(..self.category.titles.len())], &self.slots);
        let description = self.description(grammar);
        let attributes: Attributes = self.attributes.iter().map(|(name, pick)| ((*name).to_owned(), value(pick))).collect();
        Product {
            id: product_id(code, index),
            title: capitalised(&title),
            brand: Some(self.slots["brand"].clone()),
            description: Some(description),
            categories: vec![self.category.path.clone()],
            attributes,
            images: Vec::new(),
            url: None,
            rating: self.rating,
            popularity: None,
            variants: self.variants(code, index),
        }
    }

    /// An opening, one or two details, often a remark or a closing word of the house.
    fn description(&mut self, grammar: &Grammar) -> String {
        let category = self.category;
        let closings = &grammar.departments[category.department].closings;
        let mut templates = vec![&category.openings[self.draw.usize(..category.openings.len())]];
        let first = self.draw.usize(..category.details.len());
        templates.push(&category.details[first]);
        if self.draw.f64() < 0.6 && category.details.len() > 1 {
            templates.push(&category.details[(first + 1 + self.draw.usize(..category.details.len() - 1)) % category.details.len()]);
        }
        if self.draw.f64() < 0.75 {
            templates.push(&grammar.remarks[self.draw.usize(..grammar.remarks.len())]);
        }
        if self.draw.f64() < 0.4 && templates.len() < SENTENCES_MAX {
            templates.push(&closings[self.draw.usize(..closings.len())]);
        }
        let sentences: Vec<String> = templates.into_iter().map(|template| capitalised(&filled(template, &self.slots))).collect();
        sentences.join(" ")
    }

    fn variants(&self, code: &str, index: usize) -> Vec<Variant> {
        let sizes = &self.category.sizes;
        let offer = |minor| Money::new(minor, Currency::USD);
        let list_price = self.list_price_minor.map(offer);
        let offers = vec![Offer { marketplace: None, price: offer(self.price_minor), list_price }];
        (0..self.variants_count())
            .map(|number| {
                let colour = self.colours.get(number / sizes.len().max(1)).copied();
                let size = sizes.get(number % sizes.len().max(1)).map(String::as_str);
                let named = [("colour", colour), ("size", size)].into_iter().filter_map(|(name, value)| Some((name, value?)));
                let title: Vec<String> = named.clone().map(|(_, value)| capitalised(value)).collect();
                Variant {
                    sku: sku(code, index, number),
                    title: (!title.is_empty()).then(|| title.join(", ")),
                    gtins: vec![gtin(index, number)],
                    mpn: Some(format!("{}-{:02}", self.slots["model"], number + 1)),
                    attributes: named.map(|(name, value)| (name.to_owned(), AttributeValue::Text(value.to_owned()))).collect(),
                    offers: offers.clone(),
                }
            })
            .collect()
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(super) fn product_id(code: &str, index: usize) -> ProductId {
    ProductId::new(&format!("{}-{index:05}", code.to_lowercase())).expect("letters and digits")
}

pub(super) fn sku(code: &str, index: usize, variant: usize) -> Sku {
    Sku::new(&format!("{code}-{index:05}-{:02}", variant + 1)).expect("letters and digits")
}

/// A GTIN-13 of the range that GS1 leaves to shops themselves (prefix 2), so that it cannot be anybody else's product.
fn gtin(index: usize, variant: usize) -> String {
    let digits = format!("20{index:07}{variant:03}");
    format!("{digits}{}", check_digit(&digits))
}

/// GS1 General Specifications, section 7.9: weights 3 and 1 from the right, complement to ten.
pub(super) fn check_digit(digits: &str) -> u8 {
    let weighted = digits.bytes().rev().zip([3, 1].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight);
    ((10 - weighted.sum::<u32>() % 10) % 10) as u8
}
