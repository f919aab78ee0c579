//! Secrets by their looks: what stands after a telling name, in a URL, or has the shape of a token.

use crate::domain::secret_words::{NAMES, folded, is_token};

pub const MASK: &str = "[masked]";
/// A shorter value masks half the text when it happens to be a common word.
pub const SHORTEST: usize = 6;

/// Masks what follows a telling name, a bearer token, and the user part of a URL.
pub fn masked(line: &str) -> String {
    let mut line = mask_urls(line);
    line = mask_named(&line);
    mask_bare(&line)
}

/// `https://user:pass@host` keeps its host.
fn mask_urls(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let word = &after[..after.find([' ', '"', '\'', '<', '>', '\n']).unwrap_or(after.len())];
        let authority = &word[..word.find(['/', '?', '#']).unwrap_or(word.len())];
        // A password with a slash in it ends the authority early; better too much masked than half of it shown.
        let sign = match authority.rfind('@') {
            None if authority.contains(':') => word.rfind('@'),
            sign => sign,
        };
        if let Some(sign) = sign {
            out.push_str(MASK);
            rest = &after[sign..];
        } else {
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn mask_named(line: &str) -> String {
    let folded = folded(line);
    let mut out = String::with_capacity(line.len());
    let mut done = 0;
    let mut from = 0;
    // The earliest name first; what a mask covers is not searched again.
    while let Some((at, name)) =
        NAMES.iter().filter_map(|name| folded[from..].find(name).map(|at| (from + at, *name))).min()
    {
        let end = at + name.len();
        from = end;
        let option = line[..at].rsplit([' ', '"', '\'']).next().is_some_and(|word| word.starts_with("--"));
        let Some(start) = value_start(&line[end..], option).map(|skip| end + skip) else { continue };
        let length = value_length(&line[start..], matches!(name, "authorization" | "cookie"));
        if length == 0 {
            continue;
        }
        out.push_str(&line[done..start]);
        out.push_str(MASK);
        done = start + length;
        from = done;
    }
    out.push_str(&line[done..]);
    out
}

/// How far after a name its value starts: past the rest of the word, a quote, `=` or `:`, blanks and a quote.
/// An option (`--token abc`) needs no sign between.
fn value_start(after: &str, option: bool) -> Option<usize> {
    let word = after.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    let rest = &after[word..];
    let quote = rest.bytes().take_while(|b| matches!(b, b'"' | b'\'' | b' ' | b'\\')).count();
    let rest = &rest[quote..];
    if !rest.starts_with(['=', ':']) {
        return (option && quote > 0).then_some(word + quote);
    }
    let blanks = rest[1..].bytes().take_while(|b| matches!(b, b' ' | b'"' | b'\'' | b'\\')).count();
    Some(word + quote + 1 + blanks)
}

/// Where the value ends: a header's at the end of the line, another's at the next blank, quote or separator.
fn value_length(value: &str, header: bool) -> usize {
    let ends: &[char] =
        if header { &['\n', '"', '\''] } else { &[' ', '\n', '"', '\'', '&', ',', ';', '}', ')', '\\'] };
    value.find(ends).unwrap_or(value.len())
}

/// `Bearer …`, well-known tokens, and the three-part ones that start with `eyJ`.
fn mask_bare(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut after_scheme = false;
    for word in line.split_inclusive([' ', '\n', '"', '\'', ',']) {
        let bare = word.trim_end_matches([' ', '\n', '"', '\'', ',']);
        let jwt = bare.starts_with("eyJ") && bare.matches('.').count() >= 2;
        if jwt || is_token(bare) || after_scheme && bare.len() >= SHORTEST {
            out.push_str(MASK);
            out.push_str(&word[bare.len()..]);
        } else {
            out.push_str(word);
        }
        if !bare.is_empty() {
            after_scheme = bare.eq_ignore_ascii_case("bearer");
        }
    }
    out
}
