//! Makes the Checklist screen's view of the session and draws it.

use super::{
    draw::draw,
    state::{State, is_of},
    view::{GroupTab, ItemRow, View, Widths},
};
use crate::{
    domain::{
        checklist::{ItemKind, ItemSpec, ItemStanding, ItemState, Severity},
        course::Phase,
        name::Digest,
        session::Session,
        signal,
    },
    tui::{
        app::Glance,
        canvas::{Canvas, Line},
        glyph::Glyph,
        keymap::{Keymap, ScreenName, When},
        screens::layout::{Chrome, narrowed},
        text::width,
        theme::Role,
        when,
        widgets::Message,
        world::{Link, World},
    },
};

pub fn show(
    canvas: &mut Canvas<'_>,
    state: &State,
    world: &World<'_>,
    glance: &Glance,
    mut chrome: Chrome,
    keymap: &Keymap,
) {
    let Some(session) = world.session else {
        return super::super::empty(canvas, world, &chrome, keymap, ScreenName::Checklist, glance);
    };
    let find = |i: usize| {
        let id = state.list.order().get(i)?;
        session.plan().items.iter().find(|spec| spec.id == *id)
    };
    let row =
        |i: usize| find(i).map_or_else(ItemRow::default, |spec| item_row(spec, state.standing(&spec.id)));
    if speaks_to_me(world, glance) {
        chrome.waiting = for_me(state, session, world).or(chrome.waiting);
    }
    let selected = state.list.position().and_then(find);
    // Once is enough: the answer to the key says it.
    let said = chrome.message.as_ref().map(|message| message.line.words());
    let hint = Some(hint(selected, glance)).filter(|hint| said.is_none_or(|said| said != hint.words()));
    let open = state
        .list
        .order()
        .iter()
        .filter(|id| state.standing(id).is_some_and(|standing| !standing.state.ready()))
        .count();
    let group = state.group.as_deref().unwrap_or("Checklist");
    let everywhere = state.mine || state.problems || !state.filter.is_empty();
    let title = if everywhere { "All groups" } else { group };
    let view = View {
        chrome,
        groups: groups(state, session),
        title: Line::of(Role::Text, title).dim(format!(" · {open} open of {}", state.list.len())),
        narrowed: narrowed(
            [(state.mine, "m mine only"), (state.problems, "! open only")],
            &state.filter,
            [(state.as_written, "s as written".into())],
        ),
        rows: state.list.rows(),
        widths: widths(state, session),
        row: &row,
        detail: selected
            .map_or_else(|| (Line::new(), Vec::new()), |spec| detail(spec, state, session, world)),
        hint: hint.unwrap_or_default(),
        zoomed: state.zoomed,
    };
    draw(canvas, &view, keymap, glance);
}

/// Whether the waiting line is about this person's items: only before the go-live, and while nothing more pressing waits.
pub fn speaks_to_me(world: &World<'_>, glance: &Glance) -> bool {
    world.session.is_some_and(|session| {
        glance.troubles.is_empty()
            && session.course.hold.is_none()
            && *world.link == Link::Up
            && world.whereabouts.journal.unwritable().is_none()
            && matches!(session.course.phase, Phase::Preparing | Phase::Polling)
            && world.me().is_some()
    })
}

/// What waits for this person, in place of what waits for all.
fn for_me(state: &State, session: &Session, world: &World<'_>) -> Option<Message> {
    let me = world.me()?;
    let open = |spec: &&ItemSpec| {
        !spec.post_live && state.standing(&spec.id).is_some_and(|standing| !standing.state.ready())
    };
    let all: Vec<&ItemSpec> = session.plan().items.iter().filter(open).collect();
    let mine = all.iter().filter(|spec| is_of(session, spec, me)).count();
    let late = all.iter().filter(|spec| state.standing(&spec.id).is_some_and(|s| s.late)).count();
    let block = all.iter().filter(|spec| spec.severity != Severity::Advisory && spec.tier.get() < 3).count();
    let (role, glyph) =
        if mine > 0 { (Role::StateWarn, Glyph::NeedsHuman) } else { (Role::TextDim, Glyph::Waiting) };
    let waits = match mine {
        0 => "nothing waits for you".to_owned(),
        1 => "1 item waits for you".to_owned(),
        n => format!("{n} items wait for you"),
    };
    // In the demo one is nobody else.
    let who = if me.as_str() == "you" { String::new() } else { format!("you are {me}: ") };
    let blocks = if block == 1 { "1 blocks GO".to_owned() } else { format!("{block} block GO") };
    let words = format!(
        "{who}{waits} · {} of {} open, {late} late · {blocks}",
        all.len(),
        session.plan().items.len()
    );
    Some(Message::new(role, glyph, Line::of(role, words)))
}

