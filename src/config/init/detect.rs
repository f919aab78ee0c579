//! What can be seen from the project's directory, as proposals for the answers. Only looks.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    time::SystemTime,
};

use super::answers::{Answers, DriverAnswer, HostAnswer, ListSize, PersonAnswer, parse_people};
use crate::config::lists::slug;

/// Where builds tend to be left.
const FOLDERS: [&str; 6] = ["dist", "build", "out", "release", "target/dist", "."];
const ENDINGS: [&str; 2] = [".tar.gz", ".tgz"];
/// A folder with more entries than this is not a place of builds.
const MOST: usize = 2_000;

/// Proposals for all eight answers.
pub fn detect(dir: &Path, login: Option<&str>, machine: Option<&str>) -> Answers {
    detect_as(dir, &project_name(dir), login, machine)
}

/// The same for a project whose name is known.
pub fn detect_as(dir: &Path, name: &str, login: Option<&str>, machine: Option<&str>) -> Answers {
    let short = short(name);
    let hosts = (1u16..=3)
        .map(|number| HostAnswer {
            name: format!("{short}-{number}"),
            address: Some("127.0.0.1".into()),
            port: Some(8080 + number),
        })
        .collect();
    let person = login.unwrap_or("me");
    let people = parse_people(person)
        .unwrap_or_else(|_| vec![PersonAnswer { name: "me".into(), roles: vec!["decider".into()] }]);
    Answers {
        hosts,
        driver: DriverAnswer::local(&short),
        artifact: artifact(dir).unwrap_or_else(|| format!("dist/{short}-{{version}}.tar.gz")),
        health: Some("http://{host}:{port}/health".into()),
        people,
        size: ListSize::Small,
        home: machine.map(str::to_owned),
        name: name.to_owned(),
    }
}

/// The login of whoever runs this: what `id` says, as the conductor asks it of its clients, else what the
/// environment has.
pub fn login() -> Option<String> {
    let asked = Command::new("id").arg("-un").stderr(Stdio::null()).output().ok();
    let said = asked.filter(|id| id.status.success()).and_then(|id| String::from_utf8(id.stdout).ok());
    said.map(|login| login.trim().to_owned())
        .into_iter()
        .chain(["USER", "LOGNAME"].into_iter().filter_map(|name| env::var(name).ok()))
        .find(|login| !login.is_empty())
}

/// The name of this machine.
pub fn machine() -> Option<String> {
    let name = rustix::system::uname().nodename().to_str().ok()?.to_owned();
    (!name.is_empty() && !name.contains(char::is_whitespace)).then_some(name)
}

fn project_name(dir: &Path) -> String {
    let real = fs::canonicalize(dir).unwrap_or_else(|_| dir.to_path_buf());
    match real.file_name().and_then(|name| name.to_str()) {
        Some(name) => short(name),
        None => "project".into(),
    }
}

/// The name as it can stand in the names of hosts and files.
fn short(name: &str) -> String {
    let ascii: String = slug(name).chars().filter(char::is_ascii).collect();
    if ascii.is_empty() { "project".into() } else { ascii }
}

/// The newest archive that has a version in its name, with {version} in its place.
fn artifact(dir: &Path) -> Option<String> {
    let mut newest: Option<(SystemTime, String)> = None;
    for folder in FOLDERS {
        let Ok(entries) = fs::read_dir(dir.join(folder)) else { continue };
        for entry in entries.take(MOST).flatten() {
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
            if !ENDINGS.iter().any(|ending| name.ends_with(ending)) || name.contains(['{', '}']) {
                continue;
            }
            let Some(template) = with_version(&name) else { continue };
            let changed =
                entry.metadata().and_then(|found| found.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            let path = if folder == "." { template } else { format!("{folder}/{template}") };
            if newest.as_ref().is_none_or(|(at, _)| changed > *at) {
                newest = Some((changed, path));
            }
        }
    }
    newest.map(|(_, path)| path)
}

/// `shop-2.5.0.tar.gz` is `shop-{version}.tar.gz`: the first run of digits and dots that begins with a digit
/// and has a dot between digits.
fn with_version(name: &str) -> Option<String> {
    let stem_end = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).map(str::len)?;
    let bytes = name.as_bytes();
    let mut start = 0;
    while start < stem_end {
        if !bytes[start].is_ascii_digit()
            || (start > 0 && bytes[start - 1].is_ascii_alphanumeric() && bytes[start - 1] != b'v')
        {
            start += 1;
            continue;
        }
        let run = bytes[start..stem_end].iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        let version = name[start..start + run].trim_end_matches('.');
        if version.contains('.') {
            return Some(format!("{}{{version}}{}", &name[..start], &name[start + version.len()..]));
        }
        start += run.max(1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_an_archive_is_found_in_its_name() {
        assert_eq!(with_version("shop-2.5.0.tar.gz").as_deref(), Some("shop-{version}.tar.gz"));
        assert_eq!(with_version("shop-v1.2-linux.tgz").as_deref(), Some("shop-v{version}-linux.tgz"));
        assert_eq!(with_version("a2b-10.0.tar.gz").as_deref(), Some("a2b-{version}.tar.gz"));
        assert_eq!(with_version("shop-7.tar.gz"), None);
        assert_eq!(with_version("shop.tar.gz"), None);
    }

    #[test]
    fn proposals_come_from_the_directory() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("My Shop");
        fs::create_dir_all(dir.join("dist")).unwrap();
        fs::write(dir.join("dist/shop-2.4.1.tar.gz"), "").unwrap();
        let found = detect(&dir, Some("dana"), Some("deploy-1"));
        assert_eq!(found.name, "my-shop");
        assert_eq!(found.artifact, "dist/shop-{version}.tar.gz");
        assert_eq!(found.people[0].name, "dana");
        assert_eq!(found.home.as_deref(), Some("deploy-1"));
        assert_eq!(found.hosts.len(), 3);
    }
}
