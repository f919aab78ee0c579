//! The pure core: every rule of a go-live. No IO, no clock, no randomness; time and ids are passed in.
//!
//! Commands and reports go in through [`decide`]; what is true comes out as [`event`]s; a [`session::Session`] is
//! folded from them, and says by `next` what follows.

pub mod access;
pub mod actor;
mod agenda;
pub mod calendar;
pub mod checklist;
pub mod command;
pub mod comparison;
pub mod counted;
pub mod course;
pub mod decide;
pub mod desired;
pub mod digests;
pub mod drill;
pub mod effect;
pub mod effect_log;
pub mod event;
pub mod gate;
pub mod hash;
pub mod lock;
mod marks;
pub mod name;
pub mod next_step;
pub mod notice;
pub mod operation;
pub mod pipeline;
pub mod plan;
pub mod poll;
pub mod project;
pub mod refusal;
pub mod rehearsal;
pub mod rollout;
pub mod secret_words;
pub mod session;
pub mod signal;
pub mod time;
pub mod timeline;
