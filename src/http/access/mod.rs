//! Who asks, what they may do, and what of the shop they reach.
//!
//! The [`gate`] stands before every route. It reads the credentials into a [`Caller`], looks the route up in the [`table`], refuses what is not
//! allowed, and hands the caller on: as an extension of the request, and as the task's own [`Caller::current`], so that whatever a handler
//! asks the engine for is bounded by who asks, also where a handler does not think of it.

mod caller;
mod credentials;
mod deeds;
mod desk;
mod gate;
mod hosts;
mod origins;
mod reach;
mod table;

pub(super) use caller::{Caller, Who};
pub(super) use credentials::{Cookie, SESSION_COOKIE, VISIT_COOKIE, set_cookie};
pub(super) use deeds::{Object, OfPeople};
pub(super) use desk::Desk;
pub(super) use gate::{check_elsewhere, gate};
pub(super) use table::told;

/// The name that a request has in answers and logs, as an extension of the request.
#[derive(Clone)]
pub(super) struct RequestName(pub(super) axum::http::HeaderValue);
