//! Erasing a person: what goes, what stays, and what an erasure went through. And what a platform passed on.

pub(crate) mod requests;

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use selektable_domain::opaque::{UserId, VisitorId};
use selektable_store::rules::{Erased, Erasing};

use super::access::InStore;
use super::error::PageError;
use super::form::{Faults, Field, Input, Posted, Values};
use super::format;
use super::page::{PageResult, Shell, StoreTab, address, page_with};
use crate::ambient;
use crate::app::App;
use requests::RequestRow;

const USER: &str = "user";
const VISITOR: &str = "visitor";

#[derive(Template)]
#[template(path = "dashboard/privacy.html")]
struct PrivacyPage {
    shell: Shell,
    path: String,
    settings_href: String,
    name: String,
    keep_traits: bool,
    requests: Vec<RequestRow>,
    name_again: Option<Field>,
    faults: Faults,
    fields: Vec<Field>,
    result: Option<Outcome>,
}

/// What became of an erasure; never names the person again.
struct Outcome {
    found: bool,
    sentence: String,
}

async fn view(
    app: &App,
    place: &InStore,
    values: &Values,
    faults: Faults,
    result: Option<Outcome>,
) -> Result<PrivacyPage, PageError> {
    let records = app.store.privacy_requests(place.tenant).await?;
    let (requests, deletes_shop) = requests::rows(&records, place);
    Ok(PrivacyPage {
        shell: Shell::store("Privacy", place, StoreTab::Settings),
        path: address::store(place.store.id, "/privacy"),
        settings_href: address::store(place.store.id, "/settings"),
        name: place.store.settings.name.clone(),
        keep_traits: place.store.settings.keep_traits,
        requests,
        name_again: deletes_shop.then(|| requests::name_again(values, &faults)),
        fields: fields(values, &faults),
        faults,
        result,
    })
}

async fn show_again(
    app: &App,
    place: &InStore,
    values: &Values,
    faults: Faults,
    result: Option<Outcome>,
    status: StatusCode,
) -> PageResult {
    page_with(status, &view(app, place, values, faults, result).await?)
}

fn fields(values: &Values, faults: &Faults) -> Vec<Field> {
    let kinds = [(USER, "Customer (the id your shop gives to identify())"), (VISITOR, "One browser")];
    let kinds = kinds.map(|(code, text)| (code.to_owned(), text.to_owned())).to_vec();
    let fields = [
        Field::line("who", "Who")
            .input(Input::Choice(kinds))
            .hint("A customer goes with what happened on their browsers while these were theirs. One browser goes without the customer ids that logged in on it: erase the customer for those.")
            .value(values.get("who")),
        Field::line("id", "Customer id or visitor id")
            .hint("Exactly as it stands on a conversion's page.")
            .value(values.get("id")),
        Field::line("sure", "Erase for good: it can't be undone, and backups made before still hold the ids")
            .input(Input::Tick)
            .value(if values.ticked("sure") { "on" } else { "" }),
    ];
    fields.into_iter().map(|field| field.judged(faults)).collect()
}

/// `GET /stores/{store}/privacy`
pub(crate) async fn show(State(app): State<App>, place: InStore) -> PageResult {
    show_again(&app, &place, &Values::default(), Faults::default(), None, StatusCode::OK).await
}

/// `POST /stores/{store}/privacy`
pub(crate) async fn erase(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    let mut faults = Faults::default();
    let who = judge(&values, &mut faults);
    let Some(who) = who.filter(|_| faults.is_empty()) else {
        return show_again(&app, &place, &values, faults, None, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let erased = app.store.erase_person(place.tenant, who, ambient::now(), ambient::pseudonym_seed()).await?;
    show_again(&app, &place, &Values::default(), faults, Some(outcome(erased)), StatusCode::OK).await
}

fn judge(values: &Values, faults: &mut Faults) -> Option<Erasing> {
    let id = values.raw("id");
    let who = match values.get("who") {
        USER => faults.take("id", "The id", UserId::parse(id)).map(Erasing::User),
        VISITOR => faults.take("id", "The id", VisitorId::parse(id)).map(Erasing::Visitor),
        _ => {
            faults.add("who", "Choose whom to erase.");
            None
        }
    };
    if !values.ticked("sure") {
        faults.add("sure", "Tick the box: an erasure can't be undone.");
    }
    who
}

fn outcome(erased: Erased) -> Outcome {
    let Erased { facts, conversions, visualizations, pictures } = erased;
    if facts == 0 {
        let sentence = "Nothing in this store carries this id, so nothing was changed.".to_owned();
        return Outcome { found: false, sentence };
    }
    let parts = [
        format::counted(conversions, "conversion", "conversions"),
        format::counted(visualizations, "visualization", "visualizations"),
    ];
    let sentence = format!(
        "Ids were replaced in {}, among them {}; {} deleted. Counts and money are as they were.",
        format::counted(facts, "fact", "facts"),
        format::listed(&parts),
        match pictures {
            0 => "no kept picture had to be".to_owned(),
            1 => "1 kept picture was".to_owned(),
            several => format!("{} kept pictures were", format::integer(several)),
        }
    );
    Outcome { found: true, sentence }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(pairs: [(&str, &str); 3]) -> (Option<Erasing>, bool) {
        let mut faults = Faults::default();
        let who = judge(&Values::from(pairs), &mut faults);
        (who, faults.is_empty())
    }

    #[test]
    fn a_person_is_erased_by_an_id_that_can_be_one_and_only_on_purpose() {
        let ann = Erasing::User(UserId::parse("ann").unwrap());
        assert_eq!(judged([("who", "user"), ("id", "ann"), ("sure", "on")]), (Some(ann), true));
        let browser = Erasing::Visitor(VisitorId::parse("v-1").unwrap());
        assert_eq!(judged([("who", "visitor"), ("id", "v-1"), ("sure", "on")]), (Some(browser), true));
        for wrong in [
            [("who", "user"), ("id", "undefined"), ("sure", "on")],
            [("who", "user"), ("id", ""), ("sure", "on")],
            [("who", "all"), ("id", "ann"), ("sure", "on")],
        ] {
            assert!(!judged(wrong).1, "{wrong:?}");
        }
        let mut faults = Faults::default();
        judge(&Values::from([("who", "user"), ("id", "ann")]), &mut faults);
        assert!(!faults.is_empty());
    }

    #[test]
    fn the_result_counts_what_was_gone_through() {
        let all = Erased { facts: 12, conversions: 3, visualizations: 1, pictures: 1 };
        assert_eq!(
            outcome(all).sentence,
            "Ids were replaced in 12 facts, among them 3 conversions and 1 visualization; 1 kept picture was deleted. Counts and money are as they were."
        );
        assert!(!outcome(Erased::default()).found);
    }
}
