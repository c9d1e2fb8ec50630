//! A store's secret for signed webhooks. There is no empty one: against an empty key anybody can sign.

use std::fmt;

/// Longest secret, in bytes.
pub const SECRET_BYTES_MAX: usize = 255;
/// Most secrets of one store at a time: enough to change one while the old one still signs.
pub const SECRETS_MAX: usize = 5;

/// Why a text can't be a webhook's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretFault {
    /// Nothing, or only white space.
    #[error("is empty: against an empty secret anybody can sign")]
    Empty,
    /// More than [`SECRET_BYTES_MAX`] bytes.
    #[error("is longer than 255 bytes")]
    TooLong,
    /// A control character or a line break inside.
    #[error("contains a control character: copy it once more, without a line break")]
    ControlCharacter,
    /// A `WooCommerce` API key.
    #[error(
        "is a WooCommerce API key (`ck_…` or `cs_…`), which signs nothing: copy the Secret field of the webhook itself"
    )]
    ConsumerKey,
    /// A Shopify access token.
    #[error(
        "is a Shopify access token (`shpat_…`), which signs nothing: copy the key below the list of webhooks"
    )]
    AccessToken,
}

impl SecretFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty_secret",
            Self::TooLong => "too_long",
            Self::ControlCharacter => "control_character",
            Self::ConsumerKey => "consumer_key",
            Self::AccessToken => "access_token",
        }
    }
}

/// A webhook's secret: 1 to [`SECRET_BYTES_MAX`] bytes, no control characters, no white space around it. Its text never
/// reaches a log.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Box<str>);

impl WebhookSecret {
    /// Takes a pasted secret, without white space around it.
    pub fn parse(text: &str) -> Result<Self, SecretFault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SecretFault::Empty);
        }
        if text.len() > SECRET_BYTES_MAX {
            return Err(SecretFault::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(SecretFault::ControlCharacter);
        }
        if text.starts_with("ck_") || text.starts_with("cs_") {
            return Err(SecretFault::ConsumerKey);
        }
        if ["shpat_", "shpca_", "shppa_"].iter().any(|prefix| text.starts_with(prefix)) {
            return Err(SecretFault::AccessToken);
        }
        Ok(Self(text.into()))
    }

    /// The secret itself, to sign with it or to show it to its owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its last four characters, to tell secrets apart.
    #[must_use]
    pub fn hint(&self) -> String {
        let characters: Vec<char> = self.0.chars().collect();
        characters[characters.len().saturating_sub(4)..].iter().collect()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", SecretFault::Empty)]
    #[case(" \n", SecretFault::Empty)]
    #[case("a\u{7}b", SecretFault::ControlCharacter)]
    #[case("cs_0123", SecretFault::ConsumerKey)]
    #[case("ck_0123", SecretFault::ConsumerKey)]
    #[case("shpat_0123", SecretFault::AccessToken)]
    fn what_can_sign_nothing_is_no_secret(#[case] text: &str, #[case] fault: SecretFault) {
        assert_eq!(WebhookSecret::parse(text), Err(fault));
    }

    #[test]
    fn a_secret_is_taken_without_the_white_space_that_pasting_adds_and_never_prints_itself() {
        let secret = WebhookSecret::parse(" s3cr<&>et\n").unwrap();
        assert_eq!((secret.reveal(), secret.hint().as_str()), ("s3cr<&>et", "&>et"));
        assert!(!format!("{secret:?}").contains("s3"));
        assert_eq!(WebhookSecret::parse(&"x".repeat(256)), Err(SecretFault::TooLong));
    }
}
