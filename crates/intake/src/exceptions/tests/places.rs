//! Ruby, PHP, mobile, browsers, tools and platforms, and the words of log lines.

use super::super::read_words;
use super::{all_hold, holds, problems};
use firstfault_model::{Call, Span};

#[test]
fn ruby_php_and_others() {
    let mut found = Vec::new();
    let mut check = |text: &str, left: usize, expected: &[&str]| found.extend(problems(text, left, expected));
    check(
        "/usr/lib/ruby/net/protocol.rb:46:in `connect_nonblock': SSL_connect returned=1 errno=0 state=error: certificate verify failed (unable to get local issuer certificate) (OpenSSL::SSL::SSLError)\n\tfrom /usr/lib/ruby/net/http.rb:960:in `connect'\n\tfrom app.rb:3:in `<main>'",
        0,
        &[
            "tls.verify=unable to get local issuer certificate",
            "type=OpenSSL::SSL::SSLError",
            "library=net/http",
            "none=errno",
        ],
    );
    check(
        "Faraday::UnprocessableEntityError: the server responded with status 422",
        0,
        &["status=422", "library=faraday", "runtime=ruby"],
    );
    check(
        "RestClient::Unauthorized: 401 Unauthorized\n  from app.rb:3:in `call'",
        0,
        &["status=401", "library=rest-client"],
    );
    check(
        "Errno::ECONNREFUSED: Failed to open TCP connection to localhost:9200 (Connection refused - connect(2) for \"localhost\" port 9200)",
        0,
        &["errno=ECONNREFUSED", "url=localhost:9200"],
    );
    check(
        "PHP Fatal error:  Uncaught GuzzleHttp\\Exception\\ClientException: Client error: `POST https://api.acme.example/x` resulted in a `422 Unprocessable Entity` response:\n{\"message\":\"The given data was invalid.\",\"errors\":{\"em (truncated...)\n in /srv/vendor/guzzlehttp/guzzle/src/Exception/RequestException.php:113\nStack trace:\n#0 /srv/vendor/guzzlehttp/guzzle/src/Middleware.php(69): GuzzleHttp\\Exception\\RequestException::create()\n#1 {main}\n  thrown in /srv/vendor/guzzlehttp/guzzle/src/Exception/RequestException.php on line 113",
        0,
        &[
            "status=422",
            "method=POST",
            "url=https://api.acme.example/x",
            "cut=true",
            "body~given data",
            "library=guzzle",
            "runtime=php",
        ],
    );
    check(
        "GuzzleHttp\\Exception\\ConnectException: cURL error 28: Operation timed out after 30001 milliseconds with 0 bytes received (see https://curl.haxx.se/libcurl/c/libcurl-errors.html) for https://api.acme.example/slow",
        0,
        &["curl.exit=28", "url=https://api.acme.example/slow", "total=30001"],
    );
    check(
        "Symfony\\Component\\HttpClient\\Exception\\ClientException: HTTP/2 403  returned for \"https://api.acme.example/x\".",
        0,
        &["status=403", "url=https://api.acme.example/x"],
    );
    check(
        "PHP Fatal error:  Uncaught exception 'X\\RestException' with message '[HTTP 401] Authenticate' in /srv/x.php:86\nStack trace:\n#0 /srv/y.php(2): z()\n#1 {main}\n  thrown in /srv/x.php on line 86",
        0,
        &["status=401", "type=X\\RestException", "first=X\\RestException: [HTTP 401] Authenticate"],
    );
    check(
        "PHP Warning:  file_get_contents(https://api.acme.example/x): failed to open stream: HTTP request failed! HTTP/1.1 401 Unauthorized in /srv/x.php on line 3",
        0,
        &["status=401", "url=https://api.acme.example/x"],
    );
    check(
        "Error Domain=NSURLErrorDomain Code=-1009 \"The Internet connection appears to be offline.\" UserInfo={NSErrorFailingURLStringKey=https://api.acme.example/x, NSErrorFailingURLKey=https://api.acme.example/x}",
        0,
        &["nsurl.code=-1009", "url=https://api.acme.example/x", "runtime=swift"],
    );
    check(
        "[ERROR:flutter/runtime/dart_vm_initializer.cc(41)] Unhandled Exception: SocketException: Failed host lookup: 'api.acme.example' (OS Error: No address associated with hostname, errno = 7)\n#0      IOClient.send (package:http/src/io_client.dart:88:23)\n<asynchronous suspension>",
        0,
        &["runtime=dart", "type=SocketException"],
    );
    check(
        "** (Mint.TransportError) connection refused\n    (app 0.1.0) lib/app.ex:12: App.fetch/1",
        0,
        &["type=Mint.TransportError", "runtime=elixir"],
    );
    check(
        "DioException [bad response]: The request returned an invalid status code of 404.",
        0,
        &["status=404", "runtime=dart"],
    );
    check(
        "Expected(200) <=> Actual(400 Bad Request)\nexcon.error.response\n  :body          => \"{\\\"code\\\":7}\"\n  :headers       => {\n    \"Server\" => \"x\"\n  }\n  :status        => 400",
        0,
        &["status=400", "body~{\"code\":7}", "h:server=x", "library=excon"],
    );
    all_hold(&found);
}

