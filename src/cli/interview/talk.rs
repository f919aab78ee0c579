//! The conversation at a terminal: one question after the other with what was detected, back and forth, all
//! answers once more at the end, and only then is anything written. The terminal's own line editing is used, so
//! that Ctrl-C ends it at any time.

use std::io::{BufRead, Write};

use super::Question;
use crate::{cli::failure::Failure, config::init::Answers};

const BACK: &str = "<";

/// Who is talked to.
pub struct Terminal<'a> {
    pub from: &'a mut dyn BufRead,
    pub to: &'a mut dyn Write,
    pub colours: bool,
}

/// The conversation.
pub struct Talk<'a> {
    pub terminal: Terminal<'a>,
    /// What a flag has answered is not asked, but may be changed at the end.
    pub answered: &'a dyn Fn(Question) -> bool,
    /// Told of the project's name once it is known: what else is proposed follows from it.
    pub named: &'a dyn Fn(&str) -> Answers,
    /// Refuses answers of which nothing can be made; they can be changed then.
    pub accept: &'a dyn Fn(&Answers) -> Result<(), Failure>,
}

impl Talk<'_> {
    /// Ends with the answers to write by, or with the reason why nothing is written.
    pub fn hold(mut self, mut answers: Answers) -> Result<Answers, Failure> {
        self.say(
            "golive init: eight questions, and nothing is written before the last.\n\
             Enter takes what stands in [ ], < goes back, Ctrl-C leaves.\n",
        );
        self.ask_all(&mut answers)?;
        loop {
            self.review(&answers);
            let text = self.line("Enter writes the files, a number changes that answer, q leaves: ")?;
            match text.as_str() {
                "" | "y" | "yes" => match (self.accept)(&answers) {
                    Ok(()) => return Ok(answers),
                    Err(failure) => self.complain(&format!("{}\n{}", failure.what, failure.hint)),
                },
                "q" => return Err(left()),
                BACK => self.ask(Question::Home, &mut answers).map(drop)?,
                number => match number.parse::<u8>().ok().filter(|number| (1..=8).contains(number)) {
                    Some(number) => self.ask_again(number, &mut answers)?,
                    None => self.complain("press Enter, or write a number from 1 to 8, or q"),
                },
            }
        }
    }

    fn ask_all(&mut self, answers: &mut Answers) -> Result<(), Failure> {
        let mut at = 0;
        // As long as nothing but the name was answered, everything else follows from it.
        let mut furthest = 0;
        loop {
            // The driver's parts come and go with the answer.
            let open = |question: &Question| question.applies(answers) && !(self.answered)(*question);
            let Some(question) = Question::ALL.into_iter().filter(open).nth(at) else { return Ok(()) };
            if self.ask(question, answers)? {
                if question == Question::Name && furthest <= 1 {
                    *answers = (self.named)(&answers.name);
                }
                at += 1;
                furthest = furthest.max(at);
            } else {
                at = at.saturating_sub(1);
            }
        }
    }

    fn ask_again(&mut self, number: u8, answers: &mut Answers) -> Result<(), Failure> {
        for question in Question::ALL.into_iter().filter(|question| question.number() == number) {
            if question.applies(answers) && !self.ask(question, answers)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// False: back to the one before.
    fn ask(&mut self, question: Question, answers: &mut Answers) -> Result<bool, Failure> {
        let number = if question.is_part() { "   ".into() } else { format!("{}/8", question.number()) };
        let (asks, hint) = (self.bold(question.asks()), self.dim(question.hint()));
        self.say(&format!("\n{number} {asks}\n    {hint}\n"));
        loop {
            let stands = question.answer(answers);
            let text = self.line(&format!("    [{stands}] "))?;
            let text = match text.as_str() {
                BACK => return Ok(false),
                "" => stands,
                _ => text,
            };
            match question.take(answers, &text) {
                Ok(()) => return Ok(true),
                Err(bad) => self.complain(&format!("    {bad}")),
            }
        }
    }

    fn review(&mut self, answers: &Answers) {
        self.say("\n");
        for question in Question::ALL.into_iter().filter(|question| question.applies(answers)) {
            let number = if question.is_part() { " ".into() } else { question.number().to_string() };
            let word = self.dim(&format!("{:<12}", question.word()));
            self.say(&format!("  {number}  {word} {}\n", question.answer(answers)));
        }
        self.say("\n");
    }

    fn line(&mut self, prompt: &str) -> Result<String, Failure> {
        self.say(prompt);
        let mut bytes = Vec::new();
        let read = self.terminal.from.read_until(b'\n', &mut bytes);
        if read.map_err(|error| Failure::internal(format!("the terminal can't be read: {error}")))? == 0 {
            self.say("\n");
            return Err(left());
        }
        // What is no text is no answer either; what is typed again is seen.
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned())
    }

    fn complain(&mut self, words: &str) {
        let words = if self.terminal.colours { format!("\x1b[31m{words}\x1b[0m") } else { words.to_owned() };
        self.say(&format!("{words}\n"));
    }

    fn dim(&self, words: &str) -> String {
        if self.terminal.colours { format!("\x1b[2m{words}\x1b[0m") } else { words.to_owned() }
    }

    fn bold(&self, words: &str) -> String {
        if self.terminal.colours { format!("\x1b[1m{words}\x1b[0m") } else { words.to_owned() }
    }

    fn say(&mut self, words: &str) {
        // A terminal that is gone is found by the next read.
        let _ = self.terminal.to.write_all(words.as_bytes()).and_then(|()| self.terminal.to.flush());
    }
}

