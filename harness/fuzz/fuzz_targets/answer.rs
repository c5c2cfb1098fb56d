//! Whatever a server answers is judged by rules of the always-on checks, or by none. The first line
//! is method, path and status, the rest the body.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use scim_harness::{
    check::{always, mark::Tags, schema::Schemas},
    client::read_json,
    exchange::{Answer, Exchange, SentRequest},
    scenario::Version,
};

static SCHEMAS: LazyLock<[Arc<Schemas>; 2]> =
    LazyLock::new(|| [Version::V2, Version::V1].map(Schemas::standard));

fuzz_target!(|text: &str| {
    let (line, body) = text.split_once('\n').unwrap_or((text, ""));
    let mut words = line.split(' ');
    let mut word = || words.next().unwrap_or_default().to_owned();
    let request = SentRequest {
        method: word(),
        path: word(),
        ..SentRequest::default()
    };
    let answer = Answer {
        status: word().parse().unwrap_or(200),
        headers: vec![(
            "content-type".to_owned(),
            "application/scim+json".to_owned(),
        )],
        body: body.to_owned(),
        json: read_json(body),
        ..Answer::default()
    };
    let exchange = Exchange {
        step: "s".to_owned(),
        request,
        response: Some(answer),
        failure: None,
        milliseconds: 1,
        refused: Vec::new(),
    };
    for schemas in &*SCHEMAS {
        for judgement in always::judge(schemas, &exchange, Tags::default()) {
            let rule = judgement.rule.as_ref();
            assert!(always::RULES.contains(&rule), "{rule}");
        }
    }
});
