//! Who is let in (RFC 7644 section 2).

use base64::Engine;

use crate::config::{Auth, Config};
use crate::error::{Error, Result};
use crate::switch::Switch;

/// Checks the value of the Authorization header.
pub(crate) fn check(config: &Config, header: Option<&str>) -> Result<()> {
    let header = header.unwrap_or_default();
    let is_misspelt = || {
        let scheme = challenge(&config.auth);
        let scheme = scheme.split(' ').next().unwrap_or_default();
        config.has(Switch::SchemeCaseCounts) && !header.starts_with(scheme)
    };
    if config.has(Switch::NoAuthCheck) || is_known(&config.auth, header) && !is_misspelt() {
        return Ok(());
    }
    if config.has(Switch::EmptyTokenAccepted) && is_empty_token(header) {
        return Ok(());
    }
    // Only a fault brings another tenant here.
    if config
        .other_tenant
        .as_ref()
        .is_some_and(|auth| is_known(auth, header))
    {
        return Ok(());
    }
    if config
        .barred
        .as_ref()
        .is_some_and(|auth| is_known(auth, header))
    {
        return Err(Error::new(
            403,
            "these credentials give no right to do this",
        ));
    }
    if config.has(Switch::TokenEndUnread) && begins_as_known(&config.auth, header) {
        return Ok(());
    }
    if config.has(Switch::TokenCaseUnread) && is_spelt_as_known(&config.auth, header) {
        return Ok(());
    }
    let challenge = Some(("WWW-Authenticate", challenge(&config.auth)));
    Err(Error {
        header: challenge,
        ..Error::new(401, "the credentials are missing or wrong")
    })
}

/// Whether the value of the Authorization header is one of these credentials.
pub(crate) fn is_known(auth: &Auth, header: &str) -> bool {
    match auth {
        Auth::None => true,
        Auth::Bearer(token) => !token.is_empty() && after_scheme(header, "Bearer") == Some(token),
        Auth::Basic { user, password } => {
            let credentials = format!("{user}:{password}");
            let encoded = base64::engine::general_purpose::STANDARD.encode(credentials);
            !password.is_empty() && after_scheme(header, "Basic") == Some(&encoded)
        }
        Auth::Header(value) => !value.is_empty() && header == value,
        Auth::Any(all) => all.iter().any(|auth| is_known(auth, header)),
    }
}

/// What follows the scheme and one blank; schemes ignore case (RFC 9110 section 11.1).
fn after_scheme<'h>(header: &'h str, scheme: &str) -> Option<&'h str> {
    let (own, rest) = header.split_once(' ')?;
    own.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// `token-end-unread`.
fn begins_as_known(auth: &Auth, header: &str) -> bool {
    match auth {
        Auth::Bearer(token) => {
            let read = token.get(..token.len() * 2 / 3).unwrap_or(token);
            after_scheme(header, "Bearer").is_some_and(|given| given.starts_with(read))
        }
        _ => false,
    }
}

/// `token-case-unread`.
fn is_spelt_as_known(auth: &Auth, header: &str) -> bool {
    match auth {
        Auth::Bearer(token) => {
            after_scheme(header, "Bearer").is_some_and(|given| given.eq_ignore_ascii_case(token))
        }
        _ => false,
    }
}

fn is_empty_token(header: &str) -> bool {
    header.trim().eq_ignore_ascii_case("Bearer")
}

/// The scheme for WWW-Authenticate; a raw header names its scheme by its first word.
fn challenge(auth: &Auth) -> String {
    let scheme = match auth {
        Auth::Any(all) => return all.iter().map(challenge).collect::<Vec<_>>().join(", "),
        Auth::None | Auth::Bearer(_) => "Bearer",
        Auth::Basic { .. } => "Basic",
        Auth::Header(value) => value.split_once(' ').map_or("Token", |(scheme, _)| scheme),
    };
    format!("{scheme} realm=\"scim\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(auth: Auth, header: &str) -> Option<(u16, String)> {
        let config = Config {
            auth,
            ..Config::default()
        };
        let error = check(&config, Some(header)).err()?;
        Some((
            error.status,
            error.header.map(|(_, value)| value).unwrap_or_default(),
        ))
    }

    #[test]
    fn known_credentials_without_a_right_are_told_from_wrong_ones() {
        let config = Config {
            auth: Auth::Bearer("abc".to_owned()),
            barred: Some(Auth::Bearer("barred".to_owned())),
            ..Config::default()
        };
        let status = |header| check(&config, Some(header)).err().map(|error| error.status);
        assert_eq!(status("Bearer abc"), None);
        assert_eq!(status("Bearer barred"), Some(403));
        assert_eq!(status("Bearer other"), Some(401));
    }

    #[test]
    fn only_the_exact_credentials_are_let_in() {
        let bearer = || Auth::Bearer("abc".to_owned());
        assert_eq!(status(bearer(), "Bearer abc"), None);
        assert_eq!(status(bearer(), "bearer abc"), None);
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer abc ",
            "Bearer ABC",
            "Basic abc",
            "abc",
        ] {
            assert_eq!(
                status(bearer(), wrong),
                Some((401, "Bearer realm=\"scim\"".to_owned())),
                "{wrong}"
            );
        }
        let basic = || Auth::Basic {
            user: "u".to_owned(),
            password: "p".to_owned(),
        };
        assert_eq!(status(basic(), "Basic dTpw"), None);
        assert_eq!(
            status(basic(), "Basic dTpx").map(|(code, _)| code),
            Some(401)
        );
        assert_eq!(status(Auth::Header("Token x".to_owned()), "Token x"), None);
        assert!(status(Auth::Header("Token x".to_owned()), "token x").is_some());
        assert!(status(Auth::Bearer(String::new()), "Bearer ").is_some());
    }
}
