//! Open-loop load generator for shopkeeper: arrivals do not wait for answers.

mod action;
mod behind;
mod cli;
mod client;
mod flow;
mod generate;
mod killing;
mod objective;
mod page;
mod progress;
mod record;
mod report;
mod run;
mod scenario;
mod schedule;
mod shop;
mod verify;
mod visit;
mod zipf;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}
