//! All that is known of one order, as text: kept only while an order has rival snapshots, because otherwise its row
//! says the same.

use selektable_domain::opaque::{SessionId, VisitorId};
use selektable_domain::order::version::{Heads, OrderState, Version};
use selektable_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::order::OrderBody;
use super::{Read, VERSION, known_version, opaque, read, write};

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
