//! The files as they are written: every key, its type and its description. Nothing is interpreted here; the
//! JSON Schema is made from these types, and reading turns them into the plan.
//!
//! A key that must be there is an `Option` marked `required`: the schema asks for it, and a file without it is
//! still read as far as it goes, so that all its problems are reported at once.

#![expect(
    clippy::doc_link_with_quotes,
    reason = "these comments are the schema's descriptions, and quote TOML"
)]

mod calendar;
mod check;
mod checklist;
mod drill;
mod driver;
mod either;
mod environment;
mod golive;
mod people;
mod poll;
mod stage;
mod strictness;

pub use calendar::{Freeze, TrafficMap, Week, Window};
pub use check::{Alarm, AlarmAction, Check, JsonMatch};
pub use checklist::{Checklist, Item, ItemKind, Severity};
pub use drill::{Drill, DrillKind};
pub use driver::{AgentReports, Balancer, DesiredStore, Driver, ExecVerb, ExecVerbs};
pub use either::{EachOr, ListOr, NumberOrText, Scalar, TextOr};
pub use environment::{
    Capacity, Cloud, CloudRole, Deadlines, Environment, Heartbeat, Host, Kind, Repair, Scale, Then, Traffic,
};
pub use golive::{Artifact, Component, Defaults, Failure, File, Project, Second, Versions};
pub use people::{Notifier, Person, Separation, Share};
pub use poll::{PlanB, Poll, Seat};
pub use stage::{CanaryStep, Once, OnceWhen, Promote, Select, Stage, StageWindow, Strategy, StrategyKind};
pub use strictness::{LeftOut, Profile, Strictness};
