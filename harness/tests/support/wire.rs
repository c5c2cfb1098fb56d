//! HTTP by hand, for servers that tests have in their own hands.

use std::io::{self, BufRead, Write};

use scim_provider::{Request, Response};

/// The path of the base URL.
pub const PREFIX: &str = "/scim/v2";

/// One request, with its target below the base path, as a proxy gets it too; `None` at the end of
/// the connection.
pub fn read(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split(' ').map(str::to_owned);
    let method = words.next().unwrap_or_default();
    let target = words.next().unwrap_or_default();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
            None => break,
        }
    }
    let mut request = Request {
        method,
        target: target
            .split_once(PREFIX)
            .map_or(target.as_str(), |(_, below)| below)
            .to_owned(),
        headers,
        body: Vec::new(),
    };
    let length = request.header("Content-Length").unwrap_or("0");
    request.body = vec![0; length.parse().unwrap_or(0)];
    reader.read_exact(&mut request.body)?;
    Ok(Some(request))
}

/// An honest answer on the wire.
pub fn write(stream: &mut impl Write, response: &Response) -> io::Result<()> {
    let mut wire = format!("HTTP/1.1 {} \r\n", response.status).into_bytes();
    for (name, value) in &response.headers {
        wire.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    if response.status != 204 {
        wire.extend(format!("Content-Length: {}\r\n", response.body.len()).into_bytes());
    }
    wire.extend(b"\r\n");
    wire.extend(&response.body);
    stream.write_all(&wire)
}
