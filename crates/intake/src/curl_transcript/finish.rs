//! Completes a call when its exchange is over: the request from the best source there is, the redirect's
//! next hop, marks that hold for the whole transcript.
//!
//! This file refuses to read lines.

use super::session::{Phase, Session, new_call};
use crate::http_message::fields;
use firstfault_model::{Request, Span, Url};

impl Session<'_, '_> {
    /// The call is followed by another request to `url`.
    pub(super) fn redirect(&mut self, url: Url) {
        let span = self.call.response.as_ref().map_or(self.call.span, |r| r.span);
        let status = self.call.status();
        let Some(status) = status else {
            // The connection had died before an answer: the same request goes out again.
            self.call.request = None;
            self.phase = Phase::Idle;
            return;
        };
        let method = self.last_method();
        let redirected = (300..400).contains(&status);
        if redirected {
            self.mark_hop(span);
        } else {
            // A round of authentication: the next request is the same one.
            self.call.mark("curl.reissued", "true", span);
        }
        let hop = self.hop;
        self.flush();
        let fixed = self.command.as_ref().is_some_and(|c| c.method_fixed);
        let method = match (status, method.as_deref()) {
            (301..=303, Some("POST")) if !fixed => Some("GET".to_owned()),
            _ => method,
        };
        self.next = Some((url, method));
        if redirected {
            self.hop = hop + 1;
            self.mark_hop(span);
        }
        if let Some(switched) = self.switched.take() {
            if let (Some(next), Some((_, to))) = (self.next.as_mut(), switched.split_once(" to ")) {
                next.1 = Some(to.to_owned());
            }
            self.call.mark("curl.switch", switched, span);
        }
    }

    fn mark_hop(&mut self, span: Span) {
        if self.call.attribute("redirect.hop").is_none() {
            self.call.mark("redirect.hop", self.hop.to_string(), span);
        }
    }

    /// The method of the current request, or of the last one.
    pub(super) fn last_method(&self) -> Option<String> {
        let of = |request: Option<&Request>| request.and_then(|r| r.method.clone());
        of(self.call.request.as_ref())
            .or_else(|| self.pseudo.method.clone())
            .or_else(|| self.next.as_ref().and_then(|(_, method)| method.clone()))
            .or_else(|| of(self.calls.last().and_then(|call| call.request.as_ref())))
            .or_else(|| of(self.asked.as_ref()))
    }

    /// The URL of the current request as far as it is known now.
    pub(super) fn current_url(&self) -> Option<Url> {
        if let Some((url, _)) = &self.next {
            return Some(url.clone());
        }
        let mut url = self.call.request.as_ref().map(|r| r.url.clone()).filter(|url| *url != Url::default());
        if let (Some(url), Some(host)) =
            (url.as_mut(), self.call.request.as_ref().and_then(|r| r.headers.first("host")))
        {
            fields::fill_host(url, host);
        }
        url.or_else(|| self.asked.as_ref().map(|r| r.url.clone()))
    }

    /// Ends the current call and begins an empty one.
    pub(super) fn flush(&mut self) {
        let mut call = std::mem::replace(&mut self.call, new_call());
        let nothing = call.request.is_none()
            && call.response.is_none()
            && call.messages.is_empty()
            && call.timings == firstfault_model::Timings::default();
        let next = self.next.take();
        let pseudo = std::mem::take(&mut self.pseudo);
        let clock = std::mem::take(&mut self.clock);
        clock.settle(&mut call);
        let connected = call.attribute("connected").is_some()
            || call.attribute("address.tried").is_some()
            || self.authority.is_some();
        let has_hop = call.attribute("redirect.hop").is_some_and(|hop| hop != "0");
        self.hop = 0;
        let marked = self.calls.is_empty() && call.attributes.iter().any(|a| a.name.starts_with("curl."));
        if nothing && !(connected || has_hop || marked) {
            return;
        }
        let mut request =
            call.request.take().filter(|r| r.method.is_some() || r.url != Url::default() || r.body.is_some());
        if request.as_ref().is_none_or(|r| r.method.is_none() && r.url == Url::default())
            && (pseudo.method.is_some() || !pseudo.url.path.is_empty())
        {
            let body = request.take().and_then(|r| r.body);
            request = Some(Request { body, ..pseudo.clone() });
        }
        let mut request = match request {
            Some(request) => request,
            None => self.unseen_request(next.as_ref(), call.span),
        };
        if let Some(host) = request.headers.first("host").map(str::to_owned) {
            fields::fill_host(&mut request.url, &host);
        }
        self.complete_request(&mut request, &pseudo, next.as_ref());
        if request != Request::default() {
            call.request = Some(request);
        }
        if let Some(command) = &self.command {
            call.mark("curl.command", command.text.as_str(), command.span);
            call.span = call.span.to(command.span);
            if let Some(proxy) = &command.proxy
                && call.attribute("proxy.uses").is_none()
            {
                call.mark("proxy.uses", proxy.as_str(), command.span);
            }
        }
        call.attempt = self.attempt;
        self.calls.push(call);
        self.phase = Phase::Idle;
        self.tunneling = false;
        self.authority = None;
        self.secure = false;
        self.address_failed = false;
        self.refused_at = None;
        self.last_received.clear();
    }

