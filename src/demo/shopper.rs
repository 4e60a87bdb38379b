//! Shoppers and their tastes: which categories they come for, which brands they trust, what they are ready to pay.

use super::{Draw, Shop, draw};

/// A shopper looks at no more candidates than this before taking what is there.
const CANDIDATES_MAX: usize = 14;
/// Of choices, that many follow a shopper's own interests; the rest follows what the season and the shop offer.
const OWN_INTEREST_SHARE: f64 = 0.78;

/// What one shopper likes.
#[derive(Debug)]
pub(super) struct Taste {
    /// Names the shopper in choices that always come out the same.
    number: u64,
    /// Categories, the dearest first.
    favourites: Vec<usize>,
    /// 0 buys the cheapest, 1 the dearest.
    price_level: f64,
    /// How much more a trusted brand counts.
    loyalty: f64,
}

impl Taste {
    /// The taste of a shopper, always the same for the same number.
    pub(super) fn of(shop: &Shop, number: u64) -> Self {
        let mut draw = draw(shop.seed, "shopper", number);
        let count = 2 + draw.usize(..4);
        let first = draw.usize(..shop.shelves.len());
        let mut favourites = vec![first];
        while favourites.len() < count {
            // Interests lie near each other: a complement of the last one, or something else of its department.
            let last = favourites[favourites.len() - 1];
            let complements = &shop.grammar.categories[last].goes_with;
            let next = match draw.choice(complements) {
                Some((complement, _)) if draw.f64() < 0.6 => *complement,
                Some(_) | None => neighbour(shop, last, &mut draw),
            };
            favourites.push(next);
        }
        Self { number, favourites, price_level: draw.f64(), loyalty: draw.f64() }
    }

    /// What the shopper comes for today.
    pub(super) fn category(&self, shop: &Shop, month: u8, draw: &mut Draw) -> usize {
        if draw.f64() < OWN_INTEREST_SHARE {
            // The smaller of two: dearer interests come up more often.
            let place = draw.usize(..self.favourites.len()).min(draw.usize(..self.favourites.len()));
            return self.favourites[place];
        }
        let mut category = draw.usize(..shop.shelves.len());
        for _ in 0..CANDIDATES_MAX {
            if draw.f64() < season(shop, category, month) / 2.0 {
                break;
            }
            category = draw.usize(..shop.shelves.len());
        }
        category
    }

    /// A product of the category: popular, and to the shopper's taste.
    pub(super) fn product(&self, shop: &Shop, category: usize, days_before: f64, draw: &mut Draw) -> usize {
        let shelf = &shop.shelves[category];
        if shop.grammar.categories[category].usual && draw.f64() < 0.6 {
            return self.usual(shop, category);
        }
        let mut candidate = shelf.popular(draw);
        for _ in 0..CANDIDATES_MAX {
            if draw.f64() < self.liking(shop, category, candidate) * shelf.trend(candidate, days_before) / 7.0 {
                break;
            }
            candidate = shelf.popular(draw);
        }
        candidate
    }

    /// The one that the shopper buys again and again.
    fn usual(&self, shop: &Shop, category: usize) -> usize {
        shop.shelves[category].popular(&mut draw(shop.seed ^ self.number, "usual", category as u64))
    }

    /// How well a product suits the shopper, about 0.2 to 3.
    pub(super) fn liking(&self, shop: &Shop, category: usize, index: usize) -> f64 {
        let card = shop.shelves[category].card(index);
        let department = shop.grammar.categories[category].department;
        let brands_count = shop.grammar.departments[department].brands.len() as u64;
        let trusted = draw(shop.seed ^ self.number, "brand", department as u64).u64(..brands_count) as usize;
        let price_fit = 1.0 - (card.price_place - self.price_level).abs();
        let brand_fit = if card.brand == trusted { 1.6 * self.loyalty } else { 0.0 };
        0.2 + 1.2 * price_fit * price_fit + brand_fit
    }
}

fn neighbour(shop: &Shop, category: usize, draw: &mut Draw) -> usize {
    let department = shop.grammar.categories[category].department;
    let same: Vec<usize> = (0..shop.shelves.len()).filter(|&other| shop.grammar.categories[other].department == department).collect();
    same[draw.usize(..same.len())]
}

/// How much more than usual a category is wanted in a month, 0.6 to 2.
fn season(shop: &Shop, category: usize, month: u8) -> f64 {
    let Some(peak) = shop.grammar.categories[category].season else { return 1.0 };
    let apart = (i16::from(peak) - i16::from(month)).rem_euclid(12);
    match apart.min(12 - apart) {
        0 => 2.0,
        1 => 1.6,
        2 => 1.1,
        _ => 0.6,
    }
}
