//! Makes an answer the same from run to run: what differs by nature becomes an alias.

use std::{collections::BTreeSet, sync::LazyLock};

use percent_encoding::percent_decode_str;
use regex::{NoExpand, Regex, RegexBuilder};
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    exchange::{Answer, Exchange, STARS},
    template::Names,
};

/// Headers that belong to an answer's meaning.
const HEADERS: [&str; 6] = [
    "content-type",
    "location",
    "etag",
    "www-authenticate",
    "retry-after",
    "allow",
];
/// Names whose values are random.
const RANDOM: [&str; 5] = [
    "unique",
    "password",
    "okta_password",
    "okta_id",
    "unknown_id",
];
/// Shorter ids are replaced only where they stand alone, as they could be part of anything.
const TELLING_LENGTH: usize = 8;

#[expect(
    clippy::unwrap_used,
    reason = "the pattern is a constant that the tests compile"
)]
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?").unwrap()
});

/// A normalised answer.
#[derive(Clone, Debug)]
pub struct Shot {
    /// The step that got it.
    pub step: String,
    /// Its text.
    pub text: String,
}

impl Shot {
    /// Normalises an answer. `created` holds collection and id of what the case created, in order.
    pub fn new(
        step: &str,
        exchange: &Exchange,
        answer: &Answer,
        names: &Names,
        created: &[(String, String)],
        base: &str,
    ) -> Self {
        let aliases = Aliases::new(names, created, base);
        let headers: Map<String, Value> = HEADERS
            .iter()
            .filter_map(|name| {
                Some((
                    (*name).to_owned(),
                    header(name, answer.header(name)?, &aliases),
                ))
            })
            .collect();
        let body = match &answer.json {
            Some(body) => aliases.value(&own_part(body, exchange, names)),
            None => Value::from(aliases.text(&answer.body)),
        };
        let request = format!(
            "{} {}",
            exchange.request.method,
            aliases.text(&exchange.request.path)
        );
        let mut document =
            json!({"request": request, "status": answer.status, "headers": headers, "body": body});
        document.sort_all_objects();
        let text = serde_json::to_string_pretty(&document).unwrap_or_default();
        Self {
            step: step.to_owned(),
            text,
        }
    }
}

