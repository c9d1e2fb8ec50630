//! Whether a delivery is the shop's own: base64 of HMAC-SHA256 over the raw body, with the store's secret as UTF-8
//! bytes, as both platforms sign (RFC 2104; the platforms' documentation). Compared in constant time, before anything
//! of the body is read. The header must be standard base64 of exactly 32 bytes, white space around it apart.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::secret::WebhookSecret;

/// Why a delivery is not trusted. The sender is told the same in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SignatureFault {
    /// No signature.
    #[error("the delivery carries no signature")]
    Missing,
    /// Not base64 of 32 bytes.
    #[error("the signature is not base64 of 32 bytes")]
    Malformed,
    /// No secret of the store gives it.
    #[error(
        "no secret of this store gives this signature: it is of another webhook, app or store, or the body was changed on its way"
    )]
    Wrong,
    /// It was made with an empty secret.
    #[error("the webhook signs with an empty secret: type the secret into its Secret field and save it")]
    EmptySecret,
    /// The bytes that arrived are not those that were signed.
    #[error(
        "something between the platform and this server parses the body and writes it anew: let the bytes pass as they are"
    )]
    BodyRewritten,
    /// The store has no secret.
    #[error("no webhook secret is set for this store yet")]
    NoSecret,
}

impl SignatureFault {
    /// Every fault.
    pub const ALL: [Self; 6] =
        [Self::Missing, Self::Malformed, Self::Wrong, Self::EmptySecret, Self::BodyRewritten, Self::NoSecret];

    /// The name in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "signature_missing",
            Self::Malformed => "signature_malformed",
            Self::Wrong => "signature_wrong",
            Self::EmptySecret => "signature_of_empty_secret",
            Self::BodyRewritten => "signature_of_other_bytes",
            Self::NoSecret => "no_webhook_secret",
        }
    }

    /// Reads [`SignatureFault::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.code() == code)
    }
}

/// The place of the secret that signed the body, or why none did, in terms of what its owner can mend.
pub fn verify(header: Option<&str>, body: &[u8], secrets: &[WebhookSecret]) -> Result<usize, SignatureFault> {
    check(header, body, secrets).map_err(|fault| explain(fault, header, body, secrets))
}

/// Like [`verify`], without looking for what a wrong signature may be of: that costs several times as much, and is
/// worth it only where somebody gets to read it ([`explain`]).
pub fn check(header: Option<&str>, body: &[u8], secrets: &[WebhookSecret]) -> Result<usize, SignatureFault> {
    let signature = decode(header.ok_or(SignatureFault::Missing)?)?;
    if secrets.is_empty() {
        return Err(SignatureFault::NoSecret);
    }
    // Every secret is tried, so that the time taken does not tell which one fits.
    let mut found = None;
    for (place, secret) in secrets.iter().enumerate() {
        if is_signed(&signature, body, secret.reveal().as_bytes()) {
            found = found.or(Some(place));
        }
    }
    found.ok_or(SignatureFault::Wrong)
}

/// What a fault that [`check`] found comes from, as far as that can be seen.
#[must_use]
pub fn explain(
    fault: SignatureFault,
    header: Option<&str>,
    body: &[u8],
    secrets: &[WebhookSecret],
) -> SignatureFault {
    match (fault, header.map(decode)) {
        (SignatureFault::Wrong, Some(Ok(signature))) => diagnose(&signature, body, secrets),
        _ => fault,
    }
}

fn decode(header: &str) -> Result<[u8; 32], SignatureFault> {
    let bytes = STANDARD.decode(header.trim()).map_err(|_| SignatureFault::Malformed)?;
    bytes.try_into().map_err(|_| SignatureFault::Malformed)
}

/// The signature of a body, as the platforms write it.
#[must_use]
pub fn sign(body: &[u8], secret: &WebhookSecret) -> String {
    mac(body, secret.reveal().as_bytes())
        .map(|mac| STANDARD.encode(mac.finalize().into_bytes()))
        .unwrap_or_default()
}

fn is_signed(signature: &[u8; 32], body: &[u8], key: &[u8]) -> bool {
    mac(body, key).is_some_and(|mac| mac.verify_slice(signature).is_ok())
}

/// A key of any length can be used, so there always is one.
fn mac(body: &[u8], key: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(body);
    Some(mac)
}

/// What would have given this signature: only to tell the store's owner what to mend. Nothing is trusted for it.
fn diagnose(signature: &[u8; 32], body: &[u8], secrets: &[WebhookSecret]) -> SignatureFault {
    if is_signed(signature, body, b"") {
        return SignatureFault::EmptySecret;
    }
    let by_any =
        |bytes: &[u8]| secrets.iter().any(|secret| is_signed(signature, bytes, secret.reveal().as_bytes()));
    if rewritings(body).iter().any(|bytes| by_any(bytes)) {
        return SignatureFault::BodyRewritten;
    }
    SignatureFault::Wrong
}

/// What the platform may have signed, if what arrived was parsed and written anew: PHP escapes slashes and what is not
/// ASCII, Shopify escapes `&`, `<` and `>`; most others write neither.
fn rewritings(body: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(body.trim_ascii()) else { return Vec::new() };
    let php = escape(&text.replace('/', "\\/"), |character| !character.is_ascii());
    let ruby = escape(text, |character| matches!(character, '&' | '<' | '>' | '\u{2028}' | '\u{2029}'));
    let plain = text.replace("\\/", "/");
    let forms = [text.to_owned(), php, ruby, plain];
    forms.into_iter().map(String::into_bytes).filter(|form| form != body).collect()
}

fn escape(text: &str, wanted: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if wanted(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a string never fails.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> WebhookSecret {
        WebhookSecret::parse(text).unwrap()
    }

    #[test]
    fn any_of_the_stores_secrets_opens_and_no_other_does() {
        let (old, new) = (secret("old"), secret("new"));
        let header = sign(b"{}", &old);
        assert_eq!(verify(Some(&header), b"{}", &[new.clone(), old.clone()]), Ok(1));
        assert_eq!(verify(Some(&format!(" {header}\n")), b"{}", std::slice::from_ref(&old)), Ok(0));
        assert_eq!(verify(Some(&header), b"{}", &[new]), Err(SignatureFault::Wrong));
        assert_eq!(
            verify(Some(&header), b"{} ", std::slice::from_ref(&old)),
            Err(SignatureFault::BodyRewritten)
        );
        assert_eq!(verify(Some(&header), b"{}", &[]), Err(SignatureFault::NoSecret));
        assert_eq!(verify(None, b"{}", &[old]), Err(SignatureFault::Missing));
    }

    #[test]
    fn a_refusal_says_to_its_owner_what_to_mend() {
        let secrets = [secret("s")];
        let signed = r#"{"url":"https:\/\/shop.example","name":"\u00e9 \ud83d\ude00"}"#;
        let arrived = r#"{"url":"https://shop.example","name":"é 😀"}"#;
        let header = sign(signed.as_bytes(), &secrets[0]);
        assert_eq!(verify(Some(&header), arrived.as_bytes(), &secrets), Err(SignatureFault::BodyRewritten));
        let empty = STANDARD.encode(mac(b"[]", b"").unwrap().finalize().into_bytes());
        assert_eq!(verify(Some(&empty), b"[]", &secrets), Err(SignatureFault::EmptySecret));
        for malformed in ["", "wronghash", "YmxhaGJsYWgK", "é"] {
            assert_eq!(
                verify(Some(malformed), b"[]", &secrets),
                Err(SignatureFault::Malformed),
                "{malformed}"
            );
        }
    }
}
