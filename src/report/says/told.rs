//! One event in words, in the two forms that there are of its sentence.

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// As it reads after who did it: `dana` + `voted GO`.
    pub after: String,
    /// As it stands alone, where a line has no room for more: `web-02 is done`.
    pub alone: Option<String>,
}

impl Told {
    #[must_use]
    pub fn alone(self, words: impl Into<String>) -> Self {
        Self { alone: Some(words.into()), ..self }
    }
}

/// One sentence that reads after who did it, and by itself too, unless another is given for that.
pub fn told(words: impl Into<String>) -> Told {
    Told { after: words.into(), alone: None }
}

/// `words: more`, or the words alone where there is no more.
pub fn with(words: impl Into<String>, more: &str) -> String {
    let words = words.into();
    if more.is_empty() { words } else { format!("{words}: {more}") }
}
