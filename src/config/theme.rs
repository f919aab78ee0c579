//! Reads a theme file: a palette, and scopes that use it. Knows no scope by heart: which exist is the cockpit's to
//! say, and is passed in.

use std::{collections::BTreeMap, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{problem::Problem, source::Source, suggest::advice};

/// Red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// Reads `#rrggbb`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii())?;
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        Some(Self(part(0)?, part(2)?, part(4)?))
    }
}

/// How a scope is painted. What is not said is inherited from the theme above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a terminal has these attributes, each on or off")]
pub struct Paint {
    pub fg: Option<Rgb>,
    pub bg: Option<Rgb>,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
    pub reverse: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThemeFile {
    /// The theme that fills what this one leaves out.
    pub inherits: Option<String>,
    pub background: Option<Rgb>,
    pub scopes: BTreeMap<String, Paint>,
    /// Where each scope stands, for reports about it.
    pub places: BTreeMap<String, Range<usize>>,
}

/// Reads the file as far as it can be read, and says everything that is wrong with it.
pub fn read(source: &Source, known: &[&str]) -> (ThemeFile, Vec<Problem>) {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    let mut reader = Reader { source, known, palette: BTreeMap::new(), problems: Vec::new() };
    for error in &errors {
        reader.problem(&error.span().unwrap_or(0..0), error.message(), "");
    }
    let file = reader.file(table.get_ref());
    (file, reader.problems)
}

struct Reader<'a> {
    source: &'a Source,
    known: &'a [&'a str],
    palette: BTreeMap<String, Rgb>,
    problems: Vec<Problem>,
}

type Value<'a> = Spanned<DeValue<'a>>;

impl Reader<'_> {
    fn problem(&mut self, span: &Range<usize>, what: &str, help: &str) {
        self.problems.push(Problem::new(self.source, span.clone(), what, help));
    }

    fn file(&mut self, table: &DeTable<'_>) -> ThemeFile {
        let mut file = ThemeFile::default();
        // Scopes and background name colours of the palette, wherever it stands in the file.
        if let Some((_, palette)) = table.iter().find(|(key, _)| key.get_ref() == "palette") {
            self.palette(palette);
        }
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "palette" => {}
                "inherits" => match value.get_ref().as_str() {
                    Some(name) => file.inherits = Some(name.to_owned()),
                    None => self.problem(
                        &value.span(),
                        "inherits is not a theme's name",
                        "write inherits = \"dark\"",
                    ),
                },
                "background" => file.background = self.colour(value),
                "scopes" => self.scopes(value, &mut file),
                other => {
                    let help = advice(other, ["inherits", "background", "palette", "scopes"]);
                    self.problem(&key.span(), &format!("unknown key `{other}`"), &help);
                }
            }
        }
        file
    }

    fn palette(&mut self, value: &Value<'_>) {
        let Some(table) = value.get_ref().as_table() else {
            return self.problem(&value.span(), "palette is not a table", "write [palette]");
        };
        for (name, value) in table {
            if let Some(rgb) = value.get_ref().as_str().and_then(Rgb::parse) {
                self.palette.insert(name.get_ref().to_string(), rgb);
            } else {
                let what = format!("the colour `{}` is not #rrggbb", name.get_ref());
                self.problem(&value.span(), &what, "write six hexadecimal digits: \"#1c1f26\"");
            }
        }
    }

    fn scopes(&mut self, value: &Value<'_>, file: &mut ThemeFile) {
        let Some(table) = value.get_ref().as_table() else {
            return self.problem(&value.span(), "scopes is not a table", "write [scopes]");
        };
        for (key, value) in table {
            let scope = key.get_ref().to_string();
            if !self.known.contains(&scope.as_str()) {
                let help = advice(&scope, self.known.iter().copied());
                self.problem(&key.span(), &format!("unknown scope `{scope}`"), &help);
                continue;
            }
            let paint = self.paint(value);
            file.places.insert(scope.clone(), value.span());
            file.scopes.insert(scope, paint);
        }
    }

    fn paint(&mut self, value: &Value<'_>) -> Paint {
        let Some(table) = value.get_ref().as_table() else {
            return Paint { fg: self.colour(value), ..Paint::default() };
        };
        let mut paint = Paint::default();
        for (key, value) in table {
            let flag = match key.get_ref().as_ref() {
                "fg" => {
                    paint.fg = self.colour(value);
                    continue;
                }
                "bg" => {
                    paint.bg = self.colour(value);
                    continue;
                }
                "bold" => &mut paint.bold,
                "dim" => &mut paint.dim,
                "italic" => &mut paint.italic,
                "underline" => &mut paint.underline,
                "reverse" => &mut paint.reverse,
                other => {
                    let known = ["fg", "bg", "bold", "dim", "italic", "underline", "reverse"];
                    self.problem(&key.span(), &format!("unknown key `{other}`"), &advice(other, known));
                    continue;
                }
            };
            match value.get_ref().as_bool() {
                Some(is) => *flag = is,
                None => self.problem(&value.span(), "neither true nor false", "write true or false"),
            }
        }
        paint
    }

    fn colour(&mut self, value: &Value<'_>) -> Option<Rgb> {
        let Some(text) = value.get_ref().as_str() else {
            self.problem(&value.span(), "not a colour", "name one of the palette, or write \"#rrggbb\"");
            return None;
        };
        let colour = self.palette.get(text).copied().or_else(|| Rgb::parse(text));
        if colour.is_none() {
            let help = advice(text, self.palette.keys().map(String::as_str));
            self.problem(&value.span(), &format!("`{text}` is not a colour of the palette"), &help);
        }
        colour
    }
}
