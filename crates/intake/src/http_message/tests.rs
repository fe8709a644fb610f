//! Samples of HTTP messages as RFC 9110/9112 and the named tools' documentation show them.

use super::read;
use crate::lines::{Line, Lines};
use firstfault_model::{Call, Span};
use std::borrow::Cow;

/// Cuts text into lines as the splitter does, without prefixes, escapes and fences.
pub(crate) fn lines_of(text: &str) -> Lines<'_> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (number, raw) in text.split('\n').enumerate() {
        let bare = raw.strip_suffix('\r').unwrap_or(raw);
        let span = Span::new(u32::try_from(number + 1).unwrap(), start, start + bare.len());
        lines.push(Line { text: Cow::Borrowed(bare), prefix: "", span, prose: false });
        start += raw.len() + 1;
    }
    Lines(lines)
}

/// One line per call: request → response, with header counts and body sizes.
pub(crate) fn shape(call: &Call) -> String {
    let body =
        |b: &Option<firstfault_model::Body>| b.as_ref().map_or_else(String::new, |b| format!(" b{}", b.text.len()));
    let request = call.request.as_ref().map_or_else(
        || "-".to_owned(),
        |r| {
            format!(
                "{} {} h{}{}{}",
                r.method.as_deref().unwrap_or("?"),
                r.url,
                r.headers.0.len(),
                body(&r.body),
                if r.complete { " whole" } else { "" }
            )
        },
    );
    let response = call.response.as_ref().map_or_else(
        || "-".to_owned(),
        |r| {
            let status = r.status.map_or_else(|| "?".to_owned(), |s| s.to_string());
            let reason = r.reason.as_deref().map_or_else(String::new, |reason| format!(" {reason}"));
            format!(
                "{status}{reason} h{}{}{}",
                r.headers.0.len(),
                body(&r.body),
                if r.complete { " whole" } else { "" }
            )
        },
    );
    format!("{request} => {response}")
}

fn check(text: &str, expected: &[&str]) -> Option<String> {
    let lines = lines_of(text);
    let taken = read(&lines, 0).unwrap_or_default();
    let found: Vec<String> = taken.calls.iter().map(shape).collect();
    if found != expected {
        return Some(format!("{text}\n  found    {found:?}\n  expected {expected:?}\n"));
    }
    // Every span lies in the text and on the line that it names.
    for call in &taken.calls {
        let headers =
            call.request.iter().flat_map(|r| &r.headers.0).chain(call.response.iter().flat_map(|r| &r.headers.0));
        for header in headers.filter(|h| h.span.line != 0) {
            let quoted = &text[header.span.start..header.span.end];
            let line = text[..header.span.start].matches('\n').count() + 1;
            assert_eq!(line, header.span.line as usize, "{quoted}");
            assert!(quoted.contains(header.value.split(' ').next().unwrap()), "{quoted} has no {}", header.value);
        }
    }
    None
}

