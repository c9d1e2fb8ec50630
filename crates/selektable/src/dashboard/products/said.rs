//! What a change of the alias table did, carried in the address of the page that is shown next.

use selektable_store::rules::{AliasSays, AliasesSet};

use crate::dashboard::form::Values;
use crate::dashboard::format;

/// What a change did, in words: "37 orders changed, and 1,200 follow in the background."
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// The sentence.
    pub words: String,
}

/// The pairs that carry what a change did.
#[must_use]
pub(super) fn pairs(set: AliasesSet) -> [(&'static str, String); 3] {
    [
        ("changed", set.changed.to_string()),
        ("redecided", set.redecided.to_string()),
        ("queued", set.queued.to_string()),
    ]
}

impl Said {
    /// What an address says.
    #[must_use]
    pub(super) fn read(asked: &Values) -> Option<Self> {
        let number = |name: &str| asked.get(name).parse::<u64>().ok();
        let (changed, redecided, queued) = (number("changed")?, number("redecided")?, number("queued")?);
        Some(Self { words: words(changed, redecided, queued) })
    }
}

fn words(changed: u64, redecided: u64, queued: u64) -> String {
    if changed == 0 {
        return "The table said so already: nothing changed.".to_owned();
    }
    let orders = match redecided {
        0 if queued == 0 => "no order is decided differently".to_owned(),
        some => format!("{} changed", format::counted(some, "order", "orders")),
    };
    match queued {
        0 => format!("{}.", format::capital(&orders)),
        some => format!(
            "{}, and {} more are being decided again in the background.",
            format::capital(&orders),
            format::integer(some)
        ),
    }
}

/// What joining two ids did, and how to undo it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JoinSaid {
    /// What was done and what it changed.
    pub words: String,
    /// How to undo it; `None` after undoing, and when nothing changed.
    pub undo: Option<Undo>,
}

/// What the table said before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Undo {
    /// The id.
    pub variant: String,
    /// Code of what was said of it.
    pub says: String,
    /// The product it was a variant of.
    pub product: String,
}

impl JoinSaid {
    /// What an address says.
    #[must_use]
    pub(super) fn read(asked: &Values) -> Option<Self> {
        let said = Said::read(asked)?;
        let (joined, undone) = (asked.get("joined"), asked.get("undone"));
        if !undone.is_empty() {
            let words = format!("Undone: the table says of {undone} what it said before. {}", said.words);
            return Some(Self { words, undo: None });
        }
        if joined.is_empty() {
            return None;
        }
        let words = format!("{joined} is a variant of {} now. {}", asked.get("to"), said.words);
        let undo = Undo {
            variant: joined.to_owned(),
            says: asked.get("was").to_owned(),
            product: asked.get("was_of").to_owned(),
        };
        Some(Self { words, undo: (asked.get("changed") != "0").then_some(undo) })
    }
}

/// The code of what the table says, and the product it names.
#[must_use]
pub(super) fn code(says: &AliasSays) -> (&'static str, &str) {
    match says {
        AliasSays::VariantOf(product) => ("variant", product.as_str()),
        AliasSays::OwnProduct => ("own", ""),
        AliasSays::Nothing => ("nothing", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_change_did_is_said_with_its_numbers() {
        assert_eq!(words(0, 0, 0), "The table said so already: nothing changed.");
        assert_eq!(words(1, 0, 0), "No order is decided differently.");
        assert_eq!(words(1, 1, 0), "1 order changed.");
        assert_eq!(
            words(1, 37, 1_200),
            "37 orders changed, and 1,200 more are being decided again in the background."
        );
    }

    #[test]
    fn a_join_can_be_undone_and_an_undone_one_can_not() {
        let set = [("changed", "1"), ("redecided", "2"), ("queued", "0")];
        let asked =
            |more: &[(&'static str, &'static str)]| -> Values { set.iter().chain(more).copied().collect() };
        let joined = JoinSaid::read(&asked(&[("joined", "456"), ("to", "123"), ("was", "nothing")])).unwrap();
        assert_eq!(joined.words, "456 is a variant of 123 now. 2 orders changed.");
        assert_eq!(joined.undo.unwrap().says, "nothing");
        assert_eq!(JoinSaid::read(&asked(&[("undone", "456")])).unwrap().undo, None);
        assert_eq!(JoinSaid::read(&asked(&[])), None);
    }
}
