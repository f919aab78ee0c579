//! The words of the command line for the cockpit's palette: the same verbs, read by the same parser. What is asked of
//! the conductor becomes a command; what is not, a screen or the way to do it outside.

use std::sync::OnceLock;

use clap::{Arg, Command as Grammar, CommandFactory as _, Parser as _};

use super::{
    arguments::{Arguments, Everywhere, Word},
    command::{compare, declare, drill, item, open, repair, replace, rollout, scale, vote, watch},
    context::Context,
    failure::Failure,
    out::{Form, Out},
};
use crate::{
    clock::Clock,
    config::nearest,
    domain::{command::Command, course::CourseCommand, rollout::RolloutCommand, session::Session},
    tui::{
        keymap::ScreenName,
        words::{Choice, Meaning, Names, Verb, Words},
    },
};

/// The command line as the palette takes it.
pub struct CommandLine {
    context: Context,
    /// Found when somebody first asks: nobody's first screen waits for them.
    verbs: OnceLock<Vec<Verb>>,
}

impl CommandLine {
    pub fn new(clock: Clock) -> Self {
        let context = Context { everywhere: Everywhere::default(), out: Out::new(Form::Text), clock };
        Self { context, verbs: OnceLock::new() }
    }

    fn meaning(&self, word: Word, session: Option<&Session>) -> Result<Meaning, Failure> {
        let open_session =
            || session.ok_or_else(|| Failure::usage("no session is open", "golive open VERSION"));
        let command = |command: Command| Meaning::Command(Box::new(command));
        let or_screen = |asked: Option<Command>, screen| asked.map_or(Meaning::Screen(screen), command);
        Ok(match word {
            Word::Item(arguments) => {
                let asked = item::asks(arguments, open_session()?, &self.context)?;
                or_screen(asked.map(Command::from), ScreenName::Checklist)
            }
            Word::Vote(arguments) => {
                or_screen(vote::asks(arguments, &self.context)?.map(Command::from), ScreenName::Decision)
            }
            Word::Declare(arguments) => command(declare::asks(arguments, &self.context)?.into()),
            Word::Start(arguments) => command(RolloutCommand::from(arguments).into()),
            Word::Hold(arguments) => command(CourseCommand::from(arguments).into()),
            Word::Continue(_) => command(CourseCommand::Continue.into()),
            Word::Compare(arguments) => {
                or_screen(compare::asks(arguments).map(Command::from), ScreenName::Compare)
            }
            Word::Promote(arguments) => command(RolloutCommand::from(arguments).into()),
            Word::Rollback(arguments) => command(RolloutCommand::from(arguments).into()),
            Word::Rollout(arguments) if arguments.is_pipeline() => Meaning::Pipeline,
            Word::Rollout(arguments) if arguments.is_versions() => Meaning::Versions,
            Word::Rollout(arguments) => {
                or_screen(rollout::asks(arguments, Some(open_session()?))?, ScreenName::Rollout)
            }
            Word::Replace(arguments) => {
                replace::asks(arguments).map_or(Meaning::Drills, |asked| command(asked.into()))
            }
            Word::Repair(arguments) => {
                repair::asks(arguments).map_or(Meaning::Drills, |asked| command(asked.into()))
            }
            Word::Scale(arguments) => {
                scale::asks(arguments)?.map_or(Meaning::Drills, |asked| command(asked.into()))
            }
            Word::Drill(arguments) => drill::asks(arguments, session)?.map_or(Meaning::Drills, command),
            Word::Watch(arguments) => {
                or_screen(watch::asks(arguments).map(Command::from), ScreenName::Rollout)
            }
            Word::Close(arguments) => command(CourseCommand::from(arguments).into()),
            Word::Open(arguments) => match open::asks(&arguments, &self.context)? {
                Some(asked) => command(asked.into()),
                None => outside("it reads the plan and the artifact of this directory"),
            },
            Word::Status(_) => Meaning::Screen(ScreenName::Decision),
            Word::Timeline(_) => Meaning::Screen(ScreenName::Timeline),
            Word::Sessions => Meaning::Screen(ScreenName::Start),
            Word::Record(_) => Meaning::Screen(ScreenName::Record),
            Word::Plan(_) => outside("it reads golive.toml; what is adopted then shows here at once"),
            Word::Report(_) => outside("it writes a text"),
            Word::Check(_) => outside("it reads golive.toml"),
            Word::Init(_) => outside("it writes a new plan"),
            Word::Demo(_) => outside("it has a fleet and a cockpit of its own"),
            Word::Rehearse(_) => outside("it has a fleet of its own; what that has shown then stands here"),
            Word::Run(_) => outside("it takes a version live unattended, as CI does"),
            Word::Conductor(_) => outside("the conductor that this screen listens to is meant"),
            Word::Doctor => outside("it looks at the machine it is run on"),
            Word::Completions(_) => outside("it prints what a shell reads"),
        })
    }
}

