//! All that is known of one order, as text: kept only while an order has rival snapshots, because otherwise its row
//! says the same.

use std::borrow::Cow;

use selektable_domain::money::Currency;
use selektable_domain::opaque::{EventId, SessionId, VisitorId};
use selektable_domain::order::platform::{Carrier, Claim, TokenKind};
use selektable_domain::order::version::{Besides, FirstVisitor, Heads, OrderState, Version};
use selektable_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::order::OrderBody;
use super::platform::{RefundBody, TokenBody};
use super::{Read, VERSION, code, known_version, opaque, read, write};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StateBody<'a> {
    v: u8,
    verified: HeadsBody<'a>,
    browser: HeadsBody<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    browser_identity: Option<(Option<String>, Option<String>)>,
    first_received_at: i64,
    arrivals: u32,
    #[serde(default, skip_serializing_if = "BesidesBody::is_empty")]
    besides: BesidesBody<'a>,
}

/// What is known besides snapshots.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BesidesBody<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_visitor: Option<FirstVisitorBody<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    refunds: Vec<RefundBody<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    told_refunds: Vec<(Cow<'a, str>, RefundBody<'a>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    restored_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tokens: Vec<TokenBody<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claimed: Option<ClaimBody<'a>>,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FirstVisitorBody<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
    visitor_id: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    carrier: Option<Cow<'a, str>>,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClaimBody<'a> {
    at: i64,
    event_id: Cow<'a, str>,
    visitor_id: Cow<'a, str>,
    session_id: Cow<'a, str>,
    kind: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct HeadsBody<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timed: Option<VersionBody<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    untimed: Option<VersionBody<'a>>,
}

#[derive(Serialize, Deserialize)]
struct VersionBody<'a> {
    arrival: u32,
    order: OrderBody<'a>,
}

/// The state of an order with rivals.
pub(crate) fn write_state(state: &OrderState) -> String {
    let text = |id: Option<&str>| id.map(str::to_owned);
    let identity = state.browser_identity.as_ref().map(|(visitor, session)| {
        (text(visitor.as_ref().map(VisitorId::as_str)), text(session.as_ref().map(SessionId::as_str)))
    });
    write(&StateBody {
        v: VERSION,
        verified: HeadsBody::of(&state.verified),
        browser: HeadsBody::of(&state.browser),
        browser_identity: identity,
        first_received_at: state.first_received_at.as_millis(),
        arrivals: state.arrivals,
        besides: BesidesBody::of(&state.besides),
    })
}

/// Reads [`write_state`].
pub(crate) fn read_state(text: &str) -> Read<OrderState> {
    let body: StateBody<'_> = read(text)?;
    known_version(body.v)?;
    let state = OrderState {
        verified: body.verified.heads()?,
        browser: body.browser.heads()?,
        browser_identity: body.browser_identity.map(identity).transpose()?,
        first_received_at: Timestamp::from_millis(body.first_received_at),
        arrivals: body.arrivals,
        besides: body.besides.besides()?,
    };
    let heads = [&state.verified, &state.browser];
    if heads.iter().all(|heads| heads.timed.is_none() && heads.untimed.is_none()) {
        return Err("it holds no snapshot".to_owned());
    }
    Ok(state)
}

type Identity = (Option<VisitorId>, Option<SessionId>);

fn identity((visitor, session): (Option<String>, Option<String>)) -> Read<Identity> {
    Ok((
        visitor.map(|id| opaque(VisitorId::parse(&id), "visitorId")).transpose()?,
        session.map(|id| opaque(SessionId::parse(&id), "sessionId")).transpose()?,
    ))
}

impl<'a> BesidesBody<'a> {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn of(besides: &'a Besides) -> Self {
        Self {
            first_visitor: besides.first_visitor.as_ref().map(|first| FirstVisitorBody {
                at: first.at.map(Timestamp::as_millis),
                visitor_id: first.visitor.as_str().into(),
                session_id: first.session.as_ref().map(|id| id.as_str().into()),
                carrier: first.carrier.map(|carrier| carrier.code().into()),
            }),
            refunds: besides.refunds.values().map(RefundBody::of).collect(),
            told_refunds: besides
                .told_refunds
                .iter()
                .map(|(currency, refund)| (currency.code().into(), RefundBody::of(refund)))
                .collect(),
            deleted_at: besides.deleted_at.map(Timestamp::as_millis),
            restored_at: besides.restored_at.map(Timestamp::as_millis),
            tokens: besides.tokens.iter().map(TokenBody::of).collect(),
            claimed: besides.claimed.as_ref().map(|claim| ClaimBody {
                at: claim.at.as_millis(),
                event_id: claim.event.as_str().into(),
                visitor_id: claim.visitor.as_str().into(),
                session_id: claim.session.as_str().into(),
                kind: claim.kind.code().into(),
            }),
        }
    }

    fn besides(self) -> Read<Besides> {
        let refunds =
            self.refunds.into_iter().map(|body| body.refund().map(|refund| (refund.id.clone(), refund)));
        let told = self.told_refunds.into_iter().map(|(currency, body)| {
            Ok((code(Currency::read_stored(&currency), "currency", &currency)?, body.refund()?))
        });
        Ok(Besides {
            first_visitor: self.first_visitor.map(FirstVisitorBody::first).transpose()?,
            refunds: refunds.collect::<Read<_>>()?,
            told_refunds: told.collect::<Read<_>>()?,
            deleted_at: self.deleted_at.map(Timestamp::from_millis),
            restored_at: self.restored_at.map(Timestamp::from_millis),
            tokens: self.tokens.into_iter().map(TokenBody::token).collect::<Read<_>>()?,
            claimed: self.claimed.map(ClaimBody::claim).transpose()?,
        })
    }
}

impl FirstVisitorBody<'_> {
    fn first(self) -> Read<FirstVisitor> {
        Ok(FirstVisitor {
            at: self.at.map(Timestamp::from_millis),
            visitor: opaque(VisitorId::parse(&self.visitor_id), "visitorId")?,
            session: self.session_id.map(|id| opaque(SessionId::parse(&id), "sessionId")).transpose()?,
            carrier: self
                .carrier
                .map(|text| code(Carrier::from_code(&text), "carrier", &text))
                .transpose()?,
        })
    }
}

impl ClaimBody<'_> {
    fn claim(self) -> Read<Claim> {
        Ok(Claim {
            at: Timestamp::from_millis(self.at),
            event: opaque(EventId::parse(&self.event_id), "eventId")?,
            visitor: opaque(VisitorId::parse(&self.visitor_id), "visitorId")?,
            session: opaque(SessionId::parse(&self.session_id), "sessionId")?,
            kind: code(TokenKind::from_code(&self.kind), "kind of token", &self.kind)?,
        })
    }
}

impl<'a> HeadsBody<'a> {
    fn of(heads: &'a Heads) -> Self {
        Self {
            timed: heads.timed.as_ref().map(VersionBody::of),
            untimed: heads.untimed.as_ref().map(VersionBody::of),
        }
    }

    fn heads(self) -> Read<Heads> {
        Ok(Heads {
            timed: self.timed.map(VersionBody::version).transpose()?,
            untimed: self.untimed.map(VersionBody::version).transpose()?,
        })
    }
}

impl<'a> VersionBody<'a> {
    fn of(version: &'a Version) -> Self {
        Self { arrival: version.arrival, order: OrderBody::of(&version.order) }
    }

    fn version(self) -> Read<Version> {
        Ok(Version { order: self.order.order()?, arrival: self.arrival })
    }
}
