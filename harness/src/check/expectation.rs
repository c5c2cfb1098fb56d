//! Judges what a scenario expects of an answer.

use std::collections::BTreeMap;

use jsonpath_rust::JsonPath;
use serde_json::Value;

use super::{Breach, Judgement, always::is_server_failure, condition, shown, spelling};
use crate::{
    exchange::Answer,
    model::ResourceType,
    scenario::{
        Condition, Credential, Expectation, JsonType, Selector, Send, Statuses, Step, Subject,
        Version,
    },
    source::Location,
    target::Manner,
    template::{Names, Place, Undefined, fill},
};

/// Statuses that say that a method is not there.
const NO_METHOD: [u16; 2] = [405, 501];

/// What a condition may refer to.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// Names with their values.
    pub names: &'a Names,
    /// Bodies of earlier answers, by step.
    pub earlier: &'a BTreeMap<String, Value>,
    /// What the target keeps of what it is sent.
    pub manner: &'a Manner,
    /// The type of the resource that was asked for, if it is known.
    pub own: Option<&'a ResourceType>,
    /// The version that is spoken.
    pub version: Version,
}

impl Scope<'_> {
    /// Whether a value can be demanded at a place: the target keeps what is sent there. What a
    /// client needs it needs whatever the target's schemas say; the RFCs follow these.
    fn demands(&self, expectation: &Expectation, place: &Selector) -> bool {
        let (Selector::Pointer(text) | Selector::Path(text)) = place;
        let apart = self
            .own
            .is_some_and(|own| is_of_rfc(expectation) && own.sets_apart(text));
        let fewer = is_of_rfc(expectation) && self.manner.has_one_value(place);
        let given = asks_for_nothing(expectation) && self.manner.demands(&pointer_of(text));
        !apart && !fewer && !given && self.manner.keeps(place)
    }
}

/// Whether an expectation asks that nothing is at its place: a target file that demands it has seen to
/// it that something is.
fn asks_for_nothing(expectation: &Expectation) -> bool {
    let is_nothing = |condition: &Condition| match condition {
        Condition::Absent => true,
        Condition::Matches(pattern) => pattern.as_str() == "^$",
        _ => false,
    };
    matches!(&expectation.subject, Subject::Body(_, conditions) if conditions.iter().all(is_nothing))
}

/// A place that is written as the plainest of JSONPaths, as a JSON pointer.
fn pointer_of(place: &str) -> String {
    match place.strip_prefix('$') {
        Some(rest) => rest.replace('.', "/"),
        None => place.to_owned(),
    }
}

/// The judgements on one answer. When the status is of another class than any that was expected,
/// the other expectations are not looked at: they could only repeat it.
pub fn judge(step: &Step, answer: &Answer, scope: Scope<'_>) -> Result<Vec<Judgement>, Undefined> {
    let (statuses, others): (Vec<_>, Vec<_>) = step
        .expect
        .iter()
        .partition(|expectation| matches!(expectation.subject, Subject::Status(_)));
    let mut judgements = Vec::new();
    for expectation in statuses {
        judgements.extend(judge_one(step, expectation, answer, scope)?);
    }
    if !breaks_off(step, answer) {
        let mut missing: Vec<&Subject> = Vec::new();
        for expectation in others {
            let subject = &expectation.subject;
            if missing.iter().any(|place| is_within(subject, place)) {
                continue;
            }
            let judged = judge_one(step, expectation, answer, scope)?;
            let is_broken = |judgement: &Judgement| judgement.breach.is_some();
            if judged.as_ref().is_some_and(is_broken) && asks_for_kind(subject) {
                missing.push(subject);
            }
            judgements.extend(judged);
        }
    }
    Ok(judgements)
}

/// Whether an expectation asks no more than that something of a kind is there.
fn asks_for_kind(subject: &Subject) -> bool {
    let is_kind =
        |condition: &Condition| matches!(condition, Condition::Type(_) | Condition::Present);
    match subject {
        Subject::Header(_, conditions) => conditions.iter().all(is_kind),
        Subject::Body(Selector::Pointer(place), conditions) => {
            !place.is_empty() && conditions.iter().all(is_kind)
        }
        _ => false,
    }
}

