//! Templates, commands and environments: the placeholders that mean something where they stand, the programs
//! that are there, and no secret among them.

use std::{collections::BTreeMap, io::Read as _, os::unix::fs::PermissionsExt as _};

use super::Reading;
use crate::{
    config::{secret, suggest::nearest},
    domain::plan::{Place, Placeholder, Template},
};

/// What means something for a host.
pub const OF_A_HOST: &[Placeholder] = &[
    Placeholder::Host,
    Placeholder::Name,
    Placeholder::Port,
    Placeholder::Version,
    Placeholder::Environment,
    Placeholder::Component,
];
/// For a check, which may ask a monitoring tool what it heard of a drill.
pub const OF_A_CHECK: &[Placeholder] = &[
    Placeholder::Host,
    Placeholder::Name,
    Placeholder::Port,
    Placeholder::Version,
    Placeholder::Environment,
    Placeholder::Component,
    Placeholder::Since,
];
/// For a driver's commands, too: the directory of the releases.
/// Locking is done once an environment.
pub const OF_A_LOCK: &[Placeholder] = &[Placeholder::Version, Placeholder::Environment, Placeholder::Person];
pub const OF_A_DRIVER: &[Placeholder] = &[
    Placeholder::Host,
    Placeholder::Name,
    Placeholder::Port,
    Placeholder::Version,
    Placeholder::Environment,
    Placeholder::Component,
    Placeholder::Dir,
];
/// For a directory.
pub const OF_A_DIRECTORY: &[Placeholder] =
    &[Placeholder::Name, Placeholder::Environment, Placeholder::Component];
/// For what is asked once of a whole environment.
pub const OF_AN_ENVIRONMENT: &[Placeholder] = &[Placeholder::Version, Placeholder::Environment];
/// For asking how many machines an environment has, and for changing that.
pub const OF_A_SCALE: &[Placeholder] = &[Placeholder::Environment];
pub const OF_A_SCALING: &[Placeholder] = &[Placeholder::Environment, Placeholder::Count];
/// For an artifact, which is one for all hosts.
pub const OF_AN_ARTIFACT: &[Placeholder] = &[Placeholder::Version];
/// For telling people.
pub const OF_A_NOTICE: &[Placeholder] = &[Placeholder::Person, Placeholder::Text];

/// Where a value may be a reference.
pub const BY_REFERENCE: &str = "name an environment variable instead, as \"env:NAME\"";

/// How much of a file of certificates is looked at: all of the system's take a quarter of it.
const LARGEST: u64 = 1 << 20;
/// What a certificate in a PEM file begins with.
const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----";

fn words(allowed: &[Placeholder]) -> Vec<&'static str> {
    Placeholder::ALL.iter().filter(|(_, hole)| allowed.contains(hole)).map(|(word, _)| *word).collect()
}

