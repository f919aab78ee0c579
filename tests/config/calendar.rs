//! Windows, freezes and traffic maps as a team writes them.

use std::fmt::Write as _;

use golive::domain::plan::{FreezeKind, TrafficMap};

use super::{
    mistakes::{GOOD, of},
    project::Project,
};

const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A day that is busy from 8 to 20.
fn day() -> Vec<u32> {
    (0..24).map(|hour| if (8..20).contains(&hour) { 9_000 + hour * 10 } else { 1_200 }).collect()
}

fn map(days: &[&str]) -> String {
    let mut text = String::from("[traffic.everywhere]\nzone = \"Europe/Berlin\"\n");
    for word in days {
        let _ = writeln!(text, "{word} = {:?}", day());
    }
    text
}

fn off_peak(traffic: &str) -> String {
    let stage = "environment = \"production\"\nwindow = \"off-peak\"";
    format!("{}{traffic}", GOOD.replace("environment = \"production\"", stage))
}

fn wrong(text: &str, expected: &str) {
    let found = of(text);
    assert!(found.len() == 1 && found[0].contains(expected), "wanted {expected:?} and got {found:#?}");
}

/// [K69] Off-peak hours follow from 7 × 24 figures; what is missing of them is a problem, and nothing is guessed.
#[test]
fn off_peak_follows_from_a_whole_week_and_from_nothing_less() {
    let loaded = Project::of_the_examples().read(&off_peak(&map(&WEEK))).unwrap();
    let map_of = &loaded.plan.traffic["everywhere"];
    assert_eq!((map_of.hours.len(), map_of.peak(), map_of.off_peak), (TrafficMap::HOURS, 9_190, 50));
    assert_eq!(map_of.spans(0), [(0, 8), (20, 24)]);
    assert!(loaded.plan.stages[0].off_peak);
    assert_eq!(loaded.blockers().count(), 0);
    wrong(&off_peak(&map(&WEEK[..6])), "the map of everywhere lacks sun, and nothing is guessed");
    let short = map(&WEEK).replacen("[1200, ", "[", 1);
    wrong(&off_peak(&short), "mon of everywhere has 23 of its 24 hours, and nothing is guessed");
}

/// Whoever asks for off-peak without a map is told so, and nothing is supposed.
#[test]
fn off_peak_without_a_map_is_refused_with_the_region() {
    let expected = "when production is off-peak is not known, and not guessed: there is no traffic map of hosts without a region";
    wrong(&off_peak(""), expected);
}

/// [K69] The same week from a file, in either form; a wrong line is named.
#[test]
fn a_map_comes_from_a_csv_or_a_toml_file_too() {
    let project = Project::of_the_examples();
    let figures = day().iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let csv = WEEK.map(|word| format!("{word},{figures}\n")).concat();
    project.file("traffic/eu.csv", &format!("day,00,01\n# measured in October\n{csv}"));
    let toml = WEEK.map(|word| format!("{word} = {:?}\n", day())).concat();
    project.file("traffic/eu.toml", &toml);
    let plan =
        |file: &str| off_peak(&format!("[traffic.everywhere]\nzone = \"UTC\"\nfile = \"traffic/{file}\"\n"));
    let read = |file: &str| project.read(&plan(file)).unwrap().plan.traffic;
    assert_eq!(read("eu.csv"), read("eu.toml"));
    project.file("traffic/bad.csv", &csv.replace("tue", "noday"));
    let found = project.read(&plan("bad.csv")).unwrap_err();
    assert!(found.list.iter().any(|it| it.what.contains("line 2: \"noday\" is not a day")), "{found}");
}

/// What is under half of the busiest hour is off-peak, or whatever share the team writes.
#[test]
fn how_much_traffic_is_off_peak_is_a_share_of_the_busiest_hour() {
    let project = Project::of_the_examples();
    let figures = day().iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let csv = WEEK.map(|word| format!("{word},{figures}\n")).concat();
    project.file("traffic/eu.csv", &csv);
    let read = |share: &str| {
        let map = format!(
            "[traffic.everywhere]\nzone = \"UTC\"\nfile = \"traffic/eu.csv\"\noff_peak = \"{share}\"\n"
        );
        project.read(&off_peak(&map)).map(|read| read.plan.traffic["everywhere"].off_peak)
    };
    assert_eq!([read("50%").unwrap(), read("80%").unwrap(), read("99%").unwrap()], [50, 80, 99]);
    for wrong in ["0%", "100%", "0.5%", "12.5%", "50", "half"] {
        let found = read(wrong).unwrap_err();
        assert!(found.list.iter().any(|it| it.what.contains("not a share of the peak")), "{wrong}: {found}");
    }
}

