//! What a page answers when it can't be shown: what happened, what it means for the data, what to do.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use selektable_store::StoreError;

use super::page::{Shell, address, see};

/// Why a page is not shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// Nobody is logged in; they may come back to `next` afterwards.
    #[error("log in first")]
    LoginFirst {
        /// The address asked for.
        next: String,
    },
    /// There is no such page, or it is another organization's: the same answer, so that neither is told.
    #[error("there is no such page")]
    NotFound,
    /// A form that was not sent from our own pages.
    #[error("the form came from another site")]
    ForeignForm,
    /// A form that can't be read.
    #[error("the form could not be read")]
    BadForm,
    /// Too many logins.
    #[error("too many tries; wait {seconds} seconds")]
    TooMany {
        /// When to come back.
        seconds: u64,
    },
    /// The storage did not answer.
    #[error(transparent)]
    Storage(#[from] StoreError),
    /// A fault of ours.
    #[error("{0}")]
    Internal(String),
}

#[derive(Template)]
#[template(path = "dashboard/error.html")]
struct ErrorPage {
    shell: Shell,
    status: u16,
    title: &'static str,
    detail: &'static str,
    action: &'static str,
    action_href: &'static str,
}

struct Words {
    status: StatusCode,
    title: &'static str,
    detail: &'static str,
    action: (&'static str, &'static str),
}

const HOME: (&str, &str) = ("Go to your stores", "/");

fn words(fault: &PageError) -> Words {
    match fault {
        PageError::NotFound | PageError::LoginFirst { .. } => Words {
            status: StatusCode::NOT_FOUND,
            title: "There is no such page",
            detail: "The address may be mistyped, or it belongs to an organization you are not a member of. No data was changed.",
            action: HOME,
        },
        PageError::ForeignForm => Words {
            status: StatusCode::FORBIDDEN,
            title: "This form was not sent from here",
            detail: "Your browser says that another site sent it, so nothing was changed. Open the page here and send the form again. If a proxy stands in front of this server, it must pass the Host header on unchanged.",
            action: HOME,
        },
        PageError::BadForm => Words {
            status: StatusCode::BAD_REQUEST,
            title: "The form could not be read",
            detail: "It was cut off or is too long. Nothing was changed. Go back and send it again.",
            action: HOME,
        },
        PageError::TooMany { .. } => Words {
            status: StatusCode::TOO_MANY_REQUESTS,
            title: "Too many tries",
            detail: "Logging in was tried too often from your address. Nothing is locked: wait a minute and try again.",
            action: ("Back to the login", "/login"),
        },
        PageError::Storage(StoreError::Taken(_)) => Words {
            status: StatusCode::CONFLICT,
            title: "It exists already",
            detail: "What you wanted to make is there already. Nothing was changed.",
            action: HOME,
        },
        PageError::Storage(StoreError::Busy) => Words {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: "Too much is waiting to be written",
            detail: "The server is catching up with orders and visualizations. What was acknowledged before is safe. Nothing was changed by this request: send it again in a moment.",
            action: ("Try again", ""),
        },
        PageError::Storage(_) => Words {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: "The data can't be reached right now",
            detail: "What was acknowledged before is safe. Nothing was changed by this request. Try again in a moment; if it stays, the server's log says why.",
            action: ("Try again", ""),
        },
        PageError::Internal(_) => Words {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: "This page is broken",
            detail: "The fault is ours, not yours, and your data is safe. The server's log has the details under this request's X-Request-Id.",
            action: HOME,
        },
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if let Self::LoginFirst { next } = &self {
            return see(&address::with_query("/login", &[("next", next)]));
        }
        let words = words(&self);
        if words.status.is_server_error() {
            tracing::error!(error = %self, "a dashboard page was not shown");
        }
        let body = ErrorPage {
            shell: Shell::alone(words.title),
            status: words.status.as_u16(),
            title: words.title,
            detail: words.detail,
            action: words.action.0,
            action_href: words.action.1,
        };
        // A template that fails while saying that something failed leaves only its words.
        let html = body.render().unwrap_or_else(|_| words.title.to_owned());
        let mut response = (words.status, Html(html)).into_response();
        let retry_seconds = match &self {
            Self::TooMany { seconds } => Some(*seconds),
            Self::Storage(_) if words.status == StatusCode::SERVICE_UNAVAILABLE => Some(5),
            _ => None,
        };
        if let Some(seconds) = retry_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_its_status_and_no_detail_of_the_storage() {
        let response = PageError::Storage(StoreError::Unavailable("secret path".into())).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "5");
        assert_eq!(PageError::NotFound.into_response().status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn who_is_not_logged_in_is_sent_to_the_login_and_back() {
        let response = PageError::LoginFirst { next: "/stores/x?days=7".into() }.into_response();
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(response.headers()[header::LOCATION], "/login?next=%2Fstores%2Fx%3Fdays%3D7");
    }
}
