//! Products made of the order lines that name them, where the shop has none.
//!
//! What a line calls its product is what somebody typed into an order, and the first one is as likely a fee or a free sample as the thing itself. Lines
//! with a price are believed before others, and among them the title that most of them say. Orders cannot wait for the end of the file, so a product is made of
//! what was said so far, and made anew at the end where more lines say otherwise.

use super::history::product_of;
use super::{ImportError, Rejects};
use crate::app::{ProductIntake, Shop};
use crate::catalog::formats::{OrderRow, Row};
use crate::catalog::{CatalogSnapshot, Offer, Product, Variant};
use crate::id::{ProductId, Sku};
use crate::money::Money;
use std::collections::BTreeMap;

/// Titles of one product that are counted; an order calls it by one of a few.
const TITLES_MAX: usize = 16;
/// Products of one file whose titles are counted; of more, half are as they were made.
const PRODUCTS_MAX: usize = 1_000_000;

/// The products that a file names and the shop lacks.
#[derive(Default)]
pub(super) struct Named {
    products: BTreeMap<String, Said>,
    /// Those named since products were made last.
    fresh: Vec<String>,
}

/// What lines say of one product.
#[derive(Default)]
struct Said {
    /// Where it was named first.
    line: u64,
    /// In the order in which they were said first.
    titles: Vec<Title>,
    made: Option<Product>,
}

struct Title {
    text: String,
    /// The first price above nothing.
    price: Option<Money>,
    priced_count: u64,
    count: u64,
}

impl Said {
    fn hear(&mut self, title: &str, price: Option<Money>) {
        let known = match self.titles.iter().position(|known| known.text == title) {
            Some(place) => place,
            None if self.titles.len() < TITLES_MAX => {
                self.titles.push(Title { text: title.to_owned(), price: None, priced_count: 0, count: 0 });
                self.titles.len() - 1
            }
            None => return,
        };
        let known = &mut self.titles[known];
        known.count += 1;
        known.priced_count += u64::from(price.is_some());
        known.price = known.price.or(price);
    }

    /// The product as most lines with a price have it, or else as most lines do; of two titles said as often the one said first.
    fn product(&self, name: &str) -> Option<Product> {
        let best = self.titles.iter().rev().max_by_key(|title| (title.priced_count, title.count))?;
        product_from(name, &best.text, best.price)
    }
}

impl Named {
    /// Hears what the lines of an order call products that the shop lacks.
    pub(super) fn hear(&mut self, catalog: &CatalogSnapshot, row: &Row<OrderRow>) {
        for line in &row.value.lines {
            let title = line.title.as_deref().unwrap_or_default().trim();
            if title.is_empty() {
                continue;
            }
            let price = line.unit_price.filter(|price| price.amount_minor > 0);
            if let Some(said) = self.products.get_mut(line.product.as_str()) {
                said.hear(title, price);
            } else if product_of(catalog, &line.product).is_none() {
                let mut said = Said { line: row.line, ..Said::default() };
                said.hear(title, price);
                self.products.insert(line.product.clone(), said);
                self.fresh.push(line.product.clone());
            }
        }
    }

    /// Makes the products that were named since the last time; gives how many there are now that were not.
    pub(super) fn make(&mut self, shop: &Shop, rejects: &mut Rejects) -> Result<u64, ImportError> {
        let mut intake = ProductIntake::new(shop);
        for name in std::mem::take(&mut self.fresh) {
            let Some(said) = self.products.get_mut(&name) else { continue };
            if let Some(product) = said.product(&name) {
                intake.push(said.line, product.clone())?;
                said.made = Some(product);
            }
        }
        let (counts, refused) = intake.finish()?;
        rejects.add_all(&refused)?;
        // They are all made by now, so that what is forgotten stays as it is.
        if self.products.len() > PRODUCTS_MAX
            && let Some(middle) = self.products.keys().nth(PRODUCTS_MAX / 2).cloned()
        {
            self.products = self.products.split_off(&middle);
        }
        Ok(counts.created)
    }

    /// Makes those anew that more lines call otherwise, unless somebody has changed them meanwhile.
    pub(super) fn amend(&self, shop: &Shop, rejects: &mut Rejects) -> Result<(), ImportError> {
        let catalog = shop.readers().catalog();
        let mut intake = ProductIntake::new(shop);
        for (name, said) in &self.products {
            let (Some(made), Some(better)) = (&said.made, said.product(name)) else { continue };
            let stands = || catalog.product(catalog.ordinal_of(&made.id)?);
            if better != *made && stands().as_ref() == Some(made) {
                intake.push(said.line, better)?;
            }
        }
        rejects.add_all(&intake.finish()?.1)
    }
}

fn product_from(name: &str, title: &str, price: Option<Money>) -> Option<Product> {
    let offers = price.map(|price| Offer { marketplace: None, price, list_price: None }).into_iter().collect();
    let sku = Sku::new(name).ok()?;
    let variant = Variant { sku, title: None, gtins: Vec::new(), mpn: None, attributes: BTreeMap::new(), offers };
    Some(Product {
        id: ProductId::new(name).ok()?,
        title: title.to_owned(),
        brand: None,
        description: None,
        categories: Vec::new(),
        attributes: BTreeMap::new(),
        images: Vec::new(),
        url: None,
        rating: None,
        popularity: None,
        variants: vec![variant],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn lines_with_a_price_are_believed_before_others_and_of_them_the_most() {
        let check = |lines: &[(&str, i64)], expected: (&str, Option<i64>)| {
            let mut said = Said::default();
            for &(title, minor) in lines {
                said.hear(title, (minor > 0).then(|| Money::new(minor, Currency::USD)));
            }
            let product = said.product("22423").expect("a product");
            let price = product.variants[0].offers.first().map(|offer| offer.price.amount_minor);
            assert_eq!((product.title.as_str(), price), expected, "{lines:?}");
        };
        check(&[("mailout", 0), ("mailout", 0), ("Cake stand", 1275)], ("Cake stand", Some(1275)));
        check(&[("Cake stnd", 1275), ("Cake stand", 1295), ("Cake stand", 1275)], ("Cake stand", Some(1295)));
        check(&[("Cake stand", 0), ("Cake stand", 1275), ("sample", 0)], ("Cake stand", Some(1275)));
        check(&[("damaged", 0), ("lost", 0), ("lost", 0)], ("lost", None));
        check(&[("one", 5), ("other", 5)], ("one", Some(5)));
    }
}
