//! The alias table: which ids are variants of which product, who says so, and changing it.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use selektable_domain::opaque::ProductId;
use selektable_domain::report::products::{AliasOrigin, AliasRow};
use selektable_store::rules::{ALIAS_ROWS_MAX, AliasChange, AliasSays};

use super::said::{self, Said};
use super::table::{self, Rows};
use super::{aliases_path, products_path};
use crate::ambient;
use crate::app::App;
use crate::dashboard::access::InStore;
use crate::dashboard::form::{Asked, Faults, Field, Input, Posted, Values};
use crate::dashboard::format;
use crate::dashboard::page::{PageResult, Shell, StoreTab, address, page_with, see};
use crate::dashboard::parts::{IdText, Pager};

#[derive(Template)]
#[template(path = "dashboard/products/aliases.html")]
struct AliasesPage {
    shell: Shell,
    path: String,
    products_href: String,
    answer: String,
    said: Option<String>,
    faults: Faults,
    filter: Field,
    filtered: bool,
    rows: Vec<Row>,
    pager: Pager,
    add: [Field; 3],
    import: ImportForm,
}

/// What was sent to be imported, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(super) struct ImportForm {
    /// The lines.
    pub lines: String,
    /// Faulty lines, each named.
    pub faults: Vec<String>,
}

struct Row {
    variant: String,
    id: IdText,
    product: Option<IdText>,
    product_text: String,
    says: &'static str,
    origin: &'static str,
    in_table: bool,
    contradicted: bool,
}

/// What a page of aliases says besides its rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    /// What was done.
    pub said: Option<String>,
    /// What is wrong with the form that adds a line.
    pub faults: Faults,
    /// What that form holds.
    pub values: Values,
    /// What is wrong with an import.
    pub import: ImportForm,
}

/// Reads a line of the table from a form.
pub(super) fn change_of(values: &Values, faults: &mut Faults) -> Option<AliasChange> {
    let variant = faults.take("variant", "The id", ProductId::parse(values.get("variant")));
    let mut product = || faults.take("product", "The product", ProductId::parse(values.get("product")));
    let says = match values.get("says") {
        "variant" => product().map(AliasSays::VariantOf),
        "own" => Some(AliasSays::OwnProduct),
        "nothing" => Some(AliasSays::Nothing),
        _ => {
            faults.add("says", "Choose what the table is to say.");
            None
        }
    };
    let change = AliasChange { variant: variant?, says: says? };
    if change.says == AliasSays::VariantOf(change.variant.clone()) {
        faults.add("product", "An id is no variant of itself: choose “a product of its own” instead.");
        return None;
    }
    Some(change)
}

fn add_fields(values: &Values, faults: &Faults) -> [Field; 3] {
    let says = [
        ("variant", "is a variant of the product below"),
        ("own", "is a product of its own"),
        ("nothing", "is what orders and visualizations say"),
    ];
    let says = says.map(|(code, name)| (code.to_owned(), name.to_owned()));
    let fields = [
        Field::line("variant", "Id")
            .hint("As it stands in an order's lines or in Selektable.open().")
            .value(values.get("variant")),
        Field::line("says", "This id").input(Input::Choice(says.to_vec())).value(values.get("says")),
        Field::line("product", "Product").hint("Only for a variant.").value(values.get("product")),
    ];
    fields.map(|field| field.judged(faults))
}

/// "This page answers": how many ids are joined, and by whom.
fn answer(rows: &[AliasRow]) -> String {
    if rows.len() >= ALIAS_ROWS_MAX as usize {
        return format!("{ALIAS_ROWS_MAX} ids or more are named as variants of other products.");
    }
    let of = |origin: &AliasOrigin| rows.iter().filter(|row| row.origin == *origin).count() as u64;
    let (table, carried) = (of(&AliasOrigin::Table), of(&AliasOrigin::Carried));
    let contradicted = of(&AliasOrigin::Contradicted);
    if rows.is_empty() {
        return "No id is known as a variant of another product.".to_owned();
    }
    let against = match contradicted {
        0 => String::new(),
        some => format!(" They contradict each other on {}.", format::counted(some, "id", "ids")),
    };
    let own = match table {
        0 => "Your table is empty".to_owned(),
        some => format!("Your table decides on {}", format::counted(some, "id", "ids")),
    };
    let others = format::counted(carried, "other id", "other ids");
    format!("{own}; orders and visualizations say of {others} which product it belongs to.{against}")
}

fn row(row: &AliasRow) -> Row {
    let contradicted = row.origin == AliasOrigin::Contradicted;
    Row {
        variant: row.variant.to_string(),
        id: IdText::new(&row.variant),
        product: row.product.as_ref().filter(|_| !contradicted).map(IdText::new),
        product_text: row.product.as_ref().map(ToString::to_string).unwrap_or_default(),
        says: if contradicted { "several products" } else { "a product of its own" },
        origin: match row.origin {
            AliasOrigin::Table => "your table",
            AliasOrigin::Carried => "orders or visualizations",
            AliasOrigin::Contradicted => {
                "they contradict each other: it does not count until your table decides"
            }
        },
        in_table: row.origin == AliasOrigin::Table,
        contradicted,
    }
}

