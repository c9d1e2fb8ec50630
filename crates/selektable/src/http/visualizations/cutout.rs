//! `POST /api/widgets/{widgetId}/cutout`: the product without its background, for the live preview. Nothing is
//! recorded.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};

use super::browser::admit;
use super::form::{FieldRule, Form};
use super::inputs::PRODUCT_BYTES_MAX;
use super::studio::refuse;
use crate::app::App;
use crate::http::client_address::ClientAddress;
use crate::http::problem::{Problem, ProblemDocument};

const FIELDS: [FieldRule; 2] = [
    FieldRule { name: "image", bytes_max: PRODUCT_BYTES_MAX },
    FieldRule { name: "imageUrl", bytes_max: 4_096 },
];

/// Cut a product out of its picture
///
/// Sent by the widget's frame, with the picture itself or with its address. Product pictures are fetched from the
/// public internet only: http or https on port 80, 443, 8080 or 8443, at most 3 redirects, 10 seconds and 10 MiB.
#[utoipa::path(
    post,
    path = "/api/widgets/{widgetId}/cutout",
    operation_id = "makeCutout",
    tag = "Browser",
    params(("widgetId" = String, Path, description = "The widget")),
    request_body(content = crate::http::openapi::bodies::CutoutForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The product with transparency, at most 1,024 pixels a side", content_type = "image/png", body = Vec<u8>),
        (status = 400, description = "Not a form", body = ProblemDocument),
        (status = 403, description = "Not from the widget's own frame", body = ProblemDocument),
        (status = 404, description = "No such widget", body = ProblemDocument),
        (status = 413, description = "Larger than 10 MiB", body = ProblemDocument),
        (status = 415, description = "Not `multipart/form-data`", body = ProblemDocument),
        (status = 422, description = "The picture can't be fetched or used", body = ProblemDocument),
        (status = 429, description = "Too many from this address", body = ProblemDocument),
        (status = 503, description = "Too many pictures are being made", body = ProblemDocument),
    ),
)]
pub(super) async fn make(
    State(app): State<App>,
    address: ClientAddress,
    Path(widget): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let (_, widget) = admit(&app, &headers, address, &widget).await?;
    let _job = app.studio.begin()?;
    let mut form = Form::read(request, &app, &FIELDS).await?;
    let cutout = match (form.file("image"), form.text("imageUrl")?) {
        (Some(bytes), _) => app.studio.cut("/image", bytes).await?,
        (None, Some(url)) => app.studio.fetch_and_cut("/imageUrl", widget.id, url).await?,
        (None, None) => {
            let detail = "is required: send the picture as `image`, or its address as `imageUrl`";
            return Err(refuse("/image", "missing", detail));
        }
    };
    let png = app.studio.work(move || {
        cutout.to_png().map_err(|fault| {
            tracing::error!(%fault, "a cut-out could not be written");
            refuse("/image", "damaged_image", "The product could not be cut out. Choose another picture.")
        })
    });
    let headers = [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "private, no-store")];
    Ok((headers, png.await?).into_response())
}
