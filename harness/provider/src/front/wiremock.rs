//! The provider inside the test's own process, on a wiremock server.
//!
//! Right for functional runs. wiremock works on one request at a time and keeps about 5 KB of each
//! for as long as it lives, with its recording off as it is here; and it reads a target as a URL,
//! so that dot segments are resolved and a `'` in a query is encoded. Load, soak and exact targets
//! are for [`super::hyper`].

use std::io;
use std::net::SocketAddr;
use std::thread;

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{Handler, Mount, Router, request_headers, sendable};
use crate::message::Request;

/// A running server; it stops when this is dropped.
///
/// Hold it outside async tasks and drop it there. wiremock's own `Drop` waits in a way that spins
/// for ever inside a tokio task whose budget is used up, so both ends of its life are spent on a
/// thread of their own; where it is dropped, that thread is waited for.
#[derive(Debug)]
pub struct Front {
    server: Option<MockServer>,
    address: SocketAddr,
}

/// Starts a server with a single mount.
///
/// # Errors
/// Where no thread can be started.
pub fn start(prefix: &str, handler: Handler) -> io::Result<Front> {
    Front::start(vec![(prefix.to_owned(), handler)])
}

impl Front {
    /// Starts a server with these mounts on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub fn start(mounts: Vec<Mount>) -> io::Result<Self> {
        let server = thread::Builder::new()
            .name("scim-provider-start".to_owned())
            .spawn(move || -> io::Result<MockServer> {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_time()
                    .build()?;
                Ok(runtime.block_on(mounted(Router::new(mounts))))
            })?
            .join()
            .map_err(|_| io::Error::other("wiremock could not start"))??;
        Ok(Self {
            address: *server.address(),
            server: Some(server),
        })
    }

    /// The base URL of the mount with this prefix: `http://127.0.0.1:PORT/scim/v2`.
    pub fn url(&self, prefix: &str) -> String {
        format!("http://{}{}", self.address, super::normalised(prefix))
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        let server = self.server.take();
        let dropped = thread::Builder::new()
            .name("scim-provider-stop".to_owned())
            .spawn(move || drop(server));
        if let Ok(thread) = dropped {
            // It has no result, and a panic of it has said what there is to say.
            let _ = thread.join();
        }
    }
}

async fn mounted(router: Router) -> MockServer {
    let server = MockServer::builder()
        .disable_request_recording()
        .start()
        .await;
    // One mock for everything: a request that none matches would get wiremock's bare 404.
    Mock::given(any())
        .respond_with(move |request: &wiremock::Request| respond(&router, request))
        .mount(&server)
        .await;
    server
}

fn respond(router: &Router, request: &wiremock::Request) -> ResponseTemplate {
    let url = &request.url;
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let (status, headers, body) = sendable(router.answer(Request {
        method: request.method.to_string(),
        target,
        headers: request_headers(&request.headers),
        body: request.body.clone(),
    }));
    let mut template = ResponseTemplate::new(status).set_body_bytes(body);
    for (name, value) in &headers {
        template = template.append_header(name, value);
    }
    template
}
