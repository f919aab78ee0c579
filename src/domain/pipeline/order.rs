//! Which stages are under way, and which may begin. Stages that do not wait for each other go on beside each other:
//! they are looked at, bake and wait for their promotions each by itself. The line is one: hosts of one stage only are
//! changed at a time.

use super::{Pipeline, StageRun, StageState};
use crate::domain::{
    name::{EnvironmentName, StageName},
    plan::Plan,
    poll::Decision,
    session::Session,
};

/// What each stage is after, by their places in the plan; none: the one before it.
pub(super) fn after(plan: &Plan, index: usize) -> Option<Vec<u32>> {
    plan.stages.get(index)?.after.as_ref()?;
    Some(plan.before(index).into_iter().map(|at| at as u32).collect())
}

impl Pipeline {
    /// The stage under way that people look at first: the one whose hosts are changed, else one that waits for its
    /// promotion, else the first of the others.
    pub fn running(&self) -> Option<&StageRun> {
        let mut first: Option<&StageRun> = None;
        for run in self.stages.iter().filter(|run| run.state.running()) {
            match (run.state, first.map(|first| first.state)) {
                (StageState::Rolling, _) => return Some(run),
                (_, None) => first = Some(run),
                (StageState::Ready, Some(state)) if state != StageState::Ready => first = Some(run),
                _ => {}
            }
        }
        first
    }

    /// All that are under way forward, the one in [`running`](Self::running) first.
    pub fn under_way(&self) -> impl Iterator<Item = &StageRun> {
        let first = self.running();
        let others = move |run: &&StageRun| {
            run.state.running() && first.is_none_or(|first| !std::ptr::eq(first, *run))
        };
        first.into_iter().chain(self.stages.iter().filter(others))
    }

    /// The stage under way there; stages of one environment are never under way beside each other.
    pub fn under_way_in(&self, environment: &EnvironmentName) -> Option<&StageRun> {
        self.stages.iter().find(|run| run.state.running() && run.environment == *environment)
    }

    /// The one whose hosts are changed: the line is its own.
    pub fn rolling(&self) -> Option<&StageRun> {
        self.stages.iter().find(|run| run.state == StageState::Rolling)
    }

    /// The one that was started last.
    pub fn last_started(&self) -> Option<&StageRun> {
        let started = self.stages.iter().filter(|run| run.started.is_some());
        started.max_by_key(|run| run.started.map(|at| at.session))
    }

    /// The places of the stages right before this one.
    pub fn before(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let after = self.stages.get(index).map(|run| run.after.as_deref());
        let named = after.flatten().unwrap_or_default().iter().map(|at| *at as usize);
        let implied = index.checked_sub(1).filter(|_| after == Some(None));
        named.chain(implied)
    }

    /// Whether any of its stages says what it is after.
    pub fn branches(&self) -> bool {
        self.stages.iter().any(|run| run.after.is_some())
    }

    /// Whether this one comes after that one, near or far.
    pub fn comes_after(&self, index: usize, earlier: usize) -> bool {
        if !self.branches() {
            return earlier < index;
        }
        // Each is looked at once, however many ways lead to it.
        let (mut seen, mut open) = (vec![false; self.stages.len()], vec![index]);
        while let Some(at) = open.pop() {
            for before in self.before(at) {
                if before == earlier {
                    return true;
                }
                if !std::mem::replace(&mut seen[before], true) {
                    open.push(before);
                }
            }
        }
        false
    }

    /// The stages right after this one.
    pub fn followers(&self, stage: &StageName) -> impl Iterator<Item = usize> + '_ {
        let at = self.stages.iter().position(|run| run.name == *stage);
        let follows = move |index: &usize| self.before(*index).any(|before| Some(before) == at);
        (0..self.stages.len()).filter(follows)
    }

    /// Whether all that this stage is after has passed, and it was not started.
    pub fn may_begin(&self, index: usize) -> bool {
        self.stages.get(index).is_some_and(|run| run.state == StageState::Waiting)
            && self.before(index).all(|at| self.passed(at))
    }

    fn passed(&self, index: usize) -> bool {
        self.stages.get(index).is_some_and(|run| run.state == StageState::Passed)
    }

    /// Whether every other stage has passed: with its own promotion the release is verified.
    pub fn ends_with(&self, stage: &StageName) -> bool {
        self.stages.iter().all(|run| run.name == *stage || run.state == StageState::Passed)
    }
}

