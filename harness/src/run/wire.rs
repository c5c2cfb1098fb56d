//! The text of a raw step: one request that every server takes for the same one, or none is sent.
//!
//! A server that reads another end of a line, of the head or of the body than we do would find a
//! second request in it, which nobody looked at.

use crate::{client::read_json, client_profile::CREDENTIAL};

/// Method and target of the request, whose lines end in LF. `Err` says why it may be taken for
/// another one, or for more than one.
pub(super) fn one_request(text: &str) -> Result<(&str, &str), String> {
    let (head, content) = text
        .split_once("\n\n")
        .ok_or("no empty line ends its head")?;
    let plain = |sign: char| matches!(sign, ' '..='~' | '\n');
    if let Some(sign) = head.chars().find(|sign| !plain(*sign)) {
        return Err(format!(
            "its head holds {sign:?}, which not every server reads alike"
        ));
    }
    let mut lines = head.split('\n');
    let (method, target) = first_line(lines.next().unwrap_or_default())?;
    let headers = lines.map(header).collect::<Result<Vec<_>, _>>()?;
    ends_where_it_says(&headers, content)?;
    Ok((method, target))
}

/// Method and target of a first line.
fn first_line(line: &str) -> Result<(&str, &str), String> {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        [method, target, "HTTP/1.0" | "HTTP/1.1"]
            if !target.is_empty() && is_name(method) && !line.contains(CREDENTIAL) =>
        {
            Ok((method, target))
        }
        _ => Err("its first line is not `METHOD TARGET HTTP/1.1`, with one space each".to_owned()),
    }
}

/// Name and value of a header.
fn header(line: &str) -> Result<(&str, &str), String> {
    line.split_once(':')
        .filter(|(name, _)| is_name(name))
        .ok_or_else(|| format!("the line {line:?} of its head is no header"))
}

/// Whether a text is a method or the name of a header (RFC 9110 section 5.6.2).
fn is_name(text: &str) -> bool {
    let fits = |sign: char| sign.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(sign);
    !text.is_empty() && text.chars().all(fits)
}

/// Whether Content-Length alone says where the content ends, and says so rightly. A server that
/// does not read a content takes it for the next request: JSON cannot be one.
fn ends_where_it_says(headers: &[(&str, &str)], content: &str) -> Result<(), String> {
    let values = |name: &str| {
        let named = headers
            .iter()
            .filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim()).collect::<Vec<_>>()
    };
    if !values("transfer-encoding").is_empty() {
        return Err("a raw step has no Transfer-Encoding: it may hide what is sent".to_owned());
    }
    // Line ends are sent as CRLF.
    let length = content.len() + content.matches('\n').count();
    match values("content-length").as_slice() {
        [] if content.is_empty() => Ok(()),
        [told] if **told == length.to_string() => Ok(()),
        _ => Err(format!(
            "its Content-Length does not stand once and say {length}, the bytes behind its head"
        )),
    }?;
    let harmless = content.is_empty() || read_json(content).is_some();
    match harmless && !content.contains(CREDENTIAL) {
        true => Ok(()),
        false => Err("what follows its head is no JSON, so it may be taken for a request".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_is_sent_as_it_is() {
        for (text, told) in [
            ("GET /v2/Users HTTP/1.1\nHost: x\n\n", ("GET", "/v2/Users")),
            (
                "POST /Users HTTP/1.0\nX-Odd:  a\nContent-Length: 4\n\n{\n}",
                ("POST", "/Users"),
            ),
        ] {
            assert_eq!(one_request(text), Ok(told), "{text:?}");
        }
    }

    #[test]
    fn what_may_be_taken_for_more_than_one_request_is_none() {
        let second = "DELETE /Users/7\tHTTP/1.1\n\n";
        for text in [
            format!("GET /Users HTTP/1.1\nHost: x\n\n{second}"),
            "GET /Users\tHTTP/1.1\nHost: x\n\n".to_owned(),
            "GET /Users  HTTP/1.1\nHost: x\n\n".to_owned(),
            "GET /Users\nHost: x\n\n".to_owned(),
            "GET /Users HTTP/2\nHost: x\n\n".to_owned(),
            "\nGET /Users HTTP/1.1\nHost: x\n\n".to_owned(),
            "GET /Users HTTP/1.1\nHost: x".to_owned(),
            "GET /Users HTTP/1.1\nHost: x\n\n\n".to_owned(),
            "GET /Users HTTP/1.1\nA: b\rX-HTTP-Method-Override: DELETE\n\n".to_owned(),
            "GET /Users HTTP/1.1\nA: b\u{85}X-HTTP-Method-Override: DELETE\n\n".to_owned(),
            "GET /Users HTTP/1.1\nA: b\u{a0}c\n\n".to_owned(),
            "GET /Users HTTP/1.1\nA: b\n X-HTTP-Method-Override: DELETE\n\n".to_owned(),
            "GET /Users HTTP/1.1\nContent-Length : 2\n\n{}".to_owned(),
            "POST /.search HTTP/1.1\nContent-Length: 2\n\n{} ".to_owned(),
            "POST /.search HTTP/1.1\nContent-Length: 2\nContent-Length: 2\n\n{}".to_owned(),
            "POST /.search HTTP/1.1\nContent-Length: +2\n\n{}".to_owned(),
            format!("POST /.search HTTP/1.1\nContent-Length: 2\n\n{{}}{second}"),
            format!("GET /Users HTTP/1.1\nContent-Length: 28\n\n{second}"),
            "POST /Bulk HTTP/1.1\nTransfer-Encoding: chunked\n\n2\n{}\n0\n\n".to_owned(),
            format!("POST /Users HTTP/1.1\nContent-Length: 16\n\n\"{CREDENTIAL}\""),
        ] {
            assert!(one_request(&text).is_err(), "{text:?}");
        }
    }
}
