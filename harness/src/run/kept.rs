//! How much of the bodies and long headers of a run is kept for its reports: a target that answers at
//! length would else fill the memory.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{
    client::shortened,
    exchange::{Exchange, starred},
    target::Mask,
    verdict::{CaseResult, Record},
};

/// Bytes of bodies that are kept whole.
const BUDGET: usize = 20 * 1024 * 1024;
/// Once they are used up: how much is kept of a body that shows a finding, and of any other.
const OF_FINDINGS: usize = 16 * 1024;
const OF_OTHERS: usize = 2 * 1024;

/// Bytes of bodies that a case keeps whole while it goes on.
const OF_A_CASE: usize = 4 * 1024 * 1024;

/// A longer header is counted and cut as bodies are.
const LONG_HEADER: usize = 512;

/// Drops what only checks look at of an exchange that was judged, and of a case that has kept much
/// the end of a long body.
pub(super) fn after_judgement(record: &mut Record, index: usize, mask: &Mask) {
    let kept: usize = record.exchanges.iter().map(bytes).sum();
    let shown = record.broken.iter().any(|broken| broken.exchange == index);
    let most = match (kept > OF_A_CASE, shown) {
        (false, _) => usize::MAX,
        (true, true) => OF_FINDINGS,
        (true, false) => OF_OTHERS,
    };
    let secrets = record.exchanges.iter().flat_map(Exchange::secrets);
    let secrets: Vec<String> = secrets.map(str::to_owned).collect();
    // A secret that is cut would be found no more: it is hidden first.
    let cut = |text: &mut String, most: usize| {
        if text.len() > most {
            let masked = mask.apply(text);
            let plain = starred(&masked, secrets.iter().map(String::as_str)).unwrap_or(masked);
            *text = shortened(&plain, most);
        }
    };
    let broken = record.broken.iter_mut();
    let broken = broken.filter(|broken| broken.exchange == index);
    for breach in broken.filter_map(|broken| broken.breach.as_mut()) {
        cut(&mut breach.message, OF_FINDINGS);
        cut(&mut breach.expected, OF_FINDINGS);
        cut(&mut breach.actual, OF_FINDINGS);
    }
    if let Some(exchange) = record.exchanges.get_mut(index) {
        exchange.forget();
        texts(exchange).for_each(|text| cut(text, most));
    }
}

/// The bodies of an exchange, and the long headers of its answer.
fn texts(exchange: &mut Exchange) -> impl Iterator<Item = &mut String> {
    let answered = exchange.response.iter_mut().flat_map(|answer| {
        let values = answer.headers.iter_mut().map(|(_, value)| value);
        let long = values.filter(|value| value.len() > LONG_HEADER);
        std::iter::once(&mut answer.body).chain(long)
    });
    exchange.request.body.as_mut().into_iter().chain(answered)
}

/// How long they are together.
fn bytes(exchange: &Exchange) -> usize {
    let asked = exchange.request.body.as_ref().map_or(0, String::len);
    let answered = exchange.response.as_ref().map_or(0, |answer| {
        let values = answer.headers.iter().map(|(_, value)| value.len());
        let long: usize = values.filter(|length| *length > LONG_HEADER).sum();
        answer.body.len() + long
    });
    asked + answered
}

/// Counts what is kept.
#[derive(Default)]
pub(super) struct Kept(AtomicUsize);

impl Kept {
    /// Counts the bodies of a case that is over, and cuts those that no longer fit; each says so at
    /// its end.
    pub(super) fn fit(&self, result: &mut CaseResult) {
        let shown: Vec<usize> = result
            .findings
            .iter()
            .map(|finding| finding.exchange)
            .collect();
        for (index, exchange) in result.exchanges.iter_mut().enumerate() {
            let most = match shown.contains(&index) {
                true => OF_FINDINGS,
                false => OF_OTHERS,
            };
            texts(exchange).for_each(|text| self.fit_text(text, most));
        }
    }

    fn fit_text(&self, text: &mut String, most: usize) {
        let before = self.0.fetch_add(text.len(), Ordering::Relaxed);
        if before + text.len() > BUDGET && text.len() > most {
            self.0.fetch_sub(text.len(), Ordering::Relaxed);
            *text = shortened(text, most);
            self.0.fetch_add(text.len(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Answer, SentRequest};

    fn exchange(body: String, secrets: &[&str]) -> Exchange {
        Exchange {
            step: "s".to_owned(),
            request: SentRequest::default(),
            response: Some(Answer {
                body,
                secrets: secrets.iter().map(|secret| (*secret).to_owned()).collect(),
                ..Answer::default()
            }),
            failure: None,
            milliseconds: 0,
            refused: Vec::new(),
        }
    }

    #[test]
    fn a_case_that_has_kept_much_keeps_the_beginning_of_what_shows_nothing() {
        let mut record = Record::default();
        for index in 0..20 {
            let body = "x".repeat(OF_A_CASE / 10);
            record.exchanges.push(exchange(body, &[]));
            after_judgement(&mut record, index, &Mask::default());
        }
        let kept: usize = record.exchanges.iter().map(bytes).sum();
        assert!(kept < OF_A_CASE + 20 * (OF_OTHERS + 40), "{kept}");
    }

    #[test]
    fn long_headers_count_like_bodies() {
        let mut record = Record::default();
        let short = ("etag".to_owned(), "1".to_owned());
        for index in 0..20 {
            let mut long = exchange(String::new(), &[]);
            let headers = &mut long.response.as_mut().unwrap().headers;
            headers.extend([("x".to_owned(), "y".repeat(OF_A_CASE / 10)), short.clone()]);
            record.exchanges.push(long);
            after_judgement(&mut record, index, &Mask::default());
        }
        let kept: usize = record.exchanges.iter().map(bytes).sum();
        assert!(kept < OF_A_CASE + 20 * (OF_OTHERS + 40), "{kept}");
        let last = record.exchanges[19].response.as_ref().unwrap();
        assert_eq!(last.headers[1], short);
    }

    #[test]
    fn no_part_of_a_secret_is_left_where_a_body_is_cut() {
        let mut record = Record::default();
        let given = exchange("x".repeat(OF_A_CASE), &["hush-hush-9"]);
        let echoed = "x".repeat(OF_OTHERS - 4) + "hush-hush-9";
        record.exchanges = vec![given, exchange(echoed, &[])];
        after_judgement(&mut record, 1, &Mask::default());
        let body = &record.exchanges[1].response.as_ref().unwrap().body;
        assert!(
            body.len() < OF_OTHERS + 40 && !body.contains("hush"),
            "{body}"
        );
    }

    #[test]
    fn beyond_the_budget_a_body_is_cut_and_says_so() {
        let kept = Kept::default();
        let long = || "x".repeat(BUDGET / 2);
        let (mut first, mut second, mut third) = (long(), long(), long());
        for body in [&mut first, &mut second, &mut third] {
            kept.fit_text(body, OF_OTHERS);
        }
        assert_eq!((first.len(), second.len()), (BUDGET / 2, BUDGET / 2));
        assert!(third.len() < OF_OTHERS + 40);
        assert!(third.ends_with("… (10485760 bytes in all)"), "{third}");
        let mut short = "short".to_owned();
        kept.fit_text(&mut short, OF_OTHERS);
        assert_eq!(short, "short");
    }
}