/// Every group with how many of its items are ready.
pub fn groups(state: &State, session: &Session) -> Vec<GroupTab> {
    State::groups(session)
        .into_iter()
        .map(|name| {
            let of: Vec<&ItemSpec> = session.plan().items.iter().filter(|spec| spec.group == name).collect();
            let ready =
                of.iter().filter(|spec| state.standing(&spec.id).is_some_and(|s| s.state.ready())).count();
            let (role, glyph) = if ready == of.len() {
                (Role::StateOk, Glyph::Done)
            } else {
                (Role::StateWarn, Glyph::NeedsHuman)
            };
            let selected = state.group.as_deref() == Some(name);
            GroupTab { name: name.to_owned(), ready, of: of.len(), role, glyph, selected }
        })
        .collect()
}

pub fn mark(state: ItemState) -> (Role, Glyph) {
    match state {
        ItemState::Failing => (Role::StateBad, Glyph::Failed),
        ItemState::Stale => (Role::StateStale, Glyph::Stale),
        ItemState::Inconclusive => (Role::StateUnproven, Glyph::Unknown),
        ItemState::Open => (Role::StateWaiting, Glyph::Waiting),
        ItemState::AnswerNeeded => (Role::StateWarn, Glyph::Unknown),
        ItemState::WaiverAsked => (Role::StateWarn, Glyph::NeedsHuman),
        ItemState::Running => (Role::StateWorking, Glyph::Working),
        ItemState::Waived => (Role::VoteConditional, Glyph::Skipped),
        ItemState::NotApplicable => (Role::TextDim, Glyph::Skipped),
        ItemState::Done => (Role::StateOk, Glyph::Done),
    }
}

fn item_row(spec: &ItemSpec, standing: Option<&ItemStanding>) -> ItemRow {
    let Some(standing) = standing else { return ItemRow::default() };
    let (role, glyph) = mark(standing.state);
    // How it is known, once it is.
    let state = match (standing.state, &spec.kind) {
        (ItemState::Done, ItemKind::Check { .. } | ItemKind::Fact { .. }) => "auto",
        (ItemState::Done, ItemKind::Hand { .. }) => "hand",
        (ItemState::Done, ItemKind::Question) => "answered",
        (state, _) => state.word(),
    };
    ItemRow {
        role,
        glyph,
        title: spec.title.clone(),
        state: state.to_owned(),
        shows: standing.shows.clone(),
        owner: spec.owner.word().to_owned(),
        due: if standing.state.ready() { String::new() } else { when::before_go_live(spec.due) },
        late: standing.late,
    }
}

fn widths(state: &State, session: &Session) -> Widths {
    let items = &session.plan().items;
    let widest =
        |cells: fn(&ItemSpec) -> &str| items.iter().map(|spec| width(cells(spec))).max().unwrap_or(0);
    Widths {
        title: widest(|spec| &spec.title) as u16,
        owner: widest(|spec| spec.owner.word()) as u16,
        late: state.standings.iter().any(|(_, standing)| standing.late),
    }
}

