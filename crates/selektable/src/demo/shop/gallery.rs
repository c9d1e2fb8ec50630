//! The drawn pictures, each made once: in the background from the start on, or when the first request wants it.

use std::sync::{Arc, OnceLock};

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{StatusCode, header};

use selektable_scenery::{self as scenery, ImageResult};

use super::Site;
use super::catalogue::{self, Model, PRODUCTS};

/// Every picture of the shop. A failed drawing is kept as `None`, and answered as missing.
#[derive(Default)]
pub(super) struct Gallery {
    products: [OnceLock<Option<Bytes>>; PRODUCTS.len()],
    room: OnceLock<Option<Bytes>>,
}

impl Gallery {
    /// Draws everything on a thread of its own, the front page's first picture first.
    pub(super) fn begin(gallery: &Arc<Self>) {
        let gallery = Arc::clone(gallery);
        std::thread::spawn(move || {
            gallery.room();
            for product in PRODUCTS {
                gallery.product(product.model);
            }
        });
    }

    fn product(&self, model: Model) -> Option<Bytes> {
        let place = Model::ALL.iter().position(|known| *known == model)?;
        let draw = || kept(scenery::product_png(model, scenery::PRODUCT_SIDE_PX));
        self.products.get(place)?.get_or_init(draw).clone()
    }

    fn room(&self) -> Option<Bytes> {
        self.room.get_or_init(|| kept(scenery::room_jpeg(scenery::ROOM_WIDTH_PX))).clone()
    }
}

fn kept(drawn: ImageResult<Vec<u8>>) -> Option<Bytes> {
    drawn
        .inspect_err(|error| tracing::warn!(%error, "a picture of the demo shop could not be drawn"))
        .ok()
        .map(Bytes::from)
}

/// `/pictures/{product}.png`
pub(super) async fn product(State(site): State<Site>, Path(file): Path<String>) -> Response {
    let Some(product) = file.strip_suffix(".png").and_then(catalogue::find) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    answer("image/png", move || site.gallery.product(product.model)).await
}

/// `/room.jpg`
pub(super) async fn room(State(site): State<Site>) -> Response {
    answer("image/jpeg", move || site.gallery.room()).await
}

async fn answer(kind: &'static str, draw: impl FnOnce() -> Option<Bytes> + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(draw).await.ok().flatten() {
        Some(bytes) => {
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=3600")], bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
