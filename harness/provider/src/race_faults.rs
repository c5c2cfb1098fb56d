//! Faults that show only where changes of one resource meet: what others wrote between reading and
//! writing is lost.

use serde_json::Value;

use crate::config::Config;
use crate::faults::operations;
use crate::group_faults::{is_op, path, removes_a_member};
use crate::schema::Kind;
use crate::store::Data;
use crate::switch::Switch;

/// A fault, whether a PATCH is one of those that it slows down, and by how many milliseconds.
type Pause = (Switch, bool, u64);

/// For how many milliseconds a PATCH lets others at the store before it writes what it made of the
/// resource as it was.
pub(crate) fn before_writing(config: &Config, kind: Kind, body: &Data) -> Option<u64> {
    let any = |is_meant: fn(&Value) -> bool| operations(body).iter().any(is_meant);
    let (group, user) = (kind == Kind::Group, kind == Kind::User);
    first(
        config,
        &[
            (Switch::LostMemberUpdates, group, 20),
            (
                Switch::LostPathlessAdds,
                group && any(adds_without_path),
                400,
            ),
            (
                Switch::LostMemberRemovals,
                group && any(removes_a_member),
                400,
            ),
            (Switch::LostUserUpdates, user, 120),
            (Switch::LostEmailAdds, user && any(adds_emails), 60),
        ],
    )
}

/// For how many milliseconds a PATCH waits until it begins, so that it comes between the reading
/// and the writing of others, which overwrite it.
pub(crate) fn before_reading(config: &Config, kind: Kind, body: &Data) -> Option<u64> {
    let any = |is_meant: fn(&Value) -> bool| operations(body).iter().any(is_meant);
    let group = kind == Kind::Group;
    first(
        config,
        &[
            (
                Switch::LostPathlessAdds,
                group && any(removes_a_member),
                200,
            ),
            (
                Switch::LostMemberRemovals,
                group && any(adds_without_path),
                200,
            ),
        ],
    )
}

fn first(config: &Config, pauses: &[Pause]) -> Option<u64> {
    let mut pauses = pauses.iter();
    pauses
        .find(|(switch, is_meant, _)| *is_meant && config.has(*switch))
        .map(|(.., milliseconds)| *milliseconds)
}

fn adds_without_path(operation: &Value) -> bool {
    is_op(operation, "add") && path(operation).is_empty()
}

fn adds_emails(operation: &Value) -> bool {
    is_op(operation, "add") && path(operation).eq_ignore_ascii_case("emails")
}
