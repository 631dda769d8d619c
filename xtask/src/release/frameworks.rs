//! What a linker has to know of the frameworks of macOS, which zig does not bring: where they are on a Mac. What
//! they export is looked up when the library is loaded.

use crate::Error;
use std::{fs, path::Path};

/// Those that the plugin and the addon ask for.
const FRAMEWORKS: [&str; 2] = ["CoreFoundation", "Security"];

/// Writes them into `folder`, and returns the flags for rustc.
pub(super) fn flags(folder: &Path) -> Result<String, Error> {
    for name in FRAMEWORKS {
        let framework = folder.join(format!("{name}.framework"));
        fs::create_dir_all(&framework).map_err(Error::file("create", &framework))?;
        let path = framework.join(format!("{name}.tbd"));
        fs::write(&path, stub(name)).map_err(Error::file("write", &path))?;
    }
    Ok(format!("-L framework={} -C link-arg=-Wl,-undefined,dynamic_lookup", folder.display()))
}

fn stub(name: &str) -> String {
    format!(
        "--- !tapi-tbd\n\
         tbd-version: 4\n\
         targets: [ arm64-macos ]\n\
         install-name: '/System/Library/Frameworks/{name}.framework/Versions/A/{name}'\n\
         exports: []\n\
         ...\n"
    )
}
