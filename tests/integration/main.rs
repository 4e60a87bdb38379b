//! The one integration binary; this page is its index.

mod tidy;
