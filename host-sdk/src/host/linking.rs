//! From a library file to its root functions.
#![allow(unsafe_code, reason = "the header of a loaded library is read, and its root called")]

use super::{
    LoadError,
    manifest::{check_sdk, our_sdk},
    spelling,
};
use crate::abi::RootRef;
use abi_stable::{
    StableAbi,
    abi_stability::abi_checking::exported_check_layout_compatibility,
    library::{LibHeader, LibraryError, RawLibrary, lib_header_from_raw_library},
};
use semver::Version;
use std::{
    collections::BTreeSet,
    error::Error,
    mem::ManuallyDrop,
    path::Path,
    sync::{Mutex, PoisonError},
};

/// Loads the library and hands out its root, after version and layout are found to agree.
///
/// Not `RootModule::load_from`: that keeps one library per type for the whole process, even one
/// that failed its check, looks at the layout before the version, and refuses plugins older than
/// the host.
pub(crate) fn link(path: &Path) -> Result<RootRef, LoadError> {
    let spelled = spelling::of_this_file(path)
        .map_err(|error| LoadError::Link { path: path.to_owned(), reason: error.to_string() })?;
    // Never dropped before `keep` knows that it may be, also where what follows fails.
    let library = ManuallyDrop::new(RawLibrary::load_at(&spelled).map_err(|error| explain(path, error))?);
    // SAFETY: the library is never unloaded, so the references in its header stay valid.
    let header = unsafe { lib_header_from_raw_library(&library) }.map_err(|error| explain(path, error))?;
    keep(library, header);
    check_versions_and_layout(path, header)?;
    // SAFETY: the layout was checked just now, in the direction that fits the two versions.
    unsafe { header.init_root_module_with_unchecked_layout::<RootRef>() }
        .map_err(|error| explain(path, error))
}

/// Keeps the library loaded: its threads, statics and vtables may be in use until the very end of the
/// process. Once is enough, so that loading again and again does not grow.
fn keep(library: ManuallyDrop<RawLibrary>, header: &'static LibHeader) {
    /// Where the headers of those are that are kept.
    static KEPT: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());
    let address = std::ptr::from_ref(header).addr();
    if !KEPT.lock().unwrap_or_else(PoisonError::into_inner).insert(address) {
        drop(ManuallyDrop::into_inner(library)); // one of several holds, and not the first
    }
}

fn check_versions_and_layout(path: &Path, header: &LibHeader) -> Result<(), LoadError> {
    let disagreement = |summary: &str, detail: String| LoadError::Abi { summary: summary.to_owned(), detail };
    let theirs: Version = (header.version_strings().version.as_str().parse())
        .map_err(|error: semver::Error| disagreement("unreadable host-sdk version", error.to_string()))?;
    check_sdk(&theirs)?;

    // The check asks whether the second side has all that the first one uses, so the older side
    // goes first; at run time each side asks for every later method whether it is there.
    let plugin = header.layout().ok_or_else(|| disagreement("no type layout", String::new()))?;
    let host = <RootRef as StableAbi>::LAYOUT;
    let (older, newer) = if theirs < our_sdk() { (plugin, host) } else { (host, plugin) };
    exported_check_layout_compatibility(older, newer)
        .into_result()
        .map_err(|error| explain(path, LibraryError::AbiInstability(error)))
}

fn explain(path: &Path, error: LibraryError) -> LoadError {
    let path = path.to_owned();
    match error {
        LibraryError::OpenError { path: spelled, err } => {
            let (spelled, plain) = (spelled.to_string_lossy(), path.to_string_lossy());
            let reason = innermost(&*err).replace(&*spelled, &plain);
            LoadError::Link { path, reason }
        }
        LibraryError::GetSymbolError { .. } => LoadError::NotAPlugin { path },
        LibraryError::RootModule { err, .. } => {
            LoadError::Init { path, reason: err.to_string().trim().to_owned() }
        }
        LibraryError::InvalidAbiHeader(header) => LoadError::Abi {
            summary: format!("abi_stable {}.{}", header.abi_major, header.abi_minor),
            detail: format!("{header:?}"),
        },
        other => {
            let detail = other.to_string();
            LoadError::Abi { summary: gist(&detail), detail }
        }
    }
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// A layout report has hundreds of lines; this is the first type in it, and what is wrong there.
fn gist(report: &str) -> String {
    let mut lines = report.lines().skip_while(|line| !line.contains(" error(s)") || line.starts_with('0'));
    let mut after =
        |mark: &str| lines.by_ref().find_map(|line| line.trim().strip_prefix(mark).map(str::to_owned));
    let mut first = || {
        after("Layout of expected")?;
        let name = after("type:")?;
        // A table of functions is named like every other; its module has the name of the trait.
        let place = after("line:")?;
        let table = place.rsplit("::").next().and_then(|module| module.strip_suffix("_trait"));
        Some(format!("{}: {}", table.unwrap_or(&name), after("Error:")?))
    };
    first().unwrap_or_else(|| "type layouts differ".to_owned())
}
