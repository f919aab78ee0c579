//! What would lift something is said with the cockpit's key; here it is said with the command.

use crate::domain::refusal::{Obstacle, ObstacleKind, Refusal};

/// Keys as the core names them, and what does the same from a shell.
const COMMANDS: [(&str, &str); 17] = [
    ("(v)", "(golive vote met)"),
    ("(4 v)", "(golive compare pass, or fail)"),
    ("(S)", "(golive start)"),
    ("(D)", "(golive declare)"),
    ("(H)", "(golive hold)"),
    ("(C)", "(golive continue)"),
    ("(P)", "(golive promote)"),
    ("(R)", "(golive rollback)"),
    ("(T)", "(golive rollout try)"),
    ("(X)", "(golive rollout exclude)"),
    ("(F)", "(golive rollout force-next)"),
    ("(E)", "(golive rollout end-as-is)"),
    ("(W)", "(golive watch)"),
    ("(t)", "(golive item run)"),
    ("(a)", "(golive item answer)"),
    ("(e)", "(golive item evidence)"),
    ("(w)", "(golive item waive)"),
];

pub fn by_command(lift: &str) -> String {
    // With its arguments the core says it already.
    let lift = lift.replace("(T: golive ", "(golive ");
    COMMANDS.iter().fold(lift, |lift, (key, command)| lift.replace(key, command))
}

/// A refusal as a shell is told it.
pub fn refusal(refusal: Refusal) -> Refusal {
    Refusal {
        lift: by_command(&refusal.lift),
        obstacles: refusal.obstacles.into_iter().map(obstacle).collect(),
        ..refusal
    }
}

/// What is in the way, likewise; where it is an item or a seat, with the command for this very one.
pub fn obstacle(obstacle: Obstacle) -> Obstacle {
    let lift = by_command(&obstacle.lift);
    let lift = match &obstacle.kind {
        ObstacleKind::Window => ["start", "promote"].iter().fold(lift, |lift, word| {
            lift.replace(
                &format!("(golive {word})"),
                &format!("(golive {word} --outside-window REASON --confirm STAGE)"),
            )
        }),
        ObstacleKind::Item(id) | ObstacleKind::ShowStopper(id) => of_item(&lift, id),
        // What was said by command already stays as it is.
        ObstacleKind::Seat(_) if lift.starts_with("vote ") && !lift.ends_with(')') => {
            format!("{lift} (golive vote go)")
        }
        _ => lift,
    };
    Obstacle { lift, ..obstacle }
}

fn of_item(lift: &str, id: &str) -> String {
    match lift {
        "a tick" => format!("a tick (golive item tick {id})"),
        "a tick with evidence" => format!("a tick (golive item tick {id} --evidence …)"),
        "evidence" => format!("evidence (golive item evidence {id} …)"),
        "an answer" => format!("an answer (golive item answer {id} …)"),
        _ => lift.replace("(golive item run)", &format!("(golive item run {id})")),
    }
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, Obstacle, ObstacleKind, by_command, obstacle};

    #[test]
    fn a_key_becomes_the_command_that_does_the_same() {
        assert_eq!(
            by_command("try again (T), exclude (X), or roll back (R)"),
            "try again (golive rollout try), exclude (golive rollout exclude), or roll back (golive rollback)"
        );
        assert_eq!(by_command("a vote (dana)"), "a vote (dana)");
    }

    #[test]
    fn what_lifts_an_item_or_a_vote_can_be_typed_as_it_is_said() {
        let lifted = |kind: ObstacleKind, lift: &str| {
            let (what, why, who) = (String::new(), String::new(), String::new());
            obstacle(Obstacle { kind, what, why, lift: lift.into(), who }).lift
        };
        let item = || ObstacleKind::Item("basic/smoke".into());
        assert_eq!(lifted(item(), "a run (t)"), "a run (golive item run basic/smoke)");
        assert_eq!(lifted(item(), "an answer"), "an answer (golive item answer basic/smoke …)");
        let seat = ObstacleKind::Seat("engineering".into());
        assert_eq!(lifted(seat.clone(), "vote of dana"), "vote of dana (golive vote go)");
        assert_eq!(lifted(seat.clone(), "vote of dana (golive vote go)"), "vote of dana (golive vote go)");
        assert_eq!(lifted(seat, "the condition met (v)"), "the condition met (golive vote met)");
    }

    /// Whatever key the core names in what would lift something, there is a command for it.
    #[test]
    fn every_key_that_the_core_names_has_its_command() {
        let mut files = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain"))];
        let mut keys = std::collections::BTreeSet::new();
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            // Texts are every other piece between quotation marks; code in brackets is none.
            for text in text.lines().flat_map(|line| line.split('"').skip(1).step_by(2)) {
                let brackets = text.split('(').skip(1).filter_map(|rest| rest.split_once(')'));
                keys.extend(
                    brackets.map(|(key, _)| key).filter(|key| key.len() == 1).map(|key| format!("({key})")),
                );
            }
        }
        assert!(keys.len() >= 10, "{keys:?}");
        for key in keys {
            assert!(COMMANDS.iter().any(|(known, _)| *known == key), "{key} has no command");
        }
    }
}
