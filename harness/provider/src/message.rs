//! What goes into the provider and what comes out, free of any HTTP library.

/// A request as it reached the provider.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Method in upper case, such as `PATCH`.
    pub method: String,
    /// Request target below the base URL as sent, still percent-encoded: `/Users?count=2`.
    pub target: String,
    /// Header names in any case, with their values, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body's bytes; empty where there was none.
    pub body: Vec<u8>,
}

/// The provider's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// HTTP status code.
    pub status: u16,
    /// Header names with their values, in the order they are to be sent.
    pub headers: Vec<(String, String)>,
    /// The body's bytes; empty where there is none.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of the first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

impl Response {
    /// The value of the first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}
