//! The target file (`scim-harness.toml`), the environment, and the choice of a target from them.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error as _};
use url::Url;

use super::{Auth, Deactivation, Manner, Target, Tls};
use crate::{
    diagnostic::{Diagnostic, did_you_mean},
    rule::toml_problem,
    scenario::Version,
    source::SourceFile,
};

/// Domain of created users where the target file names none; reserved by RFC 2606, so that no mail arrives.
const USER_DOMAIN: &str = "example.com";

/// The environment variables that matter, read by the caller.
pub type Environment = BTreeMap<String, String>;

/// A target file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The target that is used when none is named.
    #[serde(default)]
    default: Option<String>,
    #[serde(default)]
    target: BTreeMap<String, Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    url: String,
    #[serde(default, deserialize_with = "version")]
    scim: Option<Version>,
    #[serde(default)]
    bearer_env: Option<String>,
    #[serde(default)]
    basic_env: Option<[String; 2]>,
    #[serde(default)]
    header_env: Option<String>,
    #[serde(default)]
    second: Option<Second>,
    #[serde(default)]
    user_domain: Option<String>,
    #[serde(default)]
    deactivation: Deactivation,
    #[serde(default)]
    groups: Option<bool>,
    #[serde(default)]
    manner: Manner,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Second {
    #[serde(default)]
    bearer_env: Option<String>,
    #[serde(default)]
    basic_env: Option<[String; 2]>,
    #[serde(default)]
    header_env: Option<String>,
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Version>, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map(Some)
        .map_err(D::Error::custom)
}

impl Config {
    /// Reads a target file.
    pub fn read(path: &Path) -> Result<Self, Diagnostic> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Diagnostic::error(format!(
                "the target file {} cannot be read: {error}",
                path.display()
            ))
        })?;
        Self::parse(&SourceFile::new(path.to_string_lossy(), text))
    }

    /// What a target of the file says of itself, taken over by a target that is reached otherwise.
    pub fn lend(&self, name: &str, target: &mut Target) {
        if let Some(entry) = self.target.get(name) {
            target.deactivation = entry.deactivation;
            target.groups = entry.groups;
            target.manner = entry.manner.clone();
        }
    }

    /// Reads the text of a target file.
    pub fn parse(file: &Arc<SourceFile>) -> Result<Self, Diagnostic> {
        toml::from_str(&file.text).map_err(|error| toml_problem(file, &error))
    }
}

/// The target that a URL or a name of the target file means; `None` if nothing names one.
/// `version` is the one asked for on the command line or in the environment.
pub fn select(
    wanted: Option<&str>,
    version: Option<Version>,
    config: &Config,
    environment: &Environment,
    tls: Tls,
) -> Result<Option<Target>, Diagnostic> {
    let wanted = wanted
        .or(environment.get("SCIM_URL").map(String::as_str))
        .or(config.default.as_deref());
    let Some(wanted) = wanted else {
        return Ok(None);
    };
    let version = version.map_or_else(
        || {
            environment
                .get("SCIM_VERSION")
                .map(|text| text.parse())
                .transpose()
        },
        |version| Ok(Some(version)),
    );
    let version = version.map_err(|reason: String| {
        Diagnostic::error(reason).note("help", "SCIM_VERSION is 2.0 or 1.1")
    })?;
    if wanted.contains("://") {
        return from_url(wanted, version, environment, tls).map(Some);
    }
    let Some(entry) = config.target.get(wanted) else {
        let help = did_you_mean(wanted, config.target.keys().map(String::as_str));
        let title = format!("`{wanted}` is neither a URL nor a target of the target file");
        return Err(Diagnostic::error(title)
            .note("help", help)
            .note("help", "a URL begins with https://"));
    };
    from_entry(wanted, entry, version, environment, tls).map(Some)
}

fn from_url(
    text: &str,
    version: Option<Version>,
    environment: &Environment,
    tls: Tls,
) -> Result<Target, Diagnostic> {
    let url = base_url(text)?;
    Ok(Target {
        name: url.authority().replace(':', "-"),
        endpoints: vec![(version.unwrap_or(Version::V2), url)],
        credential: credential_of_environment(environment),
        second: None,
        user_domain: USER_DOMAIN.to_owned(),
        deactivation: Deactivation::default(),
        groups: None,
        manner: Manner::default(),
        tls,
        arguments: format!("--target {text}"),
        embedded: false,
    })
}

fn from_entry(
    name: &str,
    entry: &Entry,
    version: Option<Version>,
    environment: &Environment,
    tls: Tls,
) -> Result<Target, Diagnostic> {
    let own = credential(
        name,
        entry.bearer_env.as_ref(),
        entry.basic_env.as_ref(),
        entry.header_env.as_ref(),
        environment,
    )?;
    let second = entry.second.as_ref().map(|second| {
        let name = format!("{name}.second");
        credential(
            &name,
            second.bearer_env.as_ref(),
            second.basic_env.as_ref(),
            second.header_env.as_ref(),
            environment,
        )
    });
    Ok(Target {
        name: name.to_owned(),
        endpoints: vec![(
            version.or(entry.scim).unwrap_or(Version::V2),
            base_url(&entry.url)?,
        )],
        credential: own.unwrap_or_else(|| credential_of_environment(environment)),
        second: second.transpose()?.flatten(),
        user_domain: entry
            .user_domain
            .clone()
            .unwrap_or_else(|| USER_DOMAIN.to_owned()),
        deactivation: entry.deactivation,
        groups: entry.groups,
        manner: entry.manner.clone(),
        tls,
        arguments: format!("--target {name}"),
        embedded: false,
    })
}

