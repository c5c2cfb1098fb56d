//! The fronts, asked over real connections.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use scim_provider::front::{Handler, Mount, hyper, inside, wiremock};
use scim_provider::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Answers with what it was asked: method, target, headers, body.
fn echo(name: &'static str) -> Handler {
    Arc::new(move |request: &Request| {
        let mut text = format!("{name} {} {}\n", request.method, request.target);
        for (name, value) in &request.headers {
            text += &format!("{name}: {value}\n");
        }
        let mut body = text.into_bytes();
        body.push(b'\n');
        body.extend_from_slice(&request.body);
        Response {
            status: 201,
            headers: vec![
                (
                    "Content-Type".to_owned(),
                    "application/scim+json".to_owned(),
                ),
                ("X-Two".to_owned(), "a".to_owned()),
                ("X-Two".to_owned(), "b".to_owned()),
                ("Connection".to_owned(), "upgrade".to_owned()),
                ("Content-Length".to_owned(), "3".to_owned()),
            ],
            body,
        }
    })
}

fn with(status: u16, headers: &[(&str, &str)]) -> Handler {
    let answer = Response {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: b"body".to_vec(),
    };
    Arc::new(move |_: &Request| answer.clone())
}

fn mounts() -> Vec<Mount> {
    vec![
        ("/scim".to_owned(), echo("outer")),
        ("/scim/v2/".to_owned(), echo("v2")),
        ("204".to_owned(), with(204, &[])),
        ("/304".to_owned(), with(304, &[])),
        ("/42".to_owned(), with(42, &[])),
        ("/101".to_owned(), with(101, &[])),
        ("/name".to_owned(), with(200, &[("a b", "c")])),
        ("/value".to_owned(), with(200, &[("a", "b\nc")])),
    ]
}

struct Hyper {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<()>,
}

