//! What the processes that serve one database agree on: who does what at a time, how often somebody tried, and which
//! dry runs go on. All of it is judged by the database's own clock, so that processes whose clocks differ agree too.

use std::fmt;
use std::time::Duration;

use selektable_domain::report::dry_run::DryRun;
use selektable_domain::time::Range;

/// How long a dry run counts as going on after its process last said so.
pub const DRY_RUN_SILENT_MAX: Duration = Duration::from_secs(15);
/// How long the end of a dry run is kept.
pub const DRY_RUN_KEPT_FOR: Duration = Duration::from_secs(5 * 60);
/// Most dry runs at one time, one a store: each reads a store's history, and ingest goes on beside them.
pub const DRY_RUNS_MAX: u32 = 4;
/// Most ends of dry runs kept of one store; the oldest go first.
pub const DRY_RUNS_KEPT_MAX: u32 = 16;

/// Work that one process does at a time. Whoever holds it can still be late, so what is done under a lease must bear
/// being done twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseName(pub String);

/// One holder of a lease: random, and never used by another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Holder(pub [u8; 16]);

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Holder({self})")
    }
}

/// One try of something that may be tried `burst` times at once, and then once in every `refill`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Try {
    /// A digest of what is tried and by whom: the names themselves are nobody's business.
    pub name: [u8; 32],
    /// How often at once; at least 1.
    pub burst: u32,
    /// After which time one more is given back, to the millisecond.
    pub refill: Duration,
}

/// What a try comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It may go on, and is counted.
    Allowed,
    /// Too many: worth another one after this time.
    TooMany(Duration),
}

/// What makes two dry runs of a store the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DryRunQuestion {
    /// The revision of the schedule that stands: a dry run compares with it.
    pub revision: u32,
    /// The version that is tried.
    pub version: u32,
    /// On what.
    pub range: Range,
}

/// How a dry run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DryRunStands {
    /// Whoever asked has to do it.
    Begun,
    /// A process is at it.
    Running {
        /// Conversions decided.
        done: u64,
        /// Of about so many; 0 while that is not known.
        about: u64,
    },
    /// It ended, at most [`DRY_RUN_KEPT_FOR`] ago.
    Done(Box<DryRun>),
    /// It failed, for this reason. Told once; asked again, it is tried again.
    Failed(String),
    /// The store has no such version.
    Unknown,
    /// Another dry run of the store goes on, or [`DRY_RUNS_MAX`] of other stores do; nothing was begun.
    Busy,
}

/// What the process that does a dry run says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DryRunNote {
    /// It goes on.
    GoesOn {
        /// Conversions decided.
        done: u64,
        /// Of about so many; 0 while that is not known.
        about: u64,
    },
    /// It is done.
    Done(Box<DryRun>),
    /// It failed, for this reason.
    Failed(String),
    /// It was given up, and nobody needs to know why.
    GivenUp,
}
