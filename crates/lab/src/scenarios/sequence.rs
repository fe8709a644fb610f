//! Failures that depend on when, how often, for whom and with what; and servers that fail by themselves.

use super::kit::{AGENT, JSON, broken_crm, crm_call, instead, json_text, logs, with_places};
use crate::scenario::{Expected, Family, Scenario, Starting, Symptom};
use crate::systems::{self, crm, outgoing::Outgoing, stamp};
use crate::{Reply, World};
use firstfault_model::{Bucket, Layer};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const fn server(cause: &'static str) -> Expected {
    Expected::of(Bucket::Server, Layer::Backend, cause)
}

const fn upstream(layer: Layer, cause: &'static str) -> Expected {
    Expected::of(Bucket::Upstream, layer, cause)
}

const fn of(
    name: &'static str,
    story: &'static str,
    expected: Expected,
    fix: &'static str,
    start: fn(World) -> Starting,
) -> Scenario {
    Scenario { name, family: Family::Sequence, story, expected, fix, start }
}

const READ: &[&str] = &["-H", AGENT, "{crm}/v1/customers/cus_1001"];
/// The gateway in front.
const NGINX: &str = "nginx/1.26.2";
const BARE: &str = r#"{"statusCode":500,"error":"Internal Server Error"}"#;