/// A word that is not for in here, and why.
fn outside(why: &str) -> Meaning {
    Meaning::Outside(why.to_owned())
}

impl Words for CommandLine {
    fn verbs(&self) -> &[Verb] {
        self.verbs.get_or_init(|| {
            let mut verbs = Vec::new();
            for word in Arguments::command().get_subcommands() {
                add(&mut verbs, "", word, &[]);
            }
            verbs
        })
    }

    fn read(&self, line: &str, session: Option<&Session>) -> Result<Meaning, String> {
        let words = split(line)?;
        let said = |failure: Failure| match (failure.what, failure.hint) {
            (what, hint) if hint.is_empty() => what,
            (what, hint) => format!("{what}: {hint}"),
        };
        let line = std::iter::once("golive".to_owned()).chain(words.iter().cloned());
        let parsed = Arguments::try_parse_from(line).map_err(|error| self.wrong(&words, &error))?;
        let typed = words.join(" ");
        if parsed.everywhere != Everywhere::default() {
            // Nothing that was typed is passed over: who acts, and on what, was said when this screen was opened.
            let why = "who acts, and on which session, was said when this screen was opened";
            return Ok(Meaning::Outside(format!("in a shell: golive {typed} · not in here, since {why}")));
        }
        let word = parsed.word.ok_or("a verb is missing")?;
        Ok(match self.meaning(word, session).map_err(said)? {
            Meaning::Outside(why) => {
                Meaning::Outside(format!("in a shell: golive {typed} · not in here, since {why}"))
            }
            meaning => meaning,
        })
    }
}

impl CommandLine {
    /// The first line of what the parser says, and the verb that may have been meant.
    fn wrong(&self, words: &[String], error: &clap::Error) -> String {
        let first = words.first().map_or("", String::as_str);
        let known = || self.verbs().iter().filter_map(|verb| verb.words.split(' ').next());
        if !known().any(|verb| verb == first) {
            let near = nearest(first, known());
            let hint = near.map_or(String::new(), |near| format!(": did you mean {near}?"));
            return format!("no command is called {first:?}{hint}");
        }
        let text = error.to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let what = lines.next().unwrap_or("it can't be read").trim_start_matches("error: ").to_owned();
        let more =
            lines.find(|line| line.starts_with('<') || line.starts_with("--") || line.starts_with("tip:"));
        match more {
            Some(more) => format!("{what} {}", more.trim_start_matches("tip: ")),
            None => what,
        }
    }
}

/// A word and what stands below it, with the options that the words above it hand down.
fn add(verbs: &mut Vec<Verb>, before: &str, word: &Grammar, above: &[&Arg]) {
    if word.is_hide_set() {
        return;
    }
    let words =
        if before.is_empty() { word.get_name().to_owned() } else { format!("{before} {}", word.get_name()) };
    if !word.is_subcommand_required_set() {
        verbs.push(verb(&words, word, above));
    }
    let down = word.get_arguments().filter(|arg| arg.is_global_set());
    let down: Vec<&Arg> = above.iter().copied().chain(down).collect();
    for below in word.get_subcommands() {
        add(verbs, &words, below, &down);
    }
}

fn verb(words: &str, word: &Grammar, above: &[&Arg]) -> Verb {
    let own: Vec<&Arg> =
        word.get_arguments().chain(above.iter().copied()).filter(|arg| !arg.is_hide_set()).collect();
    let usage: Vec<String> = own.iter().filter_map(|arg| usage(arg)).collect();
    let says = word.get_about().map_or(String::new(), ToString::to_string);
    let first = own.iter().find(|arg| arg.is_positional());
    Verb {
        words: words.to_owned(),
        says,
        usage: usage.join(" "),
        needs: own.iter().any(|arg| arg.is_required_set()),
        first: first.and_then(|arg| names(arg)),
        options: own.iter().filter_map(|arg| choice(arg)).collect(),
    }
}

fn choice(arg: &Arg) -> Option<Choice> {
    // What a shell waits for is seen here anyway.
    let long = arg.get_long().filter(|long| *long != "wait")?;
    let takes = arg.get_action().takes_values();
    Some(Choice {
        word: format!("--{long}"),
        value: if takes { value(arg) } else { String::new() },
        says: arg.get_help().map_or(String::new(), ToString::to_string),
        names: names(arg).filter(|_| takes),
    })
}

