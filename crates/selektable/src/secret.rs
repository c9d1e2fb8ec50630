//! Secrets we make: API keys and random tokens. A plain secret and its hash are different types, and the plain one
//! does not print itself.

use std::fmt;

use selektable_store::account::SecretHash;
use sha2::{Digest, Sha256};

use crate::ambient;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: &str = "sel_";
const BODY_LENGTH: usize = 30;
const CHECK_LENGTH: usize = 6;

/// An API key in clear: `sel_`, 30 random base-62 digits (178 bits), 6 digits of their CRC-32 (SPEC section 13).
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey(…)")
    }
}

impl ApiKey {
    /// A new key.
    #[must_use]
    pub fn generate() -> Self {
        let body = random_base62(BODY_LENGTH);
        let check = check_digits(&body);
        Self(format!("{PREFIX}{body}{check}"))
    }

    /// Reads a key; `None` when it can't be one of ours (so that a typing error costs no look-up).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let well_formed =
            digits.len() == BODY_LENGTH + CHECK_LENGTH && digits.bytes().all(|byte| BASE62.contains(&byte));
        (well_formed && check_digits(&digits[..BODY_LENGTH]) == digits[BODY_LENGTH..])
            .then(|| Self(text.to_owned()))
    }

    /// What is stored instead of the key.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        hash_secret(&self.0)
    }

    /// The last four characters, to tell keys apart.
    #[must_use]
    pub fn hint(&self) -> String {
        self.0[self.0.len() - 4..].to_owned()
    }

    /// The key itself, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// SHA-256 of a secret's text.
#[must_use]
pub fn hash_secret(text: &str) -> SecretHash {
    SecretHash(Sha256::digest(text.as_bytes()).into())
}

/// Random base-62 text; 22 digits are 131 bits.
#[must_use]
pub fn random_base62(length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // 248 is the largest multiple of 62 in a byte: larger bytes are dropped so that no digit is likelier.
        let fair = ambient::random_bytes::<64>().into_iter().filter(|byte| *byte < 248);
        text.extend(fair.map(|byte| char::from(BASE62[usize::from(byte % 62)])).take(length - text.len()));
    }
    text
}

fn check_digits(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; CHECK_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_and_a_changed_one_is_not() {
        let key = ApiKey::generate();
        assert_eq!(key.reveal().len(), 40);
        assert_eq!(ApiKey::parse(key.reveal()), Some(key.clone()));
        let swapped = if key.reveal().ends_with('a') { 'b' } else { 'a' };
        let changed = format!("{}{swapped}", &key.reveal()[..39]);
        assert_eq!(ApiKey::parse(&changed), None);
        for other in ["", "sel_", "sel_your_api_key", &key.reveal()[1..]] {
            assert_eq!(ApiKey::parse(other), None);
        }
        assert!(!format!("{key:?}").contains(key.reveal()));
    }
}
