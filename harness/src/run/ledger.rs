//! What a run creates, written down before the request goes out, so that it can be removed
//! whatever happens.

use std::{
    fs::{self, File, TryLockError},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    names::{Seed, is_run_tag, run_tag},
    namesake,
};
use crate::{
    diagnostic::Diagnostic, exchange::Tenant, scenario::Version, target::Target,
    template::percent_encode,
};

/// One creation.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub(super) struct Entry {
    /// Number in this ledger.
    pub number: usize,
    /// Case that created it.
    pub case: String,
    /// Version of the protocol that was spoken.
    pub scim: Version,
    /// Whose it is.
    #[serde(default)]
    pub tenant: Tenant,
    /// Path of the collection: `/Users`.
    pub collection: String,
    /// Attribute and value by which it can be found if its id is not known.
    pub key: Option<(String, String)>,
    /// Path of the resource, once it is known.
    pub path: Option<String>,
    /// With which status the request that created it was answered, if it was.
    #[serde(default)]
    pub status: Option<u16>,
    /// Whether a read has shown that what is at the path carries the tag of the run.
    #[serde(default)]
    pub confirmed: bool,
    /// Whether a request of its case was answered as having deleted it; nobody looked yet.
    #[serde(default)]
    pub deleted: bool,
    /// Whether it is gone.
    pub removed: bool,
}

impl Entry {
    /// Whether it is a group: those are removed before the users that are in them.
    pub(super) fn is_group(&self) -> bool {
        self.collection.ends_with("/Groups")
    }

    fn whose(&self) -> (Version, Tenant) {
        (self.scim, self.tenant)
    }

    fn is_at(&self, whose: (Version, Tenant), path: &str) -> bool {
        let own = self.path.as_deref();
        self.whose() == whose && own.is_some_and(|own| is_same_path(own, path))
    }
}

/// Whether two paths lead to the same, however their segments are escaped: in a bulk job an id may
/// stand as it is.
fn is_same_path(one: &str, other: &str) -> bool {
    let segments = |path: &str| -> Vec<Vec<u8>> {
        let segments = path.split('/').map(percent_decode_str);
        segments.map(Iterator::collect).collect()
    };
    one == other || segments(one) == segments(other)
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Run {
        tag: String,
        target: String,
        urls: Vec<(Version, String)>,
        /// By which credential, as [`fingerprints`] tells them.
        #[serde(default)]
        credentials: Fingerprints,
    },
    Create(Entry),
    Created {
        number: usize,
        path: String,
    },
    Removed {
        number: usize,
    },
}

/// A file of whole lines.
struct Lines {
    file: File,
    length: u64,
}

impl Lines {
    /// Writes a line whole or not at all, so that a full disk spoils none that comes later.
    fn write(&mut self, line: &str) -> std::io::Result<()> {
        let text = format!("{line}\n");
        let written = self.file.write_all(text.as_bytes());
        match written {
            Ok(()) => self.length += text.len() as u64,
            Err(_) => {
                drop(self.file.set_len(self.length));
                drop(self.file.seek(SeekFrom::Start(self.length)));
            }
        }
        written
    }
}

/// The creations of one run.
pub(super) struct Ledger {
    tag: String,
    file: Option<Mutex<Lines>>,
    path: Option<PathBuf>,
    entries: Mutex<Vec<Entry>>,
}

impl Ledger {
    /// A ledger in this folder, or in memory only. The embedded provider ends with the process
    /// and needs none.
    pub(super) fn new(
        folder: Option<&Path>,
        target: &Target,
        seed: Seed,
    ) -> Result<Self, Diagnostic> {
        let Some(folder) = folder.filter(|_| !target.embedded) else {
            return Ok(Self {
                tag: run_tag(seed),
                file: None,
                path: None,
                entries: Mutex::new(Vec::new()),
            });
        };
        let refused = |error: std::io::Error| {
            let title = format!(
                "the ledger of what this run creates cannot be written to {}: {error}",
                folder.display()
            );
            Diagnostic::error(title).note(
                "help",
                "set XDG_STATE_HOME to a folder that can be written to",
            )
        };
        fs::create_dir_all(folder).map_err(refused)?;
        let (path, file) = new_file(folder, seed).map_err(refused)?;
        // Where locks are not to be had, a sweep cannot tell that this run is still going.
        drop(file.try_lock());
        let ledger = Self {
            tag: run_tag(seed),
            file: Some(Mutex::new(Lines { file, length: 0 })),
            path: Some(path),
            entries: Mutex::new(Vec::new()),
        };
        let urls = target
            .endpoints
            .iter()
            .map(|(version, url)| (*version, url.as_str().trim_end_matches('/').to_owned()))
            .collect();
        ledger
            .write(&Line::Run {
                tag: run_tag(seed),
                target: target.name.clone(),
                urls,
                credentials: fingerprints(&run_tag(seed), target),
            })
            .map_err(refused)?;
        if let Some(path) = &ledger.path
            && let Err(taken) = namesake::none(folder, path, target, seed)
        {
            ledger.close();
            return Err(taken);
        }
        Ok(ledger)
    }

