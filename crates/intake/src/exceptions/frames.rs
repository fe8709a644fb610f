//! Lines of a stack, in every language: what they name, and which library or server they betray.
//! It refuses to know the messages between them.

use super::text::{clip, indent};

/// The runtime that printed a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runtime {
    Python,
    Node,
    Java,
    Dotnet,
    Go,
    Ruby,
    Php,
    Rust,
    Browser,
    Dart,
    Swift,
    Elixir,
}

impl Runtime {
    /// The word for it in the attribute `runtime`.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
            Self::Java => "java",
            Self::Dotnet => "dotnet",
            Self::Go => "go",
            Self::Ruby => "ruby",
            Self::Php => "php",
            Self::Rust => "rust",
            Self::Browser => "browser",
            Self::Dart => "dart",
            Self::Swift => "swift",
            Self::Elixir => "elixir",
        }
    }
}

/// One line of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame<'t> {
    /// Who printed it; `None` for a line that only fills a stack (`... 12 more`).
    pub(super) runtime: Option<Runtime>,
    /// The place that it names, empty for fillers.
    pub(super) place: &'t str,
    /// True when the runtime itself stands there, not the application or a library.
    pub(super) internal: bool,
}

impl<'t> Frame<'t> {
    const FILLER: Self = Self { runtime: None, place: "", internal: true };

    /// A line of a runtime that names no place.
    const fn silent(runtime: Runtime) -> Self {
        Self { runtime: Some(runtime), place: "", internal: true }
    }

    fn of(runtime: Runtime, place: &'t str) -> Self {
        Self { runtime: Some(runtime), place, internal: is_internal(runtime, place) }
    }
}

/// Reads a line as part of a stack; `None` when it is something else.
pub(super) fn read(line: &str) -> Option<Frame<'_>> {
    let line = clip(line, 4096);
    let text = line.trim();
    let first = *text.as_bytes().first()?;
    let special = match first {
        b'a' => at_frame(text),
        b'.' => text
            .strip_prefix("... ")
            .filter(|r| r.ends_with("more") || r.contains("omitted") || r.contains("lines matching"))
            .map(|_| Frame::FILLER),
        b'-' => text.starts_with("--- End of ").then_some(Frame::FILLER),
        b'<' => (text == "<asynchronous suspension>").then_some(Frame::FILLER),
        b'#' => numbered(text),
        b'f' => text.strip_prefix("from ").filter(|p| ruby_place(p)).map(|p| Frame::of(Runtime::Ruby, p)),
        b'F' => python_file(line).map(|p| Frame::of(Runtime::Python, p)),
        b't' => text.starts_with("thrown in ").then_some(Frame::FILLER),
        b'S' => matches!(text, "Stack trace:" | "StackTrace:" | "Stacktrace:" | "StackTrace").then_some(Frame::FILLER),
        b'g' => (text.starts_with("goroutine ") && text.ends_with(':')).then_some(Frame::silent(Runtime::Go)),
        b'c' => text.strip_prefix("created by ").map(|p| Frame::of(Runtime::Go, p)),
        b's' => (text == "stack backtrace:").then_some(Frame::FILLER),
        b'n' => text.starts_with("note: run with `RUST_BACKTRACE").then_some(Frame::silent(Runtime::Rust)),
        b'N' => text.starts_with("Node.js v").then_some(Frame::silent(Runtime::Node)),
        b'(' => elixir(line),
        b'^' => text.bytes().all(|b| matches!(b, b'^' | b'~' | b' ')).then_some(Frame::FILLER),
        _ => None,
    };
    special
        .or_else(|| go_place(line))
        .or_else(|| ruby(line))
        .or_else(|| rust_numbered(line))
        .or_else(|| browser(text))
        .or_else(|| go_call(line))
}

