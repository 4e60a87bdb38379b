//! Open-loop load generator for shopkeeper: arrivals do not wait for answers.

mod action;
mod behind;
mod beside;
mod cli;
mod client;
mod cold_start;
mod flow;
mod gauges;
mod generate;
mod killing;
mod objective;
mod page;
mod progress;
mod record;
mod report;
mod run;
mod saturation;
mod scenario;
mod schedule;
mod server;
mod shop;
mod slow;
mod stock;
mod truth;
mod verify;
mod visit;
mod zipf;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}
