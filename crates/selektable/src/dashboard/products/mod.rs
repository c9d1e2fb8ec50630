//! A store's products: what was shown and bought, what nearly counted, and which ids are one product.

mod alias_file;
mod alias_lines;
mod aliases;
mod join;
mod said;
mod table;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::{get, post};
use selektable_domain::id::StoreId;
use selektable_domain::money::Currency;
use selektable_domain::report::products::{LineMoney, NEAR_MISSES_MAX, NearMiss, PRODUCTS_MAX, ProductRow};

use super::access::InStore;
use super::form::Asked;
use super::format;
use super::page::{PageResult, Shell, StoreTab, address, page};
use super::parts::IdText;
use super::period::{Period, Picker};
use crate::ambient;
use crate::app::App;
use said::JoinSaid;

/// Near misses in sight; the others, of fewer orders, stand in a part to be opened. Of one order alone, two ids are
/// rarely one product.
const MISSES_IN_SIGHT: usize = 5;

/// The pages of products.
pub(super) fn routes() -> Router<App> {
    let import = post(alias_file::import).layer(DefaultBodyLimit::max(alias_file::IMPORT_BYTES_MAX));
    Router::new()
        .route("/stores/{store}/products", get(show))
        .route("/stores/{store}/products/join", post(join::join))
        .route("/stores/{store}/products/aliases", get(aliases::show).post(aliases::change))
        .route("/stores/{store}/products/aliases/import", import)
        .route("/stores/{store}/products/aliases.csv", get(alias_file::export))
}

fn products_path(store: StoreId) -> String {
    address::store(store, "/products")
}

fn aliases_path(store: StoreId) -> String {
    address::store(store, "/products/aliases")
}

