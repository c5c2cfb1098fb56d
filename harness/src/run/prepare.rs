//! From a step of a scenario to a request that is ready to go out.

use serde_json::Value;
use url::Url;

use super::{conversation::Conversation, wire::one_request};
use crate::{
    check::condition,
    client::Outgoing,
    client_profile::CREDENTIAL,
    exchange::Tenant,
    scenario::{Body, Credential, ListOf, Measured, Query, Request, Send, Step},
    target::{Auth, Nearly, Target},
    template::{Names, Place, Undefined, fill, fill_value, percent_encode, sole_name},
    verdict::Stop,
};

/// The request that a step sends, with its names filled in.
pub(super) fn outgoing(
    conversation: &Conversation<'_>,
    step: &Step,
    names: &Names,
) -> Result<Outgoing, Stop> {
    let unsent = |reason| {
        let step = &step.name;
        Stop::Unclear(format!("the step `{step}` could not be sent: {reason}"))
    };
    let target = conversation.engine.target();
    let base = target
        .base(conversation.version())
        .unwrap_or_default()
        .to_owned();
    let common = Outgoing {
        step: step.name.clone(),
        base,
        auth: credential(target, step.credential)?,
        may_be_cut: step.may_be_cut,
        authorised: step.credential == Credential::Own,
        tenant: match step.credential {
            Credential::OtherTenant => Tenant::Other,
            _ => Tenant::Own,
        },
        ..Outgoing::default()
    };
    match &step.send {
        Send::Raw(text) => raw(text, names, common).map_err(unsent),
        Send::Request(request) => {
            let target = match sole_name(&request.path) {
                Some(name) => reference(&common.base, name, names)?,
                None => (path(&request.path, names).map_err(unsent)?, None),
            };
            requested(conversation, (step, request), names, common, target).map_err(unsent)
        }
    }
}

/// The credential that a step asks for.
fn credential(target: &Target, wanted: Credential) -> Result<Auth, Stop> {
    let nearly = match wanted {
        Credential::Own => return Ok(target.credential.clone()),
        Credential::None => return Ok(Auth::None),
        Credential::Wrong => return Ok(target.credential.wrong()),
        Credential::Second => return Ok(target.second.clone().unwrap_or_default()),
        Credential::OtherTenant => return Ok(target.of(Tenant::Other).credential.clone()),
        Credential::Altered => Nearly::Altered,
        Credential::Cut => Nearly::Cut,
        Credential::Lengthened => Nearly::Lengthened,
        Credential::OtherCase => Nearly::OtherCase,
        Credential::SmallLetters => Nearly::SmallLetters,
    };
    let none = || Stop::NotOffered("its credential has no form that is nearly right".to_owned());
    target.credential.nearly(nearly).ok_or_else(none)
}

/// A raw request; the part of its target below the base URL is what the guard and the reports see.
fn raw(text: &str, names: &Names, common: Outgoing) -> Result<Outgoing, String> {
    let base_path = Url::parse(&common.base).map(|url| url.path().trim_end_matches('/').to_owned());
    let base_path = base_path.unwrap_or_default();
    let mut names = names.clone();
    names.insert("credential".to_owned(), Value::from(CREDENTIAL));
    names.insert("base_path".to_owned(), Value::from(base_path.as_str()));
    let text = fill(text, &names, Place::Plain).map_err(told)?;
    let text = text.replace("\r\n", "\n");
    let (method, target) = one_request(&text)
        .map_err(|why| format!("a raw step sends one request that all read alike, but {why}"))?;
    let below = target
        .strip_prefix(base_path.as_str())
        .filter(|below| below.is_empty() || below.starts_with(['/', '?']))
        .ok_or("its target is not below the base URL: it begins with {{base_path}}")?;
    let method = method.to_owned();
    let (path, query) = below.split_once('?').unwrap_or((below, ""));
    Ok(Outgoing {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        raw: Some(text),
        ..common
    })
}

fn requested(
    conversation: &Conversation<'_>,
    (step, request): (&Step, &Request),
    names: &Names,
    common: Outgoing,
    (path, query_of_path): (String, Option<String>),
) -> Result<Outgoing, String> {
    let manner = &conversation.engine.target().manner;
    let body = body(conversation, step, &request.body, names)?
        .map(|body| manner.fit(&request.method, &path, body));
    Ok(Outgoing {
        method: request.method.clone(),
        path,
        query: match query_of_path {
            Some(query) => query,
            None => query(&request.query, names).map_err(told)?,
        },
        headers: headers(conversation, request, names, body.is_some()).map_err(told)?,
        body,
        ..common
    })
}

/// A path with its names filled in. A value that is no segment of a path, such as an id that is
/// empty or `..`, would address another resource.
fn path(text: &str, names: &Names) -> Result<String, String> {
    let path = fill(text, names, Place::Url).map_err(told)?;
    let filled = path.split('/').zip(text.split('/'));
    let mut astray = filled
        .filter(|(segment, written)| segment != written && matches!(*segment, "" | "." | ".."));
    match astray.next() {
        None => Ok(path),
        Some((segment, written)) => Err(format!(
            "`{written}` is {segment:?}, which would address another resource"
        )),
    }
}