impl Hyper {
    async fn start(mounts: Vec<Mount>, latency: Option<Duration>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(hyper::serve(listener, mounts, latency, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            stop,
            server,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn client() -> reqwest::Client {
    // In a build of the whole workspace the client has TLS, and wants to know whose.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn get(url: &str) -> (u16, String) {
    let answer = client().get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Runs `ask` against the root URL of each front in turn.
fn on_each<F: Future<Output = ()>>(ask: impl Fn(String) -> F) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let front = wiremock::Front::start(mounts()).unwrap();
    runtime.block_on(ask(front.url("")));
    for front in [inside::Front::start, inside::Front::side_by_side] {
        let front = front(mounts()).unwrap();
        runtime.block_on(ask(front.url("")));
    }
    runtime.block_on(async {
        let server = Hyper::start(mounts(), None).await;
        ask(server.url("")).await;
    });
}

#[test]
fn a_request_goes_through_and_its_answer_comes_back() {
    on_each(|root| async move {
        let answer = client()
            .patch(format!(
                "{root}/scim/v2/Users/a%40b?filter=userName%20eq+%22x%22&empty"
            ))
            .header("Authorization", "Bearer t")
            .header("If-Match", "W/\"1\"")
            .header("If-Match", "W/\"2\"")
            .header("TE", "trailers")
            .body("{\"ä\":1}")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.headers()["content-type"], "application/scim+json");
        let two: Vec<_> = answer.headers().get_all("x-two").iter().collect();
        assert_eq!(two, ["a", "b"]);
        assert!(!answer.headers().contains_key("connection"));
        let text = answer.text().await.unwrap();
        let (head, body) = text.split_once("\n\n").unwrap();
        let (line, headers) = head.split_once('\n').unwrap();
        assert_eq!(
            line,
            "v2 PATCH /Users/a%40b?filter=userName%20eq+%22x%22&empty"
        );
        assert!(headers.contains("authorization: Bearer t"));
        assert!(headers.contains("if-match: W/\"1\"\nif-match: W/\"2\""));
        assert!(headers.contains("host: 127.0.0.1:"));
        assert!(!headers.contains("te: trailers"));
        assert_eq!(body, "{\"ä\":1}");
    });
}

#[test]
fn the_longest_prefix_that_ends_with_a_segment_takes_the_request() {
    on_each(|root| async move {
        let line = |path: &str| {
            let url = format!("{root}{path}");
            async move { get(&url).await.1.lines().next().unwrap().to_owned() }
        };
        assert_eq!(line("/scim/v2/Users").await, "v2 GET /Users");
        assert_eq!(line("/scim/v2").await, "v2 GET /");
        assert_eq!(line("/scim/v2?x=1").await, "v2 GET /?x=1");
        assert_eq!(line("/scim/v2/").await, "v2 GET /");
        assert_eq!(line("/scim/v20/Users").await, "outer GET /v20/Users");
        assert_eq!(line("/scim/Users").await, "outer GET /Users");
    });
}

#[test]
fn what_is_mounted_nowhere_is_a_500_with_a_text() {
    on_each(|root| async move {
        assert_eq!(
            get(&format!("{root}/scimmy/Users?x=1")).await,
            (
                500,
                "scim-provider: nothing is mounted at GET /scimmy/Users?x=1\n".to_owned()
            )
        );
    });
}

#[test]
fn statuses_without_a_body_are_sent_without_one() {
    on_each(|root| async move {
        for status in [204, 304] {
            let mut stream = TcpStream::connect(root.trim_start_matches("http://"))
                .await
                .unwrap();
            let asked =
                format!("GET /{status} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            stream.write_all(asked.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{answer}"
            );
            assert!(answer.ends_with("\r\n\r\n"), "{answer}");
        }
    });
}

#[test]
fn head_is_answered_without_the_body() {
    on_each(|root| async move {
        let url = format!("{root}/scim/v2/Users");
        let answer = client().head(url).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.text().await.unwrap(), "");
    });
}

#[test]
fn what_http_cannot_carry_is_a_500_that_says_so() {
    on_each(|root| async move {
        for (path, reason) in [
            ("/42", "status 42"),
            ("/101", "status 101"),
            ("/name", "header name \"a b\""),
            ("/value", "header a with value \"b\\nc\""),
        ] {
            assert_eq!(
                get(&format!("{root}{path}")).await,
                (
                    500,
                    format!("scim-provider: the answer cannot be sent for its {reason}\n")
                )
            );
        }
    });
}

#[test]
fn wiremock_gives_its_mounts_urls() {
    let front = wiremock::start("/scim/v2", echo("one")).unwrap();
    let (root, base) = (front.url(""), front.url("scim/v2/"));
    assert_eq!(base, format!("{root}/scim/v2"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_, text) = runtime.block_on(get(&format!("{base}/Users")));
    assert!(text.starts_with("one GET /Users\n"));
}

/// wiremock alone hangs here: 127 or 128 ready awaits use up what a task may do in one go.
#[test]
fn a_front_dropped_inside_a_busy_task_stops() {
    for awaits in [127, 128] {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let task = runtime.spawn(async move {
            let front = wiremock::start("", echo("busy")).unwrap();
            let (sender, mut receiver) = mpsc::unbounded_channel();
            for n in 0..awaits {
                sender.send(n).unwrap();
            }
            for _ in 0..awaits {
                receiver.recv().await.unwrap();
            }
            drop(front);
        });
        let ended = runtime.block_on(async { timeout(Duration::from_secs(10), task).await });
        // Not waited for: a task that hangs is to fail this test and not to hold it up.
        runtime.shutdown_background();
        assert!(ended.is_ok(), "after {awaits} awaits");
    }
}

#[tokio::test]
async fn latency_holds_back_each_answer_and_none_for_another() {
    let server = Hyper::start(mounts(), Some(Duration::from_millis(50))).await;
    let (client, url) = (client(), server.url("/scim/v2/Users"));
    let start = Instant::now();
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let (client, url) = (client.clone(), url.clone());
            tokio::spawn(async move { client.get(url).send().await.unwrap().status() })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 201);
    }
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(50), "{took:?}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn a_body_too_large_is_answered_with_413() {
    let server = Hyper::start(mounts(), None).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let length = hyper::MAX_BODY + 1;
    let head =
        format!("POST /scim/Users HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");

    let largest = vec![b'x'; hyper::MAX_BODY];
    let url = server.url("/scim/Users");
    let answer = client().post(url).body(largest).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    assert!(answer.bytes().await.unwrap().len() > hyper::MAX_BODY);
}

#[tokio::test]
async fn hyper_passes_targets_on_as_sent_and_keeps_the_connection() {
    let server = Hyper::start(mounts(), None).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    for target in ["/Users/../Users/%zz?a='b'", "/Users/1?x=%20+%2B"] {
        let asked = format!("GET /scim/v2{target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(asked.as_bytes()).await.unwrap();
        let mut answer = String::new();
        while !answer.contains("host: localhost\n\n") {
            let mut bytes = [0; 1024];
            let read = stream.read(&mut bytes).await.unwrap();
            assert_ne!(read, 0, "{answer}");
            answer += std::str::from_utf8(&bytes[..read]).unwrap();
        }
        assert!(answer.contains(&format!("v2 GET {target}\n")), "{answer}");
    }
}

#[tokio::test]
async fn hyper_finishes_what_it_has_begun_and_then_stops() {
    let server = Hyper::start(mounts(), Some(Duration::from_millis(300))).await;
    let url = server.url("/scim/v2/Users");
    // An idle kept-alive connection and one whose answer is on its way.
    let idle = TcpStream::connect(server.address).await.unwrap();
    let asking = tokio::spawn(async move { get(&url).await.0 });
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.send(()).unwrap();
    let ended = timeout(Duration::from_secs(5), server.server).await;
    assert!(ended.is_ok_and(|server| server.is_ok()));
    assert_eq!(asking.await.unwrap(), 201);
    assert!(TcpStream::connect(server.address).await.is_err());
    drop(idle);
}

#[test]
fn a_front_inside_works_on_requests_side_by_side_and_stops() {
    let (meeting, count) = (Arc::new(Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
    let met = Arc::clone(&count);
    let handler: Handler = Arc::new(move |request| {
        meeting.wait();
        met.fetch_add(1, Ordering::SeqCst);
        echo("met")(request)
    });
    let front = inside::Front::side_by_side(vec![("/scim".to_owned(), handler)]).unwrap();
    let url = format!("{}/Users", front.url("scim"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answers = runtime.block_on(async { tokio::join!(get(&url), get(&url)) });
    assert!(answers.0.1.starts_with("met GET /Users\n"), "{answers:?}");
    assert_eq!(count.load(Ordering::SeqCst), 2);
    drop(front);
    let refused = runtime.block_on(client().get(&url).send());
    assert!(refused.is_err());
}