/// Freezes and blackouts have a name, two local times with a zone, and a reason.
#[test]
fn freezes_are_the_projects_and_blackouts_an_environments() {
    let freeze = "[freezes.fair]\nfrom = \"2026-11-26 18:00\"\nto = \"2026-12-01 08:00\"\nzone = \"Europe/Berlin\"\nreason = \"the fair\"\n";
    let blackout = freeze.replace("freezes.fair", "environments.production.blackouts.bank");
    let loaded = Project::of_the_examples().read(&format!("{GOOD}{freeze}{blackout}")).unwrap();
    let kinds: Vec<_> = loaded.plan.freezes.iter().map(|it| (it.kind, it.name.as_str())).collect();
    assert_eq!(kinds, [(FreezeKind::Freeze, "fair"), (FreezeKind::Blackout, "bank")]);
    wrong(&format!("{GOOD}{}", freeze.replace("2026-12-01", "2026-10-01")), "ends before it begins");
    wrong(&format!("{GOOD}{}", freeze.replace("Europe/Berlin", "Europe/Berlim")), "is not a time zone");
    wrong(&format!("{GOOD}{freeze}environments = [\"beta\"]\n"), "there is no environment \"beta\"");
}

#[test]
fn a_window_that_never_meets_the_off_peak_hours_is_refused() {
    let text = off_peak(&map(&WEEK)).replace(
        "hosts = [\"web-01\"",
        "window = { days = \"mon-fri\", from = \"10:00\", to = \"12:00\", zone = \"Europe/Berlin\" }\nhosts = [\"web-01\"",
    );
    wrong(&text, "production could never start");
    let night = text.replace("from = \"10:00\", to = \"12:00\"", "from = \"22:00\", to = \"04:00\"");
    assert_eq!(of(&night), [] as [&str; 0]);
    wrong(&night.replace("to = \"04:00\"", "to = \"22:00\""), "is no time at all");
}

/// Two regions whose off-peak hours never meet: each begins in its own where the stage goes by region, and the help says
/// what to write.
#[test]
fn regions_whose_hours_never_meet_go_one_after_the_other() {
    let night: Vec<u32> = day().iter().map(|figure| 10_400 - figure).collect();
    let region = |name: &str, day: &[u32]| {
        let days = WEEK.map(|word| format!("{word} = {day:?}\n")).concat();
        format!("[traffic.{name}]\nzone = \"UTC\"\n{days}")
    };
    let maps = region("eu", &day()) + &region("us", &night);
    let hosts = "hosts = [{ name = \"web-01\", region = \"eu\" }, { name = \"web-02\", region = \"us\" }]";
    let plan = |strategy: &str| {
        let text = off_peak(&maps).replace("hosts = [\"web-01\", \"web-02\", \"web-03\"]", hosts);
        text.replace("window = \"off-peak\"", &format!("window = \"off-peak\"\nstrategy = {strategy}"))
    };
    wrong(
        &plan("\"rolling\""),
        "write by = \"region\" in its strategy: each region then begins in its own hours",
    );
    let canary = "{ kind = \"canary\", steps = [{ weight = 50 }] }";
    wrong(&plan(canary), "give each region a stage of its own, with its hosts by name: select = { hosts = [");
    let loaded = Project::of_the_examples().read(&plan("{ kind = \"rolling\", by = \"region\" }")).unwrap();
    assert_eq!(loaded.plan.regions(0).len(), 2);
}

/// A selection that can't be read brings no other problem: which hosts the stages take is not known.
#[test]
fn a_selection_that_can_not_be_read_is_one_problem() {
    let stages = "name = \"1-box\"\nenvironment = \"production\"\nselect = { percent = 1 }\n\
                  validations = [\"comparison\"]\n\n[[stages]]\nname = \"production\"";
    let text = GOOD.replace("name = \"production\"", stages).replacen(
        "\nenvironment = \"production\"\n\n",
        "\nenvironment = \"production\"\nselect = \"rest\"\n\n",
        1,
    );
    assert!(text.contains("select = \"rest\""), "{text}");
    let found = of(&text);
    assert!(found.len() == 1 && found[0].contains("has no key `percent`"), "{found:#?}");
}
