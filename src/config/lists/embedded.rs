//! The checklists that come with golive.

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        /// Name and text, the smallest list first.
        pub const EMBEDDED: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../checklists/", $name, ".toml")))),*];
    };
}

embedded!(
    "basic",
    "pre-production",
    "going-live",
    "readiness",
    "artifact-ready",
    "pipeline",
    "operation",
    "rollout",
);

pub fn embedded(name: &str) -> Option<&'static str> {
    EMBEDDED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
