//! A product, session or shopper to products, from tables that move with every event.

pub mod request;

pub use request::{Kind, Reason, Recommendation, Request};
