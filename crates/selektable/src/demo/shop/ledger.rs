//! The orders placed since the shop was started, with what Selektable answered. Bounded; the oldest go.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use super::webhook::Delivered;

const ORDERS_KEPT_MAX: usize = 500;

/// One order or appointment of the shop.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// Its number.
    pub(super) order_id: String,
    /// Whether it is an appointment.
    pub(super) lead: bool,
    /// What was sent, as indented JSON.
    pub(super) request: String,
    /// What came back, or why nothing did.
    pub(super) delivered: Delivered,
}

/// The parts of Selektable's answer that the shop shows. A shop needs none of them but `success`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    success: bool,
    attribution: Option<Attribution>,
    detail: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attribution {
    r#type: String,
    reason: String,
    time_to_conversion_seconds: Option<u64>,
    attributed_cents: Option<i64>,
}

impl Placed {
    fn parsed(&self) -> Option<Answer> {
        self.delivered.as_ref().ok().and_then(|answer| serde_json::from_str(&answer.body).ok())
    }

    /// First words of the page.
    pub(super) fn headline(&self) -> &'static str {
        if self.lead { "Your appointment is noted:" } else { "Your order is placed:" }
    }

    /// Whether the conversion is in the dashboard.
    pub(super) fn was_taken(&self) -> bool {
        self.parsed().is_some_and(|answer| answer.success)
    }

    /// A colour for the answer.
    pub(super) fn tone(&self) -> &'static str {
        match self.parsed() {
            Some(Answer { success: true, attribution: Some(attribution), .. })
                if attribution.r#type != "none" =>
            {
                "good"
            }
            Some(Answer { success: true, .. }) => "plain",
            _ => "bad",
        }
    }

    /// The answer in a sentence.
    pub(super) fn summary(&self) -> String {
        let answer = match &self.delivered {
            Err(fault) => {
                return format!("Nothing: {fault} The order stands; only Selektable does not know of it.");
            }
            Ok(_) => self.parsed(),
        };
        match answer {
            Some(Answer { success: true, attribution: Some(attribution), .. }) => {
                attribution.sentence(self.lead)
            }
            Some(Answer { success: true, attribution: None, .. }) => "It was taken.".to_owned(),
            Some(Answer { detail: Some(detail), .. }) => format!("It was refused. {detail}"),
            Some(_) | None => "It was refused, in words this shop does not know.".to_owned(),
        }
    }

    /// Status line of the answer.
    pub(super) fn status_line(&self) -> String {
        self.delivered.as_ref().map_or_else(|_| "no answer".to_owned(), |answer| answer.status.to_string())
    }

    /// Body of the answer, indented where it is JSON.
    pub(super) fn answer(&self) -> String {
        let Ok(answer) = &self.delivered else { return String::new() };
        serde_json::from_str::<serde_json::Value>(&answer.body)
            .and_then(|value| serde_json::to_string_pretty(&value))
            .unwrap_or_else(|_| answer.body.clone())
    }
}

impl Attribution {
    fn sentence(&self, lead: bool) -> String {
        let before = self
            .time_to_conversion_seconds
            .map_or_else(String::new, |seconds| format!(", {} before", words(seconds)));
        let money = match self.attributed_cents {
            Some(cents) if !lead => format!("; {} is attributed to it", euros(cents)),
            _ => String::new(),
        };
        match self.r#type.as_str() {
            "direct" if lead => format!("Direct: a picture was made in the same visit{before}."),
            "direct" => format!("Direct: a picture was made of this product{before}{money}."),
            "assisted" => format!("Assisted: a picture was made of something else{before}{money}."),
            _ => format!("Taken, and credited to no picture: {}.", self.why()),
        }
    }
}

impl Attribution {
    /// The reason in words; in its code where this shop does not know it.
    fn why(&self) -> &str {
        match self.reason.as_str() {
            "never_visualized" => "this visitor has not made one",
            "visitor_never_seen" => "this visitor was never seen on a page",
            "out_of_window" => "the last one is too old",
            "only_after_order" => "the first one came after the order",
            code => code,
        }
    }
}

/// Euro cents as a price: 124900 is €1,249.00.
pub(super) fn euros(cents: i64) -> String {
    let (whole, rest) = (cents / 100, (cents % 100).abs());
    let digits = whole.abs().to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{}€{grouped}.{rest:02}", if cents < 0 { "-" } else { "" })
}

fn words(seconds: u64) -> String {
    match seconds {
        0 => "less than a second".to_owned(),
        1..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Ledger(Mutex<VecDeque<Placed>>);

impl Ledger {
    /// Keeps an order.
    pub(super) fn keep(&self, placed: Placed) {
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if orders.len() == ORDERS_KEPT_MAX {
            orders.pop_front();
        }
        orders.push_back(placed);
    }

    /// An order by number.
    pub(super) fn find(&self, order_id: &str) -> Option<Placed> {
        let orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        orders.iter().find(|placed| placed.order_id == order_id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_have_their_thousands_grouped_and_two_decimals() {
        assert_eq!(
            [euros(0), euros(5), euros(5_900), euros(124_900), euros(123_456_789)],
            ["€0.00", "€0.05", "€59.00", "€1,249.00", "€1,234,567.89"]
        );
    }

    #[test]
    fn the_answer_is_told_in_a_sentence_also_when_there_is_none() {
        let told = |delivered: Delivered| {
            let placed = Placed { order_id: "1".into(), lead: false, request: String::new(), delivered };
            (placed.tone(), placed.was_taken(), placed.summary())
        };
        let answered = |body: &str| {
            Ok(crate::demo::shop::webhook::Answered { status: http::StatusCode::OK, body: body.into() })
        };
        let direct = r#"{"success":true,"attribution":{"type":"direct","reason":"product_visualized","timeToConversionSeconds":134,"attributedCents":124900}}"#;
        assert_eq!(
            told(answered(direct)),
            ("good", true, "Direct: a picture was made of this product, 2 min 14 s before; €1,249.00 is attributed to it.".to_owned())
        );
        let refused = told(answered(r#"{"success":false,"detail":"/visitorId: is empty"}"#));
        assert_eq!(refused, ("bad", false, "It was refused. /visitorId: is empty".to_owned()));
        assert!(!told(Err("nobody listens.".to_owned())).1);
        assert_eq!(told(answered("<html>")).0, "bad");
    }
}
