//! `POST /api/widgets/{widgetId}/visualizations`: photo and product in, picture out, recorded in one transaction with
//! the picture's row. The photo itself is never stored.

use axum::Json as JsonAnswer;
use axum::extract::{Path, Request, State};
use http::{HeaderMap, StatusCode};
use selektable_domain::id::{OwnVisualizationId, WidgetId};
use selektable_domain::time::{HOUR_MS, Timestamp};
use selektable_domain::visualization::Visualization;
use selektable_render::{Cutout, Limits, Photo, Placement, Product, Products, Quality, compose};
use selektable_store::Tenant;
use selektable_store::ingest::{NewVisualization, StoredPicture};
use selektable_store::settings::WidgetRecord;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::form::Form;
use super::inputs::{FIELDS, Inputs, ProductImage};
use super::server::{public_id, result};
use super::studio::{refuse, refuse_image};
use crate::ambient;
use crate::app::App;
use crate::http::client_address::ClientAddress;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::widget::same_origin;
use crate::http::{privacy, rate};
use crate::secret::random_base62;

/// The renderer of this machine, as it is recorded.
pub(super) const RENDERER: &str = "builtin";
/// 22 base-62 digits are 131 bits: a picture's address can't be guessed.
const TOKEN_LENGTH: usize = 22;

/// A finished picture.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PictureAnswer {
    /// Always true.
    pub success: bool,
    /// Our id.
    #[schema(example = "viz_01kaqx2v3e7m8r9s0t1v2w3x4y")]
    pub visualization_id: String,
    /// Where the picture is; null when a repeated request's picture was deleted meanwhile.
    pub picture_url: Option<String>,
    /// When it is deleted.
    pub expires_at: Option<String>,
    /// What made it.
    #[schema(example = "builtin")]
    pub renderer: &'static str,
    /// `created`, or `unchanged` when the `requestId` was known: nothing was recorded twice.
    #[schema(example = "created")]
    pub result: &'static str,
}

/// 404 for a widget that does not exist.
pub(super) fn unknown_widget() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown_widget", "There is no widget with this id.")
}

/// The widget of a browser's request, once the request may be answered at all: it is from our own frame, and its
/// address has not asked too often.
pub(super) async fn admit(
    app: &App,
    headers: &HeaderMap,
    address: ClientAddress,
    widget: &str,
) -> Result<(Tenant, WidgetRecord), Problem> {
    same_origin::require(headers, app)?;
    let widget = widget.parse().map_err(|_| unknown_widget())?;
    let (tenant, _, widget) = app.store.public_widget(widget).await?.ok_or_else(unknown_widget)?;
    let limit = app.limits.widget.check(&address.limit_key());
    limit.map_err(|wait| {
        rate::too_many("too_many_pictures", "Too many pictures were asked for. Wait a moment.", wait)
    })?;
    Ok((tenant, widget))
}

