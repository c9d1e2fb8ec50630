//! Whether a delivery is what it says: signed with a secret of the store, and of that store's shop.

use std::sync::LazyLock;

use bytes::Bytes;
use selektable_domain::platform::secret::WebhookSecret;
use selektable_domain::platform::signature::{self, SignatureFault};
use selektable_store::StoreResult;

use super::Sender;
use super::candidates::Candidate;
use super::claims::Claims;
use crate::app::App;
use crate::secret::random_base62;

/// From this size on a body is hashed beside the other requests, not among them.
const LARGE_BYTES: usize = 64 * 1024;

/// A secret that nobody has: hashed against when there is no other, so that time does not tell which stores are here.
static NOBODYS: LazyLock<Vec<WebhookSecret>> =
    LazyLock::new(|| WebhookSecret::parse(&random_base62(40)).into_iter().collect());

/// A delivery whose signature was found good.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    /// The store it was signed for.
    pub(super) candidate: Candidate,
    /// The number of the secret that signed it.
    pub(super) number: u32,
    /// The secret.
    secret: WebhookSecret,
}

/// The first of the candidates whose secret signed the body. Every candidate is tried, for the same time whoever it is.
pub(super) async fn signed(candidates: Vec<Candidate>, claims: &Claims, body: &Bytes) -> Option<Signed> {
    let (header, signed) = (claims.signature.clone(), body.clone());
    beside(body.len(), move || {
        let header = header.as_deref();
        let mut found = None;
        if candidates.iter().all(|candidate| candidate.store.secrets.is_empty()) {
            // Never good: the secret was made for this and is known to nobody.
            std::hint::black_box(signature::check(header, &signed, &NOBODYS)).ok();
        }
        for candidate in candidates {
            let secrets = secrets_of(&candidate);
            if let Ok(place) = signature::check(header, &signed, &secrets)
                && found.is_none()
            {
                let number = candidate.store.secrets.get(place).map(|(number, _)| *number);
                found = number.zip(secrets.get(place).cloned()).map(|(number, secret)| Signed {
                    candidate,
                    number,
                    secret,
                });
            }
        }
        found
    })
    .await
    .flatten()
}

/// What is wrong with a signature, for the store's owner to read.
pub(super) async fn explain(candidate: &Candidate, claims: &Claims, body: &Bytes) -> Option<SignatureFault> {
    let (header, secrets, sent) = (claims.signature.clone(), secrets_of(candidate), body.clone());
    beside(body.len(), move || signature::verify(header.as_deref(), &sent, &secrets).err()).await.flatten()
}

fn secrets_of(candidate: &Candidate) -> Vec<WebhookSecret> {
    candidate.store.secrets.iter().map(|(_, secret)| secret.clone()).collect()
}

/// Runs what takes long for large bodies on a thread of its own.
pub(super) async fn beside<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    if bytes < LARGE_BYTES {
        return Some(work());
    }
    tokio::task::spawn_blocking(work).await.ok()
}

/// Whether a delivery, well signed, is of another shop: a host that stands in it belongs to another store here and not
/// to this one. Secrets of apps are shared by all their shops, and no header is signed, so anybody who has one shop's
/// body could send it in the name of the other.
///
/// Another store counts when it is of the same organization or has the same secret. A stranger's, which may claim any
/// host, must not be able to stop deliveries.
pub(super) async fn is_of_another_shop(
    app: &App,
    sender: Sender,
    signed: &Signed,
    hosts: impl Iterator<Item = &String>,
) -> StoreResult<bool> {
    let Candidate { tenant, store } = &signed.candidate;
    let own = store.settings.hosts();
    for host in hosts.filter(|host| !own.contains(host)) {
        let others = app.store.stores_of_host(sender.platform(), Some(host)).await?;
        let concerns = others.iter().any(|(other, record)| {
            other.store != tenant.store
                && (other.organization == tenant.organization
                    || record.secrets.iter().any(|(_, secret)| *secret == signed.secret))
        });
        if concerns && !others.iter().any(|(other, _)| other.store == tenant.store) {
            return Ok(true);
        }
    }
    Ok(false)
}
