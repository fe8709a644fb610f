//! JSON bodies and what they say.
#![no_main]

use firstfault_model::{Body, Call, Response, Span};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let body = Some(Body::bounded(text, Span::default()));
    let call = Call { response: Some(Response { body, ..Response::default() }), ..Call::default() };
    drop(firstfault_observe::observe(&call, firstfault_observe::Clock::default()));
});
