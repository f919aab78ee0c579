//! "Did you mean": the known word that is nearest to a mistyped one.

/// The nearest of `known`, where one is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| {
            let other = candidate.to_lowercase();
            let edits = strsim::damerau_levenshtein(&lower, &other);
            (edits, strsim::jaro_winkler(&lower, &other), candidate)
        })
        .filter(|(edits, likeness, candidate)| {
            *edits <= (candidate.chars().count() / 3).max(1) || *likeness > 0.88
        })
        .min_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)))
        .map(|(_, _, candidate)| candidate)
}

/// What to do about an unknown word: the near one, else all of them.
pub fn advice<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there is none to choose from".into(),
        None => {
            let shown: Vec<&str> = known.iter().take(20).copied().collect();
            let more = if known.len() > shown.len() { ", …" } else { "" };
            format!("use one of: {}{more}", shown.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_nonsense_finds_none() {
        let known = ["environment", "select", "strategy", "validations", "bake"];
        assert_eq!(nearest("stratgey", known), Some("strategy"));
        assert_eq!(nearest("Validation", known), Some("validations"));
        assert_eq!(nearest("quux", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(advice("quux", ["a", "b"]), "use one of: a, b");
    }
}
