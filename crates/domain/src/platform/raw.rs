//! Lenient JSON for platforms' signed bodies.
//!
//! The strict reader (`json`) refuses what two programs could read differently. A platform's body is of one writer,
//! holds whatever plugins put into it, and refusing it loses an order for good: so here duplicate keys (the last one
//! counts, as for PHP and Ruby), `\u0000`, lone surrogates (U+FFFD), raw control characters, a byte order mark and any
//! depth are read. Numbers keep their text and are never a float.
//!
//! No tree is built: a value is a piece of the body's text whose brackets are known to match, and is walked when it
//! is asked for. Nothing recurses; besides the body itself the reader needs one byte per open bracket and the keys of
//! one object. The rejected choice, `serde_json`'s tree with wide limits, needs some 30 bytes per byte of body.

use std::borrow::Cow;

/// Most members of one object that are looked at.
const MEMBERS_MAX: usize = 4_096;

/// One JSON value, as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'a>(&'a str);

impl<'a> Raw<'a> {
    /// The one value of a text, if it is one.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let text = text.trim_start_matches('\u{feff}');
        let bytes = text.as_bytes();
        let start = skip_space(bytes, 0);
        let end = value_end(bytes, start)?;
        (skip_space(bytes, end) == bytes.len()).then_some(())?;
        text.get(start..end).map(Self)
    }

    fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// The members, if it is an object.
    pub(crate) fn members(self) -> Option<Members<'a>> {
        self.0.starts_with('{').then_some(())?;
        Some(Members(Walk { text: self.0, at: 1 }.take(MEMBERS_MAX).collect()))
    }

    /// Whether it is an array.
    pub(crate) fn is_array(self) -> bool {
        self.0.starts_with('[')
    }

    /// The elements, if it is an array; none otherwise.
    pub(crate) fn elements(self) -> impl Iterator<Item = Raw<'a>> {
        let at = if self.is_array() { 1 } else { self.0.len() };
        let mut walk = Walk { text: self.0, at };
        std::iter::from_fn(move || walk.value())
    }

    /// The string, if it is one.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        self.0.starts_with('"').then_some(())?;
        self.0.get(1..self.0.len() - 1).map(unescape)
    }

    /// A string, or a number as it is written.
    pub(crate) fn text_or_number(self) -> Option<Cow<'a, str>> {
        let is_number = self.0.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        if is_number { Some(Cow::Borrowed(self.0)) } else { self.text() }
    }

    /// A whole number above 0, as a number or a text, or at the end of a `gid://…/…`.
    pub(crate) fn id(self) -> Option<u64> {
        let text = self.text_or_number()?;
        let text = text.trim();
        let digits = if text.starts_with("gid://") { text.rsplit('/').next()? } else { text };
        whole(digits)
    }
}

/// Digits that are a number above 0.
pub(crate) fn whole(digits: &str) -> Option<u64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    digits.parse().ok().filter(|id| *id > 0)
}

/// An object's members.
#[derive(Debug)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, Raw<'a>)>);

impl<'a> Members<'a> {
    /// The value of a key, if it is there and not `null`.
    pub(crate) fn get(&self, key: &str) -> Option<Raw<'a>> {
        let last = self.0.iter().rev().find(|(known, _)| known == key);
        last.map(|(_, value)| *value).filter(|value| !value.is_null())
    }

    /// Whether the key is there, whatever its value is.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(known, _)| known == key)
    }

    /// Whether every key is one of these.
    pub(crate) fn has_only(&self, keys: &[&str]) -> bool {
        self.0.iter().all(|(known, _)| keys.contains(&known.as_ref()))
    }

    /// Keys and values as written.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Raw<'a>)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), *value))
    }

    /// The string of a key.
    pub(crate) fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        self.get(key)?.text()
    }

    /// The string or number of a key, without white space around it, unless nothing is left.
    pub(crate) fn amount(&self, key: &str) -> Option<Cow<'a, str>> {
        let text = self.get(key)?.text_or_number()?;
        match text {
            _ if text.trim().is_empty() => None,
            Cow::Borrowed(text) => Some(Cow::Borrowed(text.trim())),
            Cow::Owned(text) => Some(Cow::Owned(text.trim().to_owned())),
        }
    }

    /// The id of a key.
    pub(crate) fn id(&self, key: &str) -> Option<u64> {
        self.get(key)?.id()
    }

    /// Whether the key is `true`.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.get(key).is_some_and(|value| value.0 == "true")
    }

    /// The object of a key.
    pub(crate) fn object(&self, key: &str) -> Option<Members<'a>> {
        self.get(key)?.members()
    }

    /// The elements of a key's array.
    pub(crate) fn elements(&self, key: &str) -> impl Iterator<Item = Raw<'a>> {
        self.get(key).into_iter().flat_map(Raw::elements)
    }

    /// The objects in a key's array.
    pub(crate) fn objects(&self, key: &str) -> impl Iterator<Item = Members<'a>> {
        self.elements(key).filter_map(Raw::members)
    }
}

