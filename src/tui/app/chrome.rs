//! The lines that every screen has: the header, what waits, and what happened last.

use super::{
    cut_off::cut_off,
    glance::{Glance, place},
    hours, not_well, queue, stage_line,
};
use crate::{
    domain::{
        counted::counted,
        course::{Ending, Mode, Phase, close_obstacles, supersede},
        operation,
        pipeline::{next_index, too_early, waits_to_be_verified},
        plan::{EnvironmentKind, Separation},
        poll::Decision,
        rollout::{OnceState, live_on_the_new, short_of, tested_on_the_new},
        session::Session,
        time::Span,
    },
    tui::{
        canvas::Line,
        glyph::Glyph,
        say::{attributed, say},
        theme::Role,
        when,
        widgets::{Header, Message},
        world::{Link, World},
    },
};

pub fn header(world: &World<'_>, glance: &Glance) -> Header {
    let mut header = Header { project: world.whereabouts.project.clone(), ..Header::default() };
    header.age = match world.link {
        Link::Up => {
            world.whereabouts.journal.unwritable().map(|_| (Role::StateBad, "JOURNAL UNWRITABLE".into()))
        }
        Link::Joining => Some((Role::StateStale, "connecting…".into())),
        Link::Unread(_) => world.session.map(|session| {
            (Role::StateStale, format!("as of {}", when::second(session.now.wall, world.zone)))
        }),
        Link::Silent(span) => Some((Role::StateStale, format!("data {span} old"))),
        Link::Lost(_) => Some((Role::StateStale, "NOT CONNECTED".into())),
    };
    let Some(session) = world.session else { return header };
    let course = &session.course;
    header.project = course.release.project.to_string();
    if let Some(environment) = place(world).and_then(|name| session.plan().environments.get(name)) {
        header.production = environment.kind == EnvironmentKind::Production;
        let name = environment.name.to_string();
        header.environment = Some(if header.production { name.to_uppercase() } else { name });
    }
    let to = &course.release.candidate;
    let from = glance.rollback.as_ref().and_then(|ready| ready.to.as_ref()).filter(|from| *from != to);
    header.versions =
        from.map_or_else(|| format!("→{}", to.version), |from| format!("{}→{}", from.version, to.version));
    to.digest.short().clone_into(&mut header.digest);
    let role = match course.release.mode {
        Mode::Live => Role::Text,
        Mode::Rehearsal => Role::ModeRehearsal,
        Mode::Demo => Role::ModeDemo,
    };
    let looks_on = world.read_only().is_some() || world.me().is_none();
    header.mode = Some(match course.release.mode {
        Mode::Live if looks_on => (Role::ModeReadonly, "READ-ONLY".into()),
        // Whoever only looks at a rehearsal must not take it for the real thing either.
        Mode::Rehearsal | Mode::Demo if looks_on => (role, format!("{} · READ-ONLY", hours::mode(course))),
        _ => (role, hours::mode(course)),
    });
    let zero = course.started.map_or(course.go_live, |started| started.wall);
    header.clock = when::countdown(zero, world.now.wall);
    header.watch = Some(match (&course.watch.by, &course.watch.gone_since) {
        (Some(person), Some(_)) => format!("{person}, no screen"),
        (Some(person), None) => person.to_string(),
        (None, _) => "nobody".into(),
    });
    // Whoever comes next waits for the end of this one; once it is over the start screen says how it goes on.
    header.next = queue::next(world).zip(queue::brief(world)).filter(|_| !course.is_over());
    header.alone = session.plan().separation == Separation::None;
    header
}

