//! The house rules that a reader of one file can check: how it opens, how long it is, what it calls itself,
//! and the words that have one place only.

use super::source::{Source, Token};

pub const LONGEST: usize = 400;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 10] =
    ["utils", "util", "common", "misc", "helper", "helpers", "manager", "managers", "shared", "stuff"];

/// Longer than [`LONGEST`], unless the file is listed with a reason.
pub fn length(source: &Source, listed: &[(&str, &str)]) -> Option<String> {
    let lines = source.text.lines().count();
    let known = listed.iter().any(|(path, _)| *path == source.path);
    match (lines > LONGEST, known) {
        (true, false) => Some(format!(
            "{}: {lines} lines; is it one thing? Split it, or list it in tests/architecture.rs with the reason",
            source.path
        )),
        (false, true) => Some(format!("{}: {lines} lines: take it off the list of long files", source.path)),
        _ => None,
    }
}

/// A module opens with what it owns.
pub fn opening(source: &Source) -> Option<String> {
    let doc = source.text.lines().next().and_then(|line| line.strip_prefix("//! ")).unwrap_or_default();
    (doc.split_whitespace().count() < 2)
        .then(|| source.at(1, "opens without `//!` and what the module owns and must not do"))
}

pub fn names(source: &Source) -> Vec<String> {
    let file = source.path.trim_end_matches(".rs").split('/');
    let mut found: Vec<String> = file
        .filter(|part| EMPTY_NAMES.contains(part))
        .map(|part| format!("{}: `{part}` says nothing about what is inside", source.path))
        .collect();
    for pair in source.tokens().windows(2) {
        let [keyword, name] = pair else { continue };
        let declares = matches!(keyword.text.as_str(), "mod" | "struct" | "enum" | "trait" | "type");
        if declares && name_parts(&name.text).iter().any(|part| EMPTY_NAMES.contains(&part.as_str())) {
            found.push(source.at(name.line, &format!("`{}` says nothing about what is inside", name.text)));
        }
    }
    found
}

/// `RolloutManager` and `rollout_manager` are `rollout` and `manager`.
fn name_parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for c in name.chars() {
        if c == '_' || c.is_uppercase() {
            parts.push(String::new());
        }
        if c != '_'
            && let Some(last) = parts.last_mut()
        {
            last.extend(c.to_lowercase());
        }
    }
    parts
}

/// Unfinished work, and lints switched off for good.
pub fn unfinished(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    let tokens = source.tokens();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).map_or("", |t| t.text.as_str());
        if matches!(token.text.as_str(), "todo" | "unimplemented") && next == "!" {
            found.push(source.at(token.line, &format!("{}! is unfinished work", token.text)));
        }
        let attribute = at > 0 && matches!(tokens[at - 1].text.as_str(), "[" | ",");
        if token.text == "allow" && next == "(" && attribute {
            found.push(source.at(token.line, "use #[expect(lint, reason = \"…\")] instead of allow"));
        }
    }
    for (number, line) in source.text.lines().enumerate() {
        let comment = line.split_once("//").map_or("", |(_, comment)| comment);
        if let Some(mark) = ["TODO", "FIXME"].iter().find(|mark| comment.contains(**mark)) {
            found.push(source.at(number + 1, &format!("{mark}: finish it, or say so in an issue")));
        }
    }
    found
}

/// Printing is the command line's; drawing is the terminal's.
pub fn printing(source: &Source) -> Vec<String> {
    if source.is_in("src/cli") {
        return Vec::new();
    }
    let tokens = source.tokens();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).map_or("", |t| t.text.as_str());
        let prints = matches!(token.text.as_str(), "println" | "print" | "eprintln" | "eprint" | "dbg");
        if prints && next == "!" {
            found.push(source.at(token.line, &format!("{}!: only cli/ prints", token.text)));
        }
        let stream = matches!(token.text.as_str(), "stdout" | "stderr");
        if stream && at >= 2 && is(&tokens[at - 2..at], ["io", "::"]) && !source.is_in("src/tui/terminal") {
            found.push(
                source.at(token.line, &format!("io::{}: only cli/ and tui/terminal/ write", token.text)),
            );
        }
    }
    found
}

/// Time is read and waited for in `src/clock.rs` only.
pub fn time(source: &Source) -> Vec<String> {
    if source.path == "src/clock.rs" {
        return Vec::new();
    }
    let tokens = source.tokens();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = if at == 0 { "" } else { tokens[at - 1].text.as_str() };
        let called = tokens.get(at + 1).is_some_and(|t| t.text == "(");
        let name = token.text.as_str();
        let reads = name == "now" && before == "::" && called;
        let waits = matches!(name, "sleep" | "sleep_until" | "sleep_ms") && before != "." && called;
        let timers = name == "time" && at >= 2 && is(&tokens[at - 2..at], ["tokio", "::"]);
        if reads || waits {
            found.push(source.at(token.line, &format!("{name}() belongs to src/clock.rs")));
        } else if timers {
            found.push(
                source.at(token.line, "tokio::time belongs to src/clock.rs: use Clock's sleep and limit"),
            );
        }
    }
    found
}

