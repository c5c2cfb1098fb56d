//! What a request would write: so that a creation is written down before it is sent, and nothing
//! is changed that this run did not create.

use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::form_urlencoded;

use super::resource::{key_of, member, members};
use crate::{
    check::always::Endpoint,
    client::{Outgoing, read_json},
    exchange::{Answer, SentRequest},
};

/// Headers by which a request asks to be taken for one of another method.
const OVERRIDES: [&str; 3] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
];
/// The query parameter that does the same.
const OVERRIDE_PARAMETER: &str = "_method";

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

/// Everything that a request would write, under each method that a server may take it for.
pub(super) fn writes(outgoing: &Outgoing, tag: &str) -> Vec<Write> {
    let content = outgoing.content().filter(|content| !content.is_empty());
    let read = |text: &str| match is_bulk(&outgoing.path) {
        true => read_json(text).or_else(|| read_json(&closed(text)?)),
        false => read_json(text),
    };
    let body = content.and_then(read);
    let mut methods = vec![outgoing.method.to_ascii_uppercase()];
    methods.extend(overriding(outgoing));
    methods.dedup();
    let writes = methods
        .iter()
        .flat_map(|method| asked(method, &outgoing.path, body.as_ref(), tag));
    let mut writes: Vec<Write> = writes.collect();
    for write in &mut writes {
        if let (Write::Create { key, .. }, None, Some(text)) = (write, &body, content) {
            *key = key_in(text, tag);
        }
    }
    if is_bulk(&outgoing.path) && body.is_none() && content.is_some() {
        writes.push(Write::Change {
            path: outgoing.path.clone(),
            key: None,
        });
    }
    writes
}

/// The bodies of a request with the paths that they are for: its own, or in a bulk job that of each
/// operation. One that breaks off is read as far as it goes.
pub(super) fn operations_of(outgoing: &Outgoing) -> Vec<(String, Value)> {
    let content = outgoing.content().unwrap_or_default();
    let body = read_json(content).or_else(|| read_json(&closed(content)?));
    let Some(body) = body else {
        return Vec::new();
    };
    if !is_bulk(&outgoing.path) {
        return vec![(outgoing.path.clone(), body)];
    }
    let lists = members(&body, "Operations").filter_map(Value::as_array);
    let of_each = |operation: &Value| {
        let data = members(operation, "data").cloned();
        let data: Vec<Value> = data.collect();
        let paths = texts(operation, "path").into_iter().map(str::to_owned);
        let both = paths.flat_map(move |path| {
            data.clone()
                .into_iter()
                .map(move |data| (path.clone(), data))
        });
        both.collect::<Vec<_>>()
    };
    lists.flatten().flat_map(of_each).collect()
}

/// The name in a body that cannot be read: a careless target may have read as far as it goes.
fn key_in(text: &str, tag: &str) -> Option<(String, String)> {
    let (_, rest) = text.split_once("\"userName\":\"")?;
    let (name, _) = rest.split_once('"')?;
    let plain = name.contains(tag) && !name.contains('\\');
    plain.then(|| ("userName".to_owned(), name.to_owned()))
}

/// Whether a request asks to be taken for one of another method.
pub(super) fn overrides(outgoing: &Outgoing) -> bool {
    !overriding(outgoing).is_empty()
}

