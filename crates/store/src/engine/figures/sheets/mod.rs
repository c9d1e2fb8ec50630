//! Reports of long ranges without counting rows: sheets of spans of time, each the tally of one report as bytes, merged.
//!
//! **Reading.** A range is covered by the longest spans that have a sheet; what lies between them is counted from the
//! rows (`read`). A quarter of an hour in which anything changed since its sheet was made has none, nor has any span that
//! holds it. All of it is one snapshot, so the answer is exact at every instant.
//!
//! **Writing.** Whoever changes what a report may tell of a quarter leaves a mark: a row of `rollup_changes`, which most
//! writes add anyway, of a sum that may be of nothing. Folding it turns the mark into a row of `sheets_wanted` (`marks`).
//! A fact that touches a conversion marks it also where its decision stays the same, because reports decide once more.
//! What changes the names of product groups marks the pictures that showed them.
//!
//! **Making.** A thread of its own counts wanted quarters from a snapshot and hands their sheets to the writer, newest
//! first, as soon as they are over; then come the hours, the days and the longer spans that hold them, each merged from
//! those below (`make`, `keeper`). A quarter that was counted once more and is the same leaves the longer ones alone. Each
//! row of `sheets_wanted` says how often it was wanted: what was wanted once more meanwhile is not written.
//!
//! A sheet in which nothing is has no row. So a span without a row and without a mark is one in which nothing happened.
//!
//! A set of decisions that is being built collects its marks, and has its sheets made when it is shown. What no rules
//! decide, the pictures, stands under generation 0 and is not made anew with it.
//!
//! *Rejected:* sums to which each write adds what it changes, as figures have them: what an order adds to a comparison of
//! models follows from its evidence, and what it added before is not known any more when the evidence has changed.

pub(in super::super) mod check;
pub(in super::super) mod count;
mod keeper;
mod make;
mod marks;
mod read;
mod recounted;

pub(in super::super) use keeper::Keeper;
pub use keeper::make_all;
pub(in super::super) use marks::{forget_all, forget_generation_sql, want_everything};
pub(super) use marks::{want_changed, want_changes_of};
pub(in super::super) use read::tally;
pub use recounted::{Recounted, recount};

use selektable_domain::time::{DAY_MS, HOUR_MS, Timestamp};

use super::super::work::Work;
use super::rollups::OF_NO_RULES;
use crate::StoreResult;

/// Milliseconds of the shortest spans.
pub(super) const QUARTER: i64 = HOUR_MS / 4;
/// Milliseconds of the spans that may have a sheet, each a multiple of the one before. A span begins at a multiple of its
/// length since 1970 (UTC).
const SPANS: [i64; 6] = [QUARTER, HOUR_MS, DAY_MS, 4 * DAY_MS, 16 * DAY_MS, 64 * DAY_MS];

/// Reports that have sheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Report {
    /// How often products were shown.
    Pictures,
    /// How often products were ordered, also after being shown.
    Products,
    /// The comparison of models.
    Models,
    /// Orders that an alias would make direct.
    NearMisses,
    /// Time to conversion.
    Lag,
    /// Orders of a platform by carrier.
    PlatformOrders,
}

impl Report {
    /// Of what no rules decide.
    const RULELESS: [Self; 1] = [Self::Pictures];
    /// Of decisions.
    const DECIDED: [Self; 5] =
        [Self::Products, Self::Models, Self::NearMisses, Self::Lag, Self::PlatformOrders];

    /// Those of a generation.
    const fn all_of(generation: i64) -> &'static [Self] {
        if generation == OF_NO_RULES { &Self::RULELESS } else { &Self::DECIDED }
    }

    /// The name in the database.
    const fn code(self) -> &'static str {
        match self {
            Self::Pictures => "pictures",
            Self::Products => "products",
            Self::Models => "models",
            Self::NearMisses => "near_misses",
            Self::Lag => "lag",
            Self::PlatformOrders => "platform_orders",
        }
    }

    /// The set of decisions it is told from.
    fn generation(self, work: &Work<'_>, store: i64) -> StoreResult<i64> {
        if matches!(self, Self::Pictures) { Ok(OF_NO_RULES) } else { work.generation(store) }
    }
}

/// When the span of a length that holds an instant begins.
const fn begin(span: i64, at: Timestamp) -> Timestamp {
    at.plus_millis(-at.as_millis().rem_euclid(span))
}
