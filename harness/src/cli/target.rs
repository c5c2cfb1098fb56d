//! Arguments that say whom to test and which cases.

use std::path::{Path, PathBuf};

use clap::Args;
use scim_harness::{
    deviation::Known,
    diagnostic::{Diagnostic, did_you_mean},
    environment,
    plan::Selection,
    scenario::Version,
    shell,
    target::{Config, Target, Tls, select, wanted_version},
};

/// The target file that is used if it is there and none is named.
const DEFAULT_CONFIG: &str = "scim-harness.toml";

#[derive(Clone, Debug, Args)]
pub struct TargetArgs {
    /// Base URL of the service provider, or the name of a target of the target file
    #[arg(long, value_name = "URL|NAME")]
    target: Option<String>,
    /// Target file [default: scim-harness.toml if there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Version of the protocol: 2.0 or 1.1
    #[arg(long, value_name = "VERSION")]
    scim: Option<Version>,
    /// PEM file of a certificate authority to trust besides the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// PEM file with a client certificate and its private key
    #[arg(long, value_name = "FILE")]
    client_cert: Option<PathBuf>,
    /// Do not verify the target's certificate
    #[arg(long)]
    insecure: bool,
}

/// Whom to test, and what is known of it.
pub struct Choice {
    /// The target; `None` means the embedded provider.
    pub target: Option<Target>,
    /// Breaches that are expected of it.
    pub known: Vec<Known>,
    /// How the target file calls it.
    pub called: String,
}

impl TargetArgs {
    /// The target; `None` means the embedded provider.
    pub fn target(&self) -> Result<Option<Target>, Diagnostic> {
        Ok(self.choice()?.target)
    }

    /// The target with what its target file expects of it.
    pub fn choice(&self) -> Result<Choice, Diagnostic> {
        let path = self.file();
        let config = match self.config.is_some() || path.is_file() {
            true => Config::read(path)?,
            false => Config::default(),
        };
        let tls = Tls {
            ca: self.ca.clone(),
            client_certificate: self.client_cert.clone(),
            insecure: self.insecure,
        };
        let target = select(
            self.target.as_deref(),
            self.version()?,
            &config,
            &environment::read(),
            tls,
        )?;
        Ok(Choice {
            known: config.known(target.as_ref()),
            called: config.called(target.as_ref()),
            target: target.map(|target| self.named_again(target)),
        })
    }

    /// The target file, whether it is there or not.
    pub fn file(&self) -> &Path {
        self.config.as_deref().unwrap_or(Path::new(DEFAULT_CONFIG))
    }

    /// The version of the protocol that is asked for, here or in the environment.
    pub fn version(&self) -> Result<Option<Version>, Diagnostic> {
        wanted_version(self.scim, &environment::read())
    }

    /// What the user has to type to test the same target once more.
    fn named_again(&self, target: Target) -> Target {
        let path = |option: &str, path: &Option<PathBuf>| {
            let path = path.as_ref();
            path.map(|path| format!("{option} {}", shell::word(&path.to_string_lossy())))
        };
        let own = target.arguments.trim();
        let words: Vec<String> = [
            path("--config", &self.config),
            (!own.is_empty()).then(|| own.to_owned()),
            path("--ca", &self.ca),
            path("--client-cert", &self.client_cert),
            self.insecure.then(|| "--insecure".to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect();
        let arguments = words.join(" ");
        Target {
            arguments,
            ..target
        }
    }
}

#[derive(Clone, Debug, Args)]
pub struct SelectionArgs {
    /// Only conversations of this client, such as okta-oin; repeatable
    #[arg(long, value_name = "NAME")]
    client: Vec<String>,
    /// Only cases whose name contains TEXT; repeatable
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// Only the case of this name; repeatable
    #[arg(long, value_name = "NAME")]
    exact: Vec<String>,
    /// Not the cases whose name contains TEXT; repeatable
    #[arg(long, value_name = "TEXT")]
    skip: Vec<String>,
    /// Only cases that change nothing on the target
    #[arg(long)]
    read_only: bool,
    /// Folder with scenarios of your own, besides the built-in ones; repeatable
    #[arg(long, value_name = "DIR")]
    pub scenarios: Vec<PathBuf>,
}

impl SelectionArgs {
    /// Which cases are wanted.
    pub fn selection(&self, scim: Option<Version>) -> Selection {
        Selection {
            scim,
            clients: self.client.clone(),
            filter: self.filter.clone(),
            exact: self.exact.clone(),
            skip: self.skip.clone(),
            read_only: self.read_only,
        }
    }

    /// What to say when no case fits, with the case that may have been meant.
    pub fn nothing_fits(&self, known: &[String]) -> Diagnostic {
        let names = || known.iter().map(String::as_str);
        let meant = self.exact.first().map(|name| did_you_mean(name, names()));
        Diagnostic::error("no case fits")
            .note("help", meant.unwrap_or_default())
            .note(
                "help",
                "`scim-harness list` shows the cases; look at --filter, --exact, --client, --scim, --skip",
            )
    }
}