    /// Notes that a resource is about to be created; the number is for [`Self::created`].
    pub(super) fn create(
        &self,
        case: &str,
        (scim, tenant): (Version, Tenant),
        collection: &str,
        key: Option<(String, String)>,
    ) -> std::io::Result<usize> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let number = entries.len();
        let entry = Entry {
            number,
            case: case.to_owned(),
            scim,
            tenant,
            collection: collection.to_owned(),
            key,
            path: None,
            status: None,
            confirmed: false,
            deleted: false,
            removed: false,
        };
        self.write(&Line::Create(entry.clone()))?;
        entries.push(entry);
        Ok(number)
    }

    /// Notes that the request was answered. Even one that was refused is looked for once: a
    /// server may have created it all the same.
    pub(super) fn answered(&self, number: usize, status: u16) {
        self.edit(number, |entry| entry.status = Some(status));
    }

    /// Notes that a read showed what is at this path, marked as this run's or not. What is not is
    /// no creation of ours, whatever the answer to the create said.
    pub(super) fn seen(&self, whose: (Version, Tenant), path: &str, marked: bool) {
        if let Some(entry) = self.entry_at(whose, path) {
            self.edit(entry.number, |entry| {
                entry.confirmed = marked;
                entry.path = entry.path.take().filter(|_| marked);
            });
        }
    }

    /// What this run created for a tenant at a path: two tenants may have the same path. A target
    /// may give a freed id again: the last creation that is there counts.
    pub(super) fn entry_at(&self, whose: (Version, Tenant), path: &str) -> Option<Entry> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let here = || {
            entries
                .iter()
                .rev()
                .filter(|entry| entry.is_at(whose, path))
        };
        let there = here().find(|entry| !entry.removed);
        there.or_else(|| here().next()).cloned()
    }

    /// The tag of the run.
    pub(super) fn tag(&self) -> &str {
        &self.tag
    }

    /// Notes the path of what was created.
    pub(super) fn created(&self, number: usize, path: &str) {
        self.located(number, path);
        let line = Line::Created {
            number,
            path: path.to_owned(),
        };
        self.change(number, &line, |_| {});
    }

    /// The same in memory alone.
    pub(super) fn located(&self, number: usize, path: &str) {
        self.edit(number, |entry| entry.path = Some(path.to_owned()));
        self.freed(number);
    }

    /// A creation has this id, as it stands in a path, so the target says; it is not believed yet.
    pub(super) fn identified(&self, number: usize, id: &str) {
        self.edit(number, |entry| {
            entry.path = Some(format!("{}/{id}", entry.collection));
        });
        self.freed(number);
    }

    /// What was deleted at the path of a later creation is gone, as its id was free.
    fn freed(&self, number: usize) {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let later = entries.get(number).cloned();
        drop(entries);
        let Some((whose, path)) = later.and_then(|later| Some((later.whose(), later.path?))) else {
            return;
        };
        let earlier =
            |entry: &Entry| entry.number < number && entry.deleted && entry.is_at(whose, &path);
        for entry in self.open(earlier) {
            self.removed(entry.number);
        }
    }

    /// Notes that a creation is gone, or never was.
    pub(super) fn removed(&self, number: usize) {
        self.change(number, &Line::Removed { number }, |entry| {
            entry.removed = true
        });
    }

    /// Notes that a request which was to delete what is at this path was answered so.
    pub(super) fn deleted(&self, whose: (Version, Tenant), path: &str) {
        if let Some(entry) = self.entry_at(whose, path) {
            self.edit(entry.number, |entry| entry.deleted = true);
        }
    }

    /// Notes that a read shows nothing at this path: what was deleted there is gone. What was not
    /// may only be hidden, as some hide who is inactive.
    pub(super) fn missed(&self, whose: (Version, Tenant), path: &str) {
        let entry = self.entry_at(whose, path);
        if let Some(entry) = entry.filter(|entry| entry.deleted && !entry.removed) {
            self.removed(entry.number);
        }
    }

    /// What is at this path may be removed, and its id given to somebody else: before another
    /// change of it, it has to be read again.
    pub(super) fn doubt(&self, whose: (Version, Tenant), path: &str) {
        if let Some(entry) = self.entry_at(whose, path) {
            self.edit(entry.number, |entry| entry.confirmed = false);
        }
    }

    /// Whether a case has something to remove.
    pub(super) fn has_open(&self, case: &str) -> bool {
        !self.open_of(case).is_empty()
    }

    /// What a case created and did not remove, in order.
    pub(super) fn open_of(&self, case: &str) -> Vec<Entry> {
        self.open(|entry| entry.case == case)
    }

    fn open(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .iter()
            .filter(|entry| !entry.removed && wanted(entry))
            .cloned()
            .collect()
    }

    fn edit(&self, number: usize, change: impl Fn(&mut Entry)) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .iter_mut()
            .filter(|entry| entry.number == number)
            .for_each(change);
    }

    fn change(&self, number: usize, line: &Line, change: impl Fn(&mut Entry)) {
        self.edit(number, change);
        // The creation itself is on disk; without this line a sweep merely asks once more.
        drop(self.write(line));
    }

    fn write(&self, line: &Line) -> std::io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let text = serde_json::to_string(line)?;
        file.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write(&text)
    }

    /// Removes the file if nothing is left to be removed.
    pub(super) fn close(&self) {
        if let Some(path) = &self.path
            && self.open(|_| true).is_empty()
        {
            drop(fs::remove_file(path));
        }
    }
}