impl Reading<'_> {
    pub fn template(&mut self, place: &Place, text: &str, allowed: &[Placeholder]) -> Option<Template> {
        let known = words(allowed);
        let listed = known.iter().map(|word| format!("{{{word}}}")).collect::<Vec<_>>().join(" ");
        let template = match Template::new(text) {
            Ok(template) => template,
            Err(error) => {
                let word =
                    error.what.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(word, _)| word);
                let help = match word.and_then(|word| nearest(word, known.iter().copied())) {
                    Some(near) => format!("did you mean {{{near}}}?"),
                    None => format!("use {listed}; write {{{{ for a brace"),
                };
                // Not the text itself: it may hold a secret, which the rendering blots out.
                self.bad(place, format!("`{place}`: {}", error.what), help);
                return None;
            }
        };
        let stray = Placeholder::ALL.iter().find(|(_, hole)| template.uses(*hole) && !allowed.contains(hole));
        if let Some((word, _)) = stray {
            self.bad(place, format!("{{{word}}} stands for nothing in `{place}`"), format!("use {listed}"));
            return None;
        }
        Some(template)
    }

    /// A command that runs in the project's directory. Its program is looked for where it is a file of the project.
    pub fn argv(
        &mut self,
        place: &Place,
        written: &[String],
        allowed: &[Placeholder],
    ) -> Option<Vec<Template>> {
        let argv = self.command_line(place, written, allowed);
        if let Some(program) = written.first() {
            self.program(&place.index(0), program);
        }
        argv
    }

    /// A command that runs elsewhere, as a service does in its release: its program can't be looked for.
    pub fn command_line(
        &mut self,
        place: &Place,
        written: &[String],
        allowed: &[Placeholder],
    ) -> Option<Vec<Template>> {
        if written.first().is_none_or(|program| program.trim().is_empty()) {
            self.bad(
                place,
                format!("`{place}` names no program"),
                "write a list: [\"bin/program\", \"argument\"]",
            );
            return None;
        }
        for at in secret::secret_arguments(written) {
            let what = format!("argument {} of `{place}` looks like a secret", at + 1);
            self.bad_secret(&place.index(at), what, "let the command read it from a file or its environment");
        }
        for (at, argument) in
            written.iter().enumerate().filter(|(_, argument)| secret::is_reference(argument))
        {
            let help =
                "let the command read its environment itself: only env, headers and webhooks are filled in";
            self.bad(&place.index(at), format!("{argument:?} would be passed on as it is"), help);
        }
        let before = written.len();
        let argv: Vec<Template> = written
            .iter()
            .enumerate()
            .filter_map(|(at, text)| self.template(&place.index(at), text, allowed))
            .collect();
        (argv.len() == before).then_some(argv)
    }

    /// A program that is given by a path below the project's directory must be there and executable.
    fn program(&mut self, place: &Place, program: &str) {
        if program.trim().is_empty() {
            return;
        }
        if program.contains(char::is_whitespace) && !self.dir.join(program).is_file() {
            self.bad(
                place,
                format!("{program:?} is a shell line, not a program"),
                "write each argument as a text of its own: [\"program\", \"argument\"]",
            );
            return;
        }
        if !program.contains('/') || program.starts_with('/') || program.contains('{') {
            return;
        }
        match std::fs::metadata(self.dir.join(program)) {
            Err(error) => {
                let help = format!("add the file, or correct the path: it starts at {}", self.dir.display());
                self.bad(place, format!("{program} can't be read: {}", plain(&error)), help);
            }
            Ok(found) if !found.is_file() => {
                self.bad(place, format!("{program} is not a file"), "name a program");
            }
            Ok(found) if found.permissions().mode() & 0o111 == 0 => {
                self.bad(place, format!("{program} is not executable"), format!("chmod +x {program}"));
            }
            Ok(_) => {}
        }
    }

    /// A file of certificates must be there and hold one.
    pub fn authorities(&mut self, place: &Place, path: &str) {
        let mut text = Vec::new();
        let read = std::fs::File::open(self.dir.join(path))
            .and_then(|file| file.take(LARGEST).read_to_end(&mut text));
        match read {
            Err(error) => {
                let help = format!("add the file, or correct the path: it starts at {}", self.dir.display());
                self.bad(place, format!("{path} can't be read: {}", plain(&error)), help);
            }
            Ok(_) if !text.windows(PEM.len()).any(|part| part == PEM) => {
                let help = "name a PEM file: openssl x509 -in FILE -inform der -out ca.pem makes one";
                self.bad(place, format!("{path} holds no certificate"), help);
            }
            Ok(_) => {}
        }
    }

    pub fn env(
        &mut self,
        place: &Place,
        written: &BTreeMap<String, String>,
        allowed: &[Placeholder],
    ) -> BTreeMap<String, Template> {
        let mut env = BTreeMap::new();
        for (key, value) in written {
            let at = place.key(key);
            let valid = !key.is_empty()
                && !key.starts_with(|c: char| c.is_ascii_digit())
                && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !valid {
                self.bad(
                    &at,
                    format!("{key:?} is not the name of a variable"),
                    "use letters, digits and underscores",
                );
                continue;
            }
            self.no_secret(&at, key, value, BY_REFERENCE);
            if let Some(template) = self.template(&at, value, allowed) {
                env.insert(key.clone(), template);
            }
        }
        env
    }

    /// Refuses an inline secret and a reference that names no variable. `instead` is where it may stand.
    pub fn no_secret(&mut self, place: &Place, key: &str, value: &str, instead: &str) {
        if value.starts_with(secret::REFERENCE) {
            if !secret::is_reference(value) {
                self.bad(place, format!("{value:?} names no environment variable"), "write \"env:NAME\"");
            }
        } else if secret::is_secret(key, value) {
            self.bad_secret(place, format!("`{place}` looks like a secret"), instead);
        }
    }
}

/// An error of the operating system without its number.
pub fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".into(),
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}
