//! The URL of a request, if it addresses what its path says and nothing else.

use percent_encoding::percent_decode_str;
use url::Url;

use super::Outgoing;

/// Of a longer path no server makes anything (RFC 9110 section 4.1 asks for 8000 octets).
const LONGEST_PATH: usize = 8000;

/// The URL as it will be sent. A URL library resolves `..`, drops a fragment and line ends, and
/// reads `\` as `/`: such a path would address another resource, and is refused.
pub(super) fn of(outgoing: &Outgoing) -> Result<Url, String> {
    let length = outgoing.path.len();
    if length > LONGEST_PATH {
        return Err(format!(
            "the path is {length} bytes long, more than the {LONGEST_PATH} that every server reads"
        ));
    }
    let parse =
        |text: &str| Url::parse(text).map_err(|error| format!("the URL cannot be used: {error}"));
    let (base, url) = (parse(&outgoing.base)?, parse(&outgoing.url())?);
    let wanted = format!("{}{}", base.path().trim_end_matches('/'), outgoing.path);
    let decoded = |path: &str| percent_decode_str(path).collect::<Vec<u8>>();
    let same = url.origin() == base.origin() && decoded(url.path()) == decoded(&wanted);
    let whole = url.fragment().is_none() && !outgoing.query.contains(['\n', '\r', '\t']);
    if same && whole {
        Ok(url)
    } else {
        Err(format!(
            "the path {:?} would address another resource on its way",
            outgoing.path
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(base: &str, path: &str) -> Option<String> {
        let outgoing = Outgoing {
            base: base.to_owned(),
            path: path.to_owned(),
            query: "a=1".to_owned(),
            ..Outgoing::default()
        };
        of(&outgoing).ok().map(String::from)
    }

    #[test]
    fn what_a_path_says_is_addressed_or_nothing() {
        let sent = |path| address("http://h/scim/v2", path);
        for path in [
            "/Users",
            "/Users/a%2Fb",
            "/Users/%252e%252e",
            "/Users/",
            "/Users/%00%0a%3f",
        ] {
            assert_eq!(sent(path).unwrap(), format!("http://h/scim/v2{path}?a=1"));
        }
        assert_eq!(
            sent("/Users/a b").unwrap(),
            "http://h/scim/v2/Users/a%20b?a=1"
        );
        for path in [
            "/Users/..",
            "/Users/.",
            "/Users/%2e%2E",
            "/Users/.%2e/x",
            "/Users/1\\2",
            "/Users/1\n2",
            "/Users/1#2",
            "/Users/1?b=2",
        ] {
            assert_eq!(sent(path), None, "{path:?}");
        }
        assert_eq!(sent(&format!("/Users/{}", "x".repeat(8000))), None);
        assert_eq!(address("http://h", "@evil.example/Users"), None);
        assert_eq!(address("http://h", ":8080/Users"), None);
        assert_eq!(
            address("http://h", "//evil/Users").unwrap(),
            "http://h//evil/Users?a=1"
        );
    }
}