/// All of them.
pub const SCENARIOS: &[Scenario] = &[
    of(
        "seq-database-starting",
        "Calls fail right after a restart at night. A few repeats later they pass.",
        Expected::of(Bucket::Server, Layer::Dependency, "server.database_error"),
        "Wait and repeat: the database was starting. The provider should not take calls before it is up.",
        |world| {
            broken_crm(world, READ, |options| {
                instead(options, "/v1/customers", |_, moment| {
                    let body = r#"{"error":{"code":"INTERNAL_ERROR","message":"FATAL: the database system is starting up (SQLSTATE 57P03)"}}"#;
                    (moment.number <= 4).then(|| json_text(500, body))
                });
            })
        },
    ),
    of(
        "seq-one-of-three",
        "About every third call fails with 500, the same call passes a moment later.",
        server("server.unhandled_exception"),
        "The provider must take instance crm-2 out of service: only its answers fail.",
        |world| {
            broken_crm(world, READ, |options| {
                instead(options, "/v1/customers", |_, moment| {
                    (moment.number % 3 == 1).then(|| json_text(500, BARE).with("X-Served-By", "crm-2"))
                });
                let answers = AtomicUsize::new(0);
                options.after = Some(std::sync::Arc::new(move |_, reply| {
                    let said = reply.headers.iter().any(|(name, _)| name == "X-Served-By");
                    let sound = ["crm-1", "crm-3"][answers.fetch_add(1, Ordering::Relaxed) % 2];
                    if said { reply } else { reply.with("X-Served-By", sound) }
                }));
            })
        },
    ),
    of(
        "seq-one-backend-dead",
        "Every second call ends in a 502 page of the gateway.",
        upstream(Layer::Backend, "upstream.bad_gateway").or(&["upstream.connection_failure"]),
        "Repeat with growing pauses; the provider must take the dead backend out of the pool.",
        |world| {
            broken_crm(world, READ, |options| {
                options.server = NGINX;
                instead(options, "/v1/customers", |_, moment| (moment.number % 2 == 1).then(nginx_502));
            })
        },
    ),
    of(
        "seq-too-many-at-once",
        "While a job of the same team runs, the portal's calls are refused with 429.",
        Expected::of(Bucket::RateLimit, Layer::Gateway, "rate_limit.concurrency"),
        "Run fewer calls of the job at once; the limit counts calls under way, not calls per minute.",
        |world| {
            under_load(world, |in_flight| {
                let body = r#"{"error":{"code":"CONCURRENCY_LIMIT","message":"Too many concurrent requests for this API key (limit 3). Wait for running requests to finish."}}"#;
                (in_flight > 3).then(|| json_text(429, body))
            })
        },
    ),
    of(
        "seq-degrades-with-load",
        "At noon calls are answered with 503; in the evening the same calls pass.",
        server("server.overloaded"),
        "Wait as Retry-After says and repeat; the provider needs more capacity at noon.",
        |world| {
            under_load(world, |in_flight| {
                let body =
                    r#"{"error":{"code":"OVERLOADED","message":"The service is overloaded, please try again later"}}"#;
                (in_flight > 3).then(|| json_text(503, body).with("Retry-After", "5"))
            })
        },
    ),
    of(
        "seq-only-one-tenant",
        "For one company the list of customers fails, for the other the same key works.",
        Expected::of(Bucket::Server, Layer::Dependency, "server.database_error"),
        "The provider must run the migration that this tenant's schema missed.",
        |world| {
            let key = "Authorization: Bearer crm_live_partner_9e44f0";
            broken_crm(world, &["-H", key, "-H", "X-Tenant-Id: globex", "{crm}/v1/customers"], |options| {
                instead(options, "/v1/customers", |asked, _| {
                    let body = r#"{"error":{"code":"INTERNAL_ERROR","message":"ERROR: relation \"tenant_globex.customers_v2\" does not exist (SQLSTATE 42P01)"}}"#;
                    (asked.header("x-tenant-id") == Some("globex")).then(|| json_text(500, body))
                });
            })
        },
    ),
    of(
        "seq-only-one-customer",
        "One customer cannot be opened, all others can. The CRM answers 500 every time.",
        server("server.input_triggered_crash"),
        "The provider must look at this record; nothing that the caller sends is wrong.",
        |world| {
            broken_crm(world, &["-H", AGENT, "{crm}/v1/customers/cus_1004"], |options| {
                instead(options, "/v1/customers/cus_1004", |_, _| Some(json_text(500, BARE)));
            })
        },
    ),
    of(
        "seq-only-one-subject",
        "Tickets whose subject has a certain character are answered with 500; the log of the CRM is at hand.",
        server("server.input_triggered_crash"),
        "The provider must store four-byte characters (utf8mb4); until then leave them out.",
        |world| {
            Box::pin(async move {
                let mut options = crm::Options::default();
                instead(&mut options, "/v1/tickets", |asked, _| {
                    let text = String::from_utf8_lossy(&asked.body).into_owned();
                    let crashes = asked.method == "POST" && text.chars().any(|c| c > '\u{ffff}');
                    crashes.then(|| json_text(500, r#"{"error":{"code":"INTERNAL_ERROR","message":"Incorrect string value: '\\xF0\\x9F\\x98\\xA1' for column 'subject' at row 1"}}"#))
                });
                let crm = crm::start_with(&world, options).await?;
                let send = |subject: &str| {
                    let body = format!(r#"{{"customerId":"cus_1004","subject":"{subject}","caseType":"complaint"}}"#);
                    post(&crm, body)
                };
                for subject in ["Late again", "Late again \u{1f621}", "Wrong size", "Still late \u{1f621}"] {
                    send(subject).await;
                }
                let body =
                    "{\"customerId\":\"cus_1004\",\"subject\":\"Never again \u{1f621}\",\"caseType\":\"complaint\"}";
                let call = ["-H", AGENT, "-H", JSON, "-d", body, "{crm}/v1/tickets"];
                Ok(Symptom { evidence: logs(&world, &["crm"]), ..with_places(&call, &[("{crm}", &crm.url(""))]) })
            })
        },
    ),
    of(
        "seq-exception-page",
        "A read that worked yesterday shows a page full of code with 500.",
        server("server.unhandled_exception"),
        "Send the provider the first line of the trace and the request id.",
        |world| {
            broken_crm(world, READ, |options| {
                instead(options, "/v1/customers", |_, _| {
                    let page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>TypeError: Cannot read properties of undefined (reading &#39;plan&#39;)<br> &nbsp; &nbsp;at toCustomer (/app/src/customers/serialize.js:42:31)<br> &nbsp; &nbsp;at Layer.handleRequest (/app/node_modules/router/lib/layer.js:152:17)<br> &nbsp; &nbsp;at next (/app/node_modules/router/lib/route.js:157:13)</pre>\n</body>\n</html>\n";
                    Some(
                        Reply::new(500, "text/html; charset=utf-8", page)
                            .with("X-Powered-By", "Express")
                            .with("Content-Security-Policy", "default-src 'none'"),
                    )
                });
            })
        },
    ),
    of(
        "seq-deadlock-shown",
        "Reading tickets fails while the nightly import runs.",
        Expected::of(Bucket::Server, Layer::Dependency, "server.database_error"),
        "Repeat with growing pauses; the provider must shorten the transactions of the import.",
        |world| {
            broken_crm(world, &["-H", AGENT, "{crm}/v1/tickets?customerId=cus_1001"], |options| {
                instead(options, "/v1/tickets", |_, _| {
                    Some(json_text(
                        500,
                        r#"{"message":"SQLSTATE[40001]: Serialization failure: 1213 Deadlock found when trying to get lock; try restarting transaction (Connection: mysql, SQL: select * from `tickets` where `customer_id` = cus_1001 for update)","exception":"Illuminate\\Database\\QueryException","file":"/var/www/crm/vendor/laravel/framework/src/Illuminate/Database/Connection.php","line":829}"#,
                    ))
                });
            })
        },
    ),
    of(
        "seq-pool-exhausted",
        "Every call waits a while and then fails with 500.",
        server("server.pool_exhausted"),
        "The provider must find what keeps connections, or enlarge the pool.",
        |world| {
            broken_crm(world, READ, |options| {
                instead(options, "/v1/customers", |_, _| {
                    let body = r#"{"timestamp":"2026-01-05T10:00:00.000+00:00","status":500,"error":"Internal Server Error","message":"Unable to acquire JDBC Connection; HikariPool-1 - Connection is not available, request timed out after 500ms (total=10, active=10, idle=0, waiting=42)","path":"/v1/customers/cus_1001"}"#;
                    Some(json_text(500, body).after(Duration::from_millis(500)))
                });
            })
        },
    ),
    of(
        "seq-out-of-memory",
        "Calls fail with 500 since the afternoon, more and more of them.",
        server("server.resource_exhausted"),
        "The provider must restart the service and find what fills the heap.",
        |world| {
            broken_crm(world, READ, |options| {
                instead(options, "/v1/customers", |_, _| {
                    Some(json_text(
                        500,
                        r#"{"timestamp":"2026-01-05T10:00:00.000+00:00","status":500,"error":"Internal Server Error","message":"Handler dispatch failed: java.lang.OutOfMemoryError: Java heap space","path":"/v1/customers/cus_1001"}"#,
                    ))
                });
            })
        },
    ),
    of(
        "seq-overloaded",
        "Every call is answered with 503 at once, with a time to wait.",
        server("server.overloaded"),
        "Wait as long as Retry-After says, then repeat with growing pauses.",
        |world| {
            broken_crm(world, READ, |options| {
                instead(options, "/v1/", |_, _| {
                    let body = r#"{"error":{"code":"SERVICE_OVERLOADED","message":"Server is currently at capacity and sheds load. Please retry later."}}"#;
                    Some(json_text(503, body).with("Retry-After", "120"))
                });
            })
        },
    ),
    of(
        "seq-bad-release",
        "Since the deployment some calls fail with 500. The last lines of the CRM's log are at hand.",
        server("server.bad_release"),
        "Roll back to 4.18.2: every failing answer comes from 4.19.0.",
        bad_release,
    ),
    of(
        "seq-setting-missing",
        "All calls fail with 500 since the move to a new cluster.",
        server("server.server_config"),
        "The provider must set the variable in the new cluster.",
        |world| {
            broken_crm(world, READ, |options| {
                instead(options, "/v1/", |_, _| {
                    Some(json_text(
                        500,
                        r#"{"error":{"code":"INTERNAL_ERROR","message":"Missing required environment variable: CRM_ENCRYPTION_KEY"}}"#,
                    ))
                });
            })
        },
    ),
    of(
        "seq-not-implemented",
        "Reports stand in the documentation of version 2. The call is answered with 501.",
        server("server.not_implemented"),
        "Ask the provider when reports come; nothing in the call is wrong.",
        |world| crm_call(world, &["-H", AGENT, "{crm}/v2/reports"]),
    ),
    of(
        "seq-contract-violated",
        "Customers cannot be read since the release; the provider's log is at hand.",
        server("server.contract_violation"),
        "The provider's own check refuses what it is about to send: the record has no status.",
        |world| {
            Box::pin(async move {
                let mut options = crm::Options::default();
                instead(&mut options, "/v1/customers/", |_, _| {
                    Some(Reply::new(500, "text/plain; charset=utf-8", "Internal Server Error"))
                });
                let crm = crm::start_with(&world, options).await?;
                let symptom = with_places(READ, &[("{crm}", &crm.url(""))]);
                let evidence = "ERROR:    Exception in ASGI application\nTraceback (most recent call last):\n  File \"/app/.venv/lib/python3.12/site-packages/uvicorn/protocols/http/httptools_impl.py\", line 409, in run_asgi\n    result = await app(  # type: ignore[func-returns-value]\n  File \"/app/.venv/lib/python3.12/site-packages/fastapi/routing.py\", line 327, in app\n    content = await serialize_response(\n  File \"/app/.venv/lib/python3.12/site-packages/fastapi/routing.py\", line 201, in serialize_response\n    raise ResponseValidationError(\nfastapi.exceptions.ResponseValidationError: 1 validation errors:\n  {'type': 'missing', 'loc': ('response', 'status'), 'msg': 'Field required', 'input': {'id': 'cus_1001', 'name': 'Jane Doe', 'email': 'jane.doe@example.com'}}\n";
                Ok(Symptom { evidence: evidence.to_owned(), ..symptom })
            })
        },
    ),
    of(
        "seq-dependency-down",
        "Customers cannot be read; tickets can.",
        upstream(Layer::Dependency, "upstream.dependency_failure"),
        "Repeat with growing pauses; the provider must mend its billing service.",
        |world| {
            broken_crm(world, READ, |options| {
                instead(options, "/v1/customers", |_, _| {
                    Some(json_text(
                        502,
                        r#"{"error":{"code":"DEPENDENCY_FAILED","message":"billing-service responded with 503 Service Unavailable","dependency":"billing-service"}}"#,
                    ))
                });
            })
        },
    ),
    of(
        "seq-dependency-slow",
        "Reading a customer takes long and then fails with 504 in the CRM's own format.",
        upstream(Layer::Dependency, "upstream.dependency_timeout"),
        "Repeat with growing pauses; the provider must look at its search service.",
        |world| {
            broken_crm(world, READ, |options| {
                instead(options, "/v1/customers", |_, _| {
                    let body = r#"{"error":{"code":"DEPENDENCY_TIMEOUT","message":"Timed out after 600 ms waiting for search-service","dependency":"search-service"}}"#;
                    Some(json_text(504, body).after(Duration::from_millis(600)))
                });
            })
        },
    ),
    of(
        "seq-control-slow",
        "A call takes most of a second. Is something wrong?",
        Expected::NOTHING,
        "Nothing is wrong: the look-up is slow and answers.",
        |world| {
            broken_crm(world, &["-H", AGENT, "{crm}/v1/customers?email=jane.doe@example.com"], |options| {
                options.lookup_work = Duration::from_millis(700);
            })
        },
    ),
];

fn nginx_502() -> Reply {
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.26.2</center>\r\n</body>\r\n</html>\r\n";
    Reply::new(502, "text/html", page).with("Server", NGINX)
}

async fn post(crm: &crm::Crm, body: String) {
    let (field, key) = AGENT.split_once(": ").unwrap_or_default();
    let headers = [(field, key), ("Content-Type", "application/json")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    let (method, patience) = ("POST".to_owned(), Duration::from_secs(5));
    Outgoing { method, url: crm.url("/v1/tickets"), headers: headers.to_vec(), body: body.into_bytes(), patience }
        .send()
        .await;
}

/// A CRM with three long calls of a job under way, that refuses by the number of calls under way.
fn under_load(world: World, refuse: fn(u64) -> Option<Reply>) -> Starting {
    /// Longer than anybody looks.
    const LONG: Duration = Duration::from_secs(600);
    Box::pin(async move {
        let mut options = crm::Options::default();
        instead(&mut options, "/v1/", move |asked, moment| match asked.path.as_str() {
            "/v1/exports/all" => Some(json_text(200, r#"{"data":[]}"#).after(LONG)),
            _ => refuse(moment.in_flight),
        });
        let crm = crm::start_with(&world, options).await?;
        let (field, key) = AGENT.split_once(": ").unwrap_or_default();
        for _ in 0..3 {
            let job = Outgoing {
                method: "GET".to_owned(),
                url: crm.url("/v1/exports/all"),
                headers: vec![(field.to_owned(), key.to_owned())],
                patience: LONG,
                ..Outgoing::default()
            };
            world.run(async move {
                job.send().await;
            });
        }
        crm.busy(3).await;
        Ok(with_places(READ, &[("{crm}", &crm.url(""))]))
    })
}

/// Two releases side by side: what the old one answers is sound.
fn bad_release(world: World) -> Starting {
    const NEW: &str = "4.19.0";
    Box::pin(async move {
        let mut options = crm::Options::default();
        instead(&mut options, "/v1/customers", |_, moment| {
            (moment.number % 2 == 0).then(|| json_text(500, BARE).with("X-Crm-Release", NEW))
        });
        let crm = crm::start_with(&world, options).await?;
        let (field, key) = AGENT.split_once(": ").unwrap_or_default();
        let read = Outgoing {
            method: "GET".to_owned(),
            url: crm.url("/v1/customers/cus_1001"),
            headers: vec![(field.to_owned(), key.to_owned())],
            patience: Duration::from_secs(5),
            ..Outgoing::default()
        };
        read.send().await;
        let line = stamp::line(&[
            ("time", systems::now().into()),
            ("level", "info".into()),
            ("service", "crm".into()),
            ("msg", format!("deployment of release {NEW} finished, 1 of 2 instances (was {})", crm::RELEASE).into()),
        ]);
        world.log("crm", line);
        for _ in 0..4 {
            read.send().await;
        }
        // One more, so that the user's call meets the new release.
        Ok(Symptom { evidence: logs(&world, &["crm"]), ..with_places(READ, &[("{crm}", &crm.url(""))]) })
    })
}
