//! What a run creates, written down before the request goes out, so that it can be removed
//! whatever happens.

mod fingerprint;
mod left;

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::{
    names::{Seed, run_tag},
    namesake,
    resource::canonical,
};
use crate::{diagnostic::Diagnostic, exchange::Tenant, scenario::Version, target::Target};

use fingerprint::Fingerprints;
pub(super) use left::{Left, is_in_use, read};

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
    /// Where the answer to the create said it is, if that answer or a read had no mark of the run.
    #[serde(skip)]
    pub stranger: Option<String>,
    /// Whether a location alone told its path, as that of a bulk job does.
    #[serde(skip)]
    pub hearsay: bool,
    /// Whether a request of its case was answered as having deleted it; nobody looked yet.
    #[serde(default)]
    pub deleted: bool,
    /// Whether a request of its case may have removed it, however that was answered.
    #[serde(skip)]
    pub doubtful: bool,
    /// Whether it is gone.
    pub removed: bool,
}

impl Entry {
    /// Whether its id may be somebody else's by now.
    pub(super) fn may_be_gone(&self) -> bool {
        self.deleted || self.doubtful || self.removed
    }

    /// Whether it may be the same resource as another one, going by what they can be found by.
    fn is_known_as(&self, other: &Self) -> bool {
        match (&self.key, &other.key) {
            (Some((one, value)), Some((another, other))) => {
                one == another && value.eq_ignore_ascii_case(other)
            }
            _ => true,
        }
    }

    /// Whether another one is at the same place: at its path, or to be found by the same.
    pub(super) fn is_where(&self, other: &Self) -> bool {
        let is_found = self.path.is_some() || self.key.is_some();
        let same_place = match (&self.path, &other.path) {
            (None, None) => (&self.collection, &self.key) == (&other.collection, &other.key),
            (path, other) => path == other,
        };
        is_found && same_place && self.whose() == other.whose()
    }

    /// Whether it is a group: those are removed before the users that are in them.
    pub(super) fn is_group(&self) -> bool {
        self.collection.ends_with("/Groups")
    }

    fn whose(&self) -> (Version, Tenant) {
        (self.scim, self.tenant)
    }

    /// Whether it is at a [canonical] path.
    fn is_at(&self, whose: (Version, Tenant), path: &str) -> bool {
        self.whose() == whose && self.path.as_deref() == Some(path)
    }
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Run {
        tag: String,
        target: String,
        urls: Vec<(Version, String)>,
        /// By which credential, short and salted.
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
    book: Mutex<Book>,
}

/// Entries by their number, and the numbers of those that are, or were, at a [canonical] path.
#[derive(Default)]
struct Book {
    entries: Vec<Entry>,
    places: HashMap<String, Vec<usize>>,
    /// Cases of which an id is now that of something else.
    losers: HashSet<String>,
}

impl Book {
    /// Those that are at a canonical path, the last creation first.
    fn at(&self, whose: (Version, Tenant), path: &str) -> impl Iterator<Item = &Entry> {
        let numbers = self.places.get(path).into_iter().flatten().rev();
        let entries = numbers.filter_map(|number| self.entries.get(*number));
        entries.filter(move |entry| entry.is_at(whose, path))
    }

    /// Other creations that had the id of this one, and may be gone.
    fn former<'b>(&'b self, entry: &'b Entry) -> impl Iterator<Item = &'b Entry> {
        let path = entry.path.as_deref().unwrap_or_default();
        let others = self.at(entry.whose(), path);
        others.filter(|other| {
            other.number < entry.number && other.may_be_gone() && !entry.is_known_as(other)
        })
    }

    fn note_losers(&mut self, number: usize) {
        let former = self.entries.get(number).map(|entry| {
            let cases = self.former(entry).map(|other| other.case.clone());
            cases.collect::<Vec<_>>()
        });
        self.losers.extend(former.into_iter().flatten());
    }

