//! Rules in words: the sentence that says what is in force, a ruleset line by line, and what differs between two.

use selektable_domain::rules::{Model, RevenueBasis, Ruleset};

use crate::dashboard::{format, words};

/// One rule of a ruleset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RuleLine {
    /// Which rule.
    pub name: &'static str,
    /// What it says.
    pub says: String,
}

/// A rule under two rulesets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    /// Which rule.
    pub name: &'static str,
    /// What it says in the first.
    pub before: String,
    /// And in the second.
    pub after: String,
    /// Whether that is not the same.
    pub differs: bool,
}

/// What a ruleset does, as the beginning of a sentence: "Orders are credited to visualizations of the 7 days before,
/// all credit to the last one".
#[must_use]
pub(super) fn sentence(rules: &Ruleset) -> String {
    let window = format::window(rules.window.as_millis());
    let lines = match rules.basis {
        RevenueBasis::Order => "",
        RevenueBasis::MatchedLines => ", for the lines of visualized products only",
    };
    format!("Orders are credited to visualizations of the {window} before, {}{lines}", credit(rules.model))
}

const fn credit(model: Model) -> &'static str {
    match model {
        Model::LastTouch => "all credit to the last one",
        Model::FirstTouch => "all credit to the first one",
        Model::Linear => "the same credit to each",
        Model::PositionBased => "most credit to the first and the last one",
        Model::TimeDecay => "more credit to the later ones",
    }
}

/// A model's rule in one line.
pub(super) const fn model_meaning(model: Model) -> &'static str {
    match model {
        Model::LastTouch => "All credit to the last visualization before the order.",
        Model::FirstTouch => "All credit to the first visualization in the window.",
        Model::Linear => "The same credit to every visualization in the window.",
        Model::PositionBased => {
            "40 % to the first, 40 % to the last, 20 % shared by those between; of two, half to each."
        }
        Model::TimeDecay => {
            "The later, the more: credit halves with every quarter of the window (at least a day) before the order."
        }
    }
}

/// A ruleset, rule by rule.
#[must_use]
pub(super) fn lines(rules: &Ruleset) -> [RuleLine; 6] {
    let window = format::window(rules.window.as_millis());
    [
        ("Attribution window", window.as_str()),
        ("Model", words::model(rules.model)),
        ("Attributed revenue", words::basis(rules.basis)),
        ("Products", words::product_match(rules.products)),
        ("Leads", words::leads(rules.leads)),
        ("Statuses", words::counts(rules.counts)),
    ]
    .map(|(name, says)| RuleLine { name, says: format::capital(says) })
}

/// A ruleset in one line: "7 days, last touch, the whole order". What is as for a new store is left out after that.
#[must_use]
pub(super) fn summary(rules: &Ruleset) -> String {
    let first = Ruleset::FIRST;
    let mut said = vec![format::window(rules.window.as_millis()), words::model(rules.model).to_owned()];
    said.push(words::basis(rules.basis).to_owned());
    if rules.products != first.products {
        said.push(words::product_match(rules.products).to_owned());
    }
    if rules.leads != first.leads {
        said.push(words::leads(rules.leads).to_owned());
    }
    if rules.counts != first.counts {
        said.push(words::counts(rules.counts).to_owned());
    }
    said.join(", ")
}

/// Two rulesets side by side.
#[must_use]
pub(super) fn compared(before: &Ruleset, after: &Ruleset) -> Vec<Comparison> {
    let pairs = lines(before).into_iter().zip(lines(after));
    pairs
        .map(|(before, after)| Comparison {
            name: before.name,
            differs: before.says != after.says,
            before: before.says,
            after: after.says,
        })
        .collect()
}

/// "attribution window and model", or `None` where nothing differs.
#[must_use]
pub(super) fn differing(rows: &[Comparison]) -> Option<String> {
    let names: Vec<String> =
        rows.iter().filter(|row| row.differs).map(|row| row.name.to_lowercase()).collect();
    let (last, before) = names.split_last()?;
    Some(if before.is_empty() { last.clone() } else { format!("{} and {last}", before.join(", ")) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::time::Window;

    #[test]
    fn the_first_rules_are_told_in_one_sentence() {
        assert_eq!(
            sentence(&Ruleset::FIRST),
            "Orders are credited to visualizations of the 7 days before, all credit to the last one"
        );
    }

    #[test]
    fn what_differs_is_named_and_every_answer_has_words_of_its_own() {
        let other = Ruleset {
            window: Window::from_hours(36).unwrap(),
            basis: RevenueBasis::MatchedLines,
            ..Ruleset::FIRST
        };
        let rows = compared(&Ruleset::FIRST, &other);
        assert_eq!(differing(&rows).as_deref(), Some("attribution window and attributed revenue"));
        assert_eq!((rows[0].before.as_str(), rows[0].after.as_str()), ("7 days", "36 h"));
        assert_eq!(differing(&compared(&other, &other.numbered(9))), None);
        let models = Model::ALL.map(model_meaning);
        assert!((1..models.len()).all(|place| !models[..place].contains(&models[place])));
    }
}