/// What everything waits for, and what will release it; the most pressing first.
pub fn waiting(world: &World<'_>, glance: &Glance) -> Option<Message> {
    if *world.link != Link::Up {
        return cut_off(world.link);
    }
    let Some(session) = world.session else { return unwritable(world) };
    if let Some(ending) = &session.course.ending {
        let (role, glyph) = match ending {
            Ending::Verified => (Role::TextDim, Glyph::Done),
            Ending::RolledBack | Ending::Superseded { .. } => (Role::TextDim, Glyph::RolledBack),
            Ending::Partial { .. } | Ending::AsIs { .. } => (Role::StateWarn, Glyph::NeedsHuman),
            Ending::NoGo { .. } | Ending::Abandoned { .. } => (Role::TextDim, Glyph::Skipped),
        };
        let closed = format!("the session is closed: {}", how_it_ended(session, ending));
        return Some(Message::new(role, glyph, closed).until(queue::after(world).unwrap_or_default()));
    }
    needs_human(world, session, glance)
        .or_else(|| rolling_back(world, session, glance))
        .or_else(|| unwritable(world))
        .or_else(|| rolled_back(world, session))
        .or_else(|| not_well::held(world, session, glance))
        .or_else(|| not_well::late(session, glance, world.now, stage_line::stage(world, session, glance)))
        .or_else(|| not_well::unwell(glance))
        .or_else(|| looked_after(session))
        .or_else(|| watch(world, session))
        .or_else(|| hours::stage(world, session, stage_line::stage(world, session, glance)))
        .or_else(|| course(world, session, glance))
}

/// `verified`, `PARTIAL 2 of 3`, `ended as is, PARTIAL 1 of 3`.
pub fn how_it_ended(session: &Session, ending: &Ending) -> String {
    match (short_of(session), ending) {
        (None, _) => ending.word().to_owned(),
        (Some((new, of)), Ending::Partial { .. }) => format!("PARTIAL {new} of {of}"),
        (Some((new, of)), _) => format!("{}, PARTIAL {new} of {of}", ending.word()),
    }
}

pub(super) fn warn(words: impl Into<String>) -> Message {
    Message::new(Role::StateWarn, Glyph::NeedsHuman, Line::of(Role::StateWarn, words))
}

pub(super) fn working(words: impl Into<String>) -> Message {
    Message::new(Role::StateWorking, Glyph::Working, Line::of(Role::Text, words))
}

fn needs_human(world: &World<'_>, session: &Session, glance: &Glance) -> Option<Message> {
    let first = glance.troubles.first()?;
    let lasted = when::lasted(world.now.session.since(first.since()));
    let more = match glance.troubles.len() {
        1 => String::new(),
        // In front of the words: on a narrow screen their end is cut off.
        n => format!(" (1 of {n})"),
    };
    let who = match &session.rollout.claim {
        Some((person, _)) => format!("{person} takes care of it"),
        None => match session.notices.open().last() {
            Some(notice) => format!("{} paged · m claims it", notice.person),
            None => "m claims it".into(),
        },
    };
    let words = format!("NEEDS A HUMAN {lasted}{more} · {}", first.words());
    Some(Message::new(Role::StateBad, Glyph::NeedsHuman, Line::of(Role::StateBad, words)).until(who))
}

/// It stands above what could only be recorded with a journal; what needs somebody now stands above it, and the
/// header says it all the time.
fn unwritable(world: &World<'_>) -> Option<Message> {
    let unwritable = world.whereabouts.journal.unwritable()?;
    let lasted = when::lasted(world.now.wall.since(unwritable.since));
    let words = format!("JOURNAL UNWRITABLE {lasted}: {}", unwritable.allows());
    let message = Message::new(Role::StateBad, Glyph::NeedsHuman, Line::of(Role::StateBad, words));
    // In few words, so that the line keeps its own; `golive status` names the place.
    Some(message.until("free space on its disk"))
}

