//! What a read shows, and what shows that nothing is there.
//!
//! A 404 alone does not: a proxy says the same of a server that is down, and another server of
//! every path.

use serde_json::Value;

use super::site::{Site, no_answer};
use crate::{
    check::mark::is_marked, client::Client, exchange::Answer, run::resource::member,
    scenario::Version, target::Target,
};

/// What a read shows at a path.
pub(in crate::run) enum Look {
    /// A resource with the tag.
    Ours,
    /// A resource without it.
    Foreign,
    /// 404, where SCIM is spoken.
    Nothing,
    /// Something else.
    Unclear(String),
}

/// Reads what is at a path of a version.
pub(in crate::run) async fn look(
    client: &Client,
    target: &Target,
    version: Version,
    path: &str,
    tag: &str,
) -> Look {
    match Site::new(client, target, version) {
        Some(site) => site.look(path, tag).await,
        None => Look::Unclear("the target does not speak this version".to_owned()),
    }
}

impl Site<'_> {
    /// Reads what is at a path, and whether it carries a tag.
    pub(super) async fn look(&self, path: &str, tag: &str) -> Look {
        let exchange = self.send("GET", path, None).await;
        let Some(answer) = &exchange.response else {
            return Look::Unclear(no_answer(&exchange));
        };
        match (answer.status, &answer.json) {
            (200, Some(body)) if is_marked(body, tag) => Look::Ours,
            (200, Some(_)) => Look::Foreign,
            (404 | 410, _) => {
                let collection = path
                    .rsplit_once('/')
                    .map_or(path, |(collection, _)| collection);
                match is_absence(answer) || self.has(collection).await {
                    true => Look::Nothing,
                    false => Look::Unclear(format!(
                        "GET answered {}, and nothing shows that {collection} is there",
                        answer.status
                    )),
                }
            }
            (status, _) => Look::Unclear(format!("GET answered {status}")),
        }
    }

    /// Whether a collection answers with a list.
    pub(super) async fn has(&self, collection: &str) -> bool {
        let exchange = self.query(collection, "startIndex=1&count=1").await;
        let answer = exchange.response.filter(Answer::is_success);
        answer.is_some_and(|answer| answer.json.as_ref().is_some_and(is_list))
    }
}

/// Whether a 404 is that of a service provider: it has the body or the media type of SCIM.
pub(super) fn is_absence(answer: &Answer) -> bool {
    let says = |body: &Value| {
        let schemas = member(body, "schemas").and_then(Value::as_array);
        let mut schemas = schemas.into_iter().flatten().filter_map(Value::as_str);
        let is_error = |schema: &str| schema.to_lowercase().starts_with("urn:ietf:params:scim:");
        schemas.any(is_error) || member(body, "Errors").is_some_and(Value::is_array)
    };
    let media = answer.media_type();
    matches!(answer.status, 404 | 410)
        && (answer.json.as_ref().is_some_and(says)
            || media.is_some_and(|media| media.eq_ignore_ascii_case("application/scim+json")))
}

/// Whether a body is a list of resources, be it empty.
pub(super) fn is_list(body: &Value) -> bool {
    member(body, "totalResults").is_some_and(Value::is_number)
        || member(body, "Resources").is_some_and(Value::is_array)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(status: u16, media: &str, body: Option<Value>) -> Answer {
        Answer {
            status,
            headers: vec![("content-type".to_owned(), media.to_owned())],
            json: body,
            ..Answer::default()
        }
    }

    #[test]
    fn a_404_is_believed_where_it_speaks_scim() {
        let error = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"]});
        for (media, body) in [
            ("application/json", Some(error)),
            (
                "application/json",
                Some(json!({"Errors": [{"code": "404"}]})),
            ),
            ("application/scim+json; charset=utf-8", None),
        ] {
            assert!(is_absence(&answer(404, media, body)), "{media}");
        }
        for (media, body) in [
            ("text/html", None),
            ("application/json", Some(json!({"message": "no route"}))),
        ] {
            assert!(!is_absence(&answer(404, media, body)), "{media}");
        }
    }

    #[test]
    fn a_list_has_a_count_or_resources() {
        assert!(is_list(&json!({"totalResults": 0})));
        assert!(is_list(&json!({"Resources": []})));
        assert!(!is_list(&json!({"status": "maintenance"})));
    }
}
