//! Python, Node, the JVM, .NET, Go and Rust, in the words that their libraries document.

use super::{all_hold, problems};

#[test]
fn python() {
    let mut found = Vec::new();
    let mut check = |text: &str, left: usize, expected: &[&str]| found.extend(problems(text, left, expected));
    // requests and urllib3, as their exceptions print
    check(
        "Traceback (most recent call last):\n  File \"/v/site-packages/urllib3/connection.py\", line 174, in _new_conn\n    conn = connection.create_connection(\n           ^^^^^\nsocket.gaierror: [Errno -2] Name or service not known\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"/v/site-packages/urllib3/connectionpool.py\", line 703, in urlopen\n    x\nurllib3.exceptions.NewConnectionError: <urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno -2] Name or service not known\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"app.py\", line 3, in <module>\n    requests.get(url)\nrequests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.acme.example', port=443): Max retries exceeded with url: /v1/me (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno -2] Name or service not known'))\n>>> ",
        1,
        &[
            "errno=EAI_NONAME",
            "url=api.acme.example:443/v1/me",
            "type=requests.exceptions.ConnectionError",
            "roottype=socket.gaierror",
            "links=3",
            "library=urllib3",
            "runtime=python",
            "server=false",
            "nostatus=",
        ],
    );
    check(
        "requests.exceptions.HTTPError: 500 Server Error: Internal Server Error for url: https://api.acme.example/v1/x?a=1",
        0,
        &[
            "status=500",
            "reason=Internal Server Error",
            "url=https://api.acme.example/v1/x?a=1",
            "runtime=python",
            "library=requests",
        ],
    );
    check(
        "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nhttpx.HTTPStatusError: Client error '401 Unauthorized' for url 'https://api.acme.example/me'\nFor more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/401",
        1,
        &["status=401", "reason=Unauthorized", "url=https://api.acme.example/me", "library=httpx"],
    );
    check(
        "aiohttp.client_exceptions.ClientResponseError: 503, message='Service Unavailable', url=URL('https://api.acme.example/x')",
        0,
        &["status=503", "reason=Service Unavailable", "url=https://api.acme.example/x"],
    );
    check(
        "aiohttp.client_exceptions.ClientConnectorError: Cannot connect to host api:443 ssl:default [Name or service not known]",
        0,
        &["url=api:443", "library=aiohttp"],
    );
    check("urllib.error.HTTPError: HTTP Error 403: Forbidden", 0, &["status=403", "reason=Forbidden"]);
    check(
        "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the PutObject operation: Access Denied",
        0,
        &["error.code=AccessDenied", "operation=PutObject", "library=botocore", "nostatus="],
    );
    check(
        "googleapiclient.errors.HttpError: <HttpError 403 when requesting https://www.googleapis.com/drive/v3/files?alt=json returned \"Rate Limit Exceeded\". Details: \"[{'message': 'Rate Limit Exceeded', 'domain': 'usageLimits', 'reason': 'rateLimitExceeded'}]\">",
        0,
        &[
            "status=403",
            "url=https://www.googleapis.com/drive/v3/files?alt=json",
            "error.code=rateLimitExceeded",
            "body~rateLimitExceeded",
        ],
    );
    check(
        "Traceback (most recent call last):\n  File \"c.py\", line 2, in <module>\n    stub.Get(r)\ngrpc._channel._InactiveRpcError: <_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.UNAVAILABLE\n\tdetails = \"failed to connect to all addresses\"\n\tdebug_error_string = \"{\"created\":\"@1\",\"grpc_status\":14}\"\n>",
        0,
        &["grpc.status=14", "msg~failed to connect to all addresses", "type=grpc._channel._InactiveRpcError"],
    );
    check(
        "openai.RateLimitError: Error code: 429 - {'error': {'message': 'You exceeded your current quota', 'type': 'insufficient_quota', 'param': None, 'code': 'insufficient_quota'}}",
        0,
        &["status=429", "body~\"code\":\"insufficient_quota\"", "library=openai"],
    );
    check(
        "azure.core.exceptions.HttpResponseError: (AuthorizationFailed) The client 'x' does not have authorization\nCode: AuthorizationFailed\nMessage: The client 'x' does not have authorization",
        0,
        &["error.code=AuthorizationFailed"],
    );
    check(
        "msrestazure.azure_exceptions.HttpOperationError: Operation returned an invalid status 'Forbidden'",
        0,
        &["type=msrestazure.azure_exceptions.HttpOperationError"],
    );
    check("ConnectionResetError: [Errno 104] Connection reset by peer", 0, &["errno=ECONNRESET"]);
    check(
        "urllib3.exceptions.ProtocolError: ('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))",
        0,
        &[
            "errno=ECONNRESET",
            "roottype=ConnectionResetError",
            "first=urllib3.exceptions.ProtocolError: Connection aborted.",
        ],
    );
    check(
        "requests.exceptions.SSLError: HTTPSConnectionPool(host='h.example', port=443): Max retries exceeded with url: / (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate in certificate chain (_ssl.c:1129)')))",
        0,
        &["tls.verify=self signed certificate in certificate chain", "url=h.example:443/", "none=errno", "links=3"],
    );
    check(
        "requests.exceptions.ProxyError: HTTPSConnectionPool(host='h.example', port=443): Max retries exceeded with url: / (Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407 Proxy Authentication Required')))",
        0,
        &["http.connect_status=407", "nostatus="],
    );
    check(
        "requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='h.example', port=443): Read timed out. (read timeout=30)",
        0,
        &["total=30000"],
    );
    // Exception groups, Python 3.11 (PEP 654)
    check(
        "  + Exception Group Traceback (most recent call last):\n  |   File \"a.py\", line 1, in <module>\n  |     x\n  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File \"b.py\", line 2, in f\n    |     y\n    | httpx.ConnectError: All connection attempts failed\n    +------------------------------------",
        0,
        &["type=ExceptionGroup", "roottype=httpx.ConnectError", "links=2"],
    );
    // A Django view: the server's own side
    check(
        "Traceback (most recent call last):\n  File \"/v/site-packages/django/core/handlers/exception.py\", line 55, in inner\n    response = get_response(request)\n  File \"/srv/app/views.py\", line 3, in index\n    1/0\nZeroDivisionError: division by zero",
        0,
        &["server=true", "top~/srv/app/views.py", "root=ZeroDivisionError: division by zero"],
    );
    check("  File \"/v/x.py\", line 1, in f\n    g()\nKeyError: 'access_token'", 0, &["root=KeyError: 'access_token'"]);
    all_hold(&found);
}

