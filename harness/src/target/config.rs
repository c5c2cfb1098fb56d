//! The target file (`scim-harness.toml`), and the choice of a target from it and the environment.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Deserializer, de::Error as _};
use toml::Spanned;
use url::Url;

use super::{
    Deactivation, Manner, Target, Tls, secretless,
    variables::{Environment, Source, credential, credential_of_environment, set},
};
use crate::{
    deviation::{Known, RawKnown},
    diagnostic::{Diagnostic, did_you_mean},
    embedded,
    scenario::Version,
    shell,
    source::{Location, SourceFile, Span},
};

/// Domain of created users where the target file names none; reserved by RFC 2606, so that no mail arrives.
const USER_DOMAIN: &str = "example.com";

/// A target file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The target that is used when none is named.
    #[serde(default)]
    default: Option<Spanned<String>>,
    #[serde(default)]
    target: BTreeMap<String, Entry>,
    #[serde(default)]
    known: Vec<RawKnown>,
    #[serde(skip)]
    deviations: Vec<(Option<String>, Known)>,
    #[serde(skip)]
    file: Option<Arc<SourceFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    url: Spanned<String>,
    #[serde(default, deserialize_with = "version")]
    scim: Option<Version>,
    #[serde(default)]
    bearer_env: Option<String>,
    #[serde(default)]
    bearer_file: Option<PathBuf>,
    #[serde(default)]
    basic_env: Option<[String; 2]>,
    #[serde(default)]
    header_env: Option<String>,
    #[serde(default)]
    second: Option<Further>,
    #[serde(default)]
    other_tenant: Option<Further>,
    #[serde(default)]
    user_domain: Option<Spanned<String>>,
    #[serde(default)]
    deactivation: Deactivation,
    #[serde(default)]
    groups: Option<bool>,
    #[serde(default)]
    manner: Manner,
}

/// A credential besides the one that every request carries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Further {
    #[serde(default)]
    bearer_env: Option<String>,
    #[serde(default)]
    bearer_file: Option<PathBuf>,
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
        let mut config: Self =
            toml::from_str(&file.text).map_err(|error| secretless::problem(file, &error))?;
        for raw in std::mem::take(&mut config.known) {
            let target = raw.target.as_ref();
            if let Some(target) = target {
                config.names_a_target(target, file)?;
            }
            let target = target.map(|target| target.get_ref().clone());
            for known in raw.read(file)? {
                let same = |(whose, other): &(Option<String>, Known)| {
                    (&other.case, &other.rule, whose) == (&known.case, &known.rule, &target)
                };
                if config.deviations.iter().any(same) {
                    return Err(known.twice());
                }
                config.deviations.push((target.clone(), known));
            }
        }
        Ok(Self {
            file: Some(Arc::clone(file)),
            ..config
        })
    }

    /// A misspelt target would take its known deviations out of force unseen.
    fn names_a_target(
        &self,
        target: &Spanned<String>,
        file: &Arc<SourceFile>,
    ) -> Result<(), Diagnostic> {
        let name = target.get_ref();
        if name.contains("://") || name == embedded::NAME || self.target.contains_key(name) {
            return Ok(());
        }
        let place = Location {
            file: Arc::clone(file),
            span: target.span(),
        };
        Err(Diagnostic::error(format!("there is no target `{name}`"))
            .at(place, "unknown target")
            .note(
                "help",
                did_you_mean(name, self.target.keys().map(String::as_str)),
            )
            .note("help", "name a target of this file, or give its base URL"))
    }

    /// How an entry for a target names it: as the file does, or by its base URL.
    pub fn called(&self, target: Option<&Target>) -> String {
        let Some(target) = target else {
            return embedded::NAME.to_owned();
        };
        match self.target.contains_key(&target.name) {
            true => target.name.clone(),
            false => target.url(),
        }
    }

    /// The known deviations of a target; `None` means the embedded provider.
    pub fn known(&self, target: Option<&Target>) -> Vec<Known> {
        let means = |whose: &str| match target {
            Some(target) => target.name == whose || target.has_base(whose),
            None => whose == embedded::NAME,
        };
        self.deviations
            .iter()
            .filter(|(whose, _)| whose.as_deref().is_none_or(means))
            .map(|(_, known)| known.clone())
            .collect()
    }

    /// The problem with its place in the file.
    fn placed(&self, problem: Diagnostic, span: Span) -> Diagnostic {
        match self.file.clone() {
            Some(file) => problem.at(Location { file, span }, ""),
            None => problem,
        }
    }

    /// The same for a URL, which may hold a secret.
    fn placed_url(&self, problem: Diagnostic, url: &Spanned<String>) -> Diagnostic {
        let (url, span) = (url.get_ref(), url.span());
        let hidden = |file: &Arc<SourceFile>| match secretless::url(url) == *url {
            true => Arc::clone(file),
            false => secretless::hidden(file, std::slice::from_ref(&span)),
        };
        match self.file.as_ref().map(hidden) {
            Some(file) => problem.at(Location { file, span }, ""),
            None => problem,
        }
    }

    fn user_domain(&self, entry: &Entry) -> Result<String, Diagnostic> {
        let Some(domain) = &entry.user_domain else {
            return Ok(USER_DOMAIN.to_owned());
        };
        let text = domain.get_ref();
        let proper = |c: char| c.is_alphanumeric() || "-._".contains(c);
        if !text.is_empty() && text.chars().all(proper) {
            return Ok(text.clone());
        }
        let problem = Diagnostic::error(format!("`{text}` is no domain")).note(
            "help",
            "it comes behind the @ of the users that are created, such as example.com",
        );
        Err(self.placed(problem, domain.span()))
    }
}

