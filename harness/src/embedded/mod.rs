//! The embedded service provider as a target: started in this process, in both versions.

mod trace;

use std::sync::Arc;

pub use trace::Trace;

use scim_provider::{
    Auth as ProviderAuth, Config as ProviderConfig, Like, Provider, Request, Response, Switch,
    front::{Handler, Mount, inside::Front},
    rewrite::Rewrite,
};
use secrecy::SecretString;
use url::Url;

use crate::{
    assets,
    diagnostic::Diagnostic,
    fault::Fault,
    scenario::Version,
    target::{Auth, Config, Deactivation, Manner, Target, Tls},
};

/// Name of the embedded provider among targets.
pub const NAME: &str = "embedded";
/// Its credential; it listens on the loopback interface for as long as the run lasts.
const TOKEN: &str = "Embedded-Provider-Token";
/// Its second credential, which it knows but gives no right.
const BARRED_TOKEN: &str = "embedded-provider-barred-token";
/// The credential of its other tenant.
const OTHER_TOKEN: &str = "embedded-provider-other-token";

/// How many users are there from the beginning, as no real target is empty.
const USERS: usize = 12;

/// The most operations and bytes of a bulk job: few enough for a scenario to exceed them.
const MOST_OPERATIONS: usize = 100;
const MOST_BYTES: usize = 65_536;

/// A running embedded provider. Dropped outside of async code, as its front waits for its server.
pub struct Embedded {
    /// How it is reached.
    pub target: Target,
    _front: Front,
}

/// The server that shows these faults: some of them show only where requests meet.
fn front(mounts: Vec<Mount>, faults: &[Fault]) -> std::io::Result<Front> {
    let meet = [
        Switch::LostEmailAdds,
        Switch::LostMemberRemovals,
        Switch::LostMemberUpdates,
        Switch::LostPathlessAdds,
        Switch::LostUserUpdates,
        Switch::SimultaneousDuplicateCreated,
    ];
    let meets = |fault: &Fault| fault.switch.is_some_and(|switch| meet.contains(&switch));
    match faults.iter().any(meets) {
        true => Front::side_by_side(mounts),
        false => Front::start(mounts),
    }
}

/// Path at which a version is served.
pub fn prefix(version: Version) -> &'static str {
    match version {
        Version::V2 => "/scim/v2",
        Version::V1 => "/scim/v1",
    }
}

/// A provider of one version, like one of the field or like itself, with faults, and the function
/// that answers for it.
pub fn provider(
    version: Version,
    auth: ProviderAuth,
    like: Option<Like>,
    faults: &[Fault],
) -> (Provider, Handler) {
    traced(version, auth, like, faults, None)
}

fn traced(
    version: Version,
    auth: ProviderAuth,
    like: Option<Like>,
    faults: &[Fault],
    trace: Option<&Trace>,
) -> (Provider, Handler) {
    let faults: Vec<&Fault> = faults
        .iter()
        .filter(|fault| fault.scim.contains(&version))
        .collect();
    let like = like.or_else(|| faults.iter().find_map(|fault| fault.like));
    let config = ProviderConfig {
        version: match version {
            Version::V2 => scim_provider::Version::V2,
            Version::V1 => scim_provider::Version::V1,
        },
        auth,
        barred: Some(ProviderAuth::Bearer(BARRED_TOKEN.to_owned())),
        other_tenant: Some(ProviderAuth::Bearer(OTHER_TOKEN.to_owned())),
        faults: faults.iter().filter_map(|fault| fault.switch).collect(),
        okta: like.is_none(),
        devices: like.is_none(),
        like,
        max_operations: MOST_OPERATIONS,
        max_payload: MOST_BYTES,
        asked: trace.map(|trace| trace.asked.clone()),
        ..ProviderConfig::default()
    };
    let provider = Provider::new(config);
    let rewrites: Vec<_> = faults
        .iter()
        .flat_map(|fault| fault.rewrites.iter().cloned())
        .collect();
    let (answering, trace) = (provider.clone(), trace.cloned());
    let handler = move |request: &Request| -> Response {
        let response = answering.handle(request);
        if let Some(trace) = &trace {
            trace.note(request, &response);
        }
        let rewritten = |response, rewrite: &Rewrite| rewrite.apply(request, response);
        rewrites.iter().fold(response, rewritten)
    };
    (provider, Arc::new(handler))
}

impl Embedded {
    /// Starts it on a free port of the loopback interface.
    pub fn start(faults: &[Fault]) -> Result<Self, Diagnostic> {
        Self::like(faults.iter().find_map(|fault| fault.like), faults)
    }

    /// Starts it so that it acts like a provider of the field, as that one's target file says.
    pub fn like(like: Option<Like>, faults: &[Fault]) -> Result<Self, Diagnostic> {
        let mut started = Self::plain(like, faults, None)?;
        if let Some(like) = like
            && let Some(file) = assets::target_file(&format!("{like}.toml"))
        {
            Config::parse(&file)?.lend(like.name(), &mut started.target);
        }
        Ok(started)
    }

    /// Starts it without faults, so that it keeps this trace.
    pub fn traced(trace: &Trace) -> Result<Self, Diagnostic> {
        Self::plain(None, &[], Some(trace))
    }

    fn plain(
        like: Option<Like>,
        faults: &[Fault],
        trace: Option<&Trace>,
    ) -> Result<Self, Diagnostic> {
        let providers = [Version::V2, Version::V1].map(|version| {
            (
                version,
                traced(
                    version,
                    ProviderAuth::Bearer(TOKEN.to_owned()),
                    like,
                    faults,
                    trace,
                ),
            )
        });
        let mounts: Vec<Mount> = providers
            .iter()
            .map(|(version, (_, handler))| (prefix(*version).to_owned(), Arc::clone(handler)))
            .collect();
        let failed = |reason: String| {
            Diagnostic::error(format!("the embedded provider cannot be started: {reason}"))
        };
        let front = front(mounts, faults).map_err(|error| failed(error.to_string()))?;
        let mut endpoints = Vec::new();
        for (version, (provider, _)) in &providers {
            let url = front.url(prefix(*version));
            provider.set_base(url.clone());
            provider.seed(USERS);
            endpoints.push((
                *version,
                Url::parse(&url).map_err(|error| failed(error.to_string()))?,
            ));
        }
        let target = Target {
            name: NAME.to_owned(),
            endpoints,
            credential: Auth::Bearer(SecretString::from(TOKEN.to_owned())),
            second: Some(Auth::Bearer(SecretString::from(BARRED_TOKEN.to_owned()))),
            other_tenant: Some(Auth::Bearer(SecretString::from(OTHER_TOKEN.to_owned()))),
            user_domain: "example.com".to_owned(),
            deactivation: Deactivation::default(),
            groups: None,
            manner: Manner::default(),
            tls: Tls::default(),
            arguments: String::new(),
            embedded: true,
        };
        Ok(Self {
            target,
            _front: front,
        })
    }
}
