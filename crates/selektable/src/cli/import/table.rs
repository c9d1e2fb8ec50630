//! A CSV file: names in the first line, values below; separated by commas, semicolons or tabs, whichever the first line
//! has most of. Values may be quoted and run over several lines.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use selektable_domain::platform::import::{ImportFault, Row};

/// Longest row, in bytes, quoted line breaks included. A quote that nobody closes would read the rest of the file.
const ROW_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A file's rows.
pub(super) struct Table<R> {
    reader: csv::Reader<Bounded<R>>,
    since_row: Arc<AtomicU64>,
    names: StringRecord,
}

/// One row that has as many values as there are names.
pub(super) struct TableRow {
    pub(super) line: u64,
    values: StringRecord,
}

impl TableRow {
    /// The value of a column, in any case of letters; `None` when it is empty.
    pub(super) fn value(&self, names: &StringRecord, column: &str) -> Option<&str> {
        let place = names.iter().position(|name| name.trim().eq_ignore_ascii_case(column))?;
        self.values.get(place).map(str::trim).filter(|value| !value.is_empty())
    }

    /// Names with values.
    pub(super) fn row<'a>(&'a self, names: &'a StringRecord) -> Row<'a> {
        Row { line: self.line, cells: names.iter().zip(self.values.iter()).collect() }
    }
}

impl<R: BufRead> Table<R> {
    /// Reads the names.
    pub(super) fn open(mut reader: R) -> io::Result<Self> {
        let separator = separator(reader.fill_buf()?);
        let since_row = Arc::<AtomicU64>::default();
        let bounded = Bounded::new(reader, Arc::clone(&since_row));
        let mut reader = ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(bounded);
        let names = reader.headers().map_err(io::Error::other)?.clone();
        Ok(Self { reader, since_row, names })
    }

    pub(super) fn names(&self) -> &StringRecord {
        &self.names
    }

    /// The next row, or why it is none. Rows without any value are left out.
    pub(super) fn next(&mut self) -> io::Result<Option<Result<TableRow, ImportFault>>> {
        loop {
            self.since_row.store(0, Ordering::Relaxed);
            let mut record = ByteRecord::new();
            if !self.reader.read_byte_record(&mut record).map_err(io::Error::other)? {
                return Ok(None);
            }
            if record.iter().all(|value| value.trim_ascii().is_empty()) {
                continue;
            }
            // Where the row ends is known exactly; where it begins, the reader counts empty lines in.
            let inside: u64 = record.iter().map(line_feeds).sum();
            let line = self.reader.position().line().saturating_sub(inside + 1);
            return Ok(Some(self.judge(line, record)));
        }
    }

    fn judge(&self, line: u64, record: ByteRecord) -> Result<TableRow, ImportFault> {
        let fault = |code, detail| ImportFault { line, place: "the line".to_owned(), code, detail };
        if record.len() != self.names.len() {
            let detail = format!(
                "has {} values where the first line has {} names: a quote or a separator is missing or too many",
                record.len(),
                self.names.len()
            );
            return Err(fault("wrong_columns", detail));
        }
        let values = StringRecord::from_byte_record(record)
            .map_err(|_| fault("not_utf8", "is not UTF-8 text: save the file as CSV UTF-8".to_owned()))?;
        Ok(TableRow { line, values })
    }
}

fn line_feeds(value: &[u8]) -> u64 {
    value.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

/// Commas, semicolons (Excel, where the comma divides decimals) or tabs, counted in the first line outside of quotes.
fn separator(head: &[u8]) -> u8 {
    let mut is_quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in head {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if !is_quoted => {
                if let Some((_, count)) = counts.iter_mut().find(|(separator, _)| separator == byte) {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

/// Ends a file whose row does not end, and makes every line end in a line feed: otherwise lines could not be counted.
struct Bounded<R> {
    inner: R,
    since_row: Arc<AtomicU64>,
    /// A carriage return that may belong to a line feed.
    held: bool,
    last: u8,
}

impl<R: BufRead> Bounded<R> {
    fn new(inner: R, since_row: Arc<AtomicU64>) -> Self {
        Self { inner, since_row, held: false, last: b'\n' }
    }

    /// What is left to hand out once the file has ended.
    fn end(&mut self) -> Option<u8> {
        let open = std::mem::take(&mut self.held) || self.last != b'\n';
        self.last = b'\n';
        open.then_some(b'\n')
    }
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_row.load(Ordering::Relaxed) > ROW_BYTES_MAX {
            let detail = "a row does not end within 4 MiB: a quote is not closed";
            return Err(io::Error::new(io::ErrorKind::InvalidData, detail));
        }
        let mut written = 0;
        while written == 0 && !buffer.is_empty() {
            let found = self.inner.fill_buf()?;
            if found.is_empty() {
                let Some(end) = self.end() else { return Ok(0) };
                buffer[0] = end;
                return Ok(1);
            }
            let mut taken = 0;
            while taken < found.len() && written < buffer.len() {
                let byte = found[taken];
                if self.held && byte != b'\n' {
                    self.held = false;
                    self.last = b'\r';
                    buffer[written] = b'\r';
                    written += 1;
                    continue;
                }
                taken += 1;
                self.held = byte == b'\r';
                if !self.held {
                    self.last = byte;
                    buffer[written] = byte;
                    written += 1;
                }
            }
            self.inner.consume(taken);
        }
        self.since_row.fetch_add(written as u64, Ordering::Relaxed);
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn told(file: &str) -> Vec<String> {
        let mut table = Table::open(file.as_bytes()).unwrap();
        let names = table.names().clone();
        let mut told = Vec::new();
        while let Some(row) = table.next().unwrap() {
            told.push(match row {
                Ok(row) => format!("{} {:?}", row.line, row.row(&names).cells),
                Err(fault) => format!("{} {}", fault.line, fault.code),
            });
        }
        told
    }

    #[rstest]
    #[case("a,b\n1,\"2\n;\"\n", r#"2 [("a", "1"), ("b", "2\n;")]"#)]
    #[case("a;b\r\n1;2,5\r\n", r#"2 [("a", "1"), ("b", "2,5")]"#)]
    #[case("a,b\r\n\r\n1,\"2\r\n3\"", r#"3 [("a", "1"), ("b", "2\n3")]"#)]
    #[case("a,b\r1,2\r", r#"1 [("a", "1"), ("b", "2")]"#)]
    #[case("a\tb\n1\t\"say \"\"hi\"\"\"", r#"2 [("a", "1"), ("b", "say \"hi\"")]"#)]
    #[case("\"a;b;c\",b\n1,2\n", r#"2 [("a;b;c", "1"), ("b", "2")]"#)]
    fn separators_quotes_and_line_ends_are_read_as_programs_write_them(
        #[case] file: &str,
        #[case] row: &str,
    ) {
        assert_eq!(told(file), [row]);
    }

    #[test]
    fn a_damaged_row_is_told_with_its_line_and_hides_no_other() {
        assert_eq!(
            told("a,b\n\n1\n,\n\"x\ny\",2\n3,4,5\n6,7\n"),
            [
                "3 wrong_columns",
                r#"5 [("a", "x\ny"), ("b", "2")]"#,
                "7 wrong_columns",
                r#"8 [("a", "6"), ("b", "7")]"#,
            ]
        );
    }

    #[test]
    fn a_quote_that_nobody_closes_does_not_fill_the_memory() {
        let file = format!("a,b\n1,\"{}", "x".repeat(6 * 1024 * 1024));
        let mut table = Table::open(std::io::BufReader::new(file.as_bytes())).unwrap();
        assert!(table.next().err().unwrap().to_string().contains("quote"));
    }
}