#[test]
fn node() {
    let mut found = Vec::new();
    let mut check = |text: &str, left: usize, expected: &[&str]| found.extend(problems(text, left, expected));
    // undici
    check(
        "TypeError: fetch failed\n    at node:internal/deps/undici/undici:12618:11\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n    at async main (/app/index.js:3:9) {\n  cause: ConnectTimeoutError: Connect Timeout Error (attempted address: api.acme.example:443, timeout: 10000ms)\n      at onConnectTimeout (node:internal/deps/undici/undici:6625:28)\n      at Immediate.<anonymous> (node:internal/deps/undici/undici:6603:11) {\n    code: 'UND_ERR_CONNECT_TIMEOUT'\n  }\n}\n\nNode.js v18.20.0",
        0,
        &[
            "error.code=UND_ERR_CONNECT_TIMEOUT",
            "first=TypeError: fetch failed",
            "roottype=ConnectTimeoutError",
            "runtime=node",
            "library=undici",
            "top~/app/index.js",
        ],
    );
    check(
        "TypeError: fetch failed\n    at f (/app/x.js:1:2) {\n  [cause]: Error: connect ECONNREFUSED 127.0.0.1:8080\n      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16) {\n    errno: -111,\n    code: 'ECONNREFUSED',\n    syscall: 'connect',\n    address: '127.0.0.1',\n    port: 8080\n  }\n}",
        0,
        &["errno=ECONNREFUSED", "url=127.0.0.1:8080", "root=Error: connect ECONNREFUSED 127.0.0.1:8080", "links=2"],
    );
    // axios 1.x
    check(
        "AxiosError: Request failed with status code 401\n    at settle (/app/node_modules/axios/dist/node/axios.cjs:1967:12)\n    at IncomingMessage.handleStreamEnd (/app/node_modules/axios/dist/node/axios.cjs:3062:11) {\n  code: 'ERR_BAD_REQUEST',\n  config: {\n    transitional: { silentJSONParsing: true },\n    timeout: 0,\n    headers: Object [AxiosHeaders] {\n      Accept: 'application/json, text/plain, */*',\n      Authorization: 'Bearer abc',\n      'User-Agent': 'axios/1.6.0'\n    },\n    baseURL: 'https://api.acme.example',\n    method: 'post',\n    url: '/v1/orders',\n    data: '{\"a\":1}'\n  },\n  request: <ref *1> ClientRequest {\n    _events: [Object: null prototype] { error: [Function] },\n    method: 'POST',\n    path: '/v1/orders'\n  },\n  response: {\n    status: 401,\n    statusText: 'Unauthorized',\n    headers: Object [AxiosHeaders] { 'www-authenticate': 'Bearer error=\"invalid_token\"', 'content-type': 'application/json' },\n    config: { url: '/v1/orders' },\n    data: { error: 'invalid_token', error_description: \"it's expired\" }\n  }\n}",
        0,
        &[
            "status=401",
            "reason=Unauthorized",
            "method=POST",
            "url=https://api.acme.example/v1/orders",
            "error.code=ERR_BAD_REQUEST",
            "h:www-authenticate=Bearer error=\"invalid_token\"",
            "body~\"error_description\":\"it's expired\"",
            "sent~{\"a\":1}",
            "q:authorization=Bearer abc",
            "library=axios",
            "links=1",
        ],
    );
    check(
        "FetchError: request to https://api.acme.example/x failed, reason: connect ECONNREFUSED 10.0.0.1:443\n    at ClientRequest.<anonymous> (/app/node_modules/node-fetch/lib/index.js:1491:11) {\n  type: 'system',\n  errno: 'ECONNREFUSED',\n  code: 'ECONNREFUSED'\n}",
        0,
        &["url=https://api.acme.example/x", "errno=ECONNREFUSED", "library=node-fetch"],
    );
    check(
        "HTTPError: Response code 404 (Not Found)\n    at Request.<anonymous> (/app/node_modules/got/dist/source/as-promise/index.js:118:42)",
        0,
        &["status=404", "reason=Not Found", "library=got"],
    );
    check(
        "{ Error: getaddrinfo EAI_AGAIN api.acme.example:443\n    at errnoException (dns.js:50:10)\n  code: 'EAI_AGAIN',\n  errno: 'EAI_AGAIN',\n  syscall: 'getaddrinfo',\n  hostname: 'api.acme.example',\n  host: 'api.acme.example',\n  port: 443 }\nnext",
        1,
        &["errno=EAI_AGAIN", "url=api.acme.example:443"],
    );
    check(
        "Error: 14 UNAVAILABLE: No connection established\n    at callErrorFromStatus (/app/node_modules/@grpc/grpc-js/build/src/call.js:31:19) {\n  code: 14,\n  details: 'No connection established',\n  metadata: Metadata { internalRepr: Map(0) {}, options: {} }\n}",
        0,
        &["grpc.status=14", "nostatus=", "library=grpc"],
    );
    check(
        "AccessDeniedException: User is not authorized\n    at x (/app/node_modules/@smithy/smithy-client/dist-cjs/index.js:1:2) {\n  '$fault': 'client',\n  '$metadata': {\n    httpStatusCode: 403,\n    requestId: 'f6d1-aaaa-bbbb',\n    attempts: 1\n  },\n  __type: 'AccessDeniedException'\n}",
        0,
        &["status=403", "request_id=f6d1-aaaa-bbbb", "library=aws-sdk-js"],
    );
    check(
        "npm error code E403\nnpm error 403 403 Forbidden - PUT https://registry.npmjs.org/pkg - You do not have permission\nnpm error A complete log of this run can be found in: /root/x.log",
        0,
        &["status=403", "method=PUT", "url=https://registry.npmjs.org/pkg"],
    );
    check(
        "node:internal/process/promises:288\n            triggerUncaughtException(err, true /* fromPromise */);\n            ^\n\nError: self signed certificate\n    at TLSSocket.onConnectSecure (node:_tls_wrap:1535:34) {\n  code: 'DEPTH_ZERO_SELF_SIGNED_CERT'\n}\n\nNode.js v18.1.0",
        0,
        &["tls.verify=self-signed certificate"],
    );
    check(
        "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: a.example. is not in the cert's altnames: DNS:b.example",
        0,
        &["tls.verify=hostname mismatch", "error.code=ERR_TLS_CERT_ALTNAME_INVALID"],
    );
    check(
        "AggregateError [ECONNREFUSED]: \n    at internalConnectMultiple (node:net:1117:18) {\n  code: 'ECONNREFUSED',\n  [errors]: [\n    Error: connect ECONNREFUSED ::1:3000\n        at createConnectionError (node:net:1634:14) {\n      errno: -111,\n      code: 'ECONNREFUSED',\n      syscall: 'connect',\n      address: '::1',\n      port: 3000\n    }\n  ]\n}",
        0,
        &["errno=ECONNREFUSED", "url=[::1]:3000", "type=AggregateError"],
    );
    check(
        "Error: tunneling socket could not be established, statusCode=407",
        0,
        &["http.connect_status=407", "nostatus="],
    );
    check("AxiosError: timeout of 5000ms exceeded", 0, &["total=5000"]);
    all_hold(&found);
}

