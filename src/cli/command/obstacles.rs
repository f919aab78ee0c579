//! What is in the way, in words: one line each, aligned, in the order the gate gives.

use super::by_command::by_command;
use crate::{cli::columns::columns, domain::refusal::Obstacle};

pub fn obstacles(list: &[Obstacle]) -> String {
    let rows: Vec<[String; 4]> = list
        .iter()
        .map(|o| {
            let who = if o.who.is_empty() { String::new() } else { format!("({})", o.who) };
            [format!("  {}", o.what), o.why.clone(), format!("lifted by: {}", by_command(&o.lift)), who]
        })
        .collect();
    columns(&rows)
}
