//! Reads the body of an answer within bounds and undoes its encoding.

use std::io::Read;

use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};
use serde_json::Value;

use crate::exchange::{Answer, Failure, FailureKind};

/// The most bytes that are read of an answer, before and after decompression.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Reads the whole body.
pub(super) async fn read(response: &mut reqwest::Response) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| super::failure(&error))?
    {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST_BYTES {
            return Err(too_large());
        }
    }
    Ok(bytes)
}

/// Undoes `Content-Encoding: gzip` or `deflate`; other encodings cannot be read.
pub(super) fn decode(bytes: Vec<u8>, encoding: Option<&str>) -> Result<Vec<u8>, Failure> {
    match encoding
        .map(|name| name.trim().to_ascii_lowercase())
        .as_deref()
    {
        None | Some("" | "identity") => Ok(bytes),
        Some("gzip" | "x-gzip") => inflate(GzDecoder::new(bytes.as_slice())),
        Some("deflate") => inflate(ZlibDecoder::new(bytes.as_slice()))
            .or_else(|_| inflate(DeflateDecoder::new(bytes.as_slice()))),
        Some(other) => Err(garbled(format!(
            "the answer is encoded as `{other}`, which was not asked for"
        ))),
    }
}

fn inflate(decoder: impl Read) -> Result<Vec<u8>, Failure> {
    let mut plain = Vec::new();
    let limit = MOST_BYTES as u64 + 1;
    decoder
        .take(limit)
        .read_to_end(&mut plain)
        .map_err(|error| garbled(format!("the compressed answer cannot be read: {error}")))?;
    if plain.len() > MOST_BYTES {
        Err(too_large())
    } else {
        Ok(plain)
    }
}

/// An answer whose body is read as JSON where it is JSON.
pub(super) fn answer(status: u16, headers: Vec<(String, String)>, bytes: &[u8]) -> Answer {
    let (json, not_json) = match serde_json::from_slice::<Value>(bytes) {
        Ok(json) => (Some(json), None),
        Err(_) if bytes.is_empty() => (None, None),
        Err(_) if std::str::from_utf8(bytes).is_err() => (None, Some("it is not UTF-8".to_owned())),
        Err(error) => (None, Some(error.to_string())),
    };
    Answer {
        status,
        headers,
        body: String::from_utf8_lossy(bytes).into_owned(),
        json,
        not_json,
        ..Answer::default()
    }
}

fn too_large() -> Failure {
    Failure {
        kind: FailureKind::TooLarge,
        message: format!("the answer is larger than {} MiB", MOST_BYTES / 1024 / 1024),
    }
}

fn garbled(message: String) -> Failure {
    Failure {
        kind: FailureKind::Garbled,
        message,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn compressed_answers_are_read_within_bounds() {
        assert_eq!(decode(gzip(b"{}"), Some("gzip")).unwrap(), b"{}");
        assert_eq!(
            decode(gzip(&vec![0; MOST_BYTES + 1]), Some("gzip"))
                .unwrap_err()
                .kind,
            FailureKind::TooLarge
        );
        assert_eq!(
            decode(b"{}".to_vec(), Some("gzip")).unwrap_err().kind,
            FailureKind::Garbled
        );
        assert_eq!(
            decode(b"{}".to_vec(), Some("br")).unwrap_err().kind,
            FailureKind::Garbled
        );
    }

    #[test]
    fn a_body_is_json_or_says_why_not() {
        assert!(answer(200, Vec::new(), b"{}").json.is_some());
        assert_eq!(answer(200, Vec::new(), b"").not_json, None);
        assert_eq!(
            answer(200, Vec::new(), b"\xff").not_json.unwrap(),
            "it is not UTF-8"
        );
        assert!(
            answer(200, Vec::new(), b"<html>")
                .not_json
                .unwrap()
                .contains("line 1 column 1")
        );
        let deep = "[".repeat(100_000);
        assert!(
            answer(200, Vec::new(), deep.as_bytes())
                .not_json
                .unwrap()
                .contains("recursion")
        );
    }
}
