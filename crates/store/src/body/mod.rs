//! Facts as text: the JSON of a fact's body, the same on every engine, and its digest.
//!
//! The structs here are the stored form, converted by hand from and to the domain's types, so that renaming a field
//! of the domain never changes what is on disk. Fields stand in a fixed order and absent ones are left out, so equal
//! values have equal bytes. Every body carries `v`, the version of its shape.

mod alias;
mod dry_run;
mod event;
mod fault;
mod names;
mod note;
mod order;
mod platform;
mod retention;
mod state;
mod visualization;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(crate) use alias::{AliasFact, read_alias, write_alias};
pub(crate) use dry_run::{read_dry_run, write_dry_run};
pub(crate) use event::{EventFact, read_event, write_event};
pub(crate) use fault::{read_faults, write_faults};
pub(crate) use names::{Names, Renaming, names, rename};
pub(crate) use note::{NoteFact, read_note, write_note};
pub(crate) use order::{read_items, read_order, write_items, write_order};
pub(crate) use platform::{read_platform, write_platform};
pub(crate) use retention::{SightingFact, read_roll_off, read_sighting, write_roll_off, write_sighting};
pub(crate) use state::{read_state, write_state};
pub(crate) use visualization::{
    Columns, VisualizationFact, read_products, read_visualization, write_columns, write_products,
    write_visualization,
};

/// Version of the bodies written today. A change of shape gets the next number, and the reader keeps both.
const VERSION: u8 = 1;

/// What a body must be to be read; the text says what it is not.
pub(crate) type Read<T> = Result<T, String>;

/// What kind of thing a fact tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactKind {
    /// A snapshot of an order.
    Order,
    /// Something was shown.
    Visualization,
    /// Something happened in a browser.
    Event,
    /// The store said what a product id is.
    Alias,
    /// A platform told something about an order without the order.
    Note,
    /// Events before a month are gone.
    RollOff,
    /// A visitor was seen, as something tells that is gone.
    Sighting,
}

impl FactKind {
    const ALL: [Self; 7] = [
        Self::Order,
        Self::Visualization,
        Self::Event,
        Self::Alias,
        Self::Note,
        Self::RollOff,
        Self::Sighting,
    ];

    /// The name in the database.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Visualization => "visualization",
            Self::Event => "event",
            Self::Alias => "alias",
            Self::Note => "note",
            Self::RollOff => "roll_off",
            Self::Sighting => "sighting",
        }
    }

    /// Reads [`FactKind::code`].
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Everything of a fact that its digest covers. Its number is left out, so that a fact keeps its digest when it is
/// copied to another engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FactContent<'a> {
    /// The store's 16 bytes.
    pub store: &'a [u8; 16],
    /// Name of the kind.
    pub kind: &'a str,
    /// What makes it unique within its store and kind, where something does.
    pub key: Option<&'a str>,
    /// The conversion an order's fact belongs to.
    pub subject: Option<&'a [u8]>,
    /// Milliseconds since 1970.
    pub received_at: i64,
    /// The JSON.
    pub body: &'a str,
}

/// SHA-256 over the content, every part led by its length, so that no two contents have the same bytes.
pub(crate) fn digest(content: FactContent<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |bytes: Option<&[u8]>| {
        let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
        hash.update(length.to_be_bytes());
        hash.update(bytes.unwrap_or_default());
    };
    part(Some(content.store));
    part(Some(content.kind.as_bytes()));
    part(content.key.map(str::as_bytes));
    part(content.subject);
    part(Some(&content.received_at.to_be_bytes()));
    part(Some(content.body.as_bytes()));
    hash.finalize().into()
}

fn write<T: Serialize>(content: &T) -> String {
    // Strings and integers in structs with named fields: nothing in them can fail to be written.
    serde_json::to_string(content).unwrap_or_default()
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Read<T> {
    serde_json::from_str(text).map_err(|fault| format!("its JSON can't be read: {fault}"))
}

fn known_version(v: u8) -> Read<()> {
    if v == VERSION { Ok(()) } else { Err(format!("its version {v} is not known")) }
}

/// Reads a code of a closed set.
fn code<T>(found: Option<T>, field: &str, text: &str) -> Read<T> {
    found.ok_or_else(|| format!("`{text}` is no {field}"))
}

/// Reads a foreign id.
fn opaque<T>(found: Result<T, selektable_domain::opaque::OpaqueIdFault>, field: &str) -> Read<T> {
    found.map_err(|fault| format!("{field} {fault}"))
}
