//! A session at a glance: what `status` says.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::{
    agents_line::AgentsLine,
    beside,
    columns::columns,
    command::{by_command, obstacles, repair::RepairLine, rollout_plan::foreseen},
    conducted::Footing,
    downtime_line::DowntimeLine,
    eta::Eta,
    host_line::HostLine,
    hosts_line::Hosts,
    moment,
    queueing::QueueLine,
    readiness::readiness,
    side_line::SideLine,
    stage_step::StageStep,
    standing,
    strictness::StrictnessLine,
    unwell_line::UnwellLine,
};
use crate::{
    domain::{
        course::{Ending, Mode},
        next_step::next_step,
        operation,
        pipeline::{StageRun, StageState},
        poll::Decision,
        project::Queued,
        refusal::Obstacle,
        rehearsal,
        rollout::{self, Basis, Forecast, Partial, Readiness},
        session::Session,
        time::{Now, WallTime},
        timeline::{Sum, Timeline, What, timeline},
    },
    report::utc,
};

/// `--json`: the answer of `status`.
#[derive(Serialize)]
pub struct Overview {
    footing: Footing,
    project: String,
    session: String,
    mode: &'static str,
    version: String,
    digest: String,
    phase: &'static str,
    /// How it ended; none: it is open.
    ending: Option<&'static str>,
    /// Live, and not on every host that it was meant for.
    partial: Option<Partial>,
    go_live: String,
    /// When it was started; none: it was not.
    started: Option<String>,
    #[serde(skip)]
    planned: WallTime,
    #[serde(skip)]
    zero: Option<WallTime>,
    /// GO or NO-GO, where one is declared.
    decision: Option<&'static str>,
    decision_expired: bool,
    /// The version that takes its place; none: it goes on.
    superseded_by: Option<String>,
    /// Go-lives that wait for the end of this one, the next one first.
    queue: Vec<QueueLine>,
    held_by: Option<String>,
    hold_reason: Option<String>,
    watch: Option<String>,
    watcher_gone: bool,
    plan_differs: bool,
    /// What needs a human now, the oldest first.
    needs_human: Vec<String>,
    /// What is wrong although nobody is needed yet.
    unwell: Vec<UnwellLine>,
    /// Hosts of one component that wait for those of another, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waits: Vec<String>,
    /// Hosts that are replaced, the drill under way, and drills that are overdue, in words.
    looked_after: Vec<String>,
    /// The last repairs that golive made by itself, the newest at the end.
    repairs: Vec<RepairLine>,
    /// Where nobody serves, or did, as planned.
    downtime: Vec<DowntimeLine>,
    claimed_by: Option<String>,
    stages: Vec<Stage>,
    /// When all of it ends, and what that hangs on; none: it is over.
    eta: Option<Eta>,
    hosts: Vec<HostLine>,
    /// What was begun and runs once, and what becomes of it in a rollback, in words.
    once: Vec<String>,
    /// What it skips and why, and whose review is due when; none: it is no hotfix.
    hotfix: Option<String>,
    /// The profile that it was opened with, why, and what that leaves out.
    strictness: StrictnessLine,
    /// Whether what is about to be done was rehearsed, in words; none: it is over, or is a rehearsal or the demo itself.
    rehearsal: Option<String>,
    /// What the window of the next stage says beforehand; none: nothing closes it.
    window: Option<String>,
    /// What stages did, or do, outside their windows.
    outside: Vec<String>,
    /// The command that comes next.
    next: String,
    /// What is in the way of it.
    obstacles: Vec<Obstacle>,
}

#[derive(Serialize)]
struct Stage {
    name: String,
    /// The stages that must have passed before it.
    after: Vec<String>,
    #[serde(skip)]
    follows: String,
    environment: String,
    state: &'static str,
    #[serde(skip)]
    under_way: bool,
    /// While it takes several: where it is.
    step: Option<StageStep>,
    /// Of its environment.
    hosts: Hosts,
    /// What is expected of all that is still to come of it, besides decisions; none: it is over, or not known.
    expected: Option<Expected>,
    rollback: Readiness,
    /// The two sides of its environment, where it takes one after the other.
    sides: Vec<SideLine>,
    /// Its hosts and what they are told, where agents change them.
    agents: Option<AgentsLine>,
}

/// How long a stage is expected to take from now, or from its start on.
#[derive(Serialize)]
struct Expected {
    seconds: u64,
    /// From how many earlier sessions that is known; 0: from hosts of this one.
    from_sessions: u32,
    #[serde(skip)]
    words: String,
}

