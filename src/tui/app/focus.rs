//! What a key would act on, and whether the rules allow it now. The rules are the core's own: a command is put to
//! them, and the refusal is what the screen says.

use crate::{
    domain::{
        access::{self, Act},
        checklist::{ChecklistCommand, ItemKind, ItemSpec},
        command::Command,
        course::{CourseCommand, Phase},
        gate,
        name::{EnvironmentName, ItemId, OnceName, StageName, UnitId},
        notice::NoticeCommand,
        pipeline::{follows, next_index, region_waits},
        poll::{self, Decision, PollCommand},
        refusal::{Refusal, RefusalKind},
        rollout::{self, RolloutCommand},
        session::Session,
        signal,
        time::{Now, Span},
    },
    tui::{
        keymap::{When, Why},
        world::{Link, World},
    },
};

/// What is selected on the screen that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    pub item: Option<ItemId>,
    pub unit: Option<UnitId>,
    /// There is a list; a filter may leave nothing of it, and has to be lifted again.
    pub rows: bool,
    /// The link of what is selected.
    pub link: Option<String>,
}

/// A reason long enough for the rules, where only the rest of a command is asked about.
const SOME_REASON: &str = "asked beforehand by the screen";

const STARTED: &str = "the go-live has started: HOLD (H) or ROLL BACK (R)";

/// The longest list of people who may that fits into a footer.
const NAMES: usize = 16;

impl From<Refusal> for Why {
    fn from(refusal: Refusal) -> Self {
        let short = match (refusal.kind, refusal.obstacles.len()) {
            (RefusalKind::Access, _) if refusal.lift.len() <= NAMES => format!("by {}", refusal.lift),
            (RefusalKind::Access, _) => "not yours".to_owned(),
            (_, 0) => "not now".to_owned(),
            (_, n) => format!("{n} in the way"),
        };
        let mut full = refusal.reason;
        if let Some(first) = refusal.obstacles.first() {
            full = format!("{full}: {}, {}", first.what, first.why);
        }
        if !refusal.lift.is_empty() {
            full = format!("{full} · lifted by {}", refusal.lift);
        }
        Why { short, full }
    }
}

impl Focus {
    pub fn judge(&self, world: &World<'_>, when: When) -> Result<(), Why> {
        let would = |command: Command| world.would(command).map_err(Why::from);
        let no = |full: &str| Err(Why::new("not now", full));
        match when {
            When::Always => Ok(()),
            When::List | When::Hosts if self.rows => Ok(()),
            When::List | When::Hosts => no("there is no list here"),
            When::Link if self.link.is_some() => Ok(()),
            When::Link => no("what is selected has no link"),
            When::SessionOpen => session_open(world),
            When::Holdable => would(Command::Course(CourseCommand::Hold { reason: String::new() })),
            When::OwnRecord => own_record(world),
            When::RollbackPossible if let Some(back) = read(world).and_then(rollout::going_back) => {
                let by = back.by.as_ref().map_or("the rules", |person| person.as_str());
                no(&format!("it is being rolled back to {} already, by {by}", back.to.version))
            }
            When::RollbackPossible => would(RolloutCommand::RollBack { only: Vec::new() }.into()),
            When::Continuable if read(world).is_some_and(|session| goes_back(session, world.now)) => {
                no("hosts are brought back: no hold stops that, and it ends with the rollback")
            }
            When::Continuable => would(Command::Course(CourseCommand::Continue)),
            When::Votable => votable(world),
            When::Declarable => match read(world).and_then(declaring_is_past) {
                Some(why) => Err(Why::past(why)),
                None => would(Command::Poll(go())),
            },
            When::Judgeable => {
                let note = SOME_REASON.into();
                would(RolloutCommand::Judge { stage: None, passed: false, note }.into())
            }
            When::Startable => start(world).map_err(Why::from),
            When::Promotable => promote(world).map_err(Why::from),
            When::NeedsHuman => would(RolloutCommand::Claim.into()),
            When::LineStopped => match read(world).and_then(to_force) {
                Some(once) => would(RolloutCommand::OnceForced { once, reason: SOME_REASON.into() }.into()),
                None => would(RolloutCommand::ForceNext { reason: SOME_REASON.into() }.into()),
            },
            When::StoppedOrHeld => would(RolloutCommand::EndAsIs { reason: SOME_REASON.into() }.into()),
            When::Mixed => mixed(world),
            When::PageOpen => would(Command::Notice(NoticeCommand::Acknowledge { number: None })),
            When::Stuck | When::UnknownHost | When::Excludable => self.judge_unit(world, when),
            When::ItemByHand
            | When::Provable
            | When::Waivable
            | When::Excusable
            | When::Question
            | When::WaiverAsked
            | When::AutomaticItem => self.judge_item(world, when),
        }
    }

