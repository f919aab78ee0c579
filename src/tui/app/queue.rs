//! Who waits for the end of what is open, in the words of the screens.

use crate::{
    domain::project::queue,
    tui::{canvas::Line, theme::Role, when, world::World},
};

/// `next: 2.7.0 by dana, queued 14:03`.
pub fn next(world: &World<'_>) -> Option<String> {
    let first = world.whereabouts.queue.first()?;
    let at = when::near(first.at, world.now.wall, world.zone);
    Some(format!("next: {} by {}, queued {at}", first.version, first.by))
}

/// The same where there is little room: `next 2.7.0`.
pub fn brief(world: &World<'_>) -> Option<String> {
    Some(format!("next {}", world.whereabouts.queue.first()?.version))
}

/// What follows the end of what is open; none: nobody waits.
pub fn after(world: &World<'_>) -> Option<String> {
    let first = world.whereabouts.queue.first()?;
    let asks = first.waits.is_some() || world.session.and_then(queue::goes_on) == Some(false);
    Some(if asks {
        format!("{} waits: golive open {}", first.version, first.version)
    } else {
        format!("{} opens next", first.version)
    })
}

/// For the start screen: all who wait, in their order.
pub fn lines(world: &World<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (queued, place) in world.whereabouts.queue.iter().zip(1..) {
        let at = when::near(queued.at, world.now.wall, world.zone);
        let line = Line::from(format!("queued {place}. {}", queued.version));
        lines.push(line.dim(format!(" by {}, {at}", queued.by)));
        if let Some(waits) = &queued.waits {
            lines.push(Line::of(Role::StateWarn, format!("  waits: {}", waits.why)));
            lines.push(Line::new().dim(format!("  {}", waits.lift)));
        }
    }
    lines
}
