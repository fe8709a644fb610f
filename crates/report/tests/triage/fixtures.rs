//! Triages made by hand: everything set, nothing found, two stories at once, and hostile evidence.

use firstfault_model::incident::{
    Affected, Background, Clock, Course, Figure, Hop, Incident, Isolation, Origination, Point, Question, ReadInput,
    Representative, Retries, ScoredChange, Series, ServiceFigures, ShortTimeout, Signature, Triage,
};
use firstfault_model::{
    Bucket, Check, Diagnosis, Evidence, Explain, Hypothesis, Layer, LayerState, LayerVerdict, Owner, Retry, Span,
    Strength,
};

/// 2026-11-20T10:00:00Z.
pub const TEN: i64 = 1_795_168_800_000;
const MINUTE: i64 = 60_000;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Minutes of a rhythm with failures from one minute on; the same numbers each time.
fn series(onset: u32, failing: u64, ends: Option<u32>) -> Series {
    let point = |minute: u32| {
        let wave = u64::from((minute * 7 + minute * minute * 3) % 23);
        let calls = 380 + wave * 4;
        let inside = minute >= onset && ends.is_none_or(|end| minute < end);
        let slow = f64::from(minute.saturating_sub(onset.saturating_sub(4)).min(6));
        Point {
            calls,
            failed: if inside { failing + wave * 3 } else { wave / 6 },
            latency: Some((48.0 + slow * 9.0, 120.0 + slow * slow * 22.0)),
            expected: Some((0.0, 6.0)),
        }
    };
    Series { start: TEN, step: MINUTE, points: (0..60).map(point).collect() }
}

fn verdict() -> Diagnosis {
    let layer = |layer, state, because: &str| LayerVerdict { layer, state, because: because.to_owned() };
    let evidence = |fact: &str, because: &str, strength| Evidence {
        fact: fact.to_owned(),
        because: because.to_owned(),
        span: Span::new(1, 0, 10),
        rule: "jwt.signature".to_owned(),
        strength,
    };
    Diagnosis {
        failed: true,
        soft_failure: false,
        bucket: Bucket::Auth,
        layer: Some(Layer::Auth),
        cause: "auth.bad_signature".to_owned(),
        probability: 0.91,
        attributed: true,
        retry: Retry::Never,
        retry_after: None,
        safe_to_repeat: Some(false),
        owner: Owner::Provider,
        summary: "POST /v1/tickets is returning 401 because the token's signature does not verify.".to_owned(),
        headline: "POST /v1/tickets → 401 Unauthorized".to_owned(),
        layers: vec![
            layer(Layer::Client, LayerState::Passed, "a request was made"),
            layer(Layer::Network, LayerState::Passed, "an answer came back"),
            layer(Layer::Gateway, LayerState::Passed, "the gateway logged the call and passed it on"),
            layer(Layer::Auth, LayerState::Failed, "the signature of the token does not verify"),
            layer(Layer::Backend, LayerState::Unknown, "it was not reached"),
            layer(Layer::Dependency, LayerState::Unknown, "it was not reached"),
        ],
        hypotheses: vec![
            Hypothesis {
                cause: "auth.bad_signature".to_owned(),
                title: "Signature does not verify".to_owned(),
                probability: 0.91,
                supports: vec![evidence("invalid signature for kid 7", "The words name it.", Strength::Decisive)],
                opposes: Vec::new(),
            },
            Hypothesis {
                cause: "auth.expired_token".to_owned(),
                title: "Token has expired".to_owned(),
                probability: 0.05,
                supports: Vec::new(),
                opposes: vec![evidence("invalid signature for kid 7", "Expiry is not named.", Strength::Moderate)],
            },
        ],
        checks: vec![Check {
            id: "decode-token".to_owned(),
            question: "Which key id does the token name, and does the issuer publish it?".to_owned(),
            seconds: 10,
            risk: "none".to_owned(),
            command: Some("firstfault diagnose line.txt".to_owned()),
            decides: vec!["auth.bad_signature".to_owned(), "auth.expired_token".to_owned()],
        }],
        fix: None,
        explain: Explain {
            client: "Nothing is wrong with the request.".to_owned(),
            provider: "Publish the key that signs.".to_owned(),
            plain: "A new signing key is not known everywhere.".to_owned(),
            question: "Does every gateway know the new key?".to_owned(),
        },
        signature: "0123456789abcdef".to_owned(),
        ids: pairs(&[("x-request-id", "7b0c7c2e-11d0-4a4e-9c3f-0d1c5a2b7e90")]),
        missing: None,
    }
}