/// A file of its own for a run: one that an earlier run left is never written over.
fn new_file(folder: &Path, seed: Seed) -> std::io::Result<(PathBuf, File)> {
    let (tag, process) = (run_tag(seed), std::process::id());
    let mut number = 1;
    loop {
        let name = match number {
            1 => format!("{tag}-{process}.jsonl"),
            _ => format!("{tag}-{process}-{number}.jsonl"),
        };
        let path = folder.join(name);
        match File::create_new(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|file| (path, file)),
        }
    }
}

/// A ledger that an earlier run left on disk.
#[derive(Debug)]
pub(super) struct Left {
    /// Its file.
    pub path: PathBuf,
    /// Tag of that run.
    pub tag: String,
    /// Base URLs that the run was against.
    pub urls: Vec<(Version, String)>,
    /// The credentials that it had.
    credentials: Fingerprints,
    /// What it did not remove.
    pub open: Vec<Entry>,
    /// Lines that cannot be read, besides a last one that was not finished.
    pub unreadable: usize,
}

impl Left {
    /// Whether the run was against this target.
    pub(super) fn is_of(&self, target: &Target) -> bool {
        let mut urls = self.urls.iter();
        urls.any(|(version, url)| target.base(*version) == Some(url))
    }

    /// Whether what is open was made with the target's credentials: another one at the same base
    /// URL may be another tenant's, which sees nothing of it. A ledger that does not say counts.
    pub(super) fn is_of_credentials(&self, target: &Target) -> bool {
        let now = fingerprints(&self.tag, target);
        let differ = |tenant: Tenant| {
            let then = self.credentials.of(tenant);
            then.is_some() && then != now.of(tenant)
        };
        !self.open.iter().any(|entry| differ(entry.tenant))
    }
}

/// Short fingerprints of a run's credentials: enough to tell one from another, and not to tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Fingerprints {
    own: Option<String>,
    other: Option<String>,
}

impl Fingerprints {
    fn of(&self, tenant: Tenant) -> Option<&str> {
        match tenant {
            Tenant::Own => self.own.as_deref(),
            Tenant::Other => self.other.as_deref(),
        }
    }
}