/// `mod.rs` names the parts; the parts do the work.
pub fn module_files(source: &Source) -> Vec<String> {
    if !source.path.ends_with("/mod.rs") {
        return Vec::new();
    }
    let logic = |t: &&Token| matches!(t.text.as_str(), "fn" | "impl" | "struct" | "enum" | "trait");
    let tokens = source.tokens();
    let first = tokens.iter().find(logic);
    first
        .map(|t| source.at(t.line, &format!("`{}` in a mod.rs: give it a file with a name", t.text)))
        .into_iter()
        .collect()
}

fn is(tokens: &[Token], texts: [&str; 2]) -> bool {
    tokens.iter().map(|token| token.text.as_str()).eq(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str, text: &str) -> Source {
        Source::new(path, text)
    }

    #[test]
    fn a_long_file_is_caught_unless_it_is_listed_and_a_listed_one_that_became_short_too() {
        let long = at("src/a.rs", &"x\n".repeat(LONGEST + 1));
        let short = at("src/a.rs", "x\n");
        assert!(length(&long, &[]).is_some());
        assert!(length(&long, &[("src/a.rs", "a table")]).is_none());
        assert!(length(&short, &[]).is_none());
        assert!(length(&short, &[("src/a.rs", "a table")]).is_some());
    }

    #[test]
    fn a_module_without_its_opening_doc_is_caught() {
        assert!(opening(&at("src/a.rs", "use std::fmt;\n//! What it owns.")).is_some());
        assert!(opening(&at("src/a.rs", "//!\n")).is_some());
        assert!(opening(&at("src/a.rs", "//! What it owns.\n")).is_none());
    }

    #[test]
    fn names_that_say_nothing_are_caught_in_files_folders_and_types() {
        assert_eq!(names(&at("src/tui/utils.rs", "")).len(), 1);
        assert_eq!(names(&at("src/common/a.rs", "")).len(), 1);
        assert_eq!(
            names(&at("src/a.rs", "struct RolloutManager; mod test_helper {} fn manager() {}")).len(),
            2
        );
        assert_eq!(names(&at("src/a.rs", "struct Managed; mod commons {}")).len(), 0);
    }

    #[test]
    fn unfinished_work_and_allowed_lints_are_caught() {
        assert_eq!(
            unfinished(&at("src/a.rs", "fn f() { todo!() }\nfn g() { unimplemented!(\"x\") }")).len(),
            2
        );
        assert_eq!(unfinished(&at("src/a.rs", "#![allow(dead_code)]\n#[allow(unused)]")).len(), 2);
        assert_eq!(unfinished(&at("src/a.rs", "#[cfg_attr(test, allow(unused))]")).len(), 1);
        assert_eq!(unfinished(&at("src/a.rs", concat!("// TO", "DO later"))).len(), 1);
        assert_eq!(
            unfinished(&at("src/a.rs", "#[expect(unused, reason = \"x\")] fn allow() { x.allow(1) }")).len(),
            0
        );
    }

    #[test]
    fn printing_outside_the_command_line_is_caught() {
        assert_eq!(
            printing(&at("src/engine/a.rs", "fn f() { println!(); eprint!(\"x\"); std::io::stdout() }"))
                .len(),
            3
        );
        assert_eq!(printing(&at("src/cli/a.rs", "fn f() { println!() }")).len(), 0);
        assert_eq!(printing(&at("src/engine/a.rs", "command.stdout(Stdio::piped())")).len(), 0);
        assert_eq!(printing(&at("src/tui/terminal/local.rs", "std::io::stdout()")).len(), 0);
    }

    #[test]
    fn time_read_or_waited_for_outside_the_clock_is_caught() {
        assert_eq!(time(&at("src/a.rs", "fn f() { Instant::now(); Utc::now() }")).len(), 2);
        assert_eq!(time(&at("src/a.rs", "fn f() { std::thread::sleep(x); sleep(x) }")).len(), 2);
        assert_eq!(time(&at("src/a.rs", "fn f() { tokio::time::timeout(x, y) }")).len(), 1);
        assert_eq!(
            time(&at("src/a.rs", "fn f(now: Now) { clock.sleep(x); clock.now(); Now::at(now) }")).len(),
            0
        );
        assert_eq!(time(&at("src/clock.rs", "fn f() { Instant::now() }")).len(), 0);
    }

    #[test]
    fn logic_in_a_mod_file_is_caught() {
        assert_eq!(module_files(&at("src/tui/mod.rs", "//! A.\nmod app;\nfn f() {}")).len(), 1);
        assert_eq!(module_files(&at("src/tui/mod.rs", "//! A fn.\nmod app;\npub use app::run;")).len(), 0);
        assert_eq!(module_files(&at("src/tui/app.rs", "fn f() {}")).len(), 0);
    }
}
