//! Products that several rows make up together: items of one group in a Google feed, rows of one handle in a Shopify export, variations in one of
//! WooCommerce.
//!
//! Rows of a product usually follow each other, and need not: the products begun last stay open for rows that come late. What all rows of a
//! product say alike is the product's, what they say differently the variant's.

use super::products::ProductReader;
use super::records::{RawRow, Records};
use super::shopify::Carried;
use super::source::Preset;
use super::value::Value;
use super::woocommerce::Numbered;
use super::{Reject, Row, google, plain};
use crate::catalog::product::VARIANTS_MAX;
use crate::catalog::{AttributeValue, Attributes, Product, Variant};
use crate::id::{ProductId, Sku};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

/// Products that wait for further rows. A row that comes later than so many others begins its product anew, and is refused for it.
const OPEN_MAX: usize = 4_096;
const IMAGES_MAX: usize = 20;

/// One row in the words of our own columns.
pub(super) struct Part<'r> {
    pub(super) line: u64,
    /// What the rows of a product have in common.
    pub(super) group: Option<String>,
    pub(super) fields: Vec<(Cow<'r, str>, Value<'r>)>,
    /// Whether it tells of a variant, and not of pictures alone.
    pub(super) is_form: bool,
}

/// What one row came to.
enum Taken {
    /// A product of its own.
    Whole(Box<Row<Product>>),
    /// A part of a product that may have more.
    Kept,
}

/// A product that may have more rows.
struct Open {
    line: u64,
    product: Product,
    /// What each variant's row said of it.
    attributes: Vec<Attributes>,
    /// The form that the product itself would be, when the row that it began with tells of none: it is one when no other row does.
    otherwise: Vec<Variant>,
}

/// Makes products of rows that belong together.
pub(super) struct GroupedReader {
    preset: Preset,
    rows: ProductReader,
    carried: Carried,
    numbered: Numbered,
    open: HashMap<String, Open>,
    order: VecDeque<String>,
}

impl GroupedReader {
    pub(super) fn new(preset: Preset, rows: ProductReader) -> Self {
        Self { preset, rows, carried: Carried::default(), numbered: Numbered::default(), open: HashMap::new(), order: VecDeque::new() }
    }

    /// The next product whose rows have all come.
    pub(super) fn next(&mut self, records: &mut Records) -> Option<Result<Row<Product>, Reject>> {
        loop {
            if self.order.len() > OPEN_MAX {
                return self.close();
            }
            match records.read(&mut |row| self.take(row)) {
                Some(Ok(Taken::Whole(row))) => return Some(Ok(*row)),
                Some(Ok(Taken::Kept)) => {}
                Some(Err(refused)) => return Some(Err(refused)),
                None => return self.close(),
            }
        }
    }

    fn take(&mut self, row: &RawRow<'_>) -> Result<Taken, Reject> {
        let part = match self.preset {
            Preset::Google => Some(google::part(row)?),
            Preset::Shopify => self.carried.part(row)?,
            Preset::WooCommerce => Some(self.numbered.part(row)?),
            Preset::Plain => Some(plain::part(row)),
        };
        let Some(Part { line, group, fields, is_form }) = part else { return Ok(Taken::Kept) };
        let product = self.rows.flat(&RawRow { line, fields: &fields, json: None })?;
        if self.preset == Preset::Plain {
            self.rows.tell_columns();
        }
        let Some(group) = group else {
            let value = self.rows.admitted(line, product)?;
            return Ok(Taken::Whole(Box::new(Row { line, value })));
        };
        // A row of a plain table that may be a parent keeps the name that it would have by itself.
        let keeps_name = self.preset == Preset::Plain && !is_form;
        let id = if keeps_name { Ok(product.id.clone()) } else { ProductId::new(&super::naming::bounded(&group)) };
        let id = id.map_err(|error| row.reject("item_group_id", error.to_string()))?;
        match self.open.get_mut(&group) {
            Some(open) if keeps_name && open.is_told_by_itself() => {
                return Err(row.reject("sku", format!("{group} stands in line {} already", open.line)));
            }
            Some(open) => open.add(product, is_form),
            None => {
                let open = Open::begun(line, Product { id, ..product }, is_form);
                self.open.insert(group.clone(), open);
                self.order.push_back(group);
            }
        }
        Ok(Taken::Kept)
    }