/// The fingerprints of a target's credentials, salted with the tag of a run.
fn fingerprints(tag: &str, target: &Target) -> Fingerprints {
    Fingerprints {
        own: target.credential.fingerprint(tag),
        other: target
            .other_tenant
            .as_ref()
            .and_then(|auth| auth.fingerprint(tag)),
    }
}

/// Reads a ledger back; nothing for one that was not begun. A last line that a killed run did not
/// finish is left out.
pub(super) fn read(path: &Path) -> Result<Option<Left>, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&bytes);
    let Some((text, _unfinished)) = text.rsplit_once('\n') else {
        return Ok(None);
    };
    let mut left = None;
    let mut entries: Vec<Entry> = Vec::new();
    let mut unreadable = 0;
    for line in text.lines() {
        let Ok(line) = serde_json::from_str::<Line>(line) else {
            unreadable += 1;
            continue;
        };
        match line {
            Line::Run {
                tag,
                urls,
                credentials,
                ..
            } if is_run_tag(&tag) => {
                left = Some(Left {
                    path: path.to_owned(),
                    tag,
                    urls,
                    credentials,
                    open: Vec::new(),
                    unreadable: 0,
                })
            }
            Line::Run { .. } => unreadable += 1,
            Line::Create(entry) => entries.push(entry),
            Line::Created { number, path } => entries
                .iter_mut()
                .filter(|entry| entry.number == number)
                .for_each(|entry| entry.path = Some(path.clone())),
            Line::Removed { number } => entries
                .iter_mut()
                .filter(|entry| entry.number == number)
                .for_each(|entry| entry.removed = true),
        }
    }
    let left = left.ok_or("it does not say whose run it is of")?;
    Ok(Some(Left {
        open: entries.into_iter().filter(|entry| !entry.removed).collect(),
        unreadable,
        ..left
    }))
}

