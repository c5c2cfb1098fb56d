//! A 429 asks to wait: how long, Okta reads from Retry-After in whole seconds. We never provoke one.

use crate::{
    check::{Bench, Breach, Judgement},
    exchange::Exchange,
};

/// The rule that it judges.
pub(super) const RULE: &str = "okta/429-has-integer-retry-after";

/// The judgement on an answer that asks a client of Okta's to wait.
pub fn judge(clients: &[String], exchange: &Exchange) -> Vec<Judgement> {
    let mut bench = Bench::default();
    let answer = exchange.response.as_ref();
    let throttled = answer.filter(|answer| answer.status == 429);
    if let Some(answer) = throttled.filter(|_| clients.iter().any(|client| is_okta(client))) {
        let said = answer.header("retry-after").map(str::trim);
        let whole = said.is_some_and(|text| text.parse::<u64>().is_ok());
        let actual = said.map_or_else(
            || "no Retry-After".to_owned(),
            |text| format!("Retry-After: {text}"),
        );
        let breach = || {
            Breach::new(
                "the 429 does not say in whole seconds how long to wait",
                "a Retry-After of whole seconds; without it Okta waits 5 minutes",
                actual,
            )
        };
        bench.judge(RULE, (!whole).then(breach));
    }
    bench.into_judgements()
}

fn is_okta(client: &str) -> bool {
    client.starts_with("okta-")
}
