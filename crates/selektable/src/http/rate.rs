//! Limits per client: how often something may be tried, in bounded memory.

use std::hash::{BuildHasher, Hash, RandomState};
use std::marker::PhantomData;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, RateLimiter};
use http::{HeaderValue, StatusCode, header};
use selektable_domain::id::StoreId;

use super::problem::Problem;

/// Places in which one limiter counts its clients. A client's place is a keyed hash, so memory has a bound (about
/// 100 bytes each, at most 13 MiB, given back when the clients are gone) and nobody can aim at another's place.
/// Rejected: a place for every client, which whoever has many addresses can grow without end.
pub const PLACES: u32 = 1 << 17;
/// Idle clients are forgotten once in so many checks.
const CHECKS_BETWEEN_CLEANINGS: u32 = 8_192;

/// A limiter of tries by key: `burst` at once, then one in every `refill`.
pub struct Limiter<K> {
    buckets: DefaultKeyedRateLimiter<u32>,
    places: RandomState,
    clock: DefaultClock,
    checks: AtomicU32,
    key: PhantomData<fn(&K)>,
}

/// Too many tries; worth another one after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany(pub Duration);

impl<K: Hash> Limiter<K> {
    /// A limiter that allows `burst` tries at once and gives one back in every `refill` (at least a nanosecond).
    #[must_use]
    pub fn new(burst: NonZeroU32, refill: Duration) -> Self {
        let quota = governor::Quota::with_period(refill)
            .unwrap_or_else(|| governor::Quota::per_second(burst))
            .allow_burst(burst);
        Self {
            buckets: RateLimiter::keyed(quota),
            places: RandomState::new(),
            clock: DefaultClock::default(),
            checks: AtomicU32::new(1),
            key: PhantomData,
        }
    }

    /// Counts one try.
    pub fn check(&self, key: &K) -> Result<(), TooMany> {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(CHECKS_BETWEEN_CLEANINGS) {
            self.buckets.retain_recent();
            self.buckets.shrink_to_fit();
        }
        let place = u32::try_from(self.places.hash_one(key) % u64::from(PLACES)).unwrap_or(0);
        self.buckets.check_key(&place).map_err(|not_yet| TooMany(not_yet.wait_time_from(self.clock.now())))
    }
}

/// How often at once, and after which time one more is given back.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// At once.
    pub burst: NonZeroU32,
    /// One more.
    pub refill: Duration,
}

/// Logins tried, of one address. See [`crate::login_tries`].
pub const LOGINS_OF_ADDRESS: Quota = Quota { burst: times(10), refill: Duration::from_secs(6) };
/// Logins tried, of one account.
pub const LOGINS_OF_ACCOUNT: Quota = Quota { burst: times(20), refill: Duration::from_secs(15) };

const fn times(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(times) => times,
        None => NonZeroU32::MIN,
    }
}

/// Every limit of the server, with its numbers. Each process counts for itself, except logins, which are counted in the
/// database too.
pub struct Limits {
    /// Wrong keys: 20 a minute and address (SPEC section 12). A good key is never counted.
    pub failed_keys: Limiter<IpAddr>,
    /// `POST /api/events`, by address and store. An office behind one address shares it, hence the large burst.
    pub events: Limiter<(IpAddr, StoreId)>,
    /// Pictures asked for from the widget, by address.
    pub widget: Limiter<IpAddr>,
    /// Bad signatures of platforms whose cause is looked for, by store: 30 a minute. The look takes several times as
    /// long as the signature itself.
    pub explained_signatures: Limiter<StoreId>,
    /// Refused deliveries of platforms that are recorded, by store and code: five, then one a minute. A flood fills
    /// neither the disk nor the list that its owner reads, and hides no refusal of another kind.
    pub recorded_signatures: Limiter<(StoreId, &'static str)>,
    /// Uses of a store's webhook secret that are written down, by the secret's number: one a minute.
    pub noted_signatures: Limiter<(StoreId, u32)>,
    /// Logins tried here, by address.
    pub logins: Limiter<IpAddr>,
    /// Logins tried here, by account (its e-mail in lower case), wherever they come from.
    pub login_accounts: Limiter<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            failed_keys: Limiter::new(times(20), Duration::from_secs(3)),
            events: Limiter::new(times(300), Duration::from_millis(100)),
            widget: Limiter::new(times(30), Duration::from_secs(2)),
            explained_signatures: Limiter::new(times(30), Duration::from_secs(2)),
            recorded_signatures: Limiter::new(times(5), Duration::from_secs(60)),
            noted_signatures: Limiter::new(times(1), Duration::from_secs(60)),
            logins: Limiter::new(LOGINS_OF_ADDRESS.burst, LOGINS_OF_ADDRESS.refill),
            login_accounts: Limiter::new(LOGINS_OF_ACCOUNT.burst, LOGINS_OF_ACCOUNT.refill),
        }
    }
}

/// 429 with `Retry-After` in whole seconds, at least 1.
#[must_use]
pub fn too_many(code: &'static str, detail: &str, TooMany(wait): TooMany) -> Problem {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    Problem::new(StatusCode::TOO_MANY_REQUESTS, code, detail)
        .with_header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_then_a_wait_is_named_and_others_are_not_touched() {
        let limits = Limits::default();
        let [one, other]: [IpAddr; 2] = ["192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap()];
        assert!((0..20).all(|_| limits.failed_keys.check(&one).is_ok()));
        let TooMany(wait) = limits.failed_keys.check(&one).unwrap_err();
        assert!(wait <= Duration::from_secs(3) && wait > Duration::from_secs(1), "{wait:?}");
        assert!(limits.failed_keys.check(&other).is_ok());
        let problem = too_many("too_many_failed_keys", "", TooMany(wait));
        assert_eq!(problem.headers, [(header::RETRY_AFTER, HeaderValue::from(3))]);
    }

    #[test]
    fn many_clients_take_bounded_memory_and_leave_none_behind() {
        let limiter: Limiter<u32> = Limiter::new(NonZeroU32::MIN, Duration::from_nanos(1));
        for client in 0..3 * CHECKS_BETWEEN_CLEANINGS {
            let _ = limiter.check(&client);
        }
        assert!(limiter.buckets.len() <= CHECKS_BETWEEN_CLEANINGS as usize, "{}", limiter.buckets.len());
    }
}
