//! `multipart/form-data`, read field by field into memory within limits. Nothing is written to disk.

use std::collections::BTreeMap;

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use bytes::Bytes;
use http::StatusCode;

use super::studio::refuse;
use crate::app::App;
use crate::http::body;
use crate::http::problem::Problem;

/// Largest form.
pub(super) const FORM_BYTES_MAX: usize = 20 * 1024 * 1024;
/// Most fields, unknown ones included.
const FIELDS_MAX: usize = 32;

/// What a form may hold.
#[derive(Clone, Copy)]
pub(super) struct FieldRule {
    /// Its name.
    pub name: &'static str,
    /// Its most bytes.
    pub bytes_max: usize,
}

/// A form's known fields.
pub(super) struct Form(BTreeMap<&'static str, Bytes>);

impl Form {
    /// Reads a form whose known fields are `rules`; others are read past.
    pub(super) async fn read(request: Request, app: &App, rules: &[FieldRule]) -> Result<Self, Problem> {
        body::require_media_type(request.headers(), &[mime::MULTIPART_FORM_DATA])?;
        body::check_declared(request.headers(), FORM_BYTES_MAX)?;
        let multipart = Multipart::from_request(request, app).await.map_err(|_| {
            malformed("The Content-Type has no boundary: let the browser or the library set it.")
        })?;
        let time = app.config.limits.body;
        tokio::time::timeout(time, collect(multipart, rules)).await.unwrap_or_else(|_| {
            let detail = format!("The form did not arrive within {} s.", time.as_secs_f64());
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", detail))
        })
    }

    /// A file, if it was sent and is not empty.
    pub(super) fn file(&mut self, name: &str) -> Option<Vec<u8>> {
        self.0.remove(name).filter(|bytes| !bytes.is_empty()).map(Vec::from)
    }

    /// A text, if it was sent and is not empty.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let Some(bytes) = self.0.remove(name).filter(|bytes| !bytes.is_empty()) else {
            return Ok(None);
        };
        let text = String::from_utf8(bytes.into());
        text.map(Some).map_err(|_| refuse(&format!("/{name}"), "invalid_utf8", "must be text in UTF-8"))
    }
}

fn malformed(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_multipart", detail)
}

fn broken(error: &MultipartError) -> Problem {
    tracing::debug!(%error, "a form could not be read");
    malformed("The form is not multipart/form-data as RFC 7578 has it, or it broke off before its end.")
}

async fn collect(mut multipart: Multipart, rules: &[FieldRule]) -> Result<Form, Problem> {
    let mut form = BTreeMap::new();
    let (mut fields, mut total) = (0, 0);
    while let Some(field) = multipart.next_field().await.map_err(|error| broken(&error))? {
        fields += 1;
        if fields > FIELDS_MAX {
            return Err(malformed("The form has more than 32 fields."));
        }
        let rule = rules.iter().find(|rule| field.name() == Some(rule.name));
        let bytes = read_field(field, rule, &mut total).await?;
        if let Some(FieldRule { name, .. }) = rule
            && form.insert(*name, bytes).is_some()
        {
            return Err(refuse(&format!("/{name}"), "duplicate_field", "stands more than once"));
        }
    }
    Ok(Form(form))
}

/// The bytes of a known field; of an unknown one nothing, though its bytes count.
async fn read_field(
    mut field: Field<'_>,
    rule: Option<&FieldRule>,
    total: &mut usize,
) -> Result<Bytes, Problem> {
    let mut kept = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        *total += chunk.len();
        if *total > FORM_BYTES_MAX {
            return Err(body::too_large(FORM_BYTES_MAX));
        }
        let Some(rule) = rule else { continue };
        if kept.len() + chunk.len() > rule.bytes_max {
            let detail = format!("is larger than {} bytes", rule.bytes_max);
            return Err(Problem {
                status: StatusCode::PAYLOAD_TOO_LARGE,
                code: "field_too_large",
                ..refuse(&format!("/{}", rule.name), "too_large", detail)
            });
        }
        kept.extend_from_slice(&chunk);
    }
    Ok(kept.into())
}
