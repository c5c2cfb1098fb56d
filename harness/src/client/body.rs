//! Reads the body of an answer within bounds and undoes its encoding.

use std::io::Read;

use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};

use super::{
    json::{self, Unread},
    turn::Turns,
};
use crate::exchange::{Answer, Failure, FailureKind, Held};

/// The most bytes that are read of an answer, before and after decompression.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// The most values that are read of an answer's JSON: objects, arrays, and what is in them.
const MOST_VALUES: usize = 200_000;
/// A larger answer than this, in bytes and in values, waits for its turn.
const LARGE_BYTES: usize = 256 * 1024;
const LARGE_VALUES: usize = 20_000;
/// How much of a body is kept once its JSON is read.
const KEPT_BYTES: usize = 256 * 1024;

/// What some servers write before their JSON. A parser may pass over it (RFC 7159 section 8.1).
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Reads a body, and holds the turn of a large one.
pub(super) struct Reader<'a> {
    turns: &'a Turns,
    turn: Option<Held>,
}

impl<'a> Reader<'a> {
    /// A reader that asks for its turn here.
    pub(super) fn new(turns: &'a Turns) -> Self {
        Self { turns, turn: None }
    }

    async fn enter(&mut self) -> Result<(), Failure> {
        if self.turn.is_none() {
            self.turn = Some(self.turns.wait().await?);
        }
        Ok(())
    }

    /// The whole body as it comes.
    pub(super) async fn read(
        &mut self,
        response: &mut reqwest::Response,
    ) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| super::failure::of(&error))?
        {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LARGE_BYTES {
                self.enter().await?;
            }
            if bytes.len() > MOST_BYTES {
                return Err(too_large(MOST_BYTES));
            }
        }
        Ok(bytes)
    }

    /// Undoes `Content-Encoding: gzip` or `deflate`; other encodings cannot be read. Nothing, as the
    /// body of an answer to HEAD, is nothing in each.
    pub(super) async fn decode(
        &mut self,
        bytes: Vec<u8>,
        encoding: Option<&str>,
    ) -> Result<Vec<u8>, Failure> {
        let name = encoding.map(|name| name.trim().to_ascii_lowercase());
        let name = match name.as_deref() {
            None | Some("" | "identity") => return Ok(bytes),
            Some(_) if bytes.is_empty() => return Ok(bytes),
            Some(name) => name,
        };
        let (small, complete) = inflate(&bytes, name, LARGE_BYTES)?;
        if complete {
            return Ok(small);
        }
        drop(small);
        self.enter().await?;
        match inflate(&bytes, name, MOST_BYTES)? {
            (whole, true) => Ok(whole),
            (_, false) => Err(too_large(MOST_BYTES)),
        }
    }

    /// An answer whose body is read as JSON where it is JSON.
    pub(super) async fn answer(
        mut self,
        status: u16,
        headers: Vec<(String, String)>,
        bytes: Vec<u8>,
    ) -> Result<Answer, Failure> {
        let unmarked = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
        let mut read = json::read(unmarked, LARGE_VALUES);
        if read == Err(Unread::TooMany) {
            self.enter().await?;
            read = json::read(unmarked, MOST_VALUES);
        }
        let (json, not_json) = match read {
            Ok(json) => (Some(json), None),
            Err(Unread::NotJson(_)) if bytes.is_empty() => (None, None),
            Err(Unread::NotJson(reason)) => (None, Some(reason)),
            Err(Unread::TooMany) => return Err(too_many()),
            Err(Unread::Beyond(reason)) => {
                return Err(garbled(format!("the answer cannot be read: {reason}")));
            }
        };
        Ok(Answer {
            status,
            headers,
            body: text(bytes),
            json,
            not_json,
            turn: self.turn,
            ..Answer::default()
        })
    }
}

/// The text of a body; what is no UTF-8 is replaced.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The beginning of a long body, as it is kept for reports.
pub(super) fn kept(body: String) -> String {
    match body.len() <= KEPT_BYTES {
        true => body,
        false => shortened(&body, KEPT_BYTES),
    }
}

/// The first bytes of a body, and how many it has; one that was shortened before has as many as it
/// had then.
pub(crate) fn shortened(body: &str, most: usize) -> String {
    let told = body.rsplit_once("… (").map(|(_, told)| told);
    let bytes = told.and_then(|told| told.strip_suffix(" bytes in all)"));
    let bytes = bytes
        .and_then(|bytes| bytes.parse().ok())
        .unwrap_or(body.len());
    let fits = |end: &usize| body.is_char_boundary(*end);
    let end = (0..=most.min(body.len())).rev().find(fits).unwrap_or(0);
    format!("{}… ({bytes} bytes in all)", &body[..end])
}

