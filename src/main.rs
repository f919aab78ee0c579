//! golive
fn main() {}