/// `at …` of Java, .NET and Node.
fn at_frame(text: &str) -> Option<Frame<'_>> {
    let place = text.strip_prefix("at ")?;
    let open = place.find('(');
    let inside = open.map(|o| &place[o + 1..]).and_then(|r| r.find(')').map(|c| &r[..c]));
    if let (Some(open), Some(inside)) = (open, inside) {
        let name = &place[..open];
        let java_file = [
            ".java",
            ".kt",
            ".scala",
            ".groovy",
            ".clj",
            "Native Method",
            "Unknown Source",
            "<generated>",
            "SourceFile",
            "<unknown>",
        ]
        .iter()
        .any(|e| inside.contains(e));
        if java_file && !name.contains(' ') {
            return Some(Frame::of(Runtime::Java, place));
        }
        if name.ends_with(' ') || name.starts_with("async ") || name.starts_with("new ") {
            return Some(Frame::of(Runtime::Node, place));
        }
        if name.contains('.') && !name.contains(' ') && !name.contains('/') {
            return Some(Frame::of(Runtime::Dotnet, place));
        }
    }
    // `at node:internal/deps/undici/undici:12618:11`, `at /srv/app/x.js:1:2`, `at async /app/x.mjs:1:2`
    let bare = place.trim_end_matches([' ', '{', ',']).strip_prefix("async ").unwrap_or(place);
    let column = bare.trim_end_matches([' ', '{', ',', ')']).rsplit(':').next().unwrap_or_default();
    if !column.is_empty() && column.bytes().all(|b| b.is_ascii_digit()) && bare.contains(['/', '.', '<', '\\', ':']) {
        return Some(Frame::of(Runtime::Node, place));
    }
    (place.starts_with("<anonymous>") || place.contains(" in ") && place.contains(":line "))
        .then(|| Frame::of(Runtime::Node, place))
}

/// `#0 /app/x.php(12): f()` and `#0      f (package:x/y.dart:1:2)`.
fn numbered(text: &str) -> Option<Frame<'_>> {
    let rest = text[1..].trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() + 1 == text.len() || !rest.starts_with(' ') {
        return None;
    }
    let place = rest.trim_start();
    if place.contains("(package:") || place.contains("(dart:") || place.contains(".dart:") {
        return Some(Frame::of(Runtime::Dart, place));
    }
    if place.starts_with("{main}")
        || place.starts_with("[internal function]")
        || place.contains("): ")
        || place.contains(".php")
    {
        return Some(Frame::of(Runtime::Php, place));
    }
    Some(Frame { runtime: None, place, internal: false })
}

/// `file.rb:12:in 'm'`.
fn ruby_place(place: &str) -> bool {
    place.contains(":in ")
        || place.starts_with("(irb)")
        || place.contains(".rb:")
        || place.contains("<main>")
        || place.contains("<internal:")
}

fn ruby(line: &str) -> Option<Frame<'_>> {
    let text = line.trim();
    // Ruby 2.5 to 2.7 print the stack upside down: `\t 3: from (irb):4`
    let tail = text.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix(": from ");
    if let Some(place) = tail.filter(|p| ruby_place(p)) {
        return Some(Frame::of(Runtime::Ruby, place));
    }
    let lined = text.contains(":in `") || text.contains(":in '");
    let bare = lined && text.ends_with(['\'', '`']) && !text.contains(": ");
    (bare && (indent(line) > 0 || text.contains(".rb:"))).then(|| Frame::of(Runtime::Ruby, text))
}

fn python_file(line: &str) -> Option<&str> {
    let text = line.trim();
    (text.starts_with("File \"") && text.contains(", line ")).then_some(text)
}

/// `    (app 0.1.0) lib/app.ex:12: App.fetch/1`.
fn elixir(line: &str) -> Option<Frame<'_>> {
    let text = line.trim();
    (indent(line) >= 2 && (text.contains(".ex:") || text.contains(".exs:") || text.contains(".erl:")))
        .then(|| Frame::of(Runtime::Elixir, text))
}

/// `\t/app/main.go:12 +0x1d`.
fn go_place(line: &str) -> Option<Frame<'_>> {
    let text = line.trim();
    (indent(line) > 0
        && text.contains(".go:")
        && (text.contains(" +0x")
            || text.rsplit(':').next().is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))))
    .then(|| Frame::of(Runtime::Go, text))
}

