//! Who may do what: access keys and their scopes, administrators and their sessions, signed names of shoppers.
//!
//! Everything here is a pure function of what it is given, time and random bytes included. The [`Book`] is a fold over the access journal;
//! commands are decided on it as the trade engine decides. Sessions and counted failures are not facts of the shop: they live in memory and
//! end with the process.

mod book;
mod command;
mod grant;
mod login;
mod named;
mod password;
mod scope;
mod secret;
mod session;
mod signed;
mod totp;
mod view;

pub use book::{Admin, Book, Key};
pub use command::{AccessCommand, AccessRefusal, decide};
pub use grant::{GrantError, Preset, check_grant, grant_of};
pub use login::{LOCKED_MS, LoginLimits};
pub use named::{ANSWER_BYTES_MAX, Named, Write};
pub use password::{PASSWORD_BYTES_MAX, check as check_password, hash as hash_password, verify as verify_password};
pub use scope::{Resource, Scope, ScopeSet, Verb};
pub use secret::{KEY_RANDOM_BYTES, Presented, letters, new_secret};
pub use session::{SESSION_IDLE_MS, SESSION_LIFE_MS, Session, Sessions};
pub use signed::{Purpose, Signer};
pub use totp::{TOTP_SECRET_BYTES, totp_step, totp_uri};
pub use view::{AdminView, KeyView};
