//! Where pictures are made: how many at once, how many may wait, and off the threads that answer requests.

use std::sync::{Arc, OnceLock};

use http::{HeaderValue, StatusCode, header};
use selektable_domain::id::WidgetId;
use selektable_render::{Cutout, ImageFault, Limits};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::cutouts::Cutouts;
use crate::ambient;
use crate::http::fetch::{FetcherFault, ImageFetcher};
use crate::http::problem::{Fault, Problem};

/// Requests for pictures that may be under way at once, uploads included; each may hold 20 MiB.
pub(super) const JOBS_MAX: usize = 16;
/// Most pictures that are composed at the same time, however many processors there are; each may take 450 MB for a
/// moment (see `selektable_render`).
const RENDERS_MAX: usize = 4;

/// Shared by the routes that make pictures.
pub struct Studio {
    jobs: Arc<Semaphore>,
    renders: Arc<Semaphore>,
    fetcher: OnceLock<ImageFetcher>,
    cutouts: Cutouts,
}

/// A place among [`JOBS_MAX`]; given back when dropped.
pub struct Job(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

fn busy() -> Problem {
    let detail = "Too many pictures are being made right now. Try again in a moment.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "renderer_busy", detail)
        .with_header(header::RETRY_AFTER, HeaderValue::from_static("2"))
}

/// 422 with one fault.
pub(super) fn refuse(pointer: &str, code: &str, detail: impl Into<String>) -> Problem {
    Problem::content(vec![Fault {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        detail: detail.into(),
    }])
}

/// 422 for a picture that can't be read.
pub(super) fn refuse_image(pointer: &str, fault: ImageFault) -> Problem {
    let code = match fault {
        ImageFault::TooManyBytes { .. } => "image_too_large",
        ImageFault::TooManyPixels { .. } => "too_many_pixels",
        ImageFault::Unsupported => "unsupported_image",
        ImageFault::Animated => "animated_image",
        ImageFault::Damaged => "damaged_image",
        ImageFault::Empty => "empty_image",
    };
    refuse(pointer, code, fault.to_string())
}

impl Default for Studio {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            jobs: Arc::new(Semaphore::new(JOBS_MAX)),
            renders: Arc::new(Semaphore::new(processors.min(RENDERS_MAX))),
            fetcher: OnceLock::new(),
            cutouts: Cutouts::default(),
        }
    }
}

impl Studio {
    /// The client for product pictures, made when the first one is asked for: its certificates take memory that an
    /// idle server should not.
    fn fetcher(&self) -> Result<&ImageFetcher, FetcherFault> {
        if let Some(made) = self.fetcher.get() {
            return Ok(made);
        }
        let made = ImageFetcher::new()?;
        Ok(self.fetcher.get_or_init(|| made))
    }

    /// A place for one request, or 503 when all are taken: waiting longer than the shopper would helps nobody.
    pub fn begin(&self) -> Result<Job, Problem> {
        Arc::clone(&self.jobs).try_acquire_owned().map(Job).map_err(|_| busy())
    }

    /// Does the work of a picture when it is its turn, on a thread that may block.
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = Arc::clone(&self.renders).acquire_owned().await.map_err(|_| busy())?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.unwrap_or_else(|error| {
            tracing::error!(%error, "the renderer gave up on a picture");
            Err(refuse("", "damaged_image", "The picture could not be made. Choose another photo."))
        })
    }

    /// The cut-out of a picture that was sent along.
    pub async fn cut(&self, pointer: &'static str, bytes: Vec<u8>) -> Result<Cutout, Problem> {
        self.work(move || {
            Cutout::from_image(&bytes, &Limits::PRODUCT).map_err(|fault| refuse_image(pointer, fault))
        })
        .await
    }

    /// The cut-out of a picture of the widget's shop, fetched unless that was done lately.
    pub async fn fetch_and_cut(
        &self,
        pointer: &'static str,
        widget: WidgetId,
        url: String,
    ) -> Result<Cutout, Problem> {
        let key = (widget, url);
        if let Some(kept) = self.cutouts.get(&key, ambient::now()) {
            return Ok(kept);
        }
        let client = self.fetcher().map_err(|fault| {
            tracing::error!(%fault, "product pictures can't be fetched");
            busy()
        })?;
        let fetched = client.fetch(&key.1).await;
        let bytes = fetched.map_err(|fault| {
            tracing::info!(%widget, ?fault, "a product picture was not fetched");
            refuse(pointer, fault.code(), fault.to_string())
        })?;
        let cutout = self.cut(pointer, bytes).await?;
        self.cutouts.put(key, ambient::now(), cutout.clone());
        Ok(cutout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_request_too_many_is_told_when_to_come_back_and_a_finished_one_makes_room() {
        let studio = Studio::default();
        let mut jobs: Vec<Job> = (0..JOBS_MAX).map(|_| studio.begin().ok().unwrap()).collect();
        let refused = studio.begin().err().unwrap();
        assert_eq!((refused.status, refused.code), (StatusCode::SERVICE_UNAVAILABLE, "renderer_busy"));
        assert!(refused.headers.iter().any(|(name, _)| name == header::RETRY_AFTER));
        jobs.pop();
        assert!(studio.begin().is_ok());
    }

    #[tokio::test]
    async fn a_renderer_that_gives_up_is_a_refusal_and_the_next_picture_is_made() {
        let studio = Studio::default();
        let gave_up = studio.work::<()>(|| panic!("a defect of the renderer")).await;
        assert_eq!(gave_up.err().unwrap().status, StatusCode::UNPROCESSABLE_ENTITY);
        for _ in 0..=RENDERS_MAX {
            assert_eq!(studio.work(|| Ok(7)).await.ok(), Some(7));
        }
    }
}
