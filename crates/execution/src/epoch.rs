//! The restart epoch: a number on disk that grows with every start, so that no client order id is ever issued twice.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const HEADER: &str = "tercel-restart-epoch ";
/// Header, ten digits and a newline are shorter; a longer file is not ours.
const MAX_FILE_BYTES: u64 = 64;
const OWNER_ONLY: u32 = 0o600;

/// The epoch of this run. While it lives, no other engine can use the same file.
#[derive(Debug)]
pub struct RestartEpoch {
    epoch: u32,
    /// Held for its advisory lock, which ends with the process at the latest.
    _lock: File,
}

/// Why there is no epoch, with the place and the fix.
#[derive(Debug, thiserror::Error)]
pub enum EpochError {
    /// A file operation failed.
    #[error("cannot {action} {path}: {source}; check that the folder exists and that this user may write to it", path = path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another engine runs with the same file.
    #[error("{path} is in use by another engine; stop that one, or give this one an epoch file of its own", path = .0.display())]
    InUse(PathBuf),
    /// The file is not what this engine writes.
    #[error("{path} is damaged: expected one line \"{HEADER}N\"; write that line with an N above every epoch used before (the first eight hexadecimal digits of the client order ids at the venue), or delete the file if no order of this account is open", path = .0.display())]
    Corrupt(PathBuf),
    /// The last epoch of 32 bits was used.
    #[error("{path} holds the last epoch there is; delete it once no order of this account is open", path = .0.display())]
    Exhausted(PathBuf),
}

impl RestartEpoch {
    /// Reads the epoch of the run before, adds one, and has it safely on disk before it returns. A missing file counts as
    /// epoch zero.
    ///
    /// # Errors
    /// [`EpochError`] names the file, what is wrong with it and what to do.
    pub fn load_and_increment(path: &Path) -> Result<Self, EpochError> {
        Self::load_and_increment_above(path, 0)
    }

    /// As [`Self::load_and_increment`], and above `floor` in any case. With the seconds of the wall clock as the floor, even
    /// the loss of the file repeats no epoch.
    ///
    /// # Errors
    /// As there.
    pub fn load_and_increment_above(path: &Path, floor: u32) -> Result<Self, EpochError> {
        let lock = lock(path)?;
        let last = read(path)?.max(floor);
        let epoch = last.checked_add(1).ok_or_else(|| EpochError::Exhausted(path.to_owned()))?;
        replace(path, epoch)?;
        Ok(Self { epoch, _lock: lock })
    }

    /// The epoch.
    #[must_use]
    pub const fn get(&self) -> u32 {
        self.epoch
    }
}

/// The lock is on a file beside it, since the epoch file itself is replaced at every start.
fn lock(path: &Path) -> Result<File, EpochError> {
    let lock_path = beside(path, ".lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(OWNER_ONLY)
        .open(&lock_path)
        .map_err(failure("open", &lock_path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(EpochError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(failure("lock", &lock_path)(source)),
    }
}

fn read(path: &Path) -> Result<u32, EpochError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(failure("open", path)(error)),
    };
    let mut text = Vec::new();
    file.take(MAX_FILE_BYTES).read_to_end(&mut text).map_err(failure("read", path))?;
    parse(&text).ok_or_else(|| EpochError::Corrupt(path.to_owned()))
}

/// The line must end in a newline, which shows that it was not cut off.
fn parse(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(HEADER.as_bytes())?.strip_suffix(b"\n")?;
    let all_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    if !all_digits {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Writes a new file, syncs it, moves it over the old one and syncs the folder: after a crash there is the old epoch or
/// the new one, whole.
fn replace(path: &Path, epoch: u32) -> Result<(), EpochError> {
    let fresh = beside(path, ".new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(OWNER_ONLY)
        .open(&fresh)
        .map_err(failure("create", &fresh))?;
    file.write_all(format!("{HEADER}{epoch}\n").as_bytes()).map_err(failure("write", &fresh))?;
    file.sync_all().map_err(failure("sync", &fresh))?;
    fs::rename(&fresh, path).map_err(failure("replace", path))?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failure("sync the folder of", path))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn failure(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EpochError {
    move |source| EpochError::Io { action, path: path.to_owned(), source }
}
