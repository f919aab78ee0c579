//! What a terminal can do, judged from its environment and nothing else: no query is sent that a pipe or a slow
//! line could leave unanswered.

use super::input::Size;

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None at all: weight, dimness, underline and reverse say the rest.
    Mono,
    Sixteen,
    TwoFiftySix,
    True,
}

/// What a viewer's terminal can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    pub size: Size,
    pub depth: Depth,
    /// Whether it shows more than ASCII.
    pub unicode: bool,
    /// Whether it may be sent operating system commands (title, clipboard) and private modes.
    pub modern: bool,
}

impl Caps {
    /// Reads the viewer's environment: `NO_COLOR`, `COLORTERM`, `TERM`, and the locale. For a teammate over SSH
    /// that is what their client sent, not this process' own.
    pub fn detect(size: Size, var: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let modern = !(term.is_empty()
            || term == "dumb"
            || term == "linux"
            || term.starts_with("vt")
            || term.ends_with("-m"));
        Self {
            size,
            depth: if set("NO_COLOR").is_some() { Depth::Mono } else { depth(&term, set("COLORTERM")) },
            unicode: term != "linux"
                && term != "dumb"
                && ["LC_ALL", "LC_CTYPE", "LANG"]
                    .into_iter()
                    .find_map(&set)
                    .is_some_and(|locale| utf8(&locale)),
            modern,
        }
    }
}

fn depth(term: &str, colorterm: Option<String>) -> Depth {
    const TRUE: [&str; 5] = ["kitty", "ghostty", "alacritty", "foot", "wezterm"];
    if term.is_empty() || term == "dumb" || term.starts_with("vt") || term.ends_with("-m") {
        Depth::Mono
    } else if colorterm.is_some_and(|c| matches!(c.as_str(), "truecolor" | "24bit"))
        || term.ends_with("-direct")
        || TRUE.iter().any(|name| term.contains(name))
    {
        Depth::True
    } else if term.contains("256color") {
        Depth::TwoFiftySix
    } else {
        Depth::Sixteen
    }
}

fn utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.ends_with("utf-8") || locale.ends_with("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caps(vars: &[(&str, &str)]) -> Caps {
        let size = Size { columns: 80, rows: 24 };
        Caps::detect(size, |name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_string()))
    }

    #[test]
    fn colours_follow_the_environment() {
        assert_eq!(caps(&[("TERM", "xterm-256color")]).depth, Depth::TwoFiftySix);
        assert_eq!(caps(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]).depth, Depth::True);
        assert_eq!(caps(&[("TERM", "xterm-kitty")]).depth, Depth::True);
        assert_eq!(caps(&[("TERM", "screen")]).depth, Depth::Sixteen);
        assert_eq!(caps(&[("TERM", "vt100")]).depth, Depth::Mono);
        assert_eq!(caps(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]).depth, Depth::Mono);
        assert_eq!(caps(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]).depth, Depth::TwoFiftySix);
    }

    #[test]
    fn unicode_needs_a_locale_that_says_so() {
        let xterm = ("TERM", "xterm");
        assert!(!caps(&[xterm]).unicode);
        assert!(!caps(&[xterm, ("LANG", "C")]).unicode);
        assert!(caps(&[xterm, ("LANG", "de_DE.UTF-8")]).unicode);
        assert!(caps(&[xterm, ("LANG", "C"), ("LC_CTYPE", "C.utf8")]).unicode);
        assert!(!caps(&[xterm, ("LC_ALL", "POSIX"), ("LANG", "de_DE.UTF-8")]).unicode);
        assert!(!caps(&[("TERM", "linux"), ("LANG", "de_DE.UTF-8")]).unicode);
    }
}
