//! What is being read, what was found wrong with it so far, and the small readers that everything uses.

use std::{collections::BTreeSet, fmt::Display, ops::Range, path::Path, str::FromStr};

use crate::{
    config::{
        node::Node,
        problem::{Note, Problem},
        shape::NumberOrText,
        source::Source,
    },
    domain::{
        name::BadName,
        plan::{Amount, Place, Segment},
        time::Span,
    },
};

pub struct Reading<'a> {
    pub source: &'a Source,
    /// The file without what was cut out of it as wrong.
    tree: &'a Node,
    /// The project's directory, for the files that a plan names.
    pub dir: &'a Path,
    problems: Vec<(Place, Problem)>,
    notes: Vec<Note>,
}

impl<'a> Reading<'a> {
    /// `problems` were found before.
    pub fn new(source: &'a Source, tree: &'a Node, dir: &'a Path, problems: Vec<(Place, Problem)>) -> Self {
        Self { source, tree, dir, problems, notes: Vec::new() }
    }

    pub fn into_parts(self) -> (Vec<(Place, Problem)>, Vec<Note>) {
        (self.problems, self.notes)
    }

    /// Whether something inside `place` was already found wrong.
    pub fn is_wrong(&self, place: &Place) -> bool {
        self.problems.iter().any(|(at, _)| at.segments().starts_with(place.segments()))
    }

    /// Whether `place` itself, not something inside it, was already found wrong.
    pub fn is_wrong_itself(&self, place: &Place) -> bool {
        self.problems.iter().any(|(at, _)| at == place)
    }

    /// Where `place` was written: for what an environment takes over from [defaults], there.
    pub fn span_of(&self, place: &Place) -> Range<usize> {
        if let [Segment::Key(table), Segment::Key(name), Segment::Key(key), rest @ ..] = place.segments()
            && table == "environments"
            && !self.tree.keys_at(&Place::of(&["environments", name])).contains(&key.as_str())
            && self.tree.keys_at(&Place::of(&["defaults"])).contains(&key.as_str())
        {
            let mut at = Place::of(&["defaults", key]);
            for segment in rest {
                at = match segment {
                    Segment::Key(key) => at.key(key),
                    Segment::Index(index) => at.index(*index),
                };
            }
            return self.tree.find(&at);
        }
        self.tree.find(place)
    }

    /// The keys of a table in the order in which they were written.
    pub fn in_order(&self, place: &Place) -> Vec<String> {
        self.tree.keys_at(place).into_iter().map(str::to_owned).collect()
    }

    pub fn bad(&mut self, place: &Place, what: impl Display, help: impl Display) {
        let problem = Problem::new(self.source, self.span_of(place), &what.to_string(), &help.to_string());
        self.problems.push((place.clone(), problem));
    }

    /// The value itself must not be shown.
    pub fn bad_secret(&mut self, place: &Place, what: impl Display, instead: &str) {
        let help = format!("a plan is stored and shown: {instead}");
        let problem = Problem::new(self.source, self.span_of(place), &what.to_string(), &help).about_secret();
        self.problems.push((place.clone(), problem));
    }

    /// Something in the place of what can't be read, so that the rest of the plan is still checked. It never
    /// becomes part of a plan: there is a problem for it, if need be this one.
    pub fn stand_in<T>(&mut self, place: &Place, value: T) -> T {
        if !self.is_wrong(place) {
            self.bad(place, format!("`{place}` can't be read"), "correct it");
        }
        value
    }

    pub fn note(&mut self, place: &Place, what: impl Display, blocks_open: bool) {
        self.notes.push(Note::new(self.source, &self.span_of(place), &what.to_string(), blocks_open));
    }

    pub fn name<N: FromStr<Err = BadName>>(&mut self, place: &Place, text: &str) -> Option<N> {
        match text.parse() {
            Ok(name) => Some(name),
            Err(error) => {
                self.bad(place, error, "use 1 to 120 printable characters");
                None
            }
        }
    }

    pub fn names<N: FromStr<Err = BadName>>(&mut self, place: &Place, texts: &[String]) -> Vec<N> {
        texts.iter().enumerate().filter_map(|(at, text)| self.name(&place.index(at), text)).collect()
    }

    pub fn name_set<N: FromStr<Err = BadName> + Ord>(
        &mut self,
        place: &Place,
        texts: &[String],
    ) -> BTreeSet<N> {
        self.names(place, texts).into_iter().collect()
    }

    pub fn span(&mut self, place: &Place, text: Option<&str>, default: Span) -> Span {
        let Some(text) = text else { return default };
        if let Ok(span) = Span::parse(text) {
            span
        } else {
            self.bad(
                place,
                format!("{text:?} is not a length of time"),
                "write 250ms, 10s, 5m, 24h, 14d or 1h30m",
            );
            default
        }
    }

    /// A length of time that must be more than nothing.
    pub fn positive_span(&mut self, place: &Place, text: Option<&str>, default: Span) -> Span {
        let span = self.span(place, text, default);
        if span == Span::ZERO {
            self.bad(place, format!("`{place}` is no time at all"), "write a length of time such as 2s");
            return default;
        }
        span
    }

    pub fn amount(&mut self, place: &Place, written: Option<&NumberOrText>) -> Option<Amount> {
        match written? {
            NumberOrText::Number(count) => Some(Amount::Count(*count)),
            NumberOrText::Text(text) => {
                let amount = Amount::parse(text);
                if amount.is_none() {
                    self.bad(
                        place,
                        format!("{text:?} is neither a number of hosts nor a share of them"),
                        "write 3, or a share from \"0%\" to \"100%\"",
                    );
                }
                amount
            }
        }
    }
}
