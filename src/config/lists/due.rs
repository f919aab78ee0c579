//! Due times relative to the go-live: `T-14d`, `T-4h`, `T-0`.

use crate::domain::time::Span;

/// How long before T-0; none stands for T-0 itself. An error where the text is not such a time.
pub fn parse(text: &str) -> Result<Option<Span>, ()> {
    let before =
        text.trim().strip_prefix(['T', 't']).and_then(|rest| rest.strip_prefix(['-', '−'])).ok_or(())?;
    if before == "0" {
        return Ok(None);
    }
    match Span::parse(before) {
        Ok(Span::ZERO) => Ok(None),
        Ok(span) => Ok(Some(span)),
        Err(_) => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_times_count_back_from_the_go_live() {
        assert_eq!(parse("T-14d"), Ok(Some(Span::days(14))));
        assert_eq!(parse("t-4h"), Ok(Some(Span::hours(4))));
        assert_eq!(parse("T-0"), Ok(None));
        for bad in ["14d", "T+1d", "T-", "T", "soon", ""] {
            assert_eq!(parse(bad), Err(()), "{bad}");
        }
    }
}
