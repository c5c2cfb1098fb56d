//! What a step sends.

use serde_json::Value;
use toml::Spanned;

use super::{Lowering, json};
use crate::{
    diagnostic::did_you_mean,
    scenario::{Body, Query, Request, Send, raw::RawStep},
    source::Span,
    template,
};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

impl Lowering {
    pub(super) fn send(&mut self, raw: &RawStep) -> Send {
        match (&raw.send, &raw.raw) {
            (Some(line), None) => Send::Request(self.request(raw, line)),
            (None, Some(text)) => Send::Raw(text.get_ref().clone()),
            _ => {
                let help = "write send = \"GET /Users\", or raw = '''…''' for a request sent byte for byte";
                self.problem(
                    raw.name.span(),
                    "a step sends exactly one request",
                    "in this step",
                    help,
                );
                Send::Raw(String::new())
            }
        }
    }

    fn request(&mut self, raw: &RawStep, line: &Spanned<String>) -> Request {
        let (method, path) = line
            .get_ref()
            .split_once(' ')
            .unwrap_or((line.get_ref(), ""));
        if !METHODS.contains(&method) {
            let mut help = did_you_mean(method, METHODS);
            if help.is_empty() {
                help = format!("the methods are {}", METHODS.join(", "));
            }
            self.problem(
                line.span(),
                format!("`{method}` is no method"),
                "expected a method and a path, such as \"GET /Users\"",
                help,
            );
        } else if !path.starts_with('/') && (method != "GET" || template::sole_name(path).is_none())
        {
            self.problem(
                line.span(),
                "the path is missing or does not begin with `/`",
                "expected a path below the base URL, such as \"GET /Users\"",
                "",
            );
        } else if path.contains('?') {
            self.problem(
                line.span(),
                "the query stands apart from the path",
                "a `?` in the path",
                "use `query` or `raw_query`",
            );
        }
        for (name, value) in &raw.headers {
            self.header_name(name.get_ref(), &name.span());
            self.header_value(value);
        }
        for pointer in raw.set.keys().chain(&raw.set_null).chain(&raw.remove) {
            self.pointer(pointer, &line.span());
        }
        Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: self.query(raw, line.span()),
            headers: raw
                .headers
                .iter()
                .map(|(name, value)| (name.get_ref().clone(), value.get_ref().clone()))
                .collect(),
            body: self.body(raw, line.span()),
        }
    }

    fn query(&mut self, raw: &RawStep, span: Span) -> Query {
        match &raw.raw_query {
            Some(_) if !raw.query.is_empty() => {
                self.problem(
                    span,
                    "a step has `query` or `raw_query`, not both",
                    "in this step",
                    "",
                );
                Query::Parameters(Vec::new())
            }
            Some(text) => {
                self.sent_as_written(text);
                Query::Raw(text.get_ref().clone())
            }
            None => Query::Parameters(
                raw.query
                    .iter()
                    .map(|(name, value)| (name.clone(), plain(value)))
                    .collect(),
            ),
        }
    }

    /// What URLs cannot hold would be sent in another form than it is written in.
    fn sent_as_written(&mut self, text: &Spanned<String>) {
        let altered = |c: &char| !c.is_ascii_graphic() || "\"#'<>".contains(*c);
        if let Some(found) = text.get_ref().chars().find(altered) {
            self.problem(
                text.span(),
                format!("`raw_query` is sent as it is written, and a URL cannot hold {found:?}"),
                "in this query",
                "percent-encode it, or write the whole request as `raw`",
            );
        }
    }

    fn header_value(&mut self, value: &Spanned<String>) {
        if value.get_ref().chars().any(|c| c.is_control() && c != '\t') {
            self.problem(
                value.span(),
                "a header cannot hold a line break or another control character",
                "in this value",
                "write the whole request as `raw`",
            );
        }
    }

    fn body(&mut self, raw: &RawStep, span: Span) -> Body {
        match (&raw.body, &raw.body_from) {
            (Some(_), Some(_)) => {
                self.problem(
                    span,
                    "a step has `body` or `body_from`, not both",
                    "in this step",
                    "",
                );
                Body::Empty
            }
            (None, None) | (Some(_), None)
                if !(raw.set.is_empty() && raw.set_null.is_empty() && raw.remove.is_empty()) =>
            {
                self.problem(
                    span,
                    "`set`, `set_null` and `remove` change the body that `body_from` takes",
                    "in this step",
                    "add `body_from`",
                );
                Body::Empty
            }
            (Some(text), None) => {
                if !raw.malformed {
                    self.body_is_json(text);
                }
                Body::Text(text.get_ref().clone())
            }
            (None, Some(step)) => Body::From {
                step: step.get_ref().clone(),
                set: raw
                    .set
                    .iter()
                    .map(|(pointer, value)| (pointer.clone(), json(value.clone())))
                    .chain(
                        raw.set_null
                            .iter()
                            .map(|pointer| (pointer.clone(), Value::Null)),
                    )
                    .collect(),
                remove: raw.remove.clone(),
            },
            (None, None) => Body::Empty,
        }
    }

    /// A body has to be JSON once its names are filled in.
    pub(super) fn body_is_json(&mut self, text: &Spanned<String>) {
        let names = template::names_in(text.get_ref())
            .into_iter()
            .map(|(name, _)| (name.to_owned(), Value::from(0)));
        let Ok(filled) = template::fill(text.get_ref(), &names.collect(), template::Place::Json)
        else {
            return;
        };
        let Err(error) = serde_json::from_str::<Value>(&filled) else {
            return;
        };
        let span = self.inside(text, &filled, error.line(), error.column());
        let reason = error.to_string();
        let reason = match reason.split(" at line").next().unwrap_or_default() {
            "expected ident" => "expected `true`, `false` or `null`".to_owned(),
            reason => reason.replace("EOF while parsing", "it ends in the middle of"),
        };
        self.problem(
            span,
            "the body is not JSON",
            reason,
            "a body that is meant to be broken says `malformed = true`",
        );
    }

    /// The character of a string that stands at this line and column of its filled-in text. A
    /// string with escapes is meant as a whole.
    fn inside(&self, text: &Spanned<String>, filled: &str, line: usize, column: usize) -> Span {
        let whole = text.span();
        let source = self.file.text.get(whole.clone()).unwrap_or_default();
        let holds = |quote: &&&str| {
            let inner = source.strip_prefix(**quote);
            inner.is_some_and(|inner| inner.starts_with(text.get_ref().as_str()))
        };
        let Some(quote) = QUOTES.iter().find(holds) else {
            return whole;
        };
        let lines = filled.split_inclusive('\n').take(line.saturating_sub(1));
        let offset = lines.map(str::len).sum::<usize>() + column.saturating_sub(1);
        let start = whole.start + quote.len() + as_written(text.get_ref(), offset);
        let start = (0..=start.min(whole.end))
            .rev()
            .find(|at| self.file.text.is_char_boundary(*at))
            .unwrap_or(whole.start);
        let width = self.file.text[start..]
            .chars()
            .next()
            .map_or(0, char::len_utf8);
        start..start + width
    }
}

/// How a TOML string can begin, the longest first; a line end behind it does not count.
const QUOTES: [&str; 8] = [
    "'''\r\n",
    "'''\n",
    "'''",
    "\"\"\"\r\n",
    "\"\"\"\n",
    "\"\"\"",
    "'",
    "\"",
];

/// The offset in a template of what stands at an offset of its text, in which each name was
/// filled with a single character.
fn as_written(template: &str, offset: usize) -> usize {
    let names = template::names_in(template);
    names.iter().fold(offset, |offset, (name, at)| {
        if offset > *at {
            offset + name.len() + 3
        } else {
            offset
        }
    })
}

/// A TOML value as it is written into a query string.
fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
