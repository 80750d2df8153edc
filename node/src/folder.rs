use std::{
    fs, io,
    path::{Path, PathBuf},
};

use purser_journal::Role;

use crate::Failure;

/// The folder of one replica: configuration, keys, API token, database. Nobody but its owner
/// may read it, since it holds the keys and personal data.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder at `path`, which may not be there yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.path.join("purser.db")
    }

    /// Makes it, for its owner only; one that is there has to be empty.
    ///
    /// # Errors
    /// If something is in it, or it cannot be made.
    pub fn create(&self) -> Result<(), Failure> {
        let is_empty = match fs::read_dir(&self.path) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(Failure::io("use", &self.path, &error)),
        };
        if !is_empty {
            let path = self.path.display();
            return Err(Failure::usage(
                "folder_not_empty",
                format!("{path} is not empty: choose a new folder"),
            ));
        }
        fs::create_dir_all(&self.path).map_err(|error| Failure::io("create", &self.path, &error))?;
        close_to_others(&self.path, 0o700)
    }
}

/// How a replica of that role is started from a terminal.
pub(crate) fn start_command(role: Role, folder: &Folder) -> String {
    let program = match role {
        Role::Store => "purser-node",
        Role::Hub => "purser-hub",
    };
    format!("{program} run --dir {}", folder.path.display())
}

/// Takes away everybody's rights to `path` but its owner's.
pub(crate) fn close_to_others(path: &Path, mode: u32) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        let rights = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(path, rights).map_err(|error| Failure::io("protect", path, &error))?;
    }
    // Elsewhere a folder in the owner's profile is closed to others already.
    #[cfg(not(unix))]
    let _ = (path, mode);
    Ok(())
}
