use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use minicbor::{Decode, Encode};
use purser_journal::{from_cbor, to_cbor};
use purser_types::Coded;

/// A file of this crate that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not there.
    #[error("{} does not exist: {remedy}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// What to do.
        remedy: &'static str,
    },
    /// It is there already and must not be replaced.
    #[error("{} exists already and is not overwritten: use it, or choose another folder", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It holds something else than what was written.
    #[error("{} is damaged ({reason}): {remedy}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {source}; check the folder's owner, its rights and the free space", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Coded for FileError {
    fn code(&self) -> &'static str {
        match self {
            FileError::Missing { .. } => "file_missing",
            FileError::Exists { .. } => "file_exists",
            FileError::Damaged { .. } => "file_damaged",
            FileError::Io { .. } => "file_unusable",
        }
    }
}

/// A file with a private key in it, readable by its owner only, in CBOR. Written as a whole or
/// not at all: a crash leaves the old one or the new one.
pub(crate) struct SecretFile {
    pub(crate) name: &'static str,
    /// What to do when it is missing or damaged.
    pub(crate) remedy: &'static str,
}

impl SecretFile {
    /// Writes it where none may be yet.
    pub(crate) fn create<T: Encode<()>>(&self, dir: &Path, value: &T) -> Result<(), FileError> {
        let path = dir.join(self.name);
        if fs::exists(&path).map_err(|source| io_error("look for", &path, source))? {
            return Err(FileError::Exists { path });
        }
        self.replace(dir, value)
    }

    /// Writes it, in place of the one that is there.
    pub(crate) fn replace<T: Encode<()>>(&self, dir: &Path, value: &T) -> Result<(), FileError> {
        let path = dir.join(self.name);
        let draft = path.with_extension("tmp");
        fs::create_dir_all(dir).map_err(|source| io_error("create", dir, source))?;
        write_durably(&draft, &to_cbor(value)).map_err(|source| io_error("write", &draft, source))?;
        fs::rename(&draft, &path).map_err(|source| io_error("write", &path, source))?;
        sync_folder(dir).map_err(|source| io_error("make durable", dir, source))
    }

    /// Reads it.
    pub(crate) fn load<T: for<'b> Decode<'b, ()>>(&self, dir: &Path) -> Result<T, FileError> {
        self.load_from(&dir.join(self.name))
    }

    /// Reads a copy of it that has a name of its own.
    pub(crate) fn load_from<T: for<'b> Decode<'b, ()>>(&self, path: &Path) -> Result<T, FileError> {
        let bytes = fs::read(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => FileError::Missing { path: path.to_owned(), remedy: self.remedy },
            _ => io_error("read", path, source),
        })?;
        from_cbor("file", &bytes).map_err(|fault| self.damaged(path, &fault))
    }

    /// Removes it, if it is there.
    pub(crate) fn remove(&self, dir: &Path) -> Result<(), FileError> {
        let path = dir.join(self.name);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(io_error("remove", &path, source)),
            _ => Ok(()),
        }
    }

    /// The error of a file whose content does not hold together.
    pub(crate) fn damaged(&self, path: &Path, fault: &dyn Coded) -> FileError {
        FileError::Damaged { path: path.to_owned(), reason: fault.to_string(), remedy: self.remedy }
    }
}

fn io_error(action: &'static str, path: &Path, source: io::Error) -> FileError {
    FileError::Io { action, path: path.to_owned(), source }
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // One left over by a crash may have other rights, which `mode` would leave as they are.
    if fs::exists(path)? {
        fs::remove_file(path)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a rename in `dir` durable. Windows has no such call and needs none: NTFS journals it.
fn sync_folder(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}