/// Whether an expectation looks at what is within another's place: where that is missing, it could
/// only repeat it.
fn is_within(subject: &Subject, missing: &Subject) -> bool {
    match (subject, missing) {
        (Subject::Header(name, _), Subject::Header(other, _)) => name.eq_ignore_ascii_case(other),
        (Subject::Body(selector, _), Subject::Body(Selector::Pointer(place), _)) => {
            let rest = match selector {
                Selector::Pointer(pointer) => pointer.strip_prefix(place.as_str()),
                Selector::Path(path) => path.strip_prefix(&format!("${}", place.replace('/', "."))),
            };
            rest.is_some_and(|rest| rest.starts_with(['/', '.', '[']))
        }
        _ => false,
    }
}

/// The judgements on the status of an answer alone.
pub fn judge_status(step: &Step, answer: &Answer, version: Version) -> Vec<Judgement> {
    let judged = step
        .expect
        .iter()
        .filter_map(|expectation| match &expectation.subject {
            Subject::Status(expected) if is_judged(expectation, answer) => {
                let judged = judgement(step, expectation, status(expected, answer));
                Some(by_method(judged, step, answer, version))
            }
            _ => None,
        });
    judged.collect()
}

fn is_judged(expectation: &Expectation, answer: &Answer) -> bool {
    let meant = expectation.when.is_empty() || expectation.when.has(answer.status);
    meant && !fails_apart(expectation, answer.status)
}

/// Whether a server fails where an RFC lets it take a request or refuse it. That has a rule of its own,
/// which the always-on checks judge, and says nothing of what the request is about. A client asks for
/// more: it needs an answer that it can go on with.
fn fails_apart(expectation: &Expectation, status: u16) -> bool {
    let leaves_open = matches!(&expectation.subject, Subject::Status(expected)
        if expected.has_class_of(200) && expected.has_class_of(400));
    leaves_open && is_of_rfc(expectation) && is_server_failure(status)
}

/// Whether a rule is one of an RFC or of SCIM 1.1, not of a client or of security.
fn is_of_rfc(expectation: &Expectation) -> bool {
    ["rfc", "scim11"]
        .iter()
        .any(|book| expectation.rule.starts_with(book))
}

/// Whether an answer is of another class than the step expects, so that the conversation cannot go on.
pub fn breaks_off(step: &Step, answer: &Answer) -> bool {
    let mut expected = step
        .expect
        .iter()
        .filter_map(|expectation| match &expectation.subject {
            Subject::Status(statuses) => Some(statuses),
            _ => None,
        })
        .peekable();
    expected.peek().is_some() && !expected.any(|statuses| statuses.has_class_of(answer.status))
}

/// Whether a success was expected that the answer is not: a refusal in the place of another one is
/// none.
pub fn misses_success(step: &Step, answer: &Answer) -> bool {
    step.expect.iter().any(|expectation| {
        matches!(&expectation.subject, Subject::Status(expected)
            if is_judged(expectation, answer)
                && expected.has_class_of(200)
                && status(expected, answer).is_some())
    })
}

/// Whether what broke a step's expectations is what the list of resources of the answer holds, and
/// nothing else: its length is none of it.
pub fn misses_resources(step: &Step, judgements: &[Judgement]) -> bool {
    let is_of_list = |judgement: &&Judgement| {
        let span = judgement.place.as_ref().map(|place| &place.span);
        let mut judged = step.expect.iter();
        judged.any(|expectation| Some(&expectation.span) == span && looks_into_list(expectation))
    };
    let mut broken = judgements
        .iter()
        .filter(|judgement| judgement.breach.is_some())
        .peekable();
    broken.peek().is_some() && broken.all(|judgement| is_of_list(&judgement))
}

fn looks_into_list(expectation: &Expectation) -> bool {
    let Subject::Body(Selector::Pointer(place) | Selector::Path(place), conditions) =
        &expectation.subject
    else {
        return false;
    };
    let is_length = |condition: &Condition| {
        matches!(
            condition,
            Condition::Length(_) | Condition::MinLength(_) | Condition::MaxLength(_)
        )
    };
    place.contains("Resources") && !conditions.iter().any(is_length)
}

/// Whether a step expects this very status.
pub fn expects(step: &Step, status: u16) -> bool {
    step.expect.iter().any(|expectation| {
        matches!(&expectation.subject, Subject::Status(statuses) if statuses.names(status))
    })
}

