//! The cases about the connection itself: whether it is one of TLS, and of which. No scenario can
//! hold them, as it is over before a request is sent.

use super::Engine;
use crate::{
    check::{Bench, Breach, Judgement},
    client::tls::{Seen, Spoken},
    plan::{Case, TRANSPORT_STEP, transport_name},
    scenario::Version,
    verdict::{Record, Stop},
};

const SECURED: &str = "rfc7644-7.2/transport-security-is-required";
const SECURED_V1: &str = "scim11-api-4/tls-is-implemented";
const TLS12: &str = "rfc7644-7.2/tls12-is-supported";
/// The leeway of [`TLS12`] (A59).
const LEEWAY: &str = "A59: the target speaks TLS 1.3, which is newer";

/// The rules that the cases judge, each with the version whose case does.
pub const RULES: [(Version, &str); 3] = [
    (Version::V2, SECURED),
    (Version::V2, TLS12),
    (Version::V1, SECURED_V1),
];

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
    pub(super) async fn connection(&self, version: Version) -> Record {
        let mut bench = Bench::default();
        let stop = match self.target.is_https() {
            true => self.secured(version, &mut bench).await,
            false => self.unsecured(version, &mut bench).await,
        };
        let mut record = Record {
            stop,
            ..Record::default()
        };
        for judgement in bench.into_judgements() {
            record.judge(Judgement {
                step: TRANSPORT_STEP.to_owned(),
                ..judgement
            });
        }
        record
    }

    async fn secured(&self, version: Version, bench: &mut Bench) -> Option<Stop> {
        let seen = self.tls().await;
        let spoken = [&seen.tls12, &seen.tls13, &seen.older];
        if !spoken.contains(&&Spoken::Yes) {
            return Some(self.unknown().await);
        }
        bench.judge(secured_rule(version), None);
        if version == Version::V2 {
            newer_than_1_1(seen, bench);
        }
        None
    }

    /// A target in the public network that answers in the clear. One that does not answer, or with
    /// a redirect, shows nothing there.
    async fn unsecured(&self, version: Version, bench: &mut Bench) -> Option<Stop> {
        match self.trouble().await {
            Some(trouble) => Some(Stop::Unclear(trouble.message.clone())),
            None => {
                let message = "the target answers over http, without TLS";
                let breach = Breach::new(message, "https", "http");
                bench.judge(secured_rule(version), Some(breach));
                None
            }
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

fn secured_rule(version: Version) -> &'static str {
    match version {
        Version::V2 => SECURED,
        Version::V1 => SECURED_V1,
    }
}

fn newer_than_1_1(seen: &Seen, bench: &mut Bench) {
    let breach = |message, actual| Some(Breach::new(message, "a handshake of TLS 1.2", actual));
    match (&seen.tls12, &seen.tls13, &seen.older) {
        (Spoken::Yes, ..) => bench.judge(TLS12, None),
        (Spoken::No, Spoken::Yes, _) => {
            let message = "the target speaks TLS 1.3 and not TLS 1.2";
            bench.judge_leniently(TLS12, LEEWAY, breach(message, "TLS 1.3 alone"));
        }
        (Spoken::No, Spoken::No, Spoken::Yes) => {
            let message = "the target speaks nothing newer than TLS 1.1";
            bench.judge(TLS12, breach(message, "TLS 1.1 or older"));
        }
        _ => {}
    }
}

/// Whether a case is one about the connection.
pub(super) fn is(case: &Case) -> bool {
    case.name == transport_name(case.scenario.scim)
}