    fn judge_unit(&self, world: &World<'_>, when: When) -> Result<(), Why> {
        let would = |command: RolloutCommand| world.would(command.into()).map_err(Why::from);
        if when == When::Stuck
            && let Some(again) = read(world).and_then(to_try_again)
        {
            return would(again);
        }
        if when == When::Stuck
            && let Some(environment) = read(world).and_then(to_lift)
        {
            return would(RolloutCommand::LiftAlarm { environment, reason: SOME_REASON.into() });
        }
        if when == When::UnknownHost
            && let Some(once) = read(world).and_then(to_force)
        {
            return would(RolloutCommand::OnceDone { once, reason: SOME_REASON.into() });
        }
        let Some(unit) = self.unit.clone() else {
            return Err(Why::new("not now", "no host is selected"));
        };
        match when {
            When::UnknownHost => would(RolloutCommand::MarkDone { unit, reason: SOME_REASON.into() }),
            When::Excludable => would(RolloutCommand::Exclude { unit, reason: SOME_REASON.into() }),
            _ => would(RolloutCommand::TryAgain { unit }),
        }
    }

    fn judge_item(&self, world: &World<'_>, when: When) -> Result<(), Why> {
        let would = |command: ChecklistCommand| world.would(Command::Checklist(command)).map_err(Why::from);
        let Some(spec) = self.spec(world) else {
            return Err(Why::new("not now", "no item is selected"));
        };
        let item = spec.id.clone();
        let excuse = |item| ChecklistCommand::NotApplicable { item, reason: SOME_REASON.into() };
        match (when, &spec.kind) {
            (When::WaiverAsked, _) => would(ChecklistCommand::ApproveWaiver { item }),
            (When::AutomaticItem, _) => would(ChecklistCommand::Run { item }),
            (When::Question, _) => would(ChecklistCommand::Answer { item, text: SOME_REASON.into() }),
            // Without evidence the rules would refuse it, but then the form asks for some.
            (When::ItemByHand, ItemKind::Hand { evidence: true }) => would(excuse(item)),
            (When::ItemByHand, _) => would(ChecklistCommand::Tick { item, evidence: None, file: None }),
            (When::Waivable, _) => {
                let expires = world.now.wall.plus(Span::minutes(1));
                would(ChecklistCommand::AskWaiver { item, reason: SOME_REASON.into(), expires })
            }
            (When::Provable, ItemKind::Check { .. } | ItemKind::Fact { .. }) => {
                would(ChecklistCommand::GiveEvidence { item, evidence: SOME_REASON.into(), file: None })
            }
            // Evidence itself is not put to the rules here: they would digest the steps for it.
            _ => would(excuse(item)),
        }
    }

    pub fn spec<'a>(&self, world: &World<'a>) -> Option<&'a ItemSpec> {
        let id = self.item.as_ref()?;
        world.session?.plan().items.iter().find(|spec| spec.id == *id)
    }
}

/// The session, where it is known how it stands now.
fn read<'a>(world: &World<'a>) -> Option<&'a Session> {
    world.session.filter(|_| !matches!(world.link, Link::Unread(_)))
}

/// There is something to look at once hosts were changed and a person has to decide, or where the release is not everywhere.
fn mixed(world: &World<'_>) -> Result<(), Why> {
    let Some(session) = world.session else { return Err(Why::new("not now", "no session is open")) };
    let changed = session.rollout.any_touched();
    let stopped = || !rollout::troubles(session).is_empty() || session.course.hold.is_some();
    let went_back = || !session.rollout.rollbacks.is_empty();
    if changed && (stopped() || went_back() || rollout::short_of(session).is_some()) {
        return Ok(());
    }
    Err(Why::past("no host runs another version than the plan has it run now: the list shows each"))
}

fn go() -> PollCommand {
    PollCommand::Declare { decision: Decision::Go, reason: String::new(), ask_again: None }
}

/// Why there is nothing left to declare.
fn declaring_is_past(session: &Session) -> Option<&'static str> {
    if session.course.is_over() {
        return Some("the session is closed");
    }
    session.course.started.map(|_| STARTED)
}

/// What T tries again where it is no host that failed.
pub fn to_try_again(session: &Session) -> Option<RolloutCommand> {
    rollout::troubles(session).iter().find_map(rollout::Trouble::again)
}

