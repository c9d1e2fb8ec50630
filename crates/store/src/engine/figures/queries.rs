//! The queries of `standing`: the same columns of a decision and of an entry of the ledger.

/// What stands of a conversion, without what is wanted of it: of a decision `d`, of an entry `l` of the ledger.
macro_rules! columns {
    ("d") => {
        "d.conversion, d.occurred_at, d.status, d.currency, d.kind, d.reason, d.ruleset_version, d.is_revenue, \
         d.gross_minor, d.refunded_minor, d.lines_minor, "
    };
    ("l") => {
        "l.conversion, l.occurred_at, l.status, l.currency, l.kind, l.reason, l.ruleset_version, l.is_revenue, \
         l.gross_minor, l.refunded_minor, l.lines_minor, "
    };
}
/// How many they are.
pub(super) const COLUMNS: usize = 11;

/// Decisions of a store and generation in a range.
pub(super) const DECISIONS: &str = concat!(
    "SELECT ",
    columns!("d"),
    "d.gross_minor, d.gross_minor - d.refunded_minor, d.attributed_minor, d.provisional_minor FROM decisions d \
     WHERE d.store = ?1 AND d.generation = ?2 AND d.occurred_at >= ?3 AND d.occurred_at < ?4 AND d.left_out = 0"
);
/// The same, with a widget's shares. The index of credits leads; shares of one conversion are neighbours in it.
pub(super) const SHARES: &str = concat!(
    "SELECT ",
    columns!("d"),
    "CAST(sum(cr.gross_minor) AS BIGINT), CAST(sum(cr.order_minor) AS BIGINT), \
     CAST(sum(cr.attributed_minor) AS BIGINT), CAST(sum(cr.provisional_minor) AS BIGINT) \
     FROM credits cr INDEXED BY credits_widget CROSS JOIN decisions d ON d.store = cr.store \
     AND d.generation = cr.generation AND d.occurred_at = cr.occurred_at AND d.conversion = cr.conversion \
     WHERE cr.store = ?1 AND cr.generation = ?2 AND cr.occurred_at >= ?3 AND cr.occurred_at < ?4 AND cr.widget = ?5 \
     AND d.left_out = 0 GROUP BY d.store, d.generation, d.occurred_at, d.conversion"
);
/// The decision on one conversion.
pub(super) const DECISION: &str = concat!(
    "SELECT ",
    columns!("d"),
    "0, 0, 0, 0 FROM conversions c JOIN decisions d ON d.store = c.store AND d.generation = ?2 \
     AND d.occurred_at = c.occurred_at AND d.conversion = c.number WHERE c.number = ?1 AND +c.store = ?3 AND d.left_out = 0"
);
/// Of each conversion of a range the last entry that was known and is shown.
pub(super) const ENTRIES: &str = concat!(
    "SELECT ",
    columns!("l"),
    "l.gross_minor, l.gross_minor - l.refunded_minor, l.attributed_minor, l.provisional_minor, l.credits \
     FROM ledger l WHERE l.store = ?1 AND l.known_at <= ?2 AND l.occurred_at >= ?3 AND l.occurred_at < ?4 \
     AND l.left_out = 0 AND NOT (l.cause = 'rules' AND l.known_at >= ?5) AND NOT EXISTS (SELECT 1 FROM ledger n \
     WHERE n.conversion = l.conversion AND +n.store = l.store AND n.entry > l.entry AND n.known_at <= ?2 \
     AND NOT (n.cause = 'rules' AND n.known_at >= ?5))"
);
/// The same of one conversion.
pub(super) const ENTRY: &str = concat!(
    "SELECT ",
    columns!("l"),
    "0, 0, 0, 0 FROM ledger l WHERE l.conversion = ?1 AND +l.store = ?4 AND l.left_out = 0 AND l.entry = \
     (SELECT max(n.entry) FROM ledger n WHERE n.conversion = ?1 AND +n.store = ?4 AND n.known_at <= ?2 \
     AND NOT (n.cause = 'rules' AND n.known_at >= ?3))"
);
/// The credits of the same entry.
pub(super) const ENTRY_CREDITS: &str = "SELECT l.credits FROM ledger l WHERE l.conversion = ?1 AND +l.store = ?4 AND l.entry = \
     (SELECT max(n.entry) FROM ledger n WHERE n.conversion = ?1 AND +n.store = ?4 AND n.known_at <= ?2 \
     AND NOT (n.cause = 'rules' AND n.known_at >= ?3))";
