//! Writes files whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Writes a file: beside it first, then in its place. A link is followed, and who may read and
/// write the file stays as it was.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    if is_device(path) {
        return fs::write(path, text);
    }
    let path = &meant(path);
    let beside = beside(path);
    let written = write_beside(&beside, path, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        drop(fs::remove_file(&beside));
    }
    written
}

/// With the mode of the file that it will replace from the beginning, so that nobody else reads it
/// meanwhile.
fn write_beside(beside: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(beside)?;
    if let Ok(known) = fs::metadata(path) {
        file.set_permissions(known.permissions())?;
    }
    file.write_all(text.as_bytes())
}

/// The file that a path means, where there is one: a link is followed.
pub fn meant(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether a file can be written, found out without writing it. One that nobody may write to is
/// not replaced.
pub fn check(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if is_device(path) {
        return Ok(());
    }
    if fs::metadata(path).is_ok_and(|known| known.permissions().readonly()) {
        let told = "it is write-protected";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, told));
    }
    let beside = beside(&meant(path));
    fs::write(&beside, "")?;
    fs::remove_file(&beside)
}

/// A pipe, a terminal or another thing that is written to and cannot be replaced.
pub fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// The name under which a file is written before it takes its place.
fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    PathBuf::from(beside)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_keeps_its_mode_and_one_that_is_write_protected_is_left_alone() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("a");
        write(&path, "1").unwrap();
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        for wanted in [0o640, 0o600] {
            fs::set_permissions(&path, fs::Permissions::from_mode(wanted)).unwrap();
            check(&path).unwrap();
            write(&path, "2").unwrap();
            assert_eq!(mode(), wanted);
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        let told = check(&path).unwrap_err();
        assert_eq!(told.to_string(), "it is write-protected");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
