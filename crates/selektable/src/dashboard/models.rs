//! The same conversions under every model, side by side: which widget and which product gets how much.

use askama::Template;
use axum::extract::State;
use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::money::Currency;
use selektable_domain::report::models::{Credited, CreditedMoney, ModelColumn, ModelShare, ModelsReport};
use selektable_domain::rules::Model;
use selektable_domain::time::Zone;

use super::access::InStore;
use super::answer::Answer;
use super::figures;
use super::form::Asked;
use super::page::{PageResult, Shell, StoreTab, address, page};
use super::parts::{Amount, IdText};
use super::period::{Period, Picker};
use super::{format, words};
use crate::ambient;
use crate::app::App;

#[derive(Template)]
#[template(path = "dashboard/models.html")]
struct ModelsPage {
    shell: Shell,
    picker: Picker,
    answer: Answer,
    redeciding: bool,
    models: Vec<ModelHead>,
    groups: Vec<Group>,
    total: Vec<Cell>,
    none: NoneLine,
    reasons: Vec<ReasonLine>,
    rules: String,
    rules_href: String,
    begin: Option<String>,
}

struct ModelHead {
    name: String,
    meaning: &'static str,
    in_force: bool,
}

/// Widgets, or products.
struct Group {
    title: &'static str,
    rows: Vec<Row>,
}

struct Row {
    name: Name,
    cells: Vec<Cell>,
}

enum Name {
    Widget { name: String, href: Option<String> },
    Product(IdText),
}

struct Cell {
    model: String,
    in_force: bool,
    /// Conversions, in parts: "1.5 conversions"; nothing for a total.
    weight: Option<String>,
    money: Vec<Pair>,
}

/// Direct and assisted of one currency, side by side. A kind that has nothing of a currency is left out beside one
/// that has.
struct Pair {
    direct: Option<Amount>,
    assisted: Option<Amount>,
}

struct NoneLine {
    count: String,
    money: Vec<Amount>,
    href: String,
}

struct ReasonLine {
    name: String,
    meaning: &'static str,
    count: String,
    href: String,
}

/// `GET /stores/{store}/models`
pub(crate) async fn show(State(app): State<App>, place: InStore, Asked(asked): Asked) -> PageResult {
    let zone: &Zone = &place.store.settings.zone;
    let period = Period::read(&asked, zone, ambient::now());
    let (report, rules) = futures::try_join!(
        app.store.models(place.tenant, period.range),
        figures::rules_of(&app, &place, &period)
    )?;
    page(&view(&report, rules, &place, &period))
}

fn view(report: &ModelsReport, rules: String, place: &InStore, period: &Period) -> ModelsPage {
    let list = address::store(place.store.id, "/conversions");
    let none_pairs = ("type", AttributionType::None.code());
    let in_force = report.models.iter().find(|column| column.in_force).or(report.models.first());
    let rows = in_force.map(|column| column.shares.as_slice()).unwrap_or_default();
    let (widgets, products): (Vec<&ModelShare>, Vec<&ModelShare>) =
        rows.iter().partition(|share| matches!(share.credited, Credited::Widget(_)));
    let make = |shares: Vec<&ModelShare>| shares.into_iter().map(|share| row(share, report, place)).collect();
    ModelsPage {
        shell: Shell::store("Models", place, StoreTab::Models),
        picker: period.picker(&address::store(place.store.id, "/models"), &[]),
        answer: answer(report, period, place),
        redeciding: place.store.redeciding,
        models: report.models.iter().map(head).collect(),
        groups: [("Widgets", widgets), ("Products shown", products)]
            .into_iter()
            .filter(|(_, shares)| !shares.is_empty())
            .map(|(title, shares)| Group { title, rows: make(shares) })
            .collect(),
        total: report.models.iter().map(|column| total(column, place)).collect(),
        none: NoneLine {
            count: format::of(report.by_type.none, report.by_type.total()),
            money: report
                .unattributed_money
                .iter()
                .map(|line| Amount::plain(line.net_minor, line.currency))
                .collect(),
            href: period.link(&list, &[none_pairs]),
        },
        reasons: report
            .unattributed
            .iter()
            .map(|(reason, count)| ReasonLine {
                name: format::capital(words::reason(*reason)),
                meaning: words::reason_meaning(*reason),
                count: format::of(*count, report.by_type.none),
                href: period.link(&list, &[none_pairs, ("reason", Reason::code(*reason))]),
            })
            .collect(),
        rules,
        rules_href: address::store(place.store.id, "/rules"),
        begin: (report.by_type.total() == 0).then(|| address::connecting(&place.store)),
    }
}