/// Path and query of a URI reference that the target gave, relative to the base URL or absolute (RFC
/// 7643 section 2.3.7). It is followed on the target only.
fn reference(base: &str, name: &str, names: &Names) -> Result<(String, Option<String>), Stop> {
    let written = names.get(name).and_then(Value::as_str);
    let written = written.ok_or_else(|| {
        Stop::Unclear(format!(
            "`{name}` is no reference that an earlier answer brought"
        ))
    })?;
    let elsewhere = || Stop::NotOffered(format!("{written} does not lead to the target"));
    let base = Url::parse(&format!("{}/", base.trim_end_matches('/'))).map_err(|_| elsewhere())?;
    let url = base.join(written).map_err(|_| elsewhere())?;
    let below = url.path().strip_prefix(base.path());
    match below {
        Some(path) if url.origin() == base.origin() => {
            Ok((format!("/{path}"), url.query().map(str::to_owned)))
        }
        _ => Err(elsewhere()),
    }
}

fn told(undefined: Undefined) -> String {
    format!("{undefined}, because an earlier answer did not bring it")
}

fn query(query: &Query, names: &Names) -> Result<String, Undefined> {
    match query {
        Query::Raw(text) => fill(text, names, Place::Url),
        Query::Parameters(parameters) => {
            let written = parameters.iter().map(|(name, value)| {
                let place = if name == "filter" {
                    Place::Filter
                } else {
                    Place::Plain
                };
                Ok(format!(
                    "{}={}",
                    percent_encode(name),
                    percent_encode(&fill(value, names, place)?)
                ))
            });
            Ok(written.collect::<Result<Vec<_>, _>>()?.join("&"))
        }
    }
}

/// The client's headers in its order, then what the step adds; a step's header takes the place of
/// the client's, and an empty one leaves it out. Content-Type goes with a body, or where the step
/// names it.
fn headers(
    conversation: &Conversation<'_>,
    request: &Request,
    names: &Names,
    has_body: bool,
) -> Result<Vec<(String, String)>, Undefined> {
    let mut headers: Vec<(String, String)> = conversation.client_headers().collect();
    let is_type = |name: &str| name.eq_ignore_ascii_case("content-type");
    let typed = has_body || request.headers.iter().any(|(name, _)| is_type(name));
    for (name, value) in &request.headers {
        let value = fill(value, names, Place::Plain)?;
        match headers
            .iter_mut()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
        {
            Some(header) => header.1 = value,
            None => headers.push((name.clone(), value)),
        }
    }
    headers.retain(|(name, value)| !value.is_empty() && (typed || !is_type(name)));
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
    {
        headers.push(("Authorization".to_owned(), CREDENTIAL.to_owned()));
    }
    Ok(headers)
}

fn body(
    conversation: &Conversation<'_>,
    step: &Step,
    body: &Body,
    names: &Names,
) -> Result<Option<String>, String> {
    match body {
        Body::Empty => Ok(None),
        Body::Text(text) => {
            let text = step.long.iter().fold(text.clone(), |text, long| {
                let (start, end) = (long.text.repeat(long.times), long.end.repeat(long.times));
                text.replace(&format!("{{{{{}}}}}", long.name), &(start + &end))
            });
            fill(&text, names, Place::Json).map(Some).map_err(told)
        }
        Body::From { step, set, remove } => {
            let mut taken = conversation
                .earlier(step)
                .cloned()
                .ok_or_else(|| format!("the step `{step}` brought no JSON body to go on with"))?;
            for (pointer, value) in set {
                let pointer = fill(pointer, names, Place::Plain).map_err(told)?;
                set_at(
                    &mut taken,
                    &pointer,
                    fill_value(value, names).map_err(told)?,
                );
            }
            for pointer in remove {
                let pointer = fill(pointer, names, Place::Plain).map_err(told)?;
                taken = condition::remove(taken, &pointer);
            }
            Ok(Some(taken.to_string()))
        }
    }
}

/// A list with one item for each element of another.
pub(super) fn list(list: &ListOf, names: &Names) -> Result<Value, String> {
    let elements = names
        .get(&list.of)
        .and_then(Value::as_array)
        .ok_or_else(|| {
            format!(
                "`{}` is no list, so `{}` cannot be made",
                list.of, list.name
            )
        })?;
    let mut names = names.clone();
    let items = elements
        .iter()
        .take(list.first.unwrap_or(usize::MAX))
        .map(|element| {
            names.insert("item".to_owned(), element.clone());
            for (name, member) in element.as_object().into_iter().flatten() {
                names.insert(format!("item.{name}"), member.clone());
            }
            let text = fill(&list.item, &names, Place::Json).map_err(told)?;
            serde_json::from_str(&text)
                .map_err(|error| format!("an item of `{}` is no JSON: {error}", list.name))
        });
    items
        .collect::<Result<Vec<Value>, String>>()
        .map(Value::Array)
}

