//! The file format as written: a strict mirror of the TOML, from which the JSON Schema is made.

use std::num::NonZeroU32;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::{Spanned, Value};

use super::status::Statuses;

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
    /// Held only where its client, or itself, is asked for by name.
    #[serde(default)]
    pub on_request: bool,
    /// For an opening: it is held once a run, and its scenarios only read what it made.
    #[serde(default)]
    #[schemars(with = "bool")]
    pub shared: Option<Spanned<bool>>,
    /// The whole conversation is held once for each value or attribute.
    #[serde(default)]
    #[schemars(with = "Option<super::ForEach>")]
    pub for_each: Option<Spanned<super::ForEach>>,
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
    #[schemars(with = "Option<String>")]
    pub raw_query: Option<Spanned<String>>,
    /// Headers added to the client's or instead of them; "" leaves one out.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, String>")]
    pub headers: IndexMap<Spanned<String>, Spanned<String>>,
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
    /// JSON pointers of `body_from`'s body whose value becomes null.
    #[serde(default)]
    pub set_null: Vec<String>,
    /// JSON pointers that are removed from `body_from`'s body.
    #[serde(default)]
    pub remove: Vec<String>,
    /// Names for lists that are made from other lists before the step is sent.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, RawList>")]
    pub lists: IndexMap<Spanned<String>, RawList>,
    /// Names for what exceeds a limit of the target by one.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, RawMeasured>")]
    pub excess: NamedMeasures,
    /// Names for what is within a limit of the target.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, RawMeasured>")]
    pub within: NamedMeasures,
    /// Names for texts of the body that are too long to be written out.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, RawLong>")]
    pub long: IndexMap<Spanned<String>, RawLong>,
    /// The target may close the connection instead of answering, and the conversation goes on.
    #[serde(default)]
    pub may_be_cut: bool,
    /// Another credential: "none", "wrong", "altered", "cut", "lengthened", "other-case",
    /// "small-letters", "second" or "other-tenant".
    #[serde(default, rename = "as")]
    #[schemars(with = "Option<super::Credential>")]
    pub credential: Option<Spanned<super::Credential>>,
    /// A whole HTTP request, sent byte for byte over a socket of its own.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub raw: Option<Spanned<String>>,
    /// The step is left out unless these earlier steps were answered with such statuses.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, Statuses>")]
    pub only_after: IndexMap<Spanned<String>, Statuses>,
    /// Capabilities without which the step is left out.
    #[serde(default)]
    #[schemars(with = "Vec<crate::capability::Capability>")]
    pub needs: Vec<Spanned<String>>,
    /// The step is left out where one of these rules was broken earlier in the case.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub unless_broken: Vec<Spanned<String>>,
    /// Send it so many times, side by side; {{n}} counts from 1.
    #[serde(default)]
    pub repeat: Option<NonZeroU32>,
    /// Send it once for each value.
    #[serde(default)]
    pub for_each: Option<super::ForEach>,
    /// Steps in a row with the same word here are sent at once.
    #[serde(default)]
    pub parallel: Option<String>,
    /// Walk the list as an import does.
    #[serde(default)]
    pub pages: Option<RawPages>,
    /// With one of these statuses the target does not offer it: the case ends as skipped.
    #[serde(default)]
    pub not_offered: Statuses,
    /// In a conversation that is held for each of many: sent only once for each value of this text.
    #[serde(default)]
    pub once_per: Option<String>,
    /// Places of the answer with what the case relies on: where something else stands, the target
    /// does not keep it and the case ends as skipped.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, serde_json::Value>")]
    pub kept: IndexMap<Spanned<String>, Value>,
    /// Places without which in the answer the target does not offer it: the case ends as skipped.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub only_with: Vec<Spanned<String>>,
    /// What `only_with` looks for, in words.
    #[serde(default)]
    pub sought: Option<String>,
    /// Repeat a read until its expectations hold, at most so long: "5s".
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub eventually: Option<Spanned<String>>,
    /// What has to hold.
    #[serde(default)]
    #[schemars(with = "Vec<RawExpectation>")]
    pub expect: Vec<Spanned<RawExpectation>>,
    /// Name for the list of those values of `for_each` for which the answer was 2xx.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub accepted: Option<Spanned<String>>,
    /// Names for values of the answer: JSON pointer, JSONPath or "header Name".
    #[serde(default)]
    #[schemars(with = "IndexMap<String, String>")]
    pub capture: IndexMap<Spanned<String>, Spanned<String>>,
    /// The normalised answer is compared with the recorded one.
    #[serde(default)]
    pub snapshot: bool,
}

