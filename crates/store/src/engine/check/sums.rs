//! Tables that are sets of small rows, compared without sorting or holding either side: the rows' hashes, summed. Two
//! sets have one sum, in whatever order their rows come. A sum that differs says that something differs and not what;
//! then [`super::exact`] looks.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A set of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    rows: u64,
    hashes: u64,
}

impl Sum {
    /// Adds one row.
    pub(super) fn add(&mut self, row: impl Hash) {
        let mut hasher = DefaultHasher::new();
        row.hash(&mut hasher);
        self.rows += 1;
        self.hashes = self.hashes.wrapping_add(hasher.finish());
    }

    fn join(&mut self, other: Self) {
        self.rows += other.rows;
        self.hashes = self.hashes.wrapping_add(other.hashes);
    }
}

/// One pair of ids that facts carry together: store, variant, product.
pub(super) type Pair = (i64, Box<str>, Box<str>);

/// What facts (or stored rows) say of the tables that are sets.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sets {
    pub roll_offs: Sum,
    pub links: Sum,
    pub shown: Sum,
    pub ordered: Sum,
    pub claims: Sum,
    pub tokens: Sum,
    pub awaited: Sum,
    /// As many as the shop has variants: (whether it was shown, in how many orders).
    pub carried: HashMap<Pair, (bool, i64)>,
    /// As many ids as the store said something about: (the latest fact, what it says; `None` for nothing any more).
    pub aliases: HashMap<(i64, Box<str>), (i64, Says)>,
}

/// A product, or a product of its own; `None` when nothing is said.
pub(super) type Says = Option<Option<Box<str>>>;

impl Sets {
    /// Joins what another part of the facts says.
    pub(super) fn join(&mut self, other: Self) {
        self.roll_offs.join(other.roll_offs);
        self.links.join(other.links);
        self.shown.join(other.shown);
        self.ordered.join(other.ordered);
        self.claims.join(other.claims);
        self.tokens.join(other.tokens);
        self.awaited.join(other.awaited);
        for (pair, (shown, orders)) in other.carried {
            let known = self.carried.entry(pair).or_default();
            *known = (known.0 || shown, known.1 + orders);
        }
        for (variant, said) in other.aliases {
            let known = self.aliases.entry(variant).or_insert_with(|| said.clone());
            if said.0 > known.0 {
                *known = said;
            }
        }
    }

    /// Leaves out ids about which nothing is said any more: they have no row.
    pub(super) fn forget_nothing_said(&mut self) {
        self.aliases.retain(|_, (_, says)| says.is_some());
    }
}
