//! What a receiver asks of a failure of each bucket: what the evidence answers, and what is still to collect.
//!
//! Every question is asked in every pack of its bucket, so a pack that says nothing of one has not forgotten it. An answer
//! is a fact with its place; this file refuses to judge it.

use crate::case::Case;
use crate::collect;
use crate::documents::{Impact, Item, Said, Shape};
use crate::environment::known;
use crate::escape::floor;
use crate::limits;
use firstfault_model::{Bucket, Fact, Layer, Span, Strength, Vantage};
use firstfault_report::one_line;

/// The most answers of one question.
const ANSWERS: usize = 4;

/// What the questions are asked of.
#[derive(Debug)]
pub struct Asked<'a> {
    pub case: &'a Case<'a>,
    pub environment: &'a [Said],
    /// The shape of what was sent.
    pub shape: Option<&'a Shape>,
    /// Whether the evidence has a call like it that works.
    pub working: bool,
    /// How much of the evidence failed.
    pub impact: &'a Impact,
}

/// The questions of the case's bucket with their answers.
#[must_use]
pub fn of(asked: &Asked<'_>) -> Vec<Item> {
    let mut items = match asked.case.diagnosis.bucket {
        Bucket::Auth => asked.auth(),
        Bucket::RateLimit => asked.rate_limit(),
        Bucket::Upstream => asked.upstream(),
        Bucket::Server => asked.server(),
        Bucket::Client => asked.client(),
        Bucket::None => return Vec::new(),
    };
    items.extend(asked.always());
    items
}

fn item(id: &str, question: &str, said: Vec<Said>, collect: impl Into<Option<String>>) -> Item {
    // What is said twice under two names is one answer.
    let mut answers: Vec<Said> = Vec::new();
    for one in said {
        if !answers.iter().any(|known| known.value == one.value) {
            answers.push(one);
        }
    }
    // How to collect what is there already is of no use.
    let collect = if answers.is_empty() { collect.into() } else { None };
    Item { id: id.to_owned(), question: question.to_owned(), answers, collect }
}

fn derived(name: &str, value: impl Into<String>, span: Span) -> Said {
    Said { name: name.to_owned(), value: one_line(&value.into(), 300), source: span.place() }
}