fn head(column: &ModelColumn) -> ModelHead {
    ModelHead {
        name: format::capital(words::model(column.model)),
        meaning: words::model_meaning(column.model),
        in_force: column.in_force,
    }
}

fn row(share: &ModelShare, report: &ModelsReport, place: &InStore) -> Row {
    let cell = |column: &ModelColumn| {
        let own = column.shares.iter().find(|other| other.credited == share.credited);
        let money = own.map(|own| own.money.as_slice()).unwrap_or_default();
        Cell {
            weight: Some(conversions(own.map_or(0, |own| own.weight))),
            ..amounts(column, money, place.store.settings.currency)
        }
    };
    Row { name: name(&share.credited, place), cells: report.models.iter().map(cell).collect() }
}

fn total(column: &ModelColumn, place: &InStore) -> Cell {
    amounts(column, &column.total, place.store.settings.currency)
}

fn amounts(column: &ModelColumn, money: &[CreditedMoney], usual: Currency) -> Cell {
    let nothing = CreditedMoney { currency: usual, direct_minor: 0, assisted_minor: 0 };
    let only = money.len() < 2;
    let pair = |line: &CreditedMoney| {
        let amount = |minor: i128| {
            (only || minor != 0 || line.currency == usual).then(|| Amount::plain(minor, line.currency))
        };
        Pair { direct: amount(line.direct_minor), assisted: amount(line.assisted_minor) }
    };
    Cell {
        model: format::capital(words::model(column.model)),
        in_force: column.in_force,
        weight: None,
        money: if money.is_empty() { vec![pair(&nothing)] } else { money.iter().map(pair).collect() },
    }
}

fn name(credited: &Credited, place: &InStore) -> Name {
    match credited {
        Credited::Widget(id) => {
            let widget = place.store.widgets.iter().find(|widget| widget.id == *id);
            Name::Widget {
                name: widget.map_or_else(|| id.to_string(), |widget| widget.settings.name.clone()),
                href: widget.map(|widget| address::widget(place.store.id, widget.id, "")),
            }
        }
        Credited::Product(id) => Name::Product(IdText::new(id)),
    }
}

/// A sum of weights as conversions: "1 conversion", "1.5 conversions".
fn conversions(weight: u128) -> String {
    match format::weight(weight) {
        one if one == "1" => "1 conversion".to_owned(),
        several => format!("{several} conversions"),
    }
}

/// The largest difference of one kind of money from the model in force.
struct Difference<'a> {
    model: Model,
    in_force: Model,
    credited: &'a Credited,
    kind: AttributionType,
    minor: i128,
    currency: Currency,
}

impl Difference<'_> {
    const fn size(&self) -> (u128, bool) {
        (self.minor.unsigned_abs(), self.minor > 0)
    }
}

/// What differs most: of the widgets, or of the products where every widget gets the same; in the store's own
/// currency where that differs at all, because amounts of two currencies can't be compared.
fn difference(report: &ModelsReport, usual: Currency) -> Option<Difference<'_>> {
    let base = report.models.iter().find(|column| column.in_force)?;
    let of_widget = |share: &&ModelShare| matches!(share.credited, Credited::Widget(_));
    let largest = |widgets: bool, own: bool| {
        let columns = report.models.iter().filter(|column| !column.in_force);
        let pairs = columns.flat_map(|column| {
            let shares = column.shares.iter().filter(|share| of_widget(share) == widgets);
            shares.flat_map(move |share| differences(share, column.model, base))
        });
        pairs
            .filter(|found| found.minor != 0 && (found.currency == usual) == own)
            // Of equals the one that gains, then the first, so that the sentence does not change without a reason.
            .reduce(|best, next| if next.size() > best.size() { next } else { best })
    };
    [(true, true), (true, false), (false, true), (false, false)]
        .into_iter()
        .find_map(|(widgets, own)| largest(widgets, own))
}

fn differences<'a>(share: &'a ModelShare, model: Model, base: &'a ModelColumn) -> Vec<Difference<'a>> {
    let own = base.shares.iter().find(|other| other.credited == share.credited);
    let before = own.map(|own| own.money.as_slice()).unwrap_or_default();
    let currencies = share.money.iter().chain(before).map(|line| line.currency);
    let of = |lines: &[CreditedMoney], currency, kind| {
        let line = lines.iter().find(|line| line.currency == currency);
        line.map_or(0, |line| match kind {
            AttributionType::Direct => line.direct_minor,
            AttributionType::Assisted => line.assisted_minor,
            AttributionType::None => 0,
        })
    };
    currencies
        .flat_map(|currency| {
            [AttributionType::Direct, AttributionType::Assisted].map(|kind| (currency, kind))
        })
        .map(|(currency, kind)| Difference {
            model,
            in_force: base.model,
            credited: &share.credited,
            kind,
            minor: of(&share.money, currency, kind) - of(before, currency, kind),
            currency,
        })
        .collect()
}

