//! The rules of checklist, poll, gate, access and course: what is decided, and every refusal with what lifts it.

mod burn_down;
mod calendar;
mod candidate;
mod checklist;
mod course;
mod desk;
mod gate;
mod poll;
mod roll_call;
mod separation;
