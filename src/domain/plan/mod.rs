//! What the team declared: types only, and the rules that span them. Reading the file is `config`'s work.
//! Everything here is plain, ordered data, so that a plan has one canonical digest.

mod alarm;
mod batches;
mod canary;
mod capacity;
mod check;
mod clouds;
mod component;
mod converge;
mod drill;
mod environment;
mod freeze;
mod graph;
mod heartbeat;
mod host_check;
mod host_share;
mod once;
mod people;
mod place;
mod poll;
mod project;
mod regions;
mod room;
pub mod rules;
mod scale;
mod selection;
mod shutter;
mod stage;
mod steps;
mod strictness;
mod template;
mod traffic;
mod window;

pub use alarm::{Alarm, AlarmAction, AlarmRule, Figure};
pub use batches::Batch;
pub use canary::Split;
pub use capacity::{Amount, Capacity, Limits};
pub use check::{Check, CheckKind, HttpCheck, Scope};
pub use clouds::{
    CloudPauses, CloudStep, Primaries, Primary, SHIFT_WITHIN, ZeroDowntime, takes_over_with_fewer,
};
pub use component::{Barrier, Component, FailureMode, LaneCheck, Own, Threshold, Tier, in_order};
pub use converge::{AgentReports, Converge, DesiredStore};
pub use drill::{DataCentre, Drill, DrillKind};
pub use environment::{
    Artifact, Balancer, Cloud, CloudRole, Deadlines, Driver, Environment, EnvironmentKind, ExecVerb, Host,
    Pool, TrafficKind, Verb,
};
pub use freeze::{Freeze, FreezeKind};
pub use heartbeat::{Heartbeat, LOOKED_AT, Repair};
pub use host_check::{ALIVE, SELF_TEST};
pub use host_share::HostShare;
pub use once::{Once, When};
pub use people::{Person, Separation};
pub use place::{Place, Segment};
pub use poll::{PlanB, PointOfNoReturn, PollRules, Seat};
pub use project::{Adopted, EVERYWHERE, ListText, Notifier, Plan, SecondGoLive, VersionPolicy};
pub use regions::{Region, TOGETHER, region_word};
pub use room::{Room, Side};
pub use scale::Scale;
pub use shutter::{Shutter, opening, quiet};
pub use stage::{BlueGreen, Canary, CanaryStep, Converging, Promote, Rolling, Select, Stage, Strategy};
pub use steps::{Pause, Step, Weight};
pub use strictness::{LeftOut, Profile, Strictness};
pub use template::{BadTemplate, Placeholder, Template, Vars};
pub use traffic::{OFF_PEAK, TrafficMap};
pub use window::{TimeOfDay, Weekday, Window};
