//! What a plan's profiles of strictness must say.

use golive::domain::plan::{Profile, rules::remarks};

use super::{drills::GOOD, mistakes::of, project::Project};

/// A stage that is validated and bakes, and what less strict go-lives leave out of it.
fn good() -> String {
    let plan =
        GOOD.replace("zone = \"Europe/Berlin\"", "zone = \"Europe/Berlin\"\nstrictness = \"standard\"");
    let stage = "environment = \"production\"\nvalidations = [\"front\"]\nbake = \"10m\"\n\n[drills";
    let plan = plan.replace("environment = \"production\"\n\n[drills", stage);
    plan + "\n[strictness.standard]\nvalidations = [\"front\"]\n\n[strictness.relaxed]\nbakes = [\"production\"]\nitems = [\"basic/users-told\"]\n"
}

#[test]
fn what_each_profile_leaves_out_is_read() {
    assert_eq!(of(&good()), [] as [&str; 0]);
    let plan = Project::of_the_examples().read(&good()).unwrap().plan;
    assert_eq!(plan.strictness.own, Profile::Standard);
    let words = |profile| plan.strictness.left_out(profile).words();
    assert_eq!(words(Profile::Strict), [] as [&str; 0]);
    assert_eq!(words(Profile::Standard), ["validation front"]);
    assert_eq!(
        words(Profile::Relaxed),
        ["validation front", "bake of production", "item basic/users-told (only shown)"]
    );
}

/// A project whose own profile leaves something out says beforehand who may open such a go-live, and how.
#[test]
fn a_profile_below_strict_of_the_projects_own_is_remarked_on() {
    let said = |text: &str| {
        let plan = Project::of_the_examples().read(text).unwrap().plan;
        let all = remarks(&plan).into_iter().filter(|it| it.place.to_string().contains("strictness"));
        all.map(|it| it.what).collect::<Vec<_>>()
    };
    let said_of_it = said(&good());
    assert!(said_of_it[0].starts_with("standard is below strict: every go-live leaves out validation front"));
    assert!(said_of_it[0].contains("takes a decider and a reason"), "{said_of_it:?}");
    assert_eq!(
        said(&good().replace("strictness = \"standard\"", "strictness = \"strict\"")),
        [] as [&str; 0]
    );
}

/// Each with its place, and what to do: a name that stands for nothing, and what may never be left out.
#[test]
fn what_is_not_there_or_may_not_be_left_out_is_wrong() {
    let one = |from: &str, to: &str, words: &str| {
        let plan = good();
        assert!(plan.contains(from), "{from}");
        let at = plan.rfind(from).unwrap();
        let found = of(&format!("{}{to}{}", &plan[..at], &plan[at + from.len()..]));
        assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:#?}");
    };
    one("validations = [\"front\"]", "validations = [\"frond\"]", "no stage asks for the validation");
    one("validations = [\"front\"]", "validations = [\"pager\"]", "no stage asks for the validation");
    one("validations = [\"front\"]", "validations = [\"alive\"]", "alive is never left out");
    one("bakes = [\"production\"]", "bakes = [\"productoin\"]", "did you mean \"production\"?");
    one("basic/users-told", "basic/users-tolb", "did you mean \"basic/users-told\"?");
    one("basic/users-told", "basic/rollback-ready", "basic/rollback-ready blocks nothing already");
    one("validations = [\"front\"]", "alarms = [\"front\"]", "alarms");
    one("validations = [\"front\"]", "capacity = [\"front\"]", "capacity");
    one("[strictness.relaxed]", "[strictness.lax]", "lax");
    one("strictness = \"standard\"", "strictness = \"lax\"", "lax");
}
