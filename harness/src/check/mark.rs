//! Whose a resource is, by the tags that what a run creates carries.

use serde_json::Value;

/// The tags of a case and of its run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tags<'a> {
    /// The tag of the whole run.
    pub run: &'a str,
    /// Tags within it: of the case, and of the openings that it shares with others.
    pub own: &'a [String],
}

impl Tags<'_> {
    /// Whether another case of the run created a resource. It is judged in that case: here it would
    /// be seen or not as chance has it.
    pub fn are_of_another(&self, resource: &Value) -> bool {
        let own = || self.own.iter().any(|tag| is_marked(resource, tag));
        !self.run.is_empty() && is_marked(resource, self.run) && !own()
    }
}

/// Whether a resource itself carries the tag of a run, whatever case a server made of it: in a text of
/// its own or an e-mail address. What it refers to, such as the members of a group, does not count.
pub fn is_marked(resource: &Value, tag: &str) -> bool {
    let carries = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| text.to_lowercase().contains(tag))
    };
    let addresses = resource.get("emails").and_then(Value::as_array);
    let mut addresses = addresses.into_iter().flatten();
    let mut members = resource.as_object().into_iter().flatten();
    members.any(|(_, value)| carries(value))
        || addresses.any(|address| address.get("value").is_some_and(carries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_another_case_created_carries_the_tag_of_the_run_alone() {
        let own = ["run-1".to_owned(), "run-2".to_owned()];
        let tags = Tags {
            run: "run",
            own: &own,
        };
        let another = |name: &str| tags.are_of_another(&json!({"id": "7", "userName": name}));
        assert!(another("a-RUN-3@example.com"));
        assert!(tags.are_of_another(&json!({"id": "7", "emails": [{"value": "run-3@a.example"}]})));
        assert!(!another("a-run-1@example.com") && !another("Run-2"));
        assert!(!another("somebody else"));
        assert!(!Tags::default().are_of_another(&json!({"userName": "run-3"})));
    }
}
