//! A whole request over a socket of its own, for what an HTTP library would tidy up.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use url::Url;

use super::{
    body::{Reader, too_large},
    turn::Turns,
};
use crate::exchange::{Answer, Failure, FailureKind};

const MOST_HEADERS: usize = 128;
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Sends the text to the host of the base URL, each line end as CRLF, and reads one answer.
pub(super) async fn exchange(
    base: &str,
    text: &str,
    limit: Duration,
    turns: &Turns,
) -> Result<Answer, Failure> {
    let url =
        Url::parse(base).map_err(|error| failure(FailureKind::Unsendable, error.to_string()))?;
    if url.scheme() != "http" {
        return Err(failure(
            FailureKind::Unsendable,
            "a raw request is sent over plain http only, and the target is https".to_owned(),
        ));
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(80);
    let talk = async {
        let mut socket = TcpStream::connect((host, port))
            .await
            .map_err(|error| failure(FailureKind::Unreachable, error.to_string()))?;
        socket
            .write_all(with_crlf(text).as_bytes())
            .await
            .map_err(cut)?;
        let mut received = Vec::new();
        let mut buffer = [0; 16 * 1024];
        loop {
            if let Some(answer) = parse(&received, false)? {
                return Ok(answer);
            }
            let read = socket.read(&mut buffer).await.map_err(cut)?;
            if read == 0 {
                let message = "the connection ended before the answer was whole".to_owned();
                return parse(&received, true)?.ok_or_else(|| failure(FailureKind::Cut, message));
            }
            received.extend_from_slice(&buffer[..read]);
            if received.len() > MOST_BYTES {
                return Err(too_large(MOST_BYTES));
            }
        }
    };
    let (status, headers, bytes) = timeout(limit, talk).await.unwrap_or_else(|_| {
        Err(failure(
            FailureKind::Timeout,
            "no answer within the time limit".to_owned(),
        ))
    })?;
    Reader::new(turns).answer(status, headers, bytes).await
}

/// Status, headers and body of an answer.
type Parts = (u16, Vec<(String, String)>, Vec<u8>);

/// The answer, once it is whole: by Content-Length, by the last chunk, or at the end of the connection.
fn parse(received: &[u8], ended: bool) -> Result<Option<Parts>, Failure> {
    let mut storage = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut storage);
    let head = match response.parse(received) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => {
            return Err(failure(
                FailureKind::Garbled,
                format!("the answer is no HTTP: {error}"),
            ));
        }
    };
    let status = response.code.unwrap_or_default();
    let headers: Vec<(String, String)> = response
        .headers
        .iter()
        .map(|header| {
            (
                header.name.to_ascii_lowercase(),
                String::from_utf8_lossy(header.value).into_owned(),
            )
        })
        .collect();
    let value = |name: &str| {
        headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    };
    let rest = &received[head..];
    let bytes = if matches!(status, 204 | 304) {
        Some(Vec::new())
    } else if value("transfer-encoding")
        .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
    {
        unchunk(rest)
    } else if let Some(length) =
        value("content-length").and_then(|length| length.trim().parse::<usize>().ok())
    {
        rest.get(..length).map(<[u8]>::to_vec)
    } else {
        ended.then(|| rest.to_vec())
    };
    Ok(bytes.map(|bytes| (status, headers, bytes)))
}

/// Joins the chunks of a chunked body; `None` until the last one is there.
fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut joined = Vec::new();
    loop {
        let Ok(httparse::Status::Complete((start, length))) = httparse::parse_chunk_size(rest)
        else {
            return None;
        };
        if length == 0 {
            return Some(joined);
        }
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        joined.extend_from_slice(rest.get(start..end)?);
        rest = rest.get(end.checked_add(2)?..)?;
    }
}

fn with_crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

fn cut(error: std::io::Error) -> Failure {
    failure(FailureKind::Cut, error.to_string())
}

fn failure(kind: FailureKind, message: String) -> Failure {
    Failure { kind, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str, ended: bool) -> Option<String> {
        parse(text.as_bytes(), ended)
            .unwrap()
            .map(|(_, _, bytes)| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn an_answer_is_whole_by_length_by_chunks_or_at_the_end() {
        assert_eq!(
            body("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", false).unwrap(),
            "{}"
        );
        assert_eq!(
            body("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", false),
            None
        );
        assert_eq!(
            body(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                false
            )
            .unwrap(),
            "{}"
        );
        assert_eq!(body("HTTP/1.0 200 OK\r\n\r\n{}", false), None);
        assert_eq!(body("HTTP/1.0 200 OK\r\n\r\n{}", true).unwrap(), "{}");
        assert_eq!(body("HTTP/1.1 204 No Content\r\n\r\n", false).unwrap(), "");
        assert!(parse(b"\x00garbage\r\n\r\n", true).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_an_answer_a_part_of_one_or_none(
            head in "HTTP/1.[0-9] [0-9]{1,4} [a-z]{0,4}\r\n((Content-Length|Transfer-Encoding|x): [a-z0-9-]{0,22}\r\n){0,4}\r\n",
            rest in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..64),
            chunk in "[0-9a-fA-F]{0,18}\r\n",
        ) {
            for body in [rest.clone(), [chunk.as_bytes(), &rest].concat()] {
                let received = [head.as_bytes(), &body].concat();
                for ended in [false, true] {
                    drop(parse(&received, ended));
                    drop(parse(&rest, ended));
                }
            }
        }
    }
}
