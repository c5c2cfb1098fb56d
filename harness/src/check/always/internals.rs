//! What only a stack trace or an exception of a library says, in the languages that services are
//! written in, and in the words of databases.

use std::sync::LazyLock;

use regex::Regex;

use super::Context;

/// Whose words they are, and a pattern of what nobody writes to a client on purpose.
const WORDS: [(&str, &str); 25] = [
    ("Python", r"Traceback \(most recent call last\)"),
    ("Python", r#"File "[^"\n]+", line \d+, in "#),
    ("Python", r"\bsite-packages[/\\]"),
    (
        "Python",
        r"\b(?:psycopg2?\.errors|sqlalchemy\.exc|django\.db\.utils)\.[A-Z]",
    ),
    ("Node", r"\bnode_modules[/\\]"),
    (
        "Node",
        r"(?m)^\s+at (?:[^\n(]+ \()?(?:file:|node:|webpack:|/|[A-Za-z]:\\)[^\n]*\.[cm]?[jt]sx?:\d+:\d+\)?$",
    ),
    ("Node", r"\(node:internal/"),
    (
        "Node",
        r"\bCannot read propert(?:y|ies) .*\bof (?:undefined|null)\b",
    ),
    (
        "Java",
        r"(?m)^\s+at [\w$.@/-]+\.[\w$<>]+\((?:[\w$]+\.(?:java|kt|scala|groovy):\d+|Native Method|Unknown Source)\)",
    ),
    ("Java", r"\bjava\.(?:lang|util|sql|io)\.(?:\w+\.)*[A-Z]\w+"),
    (
        "Java",
        r"\b(?:org\.(?:hibernate|springframework|postgresql)|com\.fasterxml\.jackson)\.(?:\w+\.)*[A-Z]\w+",
    ),
    (".NET", r"(?m)^\s+at (?:System|Microsoft)\.\w+"),
    (".NET", r"(?m)^\s+at [^\n]+\) in [^\n]+:line \d+"),
    (".NET", r"\b(?:System|Microsoft)\.(?:\w+\.)*\w+Exception\b"),
    ("Ruby", r"\.rb:\d+:in [`']"),
    ("Go", r"\bgoroutine \d+ \["),
    ("Go", r"\bpanic: runtime error: "),
    ("Rust", r"\bpanicked at [^\n]*\.rs:\d+"),
    ("Rust", r"\bstack backtrace:"),
    ("PHP", r"\bPHP (?:Fatal|Parse) error\b"),
    ("PHP", r"(?m)^#\d+ [^\n]*\.php\(\d+\): "),
    (
        "PostgreSQL",
        r"\bviolates (?:unique|foreign key|not-null|check) constraint\b",
    ),
    (
        "a database",
        r"\bSQLSTATE\[|\bORA-\d{5}\b|\bE11000 duplicate key error\b",
    ),
    (
        "MySQL",
        r"\bYou have an error in your SQL syntax\b|\bDuplicate entry '[^\n]*' for key '",
    ),
    (
        "SQLite or SQL Server",
        r"\b(?:UNIQUE|NOT NULL|FOREIGN KEY) constraint failed: \w+\.|\bViolation of (?:UNIQUE|PRIMARY) KEY constraint '",
    ),
];

static PATTERNS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let read = |(whose, pattern): (&'static str, &str)| Some((whose, Regex::new(pattern).ok()?));
    WORDS.into_iter().filter_map(read).collect()
});

/// Whose words stand in an error, and which. What the request said itself is only repeated.
pub(super) fn found<'t>(text: &'t str, context: Context<'_>) -> Option<(&'static str, &'t str)> {
    let mut all = PATTERNS.iter().flat_map(|(whose, pattern)| {
        let all = pattern.find_iter(text);
        all.map(|found| (*whose, found.as_str()))
    });
    all.find(|(_, words)| !was_sent(words, context))
}

