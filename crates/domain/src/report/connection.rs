//! How a store hangs together with its platform: whether orders arrive, and what keeps them from arriving whole.
//!
//! Pure: what was seen of the platform's deliveries goes in, a state and findings come out, each with what it means for
//! the data and what to do, in the names of the platform's own screens. Sources of the rules: the platforms'
//! documentation and source code, as far as they say when a webhook is switched off and what it is signed with.

mod address;
mod silence;
#[cfg(test)]
mod tests;
mod words;

pub use address::{AddressFault, ServerAddress};
pub use silence::Silence;

use crate::platform::Ignored;
use crate::platform::signature::SignatureFault;
use crate::time::{DAY_MS, HOUR_MS, Timestamp};

/// Deliveries in a row after whose failure a platform stops sending: `WooCommerce` switches a webhook off at the 7th,
/// Shopify removes it after the 8th.
const FAILURES_BEFORE_WOOCOMMERCE_STOPS: u64 = 7;
/// See [`FAILURES_BEFORE_WOOCOMMERCE_STOPS`].
const FAILURES_BEFORE_SHOPIFY_STOPS: u64 = 8;
/// New orders without any later change of one from which on the topic of changes is missing, not late.
const CREATED_WITHOUT_CHANGE_MAX: u64 = 10;
/// Days after the first new order from which on [`CREATED_FEW_MIN`] of them without any change say the same.
const CREATED_WITHOUT_CHANGE_DAYS: i64 = 3;
/// See [`CREATED_WITHOUT_CHANGE_DAYS`].
const CREATED_FEW_MIN: u64 = 3;
/// Orders from which on the share of those with a visitor says anything.
const ORDERS_FOR_SHARE_MIN: u64 = 20;
/// Orders from which on none with a visitor says something.
const ORDERS_FOR_NONE_MIN: u64 = 5;

/// The code of a delivery that is signed with one store's secret and speaks of another shop that is connected here.
pub const OTHER_SHOP: &str = "other_shop";

/// Where a store sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Shopify.
    Shopify,
    /// `WooCommerce`.
    WooCommerce,
}

/// Deliveries of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicFact {
    /// The topic, as the platform names it.
    pub topic: String,
    /// When the first one came.
    pub first_at: Timestamp,
    /// When the latest one came.
    pub last_at: Timestamp,
    /// How many.
    pub deliveries: u64,
}

/// Refused or ignored deliveries of one kind, lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeFact {
    /// The stable code, such as `signature_wrong`.
    pub code: String,
    /// How many.
    pub deliveries: u64,
    /// The latest.
    pub last_at: Timestamp,
}

/// What was seen of a store's platform.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Which one.
    pub platform: Platform,
    /// Secrets the store has.
    pub secrets: usize,
    /// Where this server is reached.
    pub address: ServerAddress,
    /// Every topic that ever came.
    pub topics: Vec<TopicFact>,
    /// What was refused lately.
    pub refused: Vec<CodeFact>,
    /// What was of no use lately.
    pub ignored: Vec<CodeFact>,
    /// Orders placed online lately, those left out of figures not among them.
    pub orders: u64,
    /// Those of them whose visitor is known.
    pub with_visitor: u64,
    /// When the latest deliveries that carried orders came, newest first.
    pub recent: Vec<Timestamp>,
    /// When the platform said that the app was removed, if it did since the last good delivery.
    pub uninstalled_at: Option<Timestamp>,
    /// When the webhook's owner had no right to read orders, if it was so since the last order.
    pub owner_lost_access_at: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing has arrived yet.
    Waiting,
    /// Orders arrive.
    Working,
    /// Orders arrived, and none did for longer than usual.
    Silent,
    /// What arrives can't be used.
    Broken,
    /// The app was removed.
    Disconnected,
}

impl State {
    /// The name in markup and API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Working => "working",
            Self::Silent => "silent",
            Self::Broken => "broken",
            Self::Disconnected => "disconnected",
        }
    }
}

/// What keeps orders from arriving whole, in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The app was removed.
    Uninstalled,
    /// The webhook's owner may not read orders, or is gone.
    OwnerLostAccess,
    /// Deliveries stopped after failures in a row.
    DisabledAfterFailures,
    /// The store has no secret.
    NoSecret,
    /// Another secret signs.
    WrongSecret,
    /// Something between the platform and us parses the body and writes it anew.
    RewrittenBody,
    /// The webhook signs with an empty secret.
    EmptySecret,
    /// Deliveries carry no signature that can be read.
    NoSignature,
    /// Deliveries signed with this store's secret speak of another shop.
    OtherShop,
    /// The platform can't or won't send to this server's address.
    Address(AddressFault),
    /// None for longer than usual, and nothing says why.
    Silence,
    /// Only new orders arrive, never what becomes of them.
    OnlyCreated,
    /// The webhook sends an old kind of body.
    OldPayload,
    /// No order says who placed it.
    NoVisitors,
    /// Few orders say who placed them.
    FewVisitors,
}

