//! What no document of a target tells, found out by asking for it once: PATCH and filters, which are
//! usual and need not be offered.

use serde_json::{Value, json};

use super::probe::own_headers;
use crate::{
    capability::Capability,
    client::{Client, Outgoing},
    exchange::Answer,
    scenario::Version,
    target::Target,
};

/// Statuses with which an operation that is not there is refused.
const NOT_THERE: [u16; 3] = [403, 405, 501];

/// Why the target does not offer this, going by its answer to the plainest request for it; `nobody`
/// is an id, or a userName, that nobody has.
pub(super) async fn refusal(
    client: &Client,
    target: &Target,
    (version, capability): (Version, Capability),
    nobody: &str,
) -> Option<String> {
    let call = call(version, capability, nobody)?;
    let method = call.method.clone();
    let exchange = client
        .send(Outgoing {
            base: target.base(version).unwrap_or_default().to_owned(),
            auth: target.credential.clone(),
            authorised: true,
            ..call
        })
        .await;
    let answer = exchange.response.as_ref()?;
    let refused = NOT_THERE.contains(&answer.status)
        || capability == Capability::Filter && answer.status == 400;
    refused.then(|| told(capability, &method, answer))
}

fn told(capability: Capability, method: &str, answer: &Answer) -> String {
    format!(
        "the target has no configuration that offers `{capability}`, and answers {method} with {}",
        answer.status
    )
}

fn call(version: Version, capability: Capability, nobody: &str) -> Option<Outgoing> {
    let call = Outgoing {
        step: "ask the target".to_owned(),
        headers: own_headers(version),
        ..Outgoing::default()
    };
    match capability {
        Capability::Patch => Some(patch(call, version, nobody)),
        Capability::Filter => Some(Outgoing {
            method: "GET".to_owned(),
            path: "/Users".to_owned(),
            query: format!("filter=userName%20eq%20%22{nobody}%22"),
            ..call
        }),
        _ => None,
    }
}

/// A change of somebody who is not there.
fn patch(mut call: Outgoing, version: Version, nobody: &str) -> Outgoing {
    call.method = "PATCH".to_owned();
    call.path = format!("/Users/{nobody}");
    let media_type = version.media_type().to_owned();
    call.headers.push(("Content-Type".to_owned(), media_type));
    call.body = Some(body(version).to_string());
    call
}

fn body(version: Version) -> Value {
    match version {
        Version::V2 => json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "displayName", "value": "Nobody"}],
        }),
        Version::V1 => json!({"schemas": ["urn:scim:schemas:core:1.0"], "displayName": "Nobody"}),
    }
}
