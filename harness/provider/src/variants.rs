//! What a provider may do otherwise without being wrong, where it takes more than a line.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::config::Config;
use crate::error::{Error, Result, ScimType};
use crate::exchange::Outcome;
use crate::message::Response;
use crate::resources::new_id;
use crate::schema::{Attribute, Kind, ResourceType, Returned, Type, urn};
use crate::store::{Data, Resource};
use crate::switch::Switch;

/// Changes new data before it is stored: `primary-false-shown`, `formatted-name-derived`,
/// `display-name-derived`, `display-name-is-user-name`, `letters-lowered`, `types-in-capitals` and
/// `user-names-in-capitals`.
pub(crate) fn settle(config: &Config, resource_type: &'static ResourceType, data: &mut Data) {
    if config.has(Switch::PrimaryFalseShown) {
        for (name, value) in data.iter_mut() {
            let has_primary = resource_type
                .attribute(name)
                .is_some_and(|attribute| attribute.sub("primary").is_some());
            let values = value.as_array_mut().filter(|_| has_primary);
            for value in values
                .into_iter()
                .flatten()
                .filter_map(Value::as_object_mut)
            {
                value.entry("primary").or_insert(json!(false));
            }
        }
    }
    if config.has(Switch::TypesInCapitals) {
        for (name, value) in data.iter_mut() {
            let is_apart = resource_type
                .attribute(name)
                .is_some_and(|attribute| attribute.sub("$ref").is_some());
            let values = value.as_array_mut().filter(|_| !is_apart);
            for value in values.into_iter().flatten() {
                if let Some(Value::String(kind)) = value.get_mut("type") {
                    kind.make_ascii_uppercase();
                }
            }
        }
    }
    if config.has(Switch::FormattedNameDerived)
        && let Some(Value::Object(name)) = data.get_mut("name")
    {
        let parts = ["givenName", "middleName", "familyName"];
        let parts: Vec<&str> = parts
            .iter()
            .filter_map(|part| name.get(*part)?.as_str())
            .collect();
        name.insert("formatted".to_owned(), parts.join(" ").into());
    }
    if config.has(Switch::DisplayNameDerived)
        && let Some(Value::Object(name)) = data.get("name")
    {
        let parts = ["givenName", "familyName"];
        let parts: Vec<&str> = parts
            .iter()
            .filter_map(|part| name.get(*part)?.as_str())
            .collect();
        let display = parts.join(" ");
        if !display.is_empty() {
            data.insert("displayName".to_owned(), display.into());
        }
    }
    if config.has(Switch::DisplayNameIsUserName)
        && let Some(name) = data.get("userName").cloned()
    {
        data.insert("displayName".to_owned(), name);
    }
    if config.has(Switch::LettersLowered) {
        lower(resource_type.attributes(), data);
        for extension in &resource_type.extensions {
            if let Some(Value::Object(data)) = data.get_mut(&extension.id) {
                lower(&extension.attributes, data);
            }
        }
    }
    if config.has(Switch::UserNamesInCapitals)
        && let Some(Value::String(name)) = data.get_mut("userName")
    {
        name.make_ascii_uppercase();
    }
}

/// Strings in small letters where case does not matter (RFC 7643 section 7); what names another
/// resource stays.
fn lower<'a>(attributes: impl IntoIterator<Item = &'a Attribute>, data: &mut Data) {
    for attribute in attributes {
        let names_another = attribute.sub("$ref").is_some();
        match data.get_mut(&attribute.name) {
            Some(Value::String(text)) if is_any_case(attribute) => *text = text.to_lowercase(),
            Some(Value::Object(data)) if !names_another => lower(&attribute.sub_attributes, data),
            Some(Value::Array(values)) if !names_another => {
                let values = values.iter_mut().filter_map(Value::as_object_mut);
                values.for_each(|data| lower(&attribute.sub_attributes, data));
            }
            _ => {}
        }
    }
}

fn is_any_case(attribute: &Attribute) -> bool {
    attribute.kind == Type::String && !attribute.case_exact && attribute.returned != Returned::Never
}

/// `listed-late`: lists do not know yet who was created or changed just now.
pub(crate) fn hide_the_latest(config: &Config, found: &mut Vec<&Resource>) {
    if config.has(Switch::ListedLate) {
        let known = Timestamp::now() - SignedDuration::from_millis(10);
        found.retain(|resource| resource.modified < known);
    }
}

/// `patch-answers-nothing`: success without the resource.
pub(crate) fn without_body(outcome: Outcome) -> Outcome {
    Outcome {
        status: 204,
        body: None,
        ..outcome
    }
}

/// `values-in-any-order`: the values of each attribute are turned a step further each time.
pub(crate) fn turn(config: &Config, turn: usize, body: &mut Map<String, Value>) {
    if !config.has(Switch::ValuesInAnyOrder) {
        return;
    }
    for (name, value) in body {
        if let Value::Array(values) = value
            && name != "schemas"
            && !values.is_empty()
        {
            let step = turn % values.len();
            values.rotate_left(step);
        }
    }
}

/// `content-location-sent`: where the resource in the body is.
pub(crate) fn located(config: &Config, mut response: Response) -> Response {
    if config.has(Switch::ContentLocationSent)
        && let Ok(body) = serde_json::from_slice::<Value>(&response.body)
        && let Some(location) = body.pointer("/meta/location").and_then(Value::as_str)
    {
        let header = ("Content-Location".to_owned(), location.to_owned());
        response.headers.push(header);
    }
    response
}

