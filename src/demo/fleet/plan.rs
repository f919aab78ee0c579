//! The plan of the demo, as a team would write it: it is read by the same code as theirs, and `golive init`'s
//! reader finds the same words in it.

use std::{fmt::Write as _, path::Path};

use super::options::DemoStrategy;

/// What the plan is written from.
pub struct PlanOf<'a> {
    pub dir: &'a Path,
    pub program: &'a Path,
    pub login: &'a str,
    /// What the lead is called.
    pub lead: &'a str,
    pub balancer_port: u16,
    pub balancer_socket: &'a Path,
    /// Names and ports, in order.
    pub hosts: &'a [(String, u16)],
    pub strategy: DemoStrategy,
    /// Where the store is asked, on 127.0.0.1, where agents change the hosts.
    pub store: Option<u16>,
}

/// How many hosts may be worked on at once: a quarter, but what two cores can carry.
fn max_parallel(hosts: usize) -> usize {
    (hosts / 4).clamp(1, 10)
}

/// The start command as the plan has it, with its placeholders.
pub fn start(program: &Path, demo: &Path) -> Vec<String> {
    let plain = |path: &Path| path.to_string_lossy().replace('{', "{{").replace('}', "}}");
    let words = [
        &plain(program),
        "demo-host",
        "--name",
        "{name}",
        "--port",
        "{port}",
        "--release",
        "{dir}/current",
        "--demo",
        &plain(demo),
    ];
    words.map(String::from).to_vec()
}

/// The text of golive.toml.
pub fn text(of: &PlanOf<'_>) -> String {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let hosts = of.hosts.len();
    let stops_all = of.strategy == DemoStrategy::StopAll;
    let sides = matches!(of.strategy, DemoStrategy::BlueGreen | DemoStrategy::ZeroDowntime);
    let parallel = max_parallel(hosts);
    let capacity = if sides {
        format!("min_healthy = {}", hosts / 2)
    } else if stops_all {
        format!("max_parallel = {}", hosts.clamp(1, 10))
    } else {
        format!("max_parallel = {parallel}, min_healthy = {}", hosts - parallel)
    };
    let list = listed(of.hosts, of.strategy);
    let end_to_end = if sides { END_TO_END } else { "" };
    let start: String = start(of.program, of.dir).iter().fold(String::new(), |mut all, word| {
        let _ = write!(all, "{}{}", if all.is_empty() { "" } else { ", " }, quoted(word));
        all
    });
    // One host can't be a stage before the rest; nor can any where no two versions may run side by side, or where whole
    // sides are taken.
    let boxed = hosts > 1 && !stops_all && !sides && of.store.is_none();
    let versions = if stops_all { "versions = \"exclusive\"\n" } else { "" };
    let (first, select) = if boxed { ("1-box", "select = \"rest\"\n") } else { ("production", "") };
    let compared = if of.strategy == DemoStrategy::OneBox { ", \"comparison\"" } else { "" };
    let one_box = if boxed { ONE_BOX.replace("{compared}", compared) } else { String::new() };
    let converge = match parallel {
        1 => "strategy = { kind = \"converge\", batches = [1] }\n".to_owned(),
        parallel => format!("strategy = {{ kind = \"converge\", batches = [1, {parallel}] }}\n"),
    };
    let strategy = match of.strategy {
        DemoStrategy::Rolling | DemoStrategy::OneBox => "",
        DemoStrategy::Converge => converge.as_str(),
        DemoStrategy::Canary => CANARY,
        DemoStrategy::StopAll => "strategy = { kind = \"stop-all\" }\n",
        DemoStrategy::BlueGreen => BLUE_GREEN,
        DemoStrategy::ZeroDowntime => ZERO_DOWNTIME,
    };
    let driver = driver(of, &start);
    // An agent tests what it has installed itself.
    let (self_test, progress) = if of.store.is_some() { ("", "30s") } else { (SELF_TEST, "60s") };
    format!(
        r#"# The plan of the demo. Your own starts with: golive init
[project]
name = "shop"
{versions}checklists = ["basic", "RELEASE.md"]

[people]
{lead} = {{ roles = ["decider", "engineering", "deployer"], login = {login} }}
raj  = {{ roles = ["operations", "deployer"], login = "demo-raj" }}
sam  = {{ roles = ["security"], login = "demo-sam" }}
ana  = {{ roles = ["security"], login = "demo-ana" }}
mia  = {{ roles = ["support"], login = "demo-mia" }}
ola  = {{ roles = ["business"], login = "demo-ola" }}
lee  = {{ roles = ["engineering"], login = "demo-lee" }}

[artifact]
source = "dist/shop-{{version}}.tar.gz"

[environments.production]
kind = "production"
{driver}
capacity = {{ {capacity} }}
deadlines = {{ min_healthy_time = "2s", healthy_deadline = "20s", progress_deadline = "{progress}" }}
{list}

[checks]
alive     = {{ http = "http://{{host}}:{{port}}/is_alive", version_pointer = "/version", retries = 3, interval = "1s" }}
{self_test}smoke     = {{ http = "http://127.0.0.1:{balancer}/", contains = "shop", timeout = "5s" }}
{end_to_end}
{one_box}[[stages]]
name = "production"
environment = "production"
{select}{strategy}validations = ["smoke"]
bake = "4s"
promote = "automatic"

[poll]
before = "{first}"
quorum = 4
seats = [
  {{ role = "engineering", eligible = ["{lead}"], deputy = "lee" }},
  {{ role = "operations", veto = true }},
  {{ role = "security", eligible = ["sam"], deputy = "ana" }},
  {{ role = "support" }},
  {{ role = "business" }},
]

[plan_b]
decides = "{lead}"
informs = ["press desk"]
"#,
        login = quoted(of.login),
        lead = of.lead,
        balancer = of.balancer_port,
    )
}

