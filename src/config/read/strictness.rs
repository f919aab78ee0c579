//! Strictness profiles.

use super::Reading;
use crate::{
    config::shape,
    domain::plan::{LeftOut, Place, Profile, Strictness},
};

pub fn strictness(file: &shape::File, reading: &mut Reading<'_>) -> Strictness {
    let own = file.project.as_ref().and_then(|project| project.strictness);
    let mut left = |key: &str, written: &shape::LeftOut| {
        let place = Place::of(&["strictness", key]);
        LeftOut {
            validations: reading.names(&place.key("validations"), &written.validations),
            bakes: reading.names(&place.key("bakes"), &written.bakes),
            items: reading.names(&place.key("items"), &written.items),
        }
    };
    Strictness {
        own: match own {
            Some(shape::Profile::Relaxed) => Profile::Relaxed,
            Some(shape::Profile::Standard) => Profile::Standard,
            Some(shape::Profile::Strict) | None => Profile::Strict,
        },
        standard: left("standard", &file.strictness.standard),
        relaxed: left("relaxed", &file.strictness.relaxed),
        unasked: std::collections::BTreeMap::new(),
    }
}
