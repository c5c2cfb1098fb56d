//! The case about the connection itself: the TLS of an https target. No scenario can hold it, as
//! it is over before a request is sent.

use super::Engine;
use crate::{
    check::{Bench, Breach},
    client::tls::{Seen, Spoken},
    plan::{Case, TRANSPORT_STEP},
    verdict::{Record, Stop},
};

/// The rule that it judges.
const RULE: &str = "rfc7644-7.2/tls12-is-supported";
/// The leeway of the rule (A59).
const LEEWAY: &str = "A59: the target speaks TLS 1.3, which is newer";

impl Engine {
    /// What the target's TLS is like, looked at once a run.
    pub(super) async fn tls(&self) -> &Seen {
        let look = || self.client.look_at_tls(&self.target);
        self.tls.get_or_init(look).await
    }

    /// What [`Self::tls`] found, if it was looked at.
    pub fn known_tls(&self) -> Option<&Seen> {
        self.tls.get()
    }

    /// Judges the connection.
    pub(super) async fn connection(&self) -> Record {
        let seen = self.tls().await;
        let mut bench = Bench::default();
        let unknown = match (&seen.tls12, &seen.tls13, &seen.older) {
            (Spoken::Yes, ..) => {
                bench.judge(RULE, None);
                None
            }
            (Spoken::No, Spoken::Yes, _) => {
                let breach =
                    || breach("the target speaks TLS 1.3 and not TLS 1.2", "TLS 1.3 alone");
                bench.judge_leniently(RULE, LEEWAY, Some(breach()));
                None
            }
            (Spoken::No, Spoken::No, Spoken::Yes) => {
                let message = "the target speaks nothing newer than TLS 1.1";
                bench.judge(RULE, Some(breach(message, "TLS 1.1 or older")));
                None
            }
            _ => Some(self.unknown().await),
        };
        let judgements = bench.into_judgements().into_iter().map(|mut judgement| {
            judgement.step = TRANSPORT_STEP.to_owned();
            judgement
        });
        Record {
            judgements: judgements.collect(),
            stop: unknown,
            ..Record::default()
        }
    }

    /// Why nothing is known. Behind a proxy a target cannot be looked at, and answers all the same.
    async fn unknown(&self) -> Stop {
        match self.trouble().await {
            Some(trouble) => Stop::Unclear(trouble.message.clone()),
            None => Stop::NotOffered(
                "no TLS handshake of our own succeeded, as is usual behind a proxy".to_owned(),
            ),
        }
    }
}

fn breach(message: &str, actual: &str) -> Breach {
    Breach::new(message, "a handshake of TLS 1.2", actual)
}

/// Whether a case is the one about the connection.
pub(super) fn is(case: &Case) -> bool {
    case.name == crate::plan::TRANSPORT
}
