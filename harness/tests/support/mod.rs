//! What the tests of the tester share: a home for the binary, servers, and what came of a run.

#![allow(dead_code, reason = "each test target uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot be set up fails, and says where"
)]

pub mod held;

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use scim_harness::{embedded, scenario::Version};
use scim_provider::{
    Auth, Provider, Request, Response,
    front::{Handler, wiremock},
};
use serde_json::Value;
use tempfile::TempDir;

/// A folder of its own for the binary: to work in, to keep ledgers in, and nothing else.
pub struct Home {
    folder: TempDir,
}

/// What became of a spawned command.
pub struct Ran {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Home {
    /// An empty one.
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        for inner in ["work", "state"] {
            fs::create_dir(folder.path().join(inner)).expect("a folder");
        }
        Self { folder }
    }

    /// The folder that commands work in.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// The folder that ledgers are kept in.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Writes a file below the working folder.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Names of the files in the working folder, ordered.
    pub fn files(&self) -> Vec<String> {
        names_in(&self.path())
    }

    /// The binary, with nothing of the environment but what it needs to start.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scim-harness"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("XDG_STATE_HOME", self.state())
            .env("NO_COLOR", "1")
            .current_dir(self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the binary to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(&[], arguments)
    }

    /// The same with variables of the environment.
    pub fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        Ran::of(command.spawn().expect("the binary starts"))
    }

    /// A JSON file of the working folder.
    pub fn json(&self, name: &str) -> Value {
        let text = fs::read_to_string(self.path().join(name)).expect("the file is there");
        serde_json::from_str(&text).expect("the file is JSON")
    }

    /// Starts `scim-harness serve` on a free port.
    pub fn serve(&self, arguments: &[&str]) -> Serve {
        let all = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut child = self.command(&all).spawn().expect("the binary starts");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        output.read_line(&mut line).expect("a first line");
        Serve {
            url: line.trim_end().to_owned(),
            child,
            _output: output,
        }
    }
}

impl Ran {
    /// What becomes of a child.
    pub fn of(child: Child) -> Self {
        let output = child.wait_with_output().expect("the binary ends");
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// The same, once it is sure that the command ended with this code.
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stderr:\n{}\nstdout:\n{}",
            self.err, self.out
        );
        let failed = ["panicked", "the harness itself failed"]
            .iter()
            .any(|words| self.err.contains(words));
        assert!(!failed, "{}", self.err);
        self
    }
}

/// A running `scim-harness serve`; it ends with this value.
pub struct Serve {
    /// Its base URL, from the first line that it printed.
    pub url: String,
    child: Child,
    _output: BufReader<std::process::ChildStdout>,
}

impl Serve {
    /// Ends it as Ctrl-C does.
    pub fn interrupt(mut self) -> Ran {
        signal("INT", &self.child);
        let status = self.child.wait().expect("it ends");
        let mut err = String::new();
        let errors = self.child.stderr.as_mut().expect("a pipe");
        errors.read_to_string(&mut err).expect("UTF-8");
        Ran {
            code: status.code().unwrap_or(-1),
            out: String::new(),
            err,
        }
    }
}

/// Sends a signal to a process that the test started.
pub fn signal(name: &str, child: &Child) {
    let mut kill = Command::new("kill");
    let sent = kill
        .args([format!("-{name}"), child.id().to_string()])
        .status();
    assert!(sent.expect("kill is there").success());
}

impl Drop for Serve {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Names of the files in a folder, ordered.
pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// Status and body of a GET, with a bearer token unless it is empty.
pub fn get(url: &str, token: &str) -> (u16, String) {
    let (host, path) = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .expect("an http URL with a path");
    let authorisation = match token {
        "" => String::new(),
        token => format!("Authorization: Bearer {token}\r\n"),
    };
    let mut socket = TcpStream::connect(host).expect("a server");
    let request =
        format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n{authorisation}Connection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    (status.expect("a status"), body.to_owned())
}

/// Every user of a server without credentials, in its order.
pub fn users(base: &str) -> Vec<Value> {
    let mut users = Vec::new();
    loop {
        let start = users.len() + 1;
        let (status, body) = get(&format!("{base}/Users?startIndex={start}&count=100"), "");
        assert_eq!(status, 200, "{body}");
        let list: Value = serde_json::from_str(&body).expect("a list");
        let page = list["Resources"].as_array().cloned().unwrap_or_default();
        users.extend(page.iter().cloned());
        if page.is_empty() || list["totalResults"] == users.len() {
            assert_eq!(list["totalResults"], users.len(), "the list is whole");
            return users;
        }
    }
}

/// A server in this process that keeps what it was asked.
pub struct Stub {
    /// Its base URL.
    pub url: String,
    asked: Arc<Mutex<Vec<Request>>>,
    _front: wiremock::Front,
}

impl Stub {
    /// Starts one with this base path, whose answers the function gives.
    pub fn start(
        prefix: &str,
        answer: impl Fn(&Request) -> Response + Send + Sync + 'static,
    ) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        let handler: Handler = Arc::new(move |request: &Request| {
            kept.lock().unwrap().push(request.clone());
            answer(request)
        });
        let front = wiremock::start(prefix, handler).expect("a server");
        Self {
            url: front.url(prefix),
            asked,
            _front: front,
        }
    }

    /// Every request so far, in order.
    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

/// The embedded provider without credentials, as the function that answers for it.
pub fn provider(version: Version) -> (Provider, Handler) {
    embedded::provider(version, Auth::None, None, &[])
}

/// An answer of this status, media type and body.
pub fn answer(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Response {
    Response {
        status,
        headers: vec![("Content-Type".to_owned(), media_type.to_owned())],
        body: body.into(),
    }
}
