//! What a request would write: so that a creation is written down before it is sent, and nothing
//! is changed that this run did not create.

use serde_json::Value;

use super::ledger::key_of;
use crate::check::always::Endpoint;

/// One write that a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Write {
    /// A new resource in a collection, with the attribute by which it can be found again.
    Create {
        collection: String,
        key: Option<(String, String)>,
    },
    /// A change of what is at this path; for a PUT, with the attribute by which what it wrongly
    /// creates can be found.
    Change {
        path: String,
        key: Option<(String, String)>,
    },
}

/// Everything that a request would write; the operations of a bulk job each for itself.
pub(super) fn writes(method: &str, path: &str, body: Option<&Value>, tag: &str) -> Vec<Write> {
    let path = path.trim_end_matches('/');
    match (method, Endpoint::of_path(path)) {
        ("GET" | "HEAD" | "OPTIONS", _) | ("POST", Endpoint::Search) => Vec::new(),
        ("POST", Endpoint::Collection) => vec![Write::Create {
            collection: path.to_owned(),
            key: key_of(body, tag),
        }],
        ("POST", Endpoint::Other) if path.ends_with("/Bulk") => operations(body, tag),
        ("POST", Endpoint::Other | Endpoint::Root) if !path.starts_with("/Me") => Vec::new(),
        _ => vec![Write::Change {
            path: path.to_owned(),
            key: body
                .filter(|_| method == "PUT")
                .and_then(|body| key_of(Some(body), tag)),
        }],
    }
}

/// The writes of a bulk job. What refers to a creation of the same job by its bulkId is ours. An
/// operation without method or path is taken for what a careless target may make of it.
fn operations(job: Option<&Value>, tag: &str) -> Vec<Write> {
    let operations = job.and_then(|job| job.get("Operations")?.as_array());
    let writes = operations.into_iter().flatten().flat_map(|operation| {
        let text = |name: &str| {
            operation
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let method = match text("method") {
            "" => "POST".to_owned(),
            method => method.to_ascii_uppercase(),
        };
        let path = match (method.as_str(), text("path")) {
            ("POST", "") => "/Users",
            (_, path) => path,
        };
        writes(&method, path, operation.get("data"), tag)
    });
    writes
        .filter(|write| !matches!(write, Write::Change { path, .. } if path.contains("/bulkId:")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn change(path: &str) -> Vec<Write> {
        vec![Write::Change {
            path: path.to_owned(),
            key: None,
        }]
    }

    #[test]
    fn reads_write_nothing_and_the_rest_is_named() {
        let of = |method, path| writes(method, path, None, "tag");
        assert_eq!(of("GET", "/Users/1"), []);
        assert_eq!(of("POST", "/Users/.search"), []);
        assert_eq!(of("POST", "/ServiceProviderConfig"), []);
        assert_eq!(of("PATCH", "/Users/1"), change("/Users/1"));
        assert_eq!(of("DELETE", "/Users"), change("/Users"));
        assert_eq!(of("PUT", "/Users/1/../2"), change("/Users/1/../2"));
        assert_eq!(of("POST", "/Me"), change("/Me"));
        assert_eq!(of("PURGE", "/Users/1"), change("/Users/1"));
    }

    #[test]
    fn a_bulk_job_is_as_good_as_its_operations() {
        let job = json!({"Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "tag-1"}},
            {"method": "patch", "path": "/Users/bulkId:a"},
            {"method": "delete", "path": "/Users/7"}]});
        let created = Write::Create {
            collection: "/Users".to_owned(),
            key: Some(("userName".to_owned(), "tag-1".to_owned())),
        };
        assert_eq!(
            writes("POST", "/Bulk", Some(&job), "tag"),
            [created.clone(), change("/Users/7").remove(0)]
        );
        for careless in [
            json!({"path": "/Users", "data": {"userName": "tag-1"}}),
            json!({"method": "POST", "data": {"userName": "tag-1"}}),
        ] {
            let job = json!({"Operations": [careless]});
            assert_eq!(
                writes("POST", "/Bulk", Some(&job), "tag"),
                std::slice::from_ref(&created)
            );
        }
    }
}
