//! The ids of people in a fact's body: which there are, and the body with others in their place.

use selektable_domain::opaque::{OpaqueIdFault, SessionId, UserId, VisitorId};
use selektable_domain::pseudonym::Pseudonyms;
use serde::Deserialize;

use super::{
    FactKind, Read, SightingFact, read, read_event, read_order, read_sighting, read_visualization,
    write_event, write_order, write_sighting, write_visualization,
};
use crate::ingest::EventKind;

/// The ids in a body, read without the rest of it.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Names {
    /// The browser.
    #[serde(rename = "visitorId")]
    pub visitor: Option<String>,
    /// The tab's session.
    #[serde(rename = "sessionId")]
    pub session: Option<String>,
    /// The customer.
    #[serde(rename = "userId")]
    pub user: Option<String>,
}

#[derive(Deserialize)]
struct Envelope {
    order: Names,
}

/// The ids that a fact names.
pub(crate) fn names(kind: FactKind, body: &str) -> Read<Names> {
    match kind {
        FactKind::Order => Ok(read::<Envelope>(body)?.order),
        FactKind::Visualization | FactKind::Event | FactKind::Sighting => read(body),
        FactKind::Alias | FactKind::Note | FactKind::RollOff => Ok(Names::default()),
    }
}

/// Which ids get pseudonyms.
pub(crate) struct Renaming<'a> {
    /// What they become.
    pub pseudonyms: &'a Pseudonyms,
    /// Which visitors.
    pub visitor: &'a dyn Fn(&VisitorId) -> bool,
    /// Which sessions.
    pub session: &'a dyn Fn(&SessionId) -> bool,
    /// Which users.
    pub user: &'a dyn Fn(&UserId) -> bool,
    /// Whether traits and what belongs to an event go, too: nobody knows what a shop put there.
    pub forget: bool,
}

impl Renaming<'_> {
    fn visitor(&self, id: VisitorId) -> Result<VisitorId, OpaqueIdFault> {
        if (self.visitor)(&id) { self.pseudonyms.visitor(&id) } else { Ok(id) }
    }

    fn session(&self, id: SessionId) -> Result<SessionId, OpaqueIdFault> {
        if (self.session)(&id) { self.pseudonyms.session(&id) } else { Ok(id) }
    }

    fn user(&self, id: UserId) -> Result<UserId, OpaqueIdFault> {
        if (self.user)(&id) { self.pseudonyms.user(&id) } else { Ok(id) }
    }
}

/// The body with other ids; the same text where nothing changes.
pub(crate) fn rename(kind: FactKind, body: &str, renaming: &Renaming<'_>) -> Read<String> {
    match kind {
        FactKind::Order => rename_order(body, renaming),
        FactKind::Visualization => rename_visualization(body, renaming),
        FactKind::Event => rename_event(body, renaming),
        FactKind::Sighting => rename_sighting(body, renaming),
        FactKind::Alias | FactKind::Note | FactKind::RollOff => Ok(body.to_owned()),
    }
}

fn rename_order(body: &str, renaming: &Renaming<'_>) -> Read<String> {
    let mut fact = read_order(body)?;
    let order = &mut fact.order;
    order.visitor = order.visitor.take().map(|id| renaming.visitor(id)).transpose().map_err(fault)?;
    order.session = order.session.take().map(|id| renaming.session(id)).transpose().map_err(fault)?;
    order.user = order.user.take().map(|id| renaming.user(id)).transpose().map_err(fault)?;
    Ok(write_order(&fact.order, fact.sample))
}

fn rename_visualization(body: &str, renaming: &Renaming<'_>) -> Read<String> {
    let mut fact = read_visualization(body)?;
    let shown = &mut fact.visualization;
    shown.visitor = shown.visitor.take().map(|id| renaming.visitor(id)).transpose().map_err(fault)?;
    shown.session = shown.session.take().map(|id| renaming.session(id)).transpose().map_err(fault)?;
    Ok(write_visualization(shown, fact.renderer.as_deref(), fact.sample))
}

