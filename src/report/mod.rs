//! Reports, as folds over the record.