#[test]
fn consoles() {
    let console = |text: &str, left: usize, expected: &[&str]| {
        let mut all = vec!["console=true", "runtime=browser"];
        all.extend(expected);
        all_hold(&problems(text, left, &all));
    };
    console(
        "GET https://api.acme.example/x net::ERR_CERT_DATE_INVALID",
        0,
        &["net_error=ERR_CERT_DATE_INVALID", "method=GET", "url=https://api.acme.example/x", "nostatus="],
    );
    console(
        "12:04:31.565 app.js:12 POST https://api.acme.example/x 404 (Not Found)\n    (anonymous) @ app.js:12\n    f @ app.js:2",
        0,
        &["status=404", "reason=Not Found", "top~app.js:12"],
    );
    console(
        "Access to fetch at 'https://api.acme.example/x' from origin 'http://localhost:3000' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.\napp.js:1 GET https://api.acme.example/x net::ERR_FAILED 200 (OK)\napp.js:2 Uncaught (in promise) TypeError: Failed to fetch\n    at f (app.js:2:3)",
        0,
        &["url=https://api.acme.example/x", "status=200", "net_error=ERR_FAILED", "type=TypeError", "links=3"],
    );
    console(
        "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.acme.example/x. (Reason: CORS header \u{2018}Access-Control-Allow-Origin\u{2019} missing). Status code: 403.",
        0,
        &["status=403", "url=https://api.acme.example/x"],
    );
    console(
        "Failed to load resource: the server responded with a status of 401 (Unauthorized)",
        0,
        &["status=401", "reason=Unauthorized"],
    );
    console(
        "Mixed Content: The page at 'https://a.example/' was loaded over HTTPS, but requested an insecure XMLHttpRequest endpoint 'http://b.example/x'. This request has been blocked; the content must be served over HTTPS.",
        0,
        &["url=http://b.example/x"],
    );
    console(
        "Refused to connect to 'https://b.example/x' because it violates the following Content Security Policy directive: \"connect-src 'self'\".",
        0,
        &["url=https://b.example/x"],
    );
    console(
        "WebSocket connection to 'wss://b.example/ws' failed: Error during WebSocket handshake: Unexpected response code: 403",
        0,
        &["url=wss://b.example/ws", "status=403"],
    );
    console("Fetch finished loading: GET \"https://b.example/x\".", 0, &["method=GET", "url=https://b.example/x"]);
}

