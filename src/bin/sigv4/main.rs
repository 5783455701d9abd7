//! The command `sigv4`.
fn main() {}
