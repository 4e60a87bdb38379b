//! The engine a shop runs on: it finds products, ranks them by what is selling and in stock right now, recommends what goes with them,
//! takes the order, keeps the stock, and learns from it at once.
//!
//! This page is the tour: modules stand in the order in which a newcomer should read them, which is also the order of the rows of
//! `docs/ARCHITECTURE.md`. A module may use any earlier row and never a later one; `tests/integration/tidy.rs` checks it.

pub mod stdx;

pub mod country;
pub mod id;
pub mod money;
pub mod text;

pub mod event;
pub mod model;

pub mod access;
pub mod cart;
pub mod catalog;
pub mod fulfilment;
pub mod inventory;
pub mod journal;
pub mod payment;
pub mod pricing;
pub mod signal;

pub mod order;
pub mod recommend;
pub mod search;

pub mod trade;

pub mod pipeline;

pub mod connect;
pub mod demo;
pub mod learn;

pub mod config;

pub mod app;

pub mod http;

pub mod cli;