#[test]
fn jvm() {
    let mut found = Vec::new();
    let mut check = |text: &str, left: usize, expected: &[&str]| found.extend(problems(text, left, expected));
    check(
        "Exception in thread \"main\" java.lang.RuntimeException: could not load\n\tat com.acme.App.main(App.java:10)\n\tSuppressed: java.io.IOException: closing\n\t\tat com.acme.App.close(App.java:20)\nCaused by: java.net.ConnectException: Connection refused (Connection refused)\n\tat java.base/java.net.PlainSocketImpl.socketConnect(Native Method)\n\t... 12 more\n2024-01-01 next",
        1,
        &[
            "first=java.lang.RuntimeException: could not load",
            "root=java.net.ConnectException: Connection refused (Connection refused)",
            "links=2",
            "top~com.acme.App.main",
        ],
    );
    // Spring RestTemplate
    check(
        "org.springframework.web.client.HttpClientErrorException$Unauthorized: 401 Unauthorized: \"{\"error\":\"invalid_token\",\"error_description\":\"expired\"}\"\n\tat org.springframework.web.client.HttpClientErrorException.create(HttpClientErrorException.java:106)\n\tat org.springframework.web.servlet.DispatcherServlet.doDispatch(DispatcherServlet.java:1)",
        0,
        &["status=401", "reason=Unauthorized", "body~\"invalid_token\"", "server=true", "library=resttemplate"],
    );
    check(
        "org.springframework.web.reactive.function.client.WebClientResponseException$NotFound: 404 Not Found from GET https://api.acme.example/x",
        0,
        &["status=404", "method=GET", "url=https://api.acme.example/x", "library=webclient"],
    );
    check(
        "feign.FeignException$BadRequest: [400 Bad Request] during [POST] to [http://orders/v1/orders] [OrderClient#create(Order)]: [{\"code\":\"E1\",\"field\":\"sku\"}]\n\tat feign.FeignException.clientErrorStatus(FeignException.java:195)",
        0,
        &["status=400", "method=POST", "url=http://orders/v1/orders", "body~{\"code\":\"E1\"", "library=feign"],
    );
    check(
        "org.springframework.web.client.ResourceAccessException: I/O error on GET request for \"http://users:8080/u/1\": Connection refused (Connection refused); nested exception is java.net.ConnectException: Connection refused (Connection refused)\n\tat a.B.c(B.java:1)\nCaused by: java.net.ConnectException: Connection refused (Connection refused)\n\t... 1 more",
        0,
        &["url=http://users:8080/u/1", "method=GET", "links=2"],
    );
    check(
        "com.google.api.client.googleapis.json.GoogleJsonResponseException: 403 Forbidden\nGET https://www.googleapis.com/drive/v3/files\n{\n  \"code\" : 403,\n  \"errors\" : [ {\n    \"reason\" : \"userRateLimitExceeded\"\n  } ]\n}\n\tat com.acme.X.y(X.java:1)",
        0,
        &["status=403", "method=GET", "url=https://www.googleapis.com/drive/v3/files", "body~userRateLimitExceeded"],
    );
    check(
        "com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: 4442587FB7D0A2F9; S3 Extended Request ID: x), S3 Extended Request ID: x",
        0,
        &["status=403", "error.code=AccessDenied", "request_id=4442587FB7D0A2F9", "library=aws-sdk-java"],
    );
    check(
        "software.amazon.awssdk.services.s3.model.S3Exception: Access Denied (Service: S3, Status Code: 403, Request ID: 4442587FB7D0A2F9, Extended Request ID: y)",
        0,
        &["status=403"],
    );
    check(
        "io.grpc.StatusRuntimeException: UNAVAILABLE: io exception\n\tat io.grpc.stub.ClientCalls.toStatusRuntimeException(ClientCalls.java:262)\nCaused by: io.netty.channel.AbstractChannel$AnnotatedConnectException: Connection refused: /10.0.0.1:50051\nCaused by: java.net.ConnectException: Connection refused\n\t... 1 more",
        0,
        &["grpc.status=14", "links=3", "library=grpc"],
    );
    check(
        "javax.net.ssl.SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target\n\tat x.Y.z(Y.java:1)",
        0,
        &["tls.verify=unable to find valid certification path to requested target"],
    );
    check("javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure", 0, &["tls.alert=40"]);
    check("java.net.UnknownHostException: api.acme.example: Name or service not known", 0, &["url=api.acme.example"]);
    check("retrofit2.HttpException: HTTP 401 Unauthorized", 0, &["status=401", "library=retrofit"]);
    check(
        "java.io.IOException: Server returned HTTP response code: 403 for URL: https://api.acme.example/x",
        0,
        &["status=403", "url=https://api.acme.example/x"],
    );
    check(
        "java.io.IOException: Unable to tunnel through proxy. Proxy returns \"HTTP/1.1 407 Proxy Authentication Required\"",
        0,
        &["http.connect_status=407", "nostatus="],
    );
    check(
        "2024 ERROR o.a.c.c.C.[.[dispatcherServlet] : Servlet.service() for servlet [dispatcherServlet] in context with path [] threw exception [Request processing failed: a.b.AppException: no] with root cause\n\njava.net.SocketTimeoutException: Read timed out\n\tat java.base/x.Y.z(Y.java:1)",
        0,
        &["server=true", "root=java.net.SocketTimeoutException: Read timed out"],
    );
    all_hold(&found);
}

