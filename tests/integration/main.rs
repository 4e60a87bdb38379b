//! The one integration binary; this page is its index.

mod journal_crash;
mod tidy;
