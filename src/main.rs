//! The `shopkeeper` binary: sets the allocator and hands over to the command line.

fn main() {}
