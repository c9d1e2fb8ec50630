//! The alias table in and out as CSV.

use axum::extract::{FromRequest, Multipart, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use selektable_store::rules::ALIAS_CHANGES_MAX;

use super::alias_lines;
use super::aliases::{ImportForm, Message, answer_with};
use super::{aliases_path, said, table};
use crate::ambient;
use crate::app::App;
use crate::dashboard::access::InStore;
use crate::dashboard::error::PageError;
use crate::dashboard::form::Values;
use crate::dashboard::page::{PageResult, address, see};

/// Most bytes of an import: the most lines it may have, of two long ids each.
pub(super) const IMPORT_BYTES_MAX: usize = ALIAS_CHANGES_MAX * 2 * 256;

/// What was sent: lines that were typed, a file, or both.
pub(crate) struct Sent(String);

impl FromRequest<App> for Sent {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let mut form = Multipart::from_request(request, app).await.map_err(|_| PageError::BadForm)?;
        let mut text = String::new();
        while let Some(field) = form.next_field().await.map_err(|_| PageError::BadForm)? {
            let bytes = field.bytes().await.map_err(|_| PageError::BadForm)?;
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}'));
        }
        Ok(Self(text))
    }
}

/// `POST /stores/{store}/products/aliases/import`
pub(crate) async fn import(State(app): State<App>, place: InStore, Sent(text): Sent) -> PageResult {
    let mut read = alias_lines::read(&text);
    if read.faults.is_empty() && read.changes.is_empty() {
        read.faults.push("There is no line to import: paste lines or choose a file.".to_owned());
    }
    if !read.faults.is_empty() {
        let import = ImportForm { lines: text, faults: read.faults };
        let message = Message { import, values: Values::from([("says", "variant")]), ..Message::default() };
        let asked = Values::default();
        return answer_with(&app, &place, StatusCode::UNPROCESSABLE_ENTITY, &asked, message).await;
    }
    let (lines, passed) = (read.changes.len().to_string(), read.passed.to_string());
    let set = app.store.set_aliases(place.tenant, read.changes, ambient::now()).await?;
    let set = said::pairs(set);
    let counted = [("imported", lines.as_str()), ("passed", passed.as_str())];
    let pairs = set.iter().map(|(name, value)| (*name, value.as_str()));
    let pairs: Vec<(&str, &str)> = counted.into_iter().chain(pairs).collect();
    Ok(see(&address::with_query(&aliases_path(place.store.id), &pairs)))
}

/// `GET /stores/{store}/products/aliases.csv`: every line, as an import takes it.
pub(crate) async fn export(State(app): State<App>, place: InStore) -> Result<Response, PageError> {
    let rows = table::all(&app, place.tenant).await?;
    let bytes = alias_lines::write(&rows)
        .map_err(|fault| PageError::Internal(format!("the aliases could not be written: {fault}")))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"aliases.csv\"")),
    ];
    Ok((headers, bytes).into_response())
}