fn rename_event(body: &str, renaming: &Renaming<'_>) -> Read<String> {
    let mut fact = read_event(body)?;
    let visitor = renaming.visitor(fact.visitor).map_err(fault)?;
    let session = renaming.session(fact.session).map_err(fault)?;
    fact.event.kind = match fact.event.kind {
        EventKind::Seen { name, properties } => {
            EventKind::Seen { name, properties: if renaming.forget { "{}".to_owned() } else { properties } }
        }
        EventKind::Identify { user, traits } => EventKind::Identify {
            user: renaming.user(user).map_err(fault)?,
            traits: traits.filter(|_| !renaming.forget),
        },
        // Without its tokens the orders it found would lose their visitor; they are random and name nobody.
        EventKind::Claim { tokens } => EventKind::Claim { tokens },
    };
    // What the store kept at the time stays kept.
    Ok(write_event(&visitor, &session, &fact.event, true))
}

fn rename_sighting(body: &str, renaming: &Renaming<'_>) -> Read<String> {
    let fact = read_sighting(body)?;
    Ok(write_sighting(&SightingFact { visitor: renaming.visitor(fact.visitor).map_err(fault)?, ..fact }))
}

fn fault(fault: OpaqueIdFault) -> String {
    format!("a pseudonym {fault}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::pseudonym::PseudonymSeed;

    const ORDER: &str = r#"{"v":1,"order":{"orderId":"1","source":"server","visitorId":"v","sessionId":"s","userId":"u","currency":"EUR","total":1,"refunded":0,"status":"completed","createdAt":1,"items":[]}}"#;
    const IDENTIFY: &str = r#"{"v":1,"eventId":"e","visitorId":"v","sessionId":"s","at":9,"userId":"u","traits":"{\"plan\":1}"}"#;
    const PAGE: &str = r#"{"v":1,"eventId":"e","visitorId":"v","sessionId":"s","at":9,"name":"page","properties":"{\"a\":1}"}"#;
    const SHOWN: &str = r#"{"v":1,"visualizationId":"mine","widgetId":"widget_00000000000000000000000001","visitorId":"v","sessionId":"s","products":[],"at":-5}"#;
    const SEEN: &str = r#"{"v":1,"visitorId":"v","at":9}"#;
    const ALL: [(FactKind, &str); 5] = [
        (FactKind::Order, ORDER),
        (FactKind::Event, IDENTIFY),
        (FactKind::Event, PAGE),
        (FactKind::Visualization, SHOWN),
        (FactKind::Sighting, SEEN),
    ];

    fn renamed(kind: FactKind, body: &str, every: bool) -> String {
        let pseudonyms = Pseudonyms::of(PseudonymSeed([3; 32]));
        let renaming = Renaming {
            pseudonyms: &pseudonyms,
            visitor: &|_| every,
            session: &|_| every,
            user: &|_| every,
            forget: every,
        };
        rename(kind, body, &renaming).unwrap()
    }

    #[test]
    fn the_names_of_every_kind_of_fact_are_found() {
        let found = |kind, body| names(kind, body).unwrap();
        let some = |text: &str| Some(text.to_owned());
        let all = || Names { visitor: some("v"), session: some("s"), user: some("u") };
        assert_eq!([found(FactKind::Order, ORDER), found(FactKind::Event, IDENTIFY)], [all(), all()]);
        let nobody = Names { user: None, ..all() };
        assert_eq!(found(FactKind::Event, PAGE), nobody);
        assert_eq!(found(FactKind::Visualization, SHOWN), nobody);
        assert_eq!(found(FactKind::Sighting, SEEN), Names { session: None, ..nobody });
        assert_eq!(found(FactKind::Alias, "{}"), Names::default());
    }

    #[test]
    fn a_body_nobody_is_renamed_in_keeps_its_text() {
        assert!(ALL.into_iter().all(|(kind, body)| renamed(kind, body, false) == body));
    }

    #[test]
    fn every_name_goes_and_one_name_becomes_one_pseudonym_in_every_fact() {
        let of = |body: &str, kind| names(kind, body).unwrap();
        let after = ALL.map(|(kind, body)| of(&renamed(kind, body, true), kind));
        assert_ne!(after[0].visitor.as_deref(), Some("v"));
        assert!(after.iter().all(|names| names.visitor == after[0].visitor));
        assert!(after[..4].iter().all(|names| names.session == after[0].session));
        assert_eq!(after[0].user, after[1].user);
        assert!(!renamed(FactKind::Event, IDENTIFY, true).contains("plan"));
        assert!(renamed(FactKind::Event, PAGE, true).contains(r#""properties":"{}""#));
    }
}
