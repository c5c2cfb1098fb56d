//! Realistic contents for a store.

use serde_json::{Map, Value, json};

use crate::config::Version;
use crate::resources::new_id;
use crate::schema::{Dialect, Kind, urn};
use crate::store::{Data, Store};

const GIVEN: [&str; 12] = [
    "Ana", "Bao", "Chidi", "Dana", "Emeka", "Fatima", "Goran", "Hana", "Ines", "Jun", "Kofi",
    "Leila",
];
const FAMILY: [&str; 11] = [
    "Anders", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito",
    "Jensen", "Kowalski",
];
const DEPARTMENTS: [&str; 5] = ["Engineering", "Finance", "People", "Sales", "Support"];
/// Every so many users one is inactive.
const INACTIVE_EVERY: usize = 10;
/// Groups stay small, so that lists of groups stay quick.
const MAX_MEMBERS: usize = 100;

/// What users can have, for the kinds that are offered.
const ENTITLEMENTS: [(Kind, &str, &str); 8] = [
    (Kind::Role, "Administrator", "May change everything"),
    (Kind::Role, "Auditor", "May read everything"),
    (Kind::Role, "Member", "May use the product"),
    (Kind::Entitlement, "Reports", "May make reports"),
    (Kind::Entitlement, "Exports", "May take data out"),
    (Kind::License, "Starter", "The small licence"),
    (Kind::License, "Professional", "The usual licence"),
    (Kind::License, "Unlimited", "The large licence"),
];

/// Adds roles, entitlements and licences of these kinds.
pub(crate) fn entitlements(store: &mut Store, kinds: &[Kind]) {
    for (kind, name, description) in ENTITLEMENTS
        .iter()
        .filter(|(kind, ..)| kinds.contains(kind))
    {
        let mut data = Map::from_iter([
            ("displayName".to_owned(), json!(name)),
            ("description".to_owned(), json!(description)),
        ]);
        if *kind != Kind::Role {
            data.insert("type".to_owned(), json!(kind.name()));
        }
        store.insert(*kind, new_id(), data);
    }
}

/// Adds users, numbered after those already there, and a group for each department.
pub(crate) fn fill(store: &mut Store, dialect: &'static Dialect, users: usize) {
    let mut members: [Vec<Value>; DEPARTMENTS.len()] = Default::default();
    let first = store.all(Kind::User).count();
    for number in first..first + users {
        let user = store.insert(Kind::User, new_id(), user(dialect, number));
        let department = &mut members[number % DEPARTMENTS.len()];
        if department.len() < MAX_MEMBERS {
            department
                .push(json!({"value": user.id, "display": user.text("userName"), "type": "User"}));
        }
    }
    if users == 0 {
        return;
    }
    for (name, members) in DEPARTMENTS.iter().zip(members) {
        let mut group = Map::from_iter([("displayName".to_owned(), json!(name))]);
        if !members.is_empty() {
            group.insert("members".to_owned(), Value::Array(members));
        }
        store.insert(Kind::Group, new_id(), group);
    }
}

fn user(dialect: &Dialect, number: usize) -> Data {
    let given = GIVEN[number % GIVEN.len()];
    let family = FAMILY[number / GIVEN.len() % FAMILY.len()];
    let name = format!(
        "{}.{}{number}@example.com",
        given.to_lowercase(),
        family.to_lowercase()
    );
    let extension = match dialect.version {
        Version::V2 => urn::ENTERPRISE,
        Version::V1 => urn::V1_ENTERPRISE,
    };
    let mut user = Map::new();
    let mut set = |attribute: &str, value: Value| user.insert(attribute.to_owned(), value);
    set("externalId", json!(format!("00u{number:017}")));
    set("userName", json!(name));
    set(
        "name",
        json!({"formatted": format!("{given} {family}"), "familyName": family, "givenName": given}),
    );
    set("displayName", json!(format!("{given} {family}")));
    set(
        "emails",
        json!([{"value": name, "type": "work", "primary": true}]),
    );
    set(
        "active",
        json!(number % INACTIVE_EVERY != INACTIVE_EVERY - 1),
    );
    set(
        extension,
        json!({"employeeNumber": (100_000 + number).to_string(), "department": DEPARTMENTS[number % DEPARTMENTS.len()]}),
    );
    user
}