    fn place(&mut self, number: usize, path: String) {
        let Some(entry) = self.entries.get_mut(number) else {
            return;
        };
        let numbers = self.places.entry(path.clone()).or_default();
        if !numbers.contains(&number) {
            numbers.push(number);
            numbers.sort_unstable();
        }
        entry.path = Some(path);
    }
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
                book: Mutex::default(),
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
            book: Mutex::default(),
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
                credentials: Fingerprints::new(&run_tag(seed), target),
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
        let mut book = self.book();
        let number = book.entries.len();
        let entry = Entry {
            number,
            case: case.to_owned(),
            scim,
            tenant,
            collection: collection.to_owned(),
            key,
            path: None,
            stranger: None,
            status: None,
            confirmed: false,
            deleted: false,
            doubtful: false,
            hearsay: false,
            removed: false,
        };
        self.write(&Line::Create(entry.clone()))?;
        book.entries.push(entry);
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
                entry.doubtful &= !marked;
                entry.stranger = entry.path.take_if(|_| !marked);
            });
        }
    }

    /// What this run created for a tenant at a path: two tenants may have the same path. A target
    /// may give a freed id again: the last creation that is there counts.
    pub(super) fn entry_at(&self, whose: (Version, Tenant), path: &str) -> Option<Entry> {
        let (book, path) = (self.book(), canonical(path));
        let there = book.at(whose, &path).find(|entry| !entry.removed);
        there.or_else(|| book.at(whose, &path).next()).cloned()
    }

    /// Whether what is now at a path has the id of another creation that is gone.
    pub(super) fn is_given_again(&self, whose: (Version, Tenant), path: &str) -> bool {
        let (book, path) = (self.book(), canonical(path));
        let last = book.at(whose, &path).next();
        last.is_some_and(|last| book.former(last).next().is_some())
    }

    /// Whether the id of something that a case removed is now that of something else.
    pub(super) fn has_lost_an_id(&self, case: &str) -> bool {
        self.book().losers.contains(case)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut book = self.book();
        book.place(number, canonical(path));
        book.note_losers(number);
        drop(book);
        self.freed(number);
    }

    /// A creation has this id, as it stands in a path, so the target says; it is not believed yet.
    pub(super) fn identified(&self, number: usize, id: &str) {
        let collection = self.entry(number).map(|entry| entry.collection);
        let is_id = |collection: &String| collection.trim_start_matches('/') != id;
        if let Some(collection) = collection.filter(is_id) {
            self.located(number, &format!("{collection}/{id}"));
            if let Some(entry) = self.book().entries.get_mut(number) {
                entry.hearsay = true;
            }
        }
    }

    /// A creation is at this path, so an answer says that has no mark of this run; it is not believed.
    pub(super) fn estranged(&self, number: usize, path: &str) {
        self.edit(number, |entry| entry.stranger = Some(path.to_owned()));
    }

    /// What was deleted at the path of a later creation is gone, as its id was free.
    fn freed(&self, number: usize) {
        let Some(later) = self.entry(number) else {
            return;
        };
        let path = later.path.as_deref().unwrap_or_default();
        let earlier: Vec<usize> = self
            .book()
            .at(later.whose(), path)
            .filter(|entry| entry.number < number && entry.deleted && !entry.removed)
            .map(|entry| entry.number)
            .collect();
        earlier.into_iter().for_each(|number| self.removed(number));
    }

    fn entry(&self, number: usize) -> Option<Entry> {
        self.book().entries.get(number).cloned()
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
            self.edit(entry.number, |entry| {
                entry.confirmed = false;
                entry.doubtful = true;
            });
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
        let book = self.book();
        let open = book.entries.iter().filter(|entry| !entry.removed);
        open.filter(|entry| wanted(entry)).cloned().collect()
    }

    fn edit(&self, number: usize, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.book().entries.get_mut(number) {
            change(entry);
        }
    }

    fn change(&self, number: usize, line: &Line, change: impl FnOnce(&mut Entry)) {
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
    fn a_line_that_does_not_fit_leaves_no_half_behind() {
        let file = File::options().write(true).open("/dev/full").unwrap();
        let mut lines = Lines { file, length: 0 };
        assert!(lines.write("{}").is_err());
        assert_eq!(lines.length, 0);
    }
}
