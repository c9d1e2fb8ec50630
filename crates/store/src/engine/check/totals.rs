//! Rows that no fact asked for: as many rows as were compared, or there are others.

use super::super::work::Work;
use super::Extent;
use super::facts::Part;
use super::found::Table;
use crate::StoreResult;

/// How many rows a table has, and the numbers of those that no fact gives.
struct Total {
    table: Table,
    count: &'static str,
    invented: &'static str,
}

const VISUALIZATIONS: Total = Total {
    table: Table::Visualizations,
    count: "SELECT count(*) FROM visualizations",
    invented: "SELECT v.number FROM visualizations v LEFT JOIN facts f ON f.seq = v.number AND +f.store = v.store \
               AND f.kind = 'visualization' WHERE f.seq IS NULL",
};
const CONVERSIONS: Total = Total {
    table: Table::Conversions,
    count: "SELECT count(*) FROM conversions",
    invented: "SELECT c.number FROM conversions c LEFT JOIN facts f ON f.seq = c.number \
               AND +f.store = c.store AND f.kind = 'order' WHERE f.seq IS NULL",
};
const DECISIONS: Total = Total {
    table: Table::Decisions,
    count: "SELECT count(*) FROM generations g JOIN decisions d ON d.store = g.store \
            AND d.generation = g.generation WHERE g.state = 'live'",
    invented: "SELECT d.conversion FROM generations g JOIN decisions d ON d.store = g.store \
               AND d.generation = g.generation LEFT JOIN conversions c ON c.number = d.conversion \
               AND +c.store = d.store AND c.occurred_at = d.occurred_at WHERE g.state = 'live' AND c.number IS NULL",
};
const CREDITS: Total = Total {
    table: Table::Credits,
    count: "SELECT count(*) FROM generations g JOIN credits r ON r.store = g.store \
            AND r.generation = g.generation WHERE g.state = 'live'",
    invented: "SELECT r.conversion FROM generations g JOIN credits r ON r.store = g.store \
               AND r.generation = g.generation LEFT JOIN conversions c ON c.number = r.conversion \
               AND +c.store = r.store WHERE g.state = 'live' AND c.number IS NULL",
};

/// Looks for rows that no fact gives, where there are more than were compared.
pub(super) fn compare(work: &Work<'_>, part: &mut Part, extent: Extent) -> StoreResult<()> {
    invented(work, &VISUALIZATIONS, part.visualizations, part)?;
    invented(work, &CONVERSIONS, part.conversions, part)?;
    if extent == Extent::Everything {
        invented(work, &DECISIONS, part.decisions, part)?;
        invented(work, &CREDITS, part.credits, part)?;
    }
    if part.folded != part.orders {
        let (folded, orders) = (part.folded, part.orders);
        let words = || format!("{orders} facts are of orders, and conversions have {folded} of them");
        part.found.add(Table::Facts, i64::MAX, words);
    }
    Ok(())
}

fn invented(work: &Work<'_>, total: &Total, compared: i64, part: &mut Part) -> StoreResult<()> {
    let stored: i64 = work.connection.query_row(total.count, (), |row| row.get(0))?;
    if stored == compared {
        return Ok(());
    }
    let mut statement = work.connection.prepare(total.invented)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()?.as_ref() {
        part.found.invented(total.table, row.get(0)?);
    }
    Ok(())
}
