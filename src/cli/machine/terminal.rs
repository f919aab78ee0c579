//! The terminal: whether the cockpit can open in it, and with how many colours.

use std::{
    env,
    io::{self, IsTerminal},
};

use crate::cli::command::doctor::Finding;

pub fn findings() -> Vec<Finding> {
    vec![terminal(), colours(), unicode()]
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn terminal() -> Finding {
    let whole = io::stdin().is_terminal() && io::stdout().is_terminal();
    if !whole {
        return Finding::warning(
            "terminal",
            "there is none: input or output is redirected",
            "every screen has a command; golive --help lists them",
        );
    }
    let term = variable("TERM");
    if term.is_empty() || term == "dumb" {
        let shows = format!("TERM is {term:?}: the cockpit can't draw");
        return Finding::warning("terminal", shows, "set TERM, or use --plain");
    }
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col >= 80 && size.ws_row >= 24 => {
            Finding::good("terminal", format!("{term}, {}×{}", size.ws_col, size.ws_row))
        }
        Ok(size) => Finding::warning(
            "terminal",
            format!("{term}, {}×{}", size.ws_col, size.ws_row),
            "80×24 and up shows everything at once",
        ),
        Err(_) => Finding::unknown("terminal", format!("{term}, its size is not known")),
    }
}

fn colours() -> Finding {
    if !variable("NO_COLOR").is_empty() {
        return Finding::good("colours", "none, since NO_COLOR is set: marks and words say the same");
    }
    let depth = variable("COLORTERM");
    if depth == "truecolor" || depth == "24bit" {
        return Finding::good("colours", "16 million (COLORTERM)");
    }
    if variable("TERM").contains("256color") {
        return Finding::good("colours", "256 (TERM)");
    }
    Finding::good("colours", "16 or fewer: neither TERM nor COLORTERM says more")
}

fn unicode() -> Finding {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().map(variable).find(|value| !value.is_empty());
    match said {
        Some(locale) if locale.to_lowercase().replace('-', "").contains("utf8") => {
            Finding::good("characters", format!("Unicode ({locale})"))
        }
        Some(locale) => {
            Finding::warning("characters", format!("ASCII ({locale})"), "a UTF-8 locale shows finer marks")
        }
        None => Finding::warning("characters", "ASCII: no locale is set", "LANG=C.UTF-8 shows finer marks"),
    }
}
