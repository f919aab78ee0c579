//! Two sides of which one is taken after the other.

use golive::domain::{
    name::ColourName,
    plan::{BlueGreen, Capacity, Strategy, rules},
    time::Span,
};

use super::{
    plan::{Shape, check, plan},
    rng::Rng,
};

/// Two sides of which one is taken after the other, now and then.
pub fn in_colours(seed: u64, mut shape: Shape) -> Shape {
    let mut colours = Rng::new(seed ^ 0xb1e5);
    if colours.per_mille(200) {
        let sides = BlueGreen {
            first: colours.per_mille(500).then(|| ColourName::new("green").unwrap()),
            validate: colours.per_mille(700).then(|| check("reachable")).into_iter().collect(),
            soak: Span::secs(*colours.pick(&[0, 30, 120])),
            warm: Span::secs(*colours.pick(&[120, 300])),
        };
        let strategy = Strategy::BlueGreen(sides);
        let other = Shape {
            strategy,
            capacity: Capacity::default(),
            one_box: false,
            compared: false,
            ..shape.clone()
        };
        shape = if rules::check(&plan(&other)).is_empty() { other } else { shape };
    }
    shape
}
