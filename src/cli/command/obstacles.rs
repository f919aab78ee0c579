//! What is in the way, in words: one line each, aligned, in the order the gate gives.

use super::by_command;
use crate::{cli::columns::columns, domain::refusal::Obstacle};

pub fn obstacles(list: &[Obstacle]) -> String {
    let rows: Vec<[String; 4]> = list
        .iter()
        .map(|o| {
            let who = if o.who.is_empty() { String::new() } else { format!("({})", o.who) };
            let lift = by_command::obstacle(o.clone()).lift;
            [format!("  {}", o.what), o.why.clone(), format!("lifted by: {lift}"), who]
        })
        .collect();
    columns(&rows)
}
