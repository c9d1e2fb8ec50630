//! What only a platform says of an order, as text.

use std::borrow::Cow;

use selektable_domain::opaque::{CartToken, RefundId};
use selektable_domain::order::platform::{Carrier, Origin, PlatformPart, Refund, Token, TokenKind};
use selektable_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Read, code, opaque, read, write};

/// Also a part of an order's body.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlatformBody<'a> {
    origin: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    carrier: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    refunds: Vec<RefundBody<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tokens: Vec<TokenBody<'a>>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    raw_status: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<Cow<'a, str>>,
}

/// One repayment.
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundBody<'a> {
    id: Cow<'a, str>,
    minor: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
}

/// One token.
#[derive(PartialEq, Serialize, Deserialize)]
pub(super) struct TokenBody<'a> {
    kind: Cow<'a, str>,
    token: Cow<'a, str>,
}

impl<'a> RefundBody<'a> {
    pub(super) fn of(refund: &'a Refund) -> Self {
        Self { id: refund.id.as_str().into(), minor: refund.minor, at: refund.at.map(Timestamp::as_millis) }
    }

    pub(super) fn refund(self) -> Read<Refund> {
        let id = opaque(RefundId::parse(&self.id), "refund's id")?;
        Ok(Refund { id, minor: self.minor, at: self.at.map(Timestamp::from_millis) })
    }
}

impl<'a> TokenBody<'a> {
    pub(super) fn of(token: &'a Token) -> Self {
        Self { kind: token.kind.code().into(), token: token.text.as_str().into() }
    }

    pub(super) fn token(self) -> Read<Token> {
        let kind = code(TokenKind::from_code(&self.kind), "kind of token", &self.kind)?;
        Ok(Token { kind, text: opaque(CartToken::parse(&self.token), "token")? })
    }
}

impl<'a> PlatformBody<'a> {
    pub(super) fn of(part: &'a PlatformPart) -> Self {
        Self {
            origin: part.origin.code().into(),
            carrier: part.carrier.map(|carrier| carrier.code().into()),
            refunds: part.refunds.iter().map(RefundBody::of).collect(),
            tokens: part.tokens.iter().map(TokenBody::of).collect(),
            raw_status: part.raw_status.as_str().into(),
            number: part.number.as_deref().map(Cow::Borrowed),
        }
    }

    pub(super) fn part(self) -> Read<PlatformPart> {
        Ok(PlatformPart {
            origin: code(Origin::from_code(&self.origin), "origin", &self.origin)?,
            carrier: self
                .carrier
                .map(|text| code(Carrier::from_code(&text), "carrier", &text))
                .transpose()?,
            refunds: self.refunds.into_iter().map(RefundBody::refund).collect::<Read<_>>()?,
            tokens: self.tokens.into_iter().map(TokenBody::token).collect::<Read<_>>()?,
            raw_status: self.raw_status.into_owned(),
            number: self.number.map(Cow::into_owned),
        })
    }
}

/// An order's platform part as it stands in its row.
pub(crate) fn write_platform(part: Option<&PlatformPart>) -> Option<String> {
    part.map(|part| write(&PlatformBody::of(part)))
}

/// Reads [`write_platform`].
pub(crate) fn read_platform(text: Option<&str>) -> Read<Option<Box<PlatformPart>>> {
    text.map(|text| read::<PlatformBody<'_>>(text)?.part().map(Box::new)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_comes_back_as_it_was_and_its_text_never_changes() {
        let part = PlatformPart {
            origin: Origin::Draft,
            carrier: Some(Carrier::CartAttribute),
            refunds: vec![Refund {
                id: RefundId::parse("9").unwrap(),
                minor: 5,
                at: Some(Timestamp::from_millis(7)),
            }],
            tokens: vec![Token { kind: TokenKind::Cart, text: CartToken::parse("c").unwrap() }],
            raw_status: "paid/fulfilled".into(),
            number: Some("#1001".into()),
        };
        let text = write_platform(Some(&part)).unwrap();
        assert_eq!(
            text,
            r##"{"origin":"draft","carrier":"cart_attribute","refunds":[{"id":"9","minor":5,"at":7}],"tokens":[{"kind":"cart","token":"c"}],"rawStatus":"paid/fulfilled","number":"#1001"}"##
        );
        assert_eq!(read_platform(Some(&text)), Ok(Some(Box::new(part))));
        let least = PlatformPart::default();
        assert_eq!(write_platform(Some(&least)).unwrap(), r#"{"origin":"online"}"#);
    }
}
