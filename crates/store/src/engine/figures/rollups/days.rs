//! Days of a store's zone.

use std::cell::Cell;

use selektable_domain::time::{Range, Timestamp, Zone, day_of};

use super::super::super::rows::Reading;
use super::super::super::work::Work;
use crate::StoreResult;

/// Looks days up; mostly it is the day of the instant before.
pub(super) struct Days {
    zone: Zone,
    last: Cell<Range>,
}

impl Days {
    /// Of a store, as its zone is now.
    pub(super) fn of_store(work: &Work<'_>, store: i64) -> StoreResult<Self> {
        let mut statement = work.connection.prepare_cached("SELECT zone FROM stores WHERE number = ?1")?;
        let zone = statement.query_row([store], |row| {
            let row = Reading::new(row, "stores", 0);
            Ok(row.text(0).and_then(|name| Zone::parse(name).map_err(|fault| row.damaged(fault.to_string()))))
        })??;
        let nothing = Timestamp::from_millis(0);
        Ok(Self { zone, last: Cell::new(Range { from: nothing, to: nothing }) })
    }

    /// The day that holds an instant.
    pub(super) fn day(&self, at: Timestamp) -> Range {
        if !self.last.get().contains(at) {
            self.last.set(day_of(at, &self.zone));
        }
        self.last.get()
    }
}
