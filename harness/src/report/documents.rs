//! Rules by the document that they come from: how many are upheld, broken, not verified.

use std::collections::BTreeMap;

use super::{
    model::{Report, Rule, Status},
    phrase,
};

/// The rules of one document.
#[derive(Clone, Debug, Default)]
pub struct Document<'a> {
    /// Its name, for people.
    pub name: String,
    /// Its rules that are broken.
    pub broken: Vec<&'a Rule>,
    /// Its rules that are upheld.
    pub upheld: Vec<&'a Rule>,
    /// Its rules that no check looked at.
    pub not_verified: Vec<&'a Rule>,
}

/// The rules of a report by document, ordered by the document's id.
pub fn of(report: &Report) -> Vec<Document<'_>> {
    let mut documents: BTreeMap<&str, Document<'_>> = BTreeMap::new();
    for rule in &report.rules {
        let id = phrase::document(&rule.id);
        let document = documents.entry(id).or_insert_with(|| Document {
            name: name(id, rule),
            ..Document::default()
        });
        match rule.status {
            Status::Broken => document.broken.push(rule),
            Status::Upheld => document.upheld.push(rule),
            Status::NotVerified => document.not_verified.push(rule),
        }
    }
    documents.into_values().collect()
}

/// The document as the reference of its rules names it; a client's book by the client's name.
fn name(id: &str, rule: &Rule) -> String {
    let of_client = rule.id.starts_with(&format!("{id}/"));
    match rule.reference.split_once(" section ") {
        Some((document, _)) if !of_client => document.to_owned(),
        _ => phrase::capitalised(id),
    }
}