impl Expected {
    /// What is still to come of a stage, besides what people decide.
    fn of(session: &Session, run: &StageRun, forecast: &Forecast, line: &Timeline) -> Option<Self> {
        let rows = line.rows.iter().filter(|row| row.stage.as_ref() == Some(&run.name));
        let to_come = rows.filter(|row| !matches!(row.what, What::Downtime { .. }));
        let left: Vec<_> = to_come.filter_map(|row| row.left.as_ref()).collect();
        let span = Sum::of(left.iter().copied()).span()?;
        // Nothing but somebody's decision is left of it.
        if session.course.is_over() || left.iter().all(|it| it.span().is_none()) {
            return None;
        }
        let mut source = forecast.source(&run.environment);
        for basis in left.iter().filter_map(|it| it.basis()) {
            match basis {
                Basis::SeenIn { environment, .. } => source = format!(" (by the times of {environment})"),
                Basis::Rehearsed { .. } => source = format!(" ({})", basis.words()),
                Basis::Plan | Basis::Seen { .. } | Basis::Earlier { .. } => {}
            }
        }
        Some(Self {
            seconds: span.as_secs(),
            from_sessions: forecast.learned_from(&run.environment).unwrap_or_default(),
            words: format!("expected {span}{source}"),
        })
    }
}

impl Overview {
    pub fn of(session: &Session, queue: &[Queued], now: Now, footing: Footing) -> Self {
        let runs = footing.runs();
        let course = &session.course;
        let (next, obstacles) = next_step(session, now);
        let declared = session.poll.declared.as_ref();
        let forecast = Forecast::of(session);
        let line = timeline(session, &forecast, now);
        let stages = session.pipeline.stages.iter().map(|run| Stage {
            name: run.name.to_string(),
            after: beside::after(session, &run.name),
            follows: beside::follows(session, &run.name),
            environment: run.environment.to_string(),
            state: run.state.word(),
            under_way: run.state.running() || run.state == StageState::RollingBack,
            step: StageStep::of(session, run, now),
            hosts: Hosts::of(session, &run.environment, runs),
            expected: Expected::of(session, run, &forecast, &line),
            rollback: rollout::readiness(session, &run.environment),
            sides: SideLine::all(session, &run.environment, runs),
            agents: AgentsLine::of(session, &run.environment, now, runs),
        });
        Self {
            footing,
            project: session.plan().project.to_string(),
            session: course.id.to_string(),
            mode: course.release.mode.word(),
            version: course.release.candidate.version.to_string(),
            digest: course.release.candidate.digest.to_string(),
            phase: course.phase.word(),
            ending: course.ending.as_ref().map(Ending::word),
            partial: rollout::partial(session),
            go_live: utc(course.go_live),
            started: course.started.map(|started| utc(started.wall)),
            planned: course.go_live,
            zero: course.started.map(|started| started.wall),
            decision: declared.map(|declared| match declared.decision {
                Decision::Go => "GO",
                Decision::NoGo => "NO-GO",
            }),
            decision_expired: declared.is_some_and(|declared| declared.expired),
            queue: QueueLine::all(queue),
            superseded_by: course.superseded.as_ref().map(|it| it.by.to_string()),
            held_by: course
                .hold
                .as_ref()
                .map(|hold| hold.by.as_ref().map_or("?".into(), ToString::to_string)),
            hold_reason: course.hold.as_ref().map(|hold| hold.reason.clone()),
            watch: course.watch.by.as_ref().map(ToString::to_string),
            watcher_gone: course.watch.gone_since.is_some(),
            plan_differs: course.differs.is_some(),
            needs_human: rollout::troubles(session).iter().map(rollout::Trouble::words).collect(),
            unwell: if runs { UnwellLine::all(session, now) } else { Vec::new() },
            waits: beside::waits(session, now),
            looked_after: operation::standing(session, now),
            repairs: session.operations.repairs.feed.iter().map(RepairLine::of).collect(),
            downtime: DowntimeLine::all(session, now),
            claimed_by: session.rollout.claim.as_ref().map(|(person, _)| person.to_string()),
            stages: stages.collect(),
            eta: (!course.is_over()).then(|| Eta::conducted(&line.outlook, runs, now.wall)),
            hosts: session
                .rollout
                .units()
                .iter()
                .map(|unit| HostLine::of(session, unit, now, runs || course.is_over()))
                .collect(),
            strictness: StrictnessLine::of(session),
            once: rollout::taken_back(session).into_iter().map(|it| it.words).collect(),
            hotfix: course.hotfix.as_deref().map(standing::hotfix),
            rehearsal: rehearsal::told(session),
            window: foreseen(session, now.wall),
            outside: beside::outside(session, now),
            next: QueueLine::comes(session, queue).unwrap_or_else(|| match next {
                // What goes on by itself does so by the conductor alone.
                _ if next.by_itself() && !runs && !course.is_over() => {
                    "conductor restart (nothing goes on by itself while none runs)".to_owned()
                }
                _ => standing::step(&next, &obstacles),
            }),
            obstacles: obstacles.into_iter().map(by_command::obstacle).collect(),
        }
    }