#[test]
fn messages() {
    let cases: &[(&str, &[&str])] = &[
        // RFC 9112: a request and its response
        (
            "POST /v1/orders HTTP/1.1\r\nHost: api.example.com\r\nContent-Type: application/json\r\n\r\n{\r\n  \"a\": 1\r\n}\r\n\r\nHTTP/1.1 422 Unprocessable Content\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"e\":\"x\"}\r\n",
            &["POST api.example.com/v1/orders h2 b12 whole => 422 Unprocessable Content h2 b9 whole"],
        ),
        ("GET /a HTTP/1.1\nHost: h:8080", &["GET h:8080/a h1 => -"]),
        ("HTTP/2 404 \ncontent-type: text/plain\n\nnope", &["- => 404 h1 b4 whole"]),
        ("HTTP/1.0 503", &["- => 503 h0"]),
        ("HTTP/1.1 403 Forbidden\nX-A: 1\n  folded\n\tmore\nX-A: 2\n\n", &["- => 403 Forbidden h2 whole"]),
        // body at once behind the head
        ("HTTP/1.1 400 Bad Request\nContent-Type: application/json\n{\"e\":1}", &["- => 400 Bad Request h1 b7"]),
        // two pairs
        (
            "GET /a HTTP/1.1\nHost: h\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok\n\nGET /b HTTP/1.1\nHost: h\n\nHTTP/1.1 500 Oops\n\nbad\n",
            &["GET h/a h1 whole => 200 OK h1 b2 whole", "GET h/b h1 whole => 500 Oops h0 b3 whole"],
        ),
        // 1xx comes before the final response; 101 is final
        (
            "PUT /u HTTP/1.1\nHost: h\nExpect: 100-continue\n\nHTTP/1.1 100 Continue\n\nHTTP/1.1 413 Content Too Large\nConnection: close\n\n",
            &["PUT h/u h2 whole => 413 Content Too Large h1 whole"],
        ),
        ("HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\n\n", &["- => 101 Switching Protocols h1 whole"]),
        // no body
        ("HTTP/1.1 204 No Content\nDate: x\n\nsome words\n", &["- => 204 No Content h1 b0 whole"]),
        (
            "HEAD /x HTTP/1.1\nHost: h\n\nHTTP/1.1 404 Not Found\nContent-Length: 200\n\nsome words",
            &["HEAD h/x h1 whole => 404 Not Found h1 whole"],
        ),
        // raw chunks with a trailer
        (
            "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\nWiki\n6\npedia \n0\nGrpc-Status: 14\n\n",
            &["- => 200 OK h1 b11 whole"],
        ),
        // chunked, but the body is shown decoded
        ("HTTP/1.1 400 Bad\nTransfer-Encoding: chunked\n\n{\"a\":\n\n1}\n# note", &["- => 400 Bad h1 b9 whole"]),
        // pseudo-headers (RFC 9113)
        (
            ":method: GET\n:path: /v1?x=1\n:authority: api.example.com\n:scheme: https\naccept: */*\n\n:status: 404\nserver: x\n\nbody",
            &["GET https://api.example.com/v1?x=1 h1 whole => 404 h1 b4 whole"],
        ),
        // a GET cannot be announced to have a body: what follows is the answer
        ("GET /v1/hooks HTTP/2\n\n[{\"id\":7}]\n", &["GET /v1/hooks h0 whole => ? h0 b10"]),
        (
            "GET /_search HTTP/1.1\nHost: h\n\n{\"query\":{}}\n\nHTTP/1.1 400 Bad Request\n\n",
            &["GET h/_search h1 b12 whole => 400 Bad Request h0 whole"],
        ),
        // absolute target, no Host
        ("GET http://a.example/x?y HTTP/1.1\n\n", &["GET http://a.example/x?y h0 whole => -"]),
        // markup ends with its closing tag; a log follows
        (
            "HTTP/1.1 502 Bad Gateway\nContent-Type: text/html\n\n<html>\n\n<body>x</body>\n</html>\n<!-- padding -->\n[Tue Apr 24 14:35:07.971403 2018] [proxy:error] y",
            &["- => 502 Bad Gateway h1 b47 whole"],
        ),
        (
            "HTTP/1.1 400 Bad Request\n\n<?xml version=\"1.0\"?>\n<Error>\n<Code>X</Code>\n</Error>\n\nwords",
            &["- => 400 Bad Request h0 b53 whole"],
        ),
        // a text body ends at an empty line unless Content-Length says that there is more
        ("HTTP/1.1 503 x\n\nno healthy upstream\n\nAny ideas?", &["- => 503 x h0 b19 whole"]),
        ("HTTP/1.1 503 x\nContent-Length: 10\n\nabcd\n\nefgh\n\nAny ideas?", &["- => 503 x h1 b10 whole"]),
        ("HTTP/1.1 200 OK\n\n{\"a\":1}\n$ ls\n", &["- => 200 OK h0 b7 whole"]),
        // fences and words between the two
        (
            "POST /x HTTP/1.1\nHost: h\n\na=b\n```\nThe response:\n```\nHTTP/1.1 401 Unauthorized\n\n",
            &["POST h/x h1 b3 whole => 401 Unauthorized h0 whole"],
        ),
        // a multipart body keeps its empty lines and boundaries
        (
            "POST /x HTTP/1.1\nHost: h\nContent-Type: multipart/form-data; boundary=b\n\n--b\nContent-Disposition: form-data; name=a\n\n1\n--b--\n\nHTTP/1.1 200 OK\n\n",
            &["POST h/x h2 b51 whole => 200 OK h0 whole"],
        ),
        ("2024-05-01 GET /x HTTP/1.1", &[]),
        ("GET the token first", &[]),
        ("Response was 400", &[]),
        ("", &[]),
    ];
    let failed: Vec<String> = cases.iter().filter_map(|(text, expected)| check(text, expected)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn markdown() {
    let text = "We send this:\n```\nPOST /x HTTP/1.1\nHost: h\n\na=b\n```\nand the server returns\n```http\nHTTP/1.1 401 Unauthorized\nServer: x\n\nno\n```\nWhat is wrong?\n";
    let mut lines = lines_of(text);
    let mut prose = true;
    for line in &mut lines.0 {
        let fence = line.text.starts_with("```");
        prose ^= fence;
        line.prose = prose && !fence;
    }
    assert!(read(&lines, 0).is_none() && read(&lines, 1).is_none());
    let taken = read(&lines, 2).unwrap();
    let found: Vec<String> = taken.calls.iter().map(shape).collect();
    assert_eq!(found, ["POST h/x h1 b3 whole => 401 Unauthorized h1 b2 whole"]);
}

#[test]
fn sheets() {
    let cases: &[(&str, &[&str])] = &[
        // Chrome DevTools, Headers tab
        (
            "Request URL: https://api.example.com/v1/me\nRequest Method: GET\nStatus Code: 403 Forbidden\nRemote Address: 192.0.2.1:443\nReferrer Policy: no-referrer\nResponse Headers\ncontent-type: application/json\nserver: envoy\nRequest Headers\n:authority: api.example.com\n:method: GET\naccept: */*\n",
            &["GET https://api.example.com/v1/me h1 => 403 Forbidden h2"],
        ),
        // newer DevTools: names and values on lines of their own
        (
            "Request URL\nhttps://api.example.com/v1/me\nRequest Method\nPOST\nStatus Code\n401 Unauthorized\nResponse Headers\ncontent-type:\ntext/html\nserver:\nnginx\n",
            &["POST https://api.example.com/v1/me h0 => 401 Unauthorized h2"],
        ),
        // a webhook delivery page
        (
            "Request URL: https://ci.example.com/hook\nRequest method: POST\nAccept: */*\nContent-Type: application/json\n\n{\"a\":1}\n\nResponse 400\nContent-Type: text/plain\n\nbad signature",
            &["POST https://ci.example.com/hook h2 b7 whole => 400 h1 b13 whole"],
        ),
        // Postman console
        (
            "POST https://api.example.com/v1/a\nRequest Headers\nAuthorization: Bearer x\nHost: api.example.com\nRequest Body\n{\"a\":1}\nResponse Headers\nContent-Type: application/json\nResponse Body\n{\"error\":\"x\"}\n",
            &["POST https://api.example.com/v1/a h2 b7 => ? h1 b13"],
        ),
        (
            "POST https://api.example.com/v1/a\nError: tunneling socket could not be established, statusCode=407\nProxy\nhost: \"proxy.example\"\nport: 8080\nRequest Headers\nAccept: */*\n",
            &["POST https://api.example.com/v1/a h1 => -"],
        ),
        // Azure SDK for Go, azcore.ResponseError
        (
            "PUT https://management.azure.com/x\n--------\nRESPONSE 429: 429 Too Many Requests\nERROR CODE: RetryableError\n--------\n{\n \"error\": {}\n}\n--------\n",
            &["PUT https://management.azure.com/x h0 => 429 Too Many Requests h0 b16"],
        ),
        // OpenAPI generator's Python client, ApiException.__str__
        (
            "Reason: Forbidden\nHTTP response headers: HTTPHeaderDict({'Content-Type': 'application/json', 'Date': 'x'})\nHTTP response body: {\"kind\":\"Status\",\"code\":403}\n",
            &["- => ? Forbidden h2 b28"],
        ),
        // Django REST framework's browsable API
        (
            "HTTP 401 Unauthorized\nAllow: GET\nContent-Type: application/json\n\n{\n    \"detail\": \"x\"\n}",
            &["- => 401 Unauthorized h2 b21 whole"],
        ),
        ("Status: 422 Unprocessable Entity\n{\"message\":\"x\"}\n", &["- => 422 Unprocessable Entity h0 b15"]),
        // messaging-api's axios-error
        (
            "Request -\n  POST https://api.example.org/send\n\nRequest Data -\n  {\n    \"a\": 1\n  }\n\nResponse -\n  400 Bad Request\n\nResponse Data -\n  {\n    \"ok\": false\n  }\n",
            &["POST https://api.example.org/send h0 b18 => 400 Bad Request h0 b23"],
        ),
        // a field named Status is not a new response
        ("HTTP/1.1 200 OK\nStatus: 200 OK\nServer: x\n\n{}", &["- => 200 OK h2 b2 whole"]),
        ("Status: 200 users imported", &[]),
        ("Request Headers", &[]),
    ];
    let failed: Vec<String> = cases.iter().filter_map(|(text, expected)| check(text, expected)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn nothing_panics_and_something_is_always_taken() {
    let sample = "POST /v1 HTTP/1.1\nHost: h\n\n{\"ä\":[1,{\"b\":\"ü\"}]}\n\nHTTP/1.1 400 Bäd\nTransfer-Encoding: chunked\n\n4\nWiki\n0\nx: y\n\nRequest URL: https://x/\nRequest Method\nGET\nResponse Headers\na:\nb\nResponse body: b'{\"a\":'\nRESPONSE 429: 429 x\nERROR CODE: y\n<html>\n</html>:status: 4\n";
    for cut in (0..=sample.len()).filter(|&cut| sample.is_char_boundary(cut)) {
        for text in [&sample[..cut], &sample[cut..]] {
            let lines = lines_of(text);
            for at in 0..=lines.len() {
                if let Some(taken) = read(&lines, at) {
                    assert!(taken.lines > 0 && at + taken.lines <= lines.len());
                }
            }
        }
    }
}
