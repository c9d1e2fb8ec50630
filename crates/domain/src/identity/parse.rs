//! From strict JSON to whom to erase: the body of `POST …/erasures`.

use super::Person;
use crate::fault::{Fault, Notes};
use crate::json::Json;
use crate::opaque::{UserId, VisitorId};
use crate::read::{self, Fields, Value};

/// Reads `visitorId` or `userId`, exactly one of them.
///
/// # Errors
/// Every fault, with its place.
pub fn parse_person(json: &Json<'_>) -> Result<Person, Vec<Fault>> {
    let mut notes = Notes::default();
    let fields = Value::root(json).fields(&mut notes);
    let person = fields.and_then(|fields| person(fields, &mut notes));
    notes.finish(person).map(|(person, _)| person)
}

fn person(fields: Fields<'_, '_>, notes: &mut Notes) -> Option<Person> {
    let visitor = fields.optional("visitorId", notes, read::id(VisitorId::parse));
    let user = fields.optional("userId", notes, read::id(UserId::parse));
    match (visitor, user) {
        (Some(visitor), None) => Some(Person::Visitor(visitor)),
        (None, Some(user)) => Some(Person::User(user)),
        (Some(_), Some(_)) => {
            notes.refuse(fields.place, "contradiction", "must have visitorId or userId, not both")
        }
        (None, None) if notes.faults.is_empty() => {
            notes.refuse(fields.place, "missing", "must have visitorId or userId")
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, parse};
    use rstest::rstest;

    fn outcome(body: &str) -> Result<Person, Vec<Fault>> {
        parse_person(&parse(body.as_bytes(), Limits::SINGLE).unwrap())
    }

    #[test]
    fn a_person_is_a_visitor_or_a_user() {
        let visitor = Person::Visitor(VisitorId::parse("v").unwrap());
        assert_eq!(outcome(r#"{"visitorId":"v"}"#), Ok(visitor));
        let user = Person::User(UserId::parse("u").unwrap());
        assert_eq!(outcome(r#"{"userId":"u","visitorId":null}"#), Ok(user));
    }

    #[rstest]
    #[case("{}", "", "missing")]
    #[case(r#"{"visitorId":"v","userId":"u"}"#, "", "contradiction")]
    #[case(r#"{"visitorId":"undefined"}"#, "/visitorId", "placeholder_identifier")]
    #[case(r#"{"userId":7}"#, "/userId", "wrong_type")]
    #[case("[]", "", "wrong_type")]
    fn anything_else_is_refused(#[case] body: &str, #[case] pointer: &str, #[case] code: &str) {
        let faults = outcome(body).unwrap_err();
        assert_eq!((faults[0].pointer.as_str(), faults[0].code, faults.len()), (pointer, code, 1));
    }
}