/// Secrets as they were written, and as the text of a snapshot writes them.
pub fn as_written<'a>(secrets: impl Iterator<Item = &'a str>) -> Vec<String> {
    let written = secrets.flat_map(|secret| {
        let plain = serde_json::from_str::<String>(&format!("\"{secret}\"")).ok();
        let plain = plain.unwrap_or_else(|| secret.to_owned());
        let anew = Value::from(plain).to_string();
        let anew = anew.get(1..anew.len() - 1).map(str::to_owned);
        [Some(secret.to_owned()), anew].into_iter().flatten()
    });
    written.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether a member holds a password: no answer should have one, and no file keeps it.
fn is_password(name: &str) -> bool {
    let name = name.to_lowercase();
    name == "password" || name.ends_with(":password")
}

fn header(name: &str, value: &str, aliases: &Aliases) -> Value {
    match name {
        "etag" => Value::from("[version]"),
        _ => Value::from(aliases.text(value)),
    }
}

/// Of a list that may hold resources of others, only what does not depend on them.
fn own_part(body: &Value, exchange: &Exchange, names: &Names) -> Value {
    let unique = names
        .get("unique")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let ours = exchange
        .request
        .parameters
        .iter()
        .any(|(_, value)| value.to_lowercase().contains(unique));
    let mut own = body.clone();
    if let Some(list) = own
        .as_object_mut()
        .filter(|list| list.contains_key("Resources") && !ours)
    {
        for name in ["Resources", "totalResults", "itemsPerPage"] {
            if let Some(value) = list.get_mut(name) {
                *value = Value::from(format!("[{}]", crate::check::type_name(value)));
            }
        }
    }
    own
}

/// What stands for what.
struct Aliases {
    ids: Vec<(String, String)>,
    texts: Vec<(Regex, String)>,
}

impl Aliases {
    fn new(names: &Names, created: &[(String, String)], base: &str) -> Self {
        let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        let mut ids: Vec<(String, String)> = Vec::new();
        for (collection, id) in created {
            let count = counts.entry(collection).or_default();
            *count += 1;
            let kind = collection.trim_end_matches('s').to_lowercase();
            if !ids.iter().any(|(known, _)| known == id) {
                ids.push((id.clone(), format!("[{kind}-{count}]")));
            }
        }
        let random = RANDOM
            .iter()
            .filter_map(|name| Some((names.get(*name)?.as_str()?.to_owned(), format!("[{name}]"))));
        let mut plain: Vec<(String, String)> = random.collect();
        plain.extend(
            ids.iter()
                .filter(|(id, _)| id.len() >= TELLING_LENGTH)
                .cloned(),
        );
        plain.push((base.to_owned(), "[base]".to_owned()));
        plain.extend(
            Url::parse(base)
                .ok()
                .map(|url| (format!("//{}", url.authority()), "//[host]".to_owned())),
        );
        let texts = plain.into_iter().filter_map(|(text, alias)| {
            let regex = RegexBuilder::new(&regex::escape(&text))
                .case_insensitive(true)
                .build()
                .ok()?;
            Some((regex, alias))
        });
        Self {
            ids,
            texts: texts.collect(),
        }
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::from(self.text(text)),
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.value(item)).collect())
            }
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| (self.text(name), self.member(name, value)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    fn member(&self, name: &str, value: &Value) -> Value {
        match (name, value) {
            ("meta", Value::Object(meta)) if meta.contains_key("version") => {
                let mut meta = meta.clone();
                meta.insert("version".to_owned(), Value::from("[version]"));
                self.value(&Value::Object(meta))
            }
            (name, Value::String(text)) if is_password(name) => match self.text(text) {
                alias if alias == "[password]" => Value::from(alias),
                _ => Value::from(STARS),
            },
            ("id", Value::Number(number)) => self
                .id(&number.to_string())
                .map_or_else(|| value.clone(), Value::from),
            _ => self.value(value),
        }
    }

    fn id(&self, text: &str) -> Option<&str> {
        self.ids
            .iter()
            .find(|(id, _)| id == text)
            .map(|(_, alias)| alias.as_str())
    }

    fn text(&self, text: &str) -> String {
        if let Some(alias) = self.id(text) {
            return alias.to_owned();
        }
        let replaced = self
            .texts
            .iter()
            .fold(text.to_owned(), |text, (regex, alias)| {
                regex.replace_all(&text, NoExpand(alias)).into_owned()
            });
        let replaced = TIME.replace_all(&replaced, "[time]").into_owned();
        if !replaced.contains('/') {
            return replaced;
        }
        let segments = replaced.split('/').map(|segment| {
            let decoded = percent_decode_str(segment).decode_utf8_lossy();
            self.id(&decoded)
                .map_or_else(|| segment.to_owned(), str::to_owned)
        });
        segments.collect::<Vec<_>>().join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::SentRequest;

    fn exchange(request: SentRequest) -> Exchange {
        Exchange {
            step: "s".into(),
            request,
            response: None,
            failure: None,
            milliseconds: 0,
            refused: Vec::new(),
        }
    }

    fn shot(target: &str, created: &[(&str, &str)], body: Value, base: &str, seed: &str) -> String {
        let names: Names = [
            ("unique", format!("scim-harness-{seed}")),
            ("okta_id", format!("00u{seed}")),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let parameters = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let request = SentRequest {
            method: "GET".into(),
            path: path.into(),
            parameters,
            ..SentRequest::default()
        };
        let exchange = exchange(request);
        let answer = Answer {
            status: 200,
            headers: vec![("etag".into(), seed.into()), ("date".into(), seed.into())],
            json: Some(body),
            ..Answer::default()
        };
        let created: Vec<(String, String)> = created
            .iter()
            .map(|(kind, id)| ((*kind).to_owned(), (*id).to_owned()))
            .collect();
        Shot::new("s", &exchange, &answer, &names, &created, base).text
    }

    fn user(id: &str, base: &str, seed: &str, time: &str) -> Value {
        json!({"id": id, "userName": format!("SCIM-harness-{seed}@x"), "externalId": format!("00u{seed}"), "title": "1 of 12",
            "meta": {"version": seed, "created": time, "location": format!("{base}/Users/{id}")}})
    }

    #[test]
    fn two_runs_give_the_same_text() {
        let first = shot(
            "/Users/1",
            &[("Users", "1")],
            user("1", "http://a:1/v2", "aa11", "2026-11-24T09:00:00Z"),
            "http://a:1/v2",
            "aa11",
        );
        let second = shot(
            "/Users/2",
            &[("Users", "2")],
            user(
                "2",
                "http://a:99/v2",
                "bb22",
                "2027-01-01T00:00:00.123+01:00",
            ),
            "http://a:99/v2",
            "bb22",
        );
        assert_eq!(first, second);
        assert!(
            first.contains(r#""id": "[user-1]""#)
                && first.contains("[base]/Users/[user-1]")
                && first.contains("1 of 12"),
            "{first}"
        );
    }

    #[test]
    fn a_password_in_an_answer_is_not_kept() {
        let names = |password: &str| [("password".to_owned(), Value::from(password))].into();
        let body = |password: &str| Answer {
            json: Some(json!({"Password": password, "urn:x:password": "c"})),
            ..Answer::default()
        };
        let exchange = exchange(SentRequest::default());
        let shot = |password: &str, names: &Names| {
            Shot::new("s", &exchange, &body(password), names, &[], "http://a/v2").text
        };
        let names: Names = names("hush-1");
        assert!(shot("hush-1", &names).contains(r#""Password": "[password]""#));
        let other = shot("b", &names);
        assert!(other.contains(r#""Password": "********""#), "{other}");
        assert!(other.contains(r#""urn:x:password": "********""#), "{other}");
    }

    #[test]
    fn what_others_created_is_left_out_of_a_list() {
        let list = |total: i64| json!({"schemas": ["x"], "totalResults": total, "Resources": vec![json!({"id": "9"}); 2]});
        let shots =
            [3, 7].map(|total| shot("/Users?count=2", &[], list(total), "http://a/v2", "aa"));
        assert_eq!(shots[0], shots[1]);
        assert!(shots[0].contains(r#""Resources": "[array]""#));
        let ours = shot(
            "/Users?filter=userName+eq+%22scim-harness-aa%22",
            &[],
            list(1),
            "http://a/v2",
            "aa",
        );
        assert!(ours.contains(r#""totalResults": 1"#));
    }
}