/// Whether a header asks for another method in a way that is looked at here.
pub(super) fn is_override(name: &str) -> bool {
    OVERRIDES
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether what was sent asks for a removal: by its method, or by a header that stands for it.
pub(super) fn is_removal(request: &SentRequest) -> bool {
    let mut headers = request.headers.iter();
    let is_delete = |(name, value): &(String, String)| {
        is_override(name) && value.trim().eq_ignore_ascii_case("DELETE")
    };
    request.method == "DELETE" || request.method == "POST" && headers.any(is_delete)
}

/// Methods that the request asks to be taken for.
fn overriding(outgoing: &Outgoing) -> Vec<String> {
    let head = outgoing.raw.as_deref().unwrap_or_default();
    let in_head = head.lines().filter_map(|line| line.split_once(':'));
    let headers = outgoing
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(in_head)
        .filter(|(name, _)| is_override(name.trim()))
        .map(|(_, value)| value.trim().to_ascii_uppercase());
    let parameters = form_urlencoded::parse(outgoing.query.as_bytes())
        .filter(|(name, _)| name.eq_ignore_ascii_case(OVERRIDE_PARAMETER))
        .map(|(_, value)| value.trim().to_ascii_uppercase());
    headers.chain(parameters).collect()
}

/// What one request or operation would write.
fn asked(method: &str, path: &str, body: Option<&Value>, tag: &str) -> Vec<Write> {
    let path = path.trim_end_matches('/');
    let change = || {
        vec![Write::Change {
            path: path.to_owned(),
            key: body
                .filter(|_| method == "PUT")
                .and_then(|body| key_of(Some(body), tag)),
        }]
    };
    match (method, Endpoint::of_path(path)) {
        ("GET" | "HEAD" | "OPTIONS", _) | ("POST", Endpoint::Search) => Vec::new(),
        ("POST", _) if is_bulk(path) => operations(body, tag),
        ("POST", Endpoint::Collection) if !is_me(path) && !path.contains('%') => {
            vec![Write::Create {
                collection: path.to_owned(),
                key: key_of(body, tag),
            }]
        }
        ("POST", Endpoint::Other) if names_nothing(path) => Vec::new(),
        _ => change(),
    }
}

/// The first segments of a path, decoded and in lower case, as a lenient server reads them.
fn segments(path: &str) -> Vec<String> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments
        .map(|segment| {
            percent_decode_str(segment)
                .decode_utf8_lossy()
                .to_lowercase()
        })
        .collect()
}

fn is_bulk(path: &str) -> bool {
    segments(path).last().is_some_and(|last| last == "bulk")
}

fn is_me(path: &str) -> bool {
    segments(path).first().is_some_and(|first| first == "me")
}

/// Whether nobody's data is at a path: a discovery document.
fn names_nothing(path: &str) -> bool {
    !is_me(path) && segments(path).len() < 2
}

/// The writes of a bulk job. What refers to a creation of the same job by its bulkId is ours. An
/// operation without method or path is taken for what a careless target may make of it.
fn operations(job: Option<&Value>, tag: &str) -> Vec<Write> {
    let lists = job.into_iter().flat_map(|job| members(job, "Operations"));
    let operations: Vec<&Value> = lists.filter_map(Value::as_array).flatten().collect();
    let own: Vec<String> = operations
        .iter()
        .filter(|operation| text(operation, "method").eq_ignore_ascii_case("post"))
        .map(|operation| format!("bulkId:{}", text(operation, "bulkId")))
        .collect();
    let refers_to_own = |path: &str| {
        let mut segments = path.trim_start_matches('/').split('/').skip(1);
        let id = segments.next();
        id.is_some_and(|id| own.iter().any(|known| known == id)) && segments.next().is_none()
    };
    let writes = operations
        .iter()
        .flat_map(|operation| operation_writes(operation, tag));
    writes
        .filter(|write| !matches!(write, Write::Change { path, .. } if refers_to_own(path)))
        .collect()
}

/// What an operation would write, whichever of several members of one name a target heeds.
fn operation_writes(operation: &Value, tag: &str) -> Vec<Write> {
    let (methods, paths) = (texts(operation, "method"), texts(operation, "path"));
    let data = member(operation, "data");
    let each = methods
        .iter()
        .flat_map(|method| paths.iter().map(move |path| (*method, *path)));
    each.flat_map(|(method, path)| {
        let method = match method {
            "" => "POST".to_owned(),
            method => method.to_ascii_uppercase(),
        };
        let path = match (method.as_str(), path) {
            ("POST", "") => "/Users",
            (_, path) => path,
        };
        asked(&method, path, data, tag)
    })
    .collect()
}

