//! What a step expects of its answer and takes from it.

use toml::Spanned;

use super::{Lowering, json};
use crate::{
    assets, check,
    rule::AMBIGUITIES,
    scenario::{
        Capture, CaptureFrom, Condition, Expectation, Selector, Subject, raw::RawExpectation,
    },
    source::Span,
    template,
};

impl Lowering {
    pub(super) fn capture(
        &mut self,
        name: &Spanned<String>,
        from: &Spanned<String>,
    ) -> Option<Capture> {
        let from = match from.get_ref().strip_prefix("header ") {
            Some(header) => {
                self.header_name(header, &from.span());
                CaptureFrom::Header(header.to_owned())
            }
            None => CaptureFrom::Body(self.selector(from)?),
        };
        Some(Capture {
            name: name.get_ref().clone(),
            from,
            span: name.span(),
        })
    }

    pub(super) fn selector(&mut self, text: &Spanned<String>) -> Option<Selector> {
        let place = text.get_ref().clone();
        if place.is_empty() || is_pointer(&place) {
            return Some(Selector::Pointer(place));
        }
        if place.starts_with('$') {
            if jsonpath_rust::parser::parse_json_path(&filled(&place, "1")).is_err() {
                let label = "expected a query of RFC 9535, such as $.Resources[*].id";
                self.problem(text.span(), "the JSONPath cannot be read", label, "");
                return None;
            }
            return Some(Selector::Path(place));
        }
        let help = format!(
            "a JSON pointer begins with `/`: \"/{place}\"; a JSONPath with `$`: \"$.{place}\""
        );
        self.problem(
            text.span(),
            format!("`{place}` is no place in an answer"),
            "expected a JSON pointer or a JSONPath",
            help,
        );
        None
    }

    pub(super) fn expectation(&mut self, spanned: Spanned<RawExpectation>) -> Option<Expectation> {
        let span = spanned.span();
        let mut raw = spanned.into_inner();
        let conditions = self.conditions(&mut raw);
        if let Some(leeway) = &raw.leeway {
            self.leeway(leeway);
        }
        let subject = self.subject(&raw, conditions, &span)?;
        Some(Expectation {
            rule: raw.rule.into_inner(),
            when: raw.when,
            leeway: raw.leeway.map(Spanned::into_inner),
            ends: raw.ends,
            subject,
            span,
        })
    }

    fn subject(
        &mut self,
        raw: &RawExpectation,
        conditions: Vec<Condition>,
        span: &Span,
    ) -> Option<Subject> {
        let selector = raw.at.as_ref().map(|at| self.selector(at));
        let subjects = [
            ("status", !raw.status.is_empty()),
            ("header", raw.header.is_some()),
            ("at", raw.at.is_some()),
            ("pages", raw.pages.is_some()),
            ("pages_hold", raw.pages_hold.is_some()),
            ("pages_order", raw.pages_order.is_some()),
        ];
        let given: Vec<&str> = subjects
            .iter()
            .filter(|(_, given)| *given)
            .map(|(name, _)| *name)
            .collect();
        let takes_conditions = raw.header.is_some() || raw.at.is_some();
        if given.len() != 1 {
            let help = "give one of `status`, `header`, `at`, `pages`, `pages_hold`, `pages_order`";
            let label = match given.as_slice() {
                [] => "this one looks at nothing".to_owned(),
                several => format!("this one looks at `{}`", several.join("` and `")),
            };
            self.problem(
                span.clone(),
                "an expectation looks at exactly one thing",
                label,
                help,
            );
            return None;
        }
        let compares = conditions
            .iter()
            .any(|condition| matches!(condition, Condition::SameAs { .. }));
        if compares && raw.header.is_some() {
            let title = "`same_as` compares places in bodies";
            self.problem(
                span.clone(),
                title,
                "this one looks at a header",
                "capture the header and use `equals`",
            );
            return None;
        }
        let sequences = conditions.iter().any(Condition::is_of_all);
        if sequences && !matches!(selector, Some(Some(Selector::Path(_)))) {
            self.problem(
                span.clone(),
                "`values`, `same_values`, `count`, `distinct` and `sorted` look at all that a JSONPath finds",
                "this one looks at a single place",
                "write `at` as a JSONPath, such as \"$.Resources[*].userName\"",
            );
            return None;
        }
        if takes_conditions == conditions.is_empty() {
            let (title, help) = match takes_conditions {
                true => (
                    "an expectation on a value says what has to hold",
                    "add a condition such as `equals`, `type` or `present = true`",
                ),
                false => (
                    "only `header` and `at` take conditions",
                    "remove the condition",
                ),
            };
            self.problem(span.clone(), title, "this one does not fit", help);
            return None;
        }
        if let Some(selector) = selector {
            return Some(Subject::Body(selector?, conditions));
        }
        if let Some(header) = &raw.header {
            self.header_name(header, span);
            return Some(Subject::Header(header.clone(), conditions));
        }
        if let Some(walk) = raw.pages {
            return Some(Subject::Pages(walk));
        }
        Some(match (&raw.pages_hold, &raw.pages_order) {
            (Some(ids), _) => Subject::PagesHold(json(ids.clone())),
            (_, Some(ids)) => Subject::PagesOrder(json(ids.clone())),
            (None, None) => Subject::Status(raw.status.clone()),
        })
    }

