//! An alias table as CSV, as a merchant exports it from a spreadsheet: a header line with `variantId` and
//! `productId` in any order, other columns passed over; commas or semicolons. An empty `productId` is a product of
//! its own. What a `'` protects from spreadsheets, as our own exports do, is read without it.

use std::borrow::Cow;

use csv::StringRecord;
use http::StatusCode;
use selektable_domain::json::{Json, Object};
use selektable_domain::products::{AskedAlias, parse_aliases};

use crate::http::problem::{Fault, Problem};

/// Reads a table of at most `lines_max` lines, or gives every fault with its line, such as `/line/3/variantId`.
pub(super) fn read(body: &[u8], lines_max: usize) -> Result<Vec<AskedAlias>, Problem> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let text = std::str::from_utf8(body).map_err(|_| not_utf8())?;
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).delimiter(delimiter(text)).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| unreadable(&error))?;
    let place = |name: &str| header.iter().position(|column| column.trim() == name);
    let (Some(variant), Some(product)) = (place("variantId"), place("productId")) else {
        let detail = "must be a header with the columns variantId and productId";
        return Err(Problem::content(vec![fault("/line/1", "missing", detail)]));
    };
    // One more than may be there is enough to see that there are too many.
    let records: Result<Vec<StringRecord>, _> = reader.records().take(lines_max + 1).collect();
    let table = Table { text, variant, product, records: records.map_err(|error| unreadable(&error))? };
    table.read(lines_max)
}

struct Table<'t> {
    text: &'t str,
    variant: usize,
    product: usize,
    records: Vec<StringRecord>,
}

impl Table<'_> {
    fn read(&self, lines_max: usize) -> Result<Vec<AskedAlias>, Problem> {
        let short = self.records.iter().filter(|record| self.cells(record).is_none());
        let mut faults: Vec<Fault> = short
            .map(|record| {
                fault(&format!("/line/{}", self.line(record)), "missing", "has fewer cells than the header")
            })
            .collect();
        let whole: Vec<&StringRecord> =
            self.records.iter().filter(|record| self.cells(record).is_some()).collect();
        if whole.is_empty() && !faults.is_empty() {
            return Err(Problem::content(faults));
        }
        let rows = whole.iter().filter_map(|record| self.cells(record)).map(as_json).collect();
        let document = Json::Object(Object::from_iter([("aliases", Json::Array(rows))]));
        let found = parse_aliases(&document, lines_max);
        let found = found.map_err(|of_rows| {
            faults.extend(of_rows.into_iter().map(|fault| self.at_line(fault.into(), &whole)));
        });
        match found {
            Ok(found) if faults.is_empty() => Ok(found),
            Ok(_) | Err(()) => Err(Problem::content(faults)),
        }
    }

    fn cells<'r>(&self, record: &'r StringRecord) -> Option<(&'r str, &'r str)> {
        Some((record.get(self.variant)?, record.get(self.product)?))
    }

    /// `/aliases/0/variantId` is `/line/2/variantId` where the first row stands in the second line.
    fn at_line(&self, fault: Fault, rows: &[&StringRecord]) -> Fault {
        let rest = fault.pointer.strip_prefix("/aliases/").unwrap_or("");
        let (index, field) = rest.split_once('/').unwrap_or((rest, ""));
        let row = index.parse::<usize>().ok().and_then(|index| rows.get(index));
        let pointer = row.map_or_else(String::new, |row| format!("/line/{}/{field}", self.line(row)));
        Fault { pointer, ..fault }
    }

    /// The reader says where it began to look for a record, which is before any empty lines.
    fn line(&self, record: &StringRecord) -> u64 {
        let Some(position) = record.position() else { return 0 };
        let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
        let rest = self.text.get(start..).unwrap_or("").chars();
        let empty = rest.take_while(|letter| matches!(letter, '\r' | '\n')).filter(|letter| *letter == '\n');
        position.line() + empty.map(|_| 1).sum::<u64>()
    }
}

fn as_json<'r>((variant, product): (&'r str, &'r str)) -> Json<'r> {
    let text = |cell: &'r str| Json::Text(Cow::Borrowed(unprotected(cell)));
    let product = if product.is_empty() { Json::Null } else { text(product) };
    Json::Object(Object::from_iter([("variantId", text(variant)), ("productId", product)]))
}

fn unprotected(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r'])).unwrap_or(cell)
}

fn fault(pointer: &str, code: &str, detail: &str) -> Fault {
    Fault { pointer: pointer.to_owned(), code: code.to_owned(), detail: detail.to_owned() }
}

/// Spreadsheets of countries that write 1,5 separate cells with semicolons.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or("");
    if header.contains(';') && !header.contains(',') { b';' } else { b',' }
}

fn not_utf8() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_utf8", "The table is not UTF-8: save it as CSV UTF-8.")
}

fn unreadable(error: &csv::Error) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_csv", format!("The table can't be read as CSV: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::opaque::ProductId;

    fn told(text: &str) -> Vec<(String, String)> {
        let faults = read(text.as_bytes(), 3).unwrap_err().faults;
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    fn id(text: &str) -> ProductId {
        ProductId::parse(text).unwrap()
    }

    #[test]
    fn a_spreadsheets_table_is_read_in_any_of_its_forms() {
        let expected = [
            AskedAlias { variant: id("456"), table: Some(Some(id("-1,2"))) },
            AskedAlias { variant: id("7"), table: Some(None) },
        ];
        for text in [
            "variantId,productId\n456,\"-1,2\"\n7,\n",
            "variantId,productId\r\n456,\"'-1,2\"\r\n\r\n7,\r\n",
            "\u{feff}productId;origin;variantId\n-1,2;table;456\n;carried;7\n",
        ] {
            assert_eq!(read(text.as_bytes(), 3).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = "variantId,productId\n1,1\n\n,2\n3\n";
        let expected = [
            ("/line/5", "missing"),
            ("/line/2/productId", "variant_of_itself"),
            ("/line/4/variantId", "empty_identifier"),
        ];
        assert_eq!(told(text), expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
        assert_eq!(told("variant,product\n1,2\n"), [("/line/1".to_owned(), "missing".to_owned())]);
        for text in ["variantId,productId\n", "variantId,productId\n1,a\n2,a\n3,a\n4,a\n"] {
            assert_eq!(told(text), [(String::new(), "out_of_range".to_owned())]);
        }
        assert_eq!(told("variantId,productId\n1\n"), [("/line/2".to_owned(), "missing".to_owned())]);
        assert_eq!(read(b"variantId,productId\n\xff,1\n", 3).unwrap_err().code, "invalid_utf8");
    }
}