    /// Gives out the product that has been open longest.
    fn close(&mut self) -> Option<Result<Row<Product>, Reject>> {
        let open = self.open.remove(&self.order.pop_front()?)?;
        let line = open.line;
        Some(self.rows.admitted(line, open.ended()).map(|value| Row { line, value }))
    }
}

impl Open {
    fn begun(line: u64, mut product: Product, is_form: bool) -> Self {
        if is_form {
            return Self { line, attributes: vec![product.attributes.clone()], product, otherwise: Vec::new() };
        }
        let otherwise = std::mem::take(&mut product.variants);
        Self { line, product, attributes: Vec::new(), otherwise }
    }

    /// Whether it began with a row that tells of no form.
    fn is_told_by_itself(&self) -> bool {
        !self.otherwise.is_empty()
    }

    fn add(&mut self, row: Product, is_form: bool) {
        let product = &mut self.product;
        for image in row.images {
            if product.images.len() < IMAGES_MAX && !product.images.contains(&image) {
                product.images.push(image);
            }
        }
        if !is_form {
            return;
        }
        for path in row.categories {
            if !product.categories.contains(&path) {
                product.categories.push(path);
            }
        }
        product.brand = product.brand.take().or(row.brand);
        product.description = product.description.take().or(row.description);
        product.url = product.url.take().or(row.url);
        // One more than may be is enough to be refused for it.
        if product.variants.len() <= VARIANTS_MAX {
            product.variants.extend(row.variants);
            self.attributes.push(row.attributes);
        }
    }

    /// The product with what its variants have in common taken out of them.
    fn ended(self) -> Product {
        let Self { mut product, attributes, otherwise, .. } = self;
        let Some(first) = attributes.first() else { return Product { variants: otherwise, ..product } };
        let is_shared = |name: &String, value: &AttributeValue| attributes.iter().all(|own| own.get(name) == Some(value));
        // What only the first row tells, as exports write what holds for all, holds for all.
        let is_told_once = |name: &String| attributes.len() > 1 && attributes.iter().skip(1).all(|own| !own.contains_key(name));
        let common: Attributes = first.iter().filter(|(name, value)| is_shared(name, value) || is_told_once(name)).map(pair).collect();
        for (variant, own) in product.variants.iter_mut().zip(&attributes) {
            variant.attributes = own.iter().filter(|(name, _)| !common.contains_key(*name)).map(pair).collect();
            let names: Vec<String> = variant.attributes.values().filter_map(name_of).collect();
            variant.title = (!names.is_empty()).then(|| names.join(", "));
        }
        // What the product's own row says stays, but for what tells its forms apart.
        if !otherwise.is_empty() {
            let is_told = |name: &String| product.variants.iter().any(|variant| variant.attributes.contains_key(name));
            let own: Attributes = product.attributes.iter().filter(|(name, _)| !is_told(name)).map(pair).collect();
            product.attributes = own.into_iter().chain(common).collect();
        } else {
            product.attributes = common;
        }
        tell_apart(&mut product.variants);
        product
    }
}

/// Exports let several forms of a product have one SKU; here each has its own: the first keeps it.
fn tell_apart(variants: &mut [Variant]) {
    let mut seen: HashSet<String> = HashSet::new();
    for (index, variant) in variants.iter_mut().enumerate() {
        if !seen.insert(variant.sku.as_str().to_owned())
            && let Ok(own) = Sku::new(&super::naming::bounded(&format!("{}-{}", variant.sku, index + 1)))
            && seen.insert(own.as_str().to_owned())
        {
            variant.sku = own;
        }
    }
}

fn pair((name, value): (&String, &AttributeValue)) -> (String, AttributeValue) {
    (name.clone(), value.clone())
}

fn name_of(value: &AttributeValue) -> Option<String> {
    match value {
        AttributeValue::Text(text) => Some(text.clone()),
        AttributeValue::Number(number) => Some(number.to_string()),
        AttributeValue::Flag(_) | AttributeValue::Texts(_) => None,
    }
}
