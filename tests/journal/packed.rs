//! Values as few bytes: what goes in comes out, whatever is left out of it, and what is damaged is an error.

use std::collections::BTreeMap;

use golive::record::{Unpackable, pack, unpack};
use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_no(value: &bool) -> bool {
    !value
}

/// A struct of which every part can be left out but one, in the middle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Sparse {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<u32>,
    #[serde(default, skip_serializing_if = "is_no")]
    second: bool,
    always: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    list: Vec<Option<u8>>,
    #[serde(skip)]
    derived: u8,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    last: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Plain,
    Carries(Box<Sparse>),
    Pair(String, f64),
    Named {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        table: BTreeMap<(u8, char), Vec<Kind>>,
        often: Option<(Option<u64>,)>,
    },
}

fn sparse() -> impl Strategy<Value = Sparse> {
    let list = prop::collection::vec(any::<Option<u8>>(), 0..3);
    let last = prop_oneof![Just(String::new()), "[a-c]{1,2}", "ä{50,70}"];
    (any::<Option<u32>>(), any::<bool>(), any::<i64>(), list, last).prop_map(
        |(first, second, always, list, last)| Sparse { first, second, always, list, derived: 0, last },
    )
}

fn kind() -> impl Strategy<Value = Kind> {
    let leaf = prop_oneof![
        Just(Kind::Plain),
        sparse().prop_map(|sparse| Kind::Carries(Box::new(sparse))),
        ("[a-b]{0,2}", -1e300..1e300f64).prop_map(|(text, figure)| Kind::Pair(text, figure)),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let table =
            prop::collection::btree_map(any::<(u8, char)>(), prop::collection::vec(inner, 0..3), 0..3);
        (prop::option::of("[a-b]{0,2}"), table, any::<Option<(Option<u64>,)>>())
            .prop_map(|(note, table, often)| Kind::Named { note, table, often })
    })
}

fn there_and_back<T: Serialize + DeserializeOwned>(value: &T) -> T {
    unpack(&pack(value).unwrap()).unwrap()
}

proptest! {
    #[test]
    fn what_goes_in_comes_out(values in prop::collection::vec(kind(), 0..12)) {
        prop_assert_eq!(there_and_back(&values), values);
    }

    #[test]
    fn numbers_of_any_size_come_out(values in any::<(u8, u16, u32, u64, i8, i16, i32, i64, bool)>()) {
        prop_assert_eq!(there_and_back(&values), values);
    }

    /// Bytes that were cut off are missed, and those too many noticed.
    #[test]
    fn what_is_cut_off_or_added_is_an_error(values in prop::collection::vec(kind(), 1..4), cut in any::<prop::sample::Index>()) {
        let mut bytes = pack(&values).unwrap();
        let shorter = &bytes[..cut.index(bytes.len())];
        prop_assert!(unpack::<Vec<Kind>>(shorter).is_err());
        bytes.push(0);
        prop_assert_eq!(unpack::<Vec<Kind>>(&bytes), Err(Unpackable::Long(1)));
    }

    #[test]
    fn any_bytes_are_a_value_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _: Result<Vec<Kind>, _> = unpack(&bytes);
        let _: Result<Sparse, _> = unpack(&bytes);
    }
}

#[test]
fn the_ends_of_the_numbers_come_out() {
    let ends = (u64::MAX, i64::MIN, i64::MAX, u32::MAX, i32::MIN, u8::MAX, i8::MIN);
    assert_eq!(there_and_back(&ends), ends);
    for figure in [f64::MIN_POSITIVE, -0.0, f64::INFINITY] {
        assert_eq!(there_and_back(&figure).to_bits(), figure.to_bits());
    }
}

/// A number that is too large for its field is not cut to fit.
#[test]
fn a_number_that_does_not_fit_is_an_error() {
    assert!(unpack::<u8>(&pack(&256u64).unwrap()).is_err());
    assert!(unpack::<u64>(&[0xff; 10]).is_err());
}

#[test]
fn a_text_that_was_said_before_costs_a_byte_or_two() {
    let one = pack(&["production"]).unwrap().len();
    let ten = pack(&["production"; 10]).unwrap().len();
    assert_eq!(ten, one + 9);
}

/// The trap of formats without names: a field that is not written shifts those behind it.
#[test]
fn a_field_left_out_that_has_no_default_is_an_error_and_never_the_next_one() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Careless {
        #[serde(skip_serializing_if = "is_no")]
        held: bool,
        ready: bool,
    }
    let bytes = pack(&Careless { held: false, ready: true }).unwrap();
    let why = unpack::<Careless>(&bytes).unwrap_err();
    assert!(why.to_string().contains("invalid length 0"), "{why}");
    let whole = Careless { held: true, ready: false };
    assert_eq!(there_and_back(&whole), whole);
}

/// What can be told only by looking into it can't be read where nothing is named: it is refused, not guessed.
#[test]
fn what_has_to_be_guessed_is_refused() {
    #[derive(Debug, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u32),
        Text(String),
    }
    for either in [Either::Number(1), Either::Text("one".into())] {
        assert!(matches!(unpack::<Either>(&pack(&either).unwrap()), Err(Unpackable::Form(_))));
    }
    assert!(unpack::<serde_json::Value>(&pack(&serde_json::json!({ "a": 1 })).unwrap()).is_err());
}
