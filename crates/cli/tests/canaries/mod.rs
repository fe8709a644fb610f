//! Secrets in evidence of several forms: none of them may come out anywhere.

/// Secrets that stand in the evidence below, each in another place.
pub const CANARIES: &[&str] = &[
    "QmVhcmVyQ2FuYXJ5MDE",
    "cookieCanary02",
    "userinfoCanary03",
    "queryCanary04",
    "jsonCanary05",
    "formCanary06",
    "U2lnbmF0dXJlQ2FuYXJ5MDc",
    "optionCanary08",
    "keyCanary09",
    "setCookieCanary10",
    "logCanary11",
    "exceptionCanary12",
    "harCanary13",
    "answerCanary14",
    "basicCanary15",
    "YmFzaWNDYW5hcnkxNQ",
    "proxyCanary16",
    "nestedCanary17",
    "fragmentCanary18",
    "noteCanary19",
];

/// Evidence that carries them, in several forms.
pub const EVIDENCE: &[&str] = &[
    r#"$ curl -v -u svc:optionCanary08 --proxy-user p:proxyCanary16 'https://bob:userinfoCanary03@api.example.com/v1/me?access_token=queryCanary04&page=2#token=fragmentCanary18' -H 'X-Api-Key: keyCanary09' -b 'sid=cookieCanary02' -d '{"user":"bob","password":"jsonCanary05","nested":{"client_secret":"nestedCanary17"}}'
> POST /v1/me?access_token=queryCanary04&page=2 HTTP/1.1
> Host: api.example.com
> Authorization: Bearer QmVhcmVyQ2FuYXJ5MDE
> Cookie: sid=cookieCanary02; theme=dark
> X-Api-Key: keyCanary09
> Content-Type: application/json
>
< HTTP/1.1 401 Unauthorized
< Set-Cookie: session=setCookieCanary10; Path=/; HttpOnly
< Content-Type: application/json
<
{"error":"invalid_token","error_description":"The token QmVhcmVyQ2FuYXJ5MDE is not known","refresh_token":"answerCanary14"}
"#,
    "POST /oauth/token HTTP/1.1\nHost: id.example.com\nAuthorization: Basic YmFzaWNDYW5hcnkxNQ==\nContent-Type: application/x-www-form-urlencoded\n\ngrant_type=password&username=bob&password=formCanary06\n\nHTTP/1.1 400 Bad Request\nContent-Type: application/json\n\n{\"error\":\"invalid_grant\",\"error_description\":\"formCanary06 is wrong\"}\n",
    "GET /v1/me HTTP/1.1\nHost: api.example.com\nAuthorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwiZXhwIjoxNTAwMDAwMDAwfQ.U2lnbmF0dXJlQ2FuYXJ5MDc\n\nHTTP/1.1 401 Unauthorized\nDate: Tue, 06 May 2025 09:12:44 GMT\n\n",
    "2025-05-06T09:58:12Z ERROR worker request failed: 401 Unauthorized url=https://api.example.com/v1/a?api_key=logCanary11 authorization=\"Bearer logCanary11\" password=logCanary11\n",
    "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://bob:exceptionCanary12@api.example.com/v1/me?token=exceptionCanary12\n",
    r#"{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[{"startedDateTime":"2025-05-06T09:30:00Z","time":1,"request":{"method":"POST","url":"https://a.example/login?sig=harCanary13","httpVersion":"HTTP/1.1","headers":[{"name":"Authorization","value":"Bearer harCanary13"}],"cookies":[{"name":"sid","value":"harCanary13"}],"queryString":[{"name":"sig","value":"harCanary13"}],"postData":{"mimeType":"application/json","text":"{\"password\":\"harCanary13\"}"}},"response":{"status":403,"statusText":"Forbidden","httpVersion":"HTTP/1.1","headers":[],"cookies":[],"content":{"size":2,"mimeType":"application/json","text":"{\"error\":\"signature harCanary13 does not match\"}"}},"timings":{"send":0,"wait":1,"receive":0}}]}}"#,
    "My password is noteCanary19 (password: noteCanary19)\n\nHTTP/1.1 401 Unauthorized\nContent-Type: application/json\n\n{\"message\":\"wrong password\"}\n",
];
