//! Pure tests of the rollout, the turn and what is worth telling: every refusal, and the arithmetic.
