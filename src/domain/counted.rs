//! A number of things in words: `1 host`, `3 hosts`. One of a kind is never said as several.

use std::fmt::Display;

/// `thing` is the word for one, which takes an `s` for several.
pub fn counted(count: impl Display, thing: &str) -> String {
    let count = count.to_string();
    let plural = if count == "1" { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// A number in groups of three digits: `10,022`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_said_as_several() {
        assert_eq!(counted(0, "host"), "0 hosts");
        assert_eq!(counted(1_u64, "other stream"), "1 other stream");
        assert_eq!(counted(12_usize, "line"), "12 lines");
    }

    #[test]
    fn three_digits_stand_together() {
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(grouped(100), "100");
    }
}
