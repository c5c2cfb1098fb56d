//! The [`super::hyper`] front inside the caller's own process, on threads of its own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::block_in_place;

use super::{Handler, Mount};

/// How many requests are worked on at once, where several are.
const WORKERS: usize = 4;

/// A running server; it stops when this is dropped, once it has answered what it has begun to read.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Front {
    /// Starts a server with these mounts on a free port of 127.0.0.1, which works on one request
    /// after another.
    ///
    /// # Errors
    /// Where no port, thread or runtime can be had.
    pub fn start(mounts: Vec<Mount>) -> io::Result<Self> {
        Self::on(Builder::new_current_thread(), mounts)
    }

    /// The same, but requests are worked on side by side, so that what goes wrong between two of
    /// them shows.
    ///
    /// # Errors
    /// Where no port, thread or runtime can be had.
    pub fn side_by_side(mounts: Vec<Mount>) -> io::Result<Self> {
        let mut workers = Builder::new_multi_thread();
        workers.worker_threads(WORKERS).thread_name("scim-provider");
        Self::on(workers, mounts.into_iter().map(apart).collect())
    }

    fn on(mut runtime: Builder, mounts: Vec<Mount>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = runtime.enable_io().enable_time().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let thread = thread::Builder::new()
            .name("scim-provider-front".to_owned())
            .spawn(move || {
                runtime.block_on(super::hyper::serve(listener, mounts, None, async {
                    // That the sender is gone means the same.
                    let _ = stopped.await;
                }));
            })?;
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The base URL of the mount with this prefix: `http://127.0.0.1:PORT/scim/v2`.
    pub fn url(&self, prefix: &str) -> String {
        format!("http://{}{}", self.address, super::normalised(prefix))
    }
}

/// A mount whose handler may take its time: other requests do not wait behind it.
fn apart((prefix, handler): Mount) -> Mount {
    let apart: Handler = Arc::new(move |request| block_in_place(|| handler(request)));
    (prefix, apart)
}

impl Drop for Front {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It has no result, and a panic of it has said what there is to say.
            let _ = thread.join();
        }
    }
}
