//! The eight questions: what is asked, what stands as the answer, and how another one is taken. The third has
//! parts, which depend on the driver.

use crate::{
    config::init::{Answers, BadAnswer, DriverAnswer, ListSize, parse_hosts, parse_people},
    domain::name::ProjectName,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    Name,
    Hosts,
    Driver,
    Dir,
    Stop,
    Install,
    Start,
    Artifact,
    Health,
    People,
    Size,
    Home,
}

use Question as Q;

/// Where there is none.
const NONE: &str = "none";
/// Where it does not matter.
const ANY: &str = "any";

impl Question {
    pub const ALL: [Question; 12] = [
        Q::Name,
        Q::Hosts,
        Q::Driver,
        Q::Dir,
        Q::Stop,
        Q::Install,
        Q::Start,
        Q::Artifact,
        Q::Health,
        Q::People,
        Q::Size,
        Q::Home,
    ];

    /// Its number among the eight.
    pub const fn number(self) -> u8 {
        match self {
            Q::Name => 1,
            Q::Hosts => 2,
            Q::Driver | Q::Dir | Q::Stop | Q::Install | Q::Start => 3,
            Q::Artifact => 4,
            Q::Health => 5,
            Q::People => 6,
            Q::Size => 7,
            Q::Home => 8,
        }
    }

    /// Whether it is a part of a question rather than one of the eight.
    pub const fn is_part(self) -> bool {
        matches!(self, Q::Dir | Q::Stop | Q::Install | Q::Start)
    }

    /// Whether the driver that was chosen has this part.
    pub const fn applies(self, answers: &Answers) -> bool {
        !matches!(
            (self, &answers.driver),
            (Q::Dir, DriverAnswer::Exec { .. }) | (Q::Stop | Q::Install, DriverAnswer::Local { .. })
        )
    }

    /// What it is called where there is little room.
    pub const fn word(self) -> &'static str {
        match self {
            Q::Name => "project",
            Q::Hosts => "hosts",
            Q::Driver => "driver",
            Q::Dir => "releases in",
            Q::Stop => "stop",
            Q::Install => "install",
            Q::Start => "start",
            Q::Artifact => "artifact",
            Q::Health => "health URL",
            Q::People => "people",
            Q::Size => "checklist",
            Q::Home => "home",
        }
    }

    /// The flag that answers it.
    pub const fn flag(self) -> &'static str {
        match self {
            Q::Name => "name",
            Q::Hosts => "hosts",
            Q::Driver => "driver",
            Q::Dir => "dir",
            Q::Stop => "stop",
            Q::Install => "install",
            Q::Start => "start",
            Q::Artifact => "artifact",
            Q::Health => "health",
            Q::People => "people",
            Q::Size => "size",
            Q::Home => "home",
        }
    }

    pub const fn asks(self) -> &'static str {
        match self {
            Q::Name => "What is the project called?",
            Q::Hosts => "Where does it run?",
            Q::Driver => "How is a host changed?",
            Q::Dir => "In which directory are the releases kept?",
            Q::Stop => "Which command stops it?",
            Q::Install => "Which command installs a version?",
            Q::Start => "Which command starts it?",
            Q::Artifact => "Where does the artifact come from?",
            Q::Health => "Which URL says that a host is alive?",
            Q::People => "Who takes part?",
            Q::Size => "How much is asked before the poll?",
            Q::Home => "Which machine does the conductor live on?",
        }
    }

    /// What an answer looks like.
    pub const fn hint(self) -> &'static str {
        match self {
            Q::Name => "letters, digits and dashes",
            Q::Hosts => "web-01, web-02:8081, api=10.0.0.7:8080, beta-[01:08]",
            Q::Driver => "local: processes on this machine; exec: commands of your own",
            Q::Dir => "from the project's directory on",
            Q::Stop | Q::Install => {
                "words apart by spaces, no shell; {host}, {name} and {version} are filled in"
            }
            Q::Start => "words apart by spaces, no shell; {name} {host} {port} {version} {dir} are filled in",
            Q::Artifact => "a path or URL with {version} in it: a tar.gz, a directory or a binary",
            Q::Health => "2xx is alive; {host} and {port} are filled in; none if there is none",
            Q::People => "logins and their roles: dana: decider engineering, raj: operations deployer",
            Q::Size => "small: a dozen items; medium: before production and going live; full: all",
            Q::Home => "any if that does not matter",
        }
    }

    /// What stands as the answer, as it could be typed.
    pub fn answer(self, answers: &Answers) -> String {
        match (self, &answers.driver) {
            (Q::Name, _) => answers.name.clone(),
            (Q::Hosts, _) => hosts(answers),
            (Q::Driver, DriverAnswer::Local { .. }) => "local".into(),
            (Q::Driver, DriverAnswer::Exec { .. }) => "exec".into(),
            (Q::Dir, DriverAnswer::Local { dir, .. }) => dir.clone(),
            (Q::Stop, DriverAnswer::Exec { stop, .. }) => stop.join(" "),
            (Q::Install, DriverAnswer::Exec { install, .. }) => install.join(" "),
            (Q::Start, DriverAnswer::Exec { start, .. } | DriverAnswer::Local { start, .. }) => {
                start.join(" ")
            }
            (Q::Dir | Q::Stop | Q::Install, _) => String::new(),
            (Q::Artifact, _) => answers.artifact.clone(),
            (Q::Health, _) => answers.health.clone().unwrap_or_else(|| NONE.into()),
            (Q::People, _) => people(answers),
            (Q::Size, _) => {
                let word = ListSize::ALL.iter().find(|(_, size)| *size == answers.size);
                word.map_or_else(String::new, |(word, _)| (*word).to_owned())
            }
            (Q::Home, _) => answers.home.clone().unwrap_or_else(|| ANY.into()),
        }
    }

    /// Takes another answer. One that belongs to the other driver changes nothing.
    pub fn take(self, answers: &mut Answers, text: &str) -> Result<(), BadAnswer> {
        match (self, &mut answers.driver) {
            (Q::Name, _) => {
                let name = ProjectName::new(text).map_err(|bad| BadAnswer(bad.to_string()))?;
                answers.name = name.to_string();
            }
            (Q::Hosts, _) => answers.hosts = parse_hosts(text)?,
            (Q::Driver, driver) => return choose(driver, &answers.name, text),
            (Q::Dir, DriverAnswer::Local { dir, .. }) => text.clone_into(dir),
            (Q::Stop, DriverAnswer::Exec { stop, .. }) => *stop = words(text)?,
            (Q::Install, DriverAnswer::Exec { install, .. }) => *install = words(text)?,
            (Q::Start, DriverAnswer::Exec { start, .. } | DriverAnswer::Local { start, .. }) => {
                *start = words(text)?;
            }
            (Q::Dir | Q::Stop | Q::Install, _) => {}
            (Q::Artifact, _) => text.clone_into(&mut answers.artifact),
            (Q::Health, _) => answers.health = health(text)?,
            (Q::People, _) => answers.people = parse_people(text)?,
            (Q::Size, _) => {
                let found = ListSize::ALL.iter().find(|(word, _)| *word == text);
                answers.size = found.ok_or_else(|| BadAnswer("write small, medium or full".into()))?.1;
            }
            (Q::Home, _) => answers.home = (text != ANY).then(|| text.to_owned()),
        }
        Ok(())
    }
}