fn rolling_back(world: &World<'_>, session: &Session, glance: &Glance) -> Option<Message> {
    if !session.pipeline.is_rolling_back() {
        return None;
    }
    let mut all = session.rollout.rollbacks.iter();
    let (environment, rollback) = all.find(|(_, rollback)| rollback.ended.is_none())?;
    let left = rollback
        .units
        .iter()
        .filter_map(|unit| session.rollout.unit(unit))
        .filter(|unit| unit.awaits_back || unit.lane.as_ref().is_some_and(|lane| !lane.state.ended()));
    let spent = when::lasted(world.now.session.since(rollback.started.session));
    // What takes back what ran once has no expected time of its own.
    let taken = session.pipeline.stages.iter().flat_map(|run| &run.once);
    let taken = taken.into_iter().find(|it| it.back == Some(OnceState::UnderWay));
    let whole = glance.forecast.hosts(session, environment, rollback.units.len() as u32);
    let lasted = match whole.filter(|whole| *whole > Span::ZERO && taken.is_none()) {
        Some(whole) => format!("{spent} of about {}", when::lasted(whole)),
        None => format!("{spent} so far"),
    };
    let superseded = session.course.superseded.as_ref().filter(|_| !rollback.narrow);
    let superseded = superseded.map_or_else(String::new, |it| format!(", {} takes its place", it.by));
    let takes = taken.map_or_else(String::new, |it| format!(" · takes {} back", it.name));
    let words = format!(
        "ROLLING BACK to {}{superseded} · {} of {} left{takes} · {lasted}",
        rollback.to.version,
        left.count(),
        counted(rollback.units.len(), "host")
    );
    let message =
        |words: String| Message::new(Role::StateWarn, Glyph::RolledBack, Line::of(Role::StateWarn, words));
    Some(match glance.unwell.first() {
        Some(first) => message(format!("{words} · {}", first.what)),
        None => message(words).until("by itself"),
    })
}

/// That is the end of it, held or not.
fn rolled_back(world: &World<'_>, session: &Session) -> Option<Message> {
    if session.course.phase != Phase::RolledBack {
        return None;
    }
    if let Some(by) = session.course.superseded.as_ref().map(|it| &it.by) {
        let words = format!("rolled back, {by} takes its place");
        let message = Message::new(Role::StateWarn, Glyph::RolledBack, Line::of(Role::StateWarn, words));
        let left = supersede::left(session).len();
        let until = match supersede::waits(session, world.now) {
            None => "it closes by itself".into(),
            Some(_) if left > 0 => format!("{left} not brought back · :close"),
            Some(waits) => waits.lift,
        };
        return Some(message.until(until));
    }
    if let Some(live) = live_on_the_new(session).next() {
        let version = &session.course.release.candidate.version;
        let words = format!("rolled back, but {} stays on {version}", live.environment);
        return Some(warn(words).until("R takes it back too"));
    }
    let stays = tested_on_the_new(session).iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let stays = match stays.as_str() {
        "" => String::new(),
        names => format!(" · {names} on {} still", session.course.release.candidate.version),
    };
    let words = Line::of(Role::StateOk, "rolled back").text(stays);
    let message = Message::new(Role::StateOk, Glyph::RolledBack, words);
    Some(message.until(":close ends the session"))
}

/// Hosts are replaced, or a drill is under way: that is what everything else waits for.
fn looked_after(session: &Session) -> Option<Message> {
    let words = operation::under_way(session)?;
    let drill = session.drills.running.is_some();
    Some(working(words).until(if drill { "hands off, or it fails" } else { "9 shows it" }))
}

fn watch(world: &World<'_>, session: &Session) -> Option<Message> {
    let watch = &session.course.watch;
    if watch.offered_to.is_some() && watch.offered_to.as_ref() == world.me() {
        let by = watch.by.as_ref().map_or("somebody", |person| person.as_str());
        return Some(warn(format!("{by} offers you the watch")).until("W takes it"));
    }
    let (by, gone) = (watch.by.as_ref()?, watch.gone_since.as_ref()?);
    // While nothing is under way there is nothing to watch over: the header says it, and what is in the way matters.
    if session.pipeline.running().is_none() && session.course.started.is_none() {
        return None;
    }
    let lasted = when::lasted(world.now.wall.since(gone.wall));
    // Somebody who started it from a shell never had one: what counts is that nobody is looking.
    let brief = warn(format!("{by} on watch, no screen {lasted}")).until("W takes it");
    Some(
        warn(format!("{by} is on watch and has no screen open, {lasted}"))
            .until("W takes the watch")
            .or(brief),
    )
}

