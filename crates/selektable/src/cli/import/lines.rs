//! A file of one JSON object a line.

use std::io::{BufRead, Read};

use selektable_domain::platform::import::ImportFault;

/// Longest line, in bytes: as long as a platform's delivery.
pub(super) const LINE_BYTES_MAX: usize = selektable_domain::platform::DELIVERY_BYTES_MAX;

/// Hands out lines, empty ones left out.
pub(super) struct Lines<R> {
    reader: R,
    number: u64,
}

/// A line with its number, from 1.
pub(super) type Line = Result<(u64, String), ImportFault>;

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, number: 0 }
    }

    /// The next line; a line that is too long is read past and not kept.
    pub(super) fn next(&mut self) -> std::io::Result<Option<Line>> {
        loop {
            let mut bytes = Vec::new();
            let limit = LINE_BYTES_MAX as u64 + 1;
            if (&mut self.reader).take(limit).read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if bytes.last() != Some(&b'\n') && bytes.len() > LINE_BYTES_MAX {
                self.skip_rest()?;
                return Ok(Some(Err(self.fault("too_long", "is longer than 4 MiB"))));
            }
            match String::from_utf8(bytes) {
                Err(_) => return Ok(Some(Err(self.fault("not_utf8", "is not UTF-8 text")))),
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => return Ok(Some(Ok((self.number, text.trim().to_owned())))),
            }
        }
    }

    fn skip_rest(&mut self) -> std::io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(buffer.len(), |end| end + 1);
            self.reader.consume(length);
            if end.is_some() {
                return Ok(());
            }
        }
    }

    fn fault(&self, code: &'static str, detail: &str) -> ImportFault {
        ImportFault { line: self.number, place: "the line".to_owned(), code, detail: detail.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers_and_one_that_is_too_long_hides_no_other() {
        let long = "x".repeat(LINE_BYTES_MAX + 10);
        let file = [b"{}\r\n\n \n", long.as_bytes(), b"\n\xff\n{\"a\":1}"].concat();
        let mut lines = Lines::new(file.as_slice());
        let mut told = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            told.push(line.map_or_else(
                |fault| format!("{} {}", fault.line, fault.code),
                |(at, text)| format!("{at} {text}"),
            ));
        }
        assert_eq!(told, ["1 {}", "4 too_long", "5 not_utf8", "6 {\"a\":1}"]);
    }
}
