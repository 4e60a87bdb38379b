//! How much is taken on when more is asked than can be done: completing a checkout before changing a cart, before browsing, before bulk work.
//!
//! Searching and recommending is what uses the processors. Such work is done in turns ([`Turn`]): at most one for each core at a time, and the
//! next ones wait in a short queue, the more urgent class first. The runtime has as many threads again for everything else, so reading
//! requests, refusing them and selling goes on at once while every turn is taken. How many may stand in the queue follows from how long they
//! stand there ([`limit`]); who finds it full is refused at the door, before a body is read, which costs little; and work whose asker has
//! given up is not begun. So what is done under overload is the work of those who are answered in time.

mod class;
mod limit;
mod line;
mod ticket;
mod work;

pub(super) use ticket::{PATIENCE, PATIENCE_MS_MAX, Ticket, admit, admit_as};
pub(super) use work::{Turn, Work};

/// Whether requests to a route are let in only when there is room for them.
pub(super) fn is_admitted(method: &axum::http::Method, route: &str) -> bool {
    class::Class::of(method, route).is_some()
}
