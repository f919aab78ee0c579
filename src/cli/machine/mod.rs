//! What `doctor` looks at, one file a subject. Each only looks.

pub mod account;
#[expect(clippy::module_inception, reason = "the machine itself, beside what is on it")]
pub mod machine;
pub mod plan;
pub mod storage;
pub mod terminal;