    /// A request of which no line was shown: the redirect's target, the command's, the tunnel's, the peer's.
    fn unseen_request(&self, next: Option<&(Url, Option<String>)>, span: Span) -> Request {
        if let Some((url, method)) = next {
            return Request { method: method.clone(), url: url.clone(), span, ..Request::default() };
        }
        if let Some(asked) = &self.asked {
            return asked.clone();
        }
        let mut url;
        if let Some(authority) = &self.authority {
            url = Url::parse(&format!("https://{authority}"));
            if url.port == Some(443) {
                url.port = None;
            }
        } else if let Some((host, port)) = &self.peer {
            url = Url::parse(&format!("//{host}"));
            url.port = port.parse().ok().filter(|port| !matches!(port, 80 | 443));
            url.scheme = self.scheme();
        } else {
            return Request::default();
        }
        Request { url, span, ..Request::default() }
    }

    /// What `>` lines do not show: the scheme, the host of a cut head, and the body.
    fn complete_request(&self, request: &mut Request, pseudo: &Request, next: Option<&(Url, Option<String>)>) {
        let meant = next.map(|(url, _)| url).or_else(|| self.asked.as_ref().map(|r| &r.url));
        if let Some(meant) = meant {
            if request.url.host.is_none() {
                request.url.host.clone_from(&meant.host);
                request.url.port = request.url.port.or(meant.port);
            }
            if request.url.scheme.is_none() && (request.url.host == meant.host || next.is_some()) {
                request.url.scheme.clone_from(&meant.scheme);
            }
        }
        if let Some((host, port)) = self
            .peer
            .as_ref()
            .filter(|_| request.url.host.is_none() && request.url != Url::default() && !self.uses_proxy())
        {
            request.url.host = Some(host.to_ascii_lowercase());
            request.url.port = port.parse().ok().filter(|port| !matches!(port, 80 | 443));
        }
        if request.url.scheme.is_none() && request.url.host.is_some() {
            request.url.scheme = pseudo.url.scheme.clone().or_else(|| self.scheme());
        }
        if let Some(asked) = self.asked.as_ref().filter(|asked| {
            request.body.is_none() && asked.method == request.method && asked.method.as_deref() != Some("GET")
        }) {
            request.body.clone_from(&asked.body);
        }
    }

    fn scheme(&self) -> Option<String> {
        let port = self.peer.as_ref().map(|(_, port)| port.as_str());
        match (self.secure || self.authority.is_some(), port) {
            (true, _) | (_, Some("443")) => Some("https".to_owned()),
            (_, Some("80")) => Some("http".to_owned()),
            _ => None,
        }
    }
}

/// Resolves a `Location` against the URL that it came from (RFC 3986 section 5, without dot segments).
pub(super) fn resolve(base: &Url, location: &str) -> Url {
    let mut url = Url::parse(location);
    if url.scheme.is_some() {
        return url;
    }
    url.scheme.clone_from(&base.scheme);
    if location.trim_start().starts_with("//") {
        return url;
    }
    // A relative path may look like a host; it is none here.
    let mut relative = Url { scheme: base.scheme.clone(), host: base.host.clone(), port: base.port, ..Url::default() };
    let (path, query) = match location.trim().split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (location.trim(), None),
    };
    relative.path = if path.starts_with('/') {
        path.to_owned()
    } else {
        let folder = base.path.rfind('/').map_or("/", |slash| &base.path[..=slash]);
        format!("{folder}{path}")
    };
    relative.query = query;
    relative
}
