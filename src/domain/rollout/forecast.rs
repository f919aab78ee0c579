//! How long things will take: by what was seen in this session, else by what was learned from earlier ones, which is
//! said. What was seen in none is not known, and nothing is guessed in its place.

use std::collections::BTreeMap;

use super::{Basis, Direction, Estimate, LaneState, Learned, Times, budget, lane::lane_steps};
use crate::domain::{
    effect::LaneStep,
    name::{CheckName, EnvironmentName, OnceName},
    rehearsal,
    session::Session,
    signal::JudgedVerdict,
    time::Span,
};

/// A sum of spans and how many there were.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    total: u64,
    count: u64,
}

impl Mean {
    fn add(&mut self, span: Span) {
        self.total += span.0;
        self.count += 1;
    }
    fn span(self) -> Option<Span> {
        self.total.checked_div(self.count).filter(|mean| *mean > 0).map(Span)
    }
    const fn samples(self) -> u32 {
        self.count as u32
    }
}

/// What hosts took on average, where any is done.
#[derive(Clone, Debug, Default)]
pub struct Forecast {
    environments: BTreeMap<EnvironmentName, Means>,
    /// What the last run of a check took that passed.
    checks: BTreeMap<CheckName, BTreeMap<EnvironmentName, Span>>,
    learned: BTreeMap<EnvironmentName, Learned>,
    /// What stood in for hosts took when these steps were rehearsed: said where nothing better is known.
    rehearsed: BTreeMap<EnvironmentName, Times>,
    /// Where agents change the hosts: how often they look. That is the most that it takes, whatever was seen.
    agents: BTreeMap<EnvironmentName, Span>,
}

/// Of one environment.
#[derive(Clone, Debug, Default)]
struct Means {
    lanes: Mean,
    steps: [Mean; LaneStep::ALL.len()],
}

impl Forecast {
    /// One look at every host: as often as the record moves, not as often as a frame is drawn.
    pub fn of(session: &Session) -> Self {
        let mut forecast = Self::beforehand(session);
        for unit in session.rollout.units() {
            let Some(lane) = unit.lane.as_ref().filter(|lane| !lane.done.is_empty()) else { continue };
            if lane.direction == Direction::Back {
                continue;
            }
            let means = match forecast.environments.get_mut(&unit.environment) {
                Some(means) => means,
                None => forecast.environments.entry(unit.environment.clone()).or_default(),
            };
            for step in lane.carried_out() {
                means.steps[step.step as usize].add(step.took);
            }
            if lane.state == LaneState::Done {
                means.lanes.add(lane.worked());
            }
        }
        for (check, runs) in &session.checks.runs {
            let passed = runs.iter().filter_map(|(environment, run)| {
                let last = run.last.as_ref().filter(|last| last.verdict == JudgedVerdict::Passed)?;
                Some((environment.clone(), last.took)).filter(|(_, took)| *took > Span::ZERO)
            });
            forecast.checks.insert(check.clone(), passed.collect());
        }
        forecast
    }

    /// What was expected before anything of this session was seen.
    pub fn beforehand(session: &Session) -> Self {
        let rehearsed = rehearsal::of(session).map(|rehearsal| rehearsal.times.clone()).unwrap_or_default();
        let environments = session.plan().environments.values();
        let agents = environments.filter_map(|it| Some((it.name.clone(), it.converges()?.every))).collect();
        Self { learned: session.course.learned.clone(), rehearsed, agents, ..Self::default() }
    }

    fn seen(&self, environment: &EnvironmentName) -> Option<Span> {
        self.environments.get(environment).and_then(|means| means.lanes.span())
    }

    /// All that is carried out on one host, without the time that it has to serve before it counts.
    pub fn lane(&self, environment: &EnvironmentName) -> Option<Estimate> {
        if let Some(every) = self.agents.get(environment) {
            return Some(Estimate::planned(*every));
        }
        if let Some(means) = self.environments.get(environment)
            && let Some(span) = means.lanes.span()
        {
            return Some(Estimate { span, basis: Basis::Seen { samples: means.lanes.samples() } });
        }
        if let Some(learned) = self.learned.get(environment) {
            return Some(Estimate {
                span: learned.lane,
                basis: Basis::Earlier { sessions: learned.sessions },
            });
        }
        let elsewhere = self.environments.iter().rev().find(|(_, means)| means.lanes.span().is_some());
        let Some((other, means)) = elsewhere else {
            let times = self.rehearsed.get(environment)?;
            return Some(Estimate { span: times.lane, basis: Basis::Rehearsed { hosts: times.hosts } });
        };
        let basis = Basis::SeenIn { environment: other.clone(), samples: means.lanes.samples() };
        Some(Estimate { span: means.lanes.span()?, basis })
    }

    /// These steps of a host one after another; else the first that was never timed there.
    pub fn steps(
        &self,
        environment: &EnvironmentName,
        steps: impl IntoIterator<Item = LaneStep>,
    ) -> Result<Estimate, LaneStep> {
        let (mut span, mut basis) = (0, Basis::Plan);
        for step in steps {
            if step == LaneStep::Converge
                && let Some(every) = self.agents.get(environment)
            {
                span += every.0;
                continue;
            }
            let seen = self.environments.get(environment).map(|means| means.steps[step as usize]);
            let (took, of) = if let Some(mean) = seen.filter(|mean| mean.count > 0) {
                (Span(mean.total / mean.count), Basis::Seen { samples: mean.samples() })
            } else {
                self.before(environment, step).ok_or(step)?
            };
            span += took.0;
            basis = of;
        }
        Ok(Estimate { span: Span(span), basis })
    }

