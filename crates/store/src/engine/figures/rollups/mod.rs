//! Figures of long ranges without counting rows: sums of small spans of time, kept by adding what each write changes.
//!
//! **Writing.** A write of a decision or a visualization notes what it changes: the new one once more, the one it stands
//! in place of once less. Notes are summed up in memory as long as the transaction lasts, and go to `rollup_changes` at
//! its end: one row for each quarter of an hour and widget it touched, however many orders it took. Rows are only added,
//! so writers never wait for each other here. Of a visualization with a visitor its number goes to `unnoted_visits`.
//!
//! **Folding.** A second later the writer takes changes out and adds them to `rollups`: to the quarter, to its hour, to
//! its day (`fold`). Visits become days of visitors (`visits`). One
//! process folds at a time, one store in a transaction, under that store's lock.
//!
//! **Reading.** The range is covered by days, hours and quarters that lie wholly inside; what is left over at its ends,
//! less than a quarter each, is counted from the rows as it always was (`spans`). Changes that wait are added. All of it
//! is one snapshot, so the answer is exact at every instant, and costs the spans of the range.
//!
//! **Distinct visitors** don't add up: who came on two days is one visitor. But of the days on which a visitor came
//! within a range exactly one has no earlier one within it. So for each day and each day before it is kept how many
//! visitors of the day were there on the other one last, and a range has as many visitors as its days together, less
//! those that were there before within the range (`visitors`). Days are the store's own, because ranges mostly are.
//!
//! **Building.** After a migration, a repair or a change of the store's zone the writer makes the sums anew, some at a
//! time (`build`); until then reports count rows. A new generation needs nothing: its decisions are noted while they
//! are written, and with the generation that is shown its sums change at once.
//!
//! *Rejected:* marking spans as stale and counting them again: the present one is stale all the time, and at its worst
//! holds millions of rows. Adding to the sums in the transaction itself: all writers of a store would wait in line for
//! the row of the present quarter.
//!
//! As known at an instant, and by refund date, figures are told by the ledger, as before.

mod build;
mod changes;
pub(in super::super) mod check;
mod days;
mod fold;
mod read;
mod recount;
mod returns;
mod spans;
mod stored;
mod visitors;
mod visits;

pub(in super::super) use build::{begin_visitors, forget_all};
pub(in super::super) use changes::OF_NO_RULES;
pub(in super::super) use changes::{
    Changes, flush, mark_conversion, mark_visualization, note_decision, note_visualization,
};
pub(in super::super) use fold::{fold_some, waiting};
pub(super) use read::{are_built, fill};
pub(super) use stored::broken;
pub(super) use visitors::distinct;
pub(in super::super) use visits::settle_erased;

use selektable_domain::id::WidgetId;

/// Of which widget sums are; `None`: of all of the store.
type Whose = Option<WidgetId>;

/// The widget as it is stored.
fn whose_bytes(whose: &Whose) -> &[u8] {
    whose.as_ref().map_or(&[], |widget| widget.as_bytes())
}
