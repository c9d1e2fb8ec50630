//! What became of a file's lines.

use selektable_domain::order::version::Outcome;
use selektable_domain::platform::import::ImportFault;
use serde_json::{Value, json};

use crate::cli::output::{complain, say};

/// Faults that are shown; the rest is counted.
const FAULTS_SHOWN: usize = 20;

/// Counts of records, and the first faults.
#[derive(Debug, Default)]
pub(super) struct Tally {
    created: u64,
    updated: u64,
    unchanged: u64,
    stale: u64,
    /// Records that were not taken.
    pub(super) refused: u64,
    faults: Vec<ImportFault>,
    more_faults: u64,
}

impl Tally {
    pub(super) fn took(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Stale => &mut self.stale,
        } += 1;
    }

    /// One record is refused, with all that is wrong with it.
    pub(super) fn refuse(&mut self, faults: Vec<ImportFault>) {
        self.refused += 1;
        for fault in faults {
            if self.faults.len() < FAULTS_SHOWN {
                self.faults.push(fault);
            } else {
                self.more_faults += 1;
            }
        }
    }

    /// Faults to standard error, counts to standard output; with `--json` everything in one line.
    pub(super) fn say(&self, as_json: bool) -> std::io::Result<()> {
        if as_json {
            return say(&self.as_json().to_string());
        }
        for fault in &self.faults {
            complain(&fault.to_string());
        }
        if self.more_faults > 0 {
            complain(&format!("… and {} more", self.more_faults));
        }
        say(&format!(
            "created {}, updated {}, unchanged {}, stale {}, refused {}",
            self.created, self.updated, self.unchanged, self.stale, self.refused
        ))
    }

    fn as_json(&self) -> Value {
        let fault = |fault: &ImportFault| json!({"line": fault.line, "place": fault.place, "code": fault.code, "detail": fault.detail});
        json!({
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "stale": self.stale,
            "refused": self.refused,
            "faults": self.faults.iter().map(fault).collect::<Vec<_>>(),
            "moreFaults": self.more_faults,
        })
    }
}