/// `net/http.(*conn).serve(0xc000…)`, `main.main()`, `panic({0x…})`.
fn go_call(line: &str) -> Option<Frame<'_>> {
    let text = line.trim();
    let open = text.rfind('(')?;
    let args = &text[open..];
    let name = &text[..open];
    let shaped = args == "(...)" || args == "()" || args.starts_with("(0x") || args.starts_with("({0x");
    (indent(line) == 0 && text.ends_with(')') && shaped && name.contains('.') && !name.contains(' '))
        .then(|| Frame::of(Runtime::Go, text))
}

/// `   4: core::panicking::panic_fmt` and its `at /rustc/…` line.
fn rust_numbered(line: &str) -> Option<Frame<'_>> {
    let text = line.trim();
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix(": ")?;
    (indent(line) > 0 && rest.contains("::") && !rest.contains(": ")).then(|| Frame::of(Runtime::Rust, rest))
}

/// `(anonymous) @ ProductList.jsx:9`, `fetchData @ main.js:12`, Firefox's `load@https://x/main.js:1:2`.
fn browser(text: &str) -> Option<Frame<'_>> {
    let (name, place) =
        text.split_once(" @ ").or_else(|| text.split_once('@').filter(|(_, p)| p.starts_with("http")))?;
    let line = place.rsplit(':').next().unwrap_or_default();
    (name.len() < 120
        && !name.contains(": ")
        && place.contains(':')
        && !line.is_empty()
        && line.bytes().all(|b| b.is_ascii_digit()))
    .then(|| Frame::of(Runtime::Browser, text))
}

fn is_internal(runtime: Runtime, place: &str) -> bool {
    let starts: &[&str] = match runtime {
        Runtime::Java => &[
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "com.sun.",
            "java.base/",
            "kotlin.",
            "scala.",
            "libcore.",
            "android.os.",
            "dalvik.",
        ],
        Runtime::Dotnet => &["System."],
        Runtime::Node => &[
            "node:",
            "process.",
            "internal/",
            "new Promise",
            "Promise.",
            "async Promise",
            "emit",
            "GetAddrInfoReqWrap",
            "TLSSocket.",
            "TCPConnectWrap",
            "Socket.",
            "ClientRequest.",
            "Object._errnoException",
            "errnoException",
            "Generator.",
            "<anonymous>",
            "new Node",
            "new URL",
        ],
        Runtime::Go => &["panic(", "runtime.", "net/http.(*conn).serve", "runtime/"],
        Runtime::Rust => &["std::", "core::", "rust_begin_unwind", "__rustc::", "alloc::", "tokio::"],
        Runtime::Php => &["{main}", "[internal function]"],
        _ => &[],
    };
    let inner: &[&str] = match runtime {
        Runtime::Node => &[
            "(node:",
            "(internal/",
            "(_tls",
            "(net.js",
            "(dns.js",
            "(events.js",
            "(util.js",
            "(<anonymous>)",
            "(timers.js",
        ],
        Runtime::Java => &["java.base/"],
        Runtime::Ruby => &["/net/http.rb", "/net/protocol.rb", "<internal:"],
        Runtime::Dart => &["(dart:"],
        Runtime::Go => &["/usr/local/go/src/", "/libexec/src/runtime"],
        _ => &[],
    };
    if runtime == Runtime::Python {
        return (place.contains("/lib/python") || place.contains("\\lib\\")) && !place.contains("-packages")
            || place.contains("\"<frozen");
    }
    starts.iter().any(|p| place.starts_with(p)) || inner.iter().any(|p| place.contains(p))
}

