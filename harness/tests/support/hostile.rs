//! A server that misbehaves on the wire: the provider, but for requests that a test chooses.

#![allow(dead_code, reason = "each test target uses a part of it")]

#[path = "wire.rs"]
pub mod wire;

use std::{
    io::{self, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use scim_harness::{embedded, fault::Fault, scenario::Version};
use scim_provider::{Auth, Request, Response, front::Handler};
use wire::{PREFIX, read, write};

/// What the server does instead of answering; the connection ends with it.
pub type Misbehaviour = Arc<dyn Fn(&Request, &mut TcpStream) -> io::Result<()> + Send + Sync>;

/// What becomes of an honest answer.
pub type Lie = Arc<dyn Fn(&Request, Response) -> Response + Send + Sync>;

/// A running server; its threads end with the test.
pub struct Hostile {
    /// Its base URL.
    pub url: String,
    /// The provider behind it, as the function that answers for it.
    pub honest: Handler,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Hostile {
    /// Misbehaves for the requests that are hit, and else is a provider with so many users.
    pub fn start(
        users: usize,
        hits: impl Fn(&Request) -> bool + Send + Sync + 'static,
        act: Misbehaviour,
    ) -> Self {
        Self::serve(users, &[], move |request, honest, stream| {
            if hits(request) {
                act(request, stream)?;
                return Ok(false);
            }
            write(stream, &honest(request))?;
            Ok(true)
        })
    }

    /// Answers with lies.
    pub fn lying(users: usize, lie: Lie) -> Self {
        Self::faulty(users, &[], lie)
    }

    /// Answers with lies, and has faults besides.
    pub fn faulty(users: usize, faults: &[Fault], lie: Lie) -> Self {
        Self::serve(users, faults, move |request, honest, stream| {
            write(stream, &lie(request, honest(request)))?;
            Ok(true)
        })
    }

    /// Answers some requests otherwise; to know how, it may ask the provider.
    pub fn instead(
        users: usize,
        answer: impl Fn(&Request, &Handler) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        Self::serve(users, &[], move |request, honest, stream| {
            let other = answer(request, honest);
            write(stream, &other.unwrap_or_else(|| honest(request)))?;
            Ok(true)
        })
    }

    fn serve(
        users: usize,
        faults: &[Fault],
        answer: impl Fn(&Request, &Handler, &mut TcpStream) -> io::Result<bool> + Send + Sync + 'static,
    ) -> Self {
        let (provider, handler) = embedded::provider(Version::V2, Auth::None, None, faults);
        provider.seed(users);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}{PREFIX}", listener.local_addr().unwrap());
        provider.set_base(url.clone());
        let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
        let log = Arc::clone(&asked);
        let (answer, honest) = (Arc::new(answer), Arc::clone(&handler));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, handler, log) =
                    (Arc::clone(&answer), Arc::clone(&handler), Arc::clone(&log));
                thread::spawn(move || -> io::Result<()> {
                    let mut writer = stream.try_clone()?;
                    let mut reader = BufReader::new(stream);
                    while let Some(request) = read(&mut reader)? {
                        log.lock().unwrap().push(request.clone());
                        let last = request.header("Connection") == Some("close");
                        if !answer(&request, &handler, &mut writer)? || last {
                            break;
                        }
                    }
                    Ok(())
                });
            }
        });
        Self { url, honest, asked }
    }

    /// Every request so far.
    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

/// Each misbehaviour that does not depend on what was asked.
pub mod acts {
    use std::{io::Read, time::Duration};

    use flate2::{Compression, write::GzEncoder};
    use nix::{
        libc::linger,
        sys::socket::{setsockopt, sockopt::Linger},
    };

    use super::*;

    const SCIM: &str = "Content-Type: application/scim+json\r\n";
    /// A list without its end.
    const LIST: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":["#;

