//! Where bytes become requests: the accept loop, TLS, and everything that keeps slow, greedy or hostile peers from holding what others need.
//!
//! Each open connection has an entry in the [`census`]. The socket notes what arrives in it, requests and answers note where they stand, and
//! one sweep looks at all entries a few times a second and ends what is overdue: no connection has a timer of its own, and every deadline
//! of a connection is one line of [`connection::Standing::overdue`]. Bodies have their own clock ([`arriving`]), because who sends one too
//! slowly is told so.

mod accept;
mod arriving;
mod census;
mod connection;
mod guard;
mod leaving;
mod listener;
mod options;
mod peer;
mod tls;

pub(in crate::http) use accept::accept_until_stopped;
pub(in crate::http) use arriving::TooSlow;
pub(in crate::http) use listener::{Listener, signal};
pub use listener::{ServeError, Stopper};
pub(in crate::http) use options::Options;
pub(in crate::http) use peer::{Group, Peer};
pub(in crate::http) use tls::Certificates;
pub use tls::TlsError;