impl Cause {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Uninstalled => "uninstalled",
            Self::OwnerLostAccess => "owner_lost_access",
            Self::DisabledAfterFailures => "disabled_after_failures",
            Self::NoSecret => "no_secret",
            Self::WrongSecret => "wrong_secret",
            Self::RewrittenBody => "rewritten_body",
            Self::EmptySecret => "empty_secret",
            Self::NoSignature => "no_signature",
            Self::OtherShop => "other_shop",
            Self::Address(fault) => fault.code(),
            Self::Silence => "silence",
            Self::OnlyCreated => "only_created",
            Self::OldPayload => "old_payload",
            Self::NoVisitors => "no_visitors",
            Self::FewVisitors => "few_visitors",
        }
    }

    /// Whether no order is taken in while it lasts.
    #[must_use]
    pub const fn stops_orders(self) -> bool {
        !matches!(self, Self::OnlyCreated | Self::NoVisitors | Self::FewVisitors | Self::Silence)
    }
}

/// One thing to mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub cause: Cause,
    /// What happened and what it means for the data.
    pub means: &'static str,
    /// What to do, in the names of the platform's screens.
    pub remedy: &'static str,
    /// Deliveries that show it, where single ones do.
    pub deliveries: u64,
    /// Whether good deliveries come beside those.
    pub beside_good: bool,
}

/// What there is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// How it stands.
    pub state: State,
    /// What to mend, what stops orders first.
    pub findings: Vec<Finding>,
    /// The pause, when it is longer than usual.
    pub silence: Option<Silence>,
}

/// Says how it stands.
#[must_use]
pub fn diagnose(facts: &Facts) -> Diagnosis {
    let silence = silence::longer_than_usual(&facts.recent, facts.now);
    let mut findings: Vec<Finding> = Vec::new();
    link(facts, &mut findings);
    refusals(facts, &mut findings);
    stopped(facts, silence, &mut findings);
    content(facts, &mut findings);
    findings.sort_by_key(|finding| (!finding.cause.stops_orders() || finding.beside_good, finding.cause));
    Diagnosis { state: state(facts, &findings, silence), findings, silence }
}

fn finding(facts: &Facts, cause: Cause) -> Finding {
    let (means, remedy) = words::of(cause, facts.platform);
    Finding { cause, means, remedy, deliveries: 0, beside_good: false }
}

fn state(facts: &Facts, findings: &[Finding], silence: Option<Silence>) -> State {
    let something_came = !facts.recent.is_empty() || !facts.topics.is_empty() || !facts.refused.is_empty();
    let is_broken = |finding: &Finding| finding.cause.stops_orders() && !finding.beside_good;
    if facts.uninstalled_at.is_some() {
        State::Disconnected
    } else if something_came && findings.iter().any(is_broken) {
        State::Broken
    } else if facts.recent.is_empty() && facts.topics.is_empty() {
        State::Waiting
    } else if silence.is_some() {
        State::Silent
    } else {
        State::Working
    }
}

/// What the platform said about itself.
fn link(facts: &Facts, findings: &mut Vec<Finding>) {
    if facts.uninstalled_at.is_some() {
        findings.push(finding(facts, Cause::Uninstalled));
    }
    if facts.owner_lost_access_at.is_some() {
        findings.push(finding(facts, Cause::OwnerLostAccess));
    }
    if facts.secrets == 0 {
        findings.push(finding(facts, Cause::NoSecret));
    }
}

/// Refusals count while no good delivery came since an hour before them, and for a day beside good ones: of two
/// webhooks one may have another secret. The hour is there because anybody can send what is refused: one forged delivery
/// to a shop that just sold something rings no alarm.
fn refusals(facts: &Facts, findings: &mut Vec<Finding>) {
    for code in &facts.refused {
        let Some(cause) = cause_of_refusal(&code.code) else { continue };
        let beside_good = is_beside_good(facts, code);
        if beside_good && facts.now.millis_since(code.last_at) > DAY_MS {
            continue;
        }
        if let Some(told) = findings.iter_mut().find(|finding| finding.cause == cause) {
            told.deliveries += code.deliveries;
            told.beside_good &= beside_good;
        } else {
            findings.push(Finding { deliveries: code.deliveries, beside_good, ..finding(facts, cause) });
        }
    }
}

