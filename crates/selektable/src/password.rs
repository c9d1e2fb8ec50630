//! Passwords of dashboard members: argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane).
//!
//! Everything here takes tens of milliseconds of a processor: call it from `tokio::task::spawn_blocking`. One hash
//! is made at a time, so that a storm of logins takes 19 MiB and not 19 MiB each.

use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::ambient;
use crate::secret::random_base62;

/// Fewest characters of a password (NIST SP 800-63B).
pub const CHARACTERS_MIN: usize = 8;
/// Most bytes of a password: what is longer is no password, and hashing it costs.
pub const BYTES_MAX: usize = 1_024;
/// 20 base-62 digits are 119 bits.
const GENERATED_LENGTH: usize = 20;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const DUMMY_SALT: [u8; 16] = *b"for-nobody-known";

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Why a password can't be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// See [`CHARACTERS_MIN`].
    #[error("a password has at least 8 characters")]
    TooShort,
    /// See [`BYTES_MAX`].
    #[error("a password has at most 1,024 bytes")]
    TooLong,
}

/// A hash could not be made; this does not happen with parameters that are right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashFault(String);

/// Judges a password that is to be set.
pub fn check(password: &str) -> Result<(), PasswordFault> {
    if password.len() > BYTES_MAX {
        return Err(PasswordFault::TooLong);
    }
    if password.chars().count() < CHARACTERS_MIN { Err(PasswordFault::TooShort) } else { Ok(()) }
}

/// A password for somebody who gave none.
#[must_use]
pub fn generate() -> String {
    random_base62(GENERATED_LENGTH)
}

/// Hashes a password with a new salt, in PHC text form.
pub fn hash(password: &str) -> Result<String, HashFault> {
    hash_with(password, &ambient::random_bytes::<16>())
}

/// Whether a password is the one of a hash. A hash that can't be read fits no password.
#[must_use]
pub fn verify(password: &str, hash: &str) -> bool {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    password.len() <= BYTES_MAX
        && PasswordHash::new(hash).is_ok_and(|hash| {
            // The parameters are those of the hash, so that old ones stay readable when ours are raised.
            Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
        })
}

/// Takes as long as [`verify`]: for a login whose e-mail is unknown, so that time does not tell.
pub fn verify_dummy(password: &str) {
    if password.len() <= BYTES_MAX {
        std::hint::black_box(hash_with(password, &DUMMY_SALT)).ok();
    }
}

fn hash_with(password: &str, salt: &[u8]) -> Result<String, HashFault> {
    let fault = |error: &dyn std::fmt::Display| HashFault(error.to_string());
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| fault(&error))?;
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(password.as_bytes(), salt)
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|error| fault(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let made = hash("correct horse").unwrap();
        assert!(made.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{made}");
        assert!(verify("correct horse", &made));
        assert!(
            !verify("correct horsf", &made) && !verify("", &made) && !verify("correct horse", "nonsense")
        );
        assert_ne!(hash("correct horse").unwrap(), made, "every hash has its own salt");
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert_eq!(check("1234567"), Err(PasswordFault::TooShort));
        assert_eq!(check(&"x".repeat(1_025)), Err(PasswordFault::TooLong));
        assert!(check("12345678").is_ok() && check(&generate()).is_ok());
        assert_eq!(check("äöüäöü"), Err(PasswordFault::TooShort), "characters count, not bytes");
    }
}
