//! Makes the Compare screen's view and draws it.

use super::{draw::draw, view::View};
use crate::{
    domain::{
        comparison::{self, Due},
        counted::counted,
        name::UnitId,
        pipeline::{StageRun, StageState, bake_left, region_compared, validation_standing},
        plan::region_word,
        rollout::Counted,
        session::Session,
        signal::JudgedVerdict,
        time::Span,
    },
    report,
    tui::{
        app::Glance,
        canvas::{Canvas, Line},
        glyph::Glyph,
        keymap::{Keymap, ScreenName, When},
        screens::{empty, layout::Chrome, rollout::rollback},
        theme::Role,
        when,
        world::World,
    },
};

pub fn show(canvas: &mut Canvas<'_>, world: &World<'_>, glance: &Glance, chrome: Chrome, keymap: &Keymap) {
    let view = match world.session {
        None => return empty(canvas, world, &chrome, keymap, ScreenName::Compare, glance),
        Some(session) => match comparison::latest(session) {
            Some(due) => compared(session, due, world, glance, chrome),
            None => View {
                chrome,
                title: Line::from("Compare"),
                about: vec![to_come(session)],
                ..View::default()
            },
        },
    };
    draw(canvas, &view, keymap, glance);
}

/// Which stage will be compared, if any.
fn to_come(session: &Session) -> Line {
    let waits = session.pipeline.stages.iter().filter(|run| run.started.is_none());
    let stage = waits.map(|run| &run.name).find(|name| {
        let stage = session.plan().stage(name).map(|(_, stage)| stage);
        stage.is_some_and(|stage| stage.asks_for().any(|check| comparison::by_hand(session, check)))
    });
    if comparison::nothing_beside(session) {
        return Line::new().dim("a first deploy: there is nothing that it could be compared with");
    }
    Line::new().dim(match stage {
        Some(stage) => format!("nothing is compared yet: {stage} will be, once its hosts are done"),
        None => "no stage of this plan is compared: validations = [\"comparison\"] asks for it".to_owned(),
    })
}

fn compared(
    session: &Session,
    Due { run, check }: Due<'_>,
    world: &World<'_>,
    glance: &Glance,
    chrome: Chrome,
) -> View {
    let count = session.rollout.counted.get(&run.environment);
    let sides = session.rollout.compared(&run.environment);
    let version = |version: &str, hosts: u32| format!("{version}, {}", counted(hosts, "host"));
    let to = &session.course.release.candidate.version;
    let from = run.from.as_ref().map_or("?", |from| from.version.as_str());
    let judged = validation_standing(session, run, check);
    let verdict = match judged {
        Some(judged) => {
            let (role, glyph, word) = match judged.verdict {
                JudgedVerdict::Passed => (Role::StateOk, Glyph::Done, "passed"),
                _ => (Role::StateBad, Glyph::Failed, "did not pass"),
            };
            let at = when::second(judged.at.wall, world.zone);
            vec![
                Line::new().mark(role, glyph).add(role, format!(" {word}")).dim(format!(" · {at}")),
                Line::from(judged.shows.as_str()),
            ]
        }
        None => vec![unjudged(session, glance, run.state)],
    };
    View {
        chrome,
        title: Line::from(match region_compared(session, run) {
            Some((region, turn, of)) => {
                format!("{}: {region} ({turn} of {of}) beside the rest of {region}", run.name)
            }
            None => format!("{} beside the rest of {}", run.name, run.environment),
        }),
        sides: sides
            .map(|sides| [version(to.as_str(), sides.new.hosts), version(from, sides.rest.hosts)])
            .unwrap_or_default(),
        figures: sides.as_ref().map(report::compared).unwrap_or_default(),
        about: about(session, count, world),
        verdict,
        after: after(session, run, world, glance),
    }
}

