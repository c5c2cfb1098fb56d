//! References to other resources: `$ref` is the URI of what `value` names (RFC 7643 sections 4.1.2,
//! 4.2 and 4.3).

use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

use super::{Context, Resource};
use crate::{
    check::{Bench, Breach, shown},
    model::Model,
    scenario::Version,
};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Judges the references of a resource that are written out; SCIM 1.1 has none.
pub(super) fn judge(context: Context<'_>, resource: &Resource<'_>, bench: &mut Bench) {
    if context.version == Version::V1 {
        return;
    }
    let body = resource.value;
    let listed = |name: &str| {
        body.get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    for member in listed("members") {
        let kind = member.get("type").and_then(Value::as_str);
        judge_one(
            context,
            member,
            kind,
            "members",
            "rfc7643-4.2/member-value-is-resource-id",
            bench,
        );
    }
    for group in listed("groups") {
        let rule = "rfc7643-4.1.2/user-groups-hold-group-ids";
        judge_one(context, group, Some("Group"), "groups", rule, bench);
    }
    if let Some(manager) = body.get(ENTERPRISE).and_then(|own| own.get("manager")) {
        let rule = "rfc7643-4.3/manager-ref-is-user-uri";
        judge_one(context, manager, Some("User"), "manager", rule, bench);
    }
}

/// The reference ends in the endpoint of what is referred to, where that is known, and its id.
fn judge_one(
    context: Context<'_>,
    reference: &Value,
    kind: Option<&str>,
    name: &str,
    rule: &'static str,
    bench: &mut Bench,
) {
    let text = |name: &str| reference.get(name).and_then(Value::as_str);
    if let Some(uri) = text("$ref") {
        let id = "rfc7643-2.3.7/reference-is-http-addressable";
        bench.judge(id, of_other_scheme(uri, name));
    }
    let (Some(uri), Some(id)) = (text("$ref"), text("value")) else {
        return;
    };
    let endpoint = kind.and_then(|kind| endpoint_of(&context.schemas.model, kind));
    let breach = || {
        Breach::new(
            format!("`$ref` of `{name}` leads elsewhere than `value`"),
            format!("a URI that ends in {}/{id}", endpoint.unwrap_or_default()),
            shown(Some(&Value::from(uri))),
        )
    };
    bench.judge(rule, (!leads_to(uri, endpoint, id)).then(breach));
}

/// A reference with a scheme has one of HTTP's; a relative one is resolved against an http URL.
fn of_other_scheme(uri: &str, name: &str) -> Option<Breach> {
    let scheme = Url::parse(uri).ok()?.scheme().to_owned();
    (!matches!(scheme.as_str(), "http" | "https")).then(|| {
        Breach::new(
            format!("`$ref` of `{name}` is nothing that HTTP can address"),
            "an http or https URL, or a relative one",
            shown(Some(&Value::from(uri))),
        )
    })
}

fn endpoint_of<'a>(model: &'a Model, kind: &str) -> Option<&'a str> {
    let mut types = model.types.iter();
    let own = types.find(|own| own.name.eq_ignore_ascii_case(kind))?;
    (!own.endpoint.is_empty()).then_some(own.endpoint.trim_start_matches('/'))
}

fn leads_to(uri: &str, endpoint: Option<&str>, id: &str) -> bool {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let mut segments = path.trim_end_matches('/').rsplit('/');
    let last = segments.next().unwrap_or_default();
    let found = percent_decode_str(last).decode_utf8_lossy();
    let before = segments.next();
    found == id
        && match (before, endpoint) {
            (Some(before), Some(endpoint)) => before.eq_ignore_ascii_case(endpoint),
            _ => true,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_for_http() {
        for sound in ["https://x/Users/7", "HTTP://x/7", "../Users/7", "7", ""] {
            assert!(of_other_scheme(sound, "members").is_none(), "{sound}");
        }
        for wrong in ["urn:uuid:7", "ldap://x/cn=7"] {
            assert!(of_other_scheme(wrong, "members").is_some(), "{wrong}");
        }
    }

    #[test]
    fn a_reference_leads_to_what_it_names_in_whatever_form() {
        for uri in [
            "https://x/scim/v2/Users/7%3D",
            "../Users/7=",
            "/users/7=?a=b",
            "7=",
        ] {
            assert!(leads_to(uri, Some("Users"), "7="), "{uri}");
        }
        assert!(leads_to("https://x/Staff/7=", None, "7="));
        for uri in [
            "https://x/Users/8",
            "https://x/Groups/7=",
            "https://x/Users",
            "",
        ] {
            assert!(!leads_to(uri, Some("Users"), "7="), "{uri}");
        }
    }
}