    /// What a step took in earlier sessions, else with stand-ins.
    fn before(&self, environment: &EnvironmentName, step: LaneStep) -> Option<(Span, Basis)> {
        if let Some(learned) = self.learned.get(environment)
            && let Some(took) = learned.steps.get(&step)
        {
            return Some((*took, Basis::Earlier { sessions: learned.sessions }));
        }
        let times = self.rehearsed.get(environment)?;
        Some((*times.steps.get(&step)?, Basis::Rehearsed { hosts: times.hosts }))
    }

    /// One run of a check.
    pub fn check(&self, environment: &EnvironmentName, check: &CheckName) -> Option<Estimate> {
        if let Some(took) = self.checks.get(check).and_then(|runs| runs.get(environment)) {
            return Some(Estimate { span: *took, basis: Basis::Seen { samples: 1 } });
        }
        if let Some(learned) = self.learned.get(environment).and_then(|learned| learned.checks.get(check)) {
            let basis = Basis::Earlier { sessions: learned.sessions };
            return Some(Estimate { span: learned.took, basis });
        }
        let times = self.rehearsed.get(environment)?;
        let basis = Basis::Rehearsed { hosts: times.hosts };
        Some(Estimate { span: *times.checks.get(check)?, basis })
    }

    /// A step that runs once, by earlier sessions: of this one it is over when it is known.
    pub fn once(&self, environment: &EnvironmentName, once: &OnceName) -> Option<Estimate> {
        let learned = self.learned.get(environment)?.once.get(once)?;
        Some(Estimate { span: learned.took, basis: Basis::Earlier { sessions: learned.sessions } })
    }

    /// From how many earlier sessions it is known what a host of the environment takes, where none of this session has
    /// shown it yet.
    pub fn learned_from(&self, environment: &EnvironmentName) -> Option<u32> {
        let learned = self.learned.get(environment).filter(|_| self.seen(environment).is_none())?;
        Some(learned.sessions)
    }

    /// ` (from 3 sessions)`, where that is what it is known from.
    pub fn source(&self, environment: &EnvironmentName) -> String {
        match self.learned_from(environment) {
            None => String::new(),
            Some(1) => " (from 1 session)".to_owned(),
            Some(sessions) => format!(" (from {sessions} sessions)"),
        }
    }

    /// What this step took on the hosts of the environment that have passed it, else in earlier sessions.
    pub fn step(&self, environment: &EnvironmentName, step: LaneStep) -> Option<Span> {
        if step == LaneStep::Converge
            && let Some(every) = self.agents.get(environment)
        {
            return Some(*every);
        }
        let seen = self.environments.get(environment).and_then(|means| means.steps[step as usize].span());
        seen.or_else(|| self.learned.get(environment)?.steps.get(&step).copied())
    }

    /// What a whole host of the environment took, and the time that it has to serve before it counts.
    pub fn host(&self, session: &Session, environment: &EnvironmentName) -> Option<Span> {
        let seen = self.agents.get(environment).copied().or_else(|| self.seen(environment));
        let lane = seen.or_else(|| self.learned.get(environment).map(|learned| learned.lane))?;
        let settle = session.plan().environments.get(environment)?.deadlines.min_healthy_time;
        Some(Span(lane.0 + settle.0))
    }

    /// What so many hosts take under the environment's budget.
    pub fn hosts(&self, session: &Session, environment: &EnvironmentName, count: u32) -> Option<Span> {
        let each = self.host(session, environment)?;
        // Agents wait for nobody.
        if self.agents.contains_key(environment) {
            return Some(each);
        }
        let at_once = budget(session, environment).at_once();
        Some(Span(each.0 * u64::from(count.div_ceil(at_once))))
    }

    /// How long it takes until so many hosts are out of the pool.
    pub fn switch(&self, session: &Session, environment: &EnvironmentName, hosts: u32) -> Option<Span> {
        let each = self.step(environment, LaneStep::Drain)?;
        let at_once = budget(session, environment).at_once();
        Some(Span(each.0 * u64::from(hosts.div_ceil(at_once))))
    }

    /// How long nobody serves while so many hosts are stopped, shown to be, and deployed: from the last of them being
    /// taken out to the first of them serving. Every part of it has to be known.
    pub fn downtime(&self, session: &Session, environment: &EnvironmentName, count: u32) -> Option<Span> {
        let plan = session.plan();
        let lane = lane_steps(plan, plan.environments.get(environment)?, None, true);
        let at_once = budget(session, environment).limits.max_parallel.max(1);
        let rounds = u64::from(count.div_ceil(at_once)).max(1);
        let carried = lane.into_iter().filter(|step| !matches!(step, LaneStep::Fetch | LaneStep::Settle));
        let mut total = 0;
        for step in carried {
            let times = if step == LaneStep::Prove { rounds } else { 1 };
            total += self.step(environment, step)?.0 * times;
        }
        Some(Span(total)).filter(|span| *span > Span::ZERO)
    }
}
