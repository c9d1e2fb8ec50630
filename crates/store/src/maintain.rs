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

/// What one step of rolling off raw events did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RolledOff {
    /// Events that were deleted one by one.
    pub events: u64,
    /// Months whose events went as a whole.
    pub months: u64,
    /// Visitors whom nothing proves any more, and who were deleted.
    pub visitors: u64,
    /// Whether there may be more to do.
    pub more: bool,
}