#[test]
fn tools_and_platforms() {
    let mut found = Vec::new();
    let mut check = |text: &str, left: usize, expected: &[&str]| found.extend(problems(text, left, expected));
    // Terraform's diagnostics box
    check(
        "\u{2577}\n\u{2502} Error: creating Droplet: POST https://api.digitalocean.com/v2/droplets: 422 (request \"8d1-aa\") You specified an invalid size\n\u{2502} \n\u{2502}   with digitalocean_droplet.web,\n\u{2575}\n$ ",
        1,
        &["status=422", "method=POST", "url=https://api.digitalocean.com/v2/droplets", "library=terraform"],
    );
    // Postman's console
    check(
        "POST https://api.acme.example/x\nError: connect ECONNREFUSED 127.0.0.1:443\nRequest Headers\nContent-Type: application/json\nUser-Agent: PostmanRuntime/7.26.8\nRequest Body\n{\n  \"a\": 1\n}",
        0,
        &[
            "method=POST",
            "url=https://api.acme.example/x",
            "errno=ECONNREFUSED",
            "q:user-agent=PostmanRuntime/7.26.8",
            "sent~\"a\": 1",
        ],
    );
    // n8n, Power Automate, Zapier
    check(
        "NodeApiError: Forbidden - perhaps check your credentials?\n    at ExecuteContext.requestWithAuthentication (/usr/lib/node_modules/n8n/node_modules/n8n-core/x.js:1:2)",
        0,
        &["type=NodeApiError", "runtime=node"],
    );
    check(
        "ActionFailed. An action failed. No dependent actions succeeded. Http request failed with status code 'BadGateway'.",
        0,
        &["msg~ActionFailed"],
    );
    check("The app returned \"Invalid API key\" with status code 401.", 0, &["status=401"]);
    check(
        "kubernetes.client.exceptions.ApiException: (404)\nReason: Not Found\nHTTP response headers: HTTPHeaderDict({'Content-Type': 'application/json', 'Audit-Id': 'a-1'})\nHTTP response body: {\"kind\":\"Status\",\"code\":404}\n\n",
        2,
        &["status=404", "reason=Not Found", "h:audit-id=a-1", "body~\"kind\":\"Status\"", "library=kubernetes"],
    );
    check("stripe.error.CardError: Request req_abc123: Your card was declined.", 0, &["type=stripe.error.CardError"]);
    check(
        "\u{256d}\u{2500}\u{2500} Traceback (most recent call last) \u{2500}\u{256e}\n\u{2502} /app/x.py:3 in main \u{2502}\n\u{2570}\u{2500}\u{2500}\u{256f}\nHTTPStatusError: Client error '404 Not Found' for url 'https://a.example/x'",
        0,
        &["status=404", "url=https://a.example/x"],
    );
    check("---------------------------------------------------------------------------\nHTTPError                                 Traceback (most recent call last)\n<ipython-input-2> in <module>\n----> 1 r.raise_for_status()\n\n/v/requests/models.py in raise_for_status(self)\n    939 \n\nHTTPError: 404 Client Error: Not Found for url: https://a.example/x".split_once('\n').unwrap().1, 0, &["status=404", "url=https://a.example/x", "type=HTTPError"]);
    check(
        "Unexpected status 403\nRefit.ApiException: Response status code does not indicate success: 403 (Forbidden)."
            .split_once('\n')
            .unwrap()
            .1,
        0,
        &["status=403", "library=refit"],
    );
    check(
        "fail: Microsoft.AspNetCore.Server.Kestrel[13]\n      Connection id \"0H\", Request id \"0H:2\": An unhandled exception was thrown by the application.\n      System.InvalidOperationException: no\n         at Acme.X.Y() in C:\\x.cs:line 3\ninfo: x",
        1,
        &["server=true", "type=System.InvalidOperationException"],
    );
    check(
        "java.net.SocketTimeoutException: failed to connect to api.acme.example/203.0.113.9 (port 443) from /10.0.2.16 (port 45678) after 10000ms",
        0,
        &["total=10000"],
    );
    check(
        "requests.exceptions.ConnectionError: ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
        0,
        &["roottype=RemoteDisconnected"],
    );
    check(
        "remote error: tls: bad certificate".replace("remote", "Get \"https://a.example/\": remote").as_str(),
        0,
        &["tls.alert=42"],
    );
    check("HTTParty::ResponseError: Code 503 - {\"message\":\"busy\"}", 0, &["library=httparty"]);
    check(
        "anthropic.BadRequestError: Error code: 400 - {'type': 'error', 'error': {'type': 'invalid_request_error', 'message': \"it's too long\"}}",
        0,
        &["status=400", "body~it's too long"],
    );
    check("io.grpc.StatusRuntimeException: PERMISSION_DENIED", 0, &["grpc.status=7"]);
    check("google.api_core.exceptions.ServiceUnavailable: 503 failed to connect to all addresses", 0, &["status=503"]);
    check(
        "com.acme.client.ApiException: Message: Unprocessable Entity\nHTTP response code: 422\nHTTP response body: {\"error\":\"x\"}\nHTTP response headers: {date=[Mon], server=[nginx]}\n\tat com.acme.X.y(X.java:1)",
        0,
        &["status=422", "body~\"error\":\"x\"", "h:server=nginx"],
    );
    all_hold(&found);
}

#[test]
fn words_of_log_lines() {
    let check = |text: &str, expected: &[&str]| {
        let mut call = Call::default();
        read_words(text, Span::new(1, 0, text.len()), &mut call);
        for expected in expected {
            assert!(holds(&call, expected), "{expected} does not hold for\n{text}\n{call:#?}");
        }
        assert!(call.messages.is_empty());
    };
    check(
        "call failed: java.net.ConnectException: failed to connect to /10.12.0.8 (port 8080) after 10000ms: connect failed: EMFILE (Too many open files)",
        &["errno=EMFILE", "url=10.12.0.8:8080", "type=java.net.ConnectException", "total=10000"],
    );
    check(
        "POST https://api.acme.example/x returned 503 Service Unavailable, body: {\"code\":\"busy\"}",
        &["status=503", "method=POST", "body~busy"],
    );
    check("connect() failed (111: Connection refused) while connecting to upstream", &["nostatus="]);
    check("Processed 404 rows in 200 ms", &["nostatus="]);
    check("see https://docs.acme.example/errors for help", &["nostatus="]);
    check("GET /v1/items took 512 ms on port 443", &["nostatus="]);
}
