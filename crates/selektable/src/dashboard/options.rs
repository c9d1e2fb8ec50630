//! One of few answers, all in sight, each with its consequence in words.

use askama::Template;

use super::form::{Faults, Values};

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// Its code in the form.
    pub value: &'static str,
    /// Its name.
    pub label: String,
    /// What it means.
    pub hint: String,
}

impl Choice {
    /// An answer and what it means.
    #[must_use]
    pub(crate) fn new(value: &'static str, label: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { value, label: label.into(), hint: hint.into() }
    }
}

/// A question with its answers.
#[derive(Clone, Debug, Template)]
#[template(path = "dashboard/parts/options.html")]
pub(crate) struct Options {
    name: &'static str,
    label: &'static str,
    hint: String,
    value: String,
    error: Option<String>,
    choices: Vec<Choice>,
}

impl askama::filters::HtmlSafe for Options {}

impl Options {
    /// A question, answered as in `values` and judged by `faults`.
    #[must_use]
    pub(crate) fn new(
        name: &'static str,
        label: &'static str,
        choices: Vec<Choice>,
        values: &Values,
        faults: &Faults,
    ) -> Self {
        let error = faults.of(name).map(str::to_owned);
        Self { name, label, hint: String::new(), value: values.get(name).to_owned(), error, choices }
    }

    /// What holds for every answer.
    #[must_use]
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_given_is_marked_and_a_fault_stands_beside_the_question() {
        let mut faults = Faults::default();
        faults.add("pace", "Choose one.");
        let choices = vec![Choice::new("slow", "Slow", "<Takes> time."), Choice::new("fast", "Fast", "")];
        let values = Values::from([("pace", "fast")]);
        let html = Options::new("pace", "Pace", choices, &values, &faults).render().unwrap();
        assert!(
            html.contains("value=\"fast\" checked") && !html.contains("value=\"slow\" checked"),
            "{html}"
        );
        assert!(html.contains("aria-describedby=\"pace-slow-hint\"") && html.contains("&#60;Takes&#62;"));
        assert!(html.contains("Choose one.") && !html.contains("pace-fast-hint"), "{html}");
    }
}