    pub fn words(&self, now: WallTime) -> String {
        let zone = TimeZone::system();
        // What is no rehearsal is not said to be live before anything is.
        let mode = if self.mode == Mode::Live.word() { String::new() } else { format!(" {}", self.mode) };
        let stands = self.ending.unwrap_or(self.phase);
        let mut text = format!("{} {} {}{mode}: {stands}\n", self.project, self.version, &self.digest[..8]);
        for line in self.footing.words() {
            let _ = writeln!(text, "{line}");
        }
        let left = |at: WallTime| {
            if at > now { format!("in {}", at.since(now)) } else { format!("{} ago", now.since(at)) }
        };
        // Once it has started that is what counts, whatever was planned.
        let _ = match self.zero {
            Some(zero) => {
                let planned = moment::full(self.planned, &zone);
                writeln!(text, "go-live  {} ({}), planned {planned}", moment::full(zero, &zone), left(zero))
            }
            None => writeln!(text, "go-live  {} ({})", moment::full(self.planned, &zone), left(self.planned)),
        };
        if let Some(decision) = self.decision {
            let _ =
                writeln!(text, "decision {decision}{}", if self.decision_expired { ", expired" } else { "" });
        }
        if let Some(by) = &self.superseded_by {
            let _ = writeln!(
                text,
                "SUPERSEDED by {by}: what is live or under way of it is rolled back, then it ends"
            );
        }
        for line in &self.queue {
            let _ = writeln!(text, "queue    {}", line.words());
        }
        if let Some(watch) = &self.watch {
            let _ = writeln!(text, "watch    {watch}{}", if self.watcher_gone { ", GONE" } else { "" });
        }
        if let Some(by) = &self.held_by {
            let reason = self.hold_reason.as_deref().filter(|reason| !reason.is_empty());
            let _ =
                writeln!(text, "HOLD     by {by}{}", reason.map(|it| format!(": {it}")).unwrap_or_default());
        }
        if self.plan_differs {
            text += "plan     golive.toml differs from what was adopted; golive plan diff\n";
        }
        for once in &self.once {
            let _ = writeln!(text, "once     {once}");
        }
        for trouble in &self.needs_human {
            let _ = writeln!(text, "NEEDS A HUMAN: {trouble}");
        }
        if let Some(partial) = &self.partial {
            let _ = writeln!(text, "{}", partial.words(&self.version, 3));
        }
        if !self.needs_human.is_empty() || self.partial.is_some() {
            text += "versions golive rollout versions: which host runs which, and what can be done\n";
        }
        for unwell in &self.unwell {
            let _ = writeln!(text, "NOT WELL {}; {}", unwell.what, unwell.release);
        }
        for line in &self.waits {
            let _ = writeln!(text, "waits    {line}");
        }
        for line in &self.looked_after {
            let _ = writeln!(text, "hosts    {line}");
        }
        for downtime in &self.downtime {
            let _ = writeln!(text, "{}", downtime.words());
        }
        if let Some(by) = &self.claimed_by {
            let _ = writeln!(text, "claimed  by {by}");
        }
        let rows: Vec<[String; 5]> = self.stages.iter().map(Stage::row).collect();
        text += &columns(&rows);
        // Only one stage takes an environment side by side.
        for side in self.stages.iter().flat_map(|stage| &stage.sides) {
            let _ = writeln!(text, "side     {}", side.words());
        }
        let mut told: Vec<&str> = Vec::new();
        for stage in &self.stages {
            // Several stages of one environment have one board.
            if let Some(agents) =
                stage.agents.as_ref().filter(|_| !told.contains(&stage.environment.as_str()))
            {
                text += &agents.words();
                told.push(&stage.environment);
            }
        }
        let under_way = self.stages.iter().any(|stage| stage.under_way);
        for line in self.eta.iter().filter(|_| under_way).flat_map(Eta::words) {
            let _ = writeln!(text, "{line}");
        }
        self.what_comes(&mut text);
        text
    }

    /// What is special about it, and what comes next.
    fn what_comes(&self, text: &mut String) {
        if let Some(hotfix) = &self.hotfix {
            let _ = writeln!(text, "HOTFIX   {hotfix}");
        }
        if let Some(line) = self.strictness.words() {
            let _ = writeln!(text, "profile  {line}");
        }
        if let Some(rehearsal) = &self.rehearsal {
            let _ = writeln!(text, "before   {rehearsal}");
        }
        for line in self.outside.iter().chain(&self.window) {
            let _ = writeln!(text, "hours    {line}");
        }
        let _ = writeln!(text, "next     {}", self.next);
        if !self.obstacles.is_empty() {
            let _ = write!(text, "in the way, {}:\n{}", self.obstacles.len(), obstacles(&self.obstacles));
        }
    }
}

impl Stage {
    fn row(&self) -> [String; 5] {
        [
            format!("  {} ({}){}", self.name, self.environment, self.follows),
            self.step
                .as_ref()
                .map_or_else(|| self.state.to_owned(), |step| format!("{}, {}", self.state, step.words())),
            self.hosts.words(),
            readiness(&self.rollback),
            self.expected.as_ref().map_or_else(String::new, |expected| expected.words.clone()),
        ]
    }
}
