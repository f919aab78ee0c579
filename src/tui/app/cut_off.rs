//! What the waiting line says where what is shown may not be what is: the conductor is not heard, or not understood.

use crate::tui::{canvas::Line, glyph::Glyph, theme::Role, widgets::Message, world::Link};

/// None while the session is on its way: the header says it, and the screen; a moment later it is there.
pub fn cut_off(link: &Link) -> Option<Message> {
    let stale = |words: String| {
        let line = Line::of(Role::StateStale, words);
        Some(Message::new(Role::StateStale, Glyph::Stale, line))
    };
    match link {
        Link::Lost(why) => stale(format!("{why} · nothing shown here is known to be true")),
        Link::Silent(span) => {
            stale(format!("no word from the conductor for {span} · nothing here is known to be true"))
        }
        Link::Unread(why) => Some(unread(why)),
        Link::Joining | Link::Up => None,
    }
}

/// What goes on is not seen here, and what goes through all the same.
fn unread(why: &str) -> Message {
    let message = |words: String| {
        let line = Line::of(Role::StateBad, words);
        Message::new(Role::StateBad, Glyph::NeedsHuman, line).until("H holds, R rolls back")
    };
    message(format!("READ-ONLY, what goes on is not seen here: {why}"))
        .or(message("READ-ONLY: needs another golive".to_owned()))
}