    fn conditions(&mut self, raw: &mut RawExpectation) -> Vec<Condition> {
        if let Some(pattern) = &raw.matches {
            self.regex(pattern);
        }
        if let Some(name) = raw
            .schema
            .as_ref()
            .filter(|name| assets::json_schema(name.get_ref()).is_none())
        {
            self.problem(
                name.span(),
                format!("there is no `{}` in fixtures/schemas", name.get_ref()),
                "unknown JSON Schema",
                "",
            );
        }
        let except = std::mem::take(&mut raw.except);
        let place = raw.rule.span();
        except
            .iter()
            .for_each(|pointer| self.pointer(pointer, &place));
        let same_as = raw.same_as.take().map(|step| Condition::SameAs {
            step: step.into_inner(),
            except,
        });
        let listed = [
            raw.equals
                .take()
                .map(|value| Condition::Equals(json(value))),
            raw.not_equals
                .take()
                .map(|value| Condition::NotEquals(json(value))),
            raw.differs
                .take()
                .map(|value| Condition::Differs(json(value))),
            raw.equals_ignore_case
                .take()
                .map(Condition::EqualsIgnoreCase),
            raw.kind.map(Condition::Type),
            raw.matches
                .take()
                .map(|pattern| Condition::Matches(pattern.into_inner())),
            raw.present.then_some(Condition::Present),
            raw.absent.then_some(Condition::Absent),
            raw.contains
                .take()
                .map(|value| Condition::Contains(json(value))),
            raw.not_contains
                .take()
                .map(|value| Condition::NotContains(json(value))),
            raw.has.take().map(|value| Condition::Has(json(value))),
            raw.lacks.take().map(|value| Condition::Lacks(json(value))),
            raw.holds.take().map(|value| Condition::Holds(json(value))),
            raw.same_items
                .take()
                .map(|value| Condition::SameItems(json(value))),
            raw.length.map(Condition::Length),
            raw.min_length.map(Condition::MinLength),
            raw.max_length.map(Condition::MaxLength),
            raw.at_least.map(Condition::AtLeast),
            raw.at_most.map(Condition::AtMost),
            raw.not_before.take().map(Condition::NotBefore),
            raw.values
                .take()
                .map(|value| Condition::Values(json(value))),
            raw.same_values
                .take()
                .map(|value| Condition::SameValues(json(value))),
            raw.count.map(Condition::Count),
            raw.distinct.then_some(Condition::Distinct),
            raw.sorted.map(Condition::Sorted),
            raw.schema
                .take()
                .map(|name| Condition::Schema(name.into_inner())),
            same_as,
        ];
        listed.into_iter().flatten().collect()
    }

    /// A point of leeway is one of the list of ambiguities, from A01 on.
    fn leeway(&mut self, leeway: &Spanned<String>) {
        let number = leeway
            .get_ref()
            .strip_prefix('A')
            .filter(|digits| digits.len() == 2);
        if !number.is_some_and(|digits| (1..=AMBIGUITIES).contains(&digits.parse().unwrap_or(0))) {
            self.problem(
                leeway.span(),
                format!("`{}` is no point of leeway", leeway.get_ref()),
                format!("expected one of A01 to A{AMBIGUITIES}"),
                "",
            );
        }
    }

    /// A JSON pointer where only a pointer will do.
    pub(super) fn pointer(&mut self, pointer: &str, span: &Span) {
        if !is_pointer(pointer) {
            let help = format!("a JSON pointer begins with `/`: \"/{pointer}\"");
            self.problem(
                span.clone(),
                format!("`{pointer}` is no JSON pointer"),
                "in this place",
                help,
            );
        }
    }

    /// A header's name, which has no blanks in it (RFC 9110 section 5.1).
    pub(super) fn header_name(&mut self, name: &str, span: &Span) {
        let proper = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(proper) {
            let title = format!("`{name}` is no name of a header");
            self.problem(span.clone(), title, "expected a name such as ETag", "");
        }
    }

    fn regex(&mut self, pattern: &Spanned<String>) {
        let filled = filled(pattern.get_ref(), "x");
        if let Err(error) = check::compiled(&filled) {
            let reason = error.to_string();
            let reason = reason
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned();
            self.problem(
                pattern.span(),
                "the regular expression cannot be read",
                reason,
                "",
            );
        }
    }
}

/// Whether a text is a JSON pointer, or a name that stands for one.
fn is_pointer(text: &str) -> bool {
    text.starts_with('/') || text.starts_with("{{")
}

/// The text as it could be once its names are filled in; a number can stand wherever a JSONPath
/// has a value.
fn filled(text: &str, value: &str) -> String {
    let names = template::names_in(text).into_iter();
    let names = names
        .map(|(name, _)| (name.to_owned(), value.into()))
        .collect();
    template::fill(text, &names, template::Place::Plain).unwrap_or_else(|_| text.to_owned())
}
