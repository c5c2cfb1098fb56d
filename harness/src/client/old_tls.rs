//! Asks whether a server speaks TLS 1.1 or older, which our TLS library does not: one greeting by
//! hand, and the first bytes of the answer.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::tls::Spoken;

const HANDSHAKE: u8 = 22;
const ALERT: u8 = 21;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
/// The alert `protocol_version`.
const PROTOCOL_VERSION: u8 = 70;
const TLS_1_0: [u8; 2] = [3, 1];
const TLS_1_1: [u8; 2] = [3, 2];
/// Cipher suites that such servers know: ECDHE and RSA with AES or 3DES, CBC and SHA-1.
const SUITES: [[u8; 2]; 7] = [
    [0xc0, 0x13],
    [0xc0, 0x14],
    [0xc0, 0x09],
    [0xc0, 0x0a],
    [0x00, 0x2f],
    [0x00, 0x35],
    [0x00, 0x0a],
];
/// How much of the answer is read: the record's head, the message's head, and its version.
const ENOUGH: usize = 11;

/// Greets a server with TLS 1.1 as the newest version.
pub(super) async fn is_spoken(place: (&str, u16), limit: Duration) -> Spoken {
    let attempt = async {
        let mut socket = TcpStream::connect(place).await?;
        socket.write_all(&greeting(place.0)).await?;
        answer(&mut socket).await
    };
    match timeout(limit, attempt).await {
        Ok(Ok(answer)) => meaning(&answer),
        Ok(Err(_)) | Err(_) => Spoken::Unknown,
    }
}

/// The beginning of the answer, shorter where it is an alert.
async fn answer(socket: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    let mut buffer = [0; ENOUGH];
    while answer.len() < ENOUGH {
        let room = ENOUGH - answer.len();
        let read = socket.read(&mut buffer[..room]).await?;
        if read == 0 {
            break;
        }
        answer.extend_from_slice(&buffer[..read]);
        if answer.first() == Some(&ALERT) && answer.len() >= 7 {
            break;
        }
    }
    Ok(answer)
}

fn meaning(answer: &[u8]) -> Spoken {
    match answer {
        [HANDSHAKE, _, _, _, _, SERVER_HELLO, _, _, _, major, minor]
            if [*major, *minor] <= TLS_1_1 =>
        {
            Spoken::Yes
        }
        [ALERT, _, _, _, _, _, PROTOCOL_VERSION, ..] => Spoken::No,
        _ => Spoken::Unknown,
    }
}

/// A ClientHello of TLS 1.1 (RFC 4346 section 7.4.1.2).
fn greeting(host: &str) -> Vec<u8> {
    let mut hello = TLS_1_1.to_vec();
    hello.extend((0..32).map(|_| fastrand::u8(..)));
    hello.push(0);
    hello.extend(with_length(&SUITES.concat()));
    hello.extend([1, 0]);
    hello.extend(with_length(&extensions(host)));
    let length = with_length(&hello);
    let message = [&[CLIENT_HELLO, 0], length.as_slice()].concat();
    [&[HANDSHAKE], &TLS_1_0[..], &with_length(&message)].concat()
}

/// The host's name, and the curves that are known: x25519, P-256, P-384, not compressed.
fn extensions(host: &str) -> Vec<u8> {
    let mut extensions = Vec::new();
    if host.parse::<std::net::IpAddr>().is_err() {
        let name = [&[0], with_length(host.as_bytes()).as_slice()].concat();
        extensions.extend([0, 0]);
        extensions.extend(with_length(&with_length(&name)));
    }
    extensions.extend([0, 10, 0, 8, 0, 6, 0, 29, 0, 23, 0, 24]);
    extensions.extend([0, 11, 0, 2, 1, 0]);
    extensions
}

/// Bytes behind their number in two bytes; a host name is never as long as that.
fn with_length(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_an_agreement_a_refusal_or_neither() {
        let hello = |minor| [22, 3, minor, 0, 50, 2, 0, 0, 46, 3, minor];
        assert_eq!(meaning(&hello(2)), Spoken::Yes);
        assert_eq!(meaning(&hello(1)), Spoken::Yes);
        assert_eq!(meaning(&hello(3)), Spoken::Unknown);
        assert_eq!(meaning(&[21, 3, 1, 0, 2, 2, 70]), Spoken::No);
        assert_eq!(meaning(&[21, 3, 1, 0, 2, 2, 40]), Spoken::Unknown);
        assert_eq!(meaning(b"HTTP/1.1 400"), Spoken::Unknown);
        assert_eq!(meaning(b""), Spoken::Unknown);
    }

    #[test]
    fn a_greeting_says_its_lengths() {
        for host in ["scim.example.com", "127.0.0.1"] {
            let hello = greeting(host);
            let number = |at: usize| usize::from(u16::from_be_bytes([hello[at], hello[at + 1]]));
            assert_eq!(number(3), hello.len() - 5);
            assert_eq!(number(7), hello.len() - 9);
            assert_eq!(&hello[9..11], &[3, 2]);
        }
    }
}