type Pairs = Vec<(&'static str, Line)>;

fn detail(spec: &ItemSpec, state: &State, session: &Session, world: &World<'_>) -> (Line, Pairs) {
    let severity = match spec.severity {
        Severity::ShowStopper => (Role::StateBad, "SHOW-STOPPER"),
        Severity::Required => (Role::TextDim, "required"),
        Severity::Advisory => (Role::TextDim, "advisory"),
    };
    let severity = if session.left_out().items.contains(&spec.id) {
        (Role::StateWarn, format!("advisory, left out by {}", session.profile()))
    } else {
        (severity.0, severity.1.to_owned())
    };
    let title = Line::of(Role::Text, &spec.title).dim(" · ").add(severity.0, severity.1).dim(format!(
        " · tier {} · {}",
        spec.tier.get(),
        spec.owner.word()
    ));
    let mut pairs: Pairs = Vec::new();
    if !spec.why.is_empty() {
        pairs.push(("why", Line::from(spec.why.as_str())));
    }
    if let Some(standing) = state.standing(&spec.id) {
        let (role, _) = mark(standing.state);
        pairs.push((standing.state.word(), Line::of(role, &standing.shows)));
        let saw = if standing.state == ItemState::Stale { saw(spec, session) } else { None };
        let changed = saw.and_then(|saw| when::candidate_changed(session, saw, world.now.wall, world.zone));
        pairs.extend(changed.map(|words| ("", Line::of(role, words))));
        let due = when::near(standing.due, world.now.wall, world.zone);
        let late = if standing.late { " · LATE" } else { "" };
        pairs.push(("due", Line::new().dim(format!("{} = {due}{late}", when::before_go_live(spec.due)))));
        pairs.extend(asked(spec, session, world).map(|words| ("asked", Line::new().dim(words))));
        if !standing.lift.is_empty() {
            pairs.push(("lifted", Line::from(standing.lift.as_str())));
        }
    }
    let Some(record) = session.checklist.record(&spec.id) else { return (title, pairs) };
    for given in record.evidence.iter().rev().take(3) {
        let at = when::near(given.at.wall, world.now.wall, world.zone);
        pairs.push(("shown", Line::from(format!("{} · {}, {at}", given.what.text, given.by))));
    }
    for said in record.comments.iter().rev().take(3) {
        pairs.push(("said", Line::new().dim(format!("{}: {}", said.by, said.what))));
    }
    (title, pairs)
}

/// When its check was last asked, and when it will be again: `14:02:11, every 30 s · next 14:02:41`.
fn asked(spec: &ItemSpec, session: &Session, world: &World<'_>) -> Option<String> {
    let ItemKind::Check { check } = &spec.kind else { return None };
    let at = |wall| when::second(wall, world.zone);
    let run = session.checks.run(check, &signal::home_of(session, check)?)?;
    let running = run.running.as_ref().map(|running| format!("now, since {}", at(running.since.wall)));
    let last = run.last.as_ref().map(|last| last.at.wall);
    let every = session.plan().check(check.as_str()).and_then(signal::interval);
    let next = match (running, every, last) {
        (Some(running), ..) => running,
        (None, Some(every), Some(last)) => format!("next {}, every {every}", at(last.plus(every))),
        (None, Some(every), None) => format!("soon, every {every}"),
        (None, None, _) => "again when somebody asks".to_owned(),
    };
    Some(match last {
        Some(last) => format!("{} · {next}", at(last)),
        None => next,
    })
}

/// The artifact that is known to have been seen last: by whoever gave evidence, or by the check.
fn saw<'a>(spec: &ItemSpec, session: &'a Session) -> Option<&'a Digest> {
    if let ItemKind::Check { check } = &spec.kind {
        let home = signal::home_of(session, check)?;
        return session.checks.run(check, &home)?.last.as_ref().map(|last| &last.candidate);
    }
    let record = session.checklist.record(&spec.id)?;
    let with_tick = record.tick.as_ref().and_then(|tick| tick.what.as_ref());
    record.evidence.last().map(|given| &given.what).or(with_tick).map(|evidence| &evidence.artifact)
}

/// What Space would do, or why it does nothing.
fn hint(selected: Option<&ItemSpec>, glance: &Glance) -> Line {
    let Some(spec) = selected else { return Line::new().dim("no item here") };
    let words = match glance.judge(When::ItemByHand) {
        Err(why) => format!("Space: {}", why.full),
        Ok(()) => match spec.kind {
            ItemKind::Hand { evidence: true } => "Space ticks it, with evidence · u takes back".to_owned(),
            _ => "Space ticks it · u takes back".to_owned(),
        },
    };
    Line::new().dim(words)
}

impl Default for ItemRow {
    fn default() -> Self {
        Self {
            role: Role::TextDim,
            glyph: Glyph::Skipped,
            title: String::new(),
            state: String::new(),
            shows: String::new(),
            owner: String::new(),
            due: String::new(),
            late: false,
        }
    }
}
