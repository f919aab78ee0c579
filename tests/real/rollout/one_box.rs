//! The first host beside the rest, against real servers.

use super::{
    load::{Load, ask},
    site::Site,
};

/// What `golive compare --json` says.
fn compared(site: &Site) -> serde_json::Value {
    let told = site.bench.run(&["compare", "--json"]);
    serde_json::from_slice(&told.stdout).unwrap_or_else(|error| panic!("{error}: {told:?}"))
}

/// [R49] [W31] [W33] One host has a release whose orders fail. HAProxy counts both sides, a person sees it, says so, and
/// nothing else was changed.
#[test]
fn a_host_that_is_worse_than_the_rest_is_seen_beside_it_and_goes_no_further() {
    let site = Site::new();
    site.replace_in_plan(
        "[[stages]]\n",
        "[[stages]]\nname = \"1-box\"\nenvironment = \"production\"\nselect = { count = 1 }\n\
         validations = [\"smoke\", \"comparison\"]\npromote = \"automatic\"\n\n[[stages]]\nselect = \"rest\"\n",
    );
    site.replace_in_plan("[poll]\n", "[poll]\nbefore = \"1-box\"\n");
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    bench.says("raj", &["start"]);
    // There is nothing to compare a first deploy with: it goes on by itself.
    bench.until("verified", |status| status["phase"] == "verified");
    assert!(bench.run(&["compare"]).stdout.is_empty());
    bench.says("dana", &["close"]);

    site.release("2.6.0", "db-5432");
    bench.to_go("2.6.0");
    bench.says("raj", &["start"]);
    bench.until("a judgement", |status| {
        status["next"].as_str().is_some_and(|next| next.starts_with("compare (1-box)"))
    });
    let early = bench.run(&["--as", "raj", "compare", "pass"]);
    assert_eq!(early.status.code(), Some(5), "{early:?}");
    let load = Load::asks(site.front, "/order");
    bench.until("counted requests", |_| compared(&site)["sides"]["new"]["requests"].as_u64() > Some(200));
    let told = compared(&site);
    let side = |side: &str, figure: &str| told["sides"][side][figure].as_u64().unwrap();
    assert_eq!((side("new", "hosts"), side("rest", "hosts")), (1, 3));
    assert!(told["too_few"].is_null() && side("rest", "requests") > 2 * side("new", "requests"), "{told}");
    // One may be under way when it is looked at.
    assert!(side("new", "errors") + 5 >= side("new", "requests"), "{told}");
    assert_eq!(side("rest", "errors"), 0, "{told}");
    let text = bench.run(&["compare"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    for words in ["1-box of production: 2.6.0", "beside 2.4.0", "0 (0.00 %)", "nobody has judged it"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    bench.says("raj", &["compare", "fail", "every order fails"]);
    let status =
        bench.until("a human", |status| status["needs_human"].as_array().is_some_and(|it| !it.is_empty()));
    let runs: Vec<&str> = (0..4).filter_map(|at| status["hosts"][at]["runs"].as_str()).collect();
    assert_eq!(runs, ["2.6.0", "2.4.0", "2.4.0", "2.4.0"]);
    let (_, failed) = load.end();
    assert!(failed.iter().all(|why| why.contains("500")), "{failed:?}");
    bench.says("raj", &["rollback"]);
    bench.until("rolled back", |status| status["phase"] == "rolled back");
    assert!(ask(site.front, "/order").is_ok());
    let report = bench.says("dana", &["report"]);
    assert!(report.contains("comparison in production failed: every order fails (new "), "{report}");
}
