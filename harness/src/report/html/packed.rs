//! The findings and exchanges of all cases in little space: each text once, long ones cut, all of it compressed.
//! The page unpacks them when one is to be shown.

use std::{collections::HashMap, io, io::Write};

use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;

use crate::{
    diagnostic::printable,
    exchange::Exchange,
    report::{
        curl,
        model::{Case, Report},
    },
    rule::Severity,
    verdict::Verdict,
};

/// How long one text may be, in characters.
const LONGEST_TEXT: usize = 16_000;
/// How much text all exchanges may have before compression, in bytes; the cases with findings go
/// first.
const MOST_TEXT: usize = 24_000_000;
/// How much there may be after it.
const MOST_PACKED: usize = 2_400_000;

/// The exchanges, ready to stand in the page.
pub(super) struct Packed {
    /// Base64 of the compressed JSON.
    pub text: String,
    held: Vec<bool>,
}

impl Packed {
    /// Whether it holds the exchanges of the case with this index.
    pub(super) fn holds(&self, case: usize) -> bool {
        self.held.get(case).copied().unwrap_or_default()
    }
}

/// The exchanges of a report, as many as there is room for.
pub(super) fn of(report: &Report) -> io::Result<Packed> {
    let mut room = MOST_TEXT;
    loop {
        let packed = pack(report, room)?;
        if packed.text.len() <= MOST_PACKED || room == 0 {
            return Ok(packed);
        }
        room /= 2;
    }
}

fn pack(report: &Report, room: usize) -> io::Result<Packed> {
    let mut order: Vec<usize> = (0..report.cases.len()).collect();
    order.sort_by_key(|index| importance(report.cases.get(*index)));
    let mut texts = Texts::default();
    let mut cases: Vec<Held> = report
        .cases
        .iter()
        .map(|case| texts.findings(case))
        .collect();
    texts.bytes = 0;
    let mut held = vec![false; report.cases.len()];
    for index in order {
        if let Some(case) = report.cases.get(index)
            && texts.bytes + size(case) <= room
        {
            let exchanges = case.exchanges.iter();
            cases[index].exchanges = exchanges.map(|sent| texts.exchange(sent)).collect();
            held[index] = true;
        }
    }
    let whole = Whole {
        texts: texts.known,
        cases,
    };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&serde_json::to_vec(&whole)?)?;
    Ok(Packed {
        text: BASE64_STANDARD.encode(encoder.finish()?),
        held,
    })
}

/// What is wanted most comes first.
fn importance(case: Option<&Case>) -> u8 {
    match case.map(|case| case.verdict) {
        Some(Verdict::Failed) => 0,
        Some(Verdict::Inconclusive | Verdict::Warned | Verdict::Known) => 1,
        _ => 2,
    }
}

/// The most that a case can add; only a case without exchanges adds nothing.
fn size(case: &Case) -> usize {
    let text = |text: &str| text.len().min(4 * LONGEST_TEXT);
    let headers = |headers: &[(String, String)]| {
        let texts = headers.iter().flat_map(|(name, value)| [name, value]);
        texts.map(|part| text(part)).sum::<usize>()
    };
    let of = |exchange: &Exchange| {
        let (request, answer) = (&exchange.request, exchange.response.as_ref());
        let sent = text(&request.url)
            + headers(&request.headers)
            + request.body.as_deref().map_or(0, text);
        let answered = answer.map_or(0, |answer| headers(&answer.headers) + text(&answer.body));
        2 * sent + answered + 1
    };
    case.exchanges.iter().map(of).sum()
}

#[derive(Serialize)]
struct Whole {
    texts: Vec<String>,
    cases: Vec<Held>,
}

/// A case; numbers are places in the list of texts.
#[derive(Serialize)]
struct Held {
    findings: Vec<Found>,
    exchanges: Vec<Sent>,
}

#[derive(Serialize)]
struct Found {
    severity: Severity,
    rule: usize,
    message: usize,
    step: usize,
}

#[derive(Serialize)]
struct Sent {
    step: usize,
    method: usize,
    url: usize,
    asked: Vec<(usize, usize)>,
    body: Option<usize>,
    status: Option<u16>,
    answered: Vec<(usize, usize)>,
    answer: Option<usize>,
    failure: Option<usize>,
    curl: Option<usize>,
    ms: u64,
}

/// Every text once.
#[derive(Default)]
struct Texts {
    known: Vec<String>,
    places: HashMap<String, usize>,
    bytes: usize,
}

impl Texts {
    fn place(&mut self, text: &str) -> usize {
        let text = cut(text, LONGEST_TEXT);
        if let Some(place) = self.places.get(&text) {
            return *place;
        }
        let place = self.known.len();
        self.bytes += text.len();
        self.known.push(text.clone());
        self.places.insert(text, place);
        place
    }

    fn headers(&mut self, headers: &[(String, String)]) -> Vec<(usize, usize)> {
        headers
            .iter()
            .map(|(name, value)| (self.place(name), self.place(value)))
            .collect()
    }

    fn findings(&mut self, case: &Case) -> Held {
        let findings = case.findings.iter().map(|finding| Found {
            severity: finding.severity,
            rule: self.place(&finding.rule),
            message: self.place(&finding.message),
            step: self.place(&finding.step),
        });
        Held {
            findings: findings.collect(),
            exchanges: Vec::new(),
        }
    }

    fn exchange(&mut self, exchange: &Exchange) -> Sent {
        let (request, answer) = (&exchange.request, exchange.response.as_ref());
        let line = curl::line(request);
        Sent {
            step: self.place(&exchange.step),
            method: self.place(&request.method),
            url: self.place(&request.url),
            asked: self.headers(&request.headers),
            body: request.body.as_ref().map(|body| self.place(body)),
            status: answer.map(|answer| answer.status),
            answered: answer.map_or(Vec::new(), |answer| self.headers(&answer.headers)),
            answer: answer.map(|answer| self.place(&answer.body)),
            failure: exchange
                .failure
                .as_ref()
                .map(|failure| self.place(&failure.message)),
            curl: (line.len() <= LONGEST_TEXT).then(|| self.place(&line)),
            ms: exchange.milliseconds,
        }
    }
}

/// A text that a person can look through, without characters that change what stands around them.
pub(super) fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => {
            let more = text[end..].chars().count();
            let shown = printable(&text[..end]);
            format!("{shown}\n… {more} more characters, cut here: the JSON report has them")
        }
        None => printable(text),
    }
}