/// The client library that a frame or a type belongs to.
pub(super) fn library(place: &str) -> Option<&'static str> {
    const LIBRARIES: &[(&str, &str)] = &[
        // Python; the library that was asked comes before the one it stands on
        ("botocore", "botocore"),
        ("boto3", "botocore"),
        ("googleapiclient", "google-api-python-client"),
        ("google/api_core", "google-api-core"),
        ("google.api_core", "google-api-core"),
        ("openai", "openai"),
        ("anthropic", "anthropic"),
        ("elasticsearch", "elasticsearch"),
        ("kubernetes/client", "kubernetes"),
        ("kubernetes.client", "kubernetes"),
        ("/grpc/", "grpc"),
        ("grpc.", "grpc"),
        ("requests/", "requests"),
        ("requests.", "requests"),
        ("urllib3", "urllib3"),
        ("httpx", "httpx"),
        ("httpcore", "httpx"),
        ("aiohttp", "aiohttp"),
        ("http.client", "http.client"),
        ("http/client.py", "http.client"),
        ("urllib/request.py", "urllib"),
        ("urllib.error", "urllib"),
        ("psycopg", "psycopg"),
        ("pymysql", "pymysql"),
        ("redis.", "redis"),
        ("/redis/", "redis"),
        // JVM
        ("feign.", "feign"),
        ("okhttp", "okhttp"),
        ("org.apache.http", "apache httpclient"),
        ("org.apache.hc", "apache httpclient"),
        ("org.apache.commons.httpclient", "apache httpclient"),
        ("springframework.web.client", "resttemplate"),
        ("springframework.web.reactive.function.client", "webclient"),
        ("retrofit2", "retrofit"),
        ("com.google.api.client", "google-api-client"),
        ("com.amazonaws", "aws-sdk-java"),
        ("software.amazon.awssdk", "aws-sdk-java"),
        ("io.grpc", "grpc"),
        ("reactor.netty", "reactor-netty"),
        ("jdk.internal.net.http", "java.net.http"),
        ("java.net.http", "java.net.http"),
        ("java.net.HttpURLConnection", "httpurlconnection"),
        ("sun.net.www.protocol.http", "httpurlconnection"),
        ("com.zaxxer.hikari", "hikari"),
        ("org.postgresql", "postgresql"),
        ("com.mysql", "mysql"),
        ("lettuce", "lettuce"),
        ("redis.clients.jedis", "jedis"),
        ("io.ktor.client", "ktor"),
        // Node and browsers
        ("node_modules/axios", "axios"),
        ("AxiosError", "axios"),
        ("node_modules/got/", "got"),
        ("node-fetch", "node-fetch"),
        ("FetchError", "node-fetch"),
        ("undici", "undici"),
        ("node_modules/request/", "request"),
        ("superagent", "superagent"),
        ("@grpc/grpc-js", "grpc"),
        ("aws-sdk", "aws-sdk-js"),
        ("@smithy", "aws-sdk-js"),
        ("gaxios", "gaxios"),
        ("createError.js", "axios"),
        // .NET
        ("RestSharp", "restsharp"),
        ("Refit", "refit"),
        ("Azure.Core", "azure-core"),
        ("Azure.RequestFailed", "azure-core"),
        ("Google.Apis", "google-apis-dotnet"),
        ("SqlClient", "sqlclient"),
        ("Npgsql", "npgsql"),
        ("StackExchange.Redis", "stackexchange.redis"),
        ("Grpc.", "grpc"),
        ("System.Net.Http.", "httpclient"),
        ("System.Net.WebException", "webrequest"),
        ("System.Net.HttpWebRequest", "webrequest"),
        // Ruby, PHP
        ("faraday", "faraday"),
        ("Faraday", "faraday"),
        ("excon", "excon"),
        ("Excon", "excon"),
        ("RestClient", "rest-client"),
        ("rest-client", "rest-client"),
        ("httparty", "httparty"),
        ("HTTParty", "httparty"),
        ("net/http.rb", "net/http"),
        ("net/protocol.rb", "net/http"),
        ("Net::", "net/http"),
        ("GuzzleHttp", "guzzle"),
        ("guzzlehttp", "guzzle"),
        ("Symfony\\Component\\HttpClient", "symfony http-client"),
        // Go, Rust, Dart
        ("net/http.(*Client)", "net/http"),
        ("net/http.(*Transport)", "net/http"),
        ("go-resty", "resty"),
        ("go-github", "go-github"),
        ("reqwest", "reqwest"),
        ("hyper::", "hyper"),
        ("tonic", "tonic"),
        ("package:dio/", "dio"),
        ("DioException", "dio"),
        ("DioError", "dio"),
        ("package:http/", "dart http"),
        ("Mint.", "mint"),
        ("Finch", "finch"),
        ("HTTPoison", "httpoison"),
        ("Alamofire", "alamofire"),
    ];
    LIBRARIES.iter().find(|(needle, _)| place.contains(needle)).map(|(_, name)| *name)
}

