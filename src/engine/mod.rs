//! Carries effects out and reports back; owns no policy.