fn signature(id: &str, status: u16, code: &str, message: &str, count: u64, before: u64) -> Signature {
    Signature {
        id: id.to_owned(),
        method: Some("POST".to_owned()),
        route: Some("/v1/tickets".to_owned()),
        status: Some(status),
        error_code: Some(code.to_owned()),
        message: message.to_owned(),
        service: Some("crm".to_owned()),
        bucket: Some(Bucket::Auth),
        layer: Some(Layer::Auth),
        cause: "auth.bad_signature".to_owned(),
        probability: 0.91,
        count,
        before,
        seen: Some((TEN + 21 * MINUTE + 7_000, TEN + 59 * MINUTE + 2_000)),
        sample: Some(("gateway.log".to_owned(), 8_412)),
    }
}

fn hop(service: &str, layer: Layer, at: i64, duration: f64, status: u16, depth: u32) -> Hop {
    Hop {
        service: service.to_owned(),
        layer: Some(layer),
        at: Some(TEN + 22 * MINUTE + at + if depth == 2 { -1_250 } else { 0 }),
        skew: if depth == 2 { -1_250 } else { 0 },
        duration: Some(duration),
        what: "POST /v1/tickets".to_owned(),
        status: Some(status),
        failed: status >= 400,
        origin: depth == 1,
        message: if depth == 1 { "invalid signature for kid 7".to_owned() } else { String::new() },
        verdict: (status >= 400).then(|| (Bucket::Auth, Layer::Auth, "auth.bad_signature".to_owned())),
        depth,
        source: (format!("{service}.log"), 8_412 + u64::from(depth)),
    }
}

fn questions() -> Vec<Question> {
    (1..=15)
        .map(|n| Question {
            id: format!("question-{n}"),
            question: format!("What does question {n} of the triage ask?"),
            answer: (n % 5 != 0).then(|| format!("Answer {n}, with its evidence: 3,865 of 3,984 calls.")),
            command: (n % 5 == 0).then(|| format!("firstfault triage gateway.log --map field{n}=tenant")),
        })
        .collect()
}

fn figures(service: &str, calls: u64, failed: u64) -> ServiceFigures {
    let figure = |id: &str, value: Option<f64>, unit: &str, target: f64, met| Figure {
        id: id.to_owned(),
        value,
        unit: unit.to_owned(),
        target,
        met,
    };
    ServiceFigures {
        service: service.to_owned(),
        calls,
        failed,
        latency: Some((52.0, 310.0)),
        figures: vec![
            figure("response_time", Some(310.0), "ms", 200.0, Some(false)),
            figure("errors", Some(0.043), "share", 0.01, Some(false)),
            figure("time_outs", Some(0.0004), "share", 0.005, Some(true)),
            figure("auth_failures", Some(3_865.0), "count", 0.0, Some(false)),
            figure("validation_errors", Some(0.0), "count", 0.0, Some(true)),
            figure("retry_success", None, "share", 0.9, None),
            figure("logging_coverage", Some(0.998), "share", 1.0, Some(false)),
        ],
    }
}

fn change(id: &str, at: i64, what: &str, probability: f64, because: &str) -> ScoredChange {
    ScoredChange { id: id.to_owned(), at, what: what.to_owned(), probability, because: because.to_owned() }
}

