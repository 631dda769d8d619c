//! Files that only the owner of the process may read.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
};

/// Has `options` write, and make what it makes private.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.write(true)
}

/// Opens a file for reading and writing, or makes it; one that was there, and open to others, is private from now on.
pub(crate) fn own(path: &Path) -> io::Result<File> {
    let file = private(OpenOptions::new().read(true).create(true).truncate(false)).open(path)?;
    #[cfg(unix)]
    close_to_others(&file)?;
    Ok(file)
}

#[cfg(unix)]
fn close_to_others(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let is_open = file.metadata()?.permissions().mode() & 0o077 != 0;
    if is_open { file.set_permissions(PermissionsExt::from_mode(0o600)) } else { Ok(()) }
}