/// The stage that a person starts next: one whose turn it is, and of those first one that production waits for, then one
/// that needs the GO, then one that nothing waits for; where it is nobody's turn, the first that has not been started.
/// None: all have been.
pub fn next_index(session: &Session) -> Option<usize> {
    let pipeline = &session.pipeline;
    let waits = |index: &usize| pipeline.stages[*index].state == StageState::Waiting;
    let mut waiting = (0..pipeline.stages.len()).filter(waits);
    if !pipeline.branches() {
        return waiting.next();
    }
    let (poll, needed) = (session.plan().poll_index(), session.plan().before_the_poll());
    let go = session.poll.declared.as_ref().is_some_and(|it| it.decision == Decision::Go);
    let rank = |index: usize| match index {
        _ if !pipeline.may_begin(index) => 3,
        _ if needed.contains(&index) => 0,
        _ if index >= poll && (go || session.course.started.is_some()) => 1,
        _ if index < poll => 2,
        _ => 3,
    };
    waiting.min_by_key(|index| (rank(*index), *index))
}

/// The stage that begins with the promotion of this one; none: another one has to pass first, the poll stands between,
/// the hosts of another one are being changed, or it is the last.
pub fn follows(session: &Session, run: &StageRun) -> Option<usize> {
    let pipeline = &session.pipeline;
    let busy = pipeline.rolling().is_some_and(|other| other.name != run.name);
    let turn = |index: &usize| {
        pipeline.stages[*index].state == StageState::Waiting
            && pipeline.before(*index).all(|at| pipeline.stages[at].name == run.name || pipeline.passed(at))
    };
    pipeline
        .followers(&run.name)
        .find(|index| turn(index) && !session.plan().follows_the_poll(*index))
        .filter(|_| !busy)
}

/// Why no stage begins with the promotion of this one: `production also waits for load`.
pub fn why_none_follows(session: &Session, run: &StageRun) -> String {
    let pipeline = &session.pipeline;
    let name = |index: usize| pipeline.stages.get(index).map_or("", |stage| stage.name.as_str());
    let waiting = |index: &usize| pipeline.stages[*index].state == StageState::Waiting;
    let said = pipeline.followers(&run.name).filter(waiting).map(|index| {
        let others =
            pipeline.before(index).filter(|at| name(*at) != run.name.as_str() && !pipeline.passed(*at));
        let others: Vec<&str> = others.map(name).collect();
        let next = name(index);
        match pipeline.rolling().filter(|other| other.name != run.name) {
            _ if !others.is_empty() => format!("{next} waits for {} as well", others.join(" and ")),
            _ if session.plan().follows_the_poll(index) => format!("{next} waits for the poll"),
            Some(rolling) => format!("{next} can't begin while hosts of {} are changed", rolling.name),
            None => format!("{next} begins by itself, or somebody starts it"),
        }
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() {
        return "no stage comes after it; others are still to pass".to_owned();
    }
    format!("begins no stage: {}", said.join("; "))
}

/// The stage that `P` promotes: of those that wait for it the first that nothing is in the way of, else the first; where
/// none waits, the one that people look at first.
pub fn promotable(session: &Session, free: impl Fn(&StageRun) -> bool) -> Option<&StageRun> {
    let ready = || session.pipeline.stages.iter().filter(|run| run.state == StageState::Ready);
    match ready().nth(1) {
        None => ready().next().or_else(|| session.pipeline.running()),
        Some(_) => ready().find(|run| free(run)).or_else(|| ready().next()),
    }
}
