//! The account the conductor would run as: whether it is one person's, and whether logging out ends what it
//! started.

use std::{env, fs, path::Path};

use crate::{
    cli::command::doctor::Finding,
    config::{SOCKET, init},
};

/// Logins that several people tend to share: the record could not tell who acted.
const SHARED: [&str; 9] =
    ["root", "admin", "deploy", "deployer", "ubuntu", "ec2-user", "jenkins", "ci", "release"];

pub fn findings() -> Vec<Finding> {
    let mut findings = vec![login(), logging_out()];
    findings.extend(socket());
    findings
}

fn login() -> Finding {
    match init::login() {
        Some(login) if SHARED.contains(&login.as_str()) => Finding::warning(
            "login",
            format!("{login}: if people share it, the record names all of them alike"),
            "own logins, or --as PERSON for each act",
        ),
        Some(login) => Finding::good("login", login),
        None => Finding::warning(
            "login",
            "nobody knows the name of this user",
            "an account with a name, or set USER",
        ),
    }
}

/// systemd may end everything that a login started when it ends: the conductor too.
fn logging_out() -> Finding {
    if !Path::new("/run/systemd/system").exists() {
        return Finding::good("logging out", "ends nothing: no systemd here");
    }
    if lingers() {
        return Finding::good("logging out", "ends nothing: lingering is on for this login");
    }
    let files = ["/etc/systemd/logind.conf", "/usr/lib/systemd/logind.conf", "/lib/systemd/logind.conf"];
    let mut said: Vec<String> = files.into_iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    for folder in ["/usr/lib/systemd/logind.conf.d", "/etc/systemd/logind.conf.d"] {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        said.extend(entries.filter_map(|entry| fs::read_to_string(entry.path()).ok()));
    }
    if said.iter().any(|text| kills(text)) {
        return Finding::warning(
            "logging out",
            "ends the conductor: KillUserProcesses=yes",
            "loginctl enable-linger, or run golive conductor as a service",
        );
    }
    Finding::good("logging out", "ends nothing: KillUserProcesses is off")
}

fn lingers() -> bool {
    init::login().is_some_and(|login| Path::new("/var/lib/systemd/linger").join(login).exists())
}

fn kills(text: &str) -> bool {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("KillUserProcesses="))
        .any(|value| matches!(value.trim().to_ascii_lowercase().as_str(), "yes" | "true" | "on" | "1"))
}

fn socket() -> Option<Finding> {
    let path = env::var_os(SOCKET).filter(|value| !value.is_empty())?;
    let path = Path::new(&path);
    Some(if path.exists() {
        Finding::good("shared socket", path.display().to_string())
    } else {
        Finding::warning(
            "shared socket",
            format!("{} is not there ({SOCKET})", path.display()),
            "is its conductor running? golive conductor status",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_setting_that_is_on_ends_processes() {
        assert!(kills("[Login]\n KillUserProcesses=yes\n"));
        assert!(!kills("[Login]\n#KillUserProcesses=yes\nKillUserProcesses=no\n"));
    }
}
