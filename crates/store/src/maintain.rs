//! Upkeep: recompute, verify, dump.

use std::io::Write;

/// Called now and then with (done, of about).
pub type Progress = Box<dyn Fn(u64, u64) + Send + Sync>;

/// Where `dump --canonical` writes.
pub type CanonicalSink = Box<dyn Write + Send>;

/// What a recomputation found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Facts replayed.
    pub facts: u64,
    /// Conversions decided.
    pub conversions: u64,
    /// Rows that differ between stored and recomputed state.
    pub differences: u64,
    /// The first of them, in words.
    pub first_difference: Option<String>,
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Facts whose digest was checked.
    pub facts: u64,
    /// Everything that is wrong, in words, at most 100.
    pub faults: Vec<String>,
}