/// The texts of all members of a name; one that is no text is none that we know. Without such a
/// member it is empty.
fn texts<'a>(operation: &'a Value, name: &str) -> Vec<&'a str> {
    let values = members(operation, name);
    let mut texts: Vec<&str> = values.map(|value| value.as_str().unwrap_or("?")).collect();
    if texts.is_empty() {
        texts.push("");
    }
    texts
}

fn text<'a>(operation: &'a Value, name: &str) -> &'a str {
    member(operation, name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The ids, as they stand in a path, that an answer gives to creations besides the body of a single
/// one: those of a bulk job in its order, `None` for one that it does not name.
pub(super) fn ids_of_creations(path: &str, answer: &Answer) -> Vec<Option<String>> {
    if !is_bulk(path) {
        return vec![id_in_location(answer).map(str::to_owned)];
    }
    let body = answer.json.as_ref();
    let operations = body.and_then(|body| member(body, "Operations")?.as_array());
    let operations = operations.into_iter().flatten();
    let creations =
        operations.filter(|operation| text(operation, "method").eq_ignore_ascii_case("post"));
    let id = |operation: &Value| last_segment(text(operation, "location")).map(str::to_owned);
    creations.map(id).collect()
}

/// The id of what was created, as a URL has it, where the answer has no body to tell it: Location ends
/// in it (RFC 7644 section 3.3).
pub(super) fn id_in_location(answer: &Answer) -> Option<&str> {
    let told = answer.header("location")?;
    if answer.status != 201 || answer.json.is_some() {
        return None;
    }
    last_segment(told)
}

/// What a URI, relative or not, ends in.
fn last_segment(uri: &str) -> Option<&str> {
    let path = uri.split(['?', '#']).next()?.trim_end_matches('/');
    let id = path.rsplit('/').next()?;
    (!matches!(id, "" | "." | "..")).then_some(id)
}

/// The status that tells what became of the creations of a request: that of the answer, or, if it
/// says that all operations of a bulk job failed, theirs.
pub(super) fn status_of_creations(path: &str, answer: &Answer) -> u16 {
    let operations = answer.json.as_ref().filter(|_| is_bulk(path));
    let operations = operations.and_then(|body| member(body, "Operations")?.as_array());
    let failed = |operation: &Value| {
        let status = member(operation, "status");
        let code = status.and_then(|status| member(status, "code")).or(status);
        let text = code.map(|code| {
            code.as_str()
                .map_or_else(|| code.to_string(), str::to_owned)
        });
        text.is_some_and(|text| text.starts_with(['4', '5']))
    };
    match operations {
        Some(operations) if !operations.is_empty() && operations.iter().all(failed) => 400,
        _ => answer.status,
    }
}

/// A JSON text that breaks off, with what is missing to close it; `None` for one that breaks off in
/// the middle of an escape.
fn closed(text: &str) -> Option<String> {
    let (mut open, mut quoted, mut escaped) = (Vec::new(), false, false);
    for sign in text.chars() {
        match sign {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' => drop(open.pop()),
            _ => {}
        }
    }
    if quoted {
        open.push('"');
    }
    let missing = open.iter().rev();
    (!escaped).then(|| text.chars().chain(missing.copied()).collect())
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

    fn request(method: &str, path: &str) -> Outgoing {
        Outgoing {
            method: method.to_owned(),
            path: path.to_owned(),
            ..Outgoing::default()
        }
    }

    fn of(method: &str, path: &str) -> Vec<Write> {
        writes(&request(method, path), "tag")
    }

    fn of_job(path: &str, job: &str) -> Vec<Write> {
        let body = Some(job.to_owned());
        let outgoing = Outgoing {
            body,
            ..request("POST", path)
        };
        writes(&outgoing, "tag")
    }

    #[test]
    fn a_job_that_may_be_read_in_two_ways_changes_what_either_says() {
        for job in [
            r#"{"Operations":[{"METHOD":"POST","PATH":"/Users","method":"DELETE","path":"/Users/7"}]}"#,
            r#"{"Operations":[{"method":"DELETE","path":"/Users/8","Path":"/Users/7"}]}"#,
            r#"{"Operations":[],"operations":[{"method":"DELETE","path":"/Users/7"}]}"#,
            r#"{"Operations":[{"method":["DELETE"],"path":"/Users/7"}]}"#,
        ] {
            let writes = of_job("/Bulk", job);
            assert!(writes.contains(&change("/Users/7")[0]), "{job}: {writes:?}");
        }
        let hidden =
            r#"{"Operations":[{"method":"DELET","method":"\u0044ELETE","path":"/Users/7"}]}"#;
        assert_eq!(of_job("/Bulk", hidden), change("/Bulk"));
    }

    #[test]
    fn reads_write_nothing_and_the_rest_is_named() {
        for (method, path) in [
            ("GET", "/Users/1"),
            ("POST", "/Users/.search"),
            ("POST", "/ServiceProviderConfig"),
        ] {
            assert_eq!(of(method, path), [], "{method} {path}");
        }
        for (method, path) in [
            ("PATCH", "/Users/1"),
            ("DELETE", "/Users"),
            ("PUT", "/Users/1/../2"),
            ("POST", "/Me"),
            ("POST", "/Users%2F7"),
            ("POST", "/me"),
            ("PURGE", "/Users/1"),
            ("POST", "/Groups/1/members"),
            ("get", "/Users/1"),
        ] {
            let wanted = if method == "get" {
                Vec::new()
            } else {
                change(path)
            };
            assert_eq!(of(method, path), wanted, "{method} {path}");
        }
    }

    #[test]
    fn a_request_counts_as_every_method_that_it_may_be_taken_for() {
        let get = request("GET", "/Users/1");
        let header = Outgoing {
            headers: vec![("X-HTTP-Method-Override".to_owned(), "delete".to_owned())],
            ..get.clone()
        };
        let parameter = Outgoing {
            query: "a=1&_method=PUT".to_owned(),
            ..get.clone()
        };
        let raw = Outgoing {
            raw: Some("GET /Users/1 HTTP/1.1\nX-Http-Method: PATCH\n\n".to_owned()),
            ..get
        };
        for outgoing in [header, parameter, raw] {
            assert_eq!(writes(&outgoing, "tag"), change("/Users/1"), "{outgoing:?}");
        }
    }

    #[test]
    fn a_bulk_job_is_as_good_as_its_operations() {
        let job = json!({"Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "tag-1"}},
            {"method": "patch", "path": "/Users/bulkId:a"},
            {"method": "patch", "path": "/Users/bulkId:b"},
            {"method": "delete", "path": "/Users/7"},
            {"METHOD": "Delete", "PATH": "/Users/8/bulkId:a"}]});
        let created = Write::Create {
            collection: "/Users".to_owned(),
            key: Some(("userName".to_owned(), "tag-1".to_owned())),
        };
        let mut wanted = vec![created.clone()];
        for path in ["/Users/bulkId:b", "/Users/7", "/Users/8/bulkId:a"] {
            wanted.extend(change(path));
        }
        for path in ["/Bulk", "/bulk/", "/%42ulk"] {
            assert_eq!(of_job(path, &job.to_string()), wanted, "{path}");
        }
        for careless in [
            json!({"path": "/Users", "data": {"userName": "tag-1"}}),
            json!({"method": "POST", "data": {"userName": "tag-1"}}),
        ] {
            let job = json!({"Operations": [careless]}).to_string();
            assert_eq!(of_job("/Bulk", &job), std::slice::from_ref(&created));
        }
    }

    #[test]
    fn what_a_body_that_cannot_be_read_creates_can_be_found() {
        let key = |body: &str| {
            let outgoing = Outgoing {
                body: Some(body.to_owned()),
                ..request("POST", "/Users")
            };
            match writes(&outgoing, "tag").as_slice() {
                [Write::Create { key, .. }] => key.clone().map(|(_, value)| value),
                other => Some(format!("{other:?}")),
            }
        };
        let broken = r#"{"userName":"tag-1","displayName":"#;
        assert_eq!(key(broken).as_deref(), Some("tag-1"));
        for other in ["", "<User/>", r#"{"userName":"a","#, r#"{"userName":"tag"#] {
            assert_eq!(key(other), None, "{other}");
        }
    }

    #[test]
    fn a_bulk_job_whose_operations_all_failed_created_nothing() {
        let status = |path: &str, body: Value| {
            let json = Some(body);
            let answer = Answer {
                status: 200,
                json,
                ..Answer::default()
            };
            status_of_creations(path, &answer)
        };
        let failed = json!({"Operations": [{"status": "400"}, {"status": {"code": 409}}]});
        assert_eq!(status("/Bulk", failed.clone()), 400);
        assert_eq!(status("/Users", failed), 200);
        for other in [
            json!({"Operations": [{"status": "400"}, {"status": "201"}]}),
            json!({"Operations": []}),
            json!([]),
        ] {
            assert_eq!(status("/Bulk", other), 200);
        }
    }

    #[test]
    fn a_bulk_answer_names_what_it_created() {
        let at = |location: &str| json!({"method": "POST", "status": "201", "location": location});
        let operations = [
            at("https://example.com/scim/v2/Users/a%2Fb"),
            json!({"method": "DELETE", "status": "204", "location": "https://example.com/Users/9"}),
            at("/Users/7"),
            at("https://example.com/scim/v2/Users/"),
        ];
        let answer = Answer {
            json: Some(json!({"Operations": operations})),
            ..Answer::default()
        };
        let ids = ids_of_creations("/Bulk", &answer);
        let last = |id: &str| Some(id.to_owned());
        assert_eq!(ids, [last("a%2Fb"), last("7"), last("Users")]);
        assert_eq!(ids_of_creations("/Users", &answer), [None]);
    }

    #[test]
    fn location_names_what_was_created_where_no_body_does() {
        let told = |status, location: &str, json| {
            let answer = Answer {
                status,
                headers: vec![("location".to_owned(), location.to_owned())],
                json,
                ..Answer::default()
            };
            ids_of_creations("/Users", &answer)
        };
        let url = "https://example.com/scim/v2/Users/a%2Fb?x=1";
        assert_eq!(told(201, url, None), [Some("a%2Fb".to_owned())]);
        assert_eq!(told(201, "/Users/..", None), [None]);
        assert_eq!(told(200, url, None), [None]);
        assert_eq!(told(201, url, Some(json!({"id": "7"}))), [None]);
    }

    #[test]
    fn a_bulk_job_that_cannot_be_read_may_change_anything() {
        for job in [
            r#"{"Operations":[{"method":"POST","method":"DELETE","path":"/Users/7"}]}"#,
            "5d\n{\"Operations\":[{\"method\":\"DEL\n3c\nETE\",\"path\":\"/Users/7\"}]}\n0\n\n",
            "{\0\"\0O\0p\0",
            "<Operations/>",
            r#"{"Operations""#,
            r#"{"Operations":[{"method":"\"#,
        ] {
            assert_eq!(of_job("/Bulk", job), change("/Bulk"), "{job:?}");
        }
        assert_eq!(of_job("/Bulk", ""), []);
    }

    #[test]
    fn a_bulk_job_that_breaks_off_writes_what_it_says_until_there() {
        let deletes = r#"{"Operations":[{"method":"DELETE","path":"/Users/7"#;
        assert_eq!(of_job("/Bulk", deletes), change("/Users/7"));
        let creates = r#"{"Operations":[{"method":"POST","path":"/Users""#;
        let created = Write::Create {
            collection: "/Users".to_owned(),
            key: None,
        };
        assert_eq!(of_job("/Bulk", creates), [created]);
        assert_eq!(of_job("/Bulk", r#"{"schemas":["x"],"Operations":["#), []);
    }
}
