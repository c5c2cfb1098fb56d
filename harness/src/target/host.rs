//! Where a target is, as far as its URL tells.

use url::{Host, Url};

/// Endings of names that no public DNS resolves (RFC 6761, RFC 6762, RFC 8375, and `internal`,
/// which ICANN has set apart).
const NOT_PUBLIC: [&str; 8] = [
    "localhost",
    "test",
    "example",
    "invalid",
    "local",
    "internal",
    "lan",
    "home.arpa",
];

/// Whether it is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether it is this machine or in a network of one's own.
pub(crate) fn is_private(url: &Url) -> bool {
    is_loopback(url)
        || match url.host() {
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                let is_under = |ending: &&str| {
                    name.strip_suffix(*ending)
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                };
                !name.contains('.') || NOT_PUBLIC.iter().any(is_under)
            }
            Some(Host::Ipv4(address)) => {
                address.is_private() || address.is_link_local() || address.is_unspecified()
            }
            Some(Host::Ipv6(address)) => {
                address.is_unique_local()
                    || address.is_unicast_link_local()
                    || address.is_unspecified()
            }
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ones_own_is_told_from_the_public_one() {
        let private = |host: &str| {
            let url = Url::parse(&format!("http://{host}/scim/v2"));
            is_private(&url.unwrap())
        };
        for host in [
            "localhost",
            "127.0.0.1",
            "[::1]",
            "10.1.2.3",
            "192.168.0.1:8080",
            "[fd00::1]",
            "0.0.0.0:8080",
            "[::]:8080",
            "scim",
            "scim:8080",
            "scim.test",
            "sp.internal",
            "sp.home.arpa.",
        ] {
            assert!(private(host), "{host}");
        }
        for host in [
            "scim.example.com",
            "8.8.8.8",
            "scim.latest.com",
            "a.contest.org",
            "[2001:4860::1]",
        ] {
            assert!(!private(host), "{host}");
        }
    }
}
