//! Versions of one store's rules, each looked up once.

use std::collections::HashMap;

use selektable_domain::rules::Ruleset;

use super::work::{Work, rules_of_version};
use crate::{StoreError, StoreResult};

/// The versions that were asked for.
pub(super) struct Rulebook {
    store: i64,
    known: HashMap<u32, Ruleset>,
}

impl Rulebook {
    /// Of a store; nothing is looked up yet.
    pub(super) fn new(store: i64) -> Self {
        Self { store, known: HashMap::new() }
    }

    /// A version that a decision names.
    pub(super) fn version(&mut self, work: &Work<'_>, version: u32) -> StoreResult<Ruleset> {
        if let Some(known) = self.known.get(&version) {
            return Ok(*known);
        }
        let found = rules_of_version(work.connection, self.store, version)?;
        let rules = found.ok_or_else(|| StoreError::Inconsistent {
            table: "rulesets",
            row: format!("{}, {version}", self.store),
            detail: "a conversion names it, and it is not there".to_owned(),
        })?;
        self.known.insert(version, rules);
        Ok(rules)
    }
}
