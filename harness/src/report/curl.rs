//! A `curl` line that repeats a request, with `$SCIM_TOKEN` where the secret was.

use url::Url;

use crate::{exchange::SentRequest, shell};

/// Headers that only matter between the harness and the server.
const LEFT_OUT: [&str; 3] = ["connection", "accept-encoding", "content-length"];

/// Basic credentials as they are masked.
const BASIC: &str = "Basic $SCIM_TOKEN";
/// How curl makes them of what the environment holds.
const LOGIN: &str = "-u \"$SCIM_USERNAME:$SCIM_PASSWORD\"";

/// The line, ready to be pasted into a shell.
pub fn line(request: &SentRequest) -> String {
    if request.raw {
        return raw_line(request);
    }
    let mut words = vec!["curl -sS -i".to_owned()];
    match request.method.as_str() {
        "GET" => {}
        "HEAD" => words.push("-I".to_owned()),
        method => words.push(format!("-X {method}")),
    }
    words.push(quoted(&request.url));
    let headers = request
        .headers
        .iter()
        .filter(|(name, _)| !LEFT_OUT.contains(&name.to_ascii_lowercase().as_str()));
    words.extend(headers.map(|(name, value)| match value.as_str() {
        BASIC if name.eq_ignore_ascii_case("authorization") => LOGIN.to_owned(),
        _ => format!("-H {}", quoted(&format!("{name}: {value}"))),
    }));
    if let Some(body) = &request.body {
        words.push(format!("--data-binary {}", quoted(body)));
    }
    words.join(" ")
}

/// A raw request is no business of curl's: its bytes go to the host as they are.
fn raw_line(request: &SentRequest) -> String {
    let text = request
        .body
        .as_deref()
        .unwrap_or_default()
        .replace("\r\n", "\n");
    let place = Url::parse(&request.url).ok();
    let host = place.as_ref().and_then(Url::host_str).unwrap_or_default();
    let port = place
        .as_ref()
        .and_then(Url::port_or_known_default)
        .unwrap_or(80);
    let text = quoted(&text);
    format!("printf '%s' {text} | sed 's/$/\\r/' | nc {host} {port}")
}

/// In single quotes; in double ones where the shell has to put the secret in.
fn quoted(text: &str) -> String {
    const SECRET: &str = "$SCIM_TOKEN";
    if !text.contains(SECRET) {
        return shell::quoted(text);
    }
    let escape = |part: &str| {
        part.chars()
            .flat_map(|c| {
                matches!(c, '"' | '\\' | '`' | '$')
                    .then_some('\\')
                    .into_iter()
                    .chain([c])
            })
            .collect::<String>()
    };
    format!(
        "\"{}\"",
        text.split(SECRET)
            .map(escape)
            .collect::<Vec<_>>()
            .join(SECRET)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_pasted_and_leaves_the_secret_to_the_shell() {
        let headers = [
            ("Accept", "application/json"),
            ("Authorization", "Bearer $SCIM_TOKEN"),
            ("Connection", "Keep-Alive"),
        ];
        let request = SentRequest {
            method: "PATCH".into(),
            url: "http://x/Users/1?a=b".into(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            body: Some("{\"n\":\"O'Hara\"}".into()),
            ..SentRequest::default()
        };
        assert_eq!(
            line(&request),
            "curl -sS -i -X PATCH 'http://x/Users/1?a=b' -H 'Accept: application/json' -H \"Authorization: Bearer $SCIM_TOKEN\" --data-binary '{\"n\":\"O'\\''Hara\"}'"
        );
        let request = SentRequest {
            method: "HEAD".into(),
            url: "http://x/Users".into(),
            headers: vec![("Authorization".to_owned(), BASIC.to_owned())],
            ..SentRequest::default()
        };
        assert_eq!(
            line(&request),
            "curl -sS -i -I 'http://x/Users' -u \"$SCIM_USERNAME:$SCIM_PASSWORD\""
        );
        assert_eq!(
            quoted("a\"`$(x)$SCIM_TOKEN"),
            "\"a\\\"\\`\\$(x)$SCIM_TOKEN\""
        );
    }
}
