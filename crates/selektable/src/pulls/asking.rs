//! Asking with patience: what may pass by itself is tried again, after pauses that grow and end.

use std::time::Duration;

use selektable_store::settings::Platform;

use super::fault::AccessFault;
use crate::http::fetch::FetchFault;
use crate::http::fetch::platform::{Answer, PlatformClient, Question, Verdict};

/// How long a platform is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How often one question is asked at most.
    pub tries: u32,
    /// The pause before the second try; each further one is twice as long.
    pub pause: Duration,
    /// The longest of those pauses.
    pub pause_max: Duration,
    /// The longest time that a platform may ask us to wait; beyond it the pull ends, to go on later.
    pub wait_max: Duration,
}

impl Patience {
    /// For pulls: a shop may be down for some minutes without ending one.
    pub const PULL: Self = Self {
        tries: 8,
        pause: Duration::from_millis(500),
        pause_max: Duration::from_secs(60),
        wait_max: Duration::from_secs(5 * 60),
    };
    /// For somebody who waits for the answer.
    pub const ONCE: Self = Self { tries: 1, ..Self::PULL };

    /// The pause after the `tried`-th try, counted from 1; `None` when that was the last one, or the platform asks for
    /// more patience than there is.
    fn next(self, tried: u32, asked: Option<Duration>) -> Option<Duration> {
        if tried >= self.tries || asked.is_some_and(|asked| asked > self.wait_max) {
            return None;
        }
        let doubled = 2_u32.saturating_pow(tried.saturating_sub(1));
        let own = self.pause.saturating_mul(doubled).min(self.pause_max);
        Some(asked.map_or(own, |asked| asked.max(self.pause)))
    }
}

/// What came of a question once.
enum Try {
    Answered(Answer),
    Again(AccessFault, Option<Duration>),
}

/// What an answer that looks good says besides: that it must be asked again, after a time.
pub(super) type Throttled = fn(&Answer) -> Option<Duration>;

/// Asks until there is an answer that asking again would not change.
pub(super) async fn ask(
    client: &PlatformClient,
    question: &Question,
    patience: Patience,
    throttled: Throttled,
) -> Result<Answer, AccessFault> {
    let mut tried = 0;
    loop {
        tried += 1;
        let (fault, wait) = match ask_once(client, question, throttled).await? {
            Try::Answered(answer) => return Ok(answer),
            Try::Again(fault, wait) => (fault, wait),
        };
        let Some(pause) = patience.next(tried, wait) else { return Err(fault) };
        tracing::info!(%fault, ?pause, tried, "a platform is asked again");
        tokio::time::sleep(pause).await;
    }
}

async fn ask_once(
    client: &PlatformClient,
    question: &Question,
    throttled: Throttled,
) -> Result<Try, AccessFault> {
    let answer = match client.ask(question).await {
        Ok(answer) => answer,
        Err(fault @ (FetchFault::Unreachable | FetchFault::TimedOut)) => {
            return Ok(Try::Again(fault.into(), None));
        }
        Err(fault) => return Err(fault.into()),
    };
    Ok(match answer.verdict {
        Verdict::TooMany(wait) => Try::Again(AccessFault::TooBusy, wait),
        Verdict::Down(status, wait) => {
            Try::Again(AccessFault::Unreachable(format!("its server answers with error {status}")), wait)
        }
        Verdict::Good if throttled(&answer).is_some() => Try::Again(AccessFault::TooBusy, throttled(&answer)),
        Verdict::Good
        | Verdict::Unauthorized
        | Verdict::Forbidden
        | Verdict::NotFound
        | Verdict::Elsewhere(_)
        | Verdict::Refused(_) => Try::Answered(answer),
    })
}

/// What an answer other than a good one means.
pub(super) fn refusal(answer: &Answer, platform: Platform) -> AccessFault {
    match &answer.verdict {
        Verdict::Unauthorized => AccessFault::WrongKey(platform),
        Verdict::Forbidden => AccessFault::NoRight(platform),
        Verdict::Elsewhere(where_to) => AccessFault::Elsewhere(where_to.clone()),
        Verdict::Good | Verdict::NotFound => AccessFault::NotAShop(platform),
        Verdict::TooMany(_) => AccessFault::TooBusy,
        Verdict::Down(status, _) | Verdict::Refused(status) => {
            AccessFault::Refused(format!("it answers with status {status}."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_and_the_platform_may_ask_for_longer_ones_within_bounds() {
        let patience = Patience { tries: 5, ..Patience::PULL };
        let pauses: Vec<Option<u128>> =
            (1..=5).map(|tried| patience.next(tried, None).map(|pause| pause.as_millis())).collect();
        assert_eq!(pauses, [Some(500), Some(1_000), Some(2_000), Some(4_000), None]);
        assert_eq!(Patience { tries: 99, ..patience }.next(50, None), Some(patience.pause_max));
        let asked = |seconds| patience.next(1, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(90), Some(Duration::from_secs(90)));
        assert_eq!(asked(0), Some(patience.pause), "no hammering, whatever it says");
        assert_eq!(asked(301), None);
    }
}