fn choose(driver: &mut DriverAnswer, name: &str, text: &str) -> Result<(), BadAnswer> {
    match (text, &driver) {
        ("local", DriverAnswer::Exec { .. }) => *driver = DriverAnswer::local(name),
        ("exec", DriverAnswer::Local { .. }) => *driver = DriverAnswer::exec(),
        ("local", DriverAnswer::Local { .. }) | ("exec", DriverAnswer::Exec { .. }) => {}
        _ => return Err(BadAnswer("write local or exec".into())),
    }
    Ok(())
}

fn health(text: &str) -> Result<Option<String>, BadAnswer> {
    match text {
        NONE => Ok(None),
        _ if text.starts_with("http://") || text.starts_with("https://") => Ok(Some(text.to_owned())),
        _ => Err(BadAnswer(format!("{text:?} is not a URL: write http://…, https://…, or none"))),
    }
}

fn words(text: &str) -> Result<Vec<String>, BadAnswer> {
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if words.is_empty() { Err(BadAnswer("write a program and its arguments".into())) } else { Ok(words) }
}

fn hosts(answers: &Answers) -> String {
    let hosts = answers.hosts.iter().map(|host| match (&host.address, host.port) {
        (Some(address), Some(port)) => format!("{}={address}:{port}", host.name),
        (Some(address), None) => format!("{}={address}", host.name),
        (None, Some(port)) => format!("{}:{port}", host.name),
        (None, None) => host.name.clone(),
    });
    hosts.collect::<Vec<_>>().join(", ")
}

fn people(answers: &Answers) -> String {
    let people = answers.people.iter().map(|person| format!("{}: {}", person.name, person.roles.join(" ")));
    people.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::init::detect;

    #[test]
    fn every_answer_can_be_typed_as_it_is_shown() {
        for driver in ["local", "exec"] {
            let mut answers = detect(std::path::Path::new("/"), Some("dana"), Some("deploy-1"));
            Q::Driver.take(&mut answers, driver).unwrap();
            Q::Hosts.take(&mut answers, "web-1, web-2:81, api=10.0.0.7, db=10.0.0.8:5432").unwrap();
            let before = answers.clone();
            for question in Q::ALL.into_iter().filter(|question| question.applies(&before)) {
                question.take(&mut answers, &question.answer(&before)).unwrap();
            }
            assert_eq!(answers, before);
        }
    }
}