/// Whether an expectation that ends the case is broken.
pub fn ends(step: &Step, judgements: &[Judgement]) -> bool {
    let broken = |expectation: &Expectation| {
        judgements.iter().any(|judgement| {
            let place = judgement.place.as_ref();
            judgement.breach.is_some() && place.is_some_and(|place| place.span == expectation.span)
        })
    };
    step.expect
        .iter()
        .any(|expectation| expectation.ends && broken(expectation))
}

fn judge_one(
    step: &Step,
    expectation: &Expectation,
    answer: &Answer,
    scope: Scope<'_>,
) -> Result<Option<Judgement>, Undefined> {
    if !is_judged(expectation, answer) {
        return Ok(None);
    }
    if let Subject::Body(place, _) = &expectation.subject
        && !scope.demands(expectation, place)
    {
        return Ok(None);
    }
    let breach = match &expectation.subject {
        Subject::Status(expected) => status(expected, answer),
        Subject::Header(name, conditions) => header(name, conditions, answer, scope)?,
        Subject::Body(selector, conditions) => body(selector, conditions, answer, scope)?,
        Subject::Pages(_) | Subject::PagesHold(_) | Subject::PagesOrder(_) => return Ok(None),
    };
    let judged = judgement(step, expectation, breach);
    Ok(Some(match &expectation.subject {
        Subject::Status(_) => by_method(judged, step, answer, scope.version),
        _ => judged,
    }))
}

/// A PUT that is refused for its method breaks the rule that PUT is there, and says nothing of what
/// it was about. Whom a target does not let in it need not tell what it has.
fn by_method(judged: Judgement, step: &Step, answer: &Answer, version: Version) -> Judgement {
    let is_put = matches!(&step.send, Send::Request(request) if request.method == "PUT")
        && step.credential == Credential::Own;
    let is_refused = is_put && NO_METHOD.contains(&answer.status) && judged.breach.is_some();
    let is_of_put = ["/put-is-supported", "put-is-accepted"]
        .iter()
        .any(|rule| judged.rule.ends_with(rule));
    if !is_refused || is_of_put {
        return judged;
    }
    let rule = match version {
        Version::V2 => "rfc7644-3.5/put-is-supported",
        Version::V1 => "scim11-api-3.3/put-is-supported",
    };
    Judgement {
        rule: rule.into(),
        leeway: None,
        ..judged
    }
}

/// The judgement of an expectation, with its place in the scenario file.
pub(super) fn judgement(
    step: &Step,
    expectation: &Expectation,
    breach: Option<Breach>,
) -> Judgement {
    let place = Some(Location {
        file: std::sync::Arc::clone(&step.file),
        span: expectation.span.clone(),
    });
    Judgement {
        rule: expectation.rule.clone().into(),
        breach,
        leeway: expectation.leeway.clone().map(Into::into),
        place,
        asked: None,
        step: String::new(),
        exchange: 0,
    }
}

fn status(expected: &Statuses, answer: &Answer) -> Option<Breach> {
    let breach = || {
        Breach::new(
            format!("the status is {}", answer.status),
            format!("status {expected}"),
            status_line(answer),
        )
    };
    (!expected.has(answer.status)).then(breach)
}

/// Between a status and what the body says of it.
const WITH_DETAIL: &str = ", with the detail ";

/// Whether what was expected, in the words of a finding, was a status.
pub(crate) fn is_about_status(expected: &str) -> bool {
    expected.starts_with("status ")
}

/// Whether what came, in the words of a finding, is a status that the body explains.
pub(crate) fn is_explained(actual: &str) -> bool {
    actual.contains(WITH_DETAIL)
}

/// The status with the detail that the body gives, if it gives one.
fn status_line(answer: &Answer) -> String {
    let detail = answer.json.as_ref().and_then(|body| {
        body.get("detail")
            .or_else(|| body.pointer("/Errors/0/description"))
    });
    match detail.and_then(Value::as_str) {
        Some(detail) => format!("status {}{WITH_DETAIL}{detail:?}", answer.status),
        None => format!("status {}", answer.status),
    }
}

fn header(
    name: &str,
    conditions: &[Condition],
    answer: &Answer,
    scope: Scope<'_>,
) -> Result<Option<Breach>, Undefined> {
    let value = answer.header(name).map(Value::from);
    for condition in conditions {
        if let Some(unmet) = condition::unmet(condition, value.as_ref(), scope.names, None)? {
            return Ok(Some(breach(
                &format!("the header {name}"),
                value.as_ref(),
                unmet,
            )));
        }
    }
    Ok(None)
}

