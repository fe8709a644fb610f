//! A target as a request of the model, and back.

use crate::Target;
use firstfault_model::{Body, Request, Span};

impl Target {
    /// The request that is sent, for people and for judging; a body that is no UTF-8 has its bytes replaced.
    #[must_use]
    pub fn as_request(&self) -> Request {
        let body = self.body.as_ref().map(|bytes| Body::bounded(&String::from_utf8_lossy(bytes), Span::default()));
        Request {
            method: Some(self.method.clone()),
            url: self.url.clone(),
            headers: self.headers.clone(),
            body,
            ..Request::default()
        }
    }

    /// The same way with another request; `None` when the request is not whole enough to be sent: no URL, or a body that
    /// was cut.
    #[must_use]
    pub fn with_request(&self, request: &Request) -> Option<Self> {
        let mut target = self.clone();
        target.method.clone_from(request.method.as_ref()?);
        if request.url.host.is_some() {
            target.url.clone_from(&request.url);
        }
        target.headers.clone_from(&request.headers);
        let length = |name: &str| name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("host");
        target.headers.0.retain(|header| !length(&header.name));
        target.body = match &request.body {
            None => None,
            Some(body) if body.truncated => return None,
            Some(body) => Some(body.text.clone().into_bytes()),
        };
        Some(target)
    }
}
