//! An older build under a newer conductor: whatever of the record or of the protocol it does not know, HOLD and ROLL
//! BACK go through, and say what is not seen.

use golive::client::Way;

use super::{
    awake::until,
    golive::{Place, Ran},
};
use crate::older::{Older, older};

/// The version before was verified, and the new one runs on both hosts.
fn under_way() -> Place {
    let place = Place::with_project();
    for (version, ends) in [("2.4.1", true), ("2.5.0", false)] {
        place.golive(&["open", version]).ended(0);
        let go = "\"$GOLIVE\" item tick support && \"$GOLIVE\" vote go && \"$GOLIVE\" declare go";
        place.script(go).ended(0);
        place.golive(&["start", "--wait"]).ended(0);
        if ends {
            place.golive(&["promote"]).ended(0);
            place.golive(&["close"]).ended(0);
        }
    }
    place
}

/// Older builds of this place's conductor, for as long as it lives.
struct Builds {
    runtime: tokio::runtime::Runtime,
    place: Place,
}

impl Builds {
    fn of(place: Place) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Self { runtime: runtime.unwrap(), place }
    }

    /// What one of them says to it.
    fn ones(&self, which: Older) -> impl Fn(&[&str]) -> Ran {
        let projects = self.place.root().join(".local/share/golive/projects");
        let project = std::fs::read_dir(projects).unwrap().next().unwrap().unwrap().path();
        let way = Way::Own { lock: project.join("conductor.lock"), sockets: Vec::new(), launch: None };
        let socket = self.runtime.block_on(older(which, way, self.place.root()));
        move |words| Ran::of(&self.place.command(words).env("GOLIVE_SOCKET", &socket).output().unwrap())
    }

    fn status(&self) -> serde_json::Value {
        self.place.golive(&["status", "--json"]).ended(0).json()
    }
}

const REMEDY: &str = "the golive of the conductor, which reads it";

/// Nothing of the record can be read, or no word but the lasting ones is understood: what stops things is.
#[test]
fn hold_and_rollback_of_an_older_build_reach_a_newer_conductor() {
    let builds = Builds::of(under_way());
    for (which, why) in [
        (Older::Reads("course.opened"), "course.opened in shape 91 was written by a newer golive"),
        (Older::Speaks(99), "this build 99"),
    ] {
        let golive = builds.ones(which);
        let refused = golive(&["vote", "go"]).ended(7);
        for said in [why, "golive hold and golive rollback go through", REMEDY] {
            assert!(refused.err.contains(said), "{which:?}: {said:?} in {}", refused.err);
        }

        let held = golive(&["hold", "look at this"]).ended(0).out;
        for said in ["HELD by dana: no new host", "this build can't read the record on", why, REMEDY] {
            assert!(held.contains(said), "{which:?}: {said:?} in {held}");
        }
        let status = builds.status();
        assert_eq!((&status["held_by"], &status["hold_reason"]), (&"dana".into(), &"look at this".into()));
        let held = golive(&["--as", "sam", "hold", "--json"]).ended(0).json();
        assert_eq!((&held["done"], &held["answer"]["session"]), (&true.into(), &"2.5.0".into()), "{held}");
        assert!(held["answer"]["seq"].as_u64() > Some(1) && held["answer"]["head"].is_null(), "{held}");
        assert!(held["answer"]["unseen"].as_str().unwrap().contains(why), "{held}");
        // Whoever has just gone on, and goes on again, is asked whether it is meant.
        until("it goes on", || builds.place.golive(&["continue"]).status == 0);
        assert!(builds.status()["held_by"].is_null());

        // One host by name is more than the lasting form says: nothing is done.
        let refused = golive(&["rollback", "web-1"]).ended(3);
        assert!(refused.err.contains("some hosts by name can't be said"), "{}", refused.err);
        // The conductor's own refusals come through with what would lift them.
        let refused = golive(&["--session", "2.4.1", "rollback", "--json"]).ended(3).json();
        let what = refused["error"]["what"].as_str().unwrap();
        assert!(what.contains("no open session is called 2.4.1"), "{refused}");
        let refused = golive(&["--as", "lou", "hold"]).ended(3);
        assert!(refused.err.contains("lou"), "{}", refused.err);
        assert!(builds.status()["held_by"].is_null());
    }
    let golive = builds.ones(Older::Reads("checklist.ticked"));
    let back = golive(&["rollback", "--wait"]).ended(7);
    assert!(back.out.contains("ROLLING BACK to 2.4.1 on 2 hosts, asked for by dana"), "{}", back.out);
    assert!(back.err.contains("this build can't follow the session"), "{}", back.err);
    builds.place.golive(&["rollback", "--wait"]).ended(4);
    assert_eq!(builds.status()["phase"], "rolled back");
}

/// The first line that it does not know is the one that its own command leads to.
#[test]
fn what_an_older_build_can_read_until_it_acts_is_done_and_said_to_be_unseen() {
    let place = Place::with_project();
    place.golive(&["open", "2.5.0"]).ended(0);
    let builds = Builds::of(place);
    let golive = builds.ones(Older::Reads("course.held"));
    let held = golive(&["hold"]).ended(0).out;
    assert!(
        held.contains("done, and recorded\nthis build can't read the record on (course.held in"),
        "{held}"
    );
    let refused = golive(&["rollback"]).ended(3).err;
    assert!(refused.contains("no host has been changed"), "{refused}");
    assert_eq!(builds.status()["held_by"], "dana");
}