fn unjudged(session: &Session, glance: &Glance, state: StageState) -> Line {
    match glance.judge(When::Judgeable) {
        Ok(()) => Line::new()
            .mark(Role::StateWaiting, Glyph::Waiting)
            .text(" nobody has judged it")
            .dim(" · v: passed or not, with what you saw"),
        Err(why) if comparison::due(session).is_some() => Line::new()
            .mark(Role::StateWaiting, Glyph::Waiting)
            .text(" nobody has judged it")
            .dim(format!(" · v: {}", why.full)),
        Err(_) => Line::new().dim(format!("not to be judged yet: the stage is {}", state.word())),
    }
}

fn about(session: &Session, count: Option<&Counted>, world: &World<'_>) -> Vec<Line> {
    let Some((count, at)) = count.and_then(|count| Some((count, count.at?))) else {
        let counts = session.plan().environments.values().any(|it| it.balancer.counts());
        let why = if counts { "not counted yet" } else { "the balancer does not count what a host serves" };
        return vec![Line::of(Role::StateUnproven, format!("no figures: {why}"))];
    };
    let (since, at_wall) = (when::second(count.since.wall, world.zone), when::second(at.wall, world.zone));
    let lasted = when::lasted(at.session.since(count.since.session));
    let mut lines = vec![Line::new().dim(format!("counted for {lasted}, {since} to {at_wall}"))];
    if world.now.session.since(at.session) > comparison::OLD {
        lines.push(Line::of(Role::StateStale, format!("nothing was counted since {at_wall}")));
    }
    if let Some(few) = count.sides().too_few() {
        lines.push(Line::of(Role::StateUnproven, format!("too few: {few}")));
    }
    lines.extend(count.sides().no_response().map(|why| Line::new().dim(why)));
    lines.push(hosts("new", &count.new));
    lines
}

fn hosts(side: &str, units: &[UnitId]) -> Line {
    let names: Vec<&str> = units.iter().take(8).map(UnitId::as_str).collect();
    let more = if units.len() > 8 { format!(" and {} more", units.len() - 8) } else { String::new() };
    Line::new().dim(format!("{side}: {}{more}", names.join(", ")))
}

/// `eu-2, 3 hosts, in its own hours`: the region that follows on this judgement.
fn region_to_come(session: &Session, run: &StageRun) -> Option<String> {
    let units = run.units_in(run.turn_compared() + 1);
    let region = session.rollout.unit(units.first()?)?.region.as_deref();
    let off_peak = session.plan().stage(&run.name).is_some_and(|(_, stage)| stage.off_peak);
    let hours = if off_peak { ", in its off-peak hours" } else { "" };
    Some(format!("{}, {}{hours}", region_word(region), counted(units.len(), "host")))
}

fn after(session: &Session, run: &StageRun, world: &World<'_>, glance: &Glance) -> Vec<Line> {
    if run.passed.is_some() || session.course.is_over() {
        return Vec::new();
    }
    let bake = bake_left(session, run, world.now).filter(|left| *left > Span::ZERO);
    let bake = bake.map_or(String::new(), |left| format!("its bake, {} left, and ", when::lasted(left)));
    if let Some(region) = region_to_come(session, run) {
        return vec![
            Line::new().dim("passed ").text(format!("lets it go on: {region}")),
            Line::new().dim("not    ").text("stops the line until it is judged again, or rolled back"),
            rollback(session, &glance.forecast, glance.rollback.as_ref()),
        ];
    }
    let next = match session.pipeline.followers(&run.name).next() {
        Some(index) => session.plan().stages.get(index).map_or("its end".into(), |stage| {
            format!("{}, {}", stage.name, counted(session.plan().selected(index).len(), "host"))
        }),
        None => "its end".to_owned(),
    };
    vec![
        Line::new().dim("passed ").text(format!("lets it go on: {bake}{next}")),
        Line::new().dim("not    ").text("stops the line until it is judged again, or rolled back"),
        rollback(session, &glance.forecast, glance.rollback.as_ref()),
    ]
}
