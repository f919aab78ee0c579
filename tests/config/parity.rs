//! Settings that must be the same as those of another environment, as written.

use golive::domain::plan::CheckKind;

use super::{
    mistakes::{GOOD, of},
    project::Project,
};

/// The good plan with a gamma, whose settings are compared by this check.
fn with_gamma(check: &str) -> String {
    let gamma = "[environments.gamma]\nkind = \"staging\"\ntraffic = \"none\"\nhosts = [\"gamma-01\"]\n\
                 driver = { kind = \"local\", dir = \"run\", start = [\"{dir}/current/bin/shop\"] }\n";
    let stage =
        "[[stages]]\nname = \"gamma\"\nenvironment = \"gamma\"\nvalidations = [\"configured\"]\n\n[[stages]]";
    GOOD.replace("[checks.alive]", &format!("{gamma}\n[checks.configured]\n{check}\n\n[checks.alive]"))
        .replace("[[stages]]", stage)
}

const FINE: &str = "exec = [\"print-settings\", \"{environment}\"]\nsame_as = \"production\"\nmay_differ = [\"DB_HOST\", \"LOG_*\"]";

#[test]
fn a_comparison_of_settings_is_read_with_what_may_differ() {
    let plan = Project::of_the_examples().read(&with_gamma(FINE)).unwrap().plan;
    let check = &plan.checks.values().find(|check| check.name.as_str() == "configured").unwrap().kind;
    let CheckKind::Parity { with, allowed, .. } = check else { panic!("{check:?}") };
    assert_eq!(
        (with.as_str(), allowed.as_slice()),
        ("production", &["DB_HOST".to_owned(), "LOG_*".into()][..])
    );
}

#[test]
fn what_could_compare_nothing_is_refused_with_what_to_do() {
    let refused = |from: &str, to: &str, words: &str| {
        let found = of(&with_gamma(&FINE.replace(from, to)));
        assert!(found.len() == 1 && found[0].contains(words), "{found:?}");
    };
    refused("same_as = \"production\"", "same_as = \"prodution\"", "no environment \"prodution\"");
    refused(
        "same_as = \"production\"",
        "same_as = \"gamma\"",
        "configured compares gamma with itself in stage gamma",
    );
    refused(", \"{environment}\"", "", "it never names {environment}");
    refused("{environment}", "{host}", "{host}");
    refused("LOG_*", "*", "\"*\" names no setting");
    refused("LOG_*", "A*B", "\"A*B\" names no setting");
    refused("same_as = \"production\"", "", "`may_differ` means nothing where no settings are compared");
    let by_http = "http = \"http://db:80/\"\nsame_as = \"production\"";
    let found = of(&with_gamma(by_http));
    assert!(found.iter().any(|it| it.contains("`same_as` means nothing to a check by http")), "{found:?}");
}
