//! Random pipelines: the valid ones load and take every host once, and a single slip is found where it is.

use std::{collections::BTreeSet, fmt::Write as _};

use proptest::prelude::*;

use super::{mistakes::changed, project::Project};

/// One environment with its stages, small enough to be read in a failure.
#[derive(Clone, Debug)]
struct Part {
    hosts: u32,
    /// Hosts that may be out at once; less than all.
    spare: u32,
    share: bool,
    /// Hosts that stages of their own take before the rest.
    early: Vec<u32>,
    bake: u32,
    automatic: bool,
}

fn part() -> impl Strategy<Value = Part> {
    (2u32..40, any::<u32>(), any::<bool>(), prop::collection::vec(1u32..4, 0..3), 0u32..90, any::<bool>())
        .prop_map(|(hosts, spare, share, early, bake, automatic)| {
            // Earlier stages leave at least one host for the rest.
            let early = if early.iter().sum::<u32>() < hosts { early } else { Vec::new() };
            Part { hosts, spare: 1 + spare % (hosts - 1), share, early, bake, automatic }
        })
}

/// The text, and the number of stages in it.
fn plan(parts: &[Part]) -> (String, usize) {
    let mut out = String::from(
        "[project]\nname = \"shop\"\nchecklists = []\n[people]\ndana = { roles = [\"decider\", \"deployer\", \"engineering\"] }\n\
         [artifact]\nsource = \"dist/{version}\"\n[poll]\nseats = [{ role = \"engineering\" }]\n\
         [defaults]\ndriver = { kind = \"local\", dir = \"run\", start = [\"shop\"] }\n",
    );
    let mut stages = 0;
    for (at, part) in parts.iter().enumerate() {
        let last = at + 1 == parts.len();
        let kind = if last { "production" } else { "development" };
        let keep = part.hosts - part.spare;
        // Rounded down, so that rounding up again gives no more than `keep`.
        let keep = if part.share { format!("\"{}%\"", keep * 100 / part.hosts) } else { keep.to_string() };
        let _ = write!(
            out,
            "[environments.e{at}]\nkind = \"{kind}\"\nhosts = [\"e{at}-[01:{:02}]\"]\ncapacity = {{ min_healthy = {keep} }}\n",
            part.hosts
        );
        let mut first = 1;
        for (nth, count) in part.early.iter().enumerate() {
            let until = first + count - 1;
            let _ = write!(
                out,
                "[[stages]]\nname = \"e{at}-early-{nth}\"\nenvironment = \"e{at}\"\nselect = {{ hosts = [\"e{at}-[{first:02}:{until:02}]\"] }}\n"
            );
            first += count;
            stages += 1;
        }
        let select = if part.early.is_empty() { "all" } else { "rest" };
        let promote = if part.automatic { "automatic" } else { "human" };
        let _ = write!(
            out,
            "[[stages]]\nname = \"e{at}\"\nenvironment = \"e{at}\"\nselect = \"{select}\"\nbake = \"{}m\"\npromote = \"{promote}\"\n",
            part.bake
        );
        stages += 1;
    }
    (out, stages)
}

/// [R15] A first stage is a count or a share of the hosts, and a share of few hosts is still one.
#[test]
fn a_one_box_is_a_count_or_a_share_and_never_nothing() {
    let of = |hosts: u32, count: &str| {
        let part = Part { hosts, spare: 1, share: false, early: vec![1], bake: 0, automatic: false };
        let (text, _) = plan(&[part]);
        let text =
            text.replace("select = { hosts = [\"e0-[01:01]\"] }", &format!("select = {{ count = {count} }}"));
        let loaded = Project::new().read(&text).unwrap_or_else(|why| panic!("{text}\n{why}"));
        (loaded.plan.selected(0).len(), loaded.plan.selected(1).len())
    };
    assert_eq!(of(1000, "\"1%\""), (10, 990));
    assert_eq!(of(1000, "10"), (10, 990));
    assert_eq!(of(27, "\"1%\""), (1, 26));
}

proptest! {
    /// [R3] [R4] Stages are what the team makes of them: every valid pipeline loads, and each host is in one stage.
    #[test]
    fn any_valid_pipeline_loads_and_takes_every_host_once(parts in prop::collection::vec(part(), 1..5)) {
        let (text, stages) = plan(&parts);
        let loaded = Project::new().read(&text);
        prop_assert!(loaded.is_ok(), "{}\n{}", text, loaded.unwrap_err());
        let plan = loaded.unwrap().plan;
        prop_assert_eq!(plan.stages.len(), stages);
        let mut taken = BTreeSet::new();
        for index in 0..stages {
            for host in plan.selected(index) {
                prop_assert!(taken.insert(host.unit.clone()), "{} twice", host.unit);
            }
        }
        prop_assert_eq!(taken.len() as u32, parts.iter().map(|part| part.hosts).sum::<u32>());
        let last = parts.len() - 1;
        let first_of_production = if parts[last].early.is_empty() { format!("e{last}") } else { format!("e{last}-early-0") };
        prop_assert_eq!(plan.poll.before.as_str(), first_of_production);
        for environment in plan.environments.values() {
            let limits = environment.capacity.limits(environment.hosts().count() as u32);
            prop_assert!(limits.spare() >= 1 && limits.min_healthy + limits.spare() <= limits.hosts);
        }
    }

    /// [R4] A slip in any one stage is found in its line.
    #[test]
    fn a_slip_in_one_stage_is_found_in_its_line(parts in prop::collection::vec(part(), 1..5), which in any::<usize>(), slip in 0usize..4) {
        let (text, stages) = plan(&parts);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let headers: Vec<usize> = lines.iter().enumerate().filter(|(_, line)| *line == "[[stages]]").map(|(at, _)| at).collect();
        let at = headers[which % stages];
        let (line, wrong, why) = match slip {
            0 => (at + 2, "environment = \"e99\"".to_owned(), "there is no environment \"e99\""),
            1 => (at + 3, "select = \"some\"".to_owned(), "is not a selection"),
            2 => (at + 1, format!("{}\nvalidations = [\"gone\"]", lines[at + 1]), "there is no check \"gone\""),
            _ => (at + 3, "select = { region = \"mars\" }".to_owned(), "there is no region \"mars\""),
        };
        lines[line] = wrong;
        let problems = Project::new().read(&lines.join("\n")).unwrap_err();
        let found = problems.list.iter().find(|problem| problem.what.contains(why));
        prop_assert!(found.is_some(), "{}", problems);
        let expected = line as u32 + 1 + u32::from(slip == 2);
        prop_assert_eq!(found.unwrap().line, expected, "{}", problems);
    }
}

#[test]
fn a_stage_that_has_no_time_for_its_bake_is_refused_in_its_line() {
    const STAGE: &str = "environment = \"production\"";
    let spends = |budget: &str| changed(STAGE, &format!("{STAGE}\nbake = \"10m\"\nbudget = \"{budget}\""));
    for (budget, words) in
        [("10m", "may take 10 min, and bakes for 10 min"), ("0s", "has no time at all"), ("soon", "soon")]
    {
        let found = spends(budget);
        assert!(found.len() == 1 && found[0].contains(words), "{found:?}");
    }
    assert_eq!(spends("2h"), [] as [&str; 0]);
}