/// Whether a request holds these words: in its path, its parameters or its body.
fn was_sent(words: &str, context: Context<'_>) -> bool {
    let request = context.request;
    let path = percent_encoding::percent_decode_str(&request.path).decode_utf8_lossy();
    let parameters = request.parameters.iter().map(|(_, value)| value.as_str());
    let body = request.json().map(|body| super::error::texts(&body));
    let mut sent = parameters.chain([&*path]).chain(request.body.as_deref());
    sent.any(|text| text.contains(words)) || body.is_some_and(|text| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check::{mark::Tags, schema::Schemas},
        exchange::{Answer, SentRequest},
        scenario::Version,
    };

    fn told(text: &str, request: &SentRequest) -> Option<&'static str> {
        let (schemas, answer) = (Schemas::standard(Version::V2), Answer::default());
        let context = Context {
            version: Version::V2,
            schemas: &schemas,
            request,
            answer: &answer,
            tags: Tags::default(),
        };
        found(text, context).map(|(whose, _)| whose)
    }

    #[test]
    fn every_pattern_reads() {
        assert_eq!(PATTERNS.len(), WORDS.len());
    }

    #[test]
    fn each_language_and_database_has_words_of_its_own() {
        for (whose, text) in [
            (
                "Python",
                "Traceback (most recent call last):\n  File \"/srv/app.py\", line 7",
            ),
            (
                "Python",
                "  File \"C:\\srv\\app.py\", line 7, in find\n    raise KeyError",
            ),
            ("Python", "see /usr/lib/python3/site-packages/flask/app.py"),
            (
                "Python",
                "psycopg2.errors.UniqueViolation: Key (user_name)=(a) already exists.",
            ),
            (
                "Node",
                "TypeError: x is not a function\n    at Object.<anonymous> (/app/x.js:1:2)",
            ),
            (
                "Node",
                "Error\n    at async Users.find (file:///app/users.mjs:10:5)",
            ),
            ("Node", "Error\n    at /app/users.js:10:5"),
            ("Node", "Error\n    at C:\\app\\users.ts:10:5\n    at next"),
            ("Node", "Cannot read properties of undefined (reading 'id')"),
            ("Node", "Cannot read property 'id' of null"),
            (
                "Java",
                "NullPointerException\n\tat org.example.Users.find(Users.java:7)",
            ),
            (
                "Java",
                "at fault:\n    at com.example.Users$Finder.<init>(Users.kt:12)",
            ),
            (
                "Java",
                "x:\n    at java.base/java.lang.Thread.run(Thread.java:829)",
            ),
            ("Java", "java.lang.NullPointerException: null"),
            (
                "Java",
                "Cannot deserialize value of type `java.util.ArrayList<Email>`",
            ),
            (
                "Java",
                "could not execute; nested is org.hibernate.exception.ConstraintViolationException",
            ),
            (
                ".NET",
                "   at System.Linq.Enumerable.First[T](IEnumerable`1 source)",
            ),
            (
                ".NET",
                "   at Example.Users.Find(String id) in C:\\src\\Users.cs:line 12",
            ),
            (
                ".NET",
                "System.NullReferenceException: Object reference not set",
            ),
            (".NET", "Microsoft.Data.SqlClient.SqlException (0x80131904)"),
            ("Ruby", "app/models/user.rb:12:in `find'"),
            ("Ruby", "app/models/user.rb:12:in 'User.find'"),
            ("Go", "goroutine 17 [running]:\nmain.main()"),
            (
                "Go",
                "panic: runtime error: index out of range [1] with length 1",
            ),
            ("Rust", "thread 'main' panicked at src/main.rs:7:5:"),
            ("Rust", "stack backtrace:\n   0: std"),
            ("PHP", "PHP Fatal error:  Uncaught Error"),
            ("PHP", "Stack trace:\n#0 /var/www/users.php(12): find()"),
            (
                "PostgreSQL",
                "ERROR:  duplicate key value violates unique constraint \"users_pkey\"",
            ),
            ("a database", "SQLSTATE[23505]: Unique violation"),
            (
                "a database",
                "ORA-00001: unique constraint (SCIM.USERS_PK) violated",
            ),
            (
                "a database",
                "E11000 duplicate key error collection: scim.users",
            ),
            (
                "MySQL",
                "You have an error in your SQL syntax; check the manual",
            ),
            ("MySQL", "Duplicate entry 'babs' for key 'users.user_name'"),
            (
                "SQLite or SQL Server",
                "UNIQUE constraint failed: users.user_name",
            ),
            (
                "SQLite or SQL Server",
                "Violation of UNIQUE KEY constraint 'UQ_users'.",
            ),
        ] {
            assert_eq!(told(text, &SentRequest::default()), Some(whose), "{text}");
        }
    }

    #[test]
    fn what_is_written_for_the_client_is_no_trace() {
        for text in [
            "",
            "duplicate key: userName is taken",
            "a unique constraint is violated: userName",
            "Duplicate entry 'babs' for userName",
            "unexpected character at line 3, in column 5 (path:1:2)",
            "the JSON ends at offset 12:13\n  at members[0].value (expected a string)",
            "the server panicked at 10 o'clock and is back",
            "invalid:\n  at /emails/0:12:5\n  at value (1:2)",
            "at com.example we do not allow this",
            "System.Users is no attribute at System level",
            "AURORA-01234 is no region, nor is ORA-0",
            "the id java.lang is unknown",
            "the system raised an Exception; try again later",
            "Cannot read properties of a user who is deleted",
        ] {
            assert_eq!(told(text, &SentRequest::default()), None, "{text}");
        }
    }

    #[test]
    fn what_the_request_said_is_only_repeated() {
        let text = "the id java.lang.Error is unknown";
        let by_path = SentRequest {
            path: "/Users/java%2Elang%2EError".to_owned(),
            ..SentRequest::default()
        };
        let by_filter = SentRequest {
            parameters: vec![("filter".to_owned(), "id eq \"java.lang.Error\"".to_owned())],
            ..SentRequest::default()
        };
        let by_body = SentRequest {
            body: Some(r#"{"id":"java\u002elang.Error"}"#.to_owned()),
            ..SentRequest::default()
        };
        for request in [by_path, by_filter, by_body] {
            assert_eq!(told(text, &request), None, "{request:?}");
            let more = format!("{text}\njava.lang.NullPointerException");
            assert_eq!(told(&more, &request), Some("Java"));
        }
    }
}
