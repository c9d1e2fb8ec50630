//! Passwords at the door: bounded, checked off the request threads, the same time for known and unknown logins.

use selektable_store::account::Member;
use tokio::sync::Semaphore;

use super::error::PageError;
use crate::password;

/// One check takes about 50 ms of a core, and the module makes one at a time: waiting here keeps the threads for
/// blocking work free, which the storage needs.
static CHECKS: Semaphore = Semaphore::const_new(1);

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
    let known = member.map(|member| member.password_hash.clone());
    let text = text.to_owned();
    blocking(move || {
        if let Some(hash) = known {
            password::verify(&text, &hash)
        } else {
            password::verify_dummy(&text);
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