/// The target that a URL or a name of the target file means; `None` if nothing names one.
/// `version` is the one that is [wanted](wanted_version).
pub fn select(
    wanted: Option<&str>,
    version: Option<Version>,
    config: &Config,
    environment: &Environment,
    tls: Tls,
) -> Result<Option<Target>, Diagnostic> {
    let wanted = wanted
        .or(set(environment, "SCIM_URL"))
        .or(config.default.as_ref().map(|name| name.get_ref().as_str()));
    let Some(wanted) = wanted else {
        return Ok(None);
    };
    if wanted.contains("://") {
        return from_url(wanted, version, environment, tls).map(Some);
    }
    let Some(entry) = config.target.get(wanted) else {
        let help = did_you_mean(wanted, config.target.keys().map(String::as_str));
        let shown = secretless::url(wanted);
        let title = format!("`{shown}` is neither a URL nor a target of the target file");
        let problem = Diagnostic::error(title)
            .note("help", help)
            .note("help", "a URL begins with https://");
        return Err(match &config.default {
            Some(default) if default.get_ref() == wanted => config.placed(problem, default.span()),
            _ => problem,
        });
    };
    from_entry(config, wanted, entry, version, environment, tls).map(Some)
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
        credential: credential_of_environment(environment)?,
        second: None,
        other_tenant: None,
        user_domain: USER_DOMAIN.to_owned(),
        deactivation: Deactivation::default(),
        groups: None,
        manner: Manner::default(),
        tls,
        arguments: format!("--target {}", shell::word(text)),
        embedded: false,
    })
}

fn from_entry(
    config: &Config,
    name: &str,
    entry: &Entry,
    version: Option<Version>,
    environment: &Environment,
    tls: Tls,
) -> Result<Target, Diagnostic> {
    let own = Source {
        bearer_env: entry.bearer_env.as_ref(),
        bearer_file: entry.bearer_file.as_ref(),
        basic_env: entry.basic_env.as_ref(),
        header_env: entry.header_env.as_ref(),
    };
    let own = credential(name, &own, environment)?;
    let further = |word: &str, further: Option<&Further>| {
        let Some(further) = further else {
            return Ok(None);
        };
        let source = Source {
            bearer_env: further.bearer_env.as_ref(),
            bearer_file: further.bearer_file.as_ref(),
            basic_env: further.basic_env.as_ref(),
            header_env: further.header_env.as_ref(),
        };
        credential(&format!("{name}.{word}"), &source, environment)
    };
    Ok(Target {
        name: name.to_owned(),
        endpoints: vec![(
            version.or(entry.scim).unwrap_or(Version::V2),
            base_url(entry.url.get_ref())
                .map_err(|problem| config.placed_url(problem, &entry.url))?,
        )],
        credential: match own {
            Some(own) => own,
            None => credential_of_environment(environment)?,
        },
        second: further("second", entry.second.as_ref())?,
        other_tenant: further("other_tenant", entry.other_tenant.as_ref())?,
        user_domain: config.user_domain(entry)?,
        deactivation: entry.deactivation,
        groups: entry.groups,
        manner: entry.manner.clone(),
        tls,
        arguments: format!("--target {}", shell::word(name)),
        embedded: false,
    })
}

