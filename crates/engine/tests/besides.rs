//! A request with two faults: both are named, the one that was refused first leads.

use firstfault_engine::{Options, diagnose};
use firstfault_knowledge::Knowledge;
use firstfault_model::Diagnosis;

/// A call with a token whose `exp` is the 14th of November 2023, a day before the answer's `Date`.
fn refused(challenge: &str) -> Diagnosis {
    let text = format!(
        "GET /v1/me HTTP/1.1\n\
         Host: api.example.com\n\
         User-Agent: curl/8.5.0\n\
         Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIiwiZXhwIjoxNzAwMDAwMDAwfQ.ZmFrZXNpZ25hdHVyZQ\n\
         \n\
         HTTP/1.1 401 Unauthorized\n\
         Date: Wed, 15 Nov 2023 22:13:20 GMT\n\
         WWW-Authenticate: {challenge}\n\
         Content-Length: 0\n\n"
    );
    let mut verdict = diagnose(&text, Options::default(), &Knowledge::builtin());
    verdict.calls.swap_remove(verdict.first).diagnosis
}

fn place(diagnosis: &Diagnosis, cause: &str) -> Option<usize> {
    diagnosis.hypotheses.iter().position(|hypothesis| hypothesis.cause == cause)
}

#[test]
fn an_expired_token_with_a_wrong_key_reports_both_in_order() {
    for words in ["The signature is invalid", "Signed JWT rejected: Invalid signature", "signature verification failed"]
    {
        let found = refused(&format!("Bearer error=\"invalid_token\", error_description=\"{words}\""));
        assert_eq!(found.cause, "auth.bad_signature", "{words}");
        assert_eq!(place(&found, "auth.bad_signature"), Some(0), "{words}");
        assert!(place(&found, "auth.expired_token").is_some(), "{words}");
        let (signature, expired) =
            (found.summary.find("signature"), found.summary.find("besides, the bearer token had expired"));
        assert!(signature.is_some() && signature < expired, "{}", found.summary);
    }
}

#[test]
fn what_was_refused_first_leads() {
    let found =
        refused("Bearer error=\"invalid_token\", error_description=\"The token expired at '11/14/2023 22:13:20'\"");
    assert_eq!(found.cause, "auth.expired_token");
    assert!(!found.summary.contains("besides"), "{}", found.summary);
    // A verifier that collects what is wrong tells of the time first and of the key then.
    let both = refused(
        "Bearer error=\"invalid_token\", error_description=\"The token is expired, and its signature is invalid\"",
    );
    assert!(place(&both, "auth.expired_token").is_some() && place(&both, "auth.bad_signature").is_some());
}
