//! A browser without a screen: keeps its cookie, sends forms as browsers do.

use super::support::{Answer, Client, TestServer};

/// One browser.
pub(crate) struct Browser {
    client: Client,
    cookie: Option<String>,
}

impl Browser {
    /// Nobody yet.
    pub(crate) fn open(server: &TestServer) -> Self {
        Self { client: Client::connect(server), cookie: None }
    }

    /// Logged in as the member that was set up.
    pub(crate) fn logged_in(server: &TestServer) -> Self {
        let mut browser = Self::open(server);
        let form = [("email", server.setup.email.as_str()), ("password", server.setup.password.as_str())];
        let answer = browser.send("/login", &form);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/")), "{}", answer.text());
        browser
    }

    /// `GET`.
    pub(crate) fn see(&mut self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    /// `POST` of a form from one of our own pages.
    pub(crate) fn send(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send_from(path, form, &[("Sec-Fetch-Site", "same-origin")])
    }

    /// `POST` of a form with the headers of another situation.
    pub(crate) fn send_from(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut all = vec![("Content-Type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        self.ask("POST", path, &all, &body)
    }

    /// The session's cookie as it is sent.
    pub(crate) fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// Goes on with another browser's cookie.
    pub(crate) fn with_cookie(mut self, cookie: &str) -> Self {
        self.cookie = Some(cookie.to_owned());
        self
    }

    /// Any request, with the cookie.
    pub(crate) fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let cookie = self.cookie.clone();
        let mut all = headers.to_vec();
        all.extend(cookie.as_deref().map(|cookie| ("Cookie", cookie)));
        let answer = self.client.request(method, path, &all, body.as_bytes()).expect("an answer");
        if let Some(set) = answer.header("set-cookie") {
            self.cookie = set.split(';').next().map(str::to_owned);
        }
        answer
    }
}
