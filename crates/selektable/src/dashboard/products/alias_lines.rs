//! The alias table as text: a line an id, `variant,product`. Pure.
//!
//! ```text
//! variant,product
//! 456,123
//! 457,
//! ```
//!
//! An empty product says that the id is a product of its own. A line that says so is a heading. A
//! third column `origin`, as the export has it, tells lines of the table from what orders and visualizations carried;
//! the latter are passed over, so that an export can be imported again without making facts into decisions.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord, Trim};
use selektable_domain::opaque::ProductId;
use selektable_domain::report::products::{AliasOrigin, AliasRow};
use selektable_store::rules::{ALIAS_CHANGES_MAX, AliasChange, AliasSays};

/// The columns, in their order.
pub(super) const COLUMNS: [&str; 3] = ["variant", "product", "origin"];

/// What a text says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    /// Its changes.
    pub changes: Vec<AliasChange>,
    /// Lines that say what facts carried, passed over.
    pub passed: usize,
    /// What is wrong: a sentence a faulty line.
    pub faults: Vec<String>,
}

/// An origin's code.
#[must_use]
pub(super) const fn origin_code(origin: &AliasOrigin) -> &'static str {
    match origin {
        AliasOrigin::Table => "table",
        AliasOrigin::Carried => "carried",
        AliasOrigin::Contradicted => "contradicted",
    }
}

/// Reads a text, naming every faulty line.
#[must_use]
pub(super) fn read(text: &str) -> Read {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut read = Read::default();
    let mut lines: BTreeMap<ProductId, (u64, AliasSays)> = BTreeMap::new();
    for record in reader.records() {
        let Ok(record) = record else {
            read.faults.push("The text is not CSV: a quote is not closed.".to_owned());
            continue;
        };
        let number = record.position().map_or(0, csv::Position::line);
        let heading = record.iter().zip(COLUMNS).all(|(cell, name)| cell.eq_ignore_ascii_case(name));
        if heading || record.iter().all(str::is_empty) {
            continue;
        }
        match line(&record) {
            Err(fault) => read.faults.push(format!("Line {number}: {fault}")),
            Ok(None) => read.passed += 1,
            Ok(Some(change)) => note(number, change, &mut lines, &mut read.faults),
        }
    }
    if lines.len() > ALIAS_CHANGES_MAX {
        read.faults.push(format!("An import has at most {ALIAS_CHANGES_MAX} lines: cut it in parts."));
    }
    read.changes = lines.into_iter().map(|(variant, (_, says))| AliasChange { variant, says }).collect();
    read
}

fn note(
    number: u64,
    change: AliasChange,
    lines: &mut BTreeMap<ProductId, (u64, AliasSays)>,
    faults: &mut Vec<String>,
) {
    match lines.get(&change.variant) {
        Some((earlier, says)) if *says != change.says => {
            faults.push(format!("Line {number}: line {earlier} says something else of {}.", change.variant));
        }
        Some(_) => {}
        None => {
            lines.insert(change.variant, (number, change.says));
        }
    }
}

/// One line; `None` for what facts carried.
fn line(record: &StringRecord) -> Result<Option<AliasChange>, String> {
    let cell = |place: usize| record.get(place).map(plain).unwrap_or_default();
    if record.len() < 2 {
        return Err("it needs two columns, the variant and the product.".to_owned());
    }
    if record.len() > COLUMNS.len() {
        return Err("it has more than three columns.".to_owned());
    }
    match cell(2) {
        "" | "table" => {}
        "carried" | "contradicted" => return Ok(None),
        _ => return Err("the third column is `table`, `carried`, `contradicted` or empty.".to_owned()),
    }
    let variant = ProductId::parse(cell(0)).map_err(|fault| format!("the variant {fault}."))?;
    let says = match cell(1) {
        "" => AliasSays::OwnProduct,
        product => {
            AliasSays::VariantOf(ProductId::parse(product).map_err(|fault| format!("the product {fault}."))?)
        }
    };
    if says == AliasSays::VariantOf(variant.clone()) {
        return Err(
            "variant and product are the same; leave the product empty for a product of its own.".to_owned()
        );
    }
    Ok(Some(AliasChange { variant, says }))
}

/// A cell without the `'` that an export puts before what a spreadsheet would run.
fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| runs(rest)).unwrap_or(cell)
}

/// Whether a spreadsheet would take a cell for a formula.
fn runs(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@'])
}

/// The table as CSV.
///
/// # Errors
/// Those of the writer; into memory there are none to be expected.
pub(super) fn write(rows: &[AliasRow]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let safe = |id: &ProductId| if runs(id.as_str()) { format!("'{id}") } else { id.to_string() };
    writer.write_record(COLUMNS)?;
    for row in rows {
        let product = row.product.as_ref().map(safe).unwrap_or_default();
        writer.write_record([safe(&row.variant), product, origin_code(&row.origin).to_owned()])?;
    }
    writer.into_inner().map_err(|fault| csv::Error::from(fault.into_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ProductId {
        ProductId::parse(text).unwrap()
    }

    fn change(variant: &str, product: Option<&str>) -> AliasChange {
        let says = product.map_or(AliasSays::OwnProduct, |product| AliasSays::VariantOf(id(product)));
        AliasChange { variant: id(variant), says }
    }

    #[test]
    fn lines_are_read_with_and_without_a_heading() {
        let read = read("\u{feff}Variant,Product\r\n456, 123\n\n457,\n\"a,b\",\"c \"\"d\"\"\"\n456,123\n");
        assert_eq!(read.faults, Vec::<String>::new());
        assert_eq!(
            read.changes,
            [change("456", Some("123")), change("457", None), change("a,b", Some("c \"d\""))]
        );
        assert_eq!(super::read("").changes, []);
    }

    #[test]
    fn every_faulty_line_is_named_by_its_number() {
        let read = read("456,123\nalone\n0,123\n7,null\n8,8\n456,9\n1,2,3\n1,2,table,4\n");
        let named: Vec<&str> = read.faults.iter().map(|fault| fault.split(':').next().unwrap()).collect();
        assert_eq!(named, ["Line 2", "Line 3", "Line 4", "Line 5", "Line 6", "Line 7", "Line 8"]);
        assert!(read.faults[4].contains("line 1 says something else of 456"), "{:?}", read.faults);
    }

    #[test]
    fn an_export_is_read_back_and_what_facts_carried_is_passed_over() {
        let row = |variant, product: Option<&str>, origin| AliasRow {
            variant: id(variant),
            product: product.map(id),
            origin,
        };
        let rows = [
            row("=1+1", Some("-2"), AliasOrigin::Table),
            row("'x", None, AliasOrigin::Table),
            row("5", Some("6"), AliasOrigin::Carried),
            row("7", None, AliasOrigin::Contradicted),
        ];
        let text = String::from_utf8(write(&rows).unwrap()).unwrap();
        assert!(text.contains("'=1+1,'-2,table\r\n"), "no spreadsheet runs an id: {text}");
        let read = read(&text);
        assert_eq!((read.passed, read.faults), (2, Vec::new()));
        assert_eq!(read.changes, [change("'x", None), change("=1+1", Some("-2"))]);
    }

    #[test]
    fn an_import_is_bounded() {
        let lines: Vec<String> = (0..=ALIAS_CHANGES_MAX).map(|line| format!("v{line},p")).collect();
        assert_eq!(read(&lines.join("\n")).faults.len(), 1);
    }
}
