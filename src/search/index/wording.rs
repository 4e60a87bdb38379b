//! What a product says, as one number: everything of its document but the amounts of prices, ratings, and what no search reads. A product that is put
//! again and says what it said needs no word, name or meaning of it indexed anew.

use crate::catalog::Product;
use crate::catalog::{AttributeValue, Attributes, Offer, Variant};
use crate::stdx::digest::{Hasher, short};

/// Of a product that says the same it is the same: a 64-bit digest, never 0.
pub(super) fn wording_of(product: &Product) -> u64 {
    // Named one by one, so that a new field is thought about here.
    let Product { id, title, brand, description, categories, attributes, images: _, url: _, rating: _, popularity: _, variants } = product;
    let mut wording = Wording::default();
    wording.text(id.as_str());
    wording.text(title);
    wording.optional(brand.as_deref());
    wording.optional(description.as_deref());
    wording.list(categories, |wording, path| wording.texts(path));
    wording.attributes(attributes);
    wording.list(variants, |wording, variant| {
        let Variant { sku, title, gtins, mpn, attributes, offers } = variant;
        wording.text(sku.as_str());
        wording.optional(title.as_deref());
        wording.texts(gtins);
        wording.optional(mpn.as_deref());
        wording.attributes(attributes);
        // Where it is offered decides where it is found; what it costs there is a number that moves.
        wording.list(offers, |wording, Offer { marketplace, price, list_price: _ }| {
            wording.optional(marketplace.as_ref().map(|marketplace| marketplace.as_str()));
            wording.text(price.currency.as_str());
        });
    });
    short(&wording.0.finish()).max(1)
}

/// Texts and lists one behind the other, each with its length, so that no two products run together alike.
#[derive(Default)]
struct Wording(Hasher);

impl Wording {
    fn count(&mut self, count: usize) {
        self.0.update(&(count as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.count(usize::from(text.is_some()));
        text.into_iter().for_each(|text| self.text(text));
    }

    fn list<'t, T: 't>(&mut self, list: impl IntoIterator<Item = &'t T, IntoIter: ExactSizeIterator>, say: impl Fn(&mut Self, &T)) {
        let list = list.into_iter();
        self.count(list.len());
        list.for_each(|one| say(self, one));
    }

    fn texts(&mut self, texts: &[String]) {
        self.list(texts, |wording, text| wording.text(text));
    }

    fn attributes(&mut self, attributes: &Attributes) {
        self.count(attributes.len());
        for (name, value) in attributes {
            self.text(name);
            match value {
                AttributeValue::Flag(flag) => self.0.update(&[0, u8::from(*flag)]),
                AttributeValue::Number(number) => {
                    self.0.update(&[1]);
                    self.0.update(&number.to_bits().to_le_bytes());
                }
                AttributeValue::Text(text) => {
                    self.0.update(&[2]);
                    self.text(text);
                }
                AttributeValue::Texts(texts) => {
                    self.0.update(&[3]);
                    self.texts(texts);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn document() -> Value {
        json!({
            "id": "p", "title": "Oak lamp", "brand": "Acme", "description": "Warm.", "categories": [["Home", "Lamps"]],
            "attributes": {"width": 3.0, "colour": "red", "sizes": ["s", "m"], "new": true},
            "images": ["https://a.example/1.jpg"], "url": "https://a.example/p", "rating": {"average": 4.5, "count": 3}, "popularity": 2.0,
            "variants": [{"sku": "s", "title": "Red", "gtins": ["4006381333931"], "mpn": "M1", "attributes": {"plug": "eu"},
                "offers": [{"price": {"amount_minor": 100, "currency": "EUR"}}, {"marketplace": "de", "price": {"amount_minor": 90, "currency": "EUR"}}]}],
        })
    }

    fn wording(document: &Value) -> u64 {
        wording_of(&Product::from_document(document.to_string().as_bytes()).expect("a product"))
    }

    #[test]
    fn prices_ratings_pictures_and_popularity_say_nothing_and_all_else_does() {
        let before = wording(&document());
        for (pointer, value, says) in [
            ("/rating/average", json!(1.0), false),
            ("/rating", Value::Null, false),
            ("/popularity", json!(9.0), false),
            ("/images", json!(["https://a.example/2.jpg"]), false),
            ("/url", json!("https://a.example/q"), false),
            ("/variants/0/offers/0/price/amount_minor", json!(99), false),
            ("/variants/0/offers/0/list_price", json!({"amount_minor": 120, "currency": "EUR"}), false),
            ("/variants/0/offers/0/price/currency", json!("USD"), true),
            ("/variants/0/offers/1/marketplace", json!("fr"), true),
            ("/variants/0/offers", json!([]), true),
            ("/id", json!("q"), true),
            ("/title", json!("Oak Lamp"), true),
            ("/brand", json!("Acme2"), true),
            ("/description", json!("Cold."), true),
            ("/categories", json!([["Home"], ["Lamps"]]), true),
            ("/attributes/width", json!(4.0), true),
            ("/attributes/width", json!("3"), true),
            ("/attributes/sizes", json!(["sm"]), true),
            ("/attributes/new", json!(false), true),
            ("/variants/0/sku", json!("t"), true),
            ("/variants/0/title", json!("Blue"), true),
            ("/variants/0/gtins", json!([]), true),
            ("/variants/0/mpn", json!("M2"), true),
            ("/variants/0/attributes/plug", json!("uk"), true),
        ] {
            let mut document = document();
            let (parent, name) = pointer.rsplit_once('/').expect("has a name");
            match document.pointer_mut(parent).expect("is there") {
                Value::Object(fields) if value.is_null() => drop(fields.remove(name)),
                parent => parent[name] = value,
            }
            assert_eq!(wording(&document) != before, says, "{pointer}");
        }
    }
}