fn body(
    selector: &Selector,
    conditions: &[Condition],
    answer: &Answer,
    scope: Scope<'_>,
) -> Result<Option<Breach>, Undefined> {
    let json = match &answer.json {
        Some(json) => json,
        // Nothing can be found in it.
        None if answer.body.is_empty() => &Value::Null,
        None => {
            let actual = "a body that is no JSON";
            return Ok(Some(Breach::new(
                format!("there is {actual}"),
                "a JSON body",
                actual,
            )));
        }
    };
    for condition in conditions {
        let mut found = select(selector, json, scope.names)?;
        if matches!(selector, Selector::Path(_)) && !asks_for_null(condition) {
            // Null is no value (RFC 7643 section 2.5), and there is nothing to judge.
            found.retain(|(_, value)| !value.is_null());
        }
        if condition.is_of_all() {
            let values: Vec<&Value> = found.into_iter().map(|(_, value)| value).collect();
            if let Some((expected, actual)) =
                condition::unmet_by_all(condition, &values, scope.names)?
            {
                let place = place_of(selector, scope.names)?;
                let message = format!(
                    "`{place}` finds {} values, not those expected",
                    values.len()
                );
                return Ok(Some(Breach::new(message, expected, actual)));
            }
            continue;
        }
        let earlier = match condition {
            Condition::SameAs { step, .. } => scope.earlier.get(step),
            _ => None,
        };
        let earlier = match earlier {
            Some(body) => select(selector, body, scope.names)?
                .into_iter()
                .next()
                .map(|(_, value)| value),
            None => None,
        };
        if found.is_empty() && matches!(selector, Selector::Path(_)) && !needs_a_value(condition) {
            continue;
        }
        let places = if found.is_empty() {
            vec![(place_of(selector, scope.names)?, None)]
        } else {
            found
                .into_iter()
                .map(|(place, value)| (place, Some(value)))
                .collect()
        };
        for (place, value) in places {
            if let Some(unmet) = condition::unmet(condition, value, scope.names, earlier)? {
                return Ok(Some(breach(&format!("`{place}`"), value, unmet)));
            }
        }
    }
    Ok(None)
}

/// A selector as it was asked, with its names filled in.
fn place_of(selector: &Selector, names: &Names) -> Result<String, Undefined> {
    fill(&selector.to_string(), names, Place::Plain)
}

/// Whether a condition on a JSONPath asks for at least one value.
fn needs_a_value(condition: &Condition) -> bool {
    matches!(condition, Condition::Present)
}

/// Whether a condition can be met by null.
fn asks_for_null(condition: &Condition) -> bool {
    matches!(
        condition,
        Condition::Present | Condition::Equals(Value::Null) | Condition::Type(JsonType::Null)
    )
}

fn breach(subject: &str, value: Option<&Value>, (expected, actual): (String, String)) -> Breach {
    let message = match value {
        Some(_) => format!("{subject} is {}", shown(value)),
        None => format!("{subject} is missing"),
    };
    Breach {
        message,
        expected,
        actual,
    }
}

