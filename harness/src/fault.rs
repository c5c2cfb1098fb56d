//! Faults of the embedded provider, by which every check is shown able to fail.

use std::{collections::BTreeSet, sync::Arc};

use scim_provider::{Like, Switch, rewrite::Rewrite};
use serde::Deserialize;

use crate::{
    assets,
    diagnostic::{Diagnostic, did_you_mean},
    rule::toml_problem,
    scenario::Version,
    source::SourceFile,
};

/// Something that the embedded provider can do wrong on request.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What is wrong, in a few words.
    pub name: String,
    /// The same in a sentence.
    pub about: String,
    /// Versions of the protocol in which the provider has it.
    pub scim: Vec<Version>,
    /// The rules that it is made to break.
    pub breaks: Vec<String>,
    /// Other rules that a run of all scenarios reports as broken by it.
    pub also: Vec<String>,
    /// The provider of the field that the provider acts like meanwhile.
    pub like: Option<Like>,
    /// Changes of its finished answers.
    pub rewrites: Vec<Rewrite>,
    /// A fault of its behaviour.
    pub switch: Option<Switch>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    #[serde(default)]
    fault: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: String,
    about: String,
    scim: Vec<Version>,
    breaks: Vec<String>,
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    like: Option<String>,
    #[serde(default)]
    rewrite: Vec<Rewrite>,
    #[serde(default)]
    switch: Option<String>,
}

impl Fault {
    /// Whether a run of all scenarios reports this rule as broken by it.
    pub fn shows(&self, rule: &str) -> bool {
        self.breaks.iter().chain(&self.also).any(|id| id == rule)
    }
}

/// Every fault that travels with the harness, in the order of its files. A name stands for one.
pub fn embedded() -> Result<Vec<Fault>, Diagnostic> {
    let (mut faults, mut names) = (Vec::new(), BTreeSet::new());
    for file in assets::fault_files() {
        for fault in read(&file)? {
            if !names.insert(fault.name.clone()) {
                let (path, name) = (&file.path, &fault.name);
                let message = format!("{path}: there is a fault `{name}` already");
                return Err(Diagnostic::error(message));
            }
            faults.push(fault);
        }
    }
    Ok(faults)
}

fn read(file: &Arc<SourceFile>) -> Result<Vec<Fault>, Diagnostic> {
    let book: Book = toml::from_str(&file.text).map_err(|error| toml_problem(file, &error))?;
    book.fault
        .into_iter()
        .map(|raw| lower(raw, &file.path))
        .collect()
}

fn lower(raw: Raw, path: &str) -> Result<Fault, Diagnostic> {
    let switch = raw.switch.as_ref().map(|name| {
        name.parse::<Switch>().map_err(|_| {
            let help = did_you_mean(name, Switch::ALL.iter().map(|switch| switch.name()));
            Diagnostic::error(format!(
                "{path}: the fault `{}` names the unknown switch `{name}`",
                raw.name
            ))
            .note("help", help)
        })
    });
    let switch = switch.transpose()?;
    if switch.is_none() == raw.rewrite.is_empty() {
        return Err(Diagnostic::error(format!(
            "{path}: the fault `{}` is either a switch or rewrites",
            raw.name
        )));
    }
    let like = raw.like.as_ref().map(|name| {
        name.parse::<Like>().map_err(|reason| {
            Diagnostic::error(format!("{path}: the fault `{}`: {reason}", raw.name))
        })
    });
    let like = like.transpose()?;
    Ok(Fault {
        like,
        name: raw.name,
        about: raw.about,
        scim: raw.scim,
        breaks: raw.breaks,
        also: raw.also,
        rewrites: raw.rewrite,
        switch,
    })
}

/// The faults of these names.
pub fn named(names: &[String]) -> Result<Vec<Fault>, Diagnostic> {
    let all = embedded()?;
    let find = |name: &String| {
        all.iter()
            .find(|fault| fault.name == *name)
            .cloned()
            .ok_or_else(|| {
                let help = did_you_mean(name, all.iter().map(|fault| fault.name.as_str()));
                Diagnostic::error(format!("there is no fault `{name}`"))
                    .note("help", help)
                    .note("help", "serve --list-faults lists them")
            })
    };
    names.iter().map(find).collect()
}
