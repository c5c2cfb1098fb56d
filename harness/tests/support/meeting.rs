//! A server that shows which requests are there at once.

#[path = "wire.rs"]
mod wire;

use std::{
    io::{self, BufReader},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use scim_harness::scenario::Version;
use scim_provider::{Request, front::Handler};
use wire::{PREFIX, read, write};

use crate::support::provider;

/// How long a request waits that nobody may meet.
pub const IN_VAIN: Duration = Duration::from_millis(200);
/// How long a request waits that others are sure to meet.
pub const SURE: Duration = Duration::from_secs(30);

/// The provider behind a door at which requests with the header `X-Meet` wait until so many of
/// them are there, or their patience is over. Who waits in vain, as `X-Meet: loner` is meant to,
/// has little patience; who is sure to be met has so much that a slow machine changes nothing.
///
/// Each connection has a thread of its own, as who waits at the door must hold up nobody else.
pub struct Meeting {
    /// Its base URL.
    pub url: String,
    /// Every request so far, in order.
    pub asked: Arc<Mutex<Vec<Request>>>,
    most: Arc<AtomicUsize>,
}

impl Meeting {
    /// Opens the door for so many at once.
    pub fn start(wanted: usize, patience: Duration) -> Self {
        let (provider, handler) = provider(Version::V2);
        let most = Arc::new(AtomicUsize::new(0));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let door = (Mutex::new((0, false)), Condvar::new());
        let (peak, log) = (Arc::clone(&most), Arc::clone(&asked));
        let answer: Handler = Arc::new(move |request| {
            log.lock().unwrap().push(request.clone());
            if let Some(guest) = request.header("X-Meet") {
                let patience = match guest {
                    "loner" => patience.min(IN_VAIN),
                    _ => patience,
                };
                let (door, opened) = &door;
                let mut state = door.lock().unwrap();
                state.0 += 1;
                peak.fetch_max(state.0, Ordering::SeqCst);
                state.1 |= state.0 == wanted;
                opened.notify_all();
                let (mut state, _) = opened
                    .wait_timeout_while(state, patience, |(_, open)| !*open)
                    .unwrap();
                state.0 -= 1;
            }
            handler(request)
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}{PREFIX}", listener.local_addr().unwrap());
        provider.set_base(url.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = Arc::clone(&answer);
                thread::spawn(move || serve(&stream, &answer));
            }
        });
        Self { url, asked, most }
    }

    /// The most requests that were there at once.
    pub fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

/// Answers the requests of one connection until it is closed.
fn serve(stream: &TcpStream, answer: &Handler) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader)? {
        write(&mut &*stream, &answer(&request))?;
    }
    Ok(())
}
