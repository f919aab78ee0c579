//! Enter: more about what is selected, or the way to it.

use super::{cockpit::App, dialog::Page};
use crate::{
    domain::rollout::Unit,
    tui::{canvas::Line, keymap::ScreenName, screens::rollout, theme::Role, world::World},
};

/// What Enter leads to.
pub enum Opened {
    Page(Page),
    Screen(ScreenName),
    /// An item on the Checklist screen.
    Item(crate::domain::name::ItemId),
    Nothing,
}

/// Everything that is known of a host, its output last.
pub fn unit_lines(unit: &Unit, world: &World<'_>, app: &App) -> Vec<Line> {
    let detail = rollout::detail(unit, world, &app.glance().forecast, rollout::Steps::Listed);
    let mut lines = detail.lines;
    if detail.output.is_empty() {
        lines.push(Line::new().dim("no output yet"));
    }
    lines.extend(detail.output);
    let failed = unit.lane.as_ref().is_some_and(|lane| lane.evidence.is_some());
    if failed && world.outputs.of(&unit.id).next().is_some() {
        lines.push(Line::new().dim("output"));
        lines.extend(world.outputs.of(&unit.id).map(|line| Line::new().dim(format!("  {line}"))));
    }
    lines
}

pub fn open(app: &App, world: &World<'_>) -> Opened {
    let Some(session) = world.session else { return Opened::Nothing };
    match app.screen() {
        ScreenName::Start if session.course.started.is_some() => Opened::Screen(ScreenName::Rollout),
        ScreenName::Start => Opened::Screen(ScreenName::Decision),
        ScreenName::Rollout => {
            let unit = app.focus().unit.as_ref().and_then(|id| session.rollout.unit(id));
            unit.map_or(Opened::Nothing, |unit| {
                Opened::Page(Page::of_unit(unit.id.clone(), unit_lines(unit, world, app)))
            })
        }
        ScreenName::Decision => match app.decision().item(app.glance()) {
            Some(item) => Opened::Item(item),
            None => match app.decision().obstacle(app.glance()) {
                Some(obstacle) => Opened::Page(Page::new(
                    obstacle.what.clone(),
                    vec![
                        Line::from(obstacle.why.as_str()),
                        Line::of(Role::TextDim, format!("lifted by {}", obstacle.lift)),
                        Line::of(Role::TextDim, &obstacle.who),
                    ],
                )),
                None => Opened::Nothing,
            },
        },
        ScreenName::Checklist => {
            let Some(spec) = app.focus().spec(world) else { return Opened::Nothing };
            let mut lines = vec![Line::from(spec.why.as_str())];
            if let Some(record) = session.checklist.record(&spec.id) {
                lines
                    .extend(record.evidence.iter().map(|e| Line::from(format!("{}: {}", e.by, e.what.text))));
                lines.extend(record.answer.iter().map(|a| Line::from(format!("{}: {}", a.by, a.what))));
                lines.extend(record.comments.iter().map(|c| Line::from(format!("{}: {}", c.by, c.what))));
            }
            Opened::Page(Page::new(spec.title.clone(), lines))
        }
        ScreenName::Compare | ScreenName::Timeline => Opened::Nothing,
        ScreenName::Record => {
            let stamped = app.record().list.selected().and_then(|seq| world.history.get(*seq));
            let json = stamped.and_then(|stamped| serde_json::to_string_pretty(stamped).ok());
            json.map_or(Opened::Nothing, |json| {
                let title = stamped.map_or(String::new(), |stamped| format!("record {}", stamped.seq));
                Opened::Page(Page::new(title, json.lines().take(2_000).map(Line::from).collect()))
            })
        }
    }
}
