//! A store's webhook secrets: made by us, pasted from the platform, removed. Several at once, so that one can take the
//! place of another while both still sign.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use selektable_domain::platform::secret::{SECRETS_MAX, WebhookSecret};
use selektable_domain::time::Zone;
use selektable_store::platforms::{SecretAdded, SecretRecord};
use selektable_store::settings::Platform;

use super::{platform_of, show_again};
use crate::ambient;
use crate::app::App;
use crate::dashboard::access::InStore;
use crate::dashboard::error::PageError;
use crate::dashboard::form::{Faults, Field, Posted, Values};
use crate::dashboard::page::{PageResult, address, see};
use crate::dashboard::parts::TimeText;
use crate::secret::random_base62;

/// Characters of a secret of our own making: letters and digits only, because `WordPress` drops or escapes others.
const SECRET_CHARACTERS: usize = 40;

/// The form's field for a pasted secret.
pub(super) const PASTED: &str = "secret";

struct SecretRow {
    number: u32,
    hint: String,
    /// The whole of it, when it may be shown again.
    shown: Option<String>,
    created: TimeText,
    last_used: Option<TimeText>,
}

/// The list of secrets and the forms to change it.
#[derive(Template)]
#[template(path = "dashboard/connect/secrets.html")]
pub(super) struct Secrets {
    path: String,
    rows: Vec<SecretRow>,
    is_woocommerce: bool,
    is_full: bool,
    pasted: Field,
}

impl askama::filters::HtmlSafe for Secrets {}

/// The list, with what is wrong with the form that was sent.
pub(super) fn view(place: &InStore, secrets: &[SecretRecord], faults: &Faults, path: &str) -> Secrets {
    let zone = &place.store.settings.zone;
    let is_woocommerce = place.store.platform == Platform::WooCommerce;
    let hint = if is_woocommerce {
        "The Secret field of a webhook that exists already. Not the consumer secret (cs_…) of the REST API."
    } else {
        "The text after “Your webhooks will be signed with”, or the client secret of the app that makes the webhooks."
    };
    let label = if is_woocommerce { "The webhook's secret" } else { "The key that signs the webhooks" };
    Secrets {
        path: format!("{path}/secrets"),
        rows: secrets.iter().map(|secret| row(secret, zone)).collect(),
        is_woocommerce,
        is_full: secrets.len() >= SECRETS_MAX,
        // What was pasted is not shown again: it is a secret, and it is wrong.
        pasted: Field::line(PASTED, label).hint(hint).judged(faults),
    }
}

fn row(record: &SecretRecord, zone: &Zone) -> SecretRow {
    SecretRow {
        number: record.number,
        hint: record.secret.hint(),
        shown: record.made_by_us.then(|| record.secret.reveal().to_owned()),
        created: TimeText::new(record.created_at, zone),
        last_used: record.last_used_at.map(|at| TimeText::new(at, zone)),
    }
}

/// A secret of our own making.
pub(crate) fn make() -> Result<WebhookSecret, PageError> {
    WebhookSecret::parse(&random_base62(SECRET_CHARACTERS))
        .map_err(|fault| PageError::Internal(format!("a secret of our own making {fault}")))
}

/// `POST /stores/{store}/connect/secrets/make`
pub(crate) async fn add_made(State(app): State<App>, place: InStore) -> PageResult {
    platform_of(&place)?;
    let added = app.store.add_webhook_secret(place.tenant, make()?, true, ambient::now()).await?;
    answer(&app, &place, added).await
}

/// `POST /stores/{store}/connect/secrets`
pub(crate) async fn add_pasted(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    platform_of(&place)?;
    let mut faults = Faults::default();
    let secret = faults.take(PASTED, "What was pasted", WebhookSecret::parse(values.raw(PASTED)));
    let Some(secret) = secret else {
        return show_again(&app, &place, faults, &Values::default(), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let added = app.store.add_webhook_secret(place.tenant, secret, false, ambient::now()).await?;
    answer(&app, &place, added).await
}

async fn answer(app: &App, place: &InStore, added: SecretAdded) -> PageResult {
    match added {
        SecretAdded::Added(_) | SecretAdded::Known(_) => Ok(see(&back(place))),
        SecretAdded::TooMany => {
            let mut faults = Faults::default();
            faults.add(PASTED, "A store has at most 5 secrets. Remove one that is not used any more first.");
            show_again(app, place, faults, &Values::default(), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

fn back(place: &InStore) -> String {
    format!("{}#secrets", address::store(place.store.id, "/connect"))
}

/// `POST /stores/{store}/connect/secrets/remove`
pub(crate) async fn remove(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    platform_of(&place)?;
    let number: u32 = values.get("number").parse().map_err(|_| PageError::NotFound)?;
    if !app.store.remove_webhook_secret(place.tenant, number).await? {
        return Err(PageError::NotFound);
    }
    Ok(see(&back(&place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_of_our_own_making_is_forty_letters_and_digits() {
        let secret = make().unwrap();
        assert_eq!(secret.reveal().len(), SECRET_CHARACTERS);
        assert!(secret.reveal().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(make().unwrap(), secret);
    }
}
