//! What is wrong with the files, all of it at once: where, what, and what to do. And notes, which are not
//! wrong but must be known. Rendering is here; printing is cli's.

use std::{fmt, ops::Range, path::PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::source::{Position, Source};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    pub line: u32,
    pub column: u32,
    /// A lowercase fragment that names the thing.
    pub what: String,
    /// What to do about it.
    pub help: String,
    span: Range<usize>,
    /// What stands there must not be shown.
    secret: bool,
}

/// Something that is not wrong but should be known before it matters.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Note {
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub what: String,
    /// This build can't carry it out: `golive open` refuses the plan, naming this line and reason.
    pub blocks_open: bool,
}

/// Every problem of a load. At least one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problems {
    pub list: Vec<Problem>,
    sources: Vec<Source>,
}

/// Text from a file may hold anything; a terminal gets none of its control characters.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

impl Problem {
    pub fn new(source: &Source, span: Range<usize>, what: &str, help: &str) -> Self {
        let Position { line, column } = source.position(span.start);
        let span = source.within(&span);
        Self {
            file: source.name.to_string(),
            line,
            column,
            what: clean(what),
            help: clean(help),
            span,
            secret: false,
        }
    }

    /// About a secret in the file: the line is shown with it blotted out.
    #[must_use]
    pub fn about_secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// A file that could not be read at all; it has no lines to point to.
    pub fn unreadable(path: &std::path::Path, what: &str, help: &str) -> Self {
        let file = PathBuf::from(path).display().to_string();
        Self {
            file: clean(&file),
            line: 1,
            column: 1,
            what: clean(what),
            help: clean(help),
            span: 0..0,
            secret: false,
        }
    }
}

impl Note {
    pub fn new(source: &Source, span: &Range<usize>, what: &str, blocks_open: bool) -> Self {
        let Position { line, column } = source.position(span.start);
        Self { file: source.name.to_string(), line, column, what: clean(what), blocks_open }
    }
}

impl Problems {
    /// Sorted by file and place; a problem said twice is said once.
    pub fn new(mut list: Vec<Problem>, sources: Vec<Source>) -> Self {
        list.sort_by(|a, b| (&a.file, a.line, a.column, &a.what).cmp(&(&b.file, b.line, b.column, &b.what)));
        list.dedup();
        Self { list, sources }
    }

    /// With the lines they are about, for a person. `colour` is for terminals only.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut out = String::new();
        for problem in &self.list {
            out.push_str(&self.render_one(&renderer, problem));
            out.push_str("\n\n");
        }
        let count = self.list.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        out + &format!("{count} {noun}\n")
    }

    fn render_one(&self, renderer: &Renderer, problem: &Problem) -> String {
        let source = self.sources.iter().find(|source| *source.name == *problem.file);
        let title = Level::ERROR.primary_title(problem.what.as_str());
        let report = match source {
            None => title.element(annotate_snippets::Origin::path(problem.file.as_str())),
            Some(source) => {
                let (text, first_line, span) = self.around(source, problem);
                title.element(
                    Snippet::source(text)
                        .line_start(first_line)
                        .path(problem.file.as_str())
                        .annotation(AnnotationKind::Primary.span(span)),
                )
            }
        };
        let mut groups: Vec<Group<'_>> = vec![report];
        if !problem.help.is_empty() {
            groups.push(Group::with_title(Level::HELP.secondary_title(problem.help.as_str())));
        }
        renderer.render(&groups)
    }

    /// The line of the problem only: what a person needs, however long the file is. Control characters are
    /// replaced, and secrets of the same file blotted out.
    fn around(&self, source: &Source, problem: &Problem) -> (String, usize, Range<usize>) {
        let text = &source.text;
        let start = text[..problem.span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[problem.span.start..].find('\n').map_or(text.len(), |at| problem.span.start + at);
        let secrets: Vec<&Range<usize>> =
            self.list.iter().filter(|p| p.secret && p.file == problem.file).map(|p| &p.span).collect();
        let mut shown = String::with_capacity(end - start);
        let mut span: Option<Range<usize>> = None;
        for (offset, c) in text[start..end].char_indices() {
            let at = start + offset;
            let from = shown.len();
            let hidden = secrets.iter().any(|secret| secret.contains(&at));
            shown.push(if hidden {
                '*'
            } else if c.is_control() {
                ' '
            } else {
                c
            });
            if problem.span.contains(&at) {
                span = Some(span.map_or(from, |s| s.start)..shown.len());
            }
        }
        let span = span.unwrap_or(shown.len()..shown.len());
        (shown, problem.line as usize, span)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)?;
        if self.help.is_empty() { Ok(()) } else { write!(f, ": {}", self.help) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)
    }
}

impl fmt::Display for Problems {
    /// One line a problem.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.list.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}
