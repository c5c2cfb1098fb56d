//! Lists that a target cuts to the size of its own pages (RFC 7644 section 3.4.2.4; RFC 9865 section
//! 2), or refuses as too many: what did not come is not known, and nothing is wrong with that.

use serde_json::Value;

use super::{always::Endpoint, is_assigned, member};
use crate::exchange::Exchange;

/// How many resources the longest list holds that a conversation looks into other than page by page. One
/// that shows as many was not cut short of them: who heeds no filter shows others instead.
const LONGEST: i64 = 5;

/// Why a list tells nothing of what it lacks: the target says that more matches, and shows fewer than
/// it was asked for.
pub fn explained(exchange: &Exchange) -> Option<String> {
    let answer = exchange.response.as_ref()?;
    if matches!(Endpoint::of(&exchange.request), Endpoint::Other) {
        return None;
    }
    let body = answer.json.as_ref().filter(|_| answer.status == 200)?;
    let shown = i64::try_from(member(body, "Resources")?.as_array()?.len()).ok()?;
    let asked = |name: &str| exchange.request.asks(name)?.parse::<i64>().ok();
    let before = asked("startIndex").unwrap_or(1).max(1) - 1;
    let total = member(body, "totalResults").and_then(Value::as_i64);
    let more = total.is_some_and(|total| total > before + shown)
        || member(body, "nextCursor").is_some_and(is_assigned);
    let fewer = (1..LONGEST).contains(&shown) && asked("count").is_none_or(|count| shown < count);
    let s = if shown == 1 { "" } else { "s" };
    (more && fewer).then(|| {
        format!("more matches than the target's pages hold: it shows {shown} resource{s} at a time")
    })
}

/// Why a query that is refused tells nothing: the target says that more matches than it is willing to
/// return (RFC 7644 section 3.12, table 9).
pub fn refused(exchange: &Exchange) -> Option<String> {
    let (request, answer) = (&exchange.request, exchange.response.as_ref()?);
    let is_query = request.method == "GET" || request.is_search();
    let said = member(answer.json.as_ref()?, "scimType")?.as_str()?;
    (is_query && answer.status == 400 && said == "tooMany")
        .then(|| "more matches than the target is willing to return: 400 tooMany".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Answer, SentRequest};
    use serde_json::json;

    fn asked(method: &str, path: &str, query: &str, status: u16, body: Value) -> Exchange {
        let query = query.split('&').filter_map(|pair| pair.split_once('='));
        Exchange {
            step: "s".into(),
            request: SentRequest {
                method: method.into(),
                path: path.into(),
                parameters: query
                    .map(|(name, value)| (name.into(), value.into()))
                    .collect(),
                ..SentRequest::default()
            },
            response: Some(Answer {
                status,
                json: Some(body),
                ..Answer::default()
            }),
            failure: None,
            milliseconds: 1,
            refused: Vec::new(),
        }
    }

    fn is_explained(query: &str, body: Value) -> bool {
        explained(&asked("GET", "/Users", query, 200, body)).is_some()
    }

    #[test]
    fn too_many_is_no_other_refusal() {
        let is_refused = |method: &str, path: &str, status: u16, said: &str| {
            refused(&asked(method, path, "", status, json!({"scimType": said}))).is_some()
        };
        assert!(is_refused("GET", "/Users", 400, "tooMany"));
        assert!(is_refused("POST", "/Users/.search", 400, "tooMany"));
        assert!(!is_refused("POST", "/Users", 400, "tooMany"));
        assert!(!is_refused("GET", "/Users", 413, "tooMany"));
        assert!(!is_refused("GET", "/Users", 400, "invalidFilter"));
    }

    #[test]
    fn pages_are_as_small_as_the_target_likes() {
        let page = |total: i64, shown: usize| json!({"totalResults": total, "Resources": vec![json!({"id": "1"}); shown]});
        for (query, total, shown, expected) in [
            ("", 5, 2, true),
            ("", 2, 2, false),
            ("", 2, 0, false),
            ("count=3", 5, 2, true),
            ("count=2", 5, 2, false),
            ("startIndex=4", 5, 2, false),
            ("startIndex=4", 6, 2, true),
            ("", 500, 4, true),
            ("", 500, 5, false),
            ("", 500, 100, false),
        ] {
            assert_eq!(
                is_explained(query, page(total, shown)),
                expected,
                "{query} {total} {shown}"
            );
        }
        let by_cursor = |cursor: &str| json!({"Resources": [{"id": "1"}], "nextCursor": cursor});
        assert!(is_explained("", by_cursor("x")));
        assert!(!is_explained(
            "",
            json!({"Resources": [{"id": "1"}], "nextCursor": null})
        ));
    }
}
