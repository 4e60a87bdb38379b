//! The one integration binary; this page is its index.

mod corpora;
mod demo;
mod foreign_files;
mod formats;
mod histories;
mod http;
mod journal_crash;
mod journal_cut;
mod learned;
mod process;
mod tidy;
mod trade_simulation;