/// What is packed in the bytes, up to this length, and whether that is all of it.
fn inflate(bytes: &[u8], encoding: &str, most: usize) -> Result<(Vec<u8>, bool), Failure> {
    match encoding {
        "gzip" | "x-gzip" => unpack(GzDecoder::new(bytes), most),
        "deflate" => unpack(ZlibDecoder::new(bytes), most)
            .or_else(|_| unpack(DeflateDecoder::new(bytes), most)),
        other => Err(garbled(format!(
            "the answer is encoded as `{other}`, which was not asked for"
        ))),
    }
}

fn unpack(decoder: impl Read, most: usize) -> Result<(Vec<u8>, bool), Failure> {
    let mut plain = Vec::new();
    decoder
        .take(most as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(|error| garbled(format!("the compressed answer cannot be read: {error}")))?;
    let complete = plain.len() <= most;
    Ok((plain, complete))
}

/// What is told of an answer of more bytes than these.
pub(super) fn too_large(most: usize) -> Failure {
    Failure {
        kind: FailureKind::TooLarge,
        message: format!(
            "the answer is larger than {} MiB, the most that the harness reads",
            most / 1024 / 1024
        ),
    }
}

fn too_many() -> Failure {
    Failure {
        kind: FailureKind::TooLarge,
        message: format!(
            "the answer's JSON holds more than {MOST_VALUES} values, the most that the harness reads"
        ),
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
    use std::{io::Write, time::Duration};

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn turns() -> Turns {
        Turns::new(Duration::from_secs(1))
    }

    async fn decode(bytes: Vec<u8>, encoding: &str) -> Result<Vec<u8>, FailureKind> {
        let turns = turns();
        let decoded = Reader::new(&turns).decode(bytes, Some(encoding)).await;
        decoded.map_err(|failure| failure.kind)
    }

    #[tokio::test]
    async fn compressed_answers_are_read_within_bounds() {
        let large = vec![b' '; LARGE_BYTES + 1];
        assert_eq!(decode(gzip(b"{}"), "gzip").await.unwrap(), b"{}");
        assert_eq!(decode(gzip(&large), "GZIP").await.unwrap(), large);
        assert_eq!(decode(Vec::new(), "gzip").await.unwrap(), b"");
        let bomb = gzip(&vec![0; MOST_BYTES + 1]);
        assert_eq!(decode(bomb, "gzip").await, Err(FailureKind::TooLarge));
        for (bytes, encoding) in [("{}", "gzip"), ("{}", "br"), ("{}", "gzip, gzip")] {
            let decoded = decode(bytes.into(), encoding).await;
            assert_eq!(decoded, Err(FailureKind::Garbled), "{encoding}");
        }
    }

    async fn read(bytes: &[u8]) -> Result<Answer, Failure> {
        let turns = turns();
        Reader::new(&turns)
            .answer(200, Vec::new(), bytes.to_vec())
            .await
    }

    #[tokio::test]
    async fn a_body_is_json_or_says_why_not() {
        assert!(read(b"{}").await.unwrap().json.is_some());
        assert_eq!(read(b"").await.unwrap().not_json, None);
        let marked = read("\u{feff}{}".as_bytes()).await.unwrap();
        assert!(marked.json.is_some() && marked.body.starts_with('\u{feff}'));
        let garbage = read(b"\xff").await.unwrap();
        assert_eq!(garbage.not_json.unwrap(), "it is not UTF-8");
    }

    #[tokio::test]
    async fn what_cannot_be_held_is_a_failure_of_ours_and_no_answer() {
        let members = |count: usize| format!("[{}0]", "0,".repeat(count));
        let many = read(members(LARGE_VALUES).as_bytes()).await.unwrap();
        assert!(many.turn.is_some() && many.json.is_some());
        let too_many = read(members(MOST_VALUES).as_bytes()).await.unwrap_err();
        assert_eq!(too_many.kind, FailureKind::TooLarge);
        let deep = read("[".repeat(100_000).as_bytes()).await.unwrap_err();
        assert_eq!(deep.kind, FailureKind::Garbled);
    }

    #[test]
    fn of_a_long_body_the_beginning_is_kept() {
        let long = "ü".repeat(KEPT_BYTES);
        let kept = kept(long);
        assert!(kept.len() < KEPT_BYTES + 40 && kept.ends_with("… (524288 bytes in all)"));
        assert_eq!(shortened(&kept, 2), "ü… (524288 bytes in all)");
    }
}