#[test]
fn dotnet() {
    let mut found = Vec::new();
    let mut check = |text: &str, left: usize, expected: &[&str]| found.extend(problems(text, left, expected));
    check(
        "System.Net.Http.HttpRequestException: No connection could be made because the target machine actively refused it. (localhost:5001)\r\n ---> System.Net.Sockets.SocketException (10061): No connection could be made because the target machine actively refused it.\r\n   at System.Net.Sockets.Socket.ConnectAsync()\r\n   --- End of inner exception stack trace ---\r\n   at Acme.Client.Get() in C:\\x\\Client.cs:line 9".replace('\r', "").as_str(),
        0,
        &["errno=ECONNREFUSED", "links=2", "roottype=System.Net.Sockets.SocketException", "top~Acme.Client.Get", "library=httpclient"],
    );
    check(
        "System.Net.Http.HttpRequestException: Response status code does not indicate success: 401 (Unauthorized).",
        0,
        &["status=401", "reason=Unauthorized"],
    );
    check(
        "System.Net.WebException: The remote server returned an error: (404) Not Found.\n   at System.Net.HttpWebRequest.GetResponse()",
        0,
        &["status=404", "reason=Not Found"],
    );
    check(
        "Azure.RequestFailedException: This request is not authorized\nStatus: 403 (This request is not authorized)\nErrorCode: AuthorizationPermissionMismatch\n\nContent:\n<?xml version=\"1.0\"?><Error><Code>AuthorizationPermissionMismatch</Code></Error>\n\nHeaders:\nServer: Windows-Azure-Blob/1.0\nx-ms-request-id: abc-1\n   at Azure.Storage.X()",
        0,
        &[
            "status=403",
            "error.code=AuthorizationPermissionMismatch",
            "h:x-ms-request-id=abc-1",
            "body~<Error>",
            "library=azure-core",
        ],
    );
    check(
        "Google.GoogleApiException: Google.Apis.Requests.RequestError\nToo many concurrent requests [429]\nErrors [\n\tMessage[Too many] Location[ - ] Reason[rateLimitExceeded] Domain[global]\n]\n   at Google.Apis.X.Y()",
        0,
        &["status=429", "error.code=rateLimitExceeded"],
    );
    check(
        "System.AggregateException: One or more errors occurred. (A task was canceled.)\n ---> System.Threading.Tasks.TaskCanceledException: The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing.\n   --- End of inner exception stack trace ---\n   at A.B()",
        0,
        &["total=100000", "links=2"],
    );
    check(
        "Invoke-RestMethod : The remote server returned an error: (401) Unauthorized.\nAt line:1 char:1\n+ Invoke-RestMethod https://api.acme.example/x\n+ ~~~~~\n    + CategoryInfo          : InvalidOperation: (System.Net.HttpWebRequest:HttpWebRequest) [Invoke-RestMethod], WebException\n    + FullyQualifiedErrorId : WebCmdletWebResponseException,Microsoft.PowerShell.Commands.InvokeRestMethodCommand\n\nPS>",
        2,
        &["status=401"],
    );
    check(
        "Grpc.Core.RpcException: Status(StatusCode=\"Unavailable\", Detail=\"Error connecting\")",
        0,
        &["grpc.status=14"],
    );
    all_hold(&found);
}