#[derive(Template)]
#[template(path = "dashboard/products/index.html")]
struct ProductsPage {
    shell: Shell,
    picker: Picker,
    period_pairs: Vec<(&'static str, String)>,
    period_words: String,
    answer: String,
    said: Option<JoinSaid>,
    join_href: String,
    aliases_href: String,
    install_href: String,
    misses: Vec<MissRow>,
    more_misses: Vec<MissRow>,
    more_words: String,
    misses_cut: bool,
    rows: Vec<Row>,
    rows_cut: bool,
    exact: bool,
}

struct MissRow {
    ordered: String,
    visualized: String,
    ordered_id: IdText,
    visualized_id: IdText,
    orders: String,
    money: Vec<String>,
    example: IdText,
    example_href: String,
}

struct Row {
    product: IdText,
    visualizations: String,
    ordered: String,
    after: String,
    lines: Vec<String>,
    visualized: Vec<String>,
}

/// `GET /stores/{store}/products`
pub(crate) async fn show(State(app): State<App>, place: InStore, Asked(asked): Asked) -> PageResult {
    let period = Period::read(&asked, &place.store.settings.zone, ambient::now());
    let (products, misses) = futures::try_join!(
        app.store.products(place.tenant, period.range),
        app.store.near_misses(place.tenant, period.range),
    )?;
    let path = products_path(place.store.id);
    let miss_row = |miss: &NearMiss| miss_row(miss, place.store.id);
    let more: Vec<MissRow> = misses.iter().skip(MISSES_IN_SIGHT).map(miss_row).collect();
    page(&ProductsPage {
        shell: Shell::store("Products", &place, StoreTab::Products),
        picker: period.picker(&path, &[]),
        period_pairs: period.pairs(),
        period_words: period.words(),
        answer: answer(&products, &period.words()),
        said: JoinSaid::read(&asked),
        join_href: format!("{path}/join"),
        aliases_href: aliases_path(place.store.id),
        install_href: address::connecting(&place.store),
        misses: misses.iter().take(MISSES_IN_SIGHT).map(miss_row).collect(),
        more_words: format::counted(more.len() as u64, "more pair of ids", "more pairs of ids"),
        more_misses: more,
        misses_cut: misses.len() >= NEAR_MISSES_MAX,
        rows: products.iter().map(row).collect(),
        rows_cut: products.len() >= PRODUCTS_MAX,
        exact: place.store.ruleset.products == selektable_domain::rules::ProductMatch::Exact,
    })
}

/// "Of 8 products visualized in the last 30 days 6 were bought by those who had visualized them, for €4,310.00."
fn answer(products: &[ProductRow], when: &str) -> String {
    let visualized = products.iter().filter(|row| row.visualizations > 0).count() as u64;
    let bought = products.iter().filter(|row| row.ordered_after_visualization > 0).count() as u64;
    if visualized == 0 && bought == 0 {
        let ordered = products.iter().filter(|row| row.ordered > 0).count() as u64;
        return match ordered {
            0 => format!("No product was visualized or ordered {when}."),
            _ => format!(
                "No product was visualized {when}; {} ordered.",
                if ordered == 1 { "1 was".to_owned() } else { format!("{} were", format::integer(ordered)) }
            ),
        };
    }
    let shown = format::counted(visualized, "product", "products");
    match bought {
        0 => format!("{shown} visualized {when}; none was bought by somebody who had visualized it."),
        _ => format!(
            "{shown} visualized {when}; {} bought by somebody who had visualized {}: lines of {}.",
            if bought == 1 { "1 was".to_owned() } else { format!("{} were", format::integer(bought)) },
            if bought == 1 { "it" } else { "them" },
            total(products).join(" and "),
        ),
    }
}

/// Lines bought after a visualization, a text a currency. A line belongs to one product, so these may be added.
fn total(products: &[ProductRow]) -> Vec<String> {
    let mut sums: Vec<(Currency, i128)> = Vec::new();
    for line in products.iter().flat_map(|row| &row.money) {
        match sums.iter_mut().find(|(currency, _)| *currency == line.currency) {
            Some((_, sum)) => *sum += line.visualized_minor,
            None => sums.push((line.currency, line.visualized_minor)),
        }
    }
    sums.sort_by_key(|(currency, _)| currency.code());
    let some = sums.into_iter().filter(|(_, sum)| *sum != 0);
    let told: Vec<String> = some.map(|(currency, sum)| format::money(sum, currency)).collect();
    if told.is_empty() { vec!["no money yet".to_owned()] } else { told }
}

fn row(product: &ProductRow) -> Row {
    let money = |minor: fn(&LineMoney) -> i128| -> Vec<String> {
        product.money.iter().map(|line| format::money(minor(line), line.currency)).collect()
    };
    Row {
        product: IdText::new(&product.product),
        visualizations: format::integer(product.visualizations),
        ordered: format::integer(product.ordered),
        after: match product.ordered {
            0 => format::UNKNOWN.to_owned(),
            ordered => format::of(product.ordered_after_visualization, ordered),
        },
        lines: money(|line| line.lines_minor),
        visualized: money(|line| line.visualized_minor),
    }
}

fn miss_row(miss: &NearMiss, store: StoreId) -> MissRow {
    let money = miss.money.iter().filter(|line| line.net_minor != 0);
    MissRow {
        ordered: miss.ordered.to_string(),
        visualized: miss.visualized.to_string(),
        ordered_id: IdText::new(&miss.ordered),
        visualized_id: IdText::new(&miss.visualized),
        orders: format::counted(miss.conversions, "order", "orders"),
        money: money.map(|line| format::money(line.net_minor, line.currency)).collect(),
        example: IdText::new(&miss.example),
        example_href: address::conversion(store, miss.example.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::opaque::ProductId;

    fn product(id: &str, visualizations: u64, after: u64, money: &[(&str, i128)]) -> ProductRow {
        let line = |(code, minor): &(&str, i128)| LineMoney {
            currency: Currency::parse(code).unwrap(),
            lines_minor: minor * 2,
            visualized_minor: *minor,
        };
        ProductRow {
            product: ProductId::parse(id).unwrap(),
            visualizations,
            ordered: after * 2,
            ordered_after_visualization: after,
            money: money.iter().map(line).collect(),
        }
    }

    #[test]
    fn the_answer_counts_products_and_adds_lines_of_one_currency_only() {
        let when = "in the last 30 days";
        assert_eq!(answer(&[], when), "No product was visualized or ordered in the last 30 days.");
        let one = product("1", 0, 0, &[]);
        let ordered = ProductRow { ordered: 1, ..one };
        assert_eq!(answer(&[ordered], when), "No product was visualized in the last 30 days; 1 was ordered.");
        let rows = [
            product("1", 9, 2, &[("EUR", 1_000), ("JPY", 7)]),
            product("2", 1, 1, &[("EUR", 500)]),
            product("3", 4, 0, &[]),
        ];
        assert_eq!(
            answer(&rows, when),
            "3 products visualized in the last 30 days; 2 were bought by somebody who had visualized them: lines of €15.00 and ¥7."
        );
    }
}
