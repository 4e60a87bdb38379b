//! The edge: an accept loop, limits, routes, problem documents and the pages. The only place, beside connectors, that is async.
//!
//! A request passes [`observe`] (name, deadline, bounds, metrics, log), then its route; handlers call the engine inline, because an answer
//! takes less time than handing it to another thread, and wait only for the writers' replies.

mod access;
mod algolia;
mod answer;
mod asked;
mod body;
mod client;
mod console;
mod context;
mod error;
mod guard;
mod keys;
mod limits;
mod native;
mod observe;
mod openapi;
mod pages;
mod params;
mod path;
mod router;
mod serve;
mod server;
mod telemetry;
mod ucp;
mod versions;
mod visitor;

pub use client::{AskError, RunningServer};
pub use serve::{Server, serve};
pub use server::{ServeError, Stopper};
