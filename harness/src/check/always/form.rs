//! Rules about the form of an answer alone.

/// Whoever breaks one of these may be right or wrong in what it says: they are no cause of anything
/// else.
const RULES: [&str; 39] = [
    "rfc7643-2.1/resource-names-its-schemas",
    "rfc7643-2.3.5/datetimes-are-valid-xsd",
    "rfc7643-2.3.5/datetimes-hold-date-and-time",
    "rfc7643-3.1/every-type-has-common-attributes",
    "rfc7643-3.1/last-modified-starts-equal-to-created",
    "rfc7643-3.1/meta-created-is-datetime",
    "rfc7643-3.1/meta-location-leads-to-resource",
    "rfc7643-3.1/meta-location-matches-content-location",
    "rfc7643-3.1/meta-resource-type-matches-type-name",
    "rfc7643-3.1/meta-version-equals-etag",
    "rfc7643-3.1/provider-assigns-id-and-meta",
    "rfc7643-3.1/weak-version-carries-w-prefix",
    "rfc7643-3.3/schemas-contains-base-schema",
    "rfc7643-3/schemas-has-no-duplicates",
    "rfc7643-3/schemas-is-nonempty-uri-array",
    "rfc7643-3/schemas-lists-only-declared-uris",
    "rfc7643-7/every-used-schema-is-published",
    "rfc7644-2/www-authenticate-announces-schemes",
    "rfc7644-3.1/media-type-is-scim-json",
    "rfc7644-3.12/error-status-is-string",
    "rfc7644-3.12/errors-have-scim-json-body",
    "rfc7644-3.12/scimtype-is-known-keyword",
    "rfc7644-3.12/server-error-explains-itself",
    "rfc7644-3.2/error-body-repeats-status",
    "rfc7644-3.3/location-header-matches-meta-location",
    "rfc7644-8.1/responses-announce-scim-json",
    "scim11-api-3.9/errors-have-body-in-requested-format",
    "scim11-api-3.9/server-error-explains-itself",
    "scim11-api-3/error-body-repeats-code",
    "scim11-core-3/json-resource-names-its-schemas",
    "scim11-core-5.1/every-resource-has-common-attributes",
    "scim11-core-5.1/last-modified-starts-equal-to-created",
    "scim11-core-5.1/meta-location-equals-location-header",
    "scim11-core-5.1/meta-location-leads-to-resource",
    "scim11-core-5.1/meta-times-are-datetimes",
    "scim11-core-5.1/meta-version-equals-etag",
    "scim11-core-5.2/schemas-are-full-uris",
    "scim11-core-5.2/schemas-has-no-duplicates",
    "scim11-core-5.2/schemas-is-nonempty-array",
];

/// Whether a rule is about the form of an answer alone.
pub fn is_of_form(rule: &str) -> bool {
    RULES.contains(&rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_them_is_judged_by_an_always_on_check() {
        for rule in RULES {
            assert!(super::super::RULES.contains(&rule), "{rule}");
        }
    }
}
