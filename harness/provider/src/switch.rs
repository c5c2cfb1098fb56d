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
    PathlessPatchNotAtomic "pathless-patch-not-atomic" "What stands before the failing attribute of a PATCH without path stays applied",
    PatchAnswersOldState "patch-answers-old-state" "PATCH is stored, but answered with the resource as it was before",
    V1PatchDeactivateNotStored "v1-patch-deactivate-not-stored" "SCIM 1.1: PATCH that sets active=false is answered as done, but nothing is stored",
    PatchMessageUnchecked "patch-message-unchecked" "PATCH takes a body without schemas or Operations, an operation without op for a replace, and one without value for one with null",
    FailingOperationSkipped "failing-operation-skipped" "An operation that fails is left out, and the PATCH is a success",
    OperationsReordered "operations-reordered" "A PATCH does what it removes first, then what it replaces, then what it adds",
    NoOpTouchesModified "no-op-touches-modified" "A PATCH that changes nothing moves meta.lastModified",
    AddToMissingRefused "add-to-missing-refused" "PATCH add of an attribute without a value is refused",
    AddKeepsOldValue "add-keeps-old-value" "PATCH add does not replace the value of a single-valued attribute",
    AddReplacesList "add-replaces-list" "PATCH add on a multi-valued attribute replaces all values",
    AddRepeatsValues "add-repeats-values" "PATCH add appends a value that is there already",
    FirstAddedOnly "first-added-only" "Of several new values in a PATCH add only the first is kept",
    TwiceAddedKeptTwice "twice-added-kept-twice" "A new value that stands twice in a PATCH is kept twice",
    AddExistingRefused "add-existing-refused" "PATCH add of a value that is there already is a 409",
    ReplaceOfMissingRefused "replace-of-missing-refused" "PATCH replace of an attribute without a value is refused",
    ReplaceAppends "replace-appends" "PATCH replace on a multi-valued attribute appends the new values",
    ReplaceKeepsOldValue "replace-keeps-old-value" "PATCH replace does not replace the value of a single-valued attribute",
    PathlessReplaceClearsRest "pathless-replace-clears-rest" "PATCH replace without path clears what its value does not name",
    NullStoredAsText "null-stored-as-text" "PATCH replace with null stores the text None",
    FilteredReplaceReplacesAll "filtered-replace-replaces-all" "PATCH replace with a filter replaces all values",
    FilteredReplaceFirstOnly "filtered-replace-first-only" "PATCH replace with a filter and a sub-attribute changes the first match only",
    UnmatchedReplaceIgnored "unmatched-replace-ignored" "PATCH replace whose filter matches nothing is a success without effect",
    RemoveLeavesEmptyText "remove-leaves-empty-text" "PATCH remove leaves an empty text",
    RemoveTakesFirstOnly "remove-takes-first-only" "PATCH remove of a multi-valued attribute removes its first value only",
    RemoveWithoutPathIgnored "remove-without-path-ignored" "PATCH remove without path is a success without effect",
    FilteredRemoveTakesAll "filtered-remove-takes-all" "PATCH remove with a filter removes all values",
    FilteredRemoveFirstOnly "filtered-remove-first-only" "PATCH remove with a filter removes the first match only",
    FilteredRemoveTakesRecord "filtered-remove-takes-record" "PATCH remove of a sub-attribute with a filter removes the whole value",
    RequiredRemovalIgnored "required-removal-ignored" "PATCH remove of a required attribute is a success without effect",
    BlankUserNamePatched "blank-user-name-patched" "PATCH may replace the userName with an empty text",
    TakenUserNamePatched "taken-user-name-patched" "PATCH may give a user the userName of another",
    WrongTypeIgnored "wrong-type-ignored" "PATCH with a value of the wrong type is a success without effect",
    CreatedPatched "created-patched" "PATCH changes meta.created",
    UnknownAttributeStored "unknown-attribute-stored" "PATCH stores attributes that no schema has",
    OldPrimaryStays "old-primary-stays" "A new primary value leaves the old one primary",
    LogicalPathRefused "logical-path-refused" "PATCH refuses and, or and not in a path",
    PlainPathMissesCore "plain-path-misses-core" "Paths without URN are not found in the core schema of a user with an extension",
    ExtensionIgnoredUnlessPresent "extension-ignored-unless-present" "PATCH of an extension's attribute has no effect on a user without the extension",
    ManagerRemovalIgnored "manager-removal-ignored" "PATCH remove of the manager is a success without effect",
    LostUserUpdates "lost-user-updates" "A PATCH and a PUT of one user at once overwrite each other",
    LostEmailAdds "lost-email-adds" "Parallel PATCHes that add e-mails to one user overwrite each other",
    // groups
    GroupJoinedByUserPatch "group-joined-by-user-patch" "PATCH of a user's groups adds it to the group",
    RemoveMembersValueIgnored "remove-members-value-ignored" "PATCH remove of listed members empties the group",
    AddMembersReplaces "add-members-replaces" "PATCH add on members replaces the whole list",
    PathlessGroupPatchRefused "pathless-group-patch-refused" "PATCH of a group without path is a plain-text 400",
    GroupPatchNotAllowed "group-patch-not-allowed" "PATCH of a group is 405 although PATCH is advertised",
    LostMemberUpdates "lost-member-updates" "Parallel PATCHes of one group overwrite each other",
    LostPathlessAdds "lost-pathless-adds" "A PATCH that adds members without path overwrites what changed meanwhile",
    LostMemberRemovals "lost-member-removals" "A PATCH that removes one member by a filter overwrites what changed meanwhile",
    ExcludedMembersReturned "excluded-members-returned" "excludedAttributes=members is ignored",
    EmptyGroupRefused "empty-group-refused" "A group without members is refused",
    CreatedMembersDropped "created-members-dropped" "A group is created without the members that were sent",
    GroupPatchAnswersOldState "group-patch-answers-old-state" "PATCH of a group is stored, but answered with the group as it was before",
    RenameDropsMembers "rename-drops-members" "A PATCH that renames a group empties it",
    RenameHidesGroup "rename-hides-group" "A group that was renamed is missing from the groups of its members",
    FormerGroupsShown "former-groups-shown" "A user that was removed from a group still has it among its groups",
    FirstOperationOnly "first-operation-only" "Only the first operation of a PATCH is applied",
    FilteredRemoveEmptiesGroup "filtered-remove-empties-group" "PATCH remove of one member, named by a value filter, empties the group",
    MembersReplaceAdds "members-replace-adds" "PATCH replace of all members of a group adds them to the old ones",
    EmptyMembersReplaceIgnored "empty-members-replace-ignored" "PATCH replace of all members of a group by none changes nothing",
    MemberDeletionIgnored "member-deletion-ignored" "SCIM 1.1: operation \"delete\" of a member changes nothing",
    MemberChangesLimited "member-changes-limited" "A PATCH with more than 50 changes of members is refused",
    MembersCutAt100 "members-cut-at-100" "A group never has more than 100 members",
    MembersCutAt500 "members-cut-at-500" "A group never has more than 500 members",
    DeletedGroupsListed "deleted-groups-listed" "A deleted group is gone by its id, and stays in lists",
    GroupDeletionTakesUsers "group-deletion-takes-users" "A deleted group takes its users with it",
    DeactivationEmptiesGroups "deactivation-empties-groups" "The groups of a user that is deactivated lose all members",
    PutKeepsOneValue "put-keeps-one-value" "PUT keeps the first of several values only",
    PutGroupNameIgnored "put-group-name-ignored" "PUT of a group leaves its name as it was",
    PutMembersIgnored "put-members-ignored" "PUT of a group leaves its members as they were",
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
    PercentIsWildcard "percent-is-wildcard" "A % at the end of a string in a filter stands for anything",
    ComplexClauseDropped "complex-clause-dropped" "A clause on name without sub-attribute counts as met",
    InactiveUsersHiddenFromFilter "inactive-users-hidden-from-filter" "Filters do not find inactive users",
    EqTakesBeginnings "eq-takes-beginnings" "eq in a filter finds texts that begin so, too",
    GtTakesEqual "gt-takes-equal" "gt in a filter finds the value itself, too",
    LtTakesEqual "lt-takes-equal" "lt in a filter finds the value itself, too",
    DeletedUsersSearched "deleted-users-searched" "A search by POST with a filter finds deleted users",
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
    SimultaneousDuplicateCreated "simultaneous-duplicate-created" "Two users of one userName that are created at once are both created",
    InactiveNamesFree "inactive-names-free" "A user may be created with the userName of an inactive one",
    ZeroAndFalseAreNone "zero-and-false-are-none" "Zero and false in a POST or PUT are taken for no value",
    DuplicateCreateAccepted "duplicate-create-accepted" "A second user of the same userName is created",
    CreateNotStored "create-not-stored" "POST is answered with 201, but nothing is stored",
    ClientIdAdopted "client-id-adopted" "The id that the client sends in POST is adopted",
    PasswordReturned "password-returned" "The password is returned",
    PutNotStored "put-not-stored" "PUT is answered with the new resource, but nothing is stored",
    PutDeactivateNotStored "put-deactivate-not-stored" "PUT with active=false is answered so, but the user stays active",
    PutUpdatesPartially "put-updates-partially" "PUT keeps attributes that the client cleared or left out",
    RefusedPutStoresName "refused-put-stores-name" "A PUT that is refused stores its displayName",
    ReadonlyInPutRefused "readonly-in-put-refused" "PUT with id, meta or groups in its body is refused",
    IdChangesOnPut "id-changes-on-put" "PUT gives the resource a new id",
    FormattedNameWins "formatted-name-wins" "name.givenName and name.familyName are taken from name.formatted",
    DeleteNotStored "delete-not-stored" "DELETE is answered with 204, but the resource stays",
    StaleVersionAccepted "stale-version-accepted" "If-Match with an outdated version is ignored",
    // like thousandeyes
    DeactivatedUserStays "deactivated-user-stays" "Like ThousandEyes: a deactivated user is not removed",
    // attributes
    ReadonlyStored "readonly-stored" "Values that are sent for readOnly attributes are taken over",
    ImmutableReplaced "immutable-replaced" "PUT and PATCH give immutable attributes another value",
    FirstValueRefused "first-value-refused" "PUT gives no first value to an immutable attribute",
    UniqueNotChecked "unique-not-checked" "Unique attributes other than userName are not kept apart",
    CaseAlwaysHeeded "case-always-heeded" "Filters compare every string with regard to case",
    CaseNeverHeeded "case-never-heeded" "Filters compare case-exact strings without regard to case",
    // SCIM 1.1
    V1RemovalsIgnored "v1-removals-ignored" "SCIM 1.1: PATCH ignores meta.attributes",
    V1FirstRemovalOnly "v1-first-removal-only" "SCIM 1.1: PATCH removes only the first attribute of meta.attributes",
    V1PatchReplaces "v1-patch-replaces" "SCIM 1.1: PATCH replaces complex and multi-valued attributes",
    V1DeletionAdds "v1-deletion-adds" "SCIM 1.1: PATCH ignores the operation of a value and adds it",
    V1DeletionEmpties "v1-deletion-empties" "SCIM 1.1: PATCH that deletes a value removes all of them",
    V1OldPrimaryStays "v1-old-primary-stays" "SCIM 1.1: PATCH that makes a value primary leaves the old one primary too",
    RepeatedValuesKept "repeated-values-kept" "A value that is sent twice is kept twice",
    // resources, discovery and bulk
    RequiredNotChecked "required-not-checked" "Resources are stored without their required attributes",
    FreedIdGivenAgain "freed-id-given-again" "The id of a resource that was deleted is given to the next new one",
    CreateLosesDisplay "create-loses-display" "A POST loses the display of e-mail addresses",
    ExternalIdInvented "external-id-invented" "A user that is created without externalId gets one",
    ClientMetaAdopted "client-meta-adopted" "meta.created that the client sends in POST and PUT is adopted",
    GroupsOfUserAdopted "groups-of-user-adopted" "groups in the body of a user change its memberships",
    RenameToTakenAccepted "rename-to-taken-accepted" "PUT and PATCH may give a user the userName of another",
    UserNameUniqueByCase "user-name-unique-by-case" "Users whose userNames differ in case only are kept apart",
    PutCreates "put-creates" "PUT on an id that nobody has creates a resource",
    SoftDelete "soft-delete" "A deleted resource is 404, but stays in lists and keeps its name taken",
    LastModifiedStandsStill "last-modified-stands-still" "meta.lastModified is never moved",
    GroupTimesStandStill "group-times-stand-still" "meta.lastModified of a group is never moved",
    PatchTimesStandStill "patch-times-stand-still" "A PATCH does not move meta.lastModified",
    GroupVersionsStandStill "group-versions-stand-still" "A group has one strong version, whatever becomes of it",
    LongTextsCut "long-texts-cut" "A text of more than 255 characters is cut there without a word",
    ReportsDeletedToo "reports-deleted-too" "A deleted user takes those with it whose manager it is",
    IdsSharedAcrossTypes "ids-shared-across-types" "A user and a group may have the same id",
    IfNoneMatchIgnored "if-none-match-ignored" "If-None-Match is ignored",
    AcceptComparedVerbatim "accept-compared-verbatim" "Accept has to be the media type and nothing else, or the answer is 406",
    DiscoveryNeedsCredentials "discovery-needs-credentials" "The discovery endpoints demand a credential too",
    BulkIncompleteDone "bulk-incomplete-done" "Bulk operations that lack something are reported as done",
    BulkStopsAtFirstFailure "bulk-stops-at-first-failure" "The first failing operation ends a bulk job",
    FailOnErrorsIgnored "fail-on-errors-ignored" "failOnErrors is ignored",
    BulkIdNotResolved "bulk-id-not-resolved" "References to bulkIds are stored as they are",
    BulkForwardReferencesRefused "bulk-forward-references-refused" "A bulk operation cannot refer to a later one",
    BulkLimitsIgnored "bulk-limits-ignored" "Bulk jobs of any size are taken",
    // access
    EmptyTokenAccepted "empty-token-accepted" "An empty bearer token is let in",
    NoAuthCheck "no-auth-check" "Any or no credentials are let in",
    TokenEndUnread "token-end-unread" "The last third of a bearer token is not looked at",
    TokenCaseUnread "token-case-unread" "Letters of a bearer token are compared whatever their case",
    SchemeCaseCounts "scheme-case-counts" "The name of the scheme in Authorization counts as it is written",
    TenantsShareStore "tenants-share-store" "Another tenant has the resources of the first",
    IdsCrossTenants "ids-cross-tenants" "Another tenant reads and changes by its id what is of the first",
    PutsCrossTenants "puts-cross-tenants" "Another tenant replaces by its id what is of the first",
    BodiesUnlimited "bodies-unlimited" "Bodies of any size are taken",
    SizeCheckedLast "size-checked-last" "A body that is too large is refused once it is stored",
    PasswordsEchoed "passwords-echoed" "An error repeats a body that holds a password",
    PasswordsInHeaders "passwords-in-headers" "The answer to a request with a password names it in a header",
    // legal variants
    PutKeepsOmitted "put-keeps-omitted" "Legal: PUT keeps attributes that the client left out",
    ActiveNotDefaulted "active-not-defaulted" "Legal: a user that is created without active has none",
    GroupNamesUnique "group-names-unique" "Legal: no two groups have the same displayName",
    MembersDangle "members-dangle" "Legal: a deleted user stays among the members of groups",
    StrongTags "strong-tags" "Legal: entity tags are strong",
    AcceptHeeded "accept-heeded" "Legal: an Accept without JSON is answered with 406",
    DiscoveryFilterIgnored "discovery-filter-ignored" "Legal: a filter on discovery is ignored",
    FailOnErrorsExceeded "fail-on-errors-exceeded" "Legal: a bulk job ends when its errors exceed failOnErrors",
    StringBooleansRefused "string-booleans-refused" "Legal: a boolean that is sent as a string is refused",
    ContentLocationSent "content-location-sent" "Legal: answers with a resource have Content-Location",
    ExternalIdsUnique "external-ids-unique" "Legal: no two resources of a type have the same externalId",
    NeSkipsAbsent "ne-skips-absent" "Legal: ne finds only what has a value",
    IdsAreNumbers "ids-are-numbers" "Legal: ids are numbers, written as strings",
    TimesInSeconds "times-in-seconds" "Legal: times are shown without fractions of a second",
    CanonicalValuesOnly "canonical-values-only" "Legal: only the values that a schema lists are taken",
    EmptyGroupsRefused "empty-groups-refused" "Legal: a group has to have a member, as in many directories",
    StartIndexNeedsCount "start-index-needs-count" "A startIndex without count is ignored",
    PagingTextIgnored "paging-text-ignored" "Legal: a startIndex or count in a URL that is no number counts as none",
    NamesWithDotsRefused "names-with-dots-refused" "Legal: a PATCH value without path has attributes in it, and no paths",
    IfMatchDemanded "if-match-demanded" "Legal: a PUT, PATCH or DELETE without If-Match is answered with 428",
    MembersOnRequest "members-on-request" "Legal: the members of a group are returned only where they are asked for, as its schema says",
    UsersNotDeleted "users-not-deleted" "Legal: a DELETE of a user is answered with 405",
    PageCap2 "page-cap-2" "Legal: a page never holds more than two resources",
    ListedLate "listed-late" "Legal: lists show who was created or changed only 10 milliseconds later",
    SmallBulk "small-bulk" "Legal: a bulk job has two operations at most",
    DisplayNameDerived "display-name-derived" "Legal: displayName of a user follows from name",
    DisplayNameIsUserName "display-name-is-user-name" "Legal: displayName of a user is its userName",
    UserNamesInDomain "user-names-in-domain" "Legal: a userName is an e-mail address in example.com",
    IdsNeedEncoding "ids-need-encoding" "Legal: ids have characters that stand in URLs percent-encoded only",
    StrongPasswords "strong-passwords" "Legal: a password has twelve characters, letters of both cases and a digit",
    LettersLowered "letters-lowered" "Legal: values whose case does not matter are stored in small letters",
    UserNamesInCapitals "user-names-in-capitals" "Legal: userNames are stored in capitals",
    PhoneNumbersDemanded "phone-numbers-demanded" "Legal: a user has to have a telephone number",
    EmployeeNumberDemanded "employee-number-demanded" "Legal: a user has to have an employeeNumber",
    ExternalIdDemanded "external-id-demanded" "A policy: a user has to have an externalId",
    OneValueTaken "one-value-taken" "A policy: a user has one e-mail, one telephone number and one address at most",
    TypesInCapitals "types-in-capitals" "Legal: the types of a user's values are stored in capitals",
    // legal variants: no faults, but what a provider may do otherwise, some of it against a SHOULD
    PatchAnswersNothing "patch-answers-nothing" "PATCH is answered with 204 unless attributes are asked for",
    ReadOnlyPatchIgnored "read-only-patch-ignored" "PATCH of a read-only attribute is a success without effect",
    UnmatchedRemoveRefused "unmatched-remove-refused" "PATCH remove that finds nothing is 400 noTarget",
    UnmatchedReplaceCreates "unmatched-replace-creates" "PATCH replace whose filter matches nothing makes the value",
    UnknownPathIgnored "unknown-path-ignored" "PATCH of an attribute that no schema has is a success without effect",
    FilteredReplaceMerges "filtered-replace-merges" "PATCH replace with a filter keeps sub-attributes that are not given",
    ComplexReplacedWhole "complex-replaced-whole" "PATCH of a complex attribute loses the sub-attributes that are not given",
    FirstPrimaryWins "first-primary-wins" "Of two new primary values the first stays primary",
    LastPrimaryWins "last-primary-wins" "Of two new primary values the last stays primary",
    ImmutableChangeable "immutable-changeable" "PATCH changes what is immutable, such as the id in a member",
    BareValueRefused "bare-value-refused" "PATCH of a multi-valued attribute wants a list",
    SchemasPatchRefused "schemas-patch-refused" "PATCH of schemas is refused as read-only",
    NamesCaseSensitive "names-case-sensitive" "PATCH wants attribute names in the letter case of the schema",
    PrimaryFalseShown "primary-false-shown" "Values that are not primary say so",
    FormattedNameDerived "formatted-name-derived" "name.formatted is made from the other parts of the name",
    ValuesInAnyOrder "values-in-any-order" "The values of a multi-valued attribute come in another order each time",
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
