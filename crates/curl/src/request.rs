//! Settings → the request that curl sends: method, target, fields in curl's order, body (`lib/http.c`).

use crate::parse::{Scheme, Settings};
use crate::{Files, Transfer, encode, form};
use firstfault_model::{Body, Headers, Span, Url};

/// The transfer of one URL, the `number`th of its operation.
pub(crate) fn transfer(settings: &Settings, url: &str, number: usize, files: &dyn Files) -> Transfer {
    let mut unread = settings.unread.clone();
    let mut problems = settings.problems.clone();
    let mut body = None;
    let mut kind = None;
    let upload = settings.uploads.get(number);
    let mut query = Vec::new();
    if let Some(data) = &settings.data {
        if settings.get {
            query.push(String::from_utf8_lossy(data).into_owned());
        } else {
            body = Some(data.clone());
            kind = Some("application/x-www-form-urlencoded".to_owned());
        }
    }
    if !settings.form.is_empty() {
        if settings.data.is_some() {
            problems.push("expected either -d or -F, found both, which curl refuses".to_owned());
        } else {
            body = Some(form::body(&settings.form, files, &mut unread, &mut problems));
            kind = Some(format!("multipart/form-data; boundary={}", form::BOUNDARY));
        }
    }
    if let Some(file) = upload {
        let name = if file == "." { "-" } else { file.as_str() };
        body = Some(files.read(name).unwrap_or_else(|| {
            unread.push(file.clone());
            format!("@{file}").into_bytes()
        }));
        kind = None;
    }
    query.extend(settings.url_query.iter().cloned());
    let url = target(settings, url, upload, &query, &mut problems);
    let implied = match () {
        () if settings.head => "HEAD",
        () if upload.is_some() => "PUT",
        () if settings.get || body.is_none() => "GET",
        () => "POST",
    };
    let headers = fields(settings, &url, kind, &mut problems);
    if settings.sigv4 {
        problems.push("expected the signature of --aws-sigv4 in the request, it is known to curl alone".to_owned());
    }
    let mut output = settings.output.clone();
    output.file = settings.outputs.get(number).cloned();
    Transfer {
        request: firstfault_model::Request {
            method: Some(settings.method.clone().unwrap_or_else(|| implied.to_owned())),
            url,
            version: settings.version.map(str::to_owned),
            headers,
            body: body.as_ref().map(|bytes| Body::bounded(&String::from_utf8_lossy(bytes), Span::default())),
            complete: false,
            span: Span::default(),
        },
        bytes: body.filter(|_| unread.is_empty()),
        follow: settings.follow,
        insecure: settings.insecure,
        proxy: settings.proxy.clone(),
        output,
        options: settings.options.clone(),
        unread,
        problems,
    }
}

fn target(
    settings: &Settings,
    text: &str,
    upload: Option<&String>,
    query: &[String],
    problems: &mut Vec<String>,
) -> Url {
    let mut url = Url::parse(text);
    let guessed = settings.default_scheme.as_deref().unwrap_or("http");
    if url.scheme.is_none() && !text.starts_with('/') && !text.is_empty() {
        // `host:8080/x` and `${BASE}/x` are hosts to curl, however they look.
        let scheme = if url.scheme.is_none() { guessed } else { "http" };
        url = Url::parse(&format!("{scheme}://{text}"));
    }
    if url.host.is_none() {
        problems.push(format!("expected a url with a host, found {text:?}"));
    }
    if !settings.path_as_is && url.host.is_some() {
        url.remove_dots();
    }
    if let Some(file) = upload
        && url.path.ends_with('/')
        && !matches!(file.as_str(), "-" | ".")
    {
        let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
        url.path.push_str(&encode::escape(name.as_bytes()));
    }
    for part in query.iter().filter(|part| !part.is_empty()) {
        let all = url.query.get_or_insert_default();
        if !all.is_empty() {
            all.push('&');
        }
        all.push_str(part);
    }
    if let Some(target) = &settings.target {
        let (path, query) = target.split_once('?').map_or((target.as_str(), None), |(p, q)| (p, Some(q)));
        path.clone_into(&mut url.path);
        url.query = query.map(str::to_owned);
    }
    url
}

/// curl's own fields first, each replaced or removed by one that was given, then those given, then the type.
fn fields(settings: &Settings, url: &Url, kind: Option<String>, problems: &mut Vec<String>) -> Headers {
    let mut given: Vec<(&str, Option<String>)> = Vec::new();
    for line in &settings.fields {
        match field(line) {
            Some(field) => given.push(field),
            None => problems.push(format!("expected `name: value` behind -H, found {line:?}, which curl leaves out")),
        }
    }
    let mut headers = Headers::default();
    let own = |headers: &mut Headers, name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|_| !given.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))) {
            headers.push(name, value, Span::default());
        }
    };
    own(&mut headers, "Authorization", authorization(settings, url, problems));
    own(&mut headers, "Range", settings.range.as_ref().map(|range| format!("bytes={range}")));
    own(&mut headers, "User-Agent", settings.agent.clone().filter(|agent| !agent.is_empty()));
    let referer = settings.referer.as_ref().map(|r| r.strip_suffix(";auto").unwrap_or(r).to_owned());
    own(&mut headers, "Referer", referer.filter(|r| !r.is_empty()));
    let mut cookies = Vec::new();
    for cookie in &settings.cookies {
        if cookie.contains('=') {
            cookies.push(cookie.as_str());
        } else if !cookie.is_empty() {
            problems.push(format!("expected the cookies of the file {cookie}, it is not known here"));
        }
    }
    own(&mut headers, "Cookie", (!cookies.is_empty()).then(|| cookies.join("; ")));
    if let Some(time) = &settings.time_cond {
        match time.strip_prefix('-') {
            Some(time) => own(&mut headers, "If-Unmodified-Since", Some(time.to_owned())),
            None => own(&mut headers, "If-Modified-Since", Some(time.clone())),
        }
    }
    let json = settings.json.then(|| "application/json".to_owned());
    for (name, value) in &given {
        if let Some(value) = value {
            headers.push(*name, value.clone(), Span::default());
        }
    }
    own(&mut headers, "Content-Type", json.clone().or(kind));
    own(&mut headers, "Accept", json);
    headers
}

/// Name and value of `-H`: `X: y`, `X;` for an empty value; `X:` removes, which is no value.
fn field(line: &str) -> Option<(&str, Option<String>)> {
    let colon = line.char_indices().skip(1).find(|(_, c)| *c == ':').map(|(i, _)| i);
    if let Some(colon) = colon {
        let value = line[colon + 1..].trim_start_matches([' ', '\t']);
        return Some((line[..colon].trim_end(), (!value.is_empty()).then(|| value.to_owned())));
    }
    line.trim_end().strip_suffix(';').map(|name| (name, Some(String::new())))
}

fn authorization(settings: &Settings, url: &Url, problems: &mut Vec<String>) -> Option<String> {
    if let Some(token) = &settings.bearer {
        return Some(format!("Bearer {token}"));
    }
    if settings.sigv4 || settings.scheme == Scheme::Negotiated {
        return None;
    }
    if let Some(user) = &settings.user {
        if !user.contains(':') {
            problems.push("expected user:password behind -u, found no password: curl asks for it".to_owned());
            return None;
        }
        return Some(format!("Basic {}", encode::base64(user.as_bytes())));
    }
    let userinfo = encode::unescape(url.userinfo.as_deref()?);
    let userinfo = if userinfo.contains(':') { userinfo } else { format!("{userinfo}:") };
    Some(format!("Basic {}", encode::base64(userinfo.as_bytes())))
}
