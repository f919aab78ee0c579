//! From the answers to the files: a golive.toml that explains itself, the team's own checklist, and commands
//! that are still to be written. What is written here passes `golive check`; a test holds that.

use std::fmt::Write as _;

use super::answers::{Answers, DriverAnswer, HostAnswer};

/// A file that `init` writes where there is none of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Relative to the project's directory.
    pub path: String,
    pub text: String,
    pub executable: bool,
}

/// The plan's name: the one file that `init` is about.
pub const PLAN: &str = "golive.toml";
/// The team's own list, next to the embedded ones.
const OWN_LIST: &str = "RELEASE.md";

/// golive.toml, the team's own checklist, and commands of the exec driver that lie below the project.
pub fn files(answers: &Answers) -> Vec<NewFile> {
    let mut files = vec![
        NewFile { path: PLAN.into(), text: render(answers), executable: false },
        NewFile { path: OWN_LIST.into(), text: own_list(answers), executable: false },
    ];
    if let DriverAnswer::Exec { stop, install, start } = &answers.driver {
        for (verb, argv) in [("stop", stop), ("install", install), ("start", start)] {
            let Some(program) =
                argv.first().filter(|p| p.contains('/') && !p.starts_with('/') && !p.contains('{'))
            else {
                continue;
            };
            if !files.iter().any(|file| file.path == *program) {
                files.push(NewFile {
                    path: program.clone(),
                    text: to_be_written(program, verb),
                    executable: true,
                });
            }
        }
    }
    files
}

/// A command that says that it is missing: it must never look as if it had done its work.
fn to_be_written(program: &str, verb: &str) -> String {
    format!(
        "#!/bin/sh\n# {verb}: called by golive with the arguments that golive.toml names.\n\
         # Exit status 0 means done; anything else stops the line and asks a human.\n\
         echo \"{program}: still to be written\" >&2\nexit 1\n"
    )
}

