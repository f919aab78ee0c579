//! Checks and their verdicts: running them, on whom, and what they say now. Requests where none should be are an alarm. (Metrics and other
//! alarms join here.)

mod event;
mod quiet;
mod run;
mod schedule;
mod standing;
mod state;

pub use event::{JudgedVerdict, RunWhy, SignalEvent};
pub use quiet::{
    Lifted, Quiet, Quiets, TrafficAlarm, TrafficStanding, alarms, lift as lift_alarm, traffic, unproven,
};
pub(super) use quiet::{looks as looks_for_traffic, report as traffic_report, uncounted};
pub use run::decide_run;
pub(super) use run::{ask as ask_run, ended, start_effects};
pub(super) use schedule::due;
pub use schedule::interval;
pub use standing::{CheckStanding, Verdict, home_of, standing_in, standing_of};
pub(super) use state::apply;
pub use state::{CheckRun, Checks, Judged, Part, Running};
