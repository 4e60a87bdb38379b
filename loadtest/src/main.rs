//! Open-loop load generator for shopkeeper: arrivals do not wait for answers.

fn main() {}
