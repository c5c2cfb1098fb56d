//! Faults of behaviour that can be switched on, each seen in the field.

use std::fmt;
use std::str::FromStr;

macro_rules! switches {
    ($($variant:ident $name:literal $about:literal,)*) => {
        /// A fault of behaviour; the name says what is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Switch {
            $(#[doc = $about] $variant,)*
        }

        impl Switch {
            /// All switches, in the order they are listed.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the command line and in files, such as `filter-ignored`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// One line on what the provider does wrong.
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }
    };
}

switches! {
    // PATCH of users
    PathlessDeactivateNotStored "pathless-deactivate-not-stored" "PATCH without path that sets active=false is answered as done, but nothing is stored",
    PatchNotStored "patch-not-stored" "PATCH is answered with the changed resource, but nothing is stored",
    StringFalseReadAsTrue "string-false-read-as-true" "The string \"False\" for a boolean is taken for true",
    CapitalisedOpRefused "capitalised-op-refused" "PATCH refuses an op that is not lower case",
    PatchWithoutPathRefused "patch-without-path-refused" "PATCH refuses every operation without path",
    PatchNotAtomic "patch-not-atomic" "Operations before the failing one of a PATCH stay applied",
    PatchAnswersOldState "patch-answers-old-state" "PATCH is stored, but answered with the resource as it was before",
    V1PatchDeactivateNotStored "v1-patch-deactivate-not-stored" "SCIM 1.1: PATCH that sets active=false is answered as done, but nothing is stored",
    // groups
    RemoveMembersValueIgnored "remove-members-value-ignored" "PATCH remove of listed members empties the group",
    AddMembersReplaces "add-members-replaces" "PATCH add on members replaces the whole list",
    PathlessGroupPatchRefused "pathless-group-patch-refused" "PATCH of a group without path is a plain-text 400",
    GroupPatchNotAllowed "group-patch-not-allowed" "PATCH of a group is 405 although PATCH is advertised",
    LostMemberUpdates "lost-member-updates" "Parallel PATCHes of one group overwrite each other",
    ExcludedMembersReturned "excluded-members-returned" "excludedAttributes=members is ignored",
    PutMembersAdded "put-members-added" "PUT of a group adds the members to the old ones",
    // filters and lists
    UserNameFilterCaseSensitive "user-name-filter-case-sensitive" "userName in a filter is compared with regard to case",
    NoMatchIsNotFound "no-match-is-not-found" "A filter without a match is answered with 404",
    BadFilterReturnsAll "bad-filter-returns-all" "A filter that cannot be read returns everybody",
    FilterIgnored "filter-ignored" "Every filter is ignored and everybody returned",
    SecondClauseDropped "second-clause-dropped" "Only the first clause of and/or is looked at",
    FilterReadFromLeftToRight "filter-read-from-left-to-right" "and and or are carried out in the order in which they stand",
    BracketsMatchAcrossValues "brackets-match-across-values" "The conditions in brackets may hold for one value each",
    NotIgnored "not-ignored" "not in a filter is ignored",
    ComplexClauseDropped "complex-clause-dropped" "A clause on name without sub-attribute counts as met",
    InactiveUsersHiddenFromFilter "inactive-users-hidden-from-filter" "Filters do not find inactive users",
    TotalIsPageSize "total-is-page-size" "totalResults is the number of resources in the page",
    StartIndexZeroBased "start-index-zero-based" "startIndex counts from zero, so that the first resource is missed",
    CountIgnored "count-ignored" "count is ignored and everything returned",
    PageCap50 "page-cap-50" "A page never holds more than 50 resources",
    PageOverlap "page-overlap" "Every page but the first begins with the last resource of the page before",
    UnstableOrder "unstable-order" "Every list comes in another order",
    WholeListRefused "whole-list-refused" "A list that is asked for without any parameter is refused",
    // sorting
    SortIgnored "sort-ignored" "sortBy is ignored",
    SortHeedsCase "sort-heeds-case" "Capital letters come before all others",
    SortDescendsByDefault "sort-descends-by-default" "Without sortOrder the order is descending",
    SortMissingFirst "sort-missing-first" "Resources without a value come first when ascending",
    SortByFirstValue "sort-by-first-value" "Of many values the first counts, whichever is primary",
    // pages by cursor
    CursorIsDefault "cursor-is-default" "A list is paged by cursor unless startIndex is asked for, and the configuration says so",
    CursorOpensDoors "cursor-opens-doors" "A request with a cursor needs no credentials",
    CursorNotUrlSafe "cursor-not-url-safe" "A cursor has signs in it that a URL has to escape",
    UnknownCursorIsFirstPage "unknown-cursor-is-first-page" "A cursor that was never given out brings the first page",
    CursorNeverEnds "cursor-never-ends" "The last page has a nextCursor too, and so has every empty page after it",
    // single resources
    UnknownIdIsServerError "unknown-id-is-server-error" "An unknown id is answered with 500",
    InactiveUsersUnreadable "inactive-users-unreadable" "GET of an inactive user is 404",
    DuplicateCreateAccepted "duplicate-create-accepted" "A second user of the same userName is created",
    CreateNotStored "create-not-stored" "POST is answered with 201, but nothing is stored",
    ClientIdAdopted "client-id-adopted" "The id that the client sends in POST is adopted",
    PasswordReturned "password-returned" "The password is returned",
    PutNotStored "put-not-stored" "PUT is answered with the new resource, but nothing is stored",
    PutDeactivateNotStored "put-deactivate-not-stored" "PUT with active=false is answered so, but the user stays active",
    PutUpdatesPartially "put-updates-partially" "PUT keeps attributes that the client cleared or left out",
    ReadonlyInPutRefused "readonly-in-put-refused" "PUT with id, meta or groups in its body is refused",
    IdChangesOnPut "id-changes-on-put" "PUT gives the resource a new id",
    FormattedNameWins "formatted-name-wins" "name.givenName and name.familyName are taken from name.formatted",
    DeleteNotStored "delete-not-stored" "DELETE is answered with 204, but the resource stays",
    StaleVersionAccepted "stale-version-accepted" "If-Match with an outdated version is ignored",
    // like thousandeyes
    DeactivatedUserStays "deactivated-user-stays" "Like ThousandEyes: a deactivated user is not removed",
    // access
    EmptyTokenAccepted "empty-token-accepted" "An empty bearer token is let in",
    NoAuthCheck "no-auth-check" "Any or no credentials are let in",
}

impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error lists the names nearest to the unknown one, or all of them.
impl FromStr for Switch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(found) = Self::ALL.iter().find(|switch| switch.name() == text) {
            return Ok(*found);
        }
        let near: Vec<&str> = Self::ALL
            .iter()
            .map(|switch| switch.name())
            .filter(|name| shares_word(name, text))
            .collect();
        let (lead, names) = match near.is_empty() {
            true => (
                "known are",
                Self::ALL.iter().map(|switch| switch.name()).collect(),
            ),
            false => ("near are", near),
        };
        Err(format!(
            "unknown fault \"{text}\", {lead} {}",
            names.join(", ")
        ))
    }
}

/// Whether two names have a word of more than three letters in common.
fn shares_word(one: &str, other: &str) -> bool {
    other
        .split('-')
        .any(|word| word.len() > 3 && one.split('-').any(|own| own == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        for switch in Switch::ALL {
            assert_eq!(switch.name().parse(), Ok(*switch));
            assert!(
                switch
                    .name()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-' || c.is_ascii_digit())
            );
        }
    }

    #[test]
    fn unknown_names_get_help() {
        let near = "filter-missing".parse::<Switch>().unwrap_err();
        assert!(
            near.contains("filter-ignored") && !near.contains("put-not-stored"),
            "{near}"
        );
        let all = "xyz".parse::<Switch>().unwrap_err();
        assert!(all.contains("put-not-stored"), "{all}");
    }
}
