//! What a check found.

use crate::db::types::ValueRef;

use super::super::rows::display;
use crate::maintain::CheckReport;

/// Tables that follow from facts, in the order in which their differences are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Facts,
    Visitors,
    RollOffs,
    IdentityLinks,
    Aliases,
    CarriedAliases,
    Visualizations,
    ShownProducts,
    Conversions,
    OrderedProducts,
    AwaitedOrders,
    Claims,
    OrderTokens,
    Decisions,
    Credits,
    Rollups,
    Sheets,
}

impl Table {
    /// The tables that are sets of small rows.
    pub(super) const SETS: [Self; 10] = [
        Self::Visitors,
        Self::RollOffs,
        Self::IdentityLinks,
        Self::Aliases,
        Self::CarriedAliases,
        Self::ShownProducts,
        Self::OrderedProducts,
        Self::AwaitedOrders,
        Self::Claims,
        Self::OrderTokens,
    ];

    /// Its name in the schema.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Visitors => "visitors",
            Self::RollOffs => "roll_offs",
            Self::IdentityLinks => "identity_links",
            Self::Aliases => "alias_table",
            Self::CarriedAliases => "carried_aliases",
            Self::Visualizations => "visualizations",
            Self::ShownProducts => "shown_products",
            Self::Conversions => "conversions",
            Self::OrderedProducts => "ordered_products",
            Self::AwaitedOrders => "awaited_orders",
            Self::Claims => "claims",
            Self::OrderTokens => "order_tokens",
            Self::Decisions => "decisions",
            Self::Credits => "credits",
            Self::Rollups => "rollups",
            Self::Sheets => "sheets",
        }
    }
}

/// Differences of one part of a check, with the first of them in words.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub facts: u64,
    pub conversions: u64,
    differences: u64,
    /// Differences outside of decisions, their credits and sums.
    pub derived: u64,
    /// Differences of sums.
    pub sums: u64,
    first: Option<((Table, i64), String)>,
}

impl Found {
    /// Notes a difference of a row.
    pub(crate) fn add(&mut self, table: Table, row: i64, words: impl FnOnce() -> String) {
        self.differences += 1;
        let is_of_sums = matches!(table, Table::Rollups | Table::Sheets);
        self.derived += u64::from(!matches!(table, Table::Decisions | Table::Credits) && !is_of_sums);
        self.sums += u64::from(is_of_sums);
        let place = (table, row);
        if self.first.as_ref().is_none_or(|(known, _)| place < *known) {
            self.first = Some((place, words()));
        }
    }

    /// A row that facts give is not there.
    pub(crate) fn missing(&mut self, table: Table, row: i64) {
        let words = || format!("row {row} of {} follows from the facts, and is not stored", table.name());
        self.add(table, row, words);
    }

    /// A row is there that no fact gives.
    pub(crate) fn invented(&mut self, table: Table, row: i64) {
        let words = || format!("row {row} of {} is stored, and no fact gives it", table.name());
        self.add(table, row, words);
    }

    /// A column holds something else.
    pub(crate) fn column(
        &mut self,
        table: Table,
        row: i64,
        column: &str,
        pair: (ValueRef<'_>, ValueRef<'_>),
    ) {
        let words = || {
            let (was, is) = (display(pair.0), display(pair.1));
            format!("row {row} of {}: column {column} is {was}, the facts give {is}", table.name())
        };
        self.add(table, row, words);
    }

    /// Joins what a comparison of a whole table found.
    pub(super) fn whole(&mut self, table: Table, report: CheckReport) {
        self.differences += report.differences;
        self.derived += report.differences;
        let first = report.first_difference.map(|words| ((table, 0), words));
        self.join(Self { first, ..Self::default() });
    }

    /// Joins what another part found.
    pub(crate) fn join(&mut self, other: Self) {
        self.facts += other.facts;
        self.conversions += other.conversions;
        self.differences += other.differences;
        self.derived += other.derived;
        self.sums += other.sums;
        let earlier =
            |(place, _): &((Table, i64), String)| self.first.as_ref().is_none_or(|(known, _)| place < known);
        if other.first.as_ref().is_some_and(earlier) {
            self.first = other.first;
        }
    }

    /// The report.
    pub(crate) fn report(self) -> CheckReport {
        CheckReport {
            facts: self.facts,
            conversions: self.conversions,
            differences: self.differences,
            first_difference: self.first.map(|(_, words)| words),
        }
    }
}
