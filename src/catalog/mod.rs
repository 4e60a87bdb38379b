//! What is sold: products, variants, offers, categories and attributes; their documents and the formats they arrive in.

pub mod product;

pub use product::{AttributeValue, Attributes, Offer, Product, ProductError, Rating, Variant};
