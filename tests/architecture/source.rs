//! A source file as the checks see it: its text, and its code as tokens with comments and literals taken out,
//! so that a word in a comment or a string is no violation. No parser: what the checks need is which paths
//! are named where.

use std::fs;

pub struct Source {
    /// Relative to the package, with `/`.
    pub path: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub line: usize,
    /// An identifier or number, `::`, or one character.
    pub text: String,
}

impl Token {
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    }
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Every Rust file under a folder of the package, by path.
    pub fn all_under(folder: &str) -> Vec<Self> {
        let root = &super::root();
        let mut found = Vec::new();
        let mut folders = vec![root.join(folder)];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "rs") {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                    found.push(Self { path: name, text: fs::read_to_string(&path).unwrap() });
                }
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    }

    pub fn is_in(&self, folder: &str) -> bool {
        self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }

    pub fn at(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }

    /// The module that the file is: `src/tui/app.rs` is `tui::app`, `src/tui/mod.rs` is `tui`.
    pub fn module(&self) -> Vec<String> {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let path = path.strip_suffix(".rs").unwrap_or(path);
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        if parts.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "core" | "main")) {
            parts.pop();
        }
        parts
    }

    pub fn tokens(&self) -> Vec<Token> {
        let code = blank_comments_and_literals(&self.text);
        let mut tokens = Vec::new();
        for (number, line) in code.lines().enumerate() {
            let mut rest = line.trim_start();
            while let Some(first) = rest.chars().next() {
                let length = if first.is_alphanumeric() || first == '_' {
                    rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
                } else if rest.starts_with("::") {
                    2
                } else {
                    first.len_utf8()
                };
                let (text, after) = rest.split_at(length);
                tokens.push(Token { line: number + 1, text: text.to_owned() });
                rest = after.trim_start();
            }
        }
        tokens
    }
}

/// The same text, line for line, with comments gone and literals empty.
fn blank_comments_and_literals(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    let mut after_word = false;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if first == '"' {
            string(rest)
        } else if !after_word && first == 'r' {
            raw_string(rest).unwrap_or(0)
        } else if !after_word && (rest.starts_with("br") || rest.starts_with("cr")) {
            raw_string(&rest[1..]).map_or(0, |length| length + 1)
        } else if first == '\'' {
            character(rest)
        } else {
            0
        };
        if skipped == 0 {
            code.push(first);
            after_word = first.is_alphanumeric() || first == '_';
            rest = &rest[first.len_utf8()..];
        } else {
            let (gone, after) = rest.split_at(skipped);
            code.push(' ');
            code.extend(gone.chars().filter(|&c| c == '\n'));
            after_word = false;
            rest = after;
        }
    }
    code
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let hashes = rest[1..].chars().take_while(|&c| c == '#').count();
    let open = 1 + hashes;
    if !rest[open..].starts_with('"') {
        return None;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let length = rest[open + 1..].find(&end).map_or(rest.len(), |at| open + 1 + at + end.len());
    Some(length)
}

/// The length of a character literal; 0 for a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => rest[3..].find('\'').map_or(0, |at| 3 + at + 1),
        Some(_) => match chars.next() {
            Some((at, '\'')) => at + 1,
            _ => 0,
        },
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Source::new("src/x.rs", text)
            .tokens()
            .into_iter()
            .filter(Token::is_word)
            .map(|token| token.text)
            .collect()
    }

    #[test]
    fn words_in_comments_and_literals_are_not_code() {
        assert_eq!(words("a // b\nc /* d /* e */ f */ g"), ["a", "c", "g"]);
        assert_eq!(words(r#"a("b \" c", 'd', '\'', b"e", '"'); f"#), ["a", "b", "f"]);
        assert_eq!(words("r\"a\" r##\"b \"# c\"## br#\"d\"# e"), ["e"]);
        assert_eq!(words("fn f<'a>(x: &'a str)"), ["fn", "f", "a", "x", "a", "str"]);
    }

    #[test]
    fn tokens_know_their_line_after_a_literal_of_several_lines() {
        let source = Source::new("src/x.rs", "let a = \"\n\n\";\nb");
        let last = source.tokens().pop().unwrap();
        assert_eq!((last.line, last.text.as_str()), (4, "b"));
    }

    #[test]
    fn a_file_knows_its_module() {
        let module = |path| Source::new(path, "").module().join("::");
        assert_eq!(module("src/tui/app.rs"), "tui::app");
        assert_eq!(module("src/tui/mod.rs"), "tui");
        assert_eq!(module("src/clock.rs"), "clock");
        assert_eq!(module("src/main.rs"), "");
        assert_eq!(module("src/core.rs"), "");
    }
}