/// The values at a place, each with where it is.
pub fn select<'a>(
    selector: &Selector,
    body: &'a Value,
    names: &Names,
) -> Result<Vec<(String, &'a Value)>, Undefined> {
    Ok(match selector {
        Selector::Pointer(pointer) => {
            let pointer = fill(pointer, names, Place::Plain)?;
            let place = if pointer.is_empty() {
                "the body".to_owned()
            } else {
                pointer.clone()
            };
            body.pointer(&pointer)
                .map(|value| (place, value))
                .into_iter()
                .collect()
        }
        Selector::Path(path) => {
            let path = fill(path, names, Place::Plain)?;
            let found = body
                .query_with_path(&spelling::widened(&path, body))
                .unwrap_or_default();
            found
                .into_iter()
                .map(|found| (found.clone().path(), found.val()))
                .collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        scenario::{Body, Credential, Query, Request, Send, Times},
        source::SourceFile,
    };
    use serde_json::json;

    fn step(expect: Vec<(Subject, Statuses)>) -> Step {
        let request = Request {
            method: "GET".into(),
            path: "/Users".into(),
            query: Query::Parameters(Vec::new()),
            headers: Vec::new(),
            body: Body::Empty,
        };
        let expect = expect.into_iter().map(|(subject, when)| Expectation {
            rule: "r".into(),
            when,
            leeway: None,
            ends: false,
            subject,
            span: 0..0,
        });
        Step {
            name: "s".into(),
            span: 0..0,
            file: SourceFile::new("f", ""),
            send: Send::Request(request),
            credential: Credential::Own,
            needs: Vec::new(),
            lists: Vec::new(),
            measured: Vec::new(),
            long: Vec::new(),
            may_be_cut: false,
            unless_broken: Vec::new(),
            not_offered: Statuses::default(),
            only_after: Vec::new(),
            kept: Vec::new(),
            times: Times::Once,
            accepted: None,
            parallel: None,
            only_with: Vec::new(),
            sought: None,
            page_step: None,
            once_per: None,
            eventually: None,
            expect: expect.collect(),
            capture: Vec::new(),
            snapshot: false,
        }
    }

    fn breaches(expect: Vec<(Subject, Statuses)>, answer: &Answer) -> Vec<String> {
        let names = Names::new();
        let judgements = judge(
            &Arc::new(step(expect)),
            answer,
            Scope {
                names: &names,
                earlier: &BTreeMap::new(),
                manner: &Manner::default(),
                own: None,
                version: Version::V2,
            },
        )
        .unwrap();
        judgements
            .into_iter()
            .filter_map(|judgement| judgement.breach)
            .map(|breach| {
                format!(
                    "{} | {} | {}",
                    breach.message, breach.expected, breach.actual
                )
            })
            .collect()
    }

    fn answer(status: u16, body: Value) -> Answer {
        Answer {
            status,
            body: body.to_string(),
            json: Some(body),
            ..Answer::default()
        }
    }

    fn at(pointer: &str, condition: Condition) -> Subject {
        Subject::Body(Selector::Pointer(pointer.into()), vec![condition])
    }

    #[test]
    fn a_breach_says_what_is_what_was_expected_and_what_came() {
        let body = answer(200, json!({"active": "false"}));
        assert_eq!(
            breaches(
                vec![(
                    at("/active", Condition::Equals(json!(false))),
                    Statuses::default()
                )],
                &body
            ),
            [r#"`/active` is string <"false"> | boolean <false> | string <"false">"#]
        );
        assert_eq!(
            breaches(
                vec![(at("/id", Condition::Present), Statuses::default())],
                &body
            ),
            ["`/id` is missing | a value | nothing"]
        );
        assert_eq!(
            breaches(
                vec![(
                    Subject::Header("Location".into(), vec![Condition::Present]),
                    Statuses::default()
                )],
                &body
            ),
            ["the header Location is missing | a value | nothing"]
        );
    }

    #[test]
    fn a_server_that_fails_breaks_no_rule_that_leaves_the_answer_open() {
        let judged = |rule: &str, expected: [u16; 3], status: u16| {
            let mut step = step(vec![(
                Subject::Status(expected.into()),
                Statuses::default(),
            )]);
            step.expect[0].rule = rule.into();
            judge_status(&step, &answer(status, json!({})), Version::V2).len()
        };
        for status in [500, 503] {
            assert_eq!(judged("rfc7644-3.4.2/r", [200, 400, 501], status), 0);
            assert_eq!(judged("okta/r", [200, 400, 501], status), 1);
            assert_eq!(judged("rfc7644-3.4.2/r", [200, 204, 201], status), 1);
        }
        for status in [200, 404, 501, 507] {
            assert_eq!(judged("rfc7644-3.4.2/r", [200, 400, 400], status), 1);
        }
    }

    #[test]
    fn a_put_that_is_refused_for_its_method_breaks_the_rule_of_put_alone() {
        let judged_as = |credential, rule: &str, method: &str, status, version| {
            let mut step = step(vec![(Subject::Status([404].into()), Statuses::default())]);
            step.expect[0].rule = rule.into();
            step.expect[0].leeway = Some("A20".into());
            if let Send::Request(request) = &mut step.send {
                method.clone_into(&mut request.method);
            }
            step.credential = credential;
            let judged = judge_status(&step, &answer(status, json!({})), version);
            (judged[0].rule.to_string(), judged[0].leeway.is_some())
        };
        let judged = |rule: &str, method: &str, status, version| {
            judged_as(Credential::Own, rule, method, status, version)
        };
        let (put, own) = ("rfc7644-3.5/put-is-supported", "okta/group-put-is-accepted");
        let other = "rfc7644-3.6/deleted-resource-is-404";
        for status in [405, 501] {
            assert_eq!(
                judged(other, "PUT", status, Version::V2),
                (put.into(), false)
            );
            assert_eq!(judged(own, "PUT", status, Version::V2), (own.into(), true));
            assert_eq!(
                judged(other, "GET", status, Version::V2),
                (other.into(), true)
            );
        }
        assert_eq!(judged(other, "PUT", 400, Version::V2), (other.into(), true));
        assert_eq!(
            judged_as(Credential::None, other, "PUT", 405, Version::V2),
            (other.into(), true),
            "who is not let in is told nothing of it"
        );
        let of_v1 = ("scim11-api-3.3/put-is-supported".to_owned(), false);
        assert_eq!(
            judged("okta/unknown-user-is-404", "PUT", 405, Version::V1),
            of_v1
        );
    }

    #[test]
    fn a_status_of_another_class_stands_for_all_that_follows_from_it() {
        let expect = vec![
            (at("/id", Condition::Present), Statuses::default()),
            (Subject::Status([201].into()), Statuses::default()),
        ];
        let refused = answer(400, json!({"detail": "no"}));
        assert_eq!(
            breaches(expect.clone(), &refused),
            ["the status is 400 | status 201 | status 400, with the detail \"no\""]
        );
        assert_eq!(breaches(expect, &answer(200, json!({}))).len(), 2);
    }

    #[test]
    fn what_is_missing_stands_for_all_that_should_be_within() {
        let kind = Condition::Type(JsonType::Array);
        let expect = vec![
            (at("/Operations", kind), Statuses::default()),
            (
                at("/Operations/0/method", Condition::Present),
                Statuses::default(),
            ),
            (
                Subject::Body(
                    Selector::Path("$.Operations[*]".into()),
                    vec![Condition::Count(1)],
                ),
                Statuses::default(),
            ),
            (
                at("/OperationsToo", Condition::Present),
                Statuses::default(),
            ),
        ];
        let without = answer(200, json!({"schemas": []}));
        assert_eq!(
            breaches(expect.clone(), &without),
            [
                "`/Operations` is missing | an array | nothing",
                "`/OperationsToo` is missing | a value | nothing"
            ]
        );
        assert_eq!(
            breaches(expect, &answer(200, json!({"Operations": []}))).len(),
            3
        );
    }

    #[test]
    fn in_an_empty_body_nothing_is_found() {
        let path = Subject::Body(
            Selector::Path("$.active".into()),
            vec![Condition::Equals(json!(true))],
        );
        let expect = vec![
            (at("/id", Condition::Present), Statuses::default()),
            (at("/externalId", Condition::Absent), Statuses::default()),
            (path, Statuses::default()),
        ];
        let empty = Answer {
            status: 201,
            ..Answer::default()
        };
        assert_eq!(
            breaches(expect, &empty),
            ["`/id` is missing | a value | nothing"]
        );
    }

    #[test]
    fn an_expectation_is_judged_only_when_its_status_came() {
        let expect = vec![(at("/active", Condition::Present), [200].into())];
        assert!(breaches(expect.clone(), &answer(204, json!({}))).is_empty());
        assert_eq!(breaches(expect, &answer(200, json!({}))).len(), 1);
    }

    #[test]
    fn a_json_path_holds_for_every_value_it_finds() {
        let path = |condition| {
            (
                Subject::Body(
                    Selector::Path("$.Resources[*].active".into()),
                    vec![condition],
                ),
                Statuses::default(),
            )
        };
        let list = answer(
            200,
            json!({"Resources": [{"active": true}, {"active": "true"}]}),
        );
        assert_eq!(
            breaches(vec![path(Condition::Type(JsonType::Boolean))], &list).len(),
            1
        );
        let unassigned = answer(200, json!({"Resources": [{"active": null}]}));
        assert!(
            breaches(vec![path(Condition::Type(JsonType::Boolean))], &unassigned).is_empty(),
            "null is no value"
        );
        assert_eq!(
            breaches(vec![path(Condition::Present)], &unassigned).len(),
            1
        );
        assert!(breaches(vec![path(Condition::Present)], &list).is_empty());
        assert_eq!(
            breaches(vec![path(Condition::Present)], &answer(200, json!({}))).len(),
            1
        );
    }
}
