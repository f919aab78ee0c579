//! The figures of the design, measured; not a test, since a busy machine would fail it.

fn main() {}
