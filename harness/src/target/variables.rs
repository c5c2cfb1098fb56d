//! What the environment says of a target: the version that is asked for, and credentials.

use std::{collections::BTreeMap, path::PathBuf};

use percent_encoding::percent_decode_str;
use secrecy::SecretString;

use super::Auth;
use crate::{diagnostic::Diagnostic, scenario::Version};

/// The environment variables that matter, read by the caller.
pub type Environment = BTreeMap<String, String>;

/// A variable that is set to something: an empty one counts as not set, as CI systems leave them.
pub(super) fn set<'a>(environment: &'a Environment, name: &str) -> Option<&'a str> {
    let value = environment.get(name).map(String::as_str);
    value.filter(|value| !value.is_empty())
}

/// The credentials of the proxies that the environment names, so that they are masked.
pub(crate) fn proxy_credentials(environment: &Environment) -> Vec<Auth> {
    let is_proxy = |name: &str| {
        ["http_proxy", "https_proxy", "all_proxy"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    };
    let proxies = environment.iter().filter(|(name, _)| is_proxy(name));
    proxies
        .filter_map(|(_, value)| {
            let (_, rest) = value.split_once("://").unwrap_or(("", value));
            let (written, _) = rest.rsplit_once('@')?;
            let (user, password) = written.split_once(':').unwrap_or((written, ""));
            let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            Some(match password {
                "" => Auth::Bearer(decoded(user).into()),
                password => Auth::Basic {
                    user: decoded(user),
                    password: decoded(password).into(),
                },
            })
        })
        .collect()
}

/// The version of the protocol that is asked for, on the command line or by `SCIM_VERSION`.
pub fn wanted_version(
    asked: Option<Version>,
    environment: &Environment,
) -> Result<Option<Version>, Diagnostic> {
    let Some(text) = set(environment, "SCIM_VERSION").filter(|_| asked.is_none()) else {
        return Ok(asked);
    };
    text.parse().map(Some).map_err(|reason: String| {
        Diagnostic::error(reason).note("help", "SCIM_VERSION is 2.0 or 1.1")
    })
}

/// A user name without a password, or the other way round, would test the target without a
/// credential and say so nowhere.
pub(super) fn credential_of_environment(environment: &Environment) -> Result<Auth, Diagnostic> {
    let (token, user, password) = ("SCIM_TOKEN", "SCIM_USERNAME", "SCIM_PASSWORD");
    let value = |name| set(environment, name);
    let half = |is: &str, is_not: &str| {
        Diagnostic::error(format!("{is} is set and {is_not} is not")).note(
            "help",
            format!("Basic authentication takes both: export {is_not}=…"),
        )
    };
    match (value(token), value(user), value(password)) {
        (Some(secret), None, None) => bearer_token(token, secret),
        (Some(_), _, _) => Err(Diagnostic::error(format!(
            "{token} is set, and {user} or {password} too: one credential is sent, and which is not said"
        ))
        .note("help", format!("unset {token}, or {user} and {password}"))),
        (None, Some(user), Some(password)) => Ok(Auth::Basic {
            user: user.to_owned(),
            password: SecretString::from(password),
        }),
        (None, None, None) => Ok(Auth::None),
        (None, Some(_), None) => Err(half(user, password)),
        (None, None, Some(_)) => Err(half(password, user)),
    }
}

/// A bearer token from this variable.
fn bearer_token(variable: &str, token: &str) -> Result<Auth, Diagnostic> {
    if token.to_lowercase().starts_with("bearer ") {
        return Err(Diagnostic::error(format!(
            "{variable} begins with `Bearer`, which is put before it anyway"
        ))
        .note("help", "give the token alone"));
    }
    secret(variable, token).map(Auth::Bearer)
}

/// A value of this variable that a header can hold.
fn secret(variable: &str, value: &str) -> Result<SecretString, Diagnostic> {
    if value.chars().any(char::is_control) {
        return Err(Diagnostic::error(format!(
            "{variable} holds a line break or another control character, and no header can"
        ))
        .note(
            "help",
            "was it read from a file with the line break at its end?",
        ));
    }
    Ok(SecretString::from(value))
}

/// Where a target takes its credential from: one of these.
pub(super) struct Source<'a> {
    /// A variable with a bearer token.
    pub bearer_env: Option<&'a String>,
    /// A file with a bearer token, as seen from the working folder.
    pub bearer_file: Option<&'a PathBuf>,
    /// Two variables, with a user name and a password.
    pub basic_env: Option<&'a [String; 2]>,
    /// A variable with a whole Authorization header.
    pub header_env: Option<&'a String>,
}

pub(super) fn credential(
    target: &str,
    source: &Source<'_>,
    environment: &Environment,
) -> Result<Option<Auth>, Diagnostic> {
    let value = |name: &String| {
        set(environment, name).map(str::to_owned).ok_or_else(|| {
            Diagnostic::error(format!("the target `{target}` takes its credential from the environment variable {name}, which is not set"))
                .note("help", format!("export {name}=…"))
        })
    };
    match (
        source.bearer_env,
        source.bearer_file,
        source.basic_env,
        source.header_env,
    ) {
        (None, None, None, None) => Ok(None),
        (Some(name), None, None, None) => bearer_token(name, &value(name)?).map(Some),
        (None, Some(path), None, None) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Diagnostic::error(format!(
                    "the target `{target}` takes its credential from the file {}, which cannot be read: {error}",
                    path.display()
                ))
            })?;
            bearer_token(&format!("the file {}", path.display()), text.trim()).map(Some)
        }
        (None, None, Some([user, password]), None) => Ok(Some(Auth::Basic {
            user: value(user)?,
            password: SecretString::from(value(password)?),
        })),
        (None, None, None, Some(name)) => Ok(Some(Auth::Header(secret(name, &value(name)?)?))),
        _ => Err(Diagnostic::error(format!(
            "the target `{target}` has more than one credential"
        ))
        .note(
            "help",
            "give one of bearer_env, bearer_file, basic_env, header_env",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Mask;

    #[test]
    fn the_password_of_a_proxy_is_masked_as_it_is_written_anywhere() {
        let environment = Environment::from([
            (
                "HTTPS_PROXY".to_owned(),
                "http://robin:p%40ss%2Fw0rd@proxy.example:3128".to_owned(),
            ),
            (
                "all_proxy".to_owned(),
                "robin:an0ther-1@proxy.example".to_owned(),
            ),
            ("NO_PROXY".to_owned(), "a:b@c".to_owned()),
        ]);
        let proxies = proxy_credentials(&environment);
        assert_eq!(proxies.len(), 2);
        let mask = Mask::new(&proxies);
        // Base64 of robin:p@ss/w0rd.
        let told = "p@ss/w0rd p%40ss%2Fw0rd cm9iaW46cEBzcy93MHJk an0ther-1";
        assert_eq!(mask.apply(told), ["$SCIM_TOKEN"; 4].join(" "));
    }
}
