//! Every table, once: where its rows stand when a server has several nodes, and whether they move with a database.

/// Where a table's rows stand on several nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Copied to every node: what is small and asked by other keys than the store, and pictures, which are found by their
    /// token alone and go after hours.
    Everywhere,
    /// All rows of one store on one node: what grows with a shop's traffic. Its column `store` is a part of every key.
    ByStore,
}

/// One table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    /// Its name on both engines.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Whether it is moved: it says something about shops that is true tomorrow.
    pub moves: bool,
}

const fn everywhere(name: &'static str) -> Table {
    Table { name, place: Place::Everywhere, moves: true }
}

const fn by_store(name: &'static str) -> Table {
    Table { name, place: Place::ByStore, moves: true }
}

impl Table {
    /// Not moved: how an engine keeps its house, and what processes agree on for minutes.
    const fn stays(self) -> Self {
        Self { moves: false, ..self }
    }
}

/// Every table, each behind those that its rows name.
pub(crate) const TABLES: [Table; 54] = [
    everywhere("schema_version").stays(),
    everywhere("installation"),
    everywhere("organizations"),
    everywhere("members"),
    everywhere("memberships"),
    everywhere("sessions"),
    everywhere("api_keys"),
    everywhere("stores"),
    by_store("store_writers").stays(),
    everywhere("store_origins"),
    everywhere("store_hosts"),
    everywhere("rulesets"),
    everywhere("schedule_entries"),
    everywhere("schedule_revisions"),
    everywhere("generations"),
    everywhere("widgets"),
    everywhere("webhook_secrets"),
    everywhere("platform_links"),
    by_store("topics"),
    everywhere("pulls"),
    everywhere("privacy_requests"),
    everywhere("erasures"),
    by_store("facts"),
    by_store("seen_facts"),
    by_store("roll_offs"),
    by_store("roll_off_runs"),
    by_store("deliveries"),
    by_store("visualizations"),
    everywhere("pictures"),
    by_store("shown_products"),
    by_store("visitors"),
    by_store("identity_links"),
    by_store("alias_table"),
    by_store("carried_aliases"),
    by_store("conversions"),
    by_store("ordered_products"),
    by_store("decisions"),
    by_store("credits"),
    by_store("redecisions"),
    by_store("ledger"),
    by_store("awaited_orders"),
    by_store("claims"),
    by_store("order_tokens"),
    by_store("rollups"),
    by_store("rollup_changes"),
    by_store("visitor_days"),
    by_store("visitor_returns"),
    by_store("unnoted_visits"),
    by_store("rollup_builds"),
    by_store("sheets"),
    by_store("sheets_wanted"),
    everywhere("leases").stays(),
    everywhere("tries").stays(),
    everywhere("dry_runs").stays(),
];

/// The tables that stand in a place.
pub(crate) fn standing(place: Place) -> impl Iterator<Item = &'static str> {
    TABLES.into_iter().filter(move |table| table.place == place).map(|table| table.name)
}

/// The tables that move, in an order in which they can be filled.
pub(crate) fn moving() -> impl Iterator<Item = &'static str> {
    TABLES.into_iter().filter(|table| table.moves).map(|table| table.name)
}
