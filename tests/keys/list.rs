//! Lists never move under the finger.

use golive::tui::{
    terminal::Moment,
    widgets::{List, window},
};

const fn ms(n: u64) -> Moment {
    Moment(n * 1_000)
}

fn list(ids: &[&'static str]) -> List<&'static str> {
    let mut list = List::default();
    list.refresh(ids.to_vec(), |_| true, ms(0));
    list
}

#[test]
fn the_order_stands_still_for_two_seconds_after_a_key() {
    let mut hosts = list(&["a", "b", "c"]);
    hosts.step(1);
    hosts.touch(ms(100));
    hosts.refresh(vec!["d", "c", "b", "a"], |_| true, ms(2_099));
    assert_eq!(hosts.order(), ["a", "b", "c", "d"], "what is new comes to the end");
    hosts.refresh(vec!["d", "c", "b", "a"], |_| true, ms(2_100));
    assert_eq!(hosts.order(), ["d", "c", "b", "a"]);
    assert_eq!((hosts.selected(), hosts.position()), (Some(&"b"), Some(2)), "selected by identity");
}

#[test]
fn what_fell_out_of_a_filter_stays_until_it_is_run_again() {
    let mut items = list(&["a", "b", "c"]);
    items.touch(ms(100));
    items.refresh(vec!["b", "c"], |_| true, ms(200));
    assert_eq!(items.order(), ["a", "b", "c"]);
    items.rerun();
    items.refresh(vec!["b", "c"], |_| true, ms(300));
    assert_eq!(items.order(), ["b", "c"]);
}

#[test]
fn when_the_selected_one_is_gone_its_neighbour_is_selected() {
    let mut items = list(&["a", "b", "c"]);
    items.step(1);
    items.refresh(vec!["a", "c"], |id| *id != "b", ms(5_000));
    assert_eq!(items.selected(), Some(&"c"));
    items.refresh(vec![], |_| false, ms(9_000));
    assert_eq!(items.selected(), None);
    items.refresh(vec!["x"], |_| true, ms(12_000));
    assert_eq!(items.selected(), Some(&"x"));
}

#[test]
fn seeking_goes_around_and_says_when_there_is_none() {
    let mut items = list(&["a", "b!", "c", "d!"]);
    let wanted = |id: &&str| id.ends_with('!');
    assert!(items.seek(true, wanted) && items.selected() == Some(&"b!"));
    assert!(items.seek(true, wanted) && items.selected() == Some(&"d!"));
    assert!(items.seek(true, wanted) && items.selected() == Some(&"b!"));
    assert!(items.seek(false, wanted) && items.selected() == Some(&"d!"));
    assert!(!items.seek(true, |_| false) && items.selected() == Some(&"d!"));
}

#[test]
fn the_selected_row_is_always_among_those_shown() {
    let mut items: List<u32> = List::default();
    items.refresh((0..100).collect(), |_| true, ms(0));
    items.to_bottom();
    items.scroll(10);
    assert_eq!(items.first(), 90);
    items.step(-20);
    items.scroll(10);
    assert_eq!(items.first(), 79);
    items.to_top();
    items.scroll(0);
    assert_eq!(items.first(), 0);
}

#[test]
fn what_needs_somebody_is_selected_at_the_top_until_somebody_chooses() {
    let mut hosts = List::following_the_top();
    hosts.refresh(vec!["a", "b", "c"], |_| true, ms(0));
    hosts.refresh(vec!["c", "a", "b"], |_| true, ms(100));
    hosts.scroll(2);
    assert_eq!((hosts.selected(), hosts.first()), (Some(&"c"), 0), "nobody has chosen yet");
    hosts.step(1);
    hosts.refresh(vec!["b", "c", "a"], |_| true, ms(9_000));
    assert_eq!(hosts.selected(), Some(&"a"), "chosen: by identity from now on");
    let mut items = list(&["a", "b"]);
    items.refresh(vec!["b", "a"], |_| true, ms(9_000));
    assert_eq!(items.selected(), Some(&"a"), "a list on which keys act at once never moves its selection");
}

#[test]
fn the_selected_row_is_never_under_the_one_that_counts_the_rest() {
    for count in 0..12 {
        for rows in 1..8_usize {
            let mut first = 0;
            for place in (0..count).chain((0..count).rev()) {
                first = window(first, place, rows, count);
                let seen = if first + rows < count && rows > 1 { rows - 1 } else { rows };
                assert!((first..first + seen).contains(&place), "{place} of {count} in {rows} from {first}");
                assert!(first + rows <= count.max(rows), "no empty row while there are more");
            }
        }
    }
    assert_eq!(window(3, 4, 4, 20), 3, "nothing moves that need not");
}