fn story() -> Incident {
    let config = change(
        "config-1a2b3",
        TEN + 20 * MINUTE + 58_000,
        "rotate the signing key of tenant acme",
        0.93,
        "9 s before the onset, and it touches tenant acme, which has 92% of the failures",
    );
    Incident {
        onset: TEN + 21 * MINUTE + 7_000,
        interval: (TEN + 20 * MINUTE + 55_000, TEN + 21 * MINUTE + 12_000),
        end: None,
        course: Course::Step,
        latency_led_seconds: Some(240.0),
        latency_led_where: Some("upstream keys".to_owned()),
        isolation: vec![
            Isolation {
                attributes: pairs(&[("tenant", "acme")]),
                failures: 3_865,
                calls: 3_984,
                rate_inside: 0.97,
                rate_outside: 0.01,
                rate_before: 0.004,
                share: 0.92,
                bits: 8_412.5,
            },
            Isolation {
                attributes: pairs(&[("api_key", "key_acme_1"), ("region", "eu-west-1")]),
                failures: 240,
                calls: 900,
                rate_inside: 0.27,
                rate_outside: 0.03,
                rate_before: 0.002,
                share: 0.06,
                bits: 310.0,
            },
        ],
        combinations_tried: 18_204,
        change: Some(config.clone()),
        changes: vec![
            config,
            change("deploy-77f", TEN + 5 * MINUTE, "crm 4.2.0", 0.02, "16 min before the onset, other tenants do not fail"),
        ],
        bucket: Some(Bucket::Auth),
        layer: Some(Layer::Auth),
        cause: "auth.bad_signature".to_owned(),
        probability: 0.91,
        owner: Some(Owner::Provider),
        retry: Some(Retry::Never),
        failures: 4_201,
        calls: 24_812,
        retries: Retries {
            amplification: Some(3.4),
            storm: true,
            repeats: 9_120,
            success: Some(0.02),
            without_backoff: vec![("client".to_owned(), "crm-sync".to_owned(), 8_001)],
            against_retry_after: vec![("api_key".to_owned(), "key_acme_1".to_owned(), 12)],
            how: "by the attempt field of 9,120 lines".to_owned(),
        },
        upstream: Some("keys".to_owned()),
        affected: Affected {
            users: Some(311),
            tenants: Some(1),
            routes: Some(12),
            hosts: None,
            regions: Some(2),
            client_versions: None,
        },
        signatures: vec![
            signature("9f0c11d2a4b35e67", 401, "bad_signature", "invalid signature for kid <*>", 3_865, 12),
            signature("0011aabbccddeeff", 502, "upstream_error", "upstream answered <*> after <*> ms", 336, 0),
        ],
        origins: vec![Origination {
            layer: Some(Layer::Auth),
            service: "auth".to_owned(),
            count: 3_802,
            passed_on: vec![("gateway".to_owned(), 3_802), ("webhook".to_owned(), 311)],
        }],
        short_timeouts: vec![ShortTimeout {
            gateway: "gateway".to_owned(),
            gave_up: 3_000.0,
            backend: "crm".to_owned(),
            answered: 4_812.0,
            count: 97,
        }],
        representative: Some(Representative {
            input: "gateway.log".to_owned(),
            line: 8_413,
            text: r#"{"ts":"2026-11-20T10:22:00Z","status":401,"path":"/v1/tickets","error":"invalid signature for kid 7"}"#
                .to_owned(),
            way: vec![
                hop("gateway", Layer::Gateway, 0, 61.0, 401, 0),
                hop("auth", Layer::Auth, 4, 38.0, 401, 1),
                hop("keys", Layer::Dependency, 9, 24.0, 200, 2),
            ],
            diagnosis: Some(Box::new(verdict())),
        }),
        series: series(21, 101, None),
        summary: "3,865 of 3,984 calls of tenant acme are failing with 401 since 10:21:07 UTC, 9 s after config-1a2b3 \
                  rotated its signing key: the token's signature does not verify."
            .to_owned(),
        checklist: questions(),
        checks: vec![
            Check {
                id: "confirm-auth".to_owned(),
                question: "Which key signed the token of line 8,413, and does the issuer publish it?".to_owned(),
                seconds: 10,
                risk: "none".to_owned(),
                command: Some("firstfault trace 7b0c7c2e-11d0-4a4e-9c3f-0d1c5a2b7e90 gateway.log auth.log".to_owned()),
                decides: vec!["auth.bad_signature".to_owned()],
            },
            Check {
                id: "roll-back".to_owned(),
                question: "Do the failures end when the change is taken back?".to_owned(),
                seconds: 300,
                risk: "write".to_owned(),
                command: None,
                decides: Vec::new(),
            },
        ],
        clock: Clock {
            to_detect: Some(53.0),
            to_clear: None,
            how: "nobody told when it was noticed: after this time the failures were no chance any more".to_owned(),
        },
    }
}

/// Everything is set.
pub fn rich() -> Triage {
    Triage {
        calls: 1_000_000,
        failed: 43_210,
        unreadable_lines: 12,
        span: Some((TEN, TEN + 60 * MINUTE - 1)),
        inputs: vec![
            ReadInput {
                name: "gateway.log".to_owned(),
                form: "ndjson".to_owned(),
                lines: 640_000,
                unreadable: 12,
                problems: vec!["the last line is cut".to_owned()],
            },
            ReadInput {
                name: "auth.log.gz".to_owned(),
                form: "logfmt".to_owned(),
                lines: 360_012,
                unreadable: 0,
                problems: Vec::new(),
            },
        ],
        incidents: vec![story()],
        services: vec![figures("crm", 640_000, 27_520), figures("gateway", 360_000, 15_690)],
        background: vec![Background {
            attributes: pairs(&[("tenant", "legacy"), ("route", "/v0/export/{id}")]),
            signature: signature("77aa77aa77aa77aa", 404, "not_found", "no such export <*>", 39_009, 38_500),
            rate: 0.98,
        }],
        series: series(21, 101, None),
        problems: vec!["calls of 3 inputs have no time and were left out of every time line".to_owned()],
    }
}