/// Make a picture
///
/// Sent by the widget's frame. A request with a known `requestId` gives the same picture and records nothing. With
/// `Sec-GPC: 1` and no `consent` the picture is made and belongs to nobody.
#[utoipa::path(
    post,
    path = "/api/widgets/{widgetId}/visualizations",
    operation_id = "makePicture",
    tag = "Browser",
    params(("widgetId" = String, Path, description = "The widget")),
    request_body(content = crate::http::openapi::bodies::PictureForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The picture is stored and recorded", body = PictureAnswer),
        (status = 400, description = "Not a form", body = ProblemDocument),
        (status = 403, description = "Not from the widget's own frame", body = ProblemDocument),
        (status = 404, description = "No such widget", body = ProblemDocument),
        (status = 413, description = "Larger than 20 MiB, or a field larger than its limit", body = ProblemDocument),
        (status = 415, description = "Not `multipart/form-data`", body = ProblemDocument),
        (status = 422, description = "A field is wrong, or a picture can't be used", body = ProblemDocument),
        (status = 429, description = "Too many from this address", body = ProblemDocument),
        (status = 503, description = "Too many pictures are being made, or storage down or full", body = ProblemDocument),
    ),
)]
pub(super) async fn make(
    State(app): State<App>,
    address: ClientAddress,
    Path(widget): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<JsonAnswer<PictureAnswer>, Problem> {
    let (tenant, widget) = admit(&app, &headers, address, &widget).await?;
    let _job = app.studio.begin()?;
    let mut inputs = Inputs::read(&mut Form::read(request, &app, &FIELDS).await?)?;
    if privacy::ignored(&headers, inputs.consent).is_some() {
        (inputs.visitor, inputs.session) = (None, None);
    }
    let product = std::mem::replace(&mut inputs.product, ProductImage::Sent(Vec::new()));
    let cutout = match product {
        ProductImage::Sent(bytes) => app.studio.cut("/product", bytes).await?,
        ProductImage::Url(url) => app.studio.fetch_and_cut("/productImageUrl", widget.id, url).await?,
    };
    let (photo, placement) = (std::mem::take(&mut inputs.photo), inputs.placement);
    let jpeg = app.studio.work(move || render(&photo, cutout, placement)).await?;
    let new = record_of(tenant, &widget, inputs, jpeg, ambient::now());
    answer(&app, new).await.map(JsonAnswer)
}

fn render(photo: &[u8], cutout: Cutout, placement: Placement) -> Result<Vec<u8>, Problem> {
    let photo = Photo::decode(photo, &Limits::PHOTO).map_err(|fault| refuse_image("/photo", fault))?;
    let products = Products::new(vec![Product { cutout, placement }])
        .map_err(|fault| refuse("/products", "too_many_products", fault.to_string()))?;
    compose(&photo, &products).to_jpeg(Quality::DEFAULT).map_err(|fault| {
        tracing::error!(%fault, "a picture could not be written");
        refuse("/photo", "damaged_image", "The picture could not be made. Choose another photo.")
    })
}

fn record_of(
    tenant: Tenant,
    widget: &WidgetRecord,
    inputs: Inputs,
    jpeg: Vec<u8>,
    now: Timestamp,
) -> NewVisualization {
    let id = inputs.request.map_or_else(ambient::new_id, |request| repeatable_id(widget.id, request));
    let retention_ms = i64::from(widget.settings.retention_hours) * HOUR_MS;
    NewVisualization {
        tenant,
        visualization: Visualization {
            id: public_id(id),
            widget: widget.id,
            visitor: inputs.visitor,
            session: inputs.session,
            products: inputs.products,
            at: now,
        },
        renderer: Some(RENDERER.to_owned()),
        picture: Some(StoredPicture {
            token: random_base62(TOKEN_LENGTH),
            media_type: "image/jpeg".to_owned(),
            bytes: jpeg,
            expires_at: now.plus_millis(retention_ms),
        }),
        received_at: now,
        sample: false,
    }
}

/// The id of one click, however often its request is sent. It does not sort by time, which no rule needs: equal times
/// are ordered by id, and any order that stays will do.
fn repeatable_id(widget: WidgetId, request: Uuid) -> OwnVisualizationId {
    let digest = Sha256::new().chain_update(widget.as_bytes()).chain_update(request.as_bytes()).finalize();
    let mut bits = [0; 16];
    bits.copy_from_slice(&digest[..16]);
    OwnVisualizationId::from_uuid(Uuid::from_bytes(bits))
}

async fn answer(app: &App, new: NewVisualization) -> Result<PictureAnswer, Problem> {
    let id = new.visualization.id.clone();
    let recorded = app.store.record_visualization(new).await?;
    let (token, expires_at) = recorded.picture.unzip();
    Ok(PictureAnswer {
        success: true,
        visualization_id: id.to_string(),
        picture_url: token.map(|token| app.url(&format!("/pictures/{token}"))),
        expires_at: expires_at.map(Timestamp::to_rfc3339),
        renderer: RENDERER,
        result: result(recorded.created),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_click_has_one_id_and_another_widget_another() {
        let [one, other] = [1, 2].map(|number| WidgetId::from_uuid(Uuid::from_u128(number)));
        let click = Uuid::from_u128(7);
        assert_eq!(repeatable_id(one, click), repeatable_id(one, click));
        assert_ne!(repeatable_id(one, click), repeatable_id(other, click));
        assert_ne!(repeatable_id(one, click), repeatable_id(one, Uuid::from_u128(8)));
    }
}
