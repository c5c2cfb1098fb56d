//! Scenarios: the conversations as plain data, read from declarative files.

mod lint;
mod load;
mod lower;
mod raw;
mod status;

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    capability::Capability,
    model::family::Attributes,
    source::{Location, SourceFile, Span},
};

pub use lint::{lint, lint_with};
pub use load::{Collection, load_embedded, load_files, load_folder};
pub use status::Statuses;

/// Protocol version of SCIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Version {
    /// SCIM 1.1 (simplecloud drafts of 2012).
    #[serde(rename = "1.1")]
    V1,
    /// SCIM 2.0 (RFC 7643 and 7644).
    #[serde(rename = "2.0")]
    V2,
}

impl Version {
    /// URN that marks a list of resources.
    pub fn list_urn(self) -> &'static str {
        match self {
            Self::V1 => CORE_V1,
            Self::V2 => "urn:ietf:params:scim:api:messages:2.0:ListResponse",
        }
    }

    /// Media type of this version's JSON.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::V1 => "application/json",
            Self::V2 => "application/scim+json",
        }
    }
}

/// The one schema URN of SCIM 1.1's users, groups and lists.
pub const CORE_V1: &str = "urn:scim:schemas:core:1.0";

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::V1 => "1.1",
            Self::V2 => "2.0",
        })
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "1.1" => Ok(Self::V1),
            "2.0" => Ok(Self::V2),
            other => Err(format!("`{other}` is no SCIM version: it is 2.0 or 1.1")),
        }
    }
}

/// One conversation.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name from the file's path: `okta::v2::create_user`, for an opening `okta/v2/user`.
    pub name: String,
    /// One sentence.
    pub title: String,
    /// Whose conversation it is; empty for an opening.
    pub clients: Vec<String>,
    /// Protocol version.
    pub scim: Version,
    /// What the target has to offer.
    pub needs: Vec<Capability>,
    /// Cases of Okta's manual test plan that it covers.
    pub plan: Vec<String>,
    /// Where it is described.
    pub cites: Option<String>,
    /// Openings, in order, with the place where each is named.
    pub given: Vec<(String, Span)>,
    /// Whether nothing else of ours may run at the same time.
    pub alone: bool,
    /// Held only where its client, or itself, is asked for by name.
    pub on_request: bool,
    /// For an opening: whether it is held once a run for all scenarios that begin with it.
    pub shared: bool,
    /// For which values or attributes the whole conversation is held, once each.
    pub for_each: Option<ForEach>,
    /// Names with values, in order, with the place of the name.
    pub vars: Vec<(String, Value, Span)>,
    /// The steps, in order.
    pub steps: Vec<Arc<Step>>,
    /// The file it was read from.
    pub file: Arc<SourceFile>,
    /// Where the title stands.
    pub title_span: Span,
    /// Whether it is an opening of others and no case of its own.
    pub is_opening: bool,
}

impl Scenario {
    /// A place in its file.
    pub fn location(&self, span: &Span) -> Location {
        Location {
            file: Arc::clone(&self.file),
            span: span.clone(),
        }
    }
}

/// One request with what is expected of its answer.
#[derive(Clone, Debug)]
pub struct Step {
    /// Short name, unique in the file.
    pub name: String,
    /// Where the step's name stands.
    pub span: Span,
    /// The file it stands in.
    pub file: Arc<SourceFile>,
    /// What is sent.
    pub send: Send,
    /// With which credential.
    pub credential: Credential,
    /// What the target has to offer for this step.
    pub needs: Vec<Capability>,
    /// Lists that are made from other lists before the step is sent.
    pub lists: Vec<ListOf>,
    /// What exceeds a limit of the target or is within it, made before the step is sent.
    pub measured: Vec<Measured>,
    /// Texts of its body that are too long to be written out.
    pub long: Vec<Long>,
    /// Whether the target may close the connection instead of answering.
    pub may_be_cut: bool,
    /// Rules whose breach, earlier in the case, leaves nothing to judge here.
    pub unless_broken: Vec<String>,
    /// Statuses by which the target says that it does not offer this.
    pub not_offered: Statuses,
    /// Earlier steps, with the statuses of their answers without which this one is left out.
    pub only_after: Vec<(String, Statuses)>,
    /// Places of the answer, with what they have to hold for the case to go on.
    pub kept: Vec<(Selector, Value)>,
    /// Once, many times, or once for each value.
    pub times: Times,
    /// Name for the values of the family for which the answer was 2xx.
    pub accepted: Option<(String, Span)>,
    /// Steps in a row with the same word are sent at once, and all the times of each.
    pub parallel: Option<String>,
    /// Places without which in the answer the target does not offer this.
    pub only_with: Vec<Selector>,
    /// What is looked for there, in words.
    pub sought: Option<String>,
    /// How a list is walked.
    pub page_step: Option<PageStep>,
    /// Text for each value of which it is sent only once, in a conversation held for many.
    pub once_per: Option<String>,
    /// How long a read is repeated until its expectations hold.
    pub eventually: Option<Duration>,
    /// What has to hold.
    pub expect: Vec<Expectation>,
    /// Names for values of the answer.
    pub capture: Vec<Capture>,
    /// Whether the answer is compared with the recorded one.
    pub snapshot: bool,
}