/// Nothing happened.
pub fn quiet() -> Triage {
    Triage {
        calls: 22_713,
        failed: 91,
        incidents: Vec::new(),
        inputs: rich().inputs[1..].to_vec(),
        unreadable_lines: 0,
        series: series(100, 0, None),
        problems: Vec::new(),
        services: vec![figures("crm", 22_713, 91)],
        ..rich()
    }
}

/// Nothing could be read.
pub fn empty() -> Triage {
    Triage {
        unreadable_lines: 40,
        inputs: vec![ReadInput {
            name: "photo.jpg".to_owned(),
            form: String::new(),
            lines: 40,
            unreadable: 40,
            problems: vec!["no line tells of a call".to_owned()],
        }],
        ..Triage::default()
    }
}

/// Two stories, the second over, everywhere, with little known.
pub fn two() -> Triage {
    let spike = Incident {
        onset: TEN + 40 * MINUTE,
        interval: (TEN + 39 * MINUTE, TEN + 41 * MINUTE),
        end: Some(TEN + 47 * MINUTE + 30_000),
        course: Course::Spike,
        bucket: Some(Bucket::Upstream),
        layer: Some(Layer::Dependency),
        cause: "unknown".to_owned(),
        probability: 0.4,
        failures: 702,
        calls: 2_950,
        changes: vec![change("deploy-9", TEN, "crm 4.2.0", 0.1, "40 min before the onset")],
        series: series(40, 90, Some(47)),
        signatures: vec![signature("1234123412341234", 504, "", "", 702, 0)],
        ..Incident::default()
    };
    Triage { incidents: vec![story(), spike], ..rich() }
}

/// A secret that no format may show.
pub const SECRET: &str = "ghp_FAKEfake0123456789FAKEfake0123456789";

/// Escapes, markup, secrets and a megabyte in every place that evidence fills.
pub fn hostile() -> Triage {
    let text =
        format!("\u{1b}[2J</pre><script>alert(1)</script> ![x](http://evil) |`@all` \u{202e} token={SECRET}\r\n");
    let name = || text.clone();
    let mut triage = two();
    for incident in &mut triage.incidents {
        incident.summary = name();
        incident.cause = name();
        incident.upstream = Some(name());
        incident.latency_led_where = Some(name());
        incident.latency_led_seconds = Some(f64::NAN);
        incident.probability = f64::INFINITY;
        for isolation in &mut incident.isolation {
            isolation.attributes = vec![(name(), name()), ("api_key".to_owned(), SECRET.to_owned())];
            isolation.rate_before = f64::NAN;
        }
        for change in incident.changes.iter_mut().chain(&mut incident.change) {
            (change.id, change.what, change.because) = (name(), name(), name());
            change.at = i64::MAX;
        }
        incident.retries.how = name();
        incident.retries.without_backoff = vec![(name(), name(), u64::MAX)];
        incident.retries.against_retry_after = vec![("password".to_owned(), "hunter2hunter2".to_owned(), 1)];
        for signature in &mut incident.signatures {
            signature.message = text.repeat(10_000);
            signature.route = Some(name());
            signature.method = Some(name());
            signature.service = Some(name());
            signature.error_code = Some(name());
            signature.cause = name();
            signature.sample = Some((name(), u64::MAX));
        }
        for origin in &mut incident.origins {
            origin.service = name();
            origin.passed_on = vec![(name(), 3)];
        }
        for timeout in &mut incident.short_timeouts {
            (timeout.gateway, timeout.backend, timeout.gave_up) = (name(), name(), -1.0);
        }
        if let Some(representative) = &mut incident.representative {
            representative.input = name();
            representative.text = text.repeat(10_000);
            for hop in &mut representative.way {
                (hop.service, hop.what, hop.message) = (name(), name(), name());
                hop.source.0 = name();
                hop.at = Some(i64::MIN);
                hop.duration = Some(f64::MAX);
            }
            if let Some(diagnosis) = &mut representative.diagnosis {
                diagnosis.summary = name();
                diagnosis.layers.iter_mut().for_each(|layer| layer.because = name());
            }
        }
        for question in &mut incident.checklist {
            (question.question, question.answer, question.command) = (name(), Some(name()), Some(name()));
        }
        for check in &mut incident.checks {
            (check.question, check.command) = (name(), Some(name()));
        }
        incident.clock.how = name();
        incident.series.start = i64::MAX;
        incident.onset = i64::MIN;
        incident.series.points.truncate(3);
    }
    for background in &mut triage.background {
        background.attributes = vec![(name(), name())];
        background.signature.message = name();
    }
    for service in &mut triage.services {
        service.service = name();
    }
    for input in &mut triage.inputs {
        (input.name, input.form, input.problems) = (name(), name(), vec![name()]);
    }
    triage.problems = vec![name()];
    triage
}