fn course(world: &World<'_>, session: &Session, glance: &Glance) -> Option<Message> {
    let next = || {
        let index = next_index(session)?;
        session.plan().stages.get(index).map(|stage| stage.name.to_string())
    };
    Some(match session.course.phase {
        Phase::Preparing | Phase::Polling => not_ready(world, session, glance),
        Phase::Go => {
            let declared = session.poll.declared.as_ref()?;
            if let Some(early) = too_early(session, world.now) {
                let at = |at| when::near(at, world.now.wall, world.zone);
                let (expires, opens) = (at(early.expires), at(early.opens));
                let words = format!("the GO expires {expires}, before {} may begin, {opens}", early.stage);
                return Some(warn(words).until(format!("a GO from {} on", at(early.from))));
            }
            let expires = declared.at.wall.plus(session.plan().poll.go_expires);
            let words = format!(
                "GO since {} · {} S for {} · the GO expires {}",
                when::minute(declared.at.wall, world.zone),
                whoever(world, session, "deployer", "press"),
                next()?,
                when::near(expires, world.now.wall, world.zone)
            );
            Message::new(Role::VoteGo, Glyph::Done, Line::of(Role::VoteGo, words))
        }
        Phase::NoGo => {
            let declared = session.poll.declared.as_ref().filter(|d| d.decision == Decision::NoGo)?;
            let again = declared.ask_again.map_or(String::new(), |at| {
                format!(" · asked again {}", when::near(at, world.now.wall, world.zone))
            });
            let words = format!("NO-GO: {}{again} · a new vote reopens the poll", declared.reason);
            Message::new(Role::VoteNogo, Glyph::Failed, Line::of(Role::VoteNogo, words))
        }
        Phase::UnderWay => {
            let starts = whoever(world, session, "deployer", "start");
            working(format!("under way · next {}", next()?)).until(format!("{starts} it (S)"))
        }
        Phase::LiveUnverified => {
            let obstacles = close_obstacles(session, world.now);
            if let ([_], Some(why)) = (obstacles.as_slice(), waits_to_be_verified(session, world.now)) {
                let presses = whoever(world, session, "deployer", "press");
                return Some(warn(format!("live, unverified · {why}")).until(format!("{presses} P")));
            }
            let first = obstacles.first().map_or("nothing".to_owned(), |o| format!("{}: {}", o.what, o.why));
            warn(format!("live, unverified · {} left · first {first}", obstacles.len()))
        }
        Phase::Verified => {
            let next = queue::after(world).map_or_else(String::new, |next| format!(", then {next}"));
            Message::new(Role::StateOk, Glyph::Done, "live and verified")
                .until(format!(":close ends the session{next}"))
        }
        Phase::RollingBack | Phase::RolledBack | Phase::Closed => return None,
    })
}

fn not_ready(world: &World<'_>, session: &Session, glance: &Glance) -> Message {
    let Some(first) = glance.to_go.first() else {
        let declares = whoever(world, session, "decider", "declare");
        return Message::new(
            Role::StateOk,
            Glyph::Done,
            Line::of(Role::StateOk, "READY: nothing is in the way"),
        )
        .until(format!("{declares} (D)"));
    };
    let who = if first.who.is_empty() { String::new() } else { format!(", {}", first.who) };
    let count = glance.to_go.len();
    let brief = warn(format!("NOT READY: {count} · first: {}{}", first.what, who.replacen(", ", " · ", 1)));
    let whole = warn(format!("NOT READY: {count} in the way · first: {}{who}", first.what));
    whole.until("n jumps there").or(brief)
}

/// Who has a role and does what with it, in words: the viewer, where it is theirs to do.
pub fn whoever(world: &World<'_>, session: &Session, role: &str, does: &str) -> String {
    let mine = world.me().and_then(|me| session.plan().people.get(me)).is_some_and(|me| me.has(role));
    if mine {
        return format!("you {does}");
    }
    format!("{} {does}{}", people_with(session, role), if does.ends_with('s') { "es" } else { "s" })
}

/// The people who have a role, as a sentence's subject.
pub(super) fn people_with(session: &Session, role: &str) -> String {
    let names: Vec<&str> =
        session.plan().people.values().filter(|p| p.has(role)).map(|p| p.name.as_str()).collect();
    if names.is_empty() { format!("nobody with the role {role}") } else { names.join(" or ") }
}

/// The last thing that was worth saying.
pub fn last(world: &World<'_>) -> Option<Message> {
    let stamped = world.history.loud().next()?;
    let said = say(&stamped.event, world.session);
    let time = when::second(stamped.now.wall, world.zone);
    Some(Message::new(said.role, said.glyph, format!("{time} {}", attributed(stamped, &said))))
}