#[test]
fn go_and_rust() {
    let mut found = Vec::new();
    let mut check = |text: &str, left: usize, expected: &[&str]| found.extend(problems(text, left, expected));
    check(
        "Post \"https://api.acme.example/v1\": dial tcp 10.0.0.1:443: connect: connection refused",
        0,
        &["method=POST", "url=https://api.acme.example/v1", "runtime=go"],
    );
    check(
        "Get \"https://a.example/\": x509: certificate signed by unknown authority",
        0,
        &["tls.verify=certificate signed by unknown authority"],
    );
    check("rpc error: code = DeadlineExceeded desc = context deadline exceeded", 0, &["grpc.status=4"]);
    check(
        "GET https://api.github.com/repos/a/b: 422 Validation Failed [{Resource:Issue Field:title Code:missing_field Message:}]",
        0,
        &["status=422", "method=GET", "url=https://api.github.com/repos/a/b"],
    );
    check(
        "operation error S3: PutObject, https response error StatusCode: 403, RequestID: 4442587FB7D0, HostID: x, api error AccessDenied: Access Denied",
        0,
        &["status=403", "error.code=AccessDenied", "operation=PutObject", "request_id=4442587FB7D0"],
    );
    check(
        "oauth2: cannot fetch token: 400 Bad Request\nResponse: {\"error\":\"invalid_grant\"}",
        0,
        &["status=400", "body~invalid_grant"],
    );
    check(
        "PUT https://management.azure.com/subscriptions/1\n--------------------------------------------------------------------------------\nRESPONSE 429: 429 Too Many Requests\nERROR CODE: TooManyRequests\n--------------------------------------------------------------------------------\n{\n  \"error\": {\n    \"code\": \"TooManyRequests\"\n  }\n}\n--------------------------------------------------------------------------------",
        0,
        &["status=429", "method=PUT", "error.code=TooManyRequests", "body~\"error\""],
    );
    check(
        "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]\n\ngoroutine 1 [running]:\nmain.fetch(0xc000010000)\n\t/app/main.go:12 +0x1d\nmain.main()\n\t/app/main.go:5 +0x2\nexit status 2",
        0,
        &["type=panic", "top~main.fetch", "runtime=go"],
    );
    check(
        "2024/01/01 10:00:00 http: panic serving 10.0.0.1:5000: boom\ngoroutine 7 [running]:\nnet/http.(*conn).serve.func1()\n\t/usr/local/go/src/net/http/server.go:1850 +0xbf",
        0,
        &["server=true"],
    );
    check(
        "Error: error sending request for url (https://api.acme.example/): error trying to connect: tcp connect error: Connection refused (os error 111)",
        0,
        &["errno=ECONNREFUSED", "url=https://api.acme.example/"],
    );
    check(
        "reqwest::Error { kind: Request, url: \"http://10.20.0.14:3000/api\", source: hyper::Error(IncompleteMessage) }",
        0,
        &["url=http://10.20.0.14:3000/api", "roottype=hyper::Error", "runtime=rust", "library=reqwest"],
    );
    check(
        "Error: failed to fetch\n\nCaused by:\n    0: error sending request for url (https://a.example/)\n    1: client error (Connect)\n    2: invalid peer certificate: UnknownIssuer",
        0,
        &["tls.verify=UnknownIssuer", "links=4", "url=https://a.example/"],
    );
    check(
        "thread 'main' panicked at src/main.rs:4:5:\ncalled `Result::unwrap()` on an `Err` value: reqwest::Error { kind: Request, url: \"http://a.example/\", source: hyper_util::client::legacy::Error(Connect, ConnectError(\"tcp connect error\", Os { code: 111, kind: ConnectionRefused, message: \"Connection refused\" })) }\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
        0,
        &["type=reqwest::Error", "url=http://a.example/", "errno=ECONNREFUSED"],
    );
    all_hold(&found);
}