fn answer(report: &ModelsReport, period: &Period, place: &InStore) -> Answer {
    let mut answer = Answer::default();
    let attributed = report.by_type.direct + report.by_type.assisted;
    let Some(found) = difference(report, place.store.settings.currency) else {
        if attributed == 0 {
            answer.stress("No conversion");
            answer.say(format!(
                " {} came after a visualization, so there is no credit to share.",
                period.words()
            ));
        } else {
            answer.stress("All five models say the same");
            answer.say(format!(
                " about the {} {} {}: their money goes to the same widgets and products.",
                format::of(attributed, report.by_type.total()),
                if report.by_type.total() == 1 { "conversion" } else { "conversions" },
                period.words()
            ));
        }
        return answer;
    };
    let who = match name(found.credited, place) {
        Name::Widget { name, .. } => name,
        Name::Product(_) => match found.credited {
            Credited::Product(id) => format!("product {id}"),
            Credited::Widget(id) => id.to_string(),
        },
    };
    answer.say(format!("Under {}, {who} would get ", words::model(found.model)));
    let amount = format::money(found.minor.abs(), found.currency);
    answer.stress(format!("{amount} {}", if found.minor > 0 { "more" } else { "less" }));
    answer.say(format!(
        " {} revenue than under {}, the model in force: the largest difference {}.",
        words::kind(found.kind).to_lowercase(),
        words::model(found.in_force),
        period.words()
    ));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::id::WidgetId;
    use selektable_domain::opaque::ProductId;
    use selektable_domain::report::TypeCounts;
    use uuid::Uuid;

    fn eur() -> Currency {
        Currency::parse("EUR").unwrap()
    }

    fn widget(number: u128) -> Credited {
        Credited::Widget(WidgetId::from_uuid(Uuid::from_u128(number)))
    }

    fn share(credited: Credited, direct_minor: i128, assisted_minor: i128) -> ModelShare {
        let money = vec![CreditedMoney { currency: eur(), direct_minor, assisted_minor }];
        ModelShare { credited, weight: 1_500_000_000, money }
    }

    fn report(columns: [Vec<ModelShare>; 2]) -> ModelsReport {
        let models = columns.into_iter().zip([Model::LastTouch, Model::FirstTouch]);
        let column = |(shares, model)| ModelColumn {
            model,
            in_force: model == Model::LastTouch,
            shares,
            total: Vec::new(),
        };
        ModelsReport {
            by_type: TypeCounts { direct: 3, assisted: 1, none: 4 },
            models: models.map(column).collect(),
            unattributed: Vec::new(),
            unattributed_money: Vec::new(),
        }
    }

    #[test]
    fn the_largest_difference_of_one_kind_of_money_is_found() {
        let report = report([
            vec![share(widget(1), 1_000, 500), share(widget(2), 0, 0)],
            vec![share(widget(1), 600, 500), share(widget(2), 400, 0)],
        ]);
        let found = difference(&report, eur()).unwrap();
        assert_eq!((found.credited, found.minor, found.kind), (&widget(2), 400, AttributionType::Direct));
        assert_eq!((found.model, found.in_force), (Model::FirstTouch, Model::LastTouch));
    }

    #[test]
    fn products_speak_where_every_widget_gets_the_same() {
        let product = |id: &str| Credited::Product(ProductId::parse(id).unwrap());
        let same = || share(widget(1), 1_000, 0);
        let report = report([
            vec![same(), share(product("a"), 1_000, 0), share(product("b"), 0, 0)],
            vec![same(), share(product("a"), 0, 0), share(product("b"), 1_000, 0)],
        ]);
        assert_eq!(difference(&report, eur()).unwrap().credited, &product("b"));
        assert!(difference(&report_of_one(same()), eur()).is_none());
    }

    fn report_of_one(one: ModelShare) -> ModelsReport {
        report([vec![one.clone()], vec![one]])
    }

    #[test]
    fn a_difference_in_another_currency_is_told_when_the_stores_own_has_none() {
        let other = Currency::parse("JPY").unwrap();
        let report = report([vec![share(widget(1), 100, 0)], vec![share(widget(1), 0, 0)]]);
        assert_eq!(difference(&report, other).unwrap().currency, eur());
    }
}