/// What exceeds a limit by one, or is within it. A limit that is too large to be exceeded is not
/// offered. A text within it is half as long, as a body holds more than that.
pub(super) fn measured(measured: &Measured, names: &Names) -> Result<Value, Stop> {
    let limit = names.get(&measured.of).and_then(Value::as_u64);
    let limit = limit.ok_or_else(|| {
        Stop::Unclear(format!(
            "`{}` is no limit, so `{}` cannot be made",
            measured.of, measured.name
        ))
    })?;
    let most = u64::from(measured.at_most);
    let count = match (measured.exceeds, &measured.item) {
        (true, _) if limit > most => {
            return Err(Stop::NotOffered(format!(
                "the target's limit of {limit} is too large to be tried"
            )));
        }
        (true, _) => limit + 1,
        (false, Some(_)) => limit.min(most),
        (false, None) => (limit / 2).min(most),
    };
    let count = usize::try_from(count).unwrap_or_default();
    let Some(item) = &measured.item else {
        return Ok(Value::String("x".repeat(count)));
    };
    let item = fill(item, names, Place::Json).map_err(|undefined| Stop::Unclear(told(undefined)));
    let item = serde_json::from_str(&item?).map_err(|error| {
        let name = &measured.name;
        Stop::Unclear(format!("an item of `{name}` is no JSON: {error}"))
    })?;
    Ok(Value::Array(vec![item; count]))
}

/// Sets a member at a JSON pointer; objects on the way that are missing are made.
fn set_at(body: &mut Value, pointer: &str, value: Value) {
    let mut place = body;
    for key in pointer.split('/').skip(1) {
        let key = key.replace("~1", "/").replace("~0", "~");
        if place.is_array() {
            let Some(item) = key
                .parse::<usize>()
                .ok()
                .and_then(|index| place.get_mut(index))
            else {
                return;
            };
            place = item;
            continue;
        }
        if !place.is_object() {
            *place = Value::Object(serde_json::Map::new());
        }
        let Value::Object(members) = place else {
            return;
        };
        place = members.entry(key).or_insert(Value::Null);
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_member_is_set_where_it_belongs() {
        let mut body = json!({"a": {"b": 1}, "l": [{"x": 1}]});
        set_at(&mut body, "/a/b", json!(2));
        set_at(&mut body, "/name/givenName", json!("T"));
        set_at(&mut body, "/l/0/x", json!(3));
        set_at(&mut body, "/l/9/x", json!(4));
        assert_eq!(
            body,
            json!({"a": {"b": 2}, "l": [{"x": 3}], "name": {"givenName": "T"}})
        );
    }

    #[test]
    fn a_value_stays_in_its_segment_of_a_path() {
        let filled = |id: &str| {
            let names = Names::from([("id".to_owned(), json!(id))]);
            path("/Users/{{id}}", &names)
        };
        assert_eq!(filled("a/../b?c\n").unwrap(), "/Users/a%2F..%2Fb%3Fc%0A");
        assert_eq!(filled("%2e%2e").unwrap(), "/Users/%252e%252e");
        for id in ["", ".", ".."] {
            assert!(filled(id).unwrap_err().contains("another resource"), "{id}");
        }
    }

    #[test]
    fn a_reference_is_followed_on_the_target_alone() {
        let base = "https://sp.example/scim/v2";
        let followed = |written: &str| {
            let names = Names::from([("ref".to_owned(), json!(written))]);
            reference(base, "ref", &names)
        };
        let user = || ("/Users/1".to_owned(), None);
        for written in [
            "Users/1",
            "../v2/Users/1",
            "https://sp.example/scim/v2/Users/1",
        ] {
            assert_eq!(followed(written).unwrap(), user(), "{written}");
        }
        let (path, query) = followed("Users/1?v=2").unwrap();
        assert_eq!((path.as_str(), query.as_deref()), ("/Users/1", Some("v=2")));
        for written in [
            "https://other.example/scim/v2/Users/1",
            "/Users/1",
            "urn:a:b",
            "../1",
        ] {
            let stop = followed(written).unwrap_err();
            assert!(matches!(stop, Stop::NotOffered(_)), "{written}");
        }
    }

    #[test]
    fn a_query_is_encoded_as_okta_encodes_it() {
        let names = Names::from([("u".to_owned(), json!("test.user@okta.local"))]);
        let parameters = [("filter", "userName eq \"{{u}}\""), ("startIndex", "1")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let written = query(&Query::Parameters(parameters.to_vec()), &names).unwrap();
        assert_eq!(
            written,
            "filter=userName%20eq%20%22test.user%40okta.local%22&startIndex=1"
        );
        let plus = query(&Query::Raw("filter=userName+eq+%22{{u}}%22".into()), &names).unwrap();
        assert_eq!(plus, "filter=userName+eq+%22test.user%40okta.local%22");
    }
}
