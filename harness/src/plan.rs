//! From scenarios and a target to the cases of a run. Nothing is asked of the network here.

use std::sync::Arc;

use crate::{
    capability::{self, Capability},
    scenario::{Collection, Scenario, Send, Version},
    source::SourceFile,
    target::Target,
};

/// The only step of the cases about the connection, which no scenario file describes.
pub(crate) const TRANSPORT_STEP: &str = "shake hands";

/// Name of the case about the connection.
pub(crate) fn transport_name(version: Version) -> &'static str {
    match version {
        Version::V2 => "rfc::v2::transport",
        Version::V1 => "rfc::v1::transport",
    }
}

/// Which cases the user wants.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only this version of the protocol.
    pub scim: Option<Version>,
    /// Only conversations of these clients; empty: of all.
    pub clients: Vec<String>,
    /// Only names that contain one of these texts; empty: all.
    pub filter: Vec<String>,
    /// Only these names; empty: all.
    pub exact: Vec<String>,
    /// Not the names that contain one of these texts.
    pub skip: Vec<String>,
    /// Nothing that could write.
    pub read_only: bool,
}

/// A scenario that is to be run against a target.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name, such as `okta::v2::create_user`.
    pub name: String,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Its openings, in order.
    pub openings: Vec<Arc<Scenario>>,
    /// Why it is not run, as far as that is known without asking the target.
    pub skip: Option<String>,
}

impl Case {
    /// Whether it only reads, its openings included.
    pub fn is_read_only(&self) -> bool {
        let steps = self
            .openings
            .iter()
            .chain([&self.scenario])
            .flat_map(|scenario| &scenario.steps);
        steps.map(|step| &step.send).all(|send| match send {
            Send::Request(request) => request.is_read(),
            Send::Raw(text) => text.trim_start().starts_with("GET "),
        })
    }

    /// Whether it needs users or asks for them.
    pub fn is_about_users(&self) -> bool {
        self.needs().any(|need| need == Capability::Users)
            || self
                .openings
                .iter()
                .chain([&self.scenario])
                .flat_map(|scenario| &scenario.steps)
                .any(|step| step.send.is_about_users())
    }

    /// Whether each of its own steps filters by something by which this target does not filter.
    fn only_filters_in_vain(&self, target: &Target) -> bool {
        let steps = &self.scenario.steps;
        let in_vain = |send: &Send| match send {
            Send::Request(request) => !target.manner.can_filter(&request.query),
            Send::Raw(_) => false,
        };
        !steps.is_empty() && steps.iter().all(|step| in_vain(&step.send))
    }

    /// Everything that the target has to offer for it.
    pub fn needs(&self) -> impl Iterator<Item = Capability> + '_ {
        self.openings
            .iter()
            .chain([&self.scenario])
            .flat_map(|scenario| scenario.needs.iter().copied())
    }
}

/// The cases that are wanted and fit the versions that the target speaks and the policies that it
/// has, ordered by name.
pub fn plan(collection: &Collection, target: &Target, selection: &Selection) -> Vec<Case> {
    let own = match target.is_https() || !target.is_private() {
        true => vec![transport(Version::V2), transport(Version::V1)],
        false => Vec::new(),
    };
    let own: Vec<Arc<Scenario>> = own.into_iter().map(Arc::new).collect();
    let wanted =
        collection.scenarios.iter().chain(&own).filter(|scenario| {
            target.base(scenario.scim).is_some() && is_wanted(scenario, selection)
        });
    let mut cases: Vec<Case> = wanted
        .map(|scenario| case(scenario, collection, target, selection))
        .filter(|case| suits(case, target))
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

fn transport(scim: Version) -> Scenario {
    Scenario {
        name: transport_name(scim).to_owned(),
        title: match scim {
            Version::V2 => "The connection is one of TLS 1.2".to_owned(),
            Version::V1 => "The connection is one of TLS".to_owned(),
        },
        clients: vec!["rfc".to_owned()],
        scim,
        needs: vec![Capability::Tls],
        plan: Vec::new(),
        cites: None,
        given: Vec::new(),
        alone: false,
        on_request: false,
        for_each: None,
        shared: false,
        vars: Vec::new(),
        steps: Vec::new(),
        file: SourceFile::new("(built in)", ""),
        title_span: 0..0,
        is_opening: false,
    }
}

/// Whether a case is about the policies that the target has, and not about the others.
fn suits(case: &Case, target: &Target) -> bool {
    case.needs()
        .filter(|capability| capability.is_policy())
        .all(|capability| capability::refusal(capability, target, None).is_none())
}

fn is_wanted(scenario: &Scenario, selection: &Selection) -> bool {
    let any_or_empty = |texts: &[String], holds: &dyn Fn(&String) -> bool| {
        texts.is_empty() || texts.iter().any(holds)
    };
    selection
        .scim
        .is_none_or(|version| version == scenario.scim)
        && any_or_empty(&selection.clients, &|client| {
            scenario.clients.contains(client)
        })
        && (!scenario.on_request || is_named(selection))
        && any_or_empty(&selection.filter, &|text| {
            scenario.name.contains(text.as_str())
        })
        && any_or_empty(&selection.exact, &|name| scenario.name == *name)
        && !selection
            .skip
            .iter()
            .any(|text| scenario.name.contains(text.as_str()))
}

/// Whether anything is asked for by name.
fn is_named(selection: &Selection) -> bool {
    let Selection {
        clients,
        filter,
        exact,
        ..
    } = selection;
    [clients, filter, exact]
        .iter()
        .any(|names| !names.is_empty())
}

fn case(
    scenario: &Arc<Scenario>,
    collection: &Collection,
    target: &Target,
    selection: &Selection,
) -> Case {
    let mut case = Case {
        name: scenario.name.clone(),
        scenario: Arc::clone(scenario),
        openings: collection.openings_of(scenario),
        skip: None,
    };
    let refused = case
        .needs()
        .find_map(|capability| capability::refusal(capability, target, None));
    let in_vain = || {
        let reason =
            "the target file says by what the target filters, and nothing here is asked by that";
        case.only_filters_in_vain(target).then(|| reason.to_owned())
    };
    let refused = refused.or_else(in_vain);
    case.skip = match selection.read_only && !case.is_read_only() {
        true => Some("it writes, and the run is read-only".to_owned()),
        false => refused,
    };
    case
}
