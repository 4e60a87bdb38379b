//! The edge: an accept loop, limits, routes, problem documents and the pages. The only place, beside connectors, that is async.
//!
//! A connection has its place in the [`edge`]. A request passes [`observe`] (name, deadline, bounds, metrics, log), the allowance of who asks
//! ([`rate`]) and the door ([`admission`]), then its route. Handlers call the engine inline, because an answer takes less time than handing it
//! to another thread; what searches takes a turn first, and what writes waits for the writers' replies.

mod access;
mod admission;
mod algolia;
mod answer;
mod asked;
mod blocking;
mod body;
mod client;
mod console;
mod context;
mod edge;
mod error;
mod keys;
mod limits;
mod named;
mod native;
mod observe;
mod openapi;
mod pages;
mod params;
mod path;
mod rate;
mod router;
mod serve;
mod telemetry;
mod ucp;
mod unread;
mod versions;
mod visitor;
mod written;

pub use client::{AskError, RunningServer};
pub use edge::{ServeError, Stopper, TlsError};
pub use serve::{Server, serve};