/// A walk through one array or object whose brackets match.
struct Walk<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Walk<'a> {
    /// The next value; moves behind it and behind the comma or the colon that follows.
    fn value(&mut self) -> Option<Raw<'a>> {
        let bytes = self.text.as_bytes();
        let start = skip_space(bytes, self.at);
        let end = value_end(bytes, start)?;
        self.at = skip_space(bytes, end) + 1;
        self.text.get(start..end).map(Raw)
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = (Cow<'a, str>, Raw<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.value()?.text()?;
        Some((key, self.value()?))
    }
}

fn skip_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
}

/// Where the value ends that begins here, if it is one.
fn value_end(bytes: &[u8], start: usize) -> Option<usize> {
    // The bracket that each open array or object waits for.
    let mut open = Vec::new();
    let mut at = start;
    loop {
        at = match enter(bytes, skip_space(bytes, at), &mut open)? {
            Entered::Inside(inside) => inside,
            Entered::Behind(behind) => match leave(bytes, behind, &mut open)? {
                Left::Next(next) => next,
                Left::Done(end) => return Some(end),
            },
        };
    }
}

enum Entered {
    /// At the first value of an array or object.
    Inside(usize),
    /// Behind a value that holds none.
    Behind(usize),
}

fn enter(bytes: &[u8], at: usize, open: &mut Vec<u8>) -> Option<Entered> {
    let close = match bytes.get(at)? {
        b'{' => b'}',
        b'[' => b']',
        b'"' => return string_end(bytes, at).map(Entered::Behind),
        _ => return plain_end(bytes, at).map(Entered::Behind),
    };
    let inside = skip_space(bytes, at + 1);
    if bytes.get(inside) == Some(&close) {
        return Some(Entered::Behind(inside + 1));
    }
    open.push(close);
    Some(Entered::Inside(if close == b'}' { key_end(bytes, inside)? } else { inside }))
}

enum Left {
    /// At the next value.
    Next(usize),
    /// Everything that was opened is closed.
    Done(usize),
}

fn leave(bytes: &[u8], mut at: usize, open: &mut Vec<u8>) -> Option<Left> {
    while let Some(close) = open.last().copied() {
        at = skip_space(bytes, at);
        let mark = *bytes.get(at)?;
        at += 1;
        if mark == b',' {
            return Some(Left::Next(if close == b'}' { key_end(bytes, at)? } else { at }));
        }
        (mark == close).then(|| open.pop())?;
    }
    Some(Left::Done(at))
}

/// Where the value of a key begins.
fn key_end(bytes: &[u8], at: usize) -> Option<usize> {
    let start = skip_space(bytes, at);
    (bytes.get(start) == Some(&b'"')).then_some(())?;
    let colon = skip_space(bytes, string_end(bytes, start)?);
    (bytes.get(colon) == Some(&b':')).then_some(colon + 1)
}

fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The end of a literal or a number.
fn plain_end(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    for literal in ["null", "true", "false"] {
        if rest.starts_with(literal.as_bytes()) {
            return Some(start + literal.len());
        }
    }
    let is_part = |byte: &&u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let length = rest.iter().take_while(is_part).count();
    (length > 0).then_some(start + length)
}

fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('\\') else { return Cow::Borrowed(text) };
    let (plain, mut rest) = text.split_at(first);
    let mut read = String::with_capacity(text.len());
    read.push_str(plain);
    while let Some(place) = rest.find('\\') {
        read.push_str(&rest[..place]);
        let (character, behind) = escaped(&rest[place + 1..]);
        read.push(character);
        rest = behind;
    }
    read.push_str(rest);
    Cow::Owned(read)
}

/// The character that an escape stands for, and what follows it.
fn escaped(text: &str) -> (char, &str) {
    let mut characters = text.chars();
    let character = match characters.next() {
        Some('n') => '\n',
        Some('t') => '\t',
        Some('r') => '\r',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('u') => return unicode(characters.as_str()),
        Some(other) => other,
        None => char::REPLACEMENT_CHARACTER,
    };
    (character, characters.as_str())
}

fn unicode(text: &str) -> (char, &str) {
    let Some((high, rest)) = unit(text) else { return (char::REPLACEMENT_CHARACTER, text) };
    let low = rest.strip_prefix("\\u").and_then(unit);
    if let Some((low, behind)) = low
        && let Some(Ok(character)) = char::decode_utf16([high, low]).next()
        && character > '\u{ffff}'
    {
        return (character, behind);
    }
    (char::from_u32(u32::from(high)).unwrap_or(char::REPLACEMENT_CHARACTER), rest)
}

fn unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
    u16::from_str_radix(digits, 16).ok().map(|unit| (unit, rest))
}

#[cfg(test)]
mod tests;
