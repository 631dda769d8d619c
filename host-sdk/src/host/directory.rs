//! Directories for what is nobody else's business.

use std::{fs, io, path::Path};

/// Makes `directory`, and those above it that are missing, so that nobody but its owner can enter it; also where it
/// was there before and open to others. For the directories that a host gives its channels, and its own.
///
/// # Errors
/// When it cannot be made, or belongs to somebody else.
pub fn private_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    #[cfg(unix)]
    fs::set_permissions(directory, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}
