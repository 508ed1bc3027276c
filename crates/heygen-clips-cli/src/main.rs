//! The `heygen-clips` program.

fn main() {}
