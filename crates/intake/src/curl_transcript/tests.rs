//! Transcripts in the forms that curl's versions print (lib/http.c, lib/connect.c, lib/vtls, docs/examples/debug.c)
//! and its manual describes.

use super::read;
use crate::http_message::tests::{lines_of, shape};

/// Reads everything from the first line on, as the splitter above would, and prints calls and chosen marks.
fn check(text: &str, marks: &[&str], expected: &[&str]) -> Option<String> {
    let lines = lines_of(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Some(taken) = read(&lines, at) else {
            at += 1;
            continue;
        };
        assert!(taken.lines > 0 && at + taken.lines <= lines.len(), "{text}");
        at += taken.lines;
        for call in &taken.calls {
            let marks: Vec<String> =
                marks.iter().filter_map(|m| call.attribute(m).map(|v| format!(" {m}={v}"))).collect();
            found.push(format!("{}{}", shape(call), marks.concat()));
            let headers =
                call.request.iter().flat_map(|r| &r.headers.0).chain(call.response.iter().flat_map(|r| &r.headers.0));
            for header in headers.filter(|h| h.span.line != 0) {
                let quoted = &text[header.span.start..header.span.end];
                assert!(quoted.contains(header.value.split(' ').next().unwrap()), "{quoted} has no {}", header.value);
            }
        }
    }
    (found != expected).then(|| format!("{text}\n  found    {found:#?}\n  expected {expected:#?}\n"))
}

