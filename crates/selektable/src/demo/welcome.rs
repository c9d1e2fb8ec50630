//! What the demo says when it is ready.

use std::fmt::Write;
use std::path::Path;

use super::account::{EMAIL, PASSWORD};

/// Facts for the text.
pub(super) struct Welcome<'a> {
    pub(super) shop: &'a str,
    pub(super) dashboard: &'a str,
    pub(super) data: &'a Path,
    /// Whether other machines reach it too.
    pub(super) open_to_others: bool,
}

impl Welcome<'_> {
    /// The text, with the addresses first and five lines of what to do.
    pub(super) fn text(&self) -> String {
        let Self { shop, dashboard, data, open_to_others } = self;
        let mut text = format!(
            "\nThe Selektable demo is ready.\n\n  \
             Shop       {shop}\n  \
             Dashboard  {dashboard}\n  \
             Login      {EMAIL}   password: {PASSWORD}\n  \
             Data       {}   (kept between runs; --reset makes it new)\n\n",
            data.display()
        );
        text.push_str(
            "What to do next:\n  \
             1. Open the shop, choose a product, press \"View in your room\". The page offers a photo of a room.\n  \
             2. Put the product in its place, then buy it: the form is filled in, nothing is charged.\n  \
             3. On the thank-you page press \"See it in the dashboard\" and log in.\n  \
             4. The order is direct, with its time and its money. The three weeks before it are made up.\n  \
             5. Your own shop: README.md, \"Five minutes on your own site\". Ctrl+C stops the demo.\n",
        );
        if *open_to_others {
            let _ = writeln!(text, "\nOther machines can reach this demo, and its password is no secret.");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_and_the_login_stand_before_five_lines_of_what_to_do() {
        let welcome = Welcome {
            shop: "http://127.0.0.1:8081",
            dashboard: "http://127.0.0.1:8080",
            data: Path::new("./data/demo"),
            open_to_others: false,
        };
        let text = welcome.text();
        let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is missing"));
        assert!(place("http://127.0.0.1:8081") < place("http://127.0.0.1:8080"));
        assert!(place(EMAIL) < place(PASSWORD) && place(PASSWORD) < place("What to do next"));
        assert_eq!(
            text.lines()
                .filter(|line| line.trim_start().starts_with(|first: char| first.is_ascii_digit()))
                .count(),
            5
        );
        assert!(!text.contains("no secret"));
        assert!(Welcome { open_to_others: true, ..welcome }.text().contains("no secret"));
    }
}
