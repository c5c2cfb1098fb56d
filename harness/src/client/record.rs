//! Puts a request and what came of it down, without secrets.

use jiff::Timestamp;

use super::{body, outgoing::Outgoing, shown};
use crate::{
    exchange::{Answer, Exchange, Failure, Hidden, SentRequest},
    target::Mask,
};

/// The exchange, with every secret masked, and when it was sent and how many milliseconds it took.
pub(super) fn exchange(
    mask: &Mask,
    outgoing: &Outgoing,
    result: Result<Answer, Failure>,
    (sent, milliseconds): (Timestamp, u64),
) -> Exchange {
    let (response, failure) = match result {
        Ok(answer) => (Some(kept(shown::answer(answer, mask))), None),
        Err(failure) => (
            None,
            Some(Failure {
                message: mask.apply(&failure.message),
                ..failure
            }),
        ),
    };
    Exchange {
        step: outgoing.step.clone(),
        request: request(mask, outgoing, sent),
        response,
        failure,
        milliseconds,
        refused: Vec::new(),
    }
}

fn request(mask: &Mask, outgoing: &Outgoing, sent: Timestamp) -> SentRequest {
    let sent_url = outgoing.url();
    let sent_body = outgoing.raw.as_ref().or(outgoing.body.as_ref());
    let url = mask.apply(&sent_url);
    let (body, secrets) = sent_body.map(|text| shown::sent(text, mask)).unzip();
    let body = body.map(body::kept);
    let changed = url != sent_url || body.as_ref() != sent_body;
    SentRequest {
        sent: format!("{sent:.3}"),
        method: outgoing.method.clone(),
        url,
        headers: outgoing
            .sent_headers()
            .map(|(name, value)| (name, mask.header(&value)))
            .collect(),
        body,
        path: outgoing.path.clone(),
        raw: outgoing.raw.is_some(),
        parameters: url::form_urlencoded::parse(outgoing.query.as_bytes())
            .into_owned()
            .collect(),
        authorised: outgoing.authorised,
        tenant: outgoing.tenant,
        secrets: secrets.unwrap_or_default(),
        hidden: changed.then(|| Hidden((sent_url, sent_body.cloned()))),
    }
}

/// The answer with the beginning of a long body.
fn kept(answer: Answer) -> Answer {
    Answer {
        body: body::kept(answer.body),
        ..answer
    }
}
