//! What a command prints. Text for people, an append-only account with `--plain`, or JSON; never a control
//! character that came from outside.

use std::{
    fmt::{Display, Write as _},
    io::{self, IsTerminal, Write},
};

use serde::Serialize;

use super::{command::refused, exit::Exit, failure::Failure};
use crate::report::clean;

/// The form of all output of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people; may be coloured on a terminal.
    Text,
    /// Append-only, no colour: logs and screen readers.
    Plain,
    /// One object, or one a line for a stream.
    Json,
}

#[derive(Clone, Copy, Debug)]
pub struct Out {
    form: Form,
}

impl Out {
    pub const fn new(form: Form) -> Self {
        Self { form }
    }

    pub fn form(self) -> Form {
        self.form
    }

    pub fn is_json(self) -> bool {
        self.form == Form::Json
    }

    /// Whether errors may be coloured.
    pub fn colours_errors(self) -> bool {
        self.form == Form::Text
            && io::stderr().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// One thing: its words, or with `--json` the thing itself.
    pub fn show<T: Serialize + ?Sized>(
        self,
        thing: &T,
        words: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        if self.is_json() { self.object(thing) } else { self.say(words()) }
    }

    /// Words for people; nothing with `--json`.
    pub fn say(self, words: impl Display) -> Result<(), Failure> {
        if self.is_json() {
            return Ok(());
        }
        let words = words.to_string();
        let words = words.trim_end_matches('\n');
        self.write(format!("{}\n", lines(words)).as_bytes())
    }

    /// One JSON object on a line of its own.
    pub fn object<T: Serialize + ?Sized>(self, thing: &T) -> Result<(), Failure> {
        let mut text = serde_json::to_vec(thing).map_err(|error| Failure::internal(error.to_string()))?;
        text.push(b'\n');
        self.write(&text)
    }

    /// Bytes as they are: an export, a schema, a completion script.
    #[expect(clippy::unused_self, reason = "whoever may print holds an Out")]
    pub fn write(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut to = io::stdout().lock();
        to.write_all(bytes).and_then(|()| to.flush()).map_err(|error| unwritten(&error))
    }

    /// Words to stderr, as they are: an error that was rendered with its place, a question.
    #[expect(clippy::unused_self, reason = "whoever may print holds an Out")]
    pub fn mutter(self, words: &str) {
        // With stderr gone there is nobody to tell; the exit status still does.
        drop(io::stderr().lock().write_all(words.as_bytes()));
    }

    /// A remark beside the output, to stderr.
    pub fn remark(self, words: &str) {
        self.mutter(&lines(words));
    }

    /// A failure: words to stderr, and with `--json` the failure as the one object on stdout.
    pub fn fail(self, failure: &Failure) -> Exit {
        if failure.what.is_empty() {
            return failure.exit;
        }
        if self.is_json() {
            #[derive(Serialize)]
            struct Failed<'a> {
                done: bool,
                exit: u8,
                error: &'a Failure,
            }
            let failed = Failed { done: false, exit: failure.exit.code(), error: failure };
            // The words below say it too, so a closed stdout loses nothing.
            drop(self.object(&failed));
        }
        let mut text = format!("golive: {}\n", lines(&failure.what));
        if let Some(refusal) = &failure.refusal {
            text.push_str(&lines(&refused(refusal)));
        }
        if !failure.hint.is_empty() {
            let _ = writeln!(text, "  {}", lines(&failure.hint));
        }
        self.mutter(&text);
        failure.exit
    }
}

/// Keeps the line breaks that golive itself made.
fn lines(words: &str) -> String {
    words.split('\n').map(clean).collect::<Vec<_>>().join("\n")
}

fn unwritten(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::unheard();
    }
    Failure::internal(format!("can't write the output: {error}"))
}
