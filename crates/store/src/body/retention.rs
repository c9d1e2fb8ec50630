//! What is told of events that are not kept any more, as text.

use std::borrow::Cow;

use selektable_domain::opaque::VisitorId;
use selektable_domain::time::{Month, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Read, VERSION, known_version, opaque, read, write};

/// That a visitor was seen, said by a fact that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SightingFact {
    /// The browser.
    pub visitor: VisitorId,
    /// The time of what relies on it: a conversion's, so that it is known whose it is on a browser of several people.
    pub at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SightingBody<'a> {
    v: u8,
    visitor_id: Cow<'a, str>,
    at: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RollOffBody {
    v: u8,
    before: i64,
}

/// The body of a sighting's fact.
pub(crate) fn write_sighting(fact: &SightingFact) -> String {
    write(&SightingBody { v: VERSION, visitor_id: fact.visitor.as_str().into(), at: fact.at.as_millis() })
}

/// Reads [`write_sighting`].
pub(crate) fn read_sighting(text: &str) -> Read<SightingFact> {
    let body: SightingBody<'_> = read(text)?;
    known_version(body.v)?;
    Ok(SightingFact {
        visitor: opaque(VisitorId::parse(&body.visitor_id), "visitorId")?,
        at: Timestamp::from_millis(body.at),
    })
}

/// The body of the fact that events of months before this one are gone.
pub(crate) fn write_roll_off(before: Month) -> String {
    write(&RollOffBody { v: VERSION, before: before.number() })
}

/// Reads [`write_roll_off`].
pub(crate) fn read_roll_off(text: &str) -> Read<Month> {
    let body: RollOffBody = read(text)?;
    known_version(body.v)?;
    Month::from_number(body.before).ok_or_else(|| format!("{} is no month", body.before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_come_back_as_they_were_and_their_text_never_changes() {
        let fact = SightingFact { visitor: VisitorId::parse("v").unwrap(), at: Timestamp::from_millis(9) };
        let text = write_sighting(&fact);
        assert_eq!(text, r#"{"v":1,"visitorId":"v","at":9}"#);
        assert_eq!(read_sighting(&text).unwrap(), fact);
        let month = Month::from_number(202_611).unwrap();
        assert_eq!(write_roll_off(month), r#"{"v":1,"before":202611}"#);
        assert_eq!(read_roll_off(&write_roll_off(month)), Ok(month));
        assert!(read_roll_off(r#"{"v":1,"before":202613}"#).is_err());
    }
}