impl Asked<'_> {
    fn said(&self, keys: &[&str]) -> Vec<Said> {
        self.case.said(keys, ANSWERS)
    }

    /// What was told under one of these names, else what the evidence says.
    fn told_or(&self, names: &[&str], keys: &[&str]) -> Vec<Said> {
        let mut out: Vec<Said> = known(self.environment, names).into_iter().take(ANSWERS).cloned().collect();
        out.extend(self.said(keys));
        out.truncate(ANSWERS);
        out
    }

    /// The words that the verdict rests on, where no fact tells them: what usually settles the cause, as it stands.
    fn or_words(&self, mut said: Vec<Said>) -> Vec<Said> {
        let d = self.case.diagnosis;
        let Some(likeliest) = d.hypotheses.first().filter(|_| d.attributed) else { return said };
        let words = likeliest
            .supports
            .iter()
            .filter(|e| e.strength >= Strength::Strong && e.span.line > 0 && e.fact.split_whitespace().count() > 2)
            .find(|e| !self.case.observations.facts.iter().any(|f| e.fact.contains(' ') && fact_words(f) == e.fact));
        if let Some(e) = words.filter(|e| !said.iter().any(|s| s.value.contains(' ') && e.fact.contains(&s.value))) {
            said.truncate(ANSWERS - 1);
            said.push(derived("words", e.fact.as_str(), e.span));
        }
        said
    }

    /// What a firewall blocked is no question of the credential.
    fn blocked(&self) -> Vec<Item> {
        let case = self.case;
        let refusal = self.or_words(self.said(&["error.code", "error.message", "page.title"]));
        vec![
            item("refusal", "What does the refusal itself say?", refusal, collect::fields(case, "HTTP")),
            item(
                "rule",
                "Which rule blocked it, and under which reference?",
                self.said(&["waf.rule", "cloudflare.code", "cloudflare.ray", "response.header.cf-ray", "id.*"]),
                collect::gateway_log(case),
            ),
            item(
                "gateway",
                "Who stands between, and who wrote the answer?",
                self.said(&["gateway", "response.header.server", "response.header.via"]),
                collect::fields(case, "(server|via|x-cache|x-served-by|cf-ray)"),
            ),
            item(
                "from",
                "From which address, and with which user agent, did the call come?",
                self.told_or(&["client address"], &["client.address", "request.header.user-agent"]),
                collect::tell(case, "--set 'client address=…'"),
            ),
            item(
                "sent",
                "What was sent that a rule may dislike: address, query, body?",
                self.inputs(),
                collect::sent(case),
            ),
        ]
    }

    /// True where the refusal judges what is in the credential, so somebody has read it.
    fn credential_was_read(&self) -> bool {
        matches!(
            self.case.diagnosis.cause.as_str(),
            "auth.expired_token" | "auth.wrong_audience" | "auth.insufficient_scope" | "auth.bad_signature"
        ) && self.case.diagnosis.attributed
    }

    fn auth(&self) -> Vec<Item> {
        let case = self.case;
        if case.diagnosis.cause == "auth.blocked_by_waf" {
            return self.blocked();
        }
        let again = format!("{} | firstfault diagnose --facts | grep credential", collect::again(case));
        let mut kind = self.said(&["credential.scheme", "credential.fault"]);
        kind.extend(
            case.observations
                .fact("absent.request.header.authorization")
                .filter(|_| kind.is_empty())
                .map(|f| derived("credential", "the request had no Authorization field", f.span)),
        );
        let mut items = vec![item("credential", "Which kind of credential was sent, if any?", kind, again)];
        let other_kind = case
            .observations
            .every("credential.scheme")
            .any(|f| matches!(f.value.as_str(), "basic" | "sigv4" | "cookie" | "api_key" | "query_key" | "none"));
        let is_token = case.observations.facts.iter().any(|f| f.key.starts_with("jwt."));
        let may_be_token = !other_kind || is_token;
        if may_be_token {
            items.push(item(
                "issuer",
                "Who issued the token (iss)?",
                self.said(&["jwt.iss"]),
                collect::token_claim(".iss"),
            ));
            items.push(item(
                "audience",
                "For which API is it made (aud)?",
                self.said(&["jwt.aud"]),
                collect::token_claim(".aud"),
            ));
            let expiry = case
                .observations
                .facts
                .iter()
                .filter_map(|f| {
                    let seconds: i64 = f.value.parse().ok()?;
                    let words = match f.key.as_ref() {
                        "jwt.expired" => format!("expired {} before", span_of(seconds)),
                        "jwt.in_time" => format!("valid for another {}", span_of(seconds)),
                        "jwt.not_yet_valid" => format!("valid only {} later", span_of(seconds)),
                        "jwt.issued_in_future" => format!("issued {} in the future", span_of(seconds)),
                        _ => return None,
                    };
                    let clock =
                        case.value("jwt.clock").map_or(String::new(), |clock| format!(", by the {clock} clock"));
                    Some(derived(&f.key, words + &clock, f.span))
                })
                .collect();
            items.push(item(
                "expiry",
                "Until when is it valid (exp)?",
                expiry,
                collect::token_claim("{iat, nbf, exp}"),
            ));
        }
        items.push(item(
            "permission",
            "Which scopes or roles does it hold, and which are asked for?",
            self.told_or(&["permissions", "scopes", "roles"], &["jwt.scope", "www_authenticate.scope"]),
            if may_be_token {
                collect::token_claim("{scope, scp, roles, permissions}")
            } else {
                // A key says nothing of itself: its owner sees its rights where it was made.
                collect::tell(case, "--set permissions=…")
            },
        ));
        items.push(item(
            "refusal",
            "What does the refusal itself say?",
            self.or_words(self.said(&[
                "www_authenticate.error",
                "www_authenticate.error_description",
                "error.code",
                "error.message",
                "www_authenticate.scheme",
            ])),
            collect::fields(case, "(www-authenticate|HTTP)"),
        ));
        let mut forwarded = self.said(&["redirect.credential_dropped", "redirect.host_changed"]);
        if case.call.vantage != Vantage::Client {
            forwarded.extend(self.said(&["request.header.authorization", "absent.request.header.authorization"]));
        }
        if forwarded.is_empty() && self.credential_was_read() {
            forwarded.push(derived("read", "yes: the refusal judges what is in it", Span::default()));
        }
        items.push(item(
            "forwarded",
            "Did the credential reach the service: was the header forwarded by redirects, proxies and gateways?",
            forwarded,
            collect::gateway_log(case),
        ));
        let clocks = self.said(&["clock.skew", "clock.skew.direction"]);
        let is_signed = case.observations.every("credential.scheme").any(|f| f.value == "sigv4");
        if may_be_token || is_signed || !clocks.is_empty() {
            // A key or a password has no time in it.
            items.push(item("clocks", "Do the clocks of both sides agree?", clocks, collect::clocks(case)));
        }
        items.push(item(
            "account",
            "To which account, tenant and environment does the credential belong?",
            self.told_or(&["account", "tenant", "environment", "org"], &[]),
            collect::tell(case, "--set account=… --set environment=…"),
        ));
        items
    }

    fn rate_limit(&self) -> Vec<Item> {
        let case = self.case;
        vec![
            item(
                "limit",
                "Which limit, how much is left, and when does it reset?",
                self.said(&[
                    "ratelimit.name",
                    "ratelimit.limit",
                    "ratelimit.remaining",
                    "ratelimit.reset",
                    "retry_after",
                    "ratelimit.exhausted",
                ]),
                collect::fields(case, "(retry-after|x-?rate-?limit|ratelimit|x-ms-ratelimit)"),
            ),
            item(
                "refusal",
                "What does the refusal say was exceeded?",
                self.or_words(self.said(&["error.code", "error.message", "error.type"])),
                collect::kept(case),
            ),
            item(
                "identity",
                "Which identity does the limit count: key, user, address, tenant?",
                self.counted(),
                collect::tell(case, "--set identity=…"),
            ),
            item(
                "pattern",
                "How does the caller retry: attempts, pauses, how many at once?",
                self.pattern(),
                collect::by_minute(case),
            ),
            item(
                "plan",
                "Which plan or quota was bought?",
                self.told_or(&["plan", "quota"], &[]),
                collect::tell(case, "--set plan=…"),
            ),
        ]
    }

    /// Whom the limit may count. That no credential was sent tells nothing of it.
    fn counted(&self) -> Vec<Said> {
        let mut out = self.told_or(
            &["counted by", "identity", "account", "tenant"],
            &["ratelimit.scope", "client.address", "credential.scheme"],
        );
        out.retain(|said| said.value != "none");
        out
    }

    /// How often it was tried.
    fn pattern(&self) -> Vec<Said> {
        let mut out = self.said(&["attempts", "attempts.recovered", "retry.storm", "haproxy.retries"]);
        if self.case.repeats > 1 {
            out.push(derived(
                "repeats",
                format!("{} calls like this in the evidence", self.case.repeats),
                Span::default(),
            ));
        }
        out.extend(self.case.told.rate.iter().map(|rate| told("rate", rate)));
        out
    }

    fn upstream(&self) -> Vec<Item> {
        let case = self.case;
        let reached = case.diagnosis.layer != Some(Layer::Network) || case.observations.has("gateway");
        let mut which = self.said(&[
            "inner.call",
            "upstream.addr",
            "upstream.url",
            "haproxy.backend_server",
            "haproxy.backend",
            "envoy.cluster",
            "alb.target_group",
            "k8s.service",
            "proxy_status.next_hop",
        ]);
        if which.is_empty() {
            which = self.said(&["address", "host", "port"]);
        }
        let mut long = self.said(&["duration.ms", "upstream.response_time", "haproxy.timer.*"]);
        if !long.is_empty() {
            // A limit without a duration answers nothing.
            long.extend(limits::of(case).limits.iter().take(2).map(|limit| {
                derived("resembles", format!("{} s, the default of {}", limit.seconds, limit.whose), Span::default())
            }));
        }
        let mut items = vec![
            item(
                "dependency",
                "Which host, service or server was tried?",
                which,
                if reached { collect::gateway_log(case) } else { collect::tell(case, "--set host=…") },
            ),
            item(
                "duration",
                "How long did it take, by phase, and whose time limit is that?",
                long,
                collect::phases(case),
            ),
            item(
                "error",
                "What exactly is the error, down to its root?",
                self.or_words(self.said(&[
                    "exception.root",
                    "errno",
                    "net_error",
                    "curl.exit",
                    "tls.verify",
                    "tls.alert",
                    "envoy.flag",
                    "envoy.details",
                    "haproxy.termination",
                    "nginx.errno",
                    "proxy_status.error",
                    "cloudflare.code",
                    "heroku.code",
                    "alb.error_reason",
                    "gcp.status_details",
                    "http.connect_status",
                    "grpc.status",
                    "k8s.reason",
                    "error.code",
                    "error.message",
                    "reason",
                    "status",
                ])),
                collect::kept(case),
            ),
        ];
        if reached {
            items.extend([
                item(
                    "gateway",
                    "Who stands between, and who wrote the answer?",
                    self.said(&[
                        "gateway",
                        "response.header.server",
                        "response.header.via",
                        "proxy_status.proxy",
                        "backend",
                    ]),
                    collect::fields(case, "(server|via|proxy-status|x-cache|x-served-by|cf-ray)"),
                ),
                item(
                    "gateway log",
                    "What does the gateway's own log say: flags, upstream address and upstream status?",
                    self.said(&[
                        "upstream.status",
                        "envoy.flag",
                        "haproxy.termination",
                        "nginx.errno",
                        "alb.error_reason",
                        "alb.target_status",
                        "gcp.status_details",
                        "apigw.integration_status",
                        "heroku.code",
                        "cloudfront.detailed_result_type",
                    ]),
                    collect::gateway_log(case),
                ),
            ]);
        } else {
            // Nothing answered, so no header field and no gateway's log can tell.
            let tls = case.diagnosis.cause.starts_with("tls.");
            items.extend(tls.then(|| {
                item(
                    "handshake",
                    "What do both sides offer: TLS versions, ciphers, certificate?",
                    self.said(&["tls.version", "tls.cipher", "tls.subject", "tls.issuer", "tls.expires"]),
                    collect::handshake(case),
                )
            }));
        }
        items.extend([
            item(
                "region",
                "From where, and in which region?",
                self.told_or(&["region", "edge location"], &["client.address"]),
                collect::tell(case, "--set region=…"),
            ),
            item(
                "again",
                "Does it pass when it is tried again?",
                self.said(&["attempts", "attempts.recovered"]),
                if case.diagnosis.safe_to_repeat == Some(false) {
                    // Sending it again may act twice: whether somebody already did is in the log.
                    collect::gateway_log(case)
                } else {
                    collect::kept(case)
                },
            ),
        ]);
        items
    }

    fn server(&self) -> Vec<Item> {
        let case = self.case;
        vec![
            item(
                "error",
                "What does the error say: code, message, exception?",
                self.or_words(self.said(&[
                    "exception.root",
                    "error.code",
                    "error.message",
                    "error.type",
                    "soft_failure",
                    "page.title",
                ])),
                collect::kept(case),
            ),
            item(
                "place",
                "Where in the program did it happen?",
                self.frames(),
                collect::gateway_log(case).replace("\"$GATEWAY_LOG\"", "\"$SERVICE_LOG\""),
            ),
            item(
                "release",
                "Which release ran, and what was changed last?",
                self.told_or(&["release", "version"], &["change"]),
                collect::releases(case),
            ),
            item(
                "flags",
                "Which feature flags were on for this caller?",
                self.told_or(&["flags", "flag"], &[]),
                collect::tell(case, "--set flags=…"),
            ),
            item("inputs", "Which input makes it fail?", self.inputs(), collect::sent(case)),
            item(
                "region",
                "In which region or on which instance?",
                self.told_or(&["region", "instance", "edge location"], &["upstream.addr"]),
                collect::tell(case, "--set region=…"),
            ),
        ]
    }

    /// The place in the program: the topmost frame, or the first place that a message or page names.
    fn frames(&self) -> Vec<Said> {
        const MARKS: &[&str] =
            &[".java:", ".kt:", ".py\", line", ".py:", ".js:", ".ts:", ".cs:line", ".go:", ".rb:", ".php:", ".php("];
        let mut out = self.said(&["frames.top", "log.logger", "operation"]);
        if !out.iter().any(|said| said.name == "frames.top") {
            let words = |text: &str| -> Option<String> {
                let at = MARKS.iter().filter_map(|mark| text.find(mark)).min()?;
                let start = text[..at].rfind(char::is_whitespace).map_or(0, |n| n + 1);
                let rest = text.get(at + 1..)?;
                let end = rest.find(|c: char| c.is_whitespace() && c != ' ').unwrap_or(rest.len()).min(40);
                let end = rest[..floor(rest, end)].rfind([' ', ')', ':']).map_or(end, |n| n + 1);
                Some(format!("{}{}", &text[start..=at], &rest[..floor(rest, end)]))
            };
            let named =
                self.case.observations.texts.iter().find_map(|t| Some(derived("named", words(&t.text)?, t.span)));
            out.extend(named);
        }
        out
    }

    /// What was sent, by its shape.
    fn inputs(&self) -> Vec<Said> {
        let mut out = Vec::new();
        let Some(request) = self.case.call.request.as_ref() else { return out };
        if let Some(shape) = self.shape {
            out.push(derived("body", in_words(shape), request.body.as_ref().map_or(Span::default(), |b| b.span)));
        }
        if let Some(query) = &request.url.query {
            out.push(derived("query", query.as_str(), request.span));
        } else if out.is_empty() && !request.url.path.is_empty() {
            out.push(derived("target", request.url.target(), request.span));
        }
        out
    }

    fn client(&self) -> Vec<Item> {
        let case = self.case;
        let request = case.call.request.as_ref();
        let target = request.filter(|r| !r.url.path.is_empty()).map(|r| {
            let method = r.method.as_deref().unwrap_or("(method not seen)");
            derived("request", format!("{method} {}", r.url), r.span)
        });
        let bodyless = request.is_some_and(|r| r.complete && r.body.is_none())
            && matches!(case.value("method"), Some("GET" | "HEAD" | "DELETE" | "OPTIONS"));
        let mut payload: Vec<Said> = self
            .shape
            .map(|shape| {
                derived(
                    "body",
                    in_words(shape),
                    request.and_then(|r| r.body.as_ref()).map_or(Span::default(), |b| b.span),
                )
            })
            .into_iter()
            .collect();
        if bodyless && payload.is_empty() {
            payload.push(derived("body", "none was sent", request.map_or(Span::default(), |r| r.span)));
        }
        payload.extend(self.said(&["request.json_error"]));
        let mut kind = self.said(&[
            "request.header.content-type",
            "request.content_type_mismatch",
            "absent.request.header.content-type",
        ]);
        if bodyless && kind.is_empty() {
            kind.push(derived("content-type", "none is needed: no body was sent", Span::default()));
        }
        let mut works = self.said(&["contrast.*"]);
        if self.working {
            works.push(derived(
                "working call",
                "the evidence has a call to the same host that did not fail: reproduce.sh working",
                Span::default(),
            ));
        }
        vec![
            item(
                "target",
                "Which method and full address?",
                target.into_iter().collect(),
                collect::tell(case, "--set url=…"),
            ),
            item("payload", "What was sent: the shape of the body?", payload, collect::sent(case)),
            item("content type", "Which content type was declared?", kind, collect::sent(case)),
            item(
                "complaint",
                "What does the answer complain about, and of which field?",
                self.or_words(self.said(&[
                    "validation.*",
                    "error.field",
                    "error.code",
                    "error.message",
                    "cors.refuses",
                    "response.header.allow",
                ])),
                collect::kept(case),
            ),
            item(
                "version",
                "Which version of the API was asked?",
                self.version(),
                collect::tell(case, "--set 'API version'=…"),
            ),
            item("works", "Which similar call works?", works, collect::contrast(case)),
        ]
    }

    fn version(&self) -> Vec<Said> {
        let mut out = self.told_or(&["API version"], &[]);
        let in_path = self.case.call.request.as_ref().and_then(|r| {
            let is_version = |s: &&str| {
                s.len() < 12 && s.strip_prefix('v').is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()))
            };
            r.url.path.split('/').find(is_version).map(|s| derived("path", s, r.span))
        });
        out.extend(in_path);
        out
    }

    /// What every receiver asks.
    fn always(&self) -> Vec<Item> {
        let case = self.case;
        let ids = self.told_or(&["request id"], &["id.*", "request_id", "webhook.delivery"]);
        let started = case.call.started.map(firstfault_model::rfc3339).filter(|t| !t.is_empty());
        let mut since: Vec<Said> = case.told.since.iter().map(|since| told("since", since)).collect();
        let impact = self.impact;
        if impact.failed > 1 {
            let from_to = match (&impact.first_failure, &impact.last_failure) {
                (Some(first), Some(last)) if first != last => format!(", from {first} to {last}"),
                _ => String::new(),
            };
            let seen = format!("{} of {} calls in the evidence{from_to}", impact.failed, impact.calls);
            since.push(derived("failed", seen, Span::default()));
        }
        since.extend(case.told.rate.iter().map(|rate| told("rate", rate)));
        let mut who: Vec<Said> = case.told.who.iter().map(|who| told("who", who)).collect();
        who.extend(case.told.endpoints.iter().map(|endpoints| told("endpoints", endpoints)));
        vec![
            item(
                "id",
                "By which id does the other side find this call?",
                ids,
                collect::fields_or_tell(case, "[^:]*(request-?id|trace|correlation|ray)", "--set 'request id=…'"),
            ),
            item(
                "time",
                "When was it, in UTC?",
                known(self.environment, &["time"])
                    .into_iter()
                    .cloned()
                    .chain(started.map(|time| derived("started", time, case.call.span)))
                    .collect(),
                Some(collect::fields_or_tell(case, "date", "--set time=…")),
            ),
            item("since", "Since when, and how often?", since, collect::tell(case, "--since … --rate …")),
            item("who", "Who is affected?", who, collect::tell(case, "--who …")),
        ]
    }
}

