//! Both sides of a comparison, figure by figure. What is not known is a dash, never a nought.

use crate::domain::{
    comparison::{Side, Sides},
    counted::grouped,
};

/// A figure on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    pub what: &'static str,
    pub new: String,
    pub rest: String,
    pub difference: String,
}

const UNKNOWN: &str = "–";

pub fn compared(sides: &Sides) -> Vec<Compared> {
    let Sides { new, rest } = sides;
    let figure = |what, of: &dyn Fn(&Side) -> String, difference: Option<String>| Compared {
        what,
        new: of(new),
        rest: of(rest),
        difference: difference.unwrap_or_else(|| UNKNOWN.into()),
    };
    let points =
        new.error_share().zip(rest.error_share()).map(|(new, rest)| signed(new, rest, "points", 100));
    let millis = new.response().zip(rest.response()).map(|(new, rest)| signed(new, rest, "ms", 1));
    vec![
        figure("hosts", &|side| side.hosts.to_string(), Some(String::new())),
        figure(
            "requests",
            &|side| grouped(side.requests),
            sides.share().map(|share| format!("new gets {} %", hundredths(share))),
        ),
        figure(
            "errors",
            &|side| match side.error_share() {
                Some(share) => format!("{} ({} %)", grouped(side.errors), hundredths(share)),
                None => UNKNOWN.into(),
            },
            points,
        ),
        figure(
            "response time",
            &|side| side.response().map_or(UNKNOWN.into(), |millis| format!("{} ms", grouped(millis))),
            millis,
        ),
    ]
}

/// `+0.01 points`, `-3 ms`, `none`.
fn signed(new: u64, rest: u64, unit: &str, scale: u64) -> String {
    let off = new.abs_diff(rest);
    let size = if scale == 1 { grouped(off) } else { hundredths(off) };
    match new.cmp(&rest) {
        std::cmp::Ordering::Equal => "none".into(),
        std::cmp::Ordering::Greater => format!("+{size} {unit}"),
        std::cmp::Ordering::Less => format!("-{size} {unit}"),
    }
}

fn hundredths(share: u64) -> String {
    format!("{}.{:02}", share / 100, share % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_side_by_side_and_what_is_not_known_is_a_dash() {
        let new = Side { hosts: 1, requests: 1_234, errors: 2, waited: Some(1_234 * 31) };
        let rest = Side { hosts: 3, requests: 10_022, errors: 15, waited: Some(10_022 * 30) };
        let rows = compared(&Sides { new, rest });
        let text: Vec<String> = rows
            .iter()
            .map(|row| format!("{}|{}|{}|{}", row.what, row.new, row.rest, row.difference))
            .collect();
        assert_eq!(
            text,
            [
                "hosts|1|3|",
                "requests|1,234|10,022|new gets 10.96 %",
                "errors|2 (0.16 %)|15 (0.14 %)|+0.02 points",
                "response time|31 ms|30 ms|+1 ms",
            ]
        );
        let nothing = compared(&Sides::default());
        assert_eq!(nothing[2].new, "–", "no request is no share of errors");
        assert_eq!(nothing[3].difference, "–");
    }
}