/// A base URL: absolute, without query (RFC 7644 section 1.3) and without credentials.
fn base_url(text: &str) -> Result<Url, Diagnostic> {
    let url = Url::parse(text).map_err(|error| {
        Diagnostic::error(format!("`{text}` is no URL: {error}")).note(
            "help",
            "a base URL looks like https://scim.example.com/scim/v2",
        )
    })?;
    let fault = if !matches!(url.scheme(), "http" | "https") {
        "begins with neither http:// nor https://"
    } else if !url.username().is_empty() || url.password().is_some() {
        return Err(Diagnostic::error("the base URL holds a credential").note(
            "help",
            "put it into SCIM_USERNAME and SCIM_PASSWORD, or SCIM_TOKEN",
        ));
    } else if url.query().is_some() || url.fragment().is_some() {
        "has a query or a fragment, which a SCIM base URL cannot have (RFC 7644 section 1.3)"
    } else if url.host_str().is_none_or(str::is_empty) {
        "names no host"
    } else {
        return Ok(url);
    };
    Err(Diagnostic::error(format!("the base URL `{text}` {fault}")))
}

fn credential_of_environment(environment: &Environment) -> Auth {
    let value = |name: &str| {
        environment
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    };
    match (
        value("SCIM_TOKEN"),
        value("SCIM_USERNAME"),
        value("SCIM_PASSWORD"),
    ) {
        (Some(token), _, _) => Auth::Bearer(SecretString::from(token)),
        (None, Some(user), Some(password)) => Auth::Basic {
            user,
            password: SecretString::from(password),
        },
        _ => Auth::None,
    }
}

fn credential(
    target: &str,
    bearer: Option<&String>,
    basic: Option<&[String; 2]>,
    header: Option<&String>,
    environment: &Environment,
) -> Result<Option<Auth>, Diagnostic> {
    let value = |name: &String| {
        environment.get(name).filter(|value| !value.is_empty()).cloned().ok_or_else(|| {
            Diagnostic::error(format!("the target `{target}` takes its credential from the environment variable {name}, which is not set"))
                .note("help", format!("export {name}=…"))
        })
    };
    match (bearer, basic, header) {
        (None, None, None) => Ok(None),
        (Some(name), None, None) => Ok(Some(Auth::Bearer(SecretString::from(value(name)?)))),
        (None, Some([user, password]), None) => Ok(Some(Auth::Basic {
            user: value(user)?,
            password: SecretString::from(value(password)?),
        })),
        (None, None, Some(name)) => Ok(Some(Auth::Header(SecretString::from(value(name)?)))),
        _ => Err(Diagnostic::error(format!(
            "the target `{target}` has more than one credential"
        ))
        .note("help", "give one of bearer_env, basic_env, header_env")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [target.acme]
        url = "https://scim.acme.example/v2"
        scim = "1.1"
        basic_env = ["ACME_USER", "ACME_PASSWORD"]
        deactivation = "removed"
        groups = false
    "#;

    fn choose(
        wanted: Option<&str>,
        config: &str,
        environment: &[(&str, &str)],
    ) -> Result<Option<Target>, String> {
        let config = Config::parse(&SourceFile::new("scim-harness.toml", config))
            .map_err(|problem| problem.to_string())?;
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        select(wanted, None, &config, &environment, Tls::default())
            .map_err(|problem| problem.to_string())
    }

    #[test]
    fn a_name_means_an_entry_and_its_credential_comes_from_the_environment() {
        let target = choose(
            Some("acme"),
            FILE,
            &[("ACME_USER", "u"), ("ACME_PASSWORD", "p")],
        )
        .unwrap()
        .unwrap();
        assert_eq!(target.versions(), "1.1");
        assert_eq!(target.credential.header().unwrap(), "Basic dTpw");
        assert_eq!(target.groups, Some(false));
        assert!(
            choose(Some("acme"), FILE, &[])
                .unwrap_err()
                .contains("environment variable ACME_USER, which is not set")
        );
    }

    #[test]
    fn a_url_takes_the_common_variables() {
        let environment = [
            ("SCIM_URL", "http://127.0.0.1:9/scim/"),
            ("SCIM_TOKEN", "t"),
            ("SCIM_VERSION", "1.1"),
        ];
        let target = choose(None, "", &environment).unwrap().unwrap();
        assert_eq!(
            (target.base(Version::V1), target.name.as_str()),
            (Some("http://127.0.0.1:9/scim"), "127.0.0.1-9")
        );
        assert!(choose(None, "", &[]).unwrap().is_none());
    }

    #[test]
    fn a_bad_target_is_told_with_the_remedy() {
        let problem = |wanted, config| choose(Some(wanted), config, &[]).unwrap_err();
        assert!(problem("amce", FILE).contains("did you mean `acme`?"));
        assert!(problem("https://u:p@x/", "").contains("holds a credential"));
        assert!(!problem("https://u:hush@x/", "").contains("hush"));
        assert!(problem("https://x/?a=1", "").contains("has a query"));
        assert!(problem("ftp://x/", "").contains("neither http:// nor https://"));
        assert!(problem("http://", "").contains("is no URL"));
        assert!(
            choose(None, "[target.a]\nurll = \"x\"", &[])
                .unwrap_err()
                .contains("did you mean `url`?")
        );
    }
}