fn told(name: &str, value: &str) -> Said {
    Said { name: name.to_owned(), value: value.to_owned(), source: "told".to_owned() }
}

/// A fact as evidence quotes it.
fn fact_words(fact: &Fact) -> String {
    format!("{} {}", fact.key, fact.value)
}

/// `json, 44 bytes: /customerId string(5), /case_type string(7)`. What holds other fields is told by their paths.
pub fn in_words(shape: &Shape) -> String {
    let holds = |at: usize| {
        let path = shape.fields[at].path.trim_end_matches('/');
        shape
            .fields
            .get(at + 1)
            .is_some_and(|next| next.path.strip_prefix(path).is_some_and(|rest| rest.starts_with(['/', '@'])))
    };
    let shown: Vec<usize> = (0..shape.fields.len())
        .filter(|at| shape.fields[*at].kind != "object" && shape.fields[*at].kind != "element" || !holds(*at))
        .collect();
    let fields: Vec<String> = shown
        .iter()
        .take(12)
        .map(|at| {
            let f = &shape.fields[*at];
            match f.length {
                Some(length) => format!("{} {}({length})", f.path, f.kind),
                None => format!("{} {}", f.path, f.kind),
            }
        })
        .collect();
    let more = shape.more + shown.len().saturating_sub(12);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let cut = if shape.truncated { ", cut" } else { "" };
    let colon = if fields.is_empty() { "" } else { ": " };
    format!("{}, {} bytes{cut}{colon}{}{more}", shape.kind, shape.bytes, fields.join(", "))
}

/// `3 h`, `2 days`: a number of seconds for people.
fn span_of(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
