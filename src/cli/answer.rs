//! The durable answer to a command, in words.

use serde::Serialize;

use super::{failure::Failure, out::Out};

/// `--json`: the answer of every command that was carried out.
#[derive(Debug, Serialize)]
pub struct Answered {
    pub session: String,
    /// The last line of the record that the answer rests on; none: the conductor did not say.
    pub seq: Option<u64>,
    /// What was recorded, in words; empty where it was so already.
    pub said: Vec<String>,
    /// Number and hash of the record's last line.
    pub head: Option<String>,
    /// golive.toml was changed since this session adopted it, and what was adopted holds.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub plan_differs: bool,
    /// Why what was recorded, and what comes of it, can't be read by this build; none: it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<String>,
}

#[derive(Serialize)]
struct Told<'a> {
    done: bool,
    #[serde(rename = "answer")]
    answered: &'a Answered,
    /// Of a GO that expires before what it is for may begin, what that means; absent: it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    early: Option<&'a str>,
}

impl Answered {
    pub fn tell(&self, out: Out) -> Result<(), Failure> {
        out.show(&Told { done: true, answered: self, early: None }, || self.words())
    }

    /// As [`tell_with_head`](Self::tell_with_head), of a GO, with that it comes too early where it does.
    pub fn tell_declared(&self, early: Option<&str>, out: Out) -> Result<(), Failure> {
        out.show(&Told { done: true, answered: self, early }, || {
            let head = self.head.iter().map(|head| format!("head {head}"));
            let early = early.map(str::to_owned);
            std::iter::once(self.words()).chain(head).chain(early).collect::<Vec<String>>().join("\n")
        })
    }

    fn words(&self) -> String {
        let done = self.done();
        if !self.plan_differs {
            return done;
        }
        format!(
            "{done}\ngolive.toml differs from what this session adopted, which holds: golive plan diff, golive plan adopt"
        )
    }

    fn done(&self) -> String {
        match (&self.unseen, self.said.as_slice()) {
            (None, []) => "nothing new: it was so already".into(),
            (None, said) => said.join("\n"),
            (Some(unseen), []) => format!("done, and recorded\n{unseen}"),
            (Some(unseen), said) => format!("{}\n{unseen}", said.join("\n")),
        }
    }

    /// As [`tell`](Self::tell), with the head: what is worth writing down beside a declaration or a closing.
    pub fn tell_with_head(&self, out: Out) -> Result<(), Failure> {
        self.tell(out)?;
        match &self.head {
            Some(head) => out.say(format!("head {head}")),
            None => Ok(()),
        }
    }
}

/// `--json`: the answer of `open`.
#[derive(Debug, Serialize)]
pub struct Opened {
    pub session: String,
    pub version: String,
    /// The sha256 of the artifact.
    pub digest: String,
}

impl Opened {
    pub fn words(&self) -> String {
        format!("opened {}: {}, artifact {}", self.session, self.version, self.digest)
    }
}