/// `empty-groups-refused`, `user-names-in-domain`, `strong-passwords`, `phone-numbers-demanded`,
/// `employee-number-demanded`, `external-id-demanded` and `one-value-taken`.
pub(crate) fn check(config: &Config, kind: Kind, data: &Data) -> Result<()> {
    let is_empty = || !data.contains_key("members");
    let is_elsewhere = || {
        let name = data.get("userName").and_then(Value::as_str);
        name.is_some_and(|name| !name.to_lowercase().ends_with("@example.com"))
    };
    let refused = |detail| Err(Error::bad(ScimType::InvalidValue, detail));
    match kind {
        Kind::Group if config.has(Switch::EmptyGroupsRefused) && is_empty() => {
            refused("a group has at least one member")
        }
        Kind::User if config.has(Switch::UserNamesInDomain) && is_elsewhere() => {
            refused("a userName is an address in example.com")
        }
        Kind::User if config.has(Switch::StrongPasswords) && has_weak_password(data) => {
            refused("the password is too simple")
        }
        Kind::User
            if config.has(Switch::PhoneNumbersDemanded) && !data.contains_key("phoneNumbers") =>
        {
            refused("phoneNumbers is required")
        }
        Kind::User if config.has(Switch::EmployeeNumberDemanded) && !has_number(data) => {
            refused("employeeNumber is required")
        }
        Kind::User
            if config.has(Switch::ExternalIdDemanded) && !data.contains_key("externalId") =>
        {
            refused("externalId is required")
        }
        Kind::User if config.has(Switch::OneValueTaken) && has_several(data) => {
            refused("one e-mail, one telephone number and one address are taken")
        }
        _ => Ok(()),
    }
}

fn has_several(data: &Data) -> bool {
    ["emails", "phoneNumbers", "addresses"].iter().any(|name| {
        let values = data.get(*name).and_then(Value::as_array);
        values.is_some_and(|values| values.len() > 1)
    })
}

fn has_weak_password(data: &Data) -> bool {
    let password = data.get("password").and_then(Value::as_str);
    password.is_some_and(|password| {
        let has = |kind: fn(char) -> bool| password.chars().any(kind);
        let has_all = has(char::is_uppercase) && has(char::is_lowercase) && has(char::is_numeric);
        !has_all || password.chars().count() < 12
    })
}

fn has_number(data: &Data) -> bool {
    let staff = data.get(urn::ENTERPRISE);
    staff.is_some_and(|staff| staff.get("employeeNumber").is_some())
}

/// The parameters of a query without those of `paging-text-ignored`.
pub(crate) fn heeded<'p>(
    config: &Config,
    params: &'p [(String, String)],
) -> Cow<'p, [(String, String)]> {
    if !config.has(Switch::PagingTextIgnored) {
        return params.into();
    }
    let is_text = |(name, value): &&(String, String)| {
        matches!(name.as_str(), "startIndex" | "count") && value.parse::<i64>().is_err()
    };
    params
        .iter()
        .filter(|param| !is_text(param))
        .cloned()
        .collect()
}

/// `if-match-demanded`: what a write without If-Match is answered with.
pub(crate) fn check_unconditional(config: &Config) -> Result<()> {
    match config.has(Switch::IfMatchDemanded) {
        true => Err(Error::new(428, "If-Match has to name the version")),
        false => Ok(()),
    }
}

/// `users-not-deleted`.
pub(crate) fn check_deletion(config: &Config, kind: Kind) -> Result<()> {
    match kind == Kind::User && config.has(Switch::UsersNotDeleted) {
        true => Err(Error::method_not_allowed("DELETE", "GET, PUT, PATCH")),
        false => Ok(()),
    }
}

/// `members-on-request`.
pub(crate) fn waits(config: &Config, attribute: &Attribute) -> bool {
    attribute.name == "members" && config.has(Switch::MembersOnRequest)
}

/// The most operations of a bulk job: `small-bulk`.
pub(crate) fn most_operations(config: &Config) -> usize {
    match config.has(Switch::SmallBulk) {
        true => 2,
        false => config.max_operations,
    }
}

/// The id of a new resource: `ids-are-numbers` and `ids-need-encoding`.
pub(crate) fn id(config: &Config) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = || NEXT.fetch_add(1, Ordering::Relaxed);
    if config.has(Switch::IdsAreNumbers) {
        number().to_string()
    } else if config.has(Switch::IdsNeedEncoding) {
        format!("{}/ü ?#%+=@x", number())
    } else {
        new_id()
    }
}

/// `times-in-seconds`.
pub(crate) fn time(config: &Config, time: Timestamp) -> String {
    match config.has(Switch::TimesInSeconds) {
        true => format!("{time:.0}"),
        false => format!("{time:.3}"),
    }
}

/// `canonical-values-only`.
pub(crate) fn check_canonical(config: &Config, attribute: &Attribute, value: &Value) -> Result<()> {
    let listed = &attribute.canonical_values;
    let Some(text) = value.as_str() else {
        return Ok(());
    };
    let is_listed = || listed.iter().any(|known| known.eq_ignore_ascii_case(text));
    match config.has(Switch::CanonicalValuesOnly) && !listed.is_empty() && !is_listed() {
        true => Err(Error::bad(
            ScimType::InvalidValue,
            format!("{} is one of {}", attribute.name, listed.join(", ")),
        )),
        false => Ok(()),
    }
}