fn view(place: &InStore, asked: &Values, first: &[AliasRow], found: &Rows, message: Message) -> AliasesPage {
    let path = aliases_path(place.store.id);
    let search = asked.get("id");
    let link = |after: &str| address::with_query(&path, &[("id", search), ("after", after)]);
    AliasesPage {
        shell: Shell::store("Aliases", place, StoreTab::Products),
        products_href: products_path(place.store.id),
        answer: answer(first),
        said: message.said,
        filter: Field::line("id", "Ids that begin with").value(search),
        filtered: !search.is_empty(),
        rows: found.rows.iter().map(row).collect(),
        pager: Pager {
            rows: "ids",
            shown: format::counted(found.rows.len() as u64, "id", "ids"),
            first: (!asked.get("after").is_empty()).then(|| link("")),
            next: found.next.as_ref().map(|next| link(next.as_str())),
            words: ["First", "Next"],
        },
        add: add_fields(&message.values, &message.faults),
        faults: message.faults,
        import: message.import,
        path,
    }
}

/// The page with a message.
pub(super) async fn answer_with(
    app: &App,
    place: &InStore,
    status: StatusCode,
    asked: &Values,
    message: Message,
) -> PageResult {
    let after = ProductId::parse(asked.get("after")).ok();
    let (first, found) = futures::try_join!(
        app.store.aliases(place.tenant, None, ALIAS_ROWS_MAX),
        table::rows(app, place.tenant, asked.get("id"), after),
    )?;
    page_with(status, &view(place, asked, &first, &found, message))
}

/// What was done on the way here, from the address.
fn done(asked: &Values) -> Option<String> {
    let said = Said::read(asked)?.words;
    let (id, imported) = (asked.get("set"), asked.get("imported"));
    Some(if id.is_empty() {
        let passed = match asked.get("passed") {
            "" | "0" => String::new(),
            passed => format!(" {passed} more were passed over, because they are not your table's."),
        };
        format!("{imported} lines imported, {} changed.{passed} {said}", asked.get("changed"))
    } else {
        format!("{id}: saved. {said}")
    })
}

/// `GET /stores/{store}/products/aliases`
pub(crate) async fn show(State(app): State<App>, place: InStore, Asked(asked): Asked) -> PageResult {
    let values = Values::from([("says", "variant")]);
    let message = Message { said: done(&asked), values, ..Message::default() };
    answer_with(&app, &place, StatusCode::OK, &asked, message).await
}

/// `POST /stores/{store}/products/aliases`: says something else of one id.
pub(crate) async fn change(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    let mut faults = Faults::default();
    let Some(change) = change_of(&values, &mut faults) else {
        let message = Message { faults, values, ..Message::default() };
        let asked = Values::default();
        return answer_with(&app, &place, StatusCode::UNPROCESSABLE_ENTITY, &asked, message).await;
    };
    let id = change.variant.to_string();
    let set = app.store.set_aliases(place.tenant, vec![change], ambient::now()).await?;
    let set = said::pairs(set);
    let pairs = set.iter().map(|(name, value)| (*name, value.as_str()));
    let pairs: Vec<(&str, &str)> = [("set", id.as_str())].into_iter().chain(pairs).collect();
    Ok(see(&address::with_query(&aliases_path(place.store.id), &pairs)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variant: &str, says: &str, product: &str) -> (Option<AliasChange>, Faults) {
        let mut faults = Faults::default();
        let values = Values::from([("variant", variant), ("says", says), ("product", product)]);
        (change_of(&values, &mut faults), faults)
    }

    #[test]
    fn a_line_names_two_ids_or_one_that_stands_alone() {
        assert!(matches!(read("456", "variant", "123").0.unwrap().says, AliasSays::VariantOf(_)));
        assert_eq!(read("456", "own", "ignored").0.unwrap().says, AliasSays::OwnProduct);
        assert_eq!(read("456", "nothing", "").0.unwrap().says, AliasSays::Nothing);
        for (variant, says, product, field) in [
            ("", "own", "", "variant"),
            ("undefined", "own", "", "variant"),
            ("456", "variant", "", "product"),
            ("456", "variant", "456", "product"),
            ("456", "", "123", "says"),
        ] {
            let (change, faults) = read(variant, says, product);
            assert!(change.is_none() && faults.of(field).is_some(), "{variant} {says} {product}");
        }
    }

    #[test]
    fn the_answer_counts_who_says_what() {
        let row = |variant: &str, origin| AliasRow {
            variant: ProductId::parse(variant).unwrap(),
            product: None,
            origin,
        };
        assert_eq!(answer(&[]), "No id is known as a variant of another product.");
        let rows = [
            row("1", AliasOrigin::Table),
            row("2", AliasOrigin::Carried),
            row("3", AliasOrigin::Contradicted),
        ];
        assert!(
            answer(&rows)
                .starts_with("Your table decides on 1 id; orders and visualizations say of 1 other id ")
        );
        assert!(answer(&rows).ends_with("They contradict each other on 1 id."));
    }
}