fn own_list(answers: &Answers) -> String {
    format!(
        "# Release of {}\n\nWhat only this project needs to ask. One line an item: `[ ]` text, then perhaps\n\
         an owner and when it is due, as in `@{} (T-2d)`. Headings are groups.\n\n\
         ## Before\n\n- [ ] release notes written (T-1d)\n- [ ] everybody who must know was told (T-4h)\n",
        answers.name,
        answers.people.first().map_or("name", |person| person.name.as_str()),
    )
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// A key as TOML writes it: bare where it can be.
fn key(text: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !text.is_empty() && text.chars().all(bare) { text.to_owned() } else { quoted(text) }
}

/// Processes on this machine answer on this machine, whatever the host is called.
const THIS_MACHINE: &str = "127.0.0.1";

fn host(host: &HostAnswer, driver: &DriverAnswer) -> String {
    let here = matches!(driver, DriverAnswer::Local { .. }).then_some(THIS_MACHINE);
    let address = host.address.as_deref().or(here);
    if address.is_none() && host.port.is_none() {
        return quoted(&host.name);
    }
    let mut out = format!("{{ name = {}", quoted(&host.name));
    if let Some(address) = address {
        let _ = write!(out, ", address = {}", quoted(address));
    }
    if let Some(port) = host.port {
        let _ = write!(out, ", port = {port}");
    }
    out + " }"
}

/// The plan. Its comments say what the reader would otherwise have to look up.
pub fn render(answers: &Answers) -> String {
    let mut out = String::new();
    let line = |out: &mut String, text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(&mut out, "# The plan of a go-live. `golive check` says what is wrong with it; `golive open VERSION` starts one.".into());
    line(&mut out, "# {host} is the host's address (its name, unless said otherwise); also {name} {port} {version} {environment} {dir}.".into());
    line(&mut out, "[project]".into());
    line(&mut out, format!("name = {}", quoted(&answers.name)));
    if let Some(home) = &answers.home {
        line(&mut out, format!("home = {}    # the conductor lives on this machine", quoted(home)));
    }
    let mut lists: Vec<String> = answers.size.lists().iter().map(|name| (*name).to_owned()).collect();
    lists.push(OWN_LIST.into());
    line(
        &mut out,
        format!("checklists = {}    # embedded ones by name, and the team's own file", list(&lists)),
    );
    if answers.people.len() == 1 {
        line(&mut out, "separation = \"none\"    # a team of one: the same person asks and approves, and every header says so".into());
    }
    line(&mut out, "# notify = [\"bin/page\", \"{person}\", \"{text}\"]    # how people are told that the line needs a human".into());

    line(&mut out, "\n[people]    # the login is the name unless said otherwise".into());
    for person in &answers.people {
        line(&mut out, format!("{} = {{ roles = {} }}", key(&person.name), list(&person.roles)));
    }

    line(&mut out, "\n[artifact]    # a directory, a tar.gz or a single binary; the version comes from: golive open 2.5.0".into());
    line(&mut out, format!("source = {}", quoted(&answers.artifact)));

    line(&mut out, "\n[environments.production]    # one host at a time and hosts - 1 healthy, unless capacity = { … } says otherwise".into());
    line(&mut out, "hosts = [".into());
    for answer in &answers.hosts {
        line(&mut out, format!("  {},", host(answer, &answers.driver)));
    }
    line(&mut out, "]".into());
    line(&mut out, "# balancer = { kind = \"haproxy\", socket = \"/run/haproxy.sock\", backend = \"…\" }    # none: requests may fail".into());
    driver(&mut out, &answers.driver);

    if let Some(health) = &answers.health {
        line(
            &mut out,
            "\n[checks.alive]    # 2xx within 2 s: asked for each host after its start, and while it serves"
                .into(),
        );
        line(&mut out, format!("http = {}", quoted(&health_template(health, &answers.hosts))));
        line(&mut out, "# version_pointer = \"/version\"    # where the answer (JSON) says what runs".into());
    }

    line(&mut out, "\n[[stages]]".into());
    line(&mut out, "name = \"production\"".into());
    line(&mut out, "environment = \"production\"".into());
    line(&mut out, "bake = \"10m\"    # how long it must run before it may be called live".into());

    line(&mut out, "\n[poll]    # every seat must vote; silence never approves".into());
    line(&mut out, "seats = [{ role = \"engineering\" }, { role = \"operations\" }]".into());

    if let Some(first) = answers.people.first() {
        line(&mut out, "\n[plan_b]".into());
        line(&mut out, format!("decides = {}", quoted(&first.name)));
    }
    out
}

fn driver(out: &mut String, driver: &DriverAnswer) {
    match driver {
        DriverAnswer::Local { dir, start } => {
            out.push_str("\n[environments.production.driver]    # processes on this machine, one release directory a version\n");
            out.push_str("kind = \"local\"\n");
            let _ = writeln!(out, "dir = {}", quoted(dir));
            let _ = writeln!(out, "start = {}", list(start));
        }
        DriverAnswer::Exec { stop, install, start } => {
            out.push_str(
                "\n[environments.production.driver]    # the team's own commands, each a list of arguments\n",
            );
            out.push_str("kind = \"exec\"\n");
            out.push_str("[environments.production.driver.verbs]\n");
            for (verb, argv) in [("stop", stop), ("install", install), ("start", start)] {
                if !argv.is_empty() {
                    let _ = writeln!(out, "{verb} = {}", list(argv));
                }
            }
            out.push_str("# a verb that may be run again after an interruption: install = { argv = […], repeatable = true, timeout = \"5m\" }\n");
        }
    }
}

/// One URL for all hosts: the name, address or port of one of them becomes {host} and {port}.
fn health_template(url: &str, hosts: &[HostAnswer]) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (name, port) = match authority.rsplit_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (authority, None),
    };
    let known = name == "localhost"
        || hosts.iter().any(|host| host.name == name || host.address.as_deref() == Some(name));
    let name = if known { "{host}" } else { name };
    let all_have_ports = !hosts.is_empty() && hosts.iter().all(|host| host.port.is_some());
    match port {
        Some(port)
            if all_have_ports && hosts.iter().any(|h| h.port.is_some_and(|own| own.to_string() == port)) =>
        {
            format!("{scheme}://{name}:{{port}}{path}")
        }
        Some(port) => format!("{scheme}://{name}:{port}{path}"),
        None => format!("{scheme}://{name}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_on_this_machine_is_asked_on_this_machine() {
        let named = HostAnswer { name: "web-1".into(), address: None, port: Some(81) };
        let local = host(&named, &DriverAnswer::local("shop"));
        assert_eq!(local, "{ name = \"web-1\", address = \"127.0.0.1\", port = 81 }");
        assert_eq!(host(&named, &DriverAnswer::exec()), "{ name = \"web-1\", port = 81 }");
    }

    #[test]
    fn one_hosts_url_becomes_every_hosts() {
        let host = |name: &str, port| HostAnswer { name: name.into(), address: None, port };
        let hosts = [host("web-1", Some(8081)), host("web-2", Some(8082))];
        assert_eq!(health_template("http://web-2:8082/up", &hosts), "http://{host}:{port}/up");
        assert_eq!(health_template("http://localhost:9/up", &hosts), "http://{host}:9/up");
        assert_eq!(health_template("http://{host}:{port}/up", &hosts), "http://{host}:{port}/up");
        assert_eq!(health_template("https://shop.example/up", &hosts), "https://shop.example/up");
        assert_eq!(health_template("http://web-1/up", &[host("web-1", None)]), "http://{host}/up");
    }
}