fn left() -> Failure {
    Failure::usage("the questions were left", "nothing was written")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::init::{DriverAnswer, detect, detect_as};

    fn held(typed: &str) -> (Result<Answers, Failure>, String) {
        let (mut from, mut to) = (typed.as_bytes(), Vec::new());
        let answers = detect(Path::new("/"), Some("dana"), Some("deploy-1"));
        let talk = Talk {
            terminal: Terminal { from: &mut from, to: &mut to, colours: false },
            answered: &|_| false,
            named: &|name| detect_as(Path::new("/"), name, Some("dana"), Some("deploy-1")),
            accept: &|answers| match answers.name.as_str() {
                "bad" => Err(Failure::usage("bad is no name", "choose another")),
                _ => Ok(()),
            },
        };
        let held = talk.hold(answers);
        (held, String::from_utf8(to).unwrap())
    }

    #[test]
    fn enter_takes_what_was_detected_and_the_name_shapes_the_rest() {
        let (held, said) = held("cart\n\n\n\n\n\n\n\n\n\n\n");
        let answers = held.unwrap();
        assert_eq!(answers.hosts[0].name, "cart-1");
        assert_eq!(answers.artifact, "dist/cart-{version}.tar.gz");
        assert!(said.contains("8/8") && said.contains("  1  project      cart"), "{said}");
    }

    #[test]
    fn a_bad_answer_is_asked_again_and_one_may_go_back() {
        let (held, said) = held("shop\nweb:none\n<\nbooks\nweb-1\nexec\n\n\n\n\n\n\n\n\n\n\n");
        let answers = held.unwrap();
        assert!(said.contains("\"none\" is not a port"), "{said}");
        assert_eq!((answers.name.as_str(), answers.hosts.len()), ("books", 1));
        assert!(matches!(answers.driver, DriverAnswer::Exec { .. }));
    }

    #[test]
    fn an_answer_is_changed_at_the_end_and_what_is_refused_can_be() {
        let (held, said) = held("bad\n\n\n\n\n\n\n\n\n\n\n9\n1\ngood\n5\ndana, raj\nnone\n6\ndana, raj\ny\n");
        let answers = held.unwrap();
        assert!(said.contains("bad is no name\nchoose another"), "{said}");
        assert!(said.contains("write a number from 1 to 8"), "{said}");
        assert!(said.contains("\"dana, raj\" is not a URL"), "{said}");
        assert_eq!((answers.name.as_str(), answers.people.len()), ("good", 2));
    }

    #[test]
    fn who_leaves_has_written_nothing() {
        assert_eq!(held("").0.unwrap_err().hint, "nothing was written");
        assert_eq!(held("\n\n\n\n\n\n\n\n\n\nq\n").0.unwrap_err().hint, "nothing was written");
    }
}