impl Step {
    /// Whether it is sent more than once, or for each value of a family.
    pub fn is_sent_many_times(&self) -> bool {
        !matches!(self.times, Times::Once)
    }
}

/// A JSON list with one item for each element of another.
#[derive(Clone, Debug, PartialEq)]
pub struct ListOf {
    /// Its name.
    pub name: String,
    /// Name of the list that it is made from.
    pub of: String,
    /// JSON text of one item; `{{item}}` is the element, `{{item.id}}` a member of it.
    pub item: String,
    /// Only so many elements, from the first on.
    pub first: Option<usize>,
    /// Where the name stands in the file.
    pub span: Span,
}

/// A list of items, or a text, that is made by a limit of the target.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// Whether it exceeds the limit by one, or is within it.
    pub exceeds: bool,
    /// Name of the number that is the limit.
    pub of: String,
    /// The largest limit that is exceeded, or the most that is sent within one.
    pub at_most: u32,
    /// JSON text of one item of a list; none for a text.
    pub item: Option<String>,
    /// Where the name stands in the file.
    pub span: Span,
}

/// A text so many times in a row, which stands in a body as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Long {
    /// Its name.
    pub name: String,
    /// The text.
    pub text: String,
    /// What is written as often behind it.
    pub end: String,
    /// How often.
    pub times: usize,
    /// Where the name stands in the file.
    pub span: Span,
}

/// How a walk over a list finds the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStep {
    /// `startIndex` moves on by so much.
    Index(u32),
    /// By the `nextCursor` of the page before (RFC 9865).
    Cursor,
}

/// What a step sends.
#[derive(Clone, Debug, PartialEq)]
pub enum Send {
    /// A request below the base URL.
    Request(Request),
    /// A whole request, byte for byte, over a socket of its own.
    Raw(String),
}

impl Send {
    /// Whether it asks for users, in a bulk job too.
    pub fn is_about_users(&self) -> bool {
        match self {
            Self::Request(request) => {
                let in_body =
                    matches!(&request.body, Body::Text(text) if text.contains("\"/Users"));
                request.path.starts_with("/Users") || in_body
            }
            Self::Raw(text) => text.contains("/Users"),
        }
    }
}

/// A request as the scenario describes it, names not yet filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Method in upper case.
    pub method: String,
    /// Path below the base URL.
    pub path: String,
    /// Query string.
    pub query: Query,
    /// Headers on top of the client's; an empty value leaves one out.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Body,
}

impl Request {
    /// Whether it can change nothing on the server.
    pub fn is_read(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
            || self.path.ends_with("/.search")
    }
}

/// The query string of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// Parameters that we percent-encode, in order.
    Parameters(Vec<(String, String)>),
    /// Sent as written.
    Raw(String),
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// No body.
    Empty,
    /// Text with names in it, which has to be JSON or not.
    Text(String),
    /// The answer of an earlier step with some members set and removed.
    From {
        /// Name of that step.
        step: String,
        /// JSON pointers with new values.
        set: Vec<(String, Value)>,
        /// JSON pointers that are removed.
        remove: Vec<String>,
    },
}

/// Which credential a step uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    /// The target's own.
    #[default]
    #[serde(skip)]
    Own,
    /// None at all.
    None,
    /// One of the same form that is not right.
    Wrong,
    /// The target's own with another character in its last third.
    Altered,
    /// The target's own without its last characters.
    Cut,
    /// The target's own with some characters more at its end.
    Lengthened,
    /// The target's own with its letters in the other case.
    OtherCase,
    /// The target's own, with the name of its scheme in small letters.
    SmallLetters,
    /// The target's second one.
    Second,
    /// That of another tenant.
    OtherTenant,
}

/// How often a step is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Times {
    /// Once.
    Once,
    /// So many times, side by side, `{{n}}` counting from 1.
    Repeat(u32),
    /// Once for each value of a family.
    ForEach(Box<ForEach>),
}

/// A family of values for which a step is sent or a conversation held.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForEach {
    /// The name that stands for the value.
    pub name: String,
    /// The values themselves.
    #[serde(default)]
    pub of: Vec<String>,
    /// The name of a list that an earlier step captured.
    #[serde(default)]
    pub list: Option<String>,
    /// These attributes of the target's own schemas.
    #[serde(default)]
    pub attributes: Option<Attributes>,
    /// The endpoints of these resource types of the target's own, without a slash before them.
    #[serde(default)]
    pub resource_types: Option<ResourceTypes>,
}

