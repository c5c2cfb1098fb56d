//! The provider as a server of its own, on hyper: HTTP/1.1 with keep-alive, many requests at once,
//! targets exactly as they were sent.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use super::{Mount, Router, plain, request_headers, sendable};
use crate::message::{Request, Response};

/// The largest request body that reaches a handler; a larger one is answered with 413.
pub const MAX_BODY: usize = 32 * 1024 * 1024;

/// How long requests that are still being answered may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How long not to accept after an error that lasts, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves the mounts on this listener until `shutdown` is done, then finishes the requests that it
/// has begun to read.
///
/// Each answer is held back for `latency`, without holding up any other. Handlers run on the
/// runtime's own threads: they are meant to be short and to wait for nothing.
pub async fn serve(
    listener: TcpListener,
    mounts: Vec<Mount>,
    latency: Option<Duration>,
    shutdown: impl Future<Output = ()>,
) {
    let router = Arc::new(Router::new(mounts));
    let graceful = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => connection(stream, Arc::clone(&router), latency, &graceful),
            Err(error) if of_one_connection(&error) => {}
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
    drop(listener);
    // Connections that are still open after that are closed with the runtime.
    let _ = timeout(GRACE, graceful.shutdown()).await;
}

fn connection(
    stream: TcpStream,
    router: Arc<Router>,
    latency: Option<Duration>,
    graceful: &GracefulShutdown,
) {
    // Without it small answers may wait for the client's delayed ACK; they arrive all the same.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let router = Arc::clone(&router);
        async move {
            let response = respond(&router, request).await;
            if let Some(latency) = latency {
                sleep(latency).await;
            }
            Ok::<_, Infallible>(on_the_wire(response))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // A client that breaks off or talks no HTTP is no concern of the others.
        let _ = connection.await;
    });
}

async fn respond(router: &Router, request: hyper::Request<Incoming>) -> Response {
    let (parts, body) = request.into_parts();
    let too_large = || plain(413, &format!("a body of more than {MAX_BODY} bytes"));
    if body.size_hint().lower() > MAX_BODY as u64 {
        return too_large();
    }
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => body.to_bytes().to_vec(),
        Err(error) if error.is::<LengthLimitError>() => return too_large(),
        Err(error) => return plain(400, &format!("the body cannot be read: {error}")),
    };
    let target = match parts.uri.path_and_query() {
        Some(target) => target.as_str().to_owned(),
        None => String::new(),
    };
    router.answer(Request {
        method: parts.method.to_string(),
        target,
        headers: request_headers(&parts.headers),
        body,
    })
}

fn on_the_wire(response: Response) -> hyper::Response<Full<Bytes>> {
    let (status, headers, body) = sendable(response);
    let mut wire = hyper::Response::new(Full::from(body));
    *wire.status_mut() = status;
    *wire.headers_mut() = headers;
    wire
}

/// Whether an error of `accept` is over with the connection that it came from.
fn of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