fn check_all(marks: &[&str], cases: &[(&str, &[&str])]) {
    let failed: Vec<String> = cases.iter().filter_map(|(text, expected)| check(text, marks, expected)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

const VERBOSE: &str = "$ curl -v https://api.example.com/v1/me\n* Host api.example.com:443 was resolved.\n* IPv6: (none)\n* IPv4: 192.0.2.1\n*   Trying 192.0.2.1:443...\n* Connected to api.example.com (192.0.2.1) port 443\n* ALPN: curl offers h2,http/1.1\n} [5 bytes data]\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384 / X25519 / RSASSA-PSS\n* Server certificate:\n*  subject: CN=api.example.com\n*  expire date: Jan  1 00:00:00 2030 GMT\n*  issuer: C=US; O=Example; CN=CA\n*  SSL certificate verify ok.\n* using HTTP/2\n* [HTTP/2] [1] OPENED stream for https://api.example.com/v1/me\n* [HTTP/2] [1] [:method: GET]\n* [HTTP/2] [1] [:scheme: https]\n* [HTTP/2] [1] [:authority: api.example.com]\n* [HTTP/2] [1] [:path: /v1/me]\n* [HTTP/2] [1] [accept: */*]\n> GET /v1/me HTTP/2\n> Host: api.example.com\n> User-Agent: curl/8.5.0\n> Accept: */*\n> \n* Request completely sent off\n< HTTP/2 401 \n< content-type: application/json\n< www-authenticate: Bearer error=\"invalid_token\"\n< \n{\"error\":\"invalid_token\"}* Connection #0 to host api.example.com left intact\n";

#[test]
fn verbose() {
    check_all(
        &["connected", "address", "tls.version", "tls.subject", "curl.exit"],
        &[
            (
                VERBOSE,
                &[
                    "GET https://api.example.com/v1/me h3 whole => 401 h2 b25 whole connected=true address=192.0.2.1 tls.version=TLSv1.3 tls.subject=CN=api.example.com",
                ],
            ),
            // no command, CRLF, time stamps of --trace-time
            (
                "10:12:44.123456 * Connected to h.example (192.0.2.9) port 80 (#0)\r\n10:12:44.123999 > POST /a HTTP/1.1\r\n10:12:44.124000 > Host: h.example\r\n10:12:44.124000 > Content-Length: 2\r\n10:12:44.124000 >\r\n10:12:44.130000 < HTTP/1.1 500 Internal Server Error\r\n10:12:44.130000 < Server: nginx\r\n10:12:44.130000 <\r\noops\r\n",
                &[
                    "POST http://h.example/a h2 whole => 500 Internal Server Error h1 b4 whole connected=true address=192.0.2.9",
                ],
            ),
            // curl 7.19: one line for trying and connecting
            (
                "* About to connect() to h.example port 80 (#0)\n*   Trying 192.0.2.9... connected\n> GET / HTTP/1.1\n> Host: h.example\n>\n< HTTP/1.1 200 OK\n< Content-Length: 2\n<\n{ [data not shown]\n",
                &["GET h.example/ h1 whole => 200 OK h1 whole connected=true address=192.0.2.9"],
            ),
            // 100 Continue; the body comes after curl's last line
            (
                "> PUT /u HTTP/1.1\n> Host: h\n> Expect: 100-continue\n>\n< HTTP/1.1 100 Continue\n<\n* We are completely uploaded and fine\n< HTTP/1.1 413 Payload Too Large\n< Connection: close\n<\n* Closing connection 0\n{\"e\":1}\n",
                &["PUT h/u h2 whole => 413 Payload Too Large h1 b7 whole"],
            ),
            // trailers
            (
                "> POST /svc/M HTTP/2\n> Host: h\n>\n< HTTP/2 200\n< content-type: application/grpc\n<\n< grpc-status: 14\n< grpc-message: unavailable\n* Connection #0 to host h left intact\n",
                &["POST h/svc/M h1 whole => 200 h1 whole"],
            ),
            // cut in the middle of the head
            ("> GET /x HTTP/1.1\n> Host: h\n", &["GET h/x h1 => -"]),
            (
                "* Connected to h (192.0.2.9) port 443 (#0)\n* SSL connection using TLSv1.2 / X\n",
                &["? https://h/ h0 => - connected=true address=192.0.2.9 tls.version=TLSv1.2"],
            ),
            // the response's text has paragraphs, curl's last line tells where it ends
            (
                "> GET / HTTP/1.1\n> Host: h\n>\n< HTTP/1.1 500 x\n<\none\n\ntwo\n* Connection #0 to host h left intact\n\nWhat now?\n",
                &["GET h/ h1 whole => 500 x h0 b8 whole"],
            ),
            // bullets, quotes and words are not transcripts
            ("* first\n* second\n", &[]),
            ("> quoted words\n", &[]),
            ("curl is great\n", &[]),
            ("$ curl https://h/\n", &[]),
            ("", &[]),
        ],
    );
}

#[test]
fn failures() {
    check_all(
        &["curl.exit", "connected", "tls.verify", "tls.alert", "connect.fallback", "address"],
        &[
            (
                "$ curl https://no.example/\ncurl: (6) Could not resolve host: no.example\n",
                &["GET https://no.example/ h0 => - curl.exit=6"],
            ),
            (
                "*   Trying [2001:db8::1]:443...\n* connect to 2001:db8::1 port 443 from :: port 50000 failed: Network is unreachable\n*   Trying 192.0.2.1:443...\n* Connected to h.example (192.0.2.1) port 443\n* TLSv1.3 (OUT), TLS alert, unknown CA (560):\n* SSL certificate problem: self-signed certificate\n* Closing connection\ncurl: (60) SSL certificate problem: self-signed certificate\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.\n",
                &[
                    "? https://h.example/ h0 => - curl.exit=60 connected=true tls.verify=self-signed certificate tls.alert=48 connect.fallback=true address=192.0.2.1",
                ],
            ),
            (
                "$ curl -m 5 http://h.example/slow\n  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n\r  0     0    0     0    0     0      0      0 --:--:--  0:00:05 --:--:--     0\ncurl: (28) Operation timed out after 5001 milliseconds with 0 bytes received\n",
                &["GET http://h.example/slow h0 => - curl.exit=28"],
            ),
            // --fail shows the status only
            (
                "$ curl -f https://h.example/x\ncurl: (22) The requested URL returned error: 404\n",
                &["GET https://h.example/x h0 => 404 h0 curl.exit=22"],
            ),
            // Windows
            (
                "C:\\> curl -v https://h.example/\n*   Trying 192.0.2.1:443...\n* Connected to h.example (192.0.2.1) port 443 (#0)\n* schannel: disabled automatic use of client certificate\n* schannel: next InitializeSecurityContext failed: CRYPT_E_NO_REVOCATION_CHECK (0x80092012)\n* Closing connection 0\ncurl: (35) schannel: next InitializeSecurityContext failed: CRYPT_E_NO_REVOCATION_CHECK (0x80092012)\n",
                &[
                    "GET https://h.example/ h0 => - curl.exit=35 connected=true tls.verify=next InitializeSecurityContext failed: CRYPT_E_NO_REVOCATION_CHECK (0x80092012) address=192.0.2.1",
                ],
            ),
            (
                "> GET / HTTP/1.1\n> Host: h\n>\n* Empty reply from server\n* Closing connection 0\ncurl: (52) Empty reply from server\n",
                &["GET h/ h1 whole => - curl.exit=52"],
            ),
            ("* Could not resolve host: no.example\n* Closing connection 0\n", &["? no.example/ h0 => -"]),
            // --retry
            (
                "$ curl --retry 1 https://h.example/\ncurl: (7) Failed to connect to h.example port 443: Connection refused\nWarning: Problem : connection refused. Will retry in 1 seconds. 1 retries left.\ncurl: (7) Failed to connect to h.example port 443: Connection refused\n",
                &["GET https://h.example/ h0 => - curl.exit=7", "GET https://h.example/ h0 => - curl.exit=7"],
            ),
        ],
    );
}

#[test]
fn redirects_and_proxies() {
    check_all(
        &["redirect.hop", "curl.switch", "http.connect_status", "http.connect_reason", "proxy.host", "proxy.uses"],
        &[
            (
                "$ curl -vL -d a=1 http://h.example/a\n* Connected to h.example (192.0.2.1) port 80\n> POST /a HTTP/1.1\n> Host: h.example\n>\n< HTTP/1.1 301 Moved Permanently\n< Location: https://h.example/a\n<\n* Ignoring the response-body\n* Connection #0 to host h.example left intact\n* Clear auth, redirects to port from 80 to 443\n* Issue another request to this URL: 'https://h.example/a'\n* Switch from POST to GET\n*   Trying 192.0.2.1:443...\n* Connected to h.example (192.0.2.1) port 443\n> GET /a HTTP/1.1\n> Host: h.example\n>\n< HTTP/1.1 405 Method Not Allowed\n< Content-Length: 0\n<\n",
                &[
                    "POST http://h.example/a h1 b3 whole => 301 Moved Permanently h1 whole redirect.hop=0",
                    "GET https://h.example/a h1 whole => 405 Method Not Allowed h1 b0 whole redirect.hop=1 curl.switch=POST to GET",
                ],
            ),
            // the next hop does not connect
            (
                "$ curl -vL http://h.example/a\n> GET /a HTTP/1.1\n> Host: h.example\n>\n< HTTP/1.1 302 Found\n< Location: https://other.example/\n<\n* Issue another request to this URL: 'https://other.example/'\n* Could not resolve host: other.example\ncurl: (6) Could not resolve host: other.example\n",
                &[
                    "GET http://h.example/a h1 whole => 302 Found h1 whole redirect.hop=0",
                    "GET https://other.example/ h0 => - redirect.hop=1",
                ],
            ),
            // -i and -L: heads one after the other
            (
                "$ curl -iL -d a=1 https://h.example/x/y\nHTTP/1.1 302 Found\nLocation: z?q\n\nHTTP/1.1 200 OK\nContent-Type: text/plain\n\nhi\n",
                &[
                    "POST https://h.example/x/y h1 b3 => 302 Found h1 whole redirect.hop=0",
                    "GET https://h.example/x/z?q h0 => 200 OK h1 b2 whole redirect.hop=1",
                ],
            ),
            // two hops that look alike
            (
                "$ curl -iL https://h.example/\nHTTP/2 302\nlocation: /a\n\nHTTP/2 302\nlocation: /b\n\nHTTP/2 404\nserver: x\n\nno\n",
                &[
                    "GET https://h.example/ h0 => 302 h1 whole redirect.hop=0",
                    "GET https://h.example/a h0 => 302 h1 whole redirect.hop=1",
                    "GET https://h.example/b h0 => 404 h1 b2 whole redirect.hop=2",
                ],
            ),
            // -v with -i: the head is shown twice
            (
                "$ curl -vi https://h.example/\n> GET / HTTP/1.1\n> Host: h.example\n>\n< HTTP/1.1 404 Not Found\n< Server: x\n<\nHTTP/1.1 404 Not Found\nServer: x\n\nno\n",
                &["GET https://h.example/ h1 whole => 404 Not Found h1 b2 whole"],
            ),
            // the proxy lets it through in the second round
            (
                "> CONNECT h.example:443 HTTP/1.1\n>\n< HTTP/1.1 407 Proxy Authentication Required\n< Proxy-Authenticate: NTLM\n<\n> CONNECT h.example:443 HTTP/1.1\n>\n< HTTP/1.1 200 OK\n<\n> GET / HTTP/1.1\n> Host: h.example\n>\n< HTTP/1.1 500 x\n<\n",
                &["GET https://h.example/ h1 whole => 500 x h0 whole http.connect_status=200 http.connect_reason=OK"],
            ),
            // refused by the proxy
            (
                "$ curl -v https://api.example.com/v1\n* Uses proxy env variable https_proxy == 'http://proxy.example:3128'\n*   Trying 192.0.2.3:3128...\n* Connected to proxy.example (192.0.2.3) port 3128\n* CONNECT tunnel: HTTP/1.1 negotiated\n* allocate connect buffer\n* Establish HTTP proxy tunnel to api.example.com:443\n> CONNECT api.example.com:443 HTTP/1.1\n> Host: api.example.com:443\n>\n< HTTP/1.1 407 Proxy Authentication Required\n< Proxy-Authenticate: Basic realm=\"proxy\"\n< Content-Length: 10\n<\n* CONNECT tunnel failed, response 407\n* Closing connection\ncurl: (56) CONNECT tunnel failed, response 407\n",
                &[
                    "GET https://api.example.com/v1 h0 => - http.connect_status=407 http.connect_reason=Proxy Authentication Required proxy.host=proxy.example:3128 proxy.uses=http://proxy.example:3128",
                ],
            ),
            // the same without the command
            (
                "* Establish HTTP proxy tunnel to api.example.com:443\n> CONNECT api.example.com:443 HTTP/1.1\n> Host: api.example.com:443\n>\n< HTTP/1.1 403 Forbidden\n<\n* Received HTTP code 403 from proxy after CONNECT\n* Closing connection 0\ncurl: (56) Received HTTP code 403 from proxy after CONNECT\n",
                &["? https://api.example.com/ h0 => - http.connect_status=403 http.connect_reason=Forbidden"],
            ),
            // let through; -i prints both heads
            (
                "$ curl -i -x http://p.example:8080 https://h.example/\nHTTP/1.1 200 Connection established\n\nHTTP/2 404\nserver: x\n\nno\n",
                &[
                    "GET https://h.example/ h0 => 404 h1 b2 whole http.connect_status=200 proxy.uses=http://p.example:8080",
                ],
            ),
        ],
    );
}

#[test]
fn other_outputs() {
    check_all(
        &["curl.exit", "curl.http_code"],
        &[
            (
                "$ curl -i https://h.example/x\nHTTP/2 404 \ncontent-type: application/json\n\n{\n  \"e\": 1\n}\n$ ls\n",
                &["GET https://h.example/x h0 => 404 h1 b12 whole"],
            ),
            (
                "$ curl -sI https://h.example/x | head -1\nHTTP/1.1 405 Method Not Allowed\n",
                &["HEAD https://h.example/x h0 => 405 Method Not Allowed h0"],
            ),
            (
                "$ curl -sI https://h.example/x | grep -i '^retry'\nRetry-After: 30\n",
                &["HEAD https://h.example/x h0 => ? h1"],
            ),
            (
                "$ curl -s -D - -o /dev/null https://h.example/x\nHTTP/1.1 403 Forbidden\nServer: cloudflare\n\n",
                &["GET https://h.example/x h0 => 403 Forbidden h1 whole"],
            ),
            ("$ curl https://h.example/x\nno such route\n\n$ date\n", &["GET https://h.example/x h0 => ? h0 b13"]),
            ("$ curl -s https://h.example/x\n{\"a\":1}me@host:~$ \n", &["GET https://h.example/x h0 => ? h0 b7"]),
            (
                "$ curl -s -o /dev/null -w '%{http_code}\\n' https://h.example/x\n403\n",
                &["GET https://h.example/x h0 => 403 h0"],
            ),
            (
                "$ curl -s -w '%{http_code}' https://h.example/x\n{\"e\":1}429\n",
                &["GET https://h.example/x h0 => 429 h0 b7"],
            ),
            (
                "$ curl -s -w '\\nHTTP_STATUS:%{http_code}\\n' https://h.example/x\n<html>no</html>\nHTTP_STATUS:502\n",
                &["GET https://h.example/x h0 => 502 h0 b15"],
            ),
            (
                "$ for i in 1 2; do curl -s -o /dev/null -w \"%{http_code}\\n\" https://h.example/x; done\n200\n429\n",
                &["GET https://h.example/x h0 => 200 h0", "GET https://h.example/x h0 => 429 h0"],
            ),
            (
                "$ curl -s -o /dev/null -w '%{http_code} %{time_total}\\n' https://h.example/x\n000 30.001\n",
                &["GET https://h.example/x h0 => - curl.http_code=000"],
            ),
            (
                "$ curl -s https://h.example/x | jq .\nparse error: Invalid numeric literal at line 1, column 7\n",
                &["GET https://h.example/x h0 => -"],
            ),
            // two commands, each with its output
            (
                "$ curl -s http://a.example/\n{\"a\":1}\n\n$ curl -s http://b.example/\n{\"b\":1}\n",
                &["GET http://a.example/ h0 => ? h0 b7", "GET http://b.example/ h0 => ? h0 b7"],
            ),
            // a pasted command without prompt takes only output that is surely output
            ("curl -X POST https://h.example/x -d '{}'\n\nI get an error\n", &[]),
            (
                "curl https://h.example/x -d '{\n \"a\": 1 }'\n{\"error\":1}\n",
                &["POST https://h.example/x h1 b11 => ? h0 b11"],
            ),
            // --trace-ascii
            (
                "== Info: Connected to h.example (192.0.2.1) port 80 (#0)\n=> Send header, 40 bytes (0x28)\n0000: POST /x HTTP/1.1\n0012: Host: h.example\n0023: \n=> Send data, 7 bytes (0x7)\n0000: {\"a\":1}\n<= Recv header, 17 bytes (0x11)\n0000: HTTP/1.1 400 Bad Request\n<= Recv header, 2 bytes (0x2)\n0000: \n<= Recv data, 4 bytes (0x4)\n0000: oops\n== Info: Connection #0 to host h.example left intact\n",
                &["POST http://h.example/x h1 b7 whole => 400 Bad Request h0 b4 whole"],
            ),
            // GNU Wget -S
            (
                "--2024-05-01 10:00:00--  https://h.example/x\nResolving h.example (h.example)... 192.0.2.1\nConnecting to h.example (h.example)|192.0.2.1|:443... connected.\nHTTP request sent, awaiting response... \n  HTTP/1.1 403 Forbidden\n  Server: nginx\n2024-05-01 10:00:01 ERROR 403: Forbidden.\n",
                &["GET https://h.example/x h0 => 403 Forbidden h1"],
            ),
        ],
    );
}

#[test]
fn words_and_times() {
    let text = format!("{VERBOSE}\n");
    let call = read(&lines_of(&text), 0).unwrap().calls.remove(0);
    assert_eq!(call.messages, [], "chatter is not kept");
    assert_eq!(call.attribute("curl.command"), Some("curl -v https://api.example.com/v1/me"));
    assert_eq!(call.attribute("tls.expire"), Some("Jan  1 00:00:00 2030 GMT"));
    let response = call.response.unwrap();
    assert_eq!(
        &text[response.body.as_ref().unwrap().span.start..response.body.unwrap().span.end],
        "{\"error\":\"invalid_token\"}"
    );
    assert_eq!(&text[response.span.start..response.span.end], "HTTP/2 401");
}

#[test]
fn nothing_panics_and_something_is_always_taken() {
    let sample = format!(
        "{VERBOSE}$ curl -w 'ü%{{http_code}}' -d 'ä\n' https://h/ <<E\nE\nHTTP/1.1 200 Connection established\n\nHTTP/1.1 100 x\n\n< HTTP/1.1 302\n< Location: ü\n<\n* Issue another request to this URL: ''\n* Switch to GET because\n== Info: é\n=> Send header\n0000: é\n<= Recv data, 1\n0000: 48 54 c3\ncurl: (22) The requested URL returned error: 4\nreal 0m1,5s\n--2024--  http://x\n  HTTP/1.1 403\n"
    );
    for cut in (0..=sample.len()).filter(|&cut| sample.is_char_boundary(cut)) {
        for text in [&sample[..cut], &sample[cut..]] {
            let lines = lines_of(text);
            let mut at = 0;
            while at < lines.len() {
                at += read(&lines, at).map_or(1, |taken| taken.lines.max(1));
            }
        }
    }
}