/// Whether the run of a ledger is still going: it holds the lock of its file.
pub(super) fn is_in_use(path: &Path) -> bool {
    let file = File::open(path);
    file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// The path of a resource of a collection, if its id can stand in one: an empty id would address
/// the collection, and `..` what is above it.
pub(super) fn path_of(collection: &str, resource: &Value) -> Option<String> {
    let id = match resource.get("id")? {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let usable = !matches!(id.as_str(), "" | "." | "..");
    usable.then(|| format!("{collection}/{}", percent_encode(&id)))
}

/// The attribute by which a body that is about to be sent can be found again.
pub(super) fn key_of(body: Option<&Value>, tag: &str) -> Option<(String, String)> {
    let body = body?;
    ["userName", "displayName", "externalId"]
        .iter()
        .find_map(|name| {
            let value = member(body, name)?
                .as_str()
                .filter(|value| value.contains(tag))?;
            Some(((*name).to_owned(), value.to_owned()))
        })
}

/// A member of an object, whatever case its name is written in, as in all of SCIM.
pub(super) fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    members(object, name).next()
}

/// All members of a name in an object: in another case each, there may be several.
pub(super) fn members<'a>(object: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let members = object.as_object().into_iter().flatten();
    members
        .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Target {
        Target {
            name: "t".into(),
            endpoints: vec![(Version::V2, "http://127.0.0.1:1/v2".parse().unwrap())],
            credential: crate::target::Auth::None,
            second: None,
            other_tenant: None,
            user_domain: "x".into(),
            deactivation: crate::target::Deactivation::Inactive,
            groups: None,
            manner: crate::target::Manner::default(),
            tls: crate::target::Tls::default(),
            arguments: String::new(),
            embedded: false,
        }
    }

    const OWN: (Version, Tenant) = (Version::V2, Tenant::Own);

    #[test]
    fn a_killed_run_leaves_what_it_did_not_remove_and_a_clean_one_nothing() {
        let folder =
            std::env::temp_dir().join(format!("scim-harness-ledger-{}", std::process::id()));
        let ledger = Ledger::new(Some(&folder), &target(), Seed(1)).unwrap();
        let path = ledger.path.clone().unwrap();
        let first = ledger
            .create("c", OWN, "/Users", Some(("userName".into(), "u".into())))
            .unwrap();
        let second = ledger.create("c", OWN, "/Users", None).unwrap();
        ledger.created(first, "/Users/1");
        ledger.removed(second);
        let at = |whose, path| ledger.entry_at(whose, path).is_some();
        assert!(at(OWN, "/Users/1"));
        for whose in [(Version::V1, Tenant::Own), (Version::V2, Tenant::Other)] {
            assert!(!at(whose, "/Users/1") && !at(OWN, "/Users/2"), "{whose:?}");
        }
        ledger.seen(OWN, "/Users/1", true);
        ledger.close();
        let left = read(&path).unwrap().unwrap();
        assert_eq!(
            (
                left.tag.as_str(),
                left.open.len(),
                left.open[0].path.as_deref()
            ),
            ("scim-harness-00000001", 1, Some("/Users/1"))
        );
        ledger.removed(first);
        ledger.close();
        assert!(!path.exists());
        fs::remove_dir_all(folder).unwrap();
    }

    fn in_memory() -> Ledger {
        Ledger::new(None, &target(), Seed(1)).unwrap()
    }

    fn made(ledger: &Ledger, case: &str, path: &str) -> usize {
        let number = ledger.create(case, OWN, "/Users", None).unwrap();
        ledger.created(number, path);
        ledger.seen(OWN, path, true);
        number
    }

    #[test]
    fn an_id_that_is_given_again_belongs_to_the_later_creation() {
        let ledger = in_memory();
        made(&ledger, "first", "/Users/1");
        ledger.deleted(OWN, "/Users/1");
        assert!(ledger.has_open("first"), "nobody has seen it gone yet");
        let second = made(&ledger, "second", "/Users/1");
        assert!(!ledger.has_open("first"), "its id was free");
        let there = ledger.entry_at(OWN, "/Users/1").unwrap();
        assert_eq!((there.number, there.confirmed), (second, true));
    }

    #[test]
    fn what_was_deleted_is_removed_once_a_read_misses_it() {
        let ledger = in_memory();
        for deleted in [true, false] {
            let number = made(&ledger, "c", "/Users/1");
            if deleted {
                ledger.deleted(OWN, "/Users/1");
            }
            ledger.missed(OWN, "/Users/1");
            let entry = ledger.entry_at(OWN, "/Users/1").unwrap();
            assert_eq!(entry.number, number);
            assert_eq!(entry.removed, deleted);
            assert!(deleted || entry.confirmed, "it may only be hidden");
        }
    }

    #[test]
    fn a_ledger_tells_credentials_apart() {
        let bearer = |token: &str| Target {
            credential: crate::target::Auth::Bearer(token.to_owned().into()),
            ..target()
        };
        let folder =
            std::env::temp_dir().join(format!("scim-harness-credential-{}", std::process::id()));
        let ledger = Ledger::new(Some(&folder), &bearer("token-1"), Seed(2)).unwrap();
        let entry = ledger.create("c", OWN, "/Users", None).unwrap();
        let left = read(ledger.path.as_deref().unwrap()).unwrap().unwrap();
        assert!(left.is_of_credentials(&bearer("token-1")));
        assert!(!left.is_of_credentials(&bearer("token-2")));
        assert!(!left.is_of_credentials(&target()));
        ledger.removed(entry);
        ledger.close();
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_path_is_the_same_however_its_segments_are_escaped() {
        assert!(is_same_path("/Users/dTow%3D%3D", "/Users/dTow=="));
        assert!(!is_same_path("/Users/a%2Fb", "/Users/a/b"));
        assert!(!is_same_path("/Users/a", "/Users/A"));
    }

    #[test]
    fn an_id_that_is_no_segment_of_a_path_has_none() {
        let path = |id: Value| path_of("/Users", &serde_json::json!({"id": id}));
        assert_eq!(path("a/b?".into()).unwrap(), "/Users/a%2Fb%3F");
        assert_eq!(path(7.into()).unwrap(), "/Users/7");
        for id in [Value::from(""), "..".into(), ".".into(), Value::Null] {
            assert_eq!(path(id), None);
        }
    }

    #[test]
    fn a_line_that_does_not_fit_leaves_no_half_behind() {
        let file = File::options().write(true).open("/dev/full").unwrap();
        let mut lines = Lines { file, length: 0 };
        assert!(lines.write("{}").is_err());
        assert_eq!(lines.length, 0);
    }
}
