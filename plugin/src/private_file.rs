//! Files that only the owner of the process may read.

use std::fs::OpenOptions;

/// Has `options` write, and make what it makes private.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.write(true)
}
