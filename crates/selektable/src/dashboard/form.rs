//! Forms: what was typed, what is wrong with it, and the fields that show both again.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Form, FromRequest, FromRequestParts, Query, Request};
use http::request::Parts;

use super::error::PageError;
use crate::app::App;

/// Most bytes of one form's body.
pub(crate) const FORM_BYTES_MAX: usize = 64 * 1024;

/// The pairs of a sent form or of an address's query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values(HashMap<String, String>);

impl Values {
    /// What was given under a name, without white space around it; empty when nothing was.
    #[must_use]
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }

    /// Exactly what was given; for passwords, where a space is a character.
    #[must_use]
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Whether a box was ticked.
    #[must_use]
    pub(crate) fn ticked(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Values {
    fn from(pairs: [(&str, &str); N]) -> Self {
        pairs.into_iter().collect()
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Values {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// A sent form.
#[derive(Debug)]
pub(crate) struct Posted(pub Values);

impl FromRequest<App> for Posted {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let form = Form::<HashMap<String, String>>::from_request(request, app).await;
        form.map(|Form(pairs)| Self(Values(pairs))).map_err(|_| PageError::BadForm)
    }
}

/// The query of an address. A query that can't be read counts as none: an address is never an error page.
#[derive(Debug)]
pub(crate) struct Asked(pub Values);

impl FromRequestParts<App> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let query = Query::<HashMap<String, String>>::from_request_parts(parts, app).await;
        Ok(Self(query.map(|Query(pairs)| Values(pairs)).unwrap_or_default()))
    }
}

/// What a field is typed into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// One line; the value of `type`.
    Line(&'static str),
    /// Several lines.
    Lines,
    /// One line with suggestions.
    Suggested(Vec<String>),
    /// One of several: value and label.
    Choice(Vec<(String, String)>),
    /// A box.
    Tick,
}

/// One field as it is shown.
#[derive(Clone, Debug, Template)]
#[template(path = "dashboard/parts/field.html")]
pub(crate) struct Field {
    /// Its name in the form.
    pub name: &'static str,
    /// What it asks for.
    pub label: &'static str,
    /// How to answer.
    pub hint: String,
    /// What is in it.
    pub value: String,
    /// What is wrong with that.
    pub error: Option<String>,
    /// What it is typed into.
    pub input: Input,
    /// What a password manager or an address book may fill in.
    pub autocomplete: &'static str,
}

impl askama::filters::HtmlSafe for Field {}

impl Field {
    /// An empty one-line field.
    #[must_use]
    pub(crate) fn line(name: &'static str, label: &'static str) -> Self {
        Self {
            name,
            label,
            hint: String::new(),
            value: String::new(),
            error: None,
            input: Input::Line("text"),
            autocomplete: "off",
        }
    }

    /// Typed into something else.
    #[must_use]
    pub(crate) fn input(self, input: Input) -> Self {
        Self { input, ..self }
    }

    /// How to answer.
    #[must_use]
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// What is in it.
    #[must_use]
    pub(crate) fn value(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    /// A hint for password managers.
    #[must_use]
    pub(crate) fn autocomplete(self, autocomplete: &'static str) -> Self {
        Self { autocomplete, ..self }
    }

    /// What is wrong with it, if it is among the faults.
    #[must_use]
    pub(crate) fn judged(self, faults: &Faults) -> Self {
        Self { error: faults.of(self.name).map(str::to_owned), ..self }
    }

    fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        [hint, error].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Everything that is wrong with a form: the field and a sentence each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(path = "dashboard/parts/faults.html")]
pub(crate) struct Faults(Vec<(&'static str, String)>);

impl askama::filters::HtmlSafe for Faults {}

impl Faults {
    /// Notes a fault.
    pub(crate) fn add(&mut self, field: &'static str, sentence: impl Into<String>) {
        self.0.push((field, sentence.into()));
    }

    /// Takes a result's value, or notes its fault as "`label` fault".
    pub(crate) fn take<T, E: std::fmt::Display>(
        &mut self,
        field: &'static str,
        label: &str,
        result: Result<T, E>,
    ) -> Option<T> {
        result.map_err(|fault| self.add(field, format!("{label} {fault}."))).ok()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with a field.
    #[must_use]
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, sentence)| sentence.as_str())
    }
}

/// Longest name of anything, in characters.
const NAME_CHARS_MAX: usize = 100;

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("needs 1 to 100 characters, none of them a control character")]
pub(crate) struct NameFault;

/// A name of an organization, store, widget or key.
pub(crate) fn name(text: &str) -> Result<String, NameFault> {
    let fits = (1..=NAME_CHARS_MAX).contains(&text.chars().count());
    if fits && !text.chars().any(char::is_control) { Ok(text.to_owned()) } else { Err(NameFault) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_keeps_what_was_typed_and_names_its_fault() {
        let mut faults = Faults::default();
        assert_eq!(faults.take("name", "The name", name("")), None);
        let field = Field::line("name", "Name").value("<b>").hint("Any.").judged(&faults);
        let html = field.render().unwrap();
        assert!(html.contains("value=\"&#60;b&#62;\""), "{html}");
        assert!(html.contains("aria-invalid=\"true\"") && html.contains("for=\"name\""), "{html}");
        assert!(html.contains("aria-describedby=\"name-hint name-error\""), "{html}");
        assert!(faults.render().unwrap().contains("href=\"#name\""));
    }

    #[test]
    fn names_have_limits() {
        assert!(name(&"é".repeat(100)).is_ok());
        assert_eq!(name(&"é".repeat(101)), Err(NameFault));
        assert_eq!(name("a\u{0}b"), Err(NameFault));
    }
}