/// A JSON list with one item for each element of another.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawList {
    /// Name of the list that it is made from.
    pub of: String,
    /// JSON text of one item; {{item}} is the element, {{item.id}} a member of it.
    #[schemars(with = "String")]
    pub item: Spanned<String>,
    /// Only so many elements, from the first on.
    #[serde(default)]
    pub first: Option<usize>,
}

/// Names with what is measured by a limit.
pub type NamedMeasures = IndexMap<Spanned<String>, RawMeasured>;

/// One more than a limit allows, or no more than that.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMeasured {
    /// Name of the number that is the limit.
    pub of: String,
    /// A larger limit is not exceeded, and the case ends as skipped; within one no more is sent.
    pub at_most: u32,
    /// JSON text of one item of a list; without it, a text.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub item: Option<Spanned<String>>,
}

/// A text so many times in a row.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawLong {
    /// The text.
    pub text: String,
    /// How often it is written.
    pub times: NonZeroU32,
    /// Text that is written as often behind it, such as the brackets that close those of `text`.
    #[serde(default)]
    pub end: String,
}

/// How a list is walked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPages {
    /// What is added to `startIndex` for the next page, or "cursor".
    pub by: RawPageStep,
}

/// How the next page is found.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a number of at least 1, such as 100, or \"cursor\""
)]
pub enum RawPageStep {
    /// By index.
    Index(NonZeroU32),
    /// By cursor.
    Cursor(Cursor),
}

/// The word for paging by cursor.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cursor {
    /// RFC 9865.
    Cursor,
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
    /// Point of known leeway, such as "A13", by which a breach is at most a warning.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub leeway: Option<Spanned<String>>,
    /// A breach ends the case, as what follows could only repeat it.
    #[serde(default)]
    pub ends: bool,
    /// Status of the answer: one, a class such as "2xx", or a list.
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
    /// Is there and is not this JSON value.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub not_equals: Option<Value>,
    /// Is not there, or is not this one as SCIM compares values.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub differs: Option<Value>,
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
    /// Is neither a list with this element nor a string with this part.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub not_contains: Option<Value>,
    /// Is a list with an object that has these members.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub has: Option<Value>,
    /// Is no list with an object that has these members.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub lacks: Option<Value>,
    /// Is this value as SCIM compares values: strings in any case, times as instants, members of an
    /// object that are not named here left aside, elements of a list in any order.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub holds: Option<Value>,
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
    /// Is a date and time that is not earlier than this one, give or take a second.
    #[serde(default)]
    pub not_before: Option<String>,
    /// The values that a JSONPath finds are these, in this order.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub values: Option<Value>,
    /// The values that a JSONPath finds are these, in any order.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub same_values: Option<Value>,
    /// A JSONPath finds so many values.
    #[serde(default)]
    pub count: Option<usize>,
    /// No two of the values that a JSONPath finds are the same.
    #[serde(default)]
    pub distinct: bool,
    /// The strings that a JSONPath finds are in this order, whatever their case.
    #[serde(default)]
    pub sorted: Option<super::Order>,
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
    /// These ids came in a walk over pages, in this order, and nothing else.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub pages_order: Option<Value>,
}