fn usage(arg: &Arg) -> Option<String> {
    let value = value(arg);
    let shown = match (arg.get_long(), arg.get_action().takes_values()) {
        // What a shell waits for is seen here anyway.
        (Some("wait"), _) => return None,
        (Some(long), true) => format!("--{long} {value}"),
        (Some(long), false) => format!("--{long}"),
        (None, _) => value,
    };
    Some(if arg.is_required_set() { shown } else { format!("[{shown}]") })
}

fn value(arg: &Arg) -> String {
    let named = arg.get_value_names().and_then(|names| names.first());
    named.map_or_else(|| arg.get_id().as_str().to_uppercase(), ToString::to_string)
}

fn names(arg: &Arg) -> Option<Names> {
    match value(arg).as_str() {
        "HOST" | "HOSTS" => Some(Names::Hosts),
        "ITEM" => Some(Names::Items),
        "PERSON" => Some(Names::People),
        "STAGE" => Some(Names::Stages),
        "CHECK" => Some(Names::Checks),
        "ROLE" => Some(Names::Roles),
        "ENVIRONMENT" => Some(Names::Environments),
        _ => None,
    }
}

/// Words apart by spaces; what stands in quotes is one word. No shell is asked.
fn split(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed".to_owned());
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::operation::OperationCommand;

    fn line() -> CommandLine {
        CommandLine::new(Clock::System)
    }

    #[test]
    fn the_palette_has_every_verb_of_the_command_line() {
        let line = line();
        let words: Vec<&str> = line.verbs().iter().map(|verb| verb.words.as_str()).collect();
        for verb in
            ["open", "plan diff", "report", "record show", "item tick", "rollback", "watch offer", "vote met"]
        {
            assert!(words.contains(&verb), "{verb} in {words:?}");
        }
        let tick = line.verbs().iter().find(|verb| verb.words == "item tick").expect("a verb");
        assert_eq!(
            (tick.usage.as_str(), tick.first),
            ("ITEM [--evidence TEXT] [--file FILE]", Some(Names::Items))
        );
    }

    #[test]
    fn a_verb_has_the_options_that_the_words_above_it_hand_down_and_none_of_a_shells_own() {
        let line = line();
        let go = line.verbs().iter().find(|verb| verb.words == "vote go").expect("a verb");
        let options: Vec<(&str, &str, Option<Names>)> = go
            .options
            .iter()
            .map(|option| (option.word.as_str(), option.value.as_str(), option.names))
            .collect();
        assert_eq!(
            options,
            [("--seat", "ROLE", Some(Names::Roles)), ("--said-by", "PERSON", Some(Names::People))]
        );
        let tries = line.verbs().iter().find(|verb| verb.words == "rollout try").expect("a verb");
        assert!(tries.options.iter().all(|option| option.word != "--wait"), "{:?}", tries.options);
    }

    #[test]
    fn what_only_a_shell_can_say_is_not_passed_over() {
        let read = line().read("vote go --as dana", None);
        assert!(
            matches!(&read, Ok(Meaning::Outside(why)) if why.starts_with("in a shell: golive vote go --as dana")),
            "{read:?}"
        );
    }

    #[test]
    fn a_line_is_read_as_the_command_line_reads_it() {
        let read = |text: &str| line().read(text, None);
        let hold = Command::from(CourseCommand::Hold { reason: "the press called".into() });
        assert_eq!(read("hold 'the press called'"), Ok(Meaning::Command(Box::new(hold))));
        assert_eq!(read("record show"), Ok(Meaning::Screen(ScreenName::Record)));
        assert_eq!(
            read("report -o r.md"),
            Ok(Meaning::Outside(
                "in a shell: golive report -o r.md · not in here, since it writes a text".into()
            ))
        );
        // An attempt at a drill is given up by the drill's own word.
        let stop = Command::from(OperationCommand::Stop { reason: "too loud".into() });
        assert_eq!(read("drill stop --reason 'too loud'"), Ok(Meaning::Command(Box::new(stop))));
        assert_eq!(read("hodl"), Err("no command is called \"hodl\": did you mean hold?".into()));
        assert_eq!(read("hold 'x"), Err("a quote is not closed".into()));
        assert!(read("vote no-go").is_err_and(|why| why.contains("<REASON>")), "{:?}", read("vote no-go"));
        assert!(read("item tick x").is_err_and(|why| why.contains("no session is open")));
    }
}
