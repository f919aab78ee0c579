//! What would lift something is said with the cockpit's key; here it is said with the command.

use crate::domain::refusal::{Obstacle, Refusal};

/// Keys as the core names them, and what does the same from a shell.
const COMMANDS: [(&str, &str); 11] = [
    ("(S)", "(golive start)"),
    ("(D)", "(golive declare)"),
    ("(H)", "(golive hold)"),
    ("(C)", "(golive continue)"),
    ("(P)", "(golive promote)"),
    ("(R)", "(golive rollback)"),
    ("(T)", "(golive rollout try)"),
    ("(X)", "(golive rollout exclude)"),
    ("(F)", "(golive rollout force-next)"),
    ("(W)", "(golive watch)"),
    ("(t)", "(golive item run)"),
];

pub fn by_command(lift: &str) -> String {
    COMMANDS.iter().fold(lift.to_owned(), |lift, (key, command)| lift.replace(key, command))
}

/// A refusal as a shell is told it.
pub fn refusal(refusal: Refusal) -> Refusal {
    Refusal {
        lift: by_command(&refusal.lift),
        obstacles: refusal.obstacles.into_iter().map(obstacle).collect(),
        ..refusal
    }
}

/// What is in the way, likewise.
pub fn obstacle(obstacle: Obstacle) -> Obstacle {
    Obstacle { lift: by_command(&obstacle.lift), ..obstacle }
}

#[cfg(test)]
mod tests {
    use super::by_command;

    #[test]
    fn a_key_becomes_the_command_that_does_the_same() {
        assert_eq!(
            by_command("try again (T), exclude (X), or roll back (R)"),
            "try again (golive rollout try), exclude (golive rollout exclude), or roll back (golive rollback)"
        );
        assert_eq!(by_command("a vote (dana)"), "a vote (dana)");
    }
}