    fn talk(
        words: impl Fn(&mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Misbehaviour {
        Arc::new(move |_, stream| words(stream))
    }

    /// These bytes, and the end of the connection.
    pub fn bytes(words: impl Into<Vec<u8>>) -> Misbehaviour {
        let words = words.into();
        talk(move |stream| stream.write_all(&words))
    }

    /// A whole answer with this body.
    pub fn body(body: impl Into<Vec<u8>>) -> Misbehaviour {
        let body = body.into();
        let mut words = format!(
            "HTTP/1.1 200 OK\r\n{SCIM}Content-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        words.extend(body);
        bytes(words)
    }

    /// A whole answer whose list has this member besides.
    pub fn list_with(member: &str) -> Misbehaviour {
        let list = LIST.trim_end_matches(r#""Resources":["#);
        body(format!("{list}{member},\"Resources\":[]}}"))
    }

    /// These bytes again and again, after a beginning.
    pub fn endless(beginning: impl Into<String>, words: impl Into<Vec<u8>>) -> Misbehaviour {
        let (beginning, words) = (beginning.into(), words.into());
        talk(move |stream| {
            stream.write_all(beginning.as_bytes())?;
            loop {
                stream.write_all(&words)?;
            }
        })
    }

    /// Nothing, for as long as anybody listens.
    pub fn silence() -> Misbehaviour {
        talk(|stream| stream.read_to_end(&mut Vec::new()).map(drop))
    }

    /// A byte now and then.
    pub fn drip() -> Misbehaviour {
        let words = format!("HTTP/1.1 200 OK\r\n{SCIM}\r\n{LIST}");
        talk(move |stream| {
            for byte in words.bytes().cycle() {
                stream.write_all(&[byte])?;
                thread::sleep(Duration::from_millis(100));
            }
            Ok(())
        })
    }

    /// A body that never ends.
    pub fn endless_body() -> Misbehaviour {
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        let head = format!("HTTP/1.1 200 OK\r\n{SCIM}Transfer-Encoding: chunked\r\n\r\n");
        endless(head, chunk)
    }

    /// A string of 200 MB in a whole answer.
    pub fn large_json() -> Misbehaviour {
        let length = 200 * 1024 * 1024;
        let head = format!("HTTP/1.1 200 OK\r\n{SCIM}Content-Length: {length}\r\n\r\n{{\"a\":\"");
        endless(head, vec![b'x'; 0x10000])
    }

    /// A small answer that unpacks to 64 MiB.
    pub fn gzip_bomb() -> Misbehaviour {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let zeros = vec![b' '; 1024 * 1024];
        (0..64).for_each(|_| encoder.write_all(&zeros).unwrap());
        let packed = encoder.finish().unwrap();
        let mut words = format!(
            "HTTP/1.1 200 OK\r\n{SCIM}Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            packed.len()
        )
        .into_bytes();
        words.extend(packed);
        bytes(words)
    }

    /// Arrays in arrays.
    pub fn deep() -> Misbehaviour {
        let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
        body(format!("{LIST}{open}{close}]}}"))
    }

    /// A list of a million members.
    pub fn million_members() -> Misbehaviour {
        body(format!("{LIST}{}0]}}", "0,".repeat(1_000_000)))
    }

    /// Bytes that are no UTF-8.
    pub fn no_utf8() -> Misbehaviour {
        body([LIST.as_bytes(), b"\"\xff\xfe\"]}"].concat())
    }

    /// A hundred thousand headers.
    pub fn header_flood() -> Misbehaviour {
        let headers = (0..100_000).map(|n| format!("X-{n}: y\r\n"));
        bytes(format!(
            "HTTP/1.1 200 OK\r\n{}\r\n",
            headers.collect::<String>()
        ))
    }

    /// One header of 10 MB.
    pub fn long_header() -> Misbehaviour {
        bytes(format!(
            "HTTP/1.1 200 OK\r\nX: {}\r\n\r\n",
            "y".repeat(10_000_000)
        ))
    }

    /// Less than the Content-Length says.
    pub fn too_short() -> Misbehaviour {
        bytes(format!(
            "HTTP/1.1 200 OK\r\n{SCIM}Content-Length: 9000\r\n\r\n{LIST}]}}"
        ))
    }

    /// More than the Content-Length says.
    pub fn too_long() -> Misbehaviour {
        bytes(format!(
            "HTTP/1.1 200 OK\r\n{SCIM}Content-Length: 20\r\n\r\n{LIST}]}}"
        ))
    }

    /// A chunk that is announced and does not come whole.
    pub fn cut_in_the_middle() -> Misbehaviour {
        bytes(format!(
            "HTTP/1.1 200 OK\r\n{SCIM}Transfer-Encoding: chunked\r\n\r\nffff\r\n{LIST}"
        ))
    }

    /// Half an answer, then a reset: what is unsent is dropped, and nobody says goodbye.
    pub fn reset() -> Misbehaviour {
        talk(|stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Le")?;
            let at_once = linger {
                l_onoff: 1,
                l_linger: 0,
            };
            setsockopt(stream, Linger, &at_once).map_err(io::Error::from)
        })
    }

    /// A sound answer of an old server: no length, and the end of the connection.
    pub fn http_1_0() -> Misbehaviour {
        bytes(format!("HTTP/1.0 200 OK\r\n{SCIM}\r\n{LIST}]}}"))
    }

    /// Interim answers for ever.
    pub fn interim_flood(status: &str) -> Misbehaviour {
        endless("", format!("HTTP/1.1 {status}\r\n\r\n").repeat(100))
    }

    /// This status with these headers and no body.
    pub fn head(status: &str, headers: &str) -> Misbehaviour {
        bytes(format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\n\r\n"
        ))
    }
}
