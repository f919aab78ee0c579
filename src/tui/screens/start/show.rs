//! Makes the start screen's view and draws it.

use super::{draw::draw, view::View};
use crate::{
    domain::{comparison, counted::counted, course::Course, session::Session},
    tui::{
        app::{Glance, queue, waiting},
        canvas::{Canvas, Line},
        keymap::{Action, Keymap, ScreenName, When},
        say::{attributed, say},
        screens::{CONNECTING, UNREAD, layout::Chrome},
        theme::Role,
        when,
        world::{Link, World},
    },
};

pub fn show(canvas: &mut Canvas<'_>, world: &World<'_>, glance: &Glance, chrome: Chrome, keymap: &Keymap) {
    let view = View {
        chrome,
        now: now(world, glance),
        next: next(world, glance, keymap),
        place: place(world),
        last: last(world),
    };
    draw(canvas, &view, keymap, glance);
}

fn now(world: &World<'_>, glance: &Glance) -> Vec<Line> {
    let mut lines = open(world, glance);
    lines.extend(queue::lines(world));
    lines
}

/// What is open.
fn open(world: &World<'_>, glance: &Glance) -> Vec<Line> {
    let Some(session) = world.session else {
        if *world.link == Link::Joining {
            return vec![Line::of(Role::StateStale, CONNECTING)];
        }
        if let Link::Unread(why) = world.link {
            return vec![Line::of(Role::StateStale, UNREAD), Line::new().dim(why.as_str())];
        }
        return vec![
            Line::from("no session is open"),
            Line::new().dim("golive open VERSION --at TIME opens one; golive demo shows how it goes"),
        ];
    };
    let course = &session.course;
    let at = when::near(course.go_live, world.now.wall, world.zone);
    let mut lines = vec![named(course, &at)];
    let (phase, waits) = (course.phase.word(), waiting(world, glance).map(|message| message.line));
    // What waits often says the phase in its own words; then once is enough.
    if waits.as_ref().is_none_or(|line| !line.words().contains(phase)) {
        lines.push(Line::of(Role::Accent, phase));
    }
    lines.extend(waits);
    lines
}

/// `shop · 2.5.0 9f3c01ab for 15:08`, and the session's own name where that says more.
fn named(course: &Course, at: &str) -> Line {
    let (project, candidate) = (&course.release.project, &course.release.candidate);
    let line = Line::from(format!("{project} · {candidate} for {at}"));
    if course.id.as_str() == candidate.version.as_str() {
        line
    } else {
        line.dim(format!(" · {}", course.id))
    }
}

fn next(world: &World<'_>, glance: &Glance, keymap: &Keymap) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut add = |action: Action, words: String| {
        if let Some(chord) = keymap.chord(ScreenName::Start, action) {
            lines.push(Line::of(Role::Key, format!("{chord:<6}", chord = chord.to_string())).text(words));
        }
    };
    if let Some(session) = world.session {
        add(Action::GoDecision, format!("Decision    {}", decision(session, glance)));
        add(
            Action::GoChecklist,
            format!("Checklist   {} in the way", glance.to_go.iter().filter(|o| is_item(o)).count()),
        );
        add(Action::GoRollout, format!("Rollout     {}", rollout(session)));
        if let Some(due) = comparison::due(session) {
            add(Action::GoCompare, format!("Compare     {} beside the rest", due.run.name));
        }
        add(Action::GoTimeline, format!("Timeline    {}", to_go(glance)));
        add(Action::GoRecord, format!("Record      {}", counted(session.seq, "event")));
    }
    add(Action::Palette, "a command by its words".into());
    add(Action::Keys, "the keys".into());
    if glance.judge(When::OwnRecord).is_ok() {
        add(Action::Undo, "undo what I recorded last".into());
    }
    lines
}

fn is_item(obstacle: &crate::domain::refusal::Obstacle) -> bool {
    use crate::domain::refusal::ObstacleKind;
    matches!(obstacle.kind, ObstacleKind::Item(_) | ObstacleKind::ShowStopper(_))
}

/// How long it still takes, as far as that is known.
fn to_go(glance: &Glance) -> String {
    let outlook = glance.timeline.as_ref().map(|line| &line.outlook);
    match outlook {
        None => String::new(),
        Some(outlook) if outlook.path.is_empty() => "nothing is to come".to_owned(),
        Some(outlook) => match outlook.left() {
            Some(left) => format!("{left} to go"),
            None => "ETA unknown".to_owned(),
        },
    }
}

fn decision(session: &Session, glance: &Glance) -> String {
    match (&session.poll.declared, glance.to_go.len()) {
        (Some(declared), _) if !declared.expired => match declared.decision {
            crate::domain::poll::Decision::Go => "GO is declared".into(),
            crate::domain::poll::Decision::NoGo => "NO-GO is declared".into(),
        },
        (_, 0) => "nothing is in the way".into(),
        (_, n) => format!("{n} in the way"),
    }
}

fn rollout(session: &Session) -> String {
    let stages = &session.pipeline.stages;
    let passed = stages.iter().filter(|run| run.passed.is_some()).count();
    match session.pipeline.running() {
        Some(run) => format!("{} is {}", run.name, run.state.word()),
        None => format!("{passed} of {} stages passed", stages.len()),
    }
}

fn place(world: &World<'_>) -> Vec<Line> {
    let here = world.whereabouts;
    let conductor = match world.link {
        Link::Up | Link::Joining | Link::Unread(_) => Line::from(format!("conductor on {}", here.machine)),
        Link::Silent(span) => {
            Line::of(Role::StateStale, format!("conductor on {}: no word for {span}", here.machine))
        }
        Link::Lost(why) => Line::of(Role::StateBad, why),
    };
    let mut lines = vec![conductor.dim(format!(" · {}", here.directory))];
    let who = match (world.me(), &here.read_only) {
        _ if matches!(world.link, Link::Unread(_)) => {
            Line::of(Role::StateWarn, "you may hold (H) and roll back (R): the conductor decides")
        }
        (_, Some(why)) => Line::of(Role::StateWarn, format!("you may look, not act: {why}")),
        (Some(me), None) => {
            let roles = world.session.and_then(|session| session.plan().people.get(me));
            let roles = roles.map_or(String::new(), |person| {
                person.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            });
            let line = Line::from(format!("acting as {me}"));
            if roles.is_empty() { line } else { line.dim(format!(" · {roles}")) }
        }
        (None, None) => Line::of(
            Role::StateWarn,
            format!("the login {} is nobody in [people]: you may look, not act", here.login),
        ),
    };
    lines.push(who);
    lines
}

fn last(world: &World<'_>) -> Vec<Line> {
    let events = world.history.loud().map(|stamped| {
        let said = say(&stamped.event, world.session);
        Line::new()
            .mark(said.role, said.glyph)
            .dim(format!(" {} ", when::second(stamped.now.wall, world.zone)))
            .text(attributed(stamped, &said))
    });
    let mut lines: Vec<Line> = events.take(8).collect();
    for (id, version, ended) in world.whereabouts.sessions.iter().take(5) {
        let ended = ended.as_deref().unwrap_or("open");
        let name = if id == version { id.clone() } else { format!("{id} · {version}") };
        lines.push(Line::new().dim(format!("{name} · {ended}")));
    }
    lines
}
