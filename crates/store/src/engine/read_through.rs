//! The least that any look at everything costs: every row of what a recomputation reads, one after the other.

use super::database::Database;
use crate::StoreResult;

/// Facts, and everything that is made from them for attribution.
const TABLES: [&str; 12] = [
    "facts",
    "seen_facts",
    "visitors",
    "identity_links",
    "visualizations",
    "shown_products",
    "conversions",
    "ordered_products",
    "alias_table",
    "carried_aliases",
    "decisions",
    "credits",
];

/// Reads every column of every row of the facts and of what is derived from them, on one connection of its own, and
/// says how many rows there were. For benchmarks.
pub fn read_through(address: &str) -> StoreResult<u64> {
    let connection = Database::parse(address)?.reading()?;
    let _snapshot = connection.snapshot()?;
    let mut found = 0;
    for table in TABLES {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = statement.column_names()?.len();
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()?.as_ref() {
            for column in 0..columns {
                std::hint::black_box(row.get_ref(column)?);
            }
            found += 1;
        }
    }
    Ok(found)
}
