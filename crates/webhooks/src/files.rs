use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Writes a file that only its owner may read (on Windows: whom the folder is for), as a whole or not at all,
/// also when the power fails.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension("tmp");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Reads a file of at most `bytes_max`; `None` if there is none.
pub(crate) fn read(path: &Path, bytes_max: u64) -> io::Result<Option<String>> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?,
    };
    if metadata.len() > bytes_max {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is far too long"));
    }
    fs::read_to_string(path).map(Some)
}

/// Makes names durable. Windows has no way to, and needs none.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