/// True when a frame or line shows a server that handles a request.
pub(super) fn shows_server(line: &str) -> bool {
    const MARKS: &[&str] = &[
        "dispatcherServlet",
        "DispatcherServlet",
        "servlet.http.HttpServlet.service",
        "org.apache.catalina.",
        "org.apache.coyote.",
        "org.eclipse.jetty.server",
        "io.undertow.",
        "Microsoft.AspNetCore.",
        "Kestrel",
        "http: panic serving",
        "net/http.(*conn).serve",
        "net/http.HandlerFunc.ServeHTTP",
        "ActionController",
        "action_controller/",
        "ActionDispatch",
        "action_dispatch/",
        "django/core/handlers",
        "django.request",
        "django/views",
        "flask/app.py",
        "Exception on /",
        "starlette/",
        "uvicorn/",
        "gunicorn/",
        "fastapi/routing",
        "werkzeug/",
        "express/lib/router",
        "fastify/lib",
        "koa/lib/application",
        "@nestjs/core",
        "Illuminate\\Foundation\\Http\\Kernel",
        "Illuminate\\Routing\\",
        "Symfony\\Component\\HttpKernel",
        "rack/",
        "puma-",
        "sinatra/base",
        "actix_web::",
        "axum::",
        "Plug.",
        "Phoenix.",
        "gin.(*Context)",
        "echo.(*Echo)",
        "reactor.netty.http.server",
        "DispatcherHandler",
    ];
    let line = clip(line, 1024);
    MARKS.iter().any(|m| line.contains(m))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_of_every_runtime() {
        let check = |line: &str, runtime: &str, internal: bool| {
            let frame = read(line);
            assert_eq!(frame.and_then(|f| f.runtime).map(Runtime::word), Some(runtime), "{line}");
            assert_eq!(frame.map(|f| f.internal), Some(internal), "{line}");
        };
        check("\tat com.acme.Foo.bar(Foo.java:12) ~[foo.jar:1.0]", "java", false);
        check("\tat java.base/java.net.Socket.connect(Socket.java:1)", "java", true);
        check("\tat jdk.internal.reflect.X.invoke(Unknown Source)", "java", true);
        check("   at Acme.Net.Codex.Fetch(Boolean reset) in D:\\a\\x.cs:line 500", "dotnet", false);
        check("   at System.Net.Http.HttpClient.SendAsync(HttpRequestMessage r)", "dotnet", true);
        check("    at Object.<anonymous> (/app/index.js:3:9)", "node", false);
        check("    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {", "node", true);
        check("    at async main (file:///app/x.mjs:1:2)", "node", false);
        check("\tfrom /usr/lib/ruby/net/http.rb:960:in `connect'", "ruby", true);
        check("\t 2: from (irb):4", "ruby", false);
        check("  faraday-1.1.0/lib/faraday/middleware.rb:19:in `block in call'", "ruby", false);
        check("  File \"/app/x.py\", line 3, in main", "python", false);
        check("#0 /srv/app/x.php(217): A->b()", "php", false);
        check("#3 {main}", "php", true);
        check("#0      F._parse (package:postgrest/src/b.dart:251:7)", "dart", false);
        check("goroutine 1 [running]:", "go", true);
        check("\t/app/main.go:12 +0x1d", "go", false);
        check("main.fetch(0xc000010000, 0x1)", "go", false);
        check("   4: core::panicking::panic_fmt", "rust", true);
        check("    (app 0.1.0) lib/app.ex:12: App.fetch/1", "elixir", false);
        check("    (anonymous) @ ProductList.jsx:9", "browser", false);
        for line in ["at 10:32 the call failed", "", "from the docs", "#1 thing", "(see x)", "Error: x", "a.b.C: x"] {
            assert!(read(line).is_none_or(|f| f.runtime.is_none()), "{line}");
        }
    }
}
