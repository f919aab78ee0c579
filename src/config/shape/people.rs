//! People, and how they are told.

use schemars::JsonSchema;
use serde::Deserialize;

/// A person of the project.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// What they may be asked to answer for; "decider" declares, "deployer" starts.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Their login on the conductor's machine. Absent: the name.
    pub login: Option<String>,
    /// How to reach them, shown as it is.
    pub contact: Option<String>,
}

/// One way to tell people; exactly one of `exec` and `webhook`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notifier {
    /// A command as a list of arguments; {person} and {text} are filled in.
    pub exec: Option<Vec<String>>,
    /// A URL that is sent a JSON body; "env:NAME" takes it from the environment.
    pub webhook: Option<String>,
    /// How long one message may take. Absent: "10s".
    pub timeout: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Separation {
    /// Who asks does not approve.
    Required,
    /// A team of one.
    None,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Share {
    /// The conductor's socket is its owner's alone.
    Owner,
    /// Members of the group of the socket's directory may connect.
    Group,
}
