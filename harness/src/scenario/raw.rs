//! The file format as written: a strict mirror of the TOML, from which the JSON Schema is made.

use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};
use toml::{Spanned, Value};

/// One conversation between an identity provider and the service provider under test.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "scim-harness scenario")]
pub struct RawScenario {
    /// One sentence in the present tense, unique over all files.
    #[schemars(with = "String")]
    pub title: Spanned<String>,
    /// Whose conversation this is: names of fixtures/clients.toml. Openings have none.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub client: Vec<Spanned<String>>,
    /// Protocol version: "2.0" or "1.1".
    #[schemars(with = "String", extend("enum" = ["2.0", "1.1"]))]
    pub scim: Spanned<String>,
    /// Capabilities without which the scenario is skipped.
    #[serde(default)]
    #[schemars(with = "Vec<crate::capability::Capability>")]
    pub needs: Vec<Spanned<String>>,
    /// Case ids of Okta's manual test plan that it covers.
    #[serde(default)]
    pub plan: Vec<String>,
    /// Where the conversation is described.
    #[serde(default)]
    pub cites: Option<String>,
    /// Openings, run first: "okta/v2/user" is scenarios/given/okta/v2/user.toml.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub given: Vec<Spanned<String>>,
    /// No other scenario of ours runs at the same time.
    #[serde(default)]
    pub alone: bool,
    /// Names with values, in order; a value may use the names above it.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, serde_json::Value>")]
    pub vars: IndexMap<Spanned<String>, Spanned<Value>>,
    /// The steps, in order.
    #[serde(default)]
    #[schemars(with = "Vec<RawStep>")]
    pub step: Vec<Spanned<RawStep>>,
}

/// One request with what is expected of its answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawStep {
    /// Short, unique in the file.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// Method and path below the base URL: "PATCH /Users/{{user_id}}".
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub send: Option<Spanned<String>>,
    /// Parameters, sent in this order and percent-encoded.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, serde_json::Value>")]
    pub query: IndexMap<String, Value>,
    /// The query string as it is sent, instead of `query`.
    #[serde(default)]
    pub raw_query: Option<String>,
    /// Headers added to the client's or instead of them; "" leaves one out.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// Text of the body, sent byte for byte after substitution.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub body: Option<Spanned<String>>,
    /// The body is not JSON, on purpose.
    #[serde(default)]
    pub malformed: bool,
    /// Name of an earlier step whose answer is the body.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub body_from: Option<Spanned<String>>,
    /// JSON pointers of `body_from`'s body with their new values.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, serde_json::Value>")]
    pub set: IndexMap<String, Value>,
    /// JSON pointers that are removed from `body_from`'s body.
    #[serde(default)]
    pub remove: Vec<String>,
    /// Another credential: "none", "wrong" or "second".
    #[serde(default, rename = "as")]
    #[schemars(with = "Option<super::Credential>")]
    pub credential: Option<Spanned<super::Credential>>,
    /// A whole HTTP request, sent byte for byte over a socket of its own.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub raw: Option<Spanned<String>>,
    /// Capabilities without which the step is left out.
    #[serde(default)]
    #[schemars(with = "Vec<crate::capability::Capability>")]
    pub needs: Vec<Spanned<String>>,
    /// Send it so many times, side by side; {{n}} counts from 1.
    #[serde(default)]
    pub repeat: Option<u32>,
    /// Send it once for each value.
    #[serde(default)]
    pub for_each: Option<super::ForEach>,
    /// Steps in a row with the same word here are sent at once.
    #[serde(default)]
    pub parallel: Option<String>,
    /// Walk the list as an import does.
    #[serde(default)]
    pub pages: Option<RawPages>,
    /// Repeat a read until its expectations hold, at most so long: "5s".
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub eventually: Option<Spanned<String>>,
    /// What has to hold.
    #[serde(default)]
    #[schemars(with = "Vec<RawExpectation>")]
    pub expect: Vec<Spanned<RawExpectation>>,
    /// Names for values of the answer: JSON pointer, JSONPath or "header Name".
    #[serde(default)]
    #[schemars(with = "IndexMap<String, String>")]
    pub capture: IndexMap<Spanned<String>, Spanned<String>>,
    /// The normalised answer is compared with the recorded one.
    #[serde(default)]
    pub snapshot: bool,
}

/// How a list is walked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPages {
    /// What is added to `startIndex` for the next page.
    pub by: u32,
}

/// One condition on an answer, with the rule that it proves.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawExpectation {
    /// Id of a rule of the rulebook.
    #[schemars(with = "String")]
    pub rule: Spanned<String>,
    /// Judged only if the answer had this status.
    #[serde(default)]
    pub when: Statuses,
    /// Status of the answer: one or a list.
    #[serde(default)]
    pub status: Statuses,
    /// Name of the header that is looked at.
    #[serde(default)]
    pub header: Option<String>,
    /// JSON pointer ("" is the whole body) or JSONPath ("$…") of what is looked at.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub at: Option<Spanned<String>>,
    /// Is this JSON value.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub equals: Option<Value>,
    /// Is this string, whatever its case.
    #[serde(default)]
    pub equals_ignore_case: Option<String>,
    /// Is of this JSON type.
    #[serde(default, rename = "type")]
    pub kind: Option<super::JsonType>,
    /// Is a string that matches this regular expression.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub matches: Option<Spanned<String>>,
    /// Is there.
    #[serde(default)]
    pub present: bool,
    /// Is not there; null and [] count as not there.
    #[serde(default)]
    pub absent: bool,
    /// Is a list with this element or a string with this part.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub contains: Option<Value>,
    /// Is a list of these elements, in any order.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub same_items: Option<Value>,
    /// Is a list or string of this length.
    #[serde(default)]
    pub length: Option<usize>,
    /// Is a list or string at least this long.
    #[serde(default)]
    pub min_length: Option<usize>,
    /// Is a list or string at most this long.
    #[serde(default)]
    pub max_length: Option<usize>,
    /// Is a number not below this.
    #[serde(default)]
    pub at_least: Option<f64>,
    /// Is a number not above this.
    #[serde(default)]
    pub at_most: Option<f64>,
    /// Is valid against this JSON Schema of fixtures/schemas/.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub schema: Option<Spanned<String>>,
    /// Equals the same place in the answer of this earlier step.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub same_as: Option<Spanned<String>>,
    /// Places that `same_as` leaves out.
    #[serde(default)]
    pub except: Vec<String>,
    /// Judges a walk over pages.
    #[serde(default)]
    pub pages: Option<super::Walk>,
    /// All of these ids came in a walk over pages.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub pages_hold: Option<Value>,
}

/// One HTTP status or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema)]
#[schemars(with = "StatusForms")]
pub struct Statuses(pub Vec<u16>);

#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its JSON Schema is used")]
enum StatusForms {
    One(u16),
    Many(Vec<u16>),
}

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StatusesVisitor)
    }
}

struct StatusesVisitor;

impl<'de> Visitor<'de> for StatusesVisitor {
    type Value = Statuses;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an HTTP status such as 200, or a list such as [200, 204]")
    }

    fn visit_i64<E: de::Error>(self, status: i64) -> Result<Statuses, E> {
        match u16::try_from(status) {
            Ok(code) if (100..600).contains(&code) => Ok(Statuses(vec![code])),
            _ => Err(E::invalid_value(de::Unexpected::Signed(status), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Statuses, A::Error> {
        let mut statuses = Vec::new();
        while let Some(Statuses(one)) = list.next_element()? {
            statuses.extend(one);
        }
        Ok(Statuses(statuses))
    }
}
