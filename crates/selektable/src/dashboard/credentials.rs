//! Passwords at the door: bounded, checked off the request threads, the same time for known and unknown logins.

use std::sync::LazyLock;

use selektable_store::account::Member;
use tokio::sync::Semaphore;

use super::error::PageError;
use crate::{password, secret};

/// Shortest password, in characters.
pub(crate) const PASSWORD_CHARS_MIN: usize = 10;
/// Longest password, in bytes; hashing more would only cost time.
pub(crate) const PASSWORD_BYTES_MAX: usize = 1_024;

/// One check takes about 19 MiB and 50 ms of a core: more than two at once would starve ingest.
static CHECKS: Semaphore = Semaphore::const_new(2);

/// Compared against when the login is unknown, so that the answer takes as long as for a wrong password.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| password::hash(&secret::random_base62(22)).ok());

/// Why a text is no password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("needs 10 characters or more")]
pub(crate) struct PasswordFault;

/// Whether a new password is long enough. Length is all that is asked for: rules about kinds of characters make
/// passwords no harder to guess.
pub(crate) fn judge(text: &str) -> Result<(), PasswordFault> {
    let fits = text.chars().count() >= PASSWORD_CHARS_MIN && text.len() <= PASSWORD_BYTES_MAX;
    if fits { Ok(()) } else { Err(PasswordFault) }
}

/// Why a text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an e-mail address, such as you@shop.example")]
pub(crate) struct EmailFault;

/// An e-mail address as a login: something, an at sign, something; the rest is the mail server's to judge.
pub(crate) fn email(text: &str) -> Result<String, EmailFault> {
    let split = text.split_once('@').filter(|(local, host)| !local.is_empty() && !host.is_empty());
    let fits = text.len() <= 254 && !text.chars().any(|letter| letter.is_control() || letter.is_whitespace());
    if split.is_some() && fits { Ok(text.to_owned()) } else { Err(EmailFault) }
}

/// Hashes a password for keeping.
pub(crate) async fn hash(text: &str) -> Result<String, PageError> {
    let text = text.to_owned();
    blocking(move || password::hash(&text)).await?.map_err(|fault| PageError::Internal(fault.to_string()))
}

/// Whether the password is this member's; for nobody the same work is done, and the answer is no.
pub(crate) async fn verify(member: Option<&Member>, text: &str) -> Result<bool, PageError> {
    if text.len() > PASSWORD_BYTES_MAX {
        return Ok(false);
    }
    let known = member.map(|member| member.password_hash.clone());
    let text = text.to_owned();
    blocking(move || match known {
        Some(hash) => password::verify(&text, &hash),
        None => {
            let _ = NOBODY.as_ref().map(|hash| password::verify(&text, hash));
            false
        }
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, PageError> {
    let internal = |fault: String| PageError::Internal(format!("a password could not be checked: {fault}"));
    let _permit = CHECKS.acquire().await.map_err(|closed| internal(closed.to_string()))?;
    tokio::task::spawn_blocking(work).await.map_err(|fault| internal(fault.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_judged_by_length_alone() {
        assert!(judge("correct horse").is_ok() && judge("éééééééééé").is_ok());
        assert!(judge("short").is_err() && judge(&"x".repeat(1_025)).is_err());
    }

    #[test]
    fn an_email_needs_two_sides_and_no_spaces() {
        assert!(email("a@b").is_ok());
        for refused in ["", "a", "@b", "a@", "a b@c", "a@b\u{0}"] {
            assert!(email(refused).is_err(), "{refused}");
        }
    }

    #[tokio::test]
    async fn a_wrong_password_and_an_unknown_login_are_both_no() {
        let hash = hash("correct horse").await.unwrap();
        let id = crate::ambient::new_id();
        let member = Member { id, email: "a@b".into(), password_hash: hash };
        assert!(verify(Some(&member), "correct horse").await.unwrap());
        assert!(!verify(Some(&member), "wrong horse").await.unwrap());
        assert!(!verify(None, "correct horse").await.unwrap());
    }
}
