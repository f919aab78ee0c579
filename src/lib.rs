//! golive: the terminal cockpit for going live.
//!
//! The map of this tree, and who may import whom (enforced by `tests/architecture.rs`):
//!
//! | module | what it owns | may import |
//! |---|---|---|
//! | [`domain`] | the pure core: every rule of a go-live | nothing of ours |
//! | [`clock`] | the only caller of `now()` and `sleep()` | nothing of ours |
//! | [`record`] | stored event shapes and versions, the chained line | domain |
//! | [`wire`] | the protocol between client and conductor | domain, record |
//! | [`client`] | the connection; starts a conductor; the folded session | domain, record, wire |
//! | [`conductor`] | the turn (pure), the loop, the single writer, the socket | domain, record, wire, journal, engine, config |
//! | [`journal`] | the durable event store | domain, record |
//! | [`engine`] | carries effects out, reports back; owns no policy | domain |
//! | [`config`] | golive.toml, checklists, themes, keymap, paths | domain |
//! | [`report`] | Markdown, HTML, JSON, evidence bundle | domain |
//! | [`tui`] | the cockpit | domain, config, report, client |
//! | [`demo`] | the embedded fleet | domain, config, client |
//! | [`cli`] | one file a command; the only place that prints | all |
//!
//! Besides, all but [`domain`], [`record`] and `conductor::turn` may import [`clock`]; `conductor::turn` is pure
//! and imports [`domain`] only. What is pure, these and [`report`], is a crate of its own (`src/core.rs`), which is built
//! and tested without the rest. The terminal itself is touched only in `tui::terminal`.

pub mod clock;
pub use golive_core::{domain, record, report};

pub mod cli;
pub mod client;
pub mod conductor;
pub mod config;
pub mod demo;
pub mod engine;
pub mod journal;
pub mod tui;
pub mod wire;
