//! HAR 1.2, an archive of HTTP exchanges that browsers' tools and proxies open: a page for each
//! case, an entry for each exchange.

use std::io;

use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::model::{Case, Report};
use crate::exchange::{Answer, Exchange, SentRequest};

/// The report as HAR.
pub fn text(report: &Report) -> io::Result<String> {
    let held = || {
        report
            .cases
            .iter()
            .filter(|case| !case.exchanges.is_empty())
    };
    let entries: Vec<Value> = held()
        .flat_map(|case| case.exchanges.iter().map(move |sent| entry(case, sent)))
        .collect();
    let archive = json!({
        "log": {
            "version": "1.2",
            "creator": {"name": "scim-harness", "version": report.harness.version},
            "pages": held().map(page).collect::<Vec<_>>(),
            "entries": entries,
            "comment": format!(
                "{}. Cases: {}. Rules: {}.",
                super::phrase::overall(report.verdict),
                super::phrase::counts(&report.summary),
                super::phrase::rules(report)
            ),
            "_verdict": report.verdict,
            "_summary": report.summary,
        }
    });
    Ok(serde_json::to_string_pretty(&archive)? + "\n")
}

fn page(case: &Case) -> Value {
    let started = case.exchanges.first().map(|first| &first.request.sent);
    json!({
        "startedDateTime": started,
        "id": case.name,
        "title": format!("{}: {}", case.name, case.title),
        "pageTimings": {},
        "_verdict": case.verdict,
        "_broken": case.findings.iter().map(|finding| &finding.rule).collect::<Vec<_>>(),
    })
}

fn entry(case: &Case, exchange: &Exchange) -> Value {
    let mut entry = json!({
        "pageref": case.name,
        "startedDateTime": exchange.request.sent,
        "time": exchange.milliseconds,
        "request": request(&exchange.request),
        "response": exchange.response.as_ref().map_or_else(no_response, response),
        "cache": {},
        "timings": {"send": 0, "wait": exchange.milliseconds, "receive": 0},
        "comment": exchange.step,
    });
    if let Some(failure) = &exchange.failure {
        entry["response"]["_error"] = json!(failure.message);
    }
    entry
}

fn request(request: &SentRequest) -> Value {
    let query = Url::parse(&request.url).ok();
    let query = query.as_ref().and_then(Url::query).unwrap_or_default();
    let parameters = form_urlencoded::parse(query.as_bytes());
    let mut told = json!({
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&request.headers),
        "queryString": parameters.map(|(name, value)| json!({"name": name, "value": value})).collect::<Vec<_>>(),
        "headersSize": -1,
        "bodySize": request.body.as_ref().map_or(0, String::len),
    });
    if let Some(body) = &request.body {
        let kind = match request.raw {
            true => "message/http",
            false => header(&request.headers, "content-type").unwrap_or_default(),
        };
        told["postData"] = json!({"mimeType": kind, "text": body});
    }
    told
}

fn response(answer: &Answer) -> Value {
    json!({
        "status": answer.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&answer.headers),
        "content": {
            "size": answer.body.len(),
            "mimeType": header(&answer.headers, "content-type").unwrap_or("x-unknown"),
            "text": answer.body,
        },
        "redirectURL": header(&answer.headers, "location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": -1,
    })
}

/// An answer that never came, as browsers write it.
fn no_response() -> Value {
    json!({
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    })
}

fn headers(headers: &[(String, String)]) -> Vec<Value> {
    let headers = headers.iter();
    headers
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect()
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers
        .iter()
        .find(|(found, _)| found.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}
