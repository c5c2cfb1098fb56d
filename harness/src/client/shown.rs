//! What an exchange shows: its texts without the target's credentials, without the passwords that
//! users were given, and without the cookies of a session.

use super::Mask;
use crate::{
    exchange::{Answer, Hidden, STARS, starred},
    target::PLACEHOLDER,
};

/// A shorter value stands in other texts by chance.
const SHORTEST_PASSWORD: usize = 8;
const SHORTEST_COOKIE: usize = 12;

/// The body of a request, or the whole of a raw one, with the passwords that it hides.
pub(super) fn sent(text: &str, mask: &Mask) -> (String, Vec<String>) {
    let (shown, passwords) = without_passwords(mask.apply(text));
    (shown, long_enough(passwords, SHORTEST_PASSWORD))
}

/// The answer. A secret behind escapes of JSON shows once the body is read, so such a body is
/// written anew.
pub(super) fn answer(answer: Answer, mask: &Mask) -> Answer {
    let cookies = long_enough(cookies(&answer), SHORTEST_COOKIE);
    let hide = |text: &str| without(&cookies, mask.apply(text));
    let headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .map(|(name, value)| match name.as_str() {
            "set-cookie" => (name.clone(), mask.apply(&cookie(value))),
            _ => (hide(name), hide(value)),
        })
        .collect();
    let hidden_headers = (headers != answer.headers).then(|| Hidden(answer.headers.clone()));
    let plain = answer
        .json
        .as_ref()
        .filter(|_| answer.body.contains('\\'))
        .map(ToString::to_string)
        .filter(|plain| mask.finds(plain));
    let body = hide(plain.as_ref().unwrap_or(&answer.body));
    let (body, passwords) = without_passwords(body);
    let mut secrets = cookies;
    secrets.extend(long_enough(passwords, SHORTEST_PASSWORD));
    Answer {
        headers,
        body,
        secrets,
        hidden_headers,
        ..answer
    }
}

/// Values that are worth hiding elsewhere: what is hidden already is not.
fn long_enough(mut values: Vec<String>, shortest: usize) -> Vec<String> {
    values.retain(|value| value.chars().count() >= shortest && !value.contains(PLACEHOLDER));
    values
}

/// `name=value; Path=/` with stars for the value.
fn cookie(header: &str) -> String {
    let (pair, attributes) = match header.split_once(';') {
        Some((pair, attributes)) => (pair, format!(";{attributes}")),
        None => (header, String::new()),
    };
    let name = pair.split_once('=').map_or("", |(name, _)| name);
    format!("{name}={STARS}{attributes}")
}

/// The values of the cookies that an answer sets.
fn cookies(answer: &Answer) -> Vec<String> {
    let set = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie");
    let values = set.filter_map(|(_, header)| {
        let (_, value) = header.split(';').next()?.split_once('=')?;
        Some(value.trim().trim_matches('"').to_owned())
    });
    values.collect()
}

fn without(secrets: &[String], text: String) -> String {
    starred(&text, secrets.iter().map(String::as_str)).unwrap_or(text)
}

/// The text with stars for each JSON string that is the value of a `password`, as a member or as
/// what an operation of a PATCH writes there, and these values.
fn without_passwords(text: String) -> (String, Vec<String>) {
    const END_OF_NAME: &str = "password\"";
    let lower = text.to_ascii_lowercase();
    let (mut shown, mut hidden) = (String::new(), Vec::new());
    let mut done = 0;
    for (start, name) in lower.match_indices(END_OF_NAME) {
        if !lower[..start].ends_with(['"', ':']) {
            continue;
        }
        if let Some((from, to)) = string_after(&text, start + name.len()) {
            shown.push_str(text.get(done..from).unwrap_or_default());
            shown.push_str(STARS);
            hidden.push(text[from..to].to_owned());
            done = to;
        }
    }
    if hidden.is_empty() {
        return (text, hidden);
    }
    (shown + &text[done..], hidden)
}

/// Where the JSON string begins and ends that is the value of the name which ends here.
fn string_after(text: &str, name_end: usize) -> Option<(usize, usize)> {
    let mut rest = text.get(name_end..)?.trim_start();
    if let Some(operation) = rest.strip_prefix(',') {
        rest = operation
            .trim_start()
            .strip_prefix("\"value\"")?
            .trim_start();
    }
    let string = rest.strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let from = text.len() - string.len();
    let mut escaped = false;
    let end = string.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some((from, from + end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Auth;

    #[test]
    fn a_password_is_not_shown_whatever_its_form() {
        for (text, shown) in [
            (
                r#"{"password": "a\"b", "x": 1}"#,
                r#"{"password": "********", "x": 1}"#,
            ),
            (
                r#"{"Password":"é","password":"b"}"#,
                r#"{"Password":"********","password":"********"}"#,
            ),
            (
                r#"{"op":"replace","path":"urn:x:User:password","value":"a\\"}"#,
                r#"{"op":"replace","path":"urn:x:User:password","value":"********"}"#,
            ),
            (
                r#"{"password":null,"a":"password"}"#,
                r#"{"password":null,"a":"password"}"#,
            ),
            (r#"{"lastpassword":"a"}"#, r#"{"lastpassword":"a"}"#),
            (r#"{"password":"cut"#, r#"{"password":"cut"#),
        ] {
            assert_eq!(without_passwords(text.to_owned()).0, shown);
        }
    }

    #[test]
    fn what_is_hidden_already_is_not_hidden_elsewhere() {
        let (shown, secrets) = sent(r#"{"password":"$SCIM_TOKEN"}"#, &Mask::default());
        assert_eq!(
            (shown.as_str(), secrets.len()),
            (r#"{"password":"********"}"#, 0)
        );
        let (_, secrets) = sent(r#"{"password":"hush-hush-9"}"#, &Mask::default());
        assert_eq!(secrets, ["hush-hush-9"]);
    }

    #[test]
    fn a_token_in_the_name_of_a_header_is_not_shown() {
        let mask = Mask::new([&Auth::Bearer("t0ken-of-a-tenant".to_owned().into())]);
        let plain = Answer {
            headers: vec![("x-t0ken-of-a-tenant".to_owned(), "1".to_owned())],
            ..Answer::default()
        };
        let shown = answer(plain, &mask);
        assert_eq!(
            shown.headers,
            [("x-$SCIM_TOKEN".to_owned(), "1".to_owned())]
        );
    }

    #[test]
    fn the_cookie_of_a_session_is_not_shown() {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let plain = Answer {
            headers: vec![
                header("set-cookie", "sid=0123456789abcdef; Path=/; HttpOnly"),
                header("location", "http://x/Users/1;sid=0123456789abcdef"),
            ],
            body: "{\"session\":\"0123456789abcdef\"}".to_owned(),
            ..Answer::default()
        };
        let shown = answer(plain, &Mask::default());
        assert_eq!(
            shown.headers,
            [
                header("set-cookie", "sid=********; Path=/; HttpOnly"),
                header("location", "http://x/Users/1;sid=********"),
            ]
        );
        assert_eq!(shown.body, "{\"session\":\"********\"}");
        assert_eq!(
            shown.header("location"),
            Some("http://x/Users/1;sid=0123456789abcdef"),
            "checks look at what came"
        );
        assert_eq!(cookie("bare"), "=********");
    }
}