/// Which resource types that the target lists are meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceTypes {
    /// Their schema is one of these; none: all types.
    pub schema: Vec<String>,
}

/// A name for a value of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    /// The name.
    pub name: String,
    /// Where the value is.
    pub from: CaptureFrom,
    /// Where the name stands in the file.
    pub span: Span,
}

/// Where a captured value is.
#[derive(Clone, Debug, PartialEq)]
pub enum CaptureFrom {
    /// In the body.
    Body(Selector),
    /// In the header of this name.
    Header(String),
}

/// A place in a JSON body.
#[derive(Clone, Debug, PartialEq)]
pub enum Selector {
    /// JSON pointer (RFC 6901).
    Pointer(String),
    /// JSONPath (RFC 9535).
    Path(String),
}

impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pointer(text) if text.is_empty() => formatter.write_str("the body"),
            Self::Pointer(text) | Self::Path(text) => formatter.write_str(text),
        }
    }
}

/// One condition on an answer, with the rule that it proves.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Id of the rule.
    pub rule: String,
    /// Judged only for these statuses; empty: always.
    pub when: Statuses,
    /// A point of known leeway by which a breach is at most a warning.
    pub leeway: Option<String>,
    /// Whether a breach ends the case.
    pub ends: bool,
    /// What is looked at and what has to hold.
    pub subject: Subject,
    /// Where the expectation stands in the file.
    pub span: Span,
}

/// What an expectation looks at.
#[derive(Clone, Debug)]
pub enum Subject {
    /// The status is one of these.
    Status(Statuses),
    /// A header, with the conditions on it.
    Header(String, Vec<Condition>),
    /// A place in the body, with the conditions on it.
    Body(Selector, Vec<Condition>),
    /// A walk over pages.
    Pages(Walk),
    /// A walk over pages that brings all of these ids.
    PagesHold(Value),
    /// A walk over pages that brings these ids in this order, and nothing else.
    PagesOrder(Value),
}

/// What is asked of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Is this value.
    Equals(Value),
    /// Is there and is not this value.
    NotEquals(Value),
    /// Is not there, or is not this value as SCIM compares values.
    Differs(Value),
    /// Is this string, whatever its case.
    EqualsIgnoreCase(String),
    /// Is of this type.
    Type(JsonType),
    /// Matches this regular expression.
    Matches(String),
    /// Is there.
    Present,
    /// Is not there.
    Absent,
    /// Has this element or part.
    Contains(Value),
    /// Has neither this element nor this part.
    NotContains(Value),
    /// Has an object with these members.
    Has(Value),
    /// Has no object with these members.
    Lacks(Value),
    /// Is this value as SCIM compares values.
    Holds(Value),
    /// Has these elements in any order.
    SameItems(Value),
    /// Is this long.
    Length(usize),
    /// Is at least this long.
    MinLength(usize),
    /// Is at most this long.
    MaxLength(usize),
    /// Is not below this.
    AtLeast(f64),
    /// Is not above this.
    AtMost(f64),
    /// Is a date and time not earlier than this one.
    NotBefore(String),
    /// The values found are these, in this order.
    Values(Value),
    /// The values found are these, in any order.
    SameValues(Value),
    /// So many values are found.
    Count(usize),
    /// No two of the values found are the same.
    Distinct,
    /// The strings found are in this order.
    Sorted(Order),
    /// Is valid against this JSON Schema.
    Schema(String),
    /// Equals the same place in an earlier step's answer, some places left out.
    SameAs {
        /// The earlier step.
        step: String,
        /// JSON pointers that are not compared.
        except: Vec<String>,
    },
}

impl Condition {
    /// Whether it is asked of all values together that a JSONPath finds.
    pub fn is_of_all(&self) -> bool {
        matches!(
            self,
            Self::Values(_)
                | Self::SameValues(_)
                | Self::Count(_)
                | Self::Distinct
                | Self::Sorted(_)
        )
    }
}

/// Order of strings, whatever their case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Order {
    Ascending,
    Descending,
}

/// Type of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum JsonType {
    String,
    Integer,
    Number,
    Boolean,
    Array,
    Object,
    Null,
}

/// What is asked of a walk over pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Walk {
    /// No resource comes twice.
    Disjoint,
    /// As many resources come as `totalResults` says.
    Complete,
    /// Every page but the last holds as many resources as were asked for.
    Full,
    /// The first page, read again, has the same resources in the same order.
    Steady,
    /// The first page has no `previousCursor`.
    Begins,
    /// The cursors lead to a last page, which has no `nextCursor`.
    Ends,
}

/// JSON Schema of the file format, for editors.
pub fn json_schema() -> Value {
    schemars::schema_for!(raw::RawScenario).to_value()
}