/// A base URL: absolute, without query (RFC 7644 section 1.3) and without credentials.
fn base_url(text: &str) -> Result<Url, Diagnostic> {
    let url = Url::parse(text).map_err(|error| {
        Diagnostic::error(format!("`{}` is no URL: {error}", secretless::url(text))).note(
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
    let shown = secretless::url(text);
    Err(Diagnostic::error(format!("the base URL `{shown}` {fault}")))
}

#[cfg(test)]
mod tests {
    use super::{super::wanted_version, *};

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
        wanted_version(None, &environment)
            .and_then(|version| select(wanted, version, &config, &environment, Tls::default()))
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
    fn an_empty_variable_counts_as_not_set_and_half_a_credential_is_a_mistake() {
        let empty = [("SCIM_URL", ""), ("SCIM_VERSION", ""), ("SCIM_TOKEN", "")];
        assert!(choose(None, "", &empty).unwrap().is_none());
        assert_eq!(
            choose(Some("http://x/"), "", &[("SCIM_USERNAME", "u")]).unwrap_err(),
            "error: SCIM_USERNAME is set and SCIM_PASSWORD is not\n |\n = help: Basic authentication takes both: export SCIM_PASSWORD=…"
        );
        assert!(choose(None, "", &[("SCIM_VERSION", "3")]).is_err());
    }

    #[test]
    fn a_mistake_in_the_target_file_is_shown_at_its_place() {
        let problem = |config| choose(Some("a"), config, &[]).unwrap_err();
        assert_eq!(
            problem("[target.a]\nurl = \"example.com\"\n"),
            "error: `example.com` is no URL: relative URL without a base\n --> scim-harness.toml:2:7\n  |\n2 | url = \"example.com\"\n  |       ^^^^^^^^^^^^^\n  |\n  = help: a base URL looks like https://scim.example.com/scim/v2"
        );
        assert_eq!(
            problem("[target.a]\nurl = \"http://x/\"\nuser_domain = \"@x\"\n"),
            "error: `@x` is no domain\n --> scim-harness.toml:3:15\n  |\n3 | user_domain = \"@x\"\n  |               ^^^^\n  |\n  = help: it comes behind the @ of the users that are created, such as example.com"
        );
        let default = choose(None, "default = \"b\"\n", &[]).unwrap_err();
        assert!(default.contains("scim-harness.toml:1:11"), "{default}");
    }

    #[test]
    fn two_credentials_are_a_mistake_and_so_is_one_that_no_header_can_hold() {
        let problem = |environment| choose(Some("http://x/"), "", environment).unwrap_err();
        assert_eq!(
            problem(&[("SCIM_TOKEN", "hush"), ("SCIM_USERNAME", "u")]),
            "error: SCIM_TOKEN is set, and SCIM_USERNAME or SCIM_PASSWORD too: one credential is sent, and which is not said\n |\n = help: unset SCIM_TOKEN, or SCIM_USERNAME and SCIM_PASSWORD"
        );
        assert_eq!(
            problem(&[("SCIM_TOKEN", "hush\n")]),
            "error: SCIM_TOKEN holds a line break or another control character, and no header can\n |\n = help: was it read from a file with the line break at its end?"
        );
        assert_eq!(
            problem(&[("SCIM_TOKEN", "Bearer hush")]),
            "error: SCIM_TOKEN begins with `Bearer`, which is put before it anyway\n |\n = help: give the token alone"
        );
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
