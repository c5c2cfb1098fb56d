//! The parameters of a query (RFC 7644 sections 3.4.2 and 3.4.3, RFC 9865 section 2).

use serde_json::Value;

use crate::error::{Error, Result, ScimType};
use crate::exchange::member;
use crate::projection::Projection;
use crate::store::Data;

/// What a query asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Query {
    pub(crate) filter: Option<String>,
    pub(crate) sort_by: Option<String>,
    /// Whether the order is descending, if the query says which.
    pub(crate) descending: Option<bool>,
    pub(crate) start_index: Option<i64>,
    pub(crate) count: Option<i64>,
    /// Asks for a page by cursor; empty for the first one.
    pub(crate) cursor: Option<String>,
    pub(crate) projection: Projection,
    /// Whether deleted users are found, too, a fault.
    pub(crate) finds_deleted: bool,
}

impl Query {
    /// Reads the parameters of a URL; unknown ones are ignored.
    pub(crate) fn from_params(params: &[(String, String)]) -> Result<Self> {
        let mut query = Self {
            projection: projection(params),
            ..Self::default()
        };
        for (name, value) in params {
            match name.as_str() {
                "filter" => query.filter = Some(value.clone()),
                "sortBy" => query.sort_by = Some(value.clone()),
                "sortOrder" => query.descending = Some(is_descending(value)),
                "startIndex" => query.start_index = Some(integer(name, value)?),
                "count" => query.count = Some(integer(name, value)?),
                "cursor" => query.cursor = Some(value.clone()),
                _ => {}
            }
        }
        Ok(query)
    }

    /// Reads a SearchRequest.
    pub(crate) fn from_search(body: &Data) -> Result<Self> {
        let order = text(body, "sortOrder")?;
        let projection = Projection {
            attributes: names(body, "attributes")?,
            excluded: names(body, "excludedAttributes")?,
            ..Projection::default()
        };
        Ok(Self {
            filter: text(body, "filter")?,
            sort_by: text(body, "sortBy")?,
            descending: order.as_deref().map(is_descending),
            start_index: number(body, "startIndex")?,
            count: number(body, "count")?,
            cursor: text(body, "cursor")?,
            projection,
            finds_deleted: false,
        })
    }
}

/// Reads `attributes` and `excludedAttributes`.
pub(crate) fn projection(params: &[(String, String)]) -> Projection {
    let listed = |wanted: &str| {
        let values = params
            .iter()
            .filter(|(name, _)| name == wanted)
            .map(|(_, value)| value);
        values
            .flat_map(|value| value.split(','))
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect()
    };
    Projection {
        attributes: listed("attributes"),
        excluded: listed("excludedAttributes"),
        requested: Vec::new(),
    }
}

fn is_descending(order: &str) -> bool {
    order.eq_ignore_ascii_case("descending")
}

fn invalid(name: &str, expected: &str) -> Error {
    Error::bad(ScimType::InvalidValue, format!("{name} must be {expected}"))
}

fn integer(name: &str, value: &str) -> Result<i64> {
    value
        .trim()
        .parse()
        .map_err(|_| invalid(name, "an integer"))
}

fn text(body: &Data, name: &str) -> Result<Option<String>> {
    match member(body, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(invalid(name, "a string")),
    }
}

fn number(body: &Data, name: &str) -> Result<Option<i64>> {
    match member(body, name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_i64()
            .map(Some)
            .ok_or_else(|| invalid(name, "an integer")),
    }
}

fn names(body: &Data, name: &str) -> Result<Vec<String>> {
    let strings = |values: &[Value]| {
        values
            .iter()
            .map(|value| value.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| invalid(name, "a list of strings"))
    };
    member(body, name).map_or(Ok(Vec::new()), |value| strings(crate::multi::each(value)))
}