/// What a refusal's code shows; `None` for codes that show nothing about the connection.
fn cause_of_refusal(code: &str) -> Option<Cause> {
    if code == OTHER_SHOP {
        return Some(Cause::OtherShop);
    }
    match SignatureFault::from_code(code)? {
        SignatureFault::Missing | SignatureFault::Malformed => Some(Cause::NoSignature),
        SignatureFault::Wrong => Some(Cause::WrongSecret),
        SignatureFault::EmptySecret => Some(Cause::EmptySecret),
        SignatureFault::BodyRewritten => Some(Cause::RewrittenBody),
        // Said already, as soon as there is none.
        SignatureFault::NoSecret => None,
    }
}

/// Whether good deliveries come beside these.
fn is_beside_good(facts: &Facts, code: &CodeFact) -> bool {
    facts.recent.first().is_some_and(|good| code.last_at.millis_since(*good) <= HOUR_MS)
}

/// Why none come: the address while none ever came or they stopped, failures in a row, or nothing known.
fn stopped(facts: &Facts, silence: Option<Silence>, findings: &mut Vec<Finding>) {
    let never = facts.recent.is_empty();
    if never || silence.is_some() {
        let fault = facts.address.fault(facts.platform);
        findings.extend(fault.map(|fault| finding(facts, Cause::Address(fault))));
    }
    if was_switched_off(facts) {
        findings.push(finding(facts, Cause::DisabledAfterFailures));
    } else if silence.is_some() {
        findings.push(finding(facts, Cause::Silence));
    }
}

/// As many refusals as make the platform stop, none good after them, and then nothing for a day.
fn was_switched_off(facts: &Facts) -> bool {
    let after_good = |refused: &&CodeFact| facts.recent.first().is_none_or(|good| *good < refused.last_at);
    let failures: Vec<&CodeFact> = facts.refused.iter().filter(after_good).collect();
    let stops_after = match facts.platform {
        Platform::Shopify => FAILURES_BEFORE_SHOPIFY_STOPS,
        Platform::WooCommerce => FAILURES_BEFORE_WOOCOMMERCE_STOPS,
    };
    let latest = failures.iter().map(|refused| refused.last_at).max();
    let count: u64 = failures.iter().map(|refused| refused.deliveries).sum();
    count >= stops_after && latest.is_some_and(|at| facts.now.millis_since(at) > DAY_MS)
}

/// What arrives, but not whole.
fn content(facts: &Facts, findings: &mut Vec<Finding>) {
    if only_created(facts) {
        findings.push(finding(facts, Cause::OnlyCreated));
    }
    let old = facts.ignored.iter().find(|ignored| ignored.code == Ignored::OldPayload.code());
    if let Some(old) = old {
        let beside_good = is_beside_good(facts, old);
        if !beside_good || facts.now.millis_since(old.last_at) <= DAY_MS {
            let found = finding(facts, Cause::OldPayload);
            findings.push(Finding { deliveries: old.deliveries, beside_good, ..found });
        }
    }
    let Facts { orders, with_visitor, .. } = *facts;
    if with_visitor == 0 && orders >= ORDERS_FOR_NONE_MIN {
        findings.push(finding(facts, Cause::NoVisitors));
    } else if orders >= ORDERS_FOR_SHARE_MIN && with_visitor * 4 < orders {
        findings.push(finding(facts, Cause::FewVisitors));
    }
}

/// Whether new orders come and no change of one ever did, after ten of them, or three and three days. Every other topic
/// of orders brings changes.
fn only_created(facts: &Facts) -> bool {
    let created_topic = match facts.platform {
        Platform::Shopify => "orders/create",
        Platform::WooCommerce => "order.created",
    };
    let is_change = |topic: &&TopicFact| {
        let name = topic.topic.as_str();
        name != created_topic && ["orders/", "refunds/", "order."].iter().any(|start| name.starts_with(start))
    };
    let Some(created) = facts.topics.iter().find(|topic| topic.topic == created_topic) else { return false };
    let age = facts.now.millis_since(created.first_at);
    let is_late = created.deliveries >= CREATED_WITHOUT_CHANGE_MAX
        || (created.deliveries >= CREATED_FEW_MIN && age >= CREATED_WITHOUT_CHANGE_DAYS * DAY_MS);
    is_late && !facts.topics.iter().any(|topic| is_change(&topic))
}
