//! The report as data: what `report --json` prints, and what Markdown is made of. Times are UTC texts. Fields
//! are added, never renamed.

use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Document {
    pub project: String,
    pub session: String,
    /// LIVE, REHEARSAL or DEMO.
    pub mode: String,
    /// The environment that the poll stands before, and its kind.
    pub environment: Option<String>,
    pub kind: Option<String>,
    /// Every environment that a stage of the plan is for, in their order.
    pub environments: Vec<EnvironmentLine>,
    pub version: String,
    /// The sha256 of the artifact.
    pub digest: String,
    pub plan_digest: String,
    /// Whether its steps were rehearsed, in words; none: it is a rehearsal or the demo itself.
    pub rehearsal: Option<String>,
    /// How strict it was, why, and what that left out, in words; none: nothing was left out.
    pub strictness: Option<String>,
    /// The machine the conductor ran on.
    pub machine: String,
    /// One person may hold both sides of a decision.
    pub no_separation: bool,
    pub phase: String,
    /// How the session ended; none: it is open.
    pub ending: Option<String>,
    pub ending_reason: Option<String>,
    /// Live, or ended, and not on every host that it was meant for: on which it is, in words.
    pub partial: Option<String>,
    pub opened: String,
    pub opened_by: Option<String>,
    /// The go-live time that was planned.
    pub go_live: String,
    /// T-0: when the stage after the poll was started.
    pub started: Option<String>,
    pub closed: Option<String>,
    pub decision: Option<DecisionLine>,
    pub seats: Vec<SeatLine>,
    pub items: Vec<ItemLine>,
    pub waivers: Vec<WaiverLine>,
    pub stages: Vec<StageLine>,
    pub hosts: Vec<HostLine>,
    pub rollbacks: Vec<RollbackLine>,
    /// What ran once, or was begun, and whether it was taken back.
    pub once: Vec<String>,
    /// What needs a human now.
    pub troubles: Vec<String>,
    pub timeline: Vec<TimelineLine>,
    /// What did not go as it was planned, in order.
    pub deviations: Vec<TimelineLine>,
    /// What is left to do, and what the next checklist should ask.
    pub follow_ups: Vec<FollowUp>,
    /// How many items were open, a line a day.
    pub burn_down: Vec<BurnDown>,
    /// When all will be ready at the pace so far; none: all is, or there is no pace to go by.
    pub forecast: Option<String>,
    pub figures: Figures,
    /// The number and hash of the last line of the record: for `golive record verify --head`.
    pub head: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EnvironmentLine {
    pub name: String,
    pub kind: String,
    /// Hosts that were last seen to run the new version.
    pub new: u32,
    /// Hosts of which it was not known what they run.
    pub unknown: u32,
    pub hosts: u32,
    /// A stage was started there.
    pub begun: bool,
    /// It was changed, and another one was rolled back: it stays on the new version.
    pub stays: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecisionLine {
    pub decision: String,
    pub by: Option<String>,
    pub at: String,
    pub reason: String,
    pub ask_again: Option<String>,
    pub expired: bool,
    /// The votes as they stood when it was declared.
    pub roll_call: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeatLine {
    pub role: String,
    pub required: bool,
    pub veto: bool,
    pub person: Option<String>,
    pub state: String,
    pub vote: Option<String>,
    pub note: String,
    pub at: Option<String>,
    /// Where it was said by voice.
    pub recorded_by: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemLine {
    pub id: String,
    pub title: String,
    pub group: String,
    pub severity: String,
    pub owner: String,
    pub state: String,
    pub shows: String,
    /// Who said so last, where a person did, and when.
    pub by: Option<String>,
    pub at: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WaiverLine {
    pub item: String,
    pub title: String,
    pub reason: String,
    pub asked_by: String,
    pub asked: String,
    pub expires: String,
    pub approved_by: Option<String>,
    pub approved: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageLine {
    pub name: String,
    /// The stages right before it.
    pub after: Vec<String>,
    pub environment: String,
    pub state: String,
    pub hosts: u32,
    pub started: Option<String>,
    pub by: Option<String>,
    pub rolled_out: Option<String>,
    pub passed: Option<String>,
    /// Who started it outside its window, and why; none: in it, or it has none.
    pub outside: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HostLine {
    pub host: String,
    pub environment: String,
    /// What it was last seen to run; none: not observed.
    pub runs: Option<String>,
    /// Observed before a restart, and not since.
    pub stale: bool,
    /// How its lane ended, or stands.
    pub lane: String,
    pub why: Option<String>,
    pub attempts: u32,
    /// Of the last attempt that was finished, in milliseconds.
    pub took_ms: Option<u64>,
    pub touched: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RollbackLine {
    pub environment: String,
    pub to: String,
    pub hosts: u32,
    /// Of some hosts by name.
    pub narrow: bool,
    pub by: Option<String>,
    pub started: String,
    pub ended: Option<String>,
    pub not_brought_back: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimelineLine {
    pub seq: u64,
    pub at: String,
    pub who: String,
    pub what: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FollowUp {
    pub text: String,
    pub owner: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BurnDown {
    /// The end of this day, or of the record.
    pub at: String,
    pub open: u32,
    /// Of these, past their due time.
    pub late: u32,
    pub of: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    pub events: u64,
    /// From T-0 to the last stage rolled out, or to the end of the rollback, in milliseconds of wall time.
    pub rollout_ms: Option<u64>,
    pub held_ms: u64,
    /// How long nobody served, as planned; none: that was not planned.
    pub downtime_ms: Option<u64>,
    pub hosts_changed: u32,
    pub host_median_ms: Option<u64>,
    pub host_longest_ms: Option<u64>,
    pub failures: u32,
    pub tries_again: u32,
    pub rollbacks: u32,
    pub refusals: u32,
    /// What people did to the rollout between T-0 and its end, apart from starting and promoting it.
    pub interventions: u32,
    /// How often a conductor took the session up again.
    pub restarts: u32,
}
