//! The form for new rules: what is asked, with what each answer means, and how it is read.

use selektable_domain::attribution::weights;
use selektable_domain::money::{Currency, split_largest_remainder};
use selektable_domain::rules::{CountsFrom, LeadDirect, Model, ProductMatch, RevenueBasis, Ruleset};
use selektable_domain::time::{DAY_MS, HOUR_MS, Window};

use super::words as rule_words;
use crate::dashboard::form::{Faults, Field, Input, Values};
use crate::dashboard::options::{Choice, Options};
use crate::dashboard::{format, words};

/// Ages of the worked example's three visualizations, oldest first.
const EXAMPLE_AGES_MS: [i64; 3] = [6 * DAY_MS, 2 * DAY_MS, HOUR_MS];
/// What the example's order is worth, in whole units of the store's currency.
const EXAMPLE_UNITS: i64 = 100;

/// The form as it is shown.
#[derive(Clone, Debug)]
pub(super) struct DraftForm {
    /// How long the window is: a number and its unit.
    pub window: [Field; 2],
    /// Everything else.
    pub questions: Vec<Options>,
}

/// What the form holds for a ruleset.
#[must_use]
pub(super) fn values_of(rules: &Ruleset) -> Values {
    let millis = rules.window.as_millis();
    let (number, unit) =
        if millis % DAY_MS == 0 { (millis / DAY_MS, "days") } else { (millis / HOUR_MS, "hours") };
    Values::from([
        ("window", number.to_string().as_str()),
        ("window_unit", unit),
        ("model", rules.model.code()),
        ("basis", rules.basis.code()),
        ("products", rules.products.code()),
        ("leads", rules.leads.code()),
        ("counts", rules.counts.code()),
    ])
}

/// What is in force, changed as the address of another page's suggestion says: `window` in hours, `leads`. What can't
/// be read changes nothing. `None` without a suggestion.
#[must_use]
pub(super) fn suggested(in_force: &Ruleset, asked: &Values) -> Option<Ruleset> {
    let hours: Option<i64> = asked.get("window").parse().ok();
    let window = hours.and_then(|hours| Window::from_hours(hours).ok());
    let leads = LeadDirect::from_code(asked.get("leads"));
    let suggested = Ruleset {
        window: window.unwrap_or(in_force.window),
        leads: leads.unwrap_or(in_force.leads),
        ..*in_force
    };
    (suggested != *in_force).then_some(suggested)
}

/// Why a text is no window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is a whole number of hours or days, from 1 hour to 365 days")]
struct WindowFault;

fn window(values: &Values) -> Result<Window, WindowFault> {
    let number: i64 = values.get("window").parse().map_err(|_| WindowFault)?;
    let hours = match values.get("window_unit") {
        "days" => number.checked_mul(24).ok_or(WindowFault)?,
        "hours" => number,
        _ => return Err(WindowFault),
    };
    Window::from_hours(hours).map_err(|_| WindowFault)
}

/// Reads the form; its number is given by the store. `None` after a fault.
pub(super) fn read(values: &Values, faults: &mut Faults) -> Option<Ruleset> {
    let window = faults.take("window", "The attribution window", window(values));
    let mut chosen = |name: &'static str, known: bool| {
        if !known {
            faults.add(name, "Choose one of the answers given.");
        }
    };
    let model = Model::from_code(values.get("model"));
    chosen("model", model.is_some());
    let basis = RevenueBasis::from_code(values.get("basis"));
    chosen("basis", basis.is_some());
    let products = ProductMatch::from_code(values.get("products"));
    chosen("products", products.is_some());
    let leads = LeadDirect::from_code(values.get("leads"));
    chosen("leads", leads.is_some());
    let counts = CountsFrom::from_code(values.get("counts"));
    chosen("counts", counts.is_some());
    Some(Ruleset {
        version: 0,
        window: window?,
        model: model?,
        basis: basis?,
        products: products?,
        leads: leads?,
        counts: counts?,
    })
}

/// The form, holding what was typed.
#[must_use]
pub(super) fn form(values: &Values, faults: &Faults, currency: Currency) -> DraftForm {
    let units = [("hours", "hours"), ("days", "days")].map(|(code, name)| (code.to_owned(), name.to_owned()));
    let window = [
        Field::line("window", "Attribution window")
            .input(Input::Line("number"))
            .hint("How long after a visualization an order may be credited to it: 1 hour to 365 days.")
            .value(values.get("window")),
        Field::line("window_unit", "Unit")
            .input(Input::Choice(units.to_vec()))
            .value(values.get("window_unit")),
    ];
    DraftForm {
        window: window.map(|field| field.judged(faults)),
        questions: vec![
            Options::new("model", "Model", models(currency), values, faults).hint(format!(
                "Who gets the credit. The example: an order of {} after three visualizations, 6 days, 2 days and 1 hour before, with a window of 7 days.",
                format::money(example_minor(currency), currency)
            )),
            Options::new("basis", "Attributed revenue", bases(), values, faults),
            Options::new("products", "Products", ways(), values, faults),
            Options::new("leads", "Leads and appointments", lead_ways(), values, faults),
            Options::new("counts", "Statuses", statuses(), values, faults)
                .hint("Money of other orders is provisional until they reach one of these. Cancelled and refunded orders never count."),
        ],
    }
}