/// The step that runs once which the line is forced past, where no host is in the way.
pub fn to_force(session: &Session) -> Option<OnceName> {
    let troubles = rollout::troubles(session);
    if troubles.iter().any(|trouble| trouble.unit().is_some()) {
        return None;
    }
    troubles.into_iter().find_map(|trouble| match trouble {
        rollout::Trouble::Once { once, .. } => Some(once),
        _ => None,
    })
}

/// Where T lifts an alarm about requests: nothing can be tried again, and no host failed.
pub fn to_lift(session: &Session) -> Option<EnvironmentName> {
    let none = session.rollout.troubled().next().is_none();
    let alarm = signal::alarms(session).next().filter(|_| none)?;
    Some(alarm.0.clone())
}

/// Hosts come back, and nothing is in the way of that: to lift a hold would help nobody.
fn goes_back(session: &Session, now: Now) -> bool {
    let calm = || rollout::troubles(session).is_empty() && rollout::unwell(session, now).is_empty();
    session.course.phase == Phase::RollingBack && calm()
}

/// Whoever may record something may take the watch, or offer it; whose it is now the dialog says.
fn session_open(world: &World<'_>) -> Result<(), Why> {
    if let Some(why) = world.read_only() {
        return Err(Why::new("read-only", why));
    }
    let Some(session) = world.session else { return Err(Why::new("not now", "no session is open")) };
    if session.course.is_over() {
        return Err(Why::new("closed", "the session is closed"));
    }
    access::may(session, world.actor, Act::Record)?;
    Ok(())
}

/// Where a window is all that is in the way, the form asks for the reason to override it.
fn start(world: &World<'_>) -> Result<(), Refusal> {
    // A region whose turn it is, and whose hours are closed.
    let region = world.session.and_then(|session| session.pipeline.running().zip(Some(session)));
    if let Some((run, session)) = region
        && region_waits(session, run, world.now).is_some()
    {
        let stage = run.name.clone();
        return world.would(RolloutCommand::StartOutside { stage, reason: SOME_REASON.into() }.into());
    }
    let as_always = world.would(RolloutCommand::Start { stage: None }.into());
    let next = |session: &Session| next_index(session);
    as_always.or_else(|refusal| {
        outside(world, refusal, next, |stage| RolloutCommand::StartOutside {
            stage,
            reason: SOME_REASON.into(),
        })
    })
}

fn promote(world: &World<'_>) -> Result<(), Refusal> {
    let as_always = world.would(RolloutCommand::Promote.into());
    let next = |session: &Session| follows(session, gate::promotable(session, session.now)?);
    as_always.or_else(|refusal| {
        outside(world, refusal, next, |stage| RolloutCommand::PromoteOutside {
            stage,
            reason: SOME_REASON.into(),
        })
    })
}

fn outside(
    world: &World<'_>,
    refusal: Refusal,
    next: impl Fn(&Session) -> Option<usize>,
    command: impl Fn(StageName) -> RolloutCommand,
) -> Result<(), Refusal> {
    let only = !refusal.obstacles.is_empty() && refusal.obstacles.iter().all(gate::is_window);
    let index = world.session.filter(|_| only).and_then(next);
    let stage = index.and_then(|index| world.session?.plan().stages.get(index));
    match stage {
        Some(stage) => world.would(command(stage.name.clone()).into()),
        None => Err(refusal),
    }
}

fn own_record(world: &World<'_>) -> Result<(), Why> {
    let undo = world.would(Command::Checklist(ChecklistCommand::Undo));
    if undo.is_ok() || world.would(Command::Poll(PollCommand::Withdraw)).is_ok() {
        return Ok(());
    }
    undo.map_err(Why::from)
}

/// A vote itself is not put to the rules here: they would digest the whole plan for it.
fn votable(world: &World<'_>) -> Result<(), Why> {
    if let Some(why) = world.read_only() {
        return Err(Why::new("read-only", why));
    }
    let Some(session) = world.session else { return Err(Why::new("not now", "no session is open")) };
    if session.course.started.is_some() {
        return Err(Why::past(STARTED));
    }
    let person = access::may(session, world.actor, Act::Record)?;
    let seats = &session.plan().poll.seats;
    let seated = seats.iter().any(|seat| poll::eligible(session, seat, &person.name));
    if seated || person.has("decider") {
        return Ok(());
    }
    Err(Why::new("no seat", format!("{} holds no seat of this poll, and does not decide", person.name)))
}
