//! Hotfixes from the command line.

use super::golive::Place;

/// What is no hotfix opens nothing, and cancels nothing that is under way.
#[test]
fn a_hotfix_that_would_be_refused_leaves_everything_as_it_is() {
    let place = Place::with_project();
    let plan = place.read("golive.toml");
    place.file("golive.toml", &plan.replacen("[project]", "[project]\nsecond = \"superseding\"", 1));
    place.golive(&["--as", "dana", "open", "2.5.0", "--at", "+1h"]).ended(0);
    let hotfix = |who: &str, more: &[&str]| {
        let words = ["--as", who, "open", "2.6.0", "--hotfix", "logins fail since noon"];
        place.golive(&[&words[..], more].concat())
    };
    for (who, more, why) in [
        (
            "dana",
            &["--follow-up", "+24h", "--skip", "smoke"][..],
            "skips bakes and windows only: smoke is enforced",
        ),
        ("dana", &["--follow-up", "+30d"][..], "the review is due within"),
        ("dana", &["--follow-up", "+24h", "--reviewer", "nobody"][..], "nobody is nobody in [people]"),
        ("sam", &["--follow-up", "+24h"][..], "dana"),
    ] {
        let ran = hotfix(who, more).ended(3);
        assert!(ran.err.contains(why), "{why}: {}", ran.err);
        let status = place.golive(&["status"]).ended(0).out;
        assert!(status.contains("2.5.0") && !status.contains("2.6.0"), "{status}");
    }
}
