//! A browser's event as text.

use std::borrow::Cow;

use selektable_domain::opaque::{EventId, SessionId, UserId, VisitorId};
use selektable_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::platform::TokenBody;
use super::{Read, VERSION, known_version, opaque, read, write};
use crate::ingest::{Event, EventKind};

/// What an event's fact tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventFact {
    /// The browser.
    pub visitor: VisitorId,
    /// The tab's session.
    pub session: SessionId,
    /// What happened.
    pub event: Event,
}

/// `identify` carries a user, a claim tokens, everything else a name; which one it is shows in what is there.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FactBody<'a> {
    v: u8,
    event_id: Cow<'a, str>,
    visitor_id: Cow<'a, str>,
    session_id: Cow<'a, str>,
    at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    properties: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    traits: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tokens: Vec<TokenBody<'a>>,
}

/// The body of an event's fact. Traits are written only with `keep_traits`.
pub(crate) fn write_event(
    visitor: &VisitorId,
    session: &SessionId,
    event: &Event,
    keep_traits: bool,
) -> String {
    let mut body = FactBody {
        v: VERSION,
        event_id: event.id.as_str().into(),
        visitor_id: visitor.as_str().into(),
        session_id: session.as_str().into(),
        at: event.at.as_millis(),
        name: None,
        properties: None,
        user_id: None,
        traits: None,
        tokens: Vec::new(),
    };
    match &event.kind {
        EventKind::Seen { name, properties } => {
            body.name = Some(name.as_str().into());
            body.properties = Some(properties.as_str().into());
        }
        EventKind::Identify { user, traits } => {
            body.user_id = Some(user.as_str().into());
            body.traits = traits.as_deref().filter(|_| keep_traits).map(Cow::Borrowed);
        }
        EventKind::Claim { tokens } => body.tokens = tokens.iter().map(TokenBody::of).collect(),
    }
    write(&body)
}

/// Reads [`write_event`].
pub(crate) fn read_event(text: &str) -> Read<EventFact> {
    let body: FactBody<'_> = read(text)?;
    known_version(body.v)?;
    let tokens = body.tokens.into_iter().map(TokenBody::token).collect::<Read<Vec<_>>>()?;
    let kind = match (body.user_id, body.name) {
        (None, None) if !tokens.is_empty() => EventKind::Claim { tokens },
        (Some(user), None) => EventKind::Identify {
            user: opaque(UserId::parse(&user), "userId")?,
            traits: body.traits.map(Cow::into_owned),
        },
        (None, Some(name)) => EventKind::Seen {
            name: name.into_owned(),
            properties: body.properties.unwrap_or_default().into_owned(),
        },
        _ => return Err("it is neither an identification nor a named event".to_owned()),
    };
    Ok(EventFact {
        visitor: opaque(VisitorId::parse(&body.visitor_id), "visitorId")?,
        session: opaque(SessionId::parse(&body.session_id), "sessionId")?,
        event: Event {
            id: opaque(EventId::parse(&body.event_id), "eventId")?,
            at: Timestamp::from_millis(body.at),
            kind,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(kind: EventKind, keep_traits: bool) -> (String, Event) {
        let event = Event { id: EventId::parse("e").unwrap(), at: Timestamp::from_millis(9), kind };
        let (visitor, session) = (VisitorId::parse("v").unwrap(), SessionId::parse("s").unwrap());
        (write_event(&visitor, &session, &event, keep_traits), event)
    }

    #[test]
    fn events_come_back_as_they_were_and_their_text_never_changes() {
        let seen = EventKind::Seen { name: "page".into(), properties: "{}".into() };
        let (text, event) = written(seen, false);
        assert_eq!(
            text,
            r#"{"v":1,"eventId":"e","visitorId":"v","sessionId":"s","at":9,"name":"page","properties":"{}"}"#
        );
        assert_eq!(read_event(&text).unwrap().event, event);
    }

    #[test]
    fn traits_are_written_only_where_the_store_keeps_them() {
        let identify =
            || EventKind::Identify { user: UserId::parse("u").unwrap(), traits: Some("{\"plan\":1}".into()) };
        assert!(!written(identify(), false).0.contains("plan"));
        let (text, event) = written(identify(), true);
        assert_eq!(read_event(&text).unwrap().event, event);
    }
}
