//! Successes that are none, and answers that look like it and are sound.

use super::kit::{AGENT, JSON, broken_crm, crm_call, instead, json_text};
use crate::scenario::{Expected, Family, Scenario, Starting, Symptom};
use crate::{Reply, World};
use firstfault_model::{Bucket, Layer};

const fn server(cause: &'static str) -> Expected {
    Expected::of(Bucket::Server, Layer::Backend, cause)
}

const fn of(
    name: &'static str,
    story: &'static str,
    expected: Expected,
    fix: &'static str,
    start: fn(World) -> Starting,
) -> Scenario {
    Scenario { name, family: Family::Soft, story, expected, fix, start }
}

const READ: &[&str] = &["-H", AGENT, "{crm}/v1/customers/cus_1001"];

/// The same call, with what the client printed about its answer.
fn noticed(starting: Starting, exception: &'static str) -> Starting {
    Box::pin(async move { Ok(Symptom { evidence: exception.to_owned(), ..starting.await? }) })
}

/// All of them.
pub const SCENARIOS: &[Scenario] = &[
    of(
        "soft-error-object",
        "A page shows no customer, although the call is answered with 200.",
        server("server.error_in_success"),
        "The provider must answer failures with a status that says so; until then look for the member error.",
        |world| {
            broken_crm(world, READ, |options| {
                instead(options, "/v1/customers", |_, _| {
                    let body =
                        r#"{"error":{"code":"CUSTOMER_STORE_ERROR","message":"The customer could not be loaded"}}"#;
                    Some(json_text(200, body))
                });
            })
        },
    ),
    of(
        "soft-ok-false",
        "A bot takes 200 for success, and nothing happens.",
        server("server.error_in_success").or(&["server.unhandled_exception"]),
        "Read ok before anything else: this API answers every call with 200.",
        |world| {
            broken_crm(world, &["-H", AGENT, "{crm}/rpc/customers.info?customer=cus_1001"], |options| {
                instead(options, "/rpc/", |_, _| Some(json_text(200, r#"{"ok":false,"error":"internal_error"}"#)));
            })
        },
    ),
    of(
        "soft-status-field",
        "A nightly job says that all is well, and its table stays empty.",
        server("server.error_in_success"),
        "Look at status in the body; the provider should answer with a 5xx.",
        |world| {
            broken_crm(world, READ, |options| {
                instead(options, "/v1/customers", |_, _| {
                    Some(json_text(200, r#"{"status":"error","message":"Unable to load customer","data":null}"#))
                });
            })
        },
    ),
    of(
        "soft-graphql-null",
        "A GraphQL query for a customer gives no data and a 200.",
        server("server.error_in_success").or(&["server.contract_violation"]),
        "The provider returns null for a field that its schema calls non-null: report the path in errors.",
        |world| {
            let query = r#"{"query":"{ customer(id: \"cus_1001\") { id email } }"}"#;
            broken_crm(world, &["-H", AGENT, "-H", JSON, "-d", query, "{crm}/graphql"], |options| {
                instead(options, "/graphql", |asked, _| {
                    if asked.method != "POST" {
                        return Some(
                            json_text(405, r#"{"errors":[{"message":"Must provide query by POST."}]}"#)
                                .with("Allow", "POST"),
                        );
                    }
                    Some(json_text(
                        200,
                        r#"{"errors":[{"message":"Cannot return null for non-nullable field Customer.email.","locations":[{"line":1,"column":33}],"path":["customer","email"],"extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":null}"#,
                    ))
                });
            })
        },
    ),
    of(
        "soft-graphql-partial",
        "Of a GraphQL query one half comes back, the other is null.",
        server("server.partial_success"),
        "Use data where it is there, and report the paths in errors to the provider.",
        |world| {
            let query = r#"{"query":"{ customer(id: \"cus_1001\") { id name invoices { id } } }"}"#;
            broken_crm(world, &["-H", AGENT, "-H", JSON, "-d", query, "{crm}/graphql"], |options| {
                instead(options, "/graphql", |asked, _| {
                    if asked.method != "POST" {
                        return Some(
                            json_text(405, r#"{"errors":[{"message":"Must provide query by POST."}]}"#)
                                .with("Allow", "POST"),
                        );
                    }
                    Some(json_text(
                        200,
                        r#"{"errors":[{"message":"Failed to load invoices","path":["customer","invoices"]}],"data":{"customer":{"id":"cus_1001","name":"Jane Doe","invoices":null}}}"#,
                    ))
                });
            })
        },
    ),
    of(
        "soft-batch-207",
        "An import of three tickets is answered with 207, and one ticket is missing.",
        server("server.partial_success"),
        "Send the item that failed again, mended; the others are there.",
        |world| {
            let batch = r#"{"tickets":[{"customerId":"cus_1001","subject":"A","caseType":"billing"},{"customerId":"cus_1002","subject":"B","caseType":"refund"},{"customerId":"cus_1004","subject":"C","caseType":"account"}]}"#;
            broken_crm(world, &["-H", AGENT, "-H", JSON, "-d", batch, "{crm}/v1/ticket-batches"], |options| {
                instead(options, "/v1/ticket-batches", |asked, _| {
                    if asked.method != "POST" {
                        return Some(
                            json_text(405, r#"{"error":{"code":"METHOD_NOT_ALLOWED","message":"Use POST"}}"#)
                                .with("Allow", "POST, OPTIONS"),
                        );
                    }
                    Some(json_text(
                        207,
                        r#"{"results":[{"index":0,"status":201,"id":"tic_7101"},{"index":1,"status":400,"error":{"code":"VALIDATION_FAILED","message":"caseType must be one of: billing, technical, account, complaint"}},{"index":2,"status":201,"id":"tic_7102"}]}"#,
                    ))
                });
            })
        },
    ),
    of(
        "soft-batch-counts",
        "A synchronisation ends with 200, and some customers were not changed.",
        server("server.partial_success"),
        "Look at failed and errors in the summary, and repeat those.",
        |world| {
            broken_crm(world, &["-H", AGENT, "{crm}/v1/sync-runs/latest"], |options| {
                instead(options, "/v1/sync-runs", |_, _| {
                    Some(json_text(
                        200,
                        r#"{"status":"completed_with_errors","total":250,"succeeded":247,"failed":3,"errors":[{"customerId":"cus_3391","message":"record is locked"},{"customerId":"cus_3402","message":"record is locked"},{"customerId":"cus_3417","message":"record is locked"}]}"#,
                    ))
                });
            })
        },
    ),
    of(
        "soft-schema-drift",
        "Since this morning a typed client fails at an answer with 200 that looks good to the eye.",
        server("server.contract_violation"),
        "The provider renamed id and email against its own document: report it; read both names meanwhile.",
        |world| {
            let starting = broken_crm(world, READ, |options| {
                instead(options, "/v1/customers/", |_, _| {
                    Some(json_text(
                        200,
                        r#"{"customer_id":"cus_1001","name":"Jane Doe","email_address":"jane.doe@example.com","status":"active"}"#,
                    ))
                });
            });
            noticed(
                starting,
                "Traceback (most recent call last):\n  File \"/srv/sync/customers.py\", line 41, in load\n    return Customer.model_validate(response.json())\n           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\npydantic_core._pydantic_core.ValidationError: 2 validation errors for Customer\nid\n  Field required [type=missing, input_value={'customer_id': 'cus_1001...com', 'status': 'active'}, input_type=dict]\n    For further information visit https://errors.pydantic.dev/2.11/v/missing\nemail\n  Field required [type=missing, input_value={'customer_id': 'cus_1001...com', 'status': 'active'}, input_type=dict]\n    For further information visit https://errors.pydantic.dev/2.11/v/missing\n",
            )
        },
    ),
    of(
        "soft-null-body",
        "The customer's page breaks; the call behind it is answered with 200.",
        server("server.missing_content").or(&["server.contract_violation"]),
        "The provider must answer 404 or the customer, not null.",
        |world| {
            let starting = broken_crm(world, READ, |options| {
                instead(options, "/v1/customers/", |_, _| Some(json_text(200, "null")));
            });
            noticed(
                starting,
                "TypeError: Cannot read properties of null (reading 'email')\n    at renderCustomer (/srv/portal/dist/customer.js:88:31)\n    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)\n    at async /srv/portal/dist/server.js:41:5\n",
            )
        },
    ),
    of(
        "soft-empty-body",
        "A client says that the answer is no JSON. curl prints nothing at all.",
        server("server.missing_content"),
        "The provider sends 200 without a body: report it with the request id.",
        |world| {
            broken_crm(world, READ, |options| {
                instead(options, "/v1/customers/", |_, _| Some(json_text(200, "")));
            })
        },
    ),
    of(
        "soft-no-content",
        "A read of a customer is answered with 204, where the document promises the customer.",
        // Without the document at hand both are right: a client that parses what 204 never has.
        server("server.missing_content").or(&["client.response_not_understood"]),
        "The provider must send 200 with the customer, or 404.",
        |world| {
            let starting = broken_crm(world, READ, |options| {
                instead(options, "/v1/customers/", |_, _| Some(Reply::empty(204)));
            });
            noticed(
                starting,
                "Traceback (most recent call last):\n  File \"/srv/sync/customers.py\", line 40, in load\n    record = response.json()\n             ^^^^^^^^^^^^^^^\n  File \"/srv/sync/.venv/lib/python3.12/site-packages/requests/models.py\", line 978, in json\n    raise RequestsJSONDecodeError(e.msg, e.doc, e.pos)\nrequests.exceptions.JSONDecodeError: Expecting value: line 1 column 1 (char 0)\n",
            )
        },
    ),
    of(
        "soft-login-page",
        "A script gets 200 and HTML where it expects a customer. In the browser it works.",
        Expected::of(Bucket::Auth, Layer::Auth, "auth.missing_credentials"),
        "Send the key: whoever is not signed in is shown the sign-in page.",
        |world| {
            broken_crm(world, &["-H", "Accept: application/json", "{crm}/v1/customers/cus_1001"], |options| {
                options.before = Some(std::sync::Arc::new(|asked, moment| {
                    let open = moment.tenant.is_some() || asked.path == "/health";
                    (!open).then(|| sign_in_page().into())
                }));
            })
        },
    ),
    of(
        "soft-app-shell",
        "A new service reads customers and gets the web page of the CRM with 200.",
        Expected::of(Bucket::Client, Layer::Client, "client.wrong_path").or(&["client.response_not_understood"]),
        "The API has no /api in front: the web app answers every path that the API does not know.",
        |world| {
            let call = &["-H", AGENT, "-H", "Accept: application/json", "{crm}/api/v1/customers/cus_1001"];
            broken_crm(world, call, |options| {
                options.after = Some(std::sync::Arc::new(|asked, reply| {
                    let unknown = reply.status == 404 && !["/v1", "/v2"].iter().any(|api| asked.path.starts_with(api));
                    if unknown && matches!(asked.method.as_str(), "GET" | "HEAD") { app_shell() } else { reply }
                }));
            })
        },
    ),
    of(
        "soft-created-without-id",
        "A ticket is answered with 201, and the client does not know which ticket it is.",
        server("server.missing_content"),
        "The provider must send the id or a Location; until then look the ticket up by its customer.",
        |world| {
            let body = r#"{"customerId":"cus_1004","subject":"New address","caseType":"account"}"#;
            broken_crm(world, &["-H", AGENT, "-H", JSON, "-d", body, "{crm}/v1/tickets"], |options| {
                options.after = Some(std::sync::Arc::new(|_, mut reply| {
                    if reply.status == 201 {
                        reply.headers.retain(|(name, _)| name == "Content-Type");
                        reply.body = br#"{"status":"created"}"#.to_vec();
                    }
                    reply
                }));
            })
        },
    ),
    of(
        "soft-warning-before-json",
        "A client cannot parse an answer with 200; in the browser the data is there.",
        server("server.contract_violation").or(&["server.unhandled_exception"]),
        "The provider must not print warnings of PHP into answers: display_errors off, and the warning mended.",
        |world| {
            broken_crm(world, READ, |options| {
                instead(options, "/v1/customers/", |_, _| {
                    Some(json_text(
                        200,
                        "<br />\n<b>Warning</b>:  Undefined array key \"phone\" in <b>/var/www/crm/src/Customer.php</b> on line <b>88</b><br />\n{\"id\":\"cus_1001\",\"name\":\"Jane Doe\",\"email\":\"jane.doe@example.com\",\"status\":\"active\"}",
                    ))
                });
            })
        },
    ),
    of(
        "soft-control-error-list",
        "A list of past errors is read. A colleague sees the word error in it and calls the call failed.",
        Expected::NOTHING,
        "Nothing is wrong: the errors are what was asked for.",
        |world| {
            broken_crm(world, &["-H", AGENT, "{crm}/v1/sync-errors"], |options| {
                instead(options, "/v1/sync-errors", |_, _| {
                    Some(json_text(
                        200,
                        r#"{"data":[{"id":"err_41","customerId":"cus_3391","message":"record is locked","resolved":true},{"id":"err_42","customerId":"cus_3402","message":"timeout","resolved":true}],"nextCursor":null}"#,
                    ))
                });
            })
        },
    ),
    of(
        "soft-control-no-errors",
        "A run is looked up whose answer has a member errors. Is it one?",
        Expected::NOTHING,
        "Nothing is wrong: the list of errors is empty.",
        |world| {
            broken_crm(world, &["-H", AGENT, "{crm}/v1/sync-runs/latest"], |options| {
                instead(options, "/v1/sync-runs", |_, _| {
                    Some(json_text(
                        200,
                        r#"{"id":"run_88","status":"completed","total":250,"succeeded":250,"failed":0,"errors":[],"error":null}"#,
                    ))
                });
            })
        },
    ),
    of(
        "soft-control-preflight",
        "An OPTIONS call is answered with 204 and nothing else.",
        Expected::NOTHING,
        "Nothing is wrong: 204 is the usual answer, and Allow says what may be done.",
        |world| crm_call(world, &["-X", "OPTIONS", "-H", AGENT, "{crm}/v1/tickets"]),
    ),
    of(
        "soft-control-web-page",
        "The documentation of the API is opened: HTML with 200.",
        Expected::NOTHING,
        "Nothing is wrong: a page was asked for.",
        |world| {
            broken_crm(world, &["-H", "Accept: text/html", "{crm}/docs"], |options| {
                options.before = Some(std::sync::Arc::new(|asked, _| {
                    let page = "<!DOCTYPE html><html lang=\"en\"><head><title>CRM API reference</title></head><body><h1>CRM API</h1><p>Every call needs a key.</p></body></html>";
                    (asked.path == "/docs").then(|| Reply::new(200, "text/html; charset=utf-8", page).into())
                }));
            })
        },
    ),
];

fn sign_in_page() -> Reply {
    let page = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sign in - Acme CRM</title></head>\n<body><main><h1>Sign in to your account</h1>\n<form method=\"post\" action=\"/session\"><label>Email <input type=\"email\" name=\"email\"></label>\n<label>Password <input type=\"password\" name=\"password\"></label>\n<button>Sign in</button> <a href=\"/reset\">Forgot your password?</a></form></main></body></html>\n";
    Reply::new(200, "text/html; charset=utf-8", page).with("Cache-Control", "no-store")
}

fn app_shell() -> Reply {
    let page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Acme CRM</title><script type=\"module\" src=\"/assets/index-4f1c.js\"></script></head>\n<body><div id=\"root\"></div><noscript>You need to enable JavaScript to run this app.</noscript></body></html>\n";
    Reply::new(200, "text/html; charset=utf-8", page)
}
