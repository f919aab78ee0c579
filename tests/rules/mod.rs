//! The rules of checklist, poll, gate, access and course: what is decided, and every refusal with what lifts it.

mod checklist;
mod course;
mod desk;
mod gate;
mod poll;
mod separation;