/// The hosts as the plan has them: in one list, or half of them on each side.
fn listed(hosts: &[(String, u16)], strategy: DemoStrategy) -> String {
    let list = |hosts: &[(String, u16)]| {
        hosts.iter().fold(String::new(), |mut list, (name, port)| {
            let _ = writeln!(list, "  {{ name = \"{name}\", address = \"127.0.0.1\", port = {port} }},");
            list
        })
    };
    let [one, two] = match strategy {
        DemoStrategy::ZeroDowntime => {
            ["clouds.a = { role = \"primary\",", "clouds.b = { role = \"secondary\","]
        }
        DemoStrategy::BlueGreen => ["colours.blue = {", "colours.green = {"],
        _ => return format!("hosts = [\n{}]", list(hosts)),
    };
    let (first, other) = hosts.split_at(hosts.len() / 2);
    format!("{one} hosts = [\n{}] }}\n{two} hosts = [\n{}] }}", list(first), list(other))
}

/// Who changes the hosts: golive, behind their balancer, or agents that take themselves out of it.
fn driver(of: &PlanOf<'_>, start: &str) -> String {
    if let Some(store) = of.store {
        let at = |what: &str| format!("http://127.0.0.1:{store}/{what}/{{name}}");
        return format!(
            "driver = {{ kind = \"converge\", every = \"2s\", tolerance = \"8s\", store = {{ kind = \"http\", url = \"{}\" }}, agents = {{ url = \"{}\" }} }}",
            at("desired"),
            at("agents")
        );
    }
    let path = |path: &Path| toml::Value::from(path.to_string_lossy().as_ref()).to_string();
    format!(
        "driver = {{ kind = \"local\", dir = {}, start = [{start}], stop_timeout = \"3s\" }}\n\
         balancer = {{ kind = \"haproxy\", socket = {}, backend = \"shop\", drain_timeout = \"10s\" }}",
        path(&of.dir.join("hosts")),
        path(of.balancer_socket)
    )
}

const SELF_TEST: &str = r#"self-test = { http = "http://{host}:{port}/selftest", timeout = "3s", retries = 1, interval = "1s" }
"#;

const CANARY: &str = r#"strategy = { kind = "canary", steps = [{ weight = 10 }, { pause = "12s" }, { weight = 50 }, { pause = "12s" }] }
"#;

const BLUE_GREEN: &str = r#"strategy = { kind = "blue-green", first = "blue", validate = ["end-to-end"], soak = "8s", warm = "16s" }
"#;

const ZERO_DOWNTIME: &str = r#"strategy = { kind = "zero-downtime", verify = ["end-to-end"], pause = { before = ["switch"] } }
"#;

/// It asks the hosts themselves: through the balancer the other side would answer.
const END_TO_END: &str = r#"end-to-end = { http = "http://{host}:{port}/", contains = "shop", timeout = "5s" }
"#;

const ONE_BOX: &str = r#"[[stages]]
name = "1-box"
environment = "production"
select = { count = 1 }
validations = ["smoke"{compared}]
bake = "4s"
promote = "automatic"

"#;

/// The team's own list, as they would keep it beside the code.
pub const RELEASE_NOTES: &str = "# Release of shop

- [ ] what changes for customers is written down @mia (T-5m)
- [ ] the hotline knows of the release @mia (T-5m)
- [ ] the price list was compared with the old version's @ola (T-5m)
";

#[cfg(test)]
mod tests {
    use super::*;

    fn written(hosts: u16) -> toml::Table {
        let hosts: Vec<_> = (1..=hosts).map(|n| (format!("host-{n:02}"), 20_000 + n)).collect();
        let of = PlanOf {
            dir: Path::new("/tmp/de{mo\"x"),
            program: Path::new("/bin/golive"),
            login: "o'brien",
            lead: "dana",
            balancer_port: 4_000,
            balancer_socket: Path::new("/tmp/demo/balancer.sock"),
            hosts: &hosts,
            strategy: DemoStrategy::Rolling,
            store: None,
        };
        text(&of).parse().unwrap()
    }

    #[test]
    fn capacity_leaves_room_for_any_number_of_hosts() {
        for hosts in [1, 2, 3, 4, 12, 200] {
            let plan = written(hosts);
            let capacity = &plan["environments"]["production"]["capacity"];
            let (parallel, healthy) = (
                capacity["max_parallel"].as_integer().unwrap(),
                capacity["min_healthy"].as_integer().unwrap(),
            );
            assert!(parallel >= 1 && parallel + healthy == i64::from(hosts), "{hosts}");
            assert_eq!(plan["stages"].as_array().unwrap().len(), if hosts > 1 { 2 } else { 1 });
        }
    }

    #[test]
    fn odd_names_of_directories_and_logins_stay_what_they_are() {
        let plan = written(2);
        assert_eq!(plan["people"]["dana"]["login"].as_str(), Some("o'brien"));
        let driver = &plan["environments"]["production"]["driver"];
        assert_eq!(driver["dir"].as_str(), Some("/tmp/de{mo\"x/hosts"));
        let start = driver["start"].as_array().unwrap();
        assert_eq!(start.last().unwrap().as_str(), Some("/tmp/de{{mo\"x"));
    }
}
