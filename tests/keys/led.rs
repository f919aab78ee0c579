//! Who is led by a coach is never told of what the screen does not show yet.

use golive::tui::{coach::Coach, keymap::Screens};

use super::golive::stopped;

#[test]
fn the_coach_is_heard_only_once_what_it_speaks_of_has_come() {
    let script = stopped("raj");
    let session = &script.desk.session;
    let of = |seen| {
        let coach = Coach {
            mark: String::new(),
            screens: Screens::ALL,
            here: String::new(),
            elsewhere: String::new(),
            seen,
        };
        coach.is_seen(Some(session))
    };
    let id = session.course.id.clone();
    assert!(of(None) && of(Some((id.clone(), session.seq))));
    assert!(!of(Some((id, session.seq + 1))), "one event ahead of this screen");
    let other = golive::domain::name::SessionId::new("another").unwrap();
    assert!(of(Some((other, session.seq + 1))), "its events are not counted here");
}
