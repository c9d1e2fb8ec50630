//! The one place where the clock and randomness are read; everything else is handed what it needs.

use rand::Rng;
use selektable_domain::id::Id;
use selektable_domain::pseudonym::PseudonymSeed;
use selektable_domain::time::Timestamp;
use uuid::Uuid;

/// Now, in milliseconds.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}

/// A new id that sorts after those made before it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub fn new_id<K>() -> Id<K> {
    Id::from_uuid(Uuid::now_v7())
}

/// Random bytes from the operating system's generator (through the thread's reseeding CSPRNG).
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// The seed of one erasure's pseudonyms.
#[must_use]
pub fn pseudonym_seed() -> PseudonymSeed {
    PseudonymSeed(random_bytes())
}
