//! A link in the viewer's browser: by the system's own opener, with the link as one argument, in a process that nobody
//! waits for. Whoever comes over ssh, or has no display, has no browser here.

use std::process::Stdio;

/// Why no browser was asked.
#[derive(Debug, thiserror::Error)]
pub enum NoBrowser {
    #[error("not a web link")]
    NotWeb,
    #[error("you come over ssh")]
    OverSsh,
    #[error("there is no display here")]
    NoDisplay,
    #[error("{0} can't be run ({1})")]
    NoOpener(&'static str, std::io::Error),
}

const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// Starts the opener; its name, if it could be started. Needs a runtime, which reaps it when it ends.
pub fn browse(url: &str, variable: impl Fn(&str) -> Option<String>) -> Result<&'static str, NoBrowser> {
    may_browse(url, cfg!(target_os = "macos"), variable)?;
    tokio::process::Command::new(OPENER)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map(|_| OPENER)
        .map_err(|error| NoBrowser::NoOpener(OPENER, error))
}

fn may_browse(url: &str, mac: bool, variable: impl Fn(&str) -> Option<String>) -> Result<(), NoBrowser> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    if !web || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(NoBrowser::NotWeb);
    }
    let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    if set("SSH_CONNECTION") || set("SSH_TTY") {
        return Err(NoBrowser::OverSsh);
    }
    if !mac && !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        return Err(NoBrowser::NoDisplay);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(url: &str, set: &[&str]) -> Result<(), String> {
        let variable = |name: &str| set.contains(&name).then(|| "x".to_owned());
        may_browse(url, false, variable).map_err(|why| why.to_string())
    }

    #[test]
    fn only_web_links_are_opened_and_only_where_there_is_a_browser() {
        let wiki = "https://wiki.example/runbook";
        assert_eq!(asked(wiki, &["DISPLAY"]), Ok(()));
        assert_eq!(asked(wiki, &[]), Err("there is no display here".into()));
        assert_eq!(asked(wiki, &["DISPLAY", "SSH_CONNECTION"]), Err("you come over ssh".into()));
        for bad in ["file:///etc/passwd", "javascript:alert(1)", "https://a b", "-h", "https://a\u{202e}b"] {
            assert_eq!(asked(bad, &["DISPLAY"]), Err("not a web link".into()), "{bad}");
        }
    }
}
