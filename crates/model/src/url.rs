//! A URL as evidence shows it: often relative, cut or wrong, so parsing never fails.

/// The parts of a URL or request target, as far as they are there. Nothing is decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// `http`, `https`, `ws`, …; `None` for a bare target such as `/v1/me`.
    pub scheme: Option<String>,
    /// User information before `@`, still encoded.
    pub userinfo: Option<String>,
    /// Host without port; IPv6 without brackets.
    pub host: Option<String>,
    /// Port, only when written.
    pub port: Option<u16>,
    /// Path, at least `/` when a host is there.
    pub path: String,
    /// Query without `?`.
    pub query: Option<String>,
    /// Fragment without `#`.
    pub fragment: Option<String>,
}

impl Url {
    /// Splits `text` (RFC 3986 generic syntax, read tolerantly).
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let mut url = Self::default();
        let (rest, fragment) = match text.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment.to_owned())),
            None => (text, None),
        };
        url.fragment = fragment;
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query.to_owned())),
            None => (rest, None),
        };
        url.query = query;
        let authority_and_path = match rest.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => {
                url.scheme = Some(scheme.to_ascii_lowercase());
                Some(rest)
            }
            _ => rest.strip_prefix("//"),
        };
        let Some(authority_and_path) = authority_and_path else {
            if rest.starts_with('/') || rest.is_empty() || rest == "*" {
                rest.clone_into(&mut url.path);
            } else {
                // `host/path`, `host:port`, or a relative path: a dot or port in the first segment decides
                let first = rest.split('/').next().unwrap_or_default();
                if first.contains('.') || first.contains(':') || first == "localhost" {
                    url.set_authority(first);
                    rest[first.len()..].clone_into(&mut url.path);
                } else {
                    rest.clone_into(&mut url.path);
                }
            }
            return url;
        };
        let (authority, path) = match authority_and_path.find('/') {
            Some(slash) => authority_and_path.split_at(slash),
            None => (authority_and_path, "/"),
        };
        url.set_authority(authority);
        path.clone_into(&mut url.path);
        url
    }

    fn set_authority(&mut self, authority: &str) {
        let host_port = match authority.rsplit_once('@') {
            Some((userinfo, host_port)) => {
                self.userinfo = Some(userinfo.to_owned());
                host_port
            }
            None => authority,
        };
        let (host, port) = if let Some(rest) = host_port.strip_prefix('[') {
            match rest.split_once(']') {
                Some((host, port)) => (host, port.strip_prefix(':')),
                None => (rest, None),
            }
        } else {
            match host_port.rsplit_once(':') {
                Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, Some(port)),
                _ => (host_port, None),
            }
        };
        if !host.is_empty() {
            self.host = Some(host.to_ascii_lowercase());
        }
        self.port = port.and_then(|port| port.parse().ok());
    }

    /// Removes `.` and `..` from the path (RFC 3986 section 5.2.4), as clients do before they send it.
    pub fn remove_dots(&mut self) {
        self.path = without_dots(&self.path);
    }

    /// Path and query as a request line writes them.
    #[must_use]
    pub fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }
}

fn without_dots(path: &str) -> String {
    if !path.contains("/.") {
        return path.to_owned();
    }
    let mut out: Vec<&str> = Vec::new();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." && out.len() > 1 {
                    out.pop();
                }
                if last {
                    out.push("");
                }
            }
            segment => out.push(segment),
        }
    }
    out.join("/")
}

fn is_scheme(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(scheme) = &self.scheme {
            write!(f, "{scheme}://")?;
        }
        if let Some(userinfo) = &self.userinfo {
            write!(f, "{userinfo}@")?;
        }
        if let Some(host) = &self.host {
            if host.contains(':') { write!(f, "[{host}]")? } else { f.write_str(host)? }
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.path)?;
        if let Some(query) = &self.query {
            write!(f, "?{query}")?;
        }
        if let Some(fragment) = &self.fragment {
            write!(f, "#{fragment}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Url;

    #[test]
    fn parts_are_found_and_written_back() {
        for text in [
            "https://user:p%40ss@api.example.com:8443/v1/me?q=a:b/c#top",
            "http://[::1]:8080/",
            "/v1/orders?limit=1",
            "https://api.example.com/",
        ] {
            assert_eq!(Url::parse(text).to_string(), text);
        }
        let url = Url::parse("localhost:5000/x");
        assert_eq!((url.host.as_deref(), url.port, url.path.as_str()), (Some("localhost"), Some(5000), "/x"));
        assert_eq!(Url::parse("http://host/a?b=http://c/").host.as_deref(), Some("host"));
    }
}
