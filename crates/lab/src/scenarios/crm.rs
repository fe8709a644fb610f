//! Calls to the CRM that fail because of what the caller sent, and some that do not.

use super::kit::{AGENT, HEALTHY, JSON, broken_crm, crm_call, truth, with_places};
use crate::scenario::{Expected, Family, Scenario, Starting};
use crate::systems::{crm, outgoing::Outgoing};
use crate::{Reply, World};
use firstfault_model::{Bucket, Layer};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const fn caller(cause: &'static str) -> Expected {
    truth(Bucket::Client, Layer::Client, cause)
}

const fn state(cause: &'static str) -> Expected {
    truth(Bucket::Client, Layer::Backend, cause)
}

const fn identity(cause: &'static str) -> Expected {
    truth(Bucket::Auth, Layer::Auth, cause)
}

const fn of(
    name: &'static str,
    story: &'static str,
    expected: Expected,
    fix: &'static str,
    start: fn(World) -> Starting,
) -> Scenario {
    Scenario { name, family: Family::Crm, story, expected, fix, start }
}

/// All of them.
pub const ALL: &[Scenario] = &[
    of(
        "crm-malformed-json",
        "A script opens a ticket with a body that it glued together from strings. The CRM answers 400.",
        caller("client.malformed_body"),
        "Write the body with a JSON library; here a comma stands before the closing brace.",
        |world| {
            let body = r#"{"customerId":"cus_1001","subject":"Card was charged twice","caseType":"billing",}"#;
            crm_call(world, &["-X", "POST", "-H", AGENT, "-H", JSON, "-d", body, "{crm}/v1/tickets"])
        },
    ),
    of(
        "crm-missing-field",
        "An integration opens tickets since last year. For tickets from the new form the CRM answers 400.",
        caller("client.missing_field"),
        "Send caseType: the new form has no field for it.",
        |world| {
            let body = r#"{"customerId":"cus_1001","subject":"Cannot sign in"}"#;
            crm_call(world, &["-H", AGENT, "-H", JSON, "-d", body, "{crm}/v1/tickets"])
        },
    ),
    of(
        "crm-missing-field-v2",
        "The integration was moved to version 2 of the API. Since then tickets are refused with 422.",
        caller("client.missing_field"),
        "Send subject: it may not be empty or null in version 2 either.",
        |world| {
            let body = r#"{"customerId":"cus_1001","subject":null,"caseType":"account"}"#;
            crm_call(world, &["-H", AGENT, "-H", JSON, "-d", body, "{crm}/v2/tickets"])
        },
    ),
    of(
        "crm-wrong-type",
        "A spreadsheet import opens tickets with an escalation level. The CRM answers 400.",
        caller("client.wrong_type"),
        "Send escalationLevel as a number, without quotes.",
        |world| {
            let body =
                r#"{"customerId":"cus_1001","subject":"No dial tone","caseType":"technical","escalationLevel":"2"}"#;
            crm_call(world, &["-H", AGENT, "-H", JSON, "-d", body, "{crm}/v1/tickets"])
        },
    ),
    of(
        "crm-misnamed-field",
        "A developer writes the first ticket by hand after reading the docs. The CRM answers 400.",
        caller("client.unknown_field"),
        "Write customerId, not customerID: names are compared letter by letter.",
        |world| {
            let body = r#"{"customerID":"cus_1001","subject":"Wrong address on invoice","caseType":"billing"}"#;
            crm_call(world, &["-H", AGENT, "-H", JSON, "-d", body, "{crm}/v1/tickets"])
        },
    ),
    of(
        "crm-wrong-structure",
        "A form sends the address of the contact along with the ticket. The CRM answers 400.",
        caller("client.wrong_structure"),
        "Send contact as an object with the member email.",
        |world| {
            let body =
                r#"{"customerId":"cus_1001","subject":"Call me","caseType":"account","contact":"jane@doe.example"}"#;
            crm_call(world, &["-H", AGENT, "-H", JSON, "-d", body, "{crm}/v1/tickets"])
        },
    ),
    of(
        "crm-invalid-value",
        "Monitoring opens a ticket for an outage, with the priority that it uses itself. The CRM answers 400.",
        caller("client.invalid_value"),
        "Map the priority: the CRM knows low, normal, high and urgent.",
        |world| {
            let body = r#"{"customerId":"cus_1001","subject":"Outage","caseType":"technical","priority":"critical"}"#;
            crm_call(world, &["-H", AGENT, "-H", JSON, "-d", body, "{crm}/v1/tickets"])
        },
    ),
    of(
        "crm-missing-parameter",
        "A report wants all open tickets. The CRM answers 400.",
        caller("client.missing_parameter"),
        "Name the customer: customerId is required in the query.",
        |world| crm_call(world, &["-H", AGENT, "{crm}/v1/tickets?status=open"]),
    ),
    of(
        "crm-invalid-parameter",
        "A nightly export asks for more customers at once than before. The CRM answers 400.",
        caller("client.invalid_parameter"),
        "Ask for at most 100 a page and follow nextCursor.",
        |world| crm_call(world, &["-H", AGENT, "{crm}/v1/customers?limit=1000"]),
    ),
    of(
        "crm-terse-refusal",
        "The same export against an older installation, which only says Bad Request.",
        caller("client.invalid_parameter"),
        "Ask for at most 100 a page; without limit the same call works.",
        |world| broken_crm(world, &["-H", AGENT, "{crm}/v1/customers?limit=500"], |options| options.terse = true),
    ),
    of(
        "crm-missing-header",
        "A partner who works for two companies reads a customer. The CRM answers 400.",
        caller("client.missing_header"),
        "Say for whom: X-Tenant-Id: acme.",
        |world| {
            let key = "Authorization: Bearer crm_live_partner_9e44f0";
            crm_call(world, &["-H", key, "{crm}/v1/customers/cus_1001"])
        },
    ),
    of(
        "crm-unconditional-change",
        "A bot raises the priority of a ticket. The CRM answers 428.",
        caller("client.missing_header"),
        "Read the ticket first and send its ETag as If-Match.",
        |world| {
            let body = r#"{"priority":"high"}"#;
            crm_call(world, &["-X", "PATCH", "-H", AGENT, "-H", JSON, "-d", body, "{crm}/v1/tickets/tic_5001"])
        },
    ),
    of(
        "crm-invalid-header",
        "The partner sends the tenant as it stands in the contract. The CRM answers 400.",
        caller("client.invalid_header"),
        "Tenant ids have lower-case letters and digits only: acme.",
        |world| {
            let key = "Authorization: Bearer crm_live_partner_9e44f0";
            crm_call(world, &["-H", key, "-H", "X-Tenant-Id: ACME Inc", "{crm}/v1/customers/cus_1001"])
        },
    ),
    of(
        "crm-wrong-method",
        "A developer replaces a ticket as a whole. The CRM answers 405.",
        caller("client.wrong_method"),
        "Use PATCH with the fields that change.",
        |world| {
            let body = r#"{"priority":"high"}"#;
            crm_call(world, &["-X", "PUT", "-H", AGENT, "-H", JSON, "-d", body, "{crm}/v1/tickets/tic_5001"])
        },
    ),
    of(
        "crm-hook-in-browser",
        "An administrator opens the address of the webhook to see whether it works. The CRM answers 405.",
        caller("client.wrong_method"),
        "Nothing is wrong with the address: events are sent to it with POST.",
        |world| crm_call(world, &["{crm}/webhooks/chat"]),
    ),
    of(
        "crm-path-typo",
        "A colleague copied the call from a chat by hand. The CRM answers 404.",
        caller("client.wrong_path"),
        "Write customers: the path has a letter less.",
        |world| crm_call(world, &["-H", AGENT, "{crm}/v1/custmers"]),
    ),
    of(
        "crm-path-without-version",
        "A new service reads a customer that surely exists. The CRM answers 404.",
        caller("client.wrong_path"),
        "Put /v1 in front: it belongs to the base URL.",
        |world| crm_call(world, &["-H", AGENT, "{crm}/customers/cus_1001"]),
    ),
    of(
        "crm-trailing-slash",
        "A generated client lists customers. The CRM answers 404.",
        caller("client.wrong_path"),
        "Leave the slash at the end away: this router tells the two apart.",
        |world| crm_call(world, &["-H", AGENT, "{crm}/v1/customers/"]),
    ),
    of(
        "crm-retired-endpoint",
        "A job that ran for years stopped in summer. The CRM answers 410.",
        caller("client.wrong_version"),
        "Move to /v2/customers, as the answer says.",
        |world| crm_call(world, &["-H", AGENT, "{crm}/v1/contacts"]),
    ),
    of(
        "crm-unknown-version",
        "A developer guesses that the newest version is three. The CRM answers 404.",
        caller("client.wrong_version"),
        "Use v1 or v2.",
        |world| crm_call(world, &["-H", AGENT, "{crm}/v3/customers"]),
    ),
    of(
        "crm-wrong-region",
        "A customer moved to Europe and kept the base URL in the settings. Every call is answered with 421.",
        caller("client.wrong_environment"),
        "Use the base URL of the region in which the tenant is hosted.",
        |world| {
            broken_crm(world, &["-H", AGENT, "{crm}/v1/customers/cus_1001"], |options| {
                options.before = Some(Arc::new(|asked, moment| {
                    moment.tenant.filter(|_| asked.path.starts_with("/v"))?;
                    let message = "Tenant 'acme' is hosted in region eu1. Send requests to https://eu1.crm.example.com";
                    let error = json!({ "code": "WRONG_REGION", "message": message, "region": "us1" });
                    Some(Reply::json(421, &json!({ "error": error })).into())
                }));
            })
        },
    ),
    of(
        "crm-no-such-customer",
        "A link in an old ticket leads to a customer. The CRM answers 404.",
        caller("client.resource_not_found"),
        "The customer is gone or the id is wrong: look it up by its email address.",
        |world| crm_call(world, &["-H", AGENT, "{crm}/v1/customers/cus_9731"]),
    ),
    of(
        "crm-form-for-json",
        "A developer opens a ticket from the shell. The CRM answers 415.",
        caller("client.wrong_content_type"),
        "Say what the body is: Content-Type: application/json. curl -d alone declares a form.",
        |world| {
            let body = r#"{"customerId":"cus_1001","subject":"Charged twice","caseType":"billing"}"#;
            crm_call(world, &["-H", AGENT, "-d", body, "{crm}/v1/tickets"])
        },
    ),
    of(
        "crm-not-acceptable",
        "An enterprise bus that speaks XML reads a customer. The CRM answers 406.",
        caller("client.not_acceptable"),
        "Accept application/json, or let the bus convert it.",
        |world| crm_call(world, &["-H", AGENT, "-H", "Accept: application/xml", "{crm}/v1/customers/cus_1001"]),
    ),
    of(
        "crm-ticket-exists",
        "A customer presses send twice. The second time the CRM answers 409.",
        state("client.conflict"),
        "Nothing is to be done: the ticket that is named is the one.",
        |world| {
            let body = r#"{"customerId":"cus_1001","subject":"Invoice 2231 was charged twice","caseType":"billing"}"#;
            crm_call(world, &["-H", AGENT, "-H", JSON, "-d", body, "{crm}/v1/tickets"])
        },
    ),
    of(
        "crm-stale-change",
        "Two agents work on a ticket. The one who saves last is answered 412.",
        state("client.conflict"),
        "Read the ticket again, look at what changed, and send the new ETag.",
        |world| {
            let (body, seen) = (r#"{"priority":"high"}"#, "If-Match: \"2\"");
            let url = "{crm}/v1/tickets/tic_5001";
            crm_call(world, &["-X", "PATCH", "-H", AGENT, "-H", JSON, "-H", seen, "-d", body, url])
        },
    ),
    of(
        "crm-idempotency-reused",
        "A worker numbers its calls from one after each start. Today the CRM answers 422.",
        state("client.idempotency_conflict"),
        "Make a new key for each new ticket, for instance a UUID, and keep it for repeats only.",
        reused_key,
    ),
    of(
        "crm-broken-percent",
        "A search by a name that someone typed. The CRM answers 400.",
        caller("client.bad_encoding"),
        "Encode the parameter as a whole: a percent sign is %25.",
        |world| crm_call(world, &["-H", AGENT, "{crm}/v1/customers?email=100%ZZ@example.com"]),
    ),
    of(
        "crm-plus-sign",
        "One customer cannot be found by the address that stands in the CRM. The CRM answers 400.",
        Expected { or: &["client.invalid_parameter"], ..caller("client.bad_encoding") },
        "Write the plus sign as %2B: in a query a bare one is a space.",
        |world| crm_call(world, &["-H", AGENT, "{crm}/v1/customers?email=omar+crm@example.com"]),
    ),
    of(
        "crm-not-compressed",
        "A client library was told to compress what it sends. The CRM answers 400.",
        caller("client.bad_encoding"),
        "Compress the body, or leave Content-Encoding away.",
        |world| {
            let body = r#"{"customerId":"cus_1001","subject":"Late delivery","caseType":"complaint"}"#;
            let coding = "Content-Encoding: gzip";
            crm_call(world, &["-H", AGENT, "-H", JSON, "-H", coding, "-d", body, "{crm}/v1/tickets"])
        },
    ),
    of(
        "crm-suspended-customer",
        "Tickets for one customer are refused, for all others they are made. The CRM answers 422.",
        state("client.business_rule"),
        "The customer's account must be active again first: ask billing.",
        |world| {
            let body = r#"{"customerId":"cus_1003","subject":"Please call back","caseType":"account"}"#;
            crm_call(world, &["-H", AGENT, "-H", JSON, "-d", body, "{crm}/v1/tickets"])
        },
    ),
    of(
        "crm-closed-ticket",
        "A customer answers to an old ticket, and the bot wants to open it again. The CRM answers 422.",
        state("client.business_rule"),
        "Open a new ticket: closed ones stay closed.",
        |world| {
            let (body, seen) = (r#"{"status":"open"}"#, "If-Match: \"3\"");
            let url = "{crm}/v1/tickets/tic_5002";
            crm_call(world, &["-X", "PATCH", "-H", AGENT, "-H", JSON, "-H", seen, "-d", body, url])
        },
    ),
    of(
        "crm-unset-base-url",
        "A script works on one machine. On another the call never leaves it.",
        caller("client.client_config"),
        "Set BASE_URL, and use double quotes, so that the shell fills it in.",
        |world| crm_call(world, &["-g", "-H", AGENT, "${BASE_URL}/v1/customers"]),
    ),
    of(
        "crm-unfilled-template",
        "A saved request of an API client was exported as curl. The CRM answers 404.",
        caller("client.client_config"),
        "Fill in the variable customerId, or choose the environment that has it before exporting.",
        |world| crm_call(world, &["-g", "-H", AGENT, "{crm}/v1/customers/{{customerId}}"]),
    ),
    of(
        "crm-no-key",
        "A developer tries the API from the shell for the first time. The CRM answers 401.",
        identity("auth.missing_credentials"),
        "Send the key: Authorization: Bearer KEY.",
        |world| crm_call(world, &["{crm}/v1/customers/cus_1001"]),
    ),
    of(
        "crm-expired-key",
        "A job works until the end of January. Since then the CRM answers 401.",
        identity("auth.expired_token"),
        "Make a new key and give it to the job.",
        |world| {
            let key = "Authorization: Bearer crm_live_acme_agent_0001aa";
            crm_call(world, &["-H", key, "{crm}/v1/customers/cus_1001"])
        },
    ),
    of(
        "crm-reader-writes",
        "A dashboard got a button that opens tickets. The CRM answers 403.",
        identity("auth.insufficient_permission"),
        "Give the dashboard a key with the role agent; its key may only read.",
        |world| {
            let key = "Authorization: Bearer crm_live_acme_reader_81d0e4";
            let body = r#"{"customerId":"cus_1001","subject":"From the board","caseType":"technical"}"#;
            crm_call(world, &["-H", key, "-H", JSON, "-d", body, "{crm}/v1/tickets"])
        },
    ),
    of(
        "crm-other-tenant",
        "An agent of one company is lent to another and reads a customer there. The CRM answers 403.",
        identity("auth.insufficient_permission"),
        "Use a key of that tenant.",
        |world| crm_call(world, &["-H", AGENT, "-H", "X-Tenant-Id: globex", "{crm}/v1/customers/cus_2001"]),
    ),
    of(
        "crm-healthy-read",
        "A developer is not sure whether the answer is right.",
        HEALTHY,
        "Nothing is wrong.",
        |world| crm_call(world, &["-H", AGENT, "{crm}/v1/customers/cus_1001"]),
    ),
    of(
        "crm-healthy-empty-list",
        "A customer without tickets: the list comes back empty, and a colleague calls that a fault.",
        HEALTHY,
        "Nothing is wrong: this customer has no ticket.",
        |world| crm_call(world, &["-H", AGENT, "{crm}/v1/tickets?customerId=cus_1004"]),
    ),
];

/// The key was used this morning, for another ticket.
fn reused_key(world: World) -> Starting {
    const KEY: &str = "Idempotency-Key: worker-7-000001";
    Box::pin(async move {
        let crm = crm::start_with(&world, crm::Options::default()).await?;
        let (name, value) = KEY.split_once(": ").unwrap_or_default();
        let (field, key) = AGENT.split_once(": ").unwrap_or_default();
        let first = Outgoing {
            method: "POST".to_owned(),
            url: crm.url("/v1/tickets"),
            headers: [(field, key), (name, value), ("Content-Type", "application/json")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            body: br#"{"customerId":"cus_1002","subject":"VAT number","caseType":"billing"}"#.to_vec(),
            patience: Duration::from_secs(5),
        };
        first.send().await;
        let body = r#"{"customerId":"cus_1004","subject":"New phone number","caseType":"account"}"#;
        let call = &["-H", AGENT, "-H", JSON, "-H", KEY, "-d", body, "{crm}/v1/tickets"];
        Ok(with_places(call, &[("{crm}", &crm.url(""))]))
    })
}