fn example_minor(currency: Currency) -> i64 {
    EXAMPLE_UNITS * 10_i64.pow(currency.exponent())
}

fn models(currency: Currency) -> Vec<Choice> {
    let choice = |model: Model| {
        let shares = weights(model, Window::DEFAULT, &EXAMPLE_AGES_MS);
        let money = split_largest_remainder(example_minor(currency), &shares);
        let shown: Vec<String> = money.iter().map(|minor| format::money(*minor, currency)).collect();
        let hint = format!("{} Example: {}.", rule_words::model_meaning(model), shown.join(", "));
        Choice::new(model.code(), format::capital(words::model(model)), hint)
    };
    Model::ALL.map(choice).to_vec()
}

fn bases() -> Vec<Choice> {
    let hint = |basis| match basis {
        RevenueBasis::Order => "Everything that was bought together with a visualized product.",
        RevenueBasis::MatchedLines => {
            "What else was in the basket is nobody's, and of assisted orders nothing is attributed: they have no such line."
        }
    };
    let choice =
        |basis: RevenueBasis| Choice::new(basis.code(), format::capital(words::basis(basis)), hint(basis));
    RevenueBasis::ALL.map(choice).to_vec()
}

fn ways() -> Vec<Choice> {
    let hint = |way| match way {
        ProductMatch::Group => {
            "Who visualized the sofa in green and bought it in blue bought what was visualized. The alias table under Products says what is a variant of what."
        }
        ProductMatch::Exact => "Another variant of the visualized product is another product: assisted.",
    };
    let choice =
        |way: ProductMatch| Choice::new(way.code(), format::capital(words::product_match(way)), hint(way));
    ProductMatch::ALL.map(choice).to_vec()
}

fn lead_ways() -> Vec<Choice> {
    let hint = |way| match way {
        LeadDirect::SameSession => "Other visualizations in the window make it assisted.",
        LeadDirect::SamePerson => "A lead is never assisted then.",
    };
    let choice = |way: LeadDirect| Choice::new(way.code(), format::capital(words::leads(way)), hint(way));
    LeadDirect::ALL.map(choice).to_vec()
}

fn statuses() -> Vec<Choice> {
    let hint = |choice| match choice {
        CountsFrom::Paid => "Processing and completed orders.",
        CountsFrom::Completed => "Completed orders only, for shops that ship on account.",
        CountsFrom::Placed => {
            "On-hold, processing and completed orders, for shops whose bank transfers take days."
        }
        CountsFrom::Any => "Pending orders too.",
    };
    let choice =
        |which: CountsFrom| Choice::new(which.code(), format::capital(words::counts(which)), hint(which));
    CountsFrom::ALL.map(choice).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ruleset_comes_back_from_its_own_form() {
        for model in Model::ALL {
            for window in [Window::from_hours(36).unwrap(), Window::DEFAULT] {
                let rules = Ruleset { model, window, ..Ruleset::FIRST };
                let mut faults = Faults::default();
                assert_eq!(read(&values_of(&rules), &mut faults), Some(rules.numbered(0)));
                assert!(faults.is_empty());
            }
        }
    }

    #[test]
    fn a_suggestion_changes_what_it_names_and_nonsense_nothing() {
        let first = Ruleset::FIRST;
        let suggested = |name, value| suggested(&first, &Values::from([(name, value)]));
        let window = Window::from_hours(336).unwrap();
        assert_eq!(suggested("window", "336"), Some(Ruleset { window, ..first }));
        let leads = LeadDirect::SamePerson;
        assert_eq!(suggested("leads", leads.code()), Some(Ruleset { leads, ..first }));
        for (name, value) in [("window", "0"), ("window", "168"), ("window", "x"), ("leads", "all"), ("", "")]
        {
            assert_eq!(suggested(name, value), None, "{name}={value}");
        }
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let mut faults = Faults::default();
        assert_eq!(read(&Values::from([("window", "0"), ("window_unit", "hours")]), &mut faults), None);
        for field in ["window", "model", "basis", "products", "leads", "counts"] {
            assert!(faults.of(field).is_some(), "{field}");
        }
        for (number, unit) in [("366", "days"), ("8761", "hours"), ("9223372036854775807", "days"), ("7", "")]
        {
            assert!(window(&Values::from([("window", number), ("window_unit", unit)])).is_err(), "{number}");
        }
    }

    #[test]
    fn the_worked_example_adds_up_under_every_model() {
        let euro = Currency::parse("EUR").unwrap();
        let hints: Vec<String> = models(euro).into_iter().map(|choice| choice.hint).collect();
        assert!(hints[0].ends_with("Example: €0.00, €0.00, €100.00."), "{}", hints[0]);
        assert!(hints[2].ends_with("Example: €33.34, €33.33, €33.33."), "{}", hints[2]);
        assert!(hints[3].ends_with("Example: €40.00, €20.00, €40.00."), "{}", hints[3]);
    }
}
