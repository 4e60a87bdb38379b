//! The shop's own interface under `/v1`.

pub(super) mod after_sale;
pub(super) mod analytics;
pub(super) mod card;
pub(super) mod carts;
pub(super) mod events;
mod facets;
pub(super) mod fulfilment;
pub(super) mod generations;
pub(super) mod health;
pub(super) mod inventory;
pub(super) mod lines;
pub(super) mod multi_search;
pub(super) mod orders;
pub(super) mod payments;
pub(super) mod pricing;
pub(super) mod products;
pub(super) mod ranking;
pub(super) mod recommend;
pub(super) mod relations;
pub(super) mod rules;
pub(super) mod search;
mod settings;
pub(super) mod shoppers;
pub(super) mod stock;
pub(super) mod suggest;
pub(super) mod synonyms;
