//! What an operating system's loader reads of a library: which machines it is for, what it offers, and what it asks for.

use object::{
    Architecture, BinaryFormat, File, ImportFlags, NameOrOrdinal, Object,
    elf::{DF_1_NODELETE, DT_FLAGS_1},
    macho,
};

/// A dynamic library of any system, as far as its headers tell.
#[derive(Debug)]
pub(crate) struct Binary {
    pub(crate) format: BinaryFormat,
    pub(crate) architecture: Architecture,
    /// The symbols that it offers, as C has them.
    pub(crate) exports: Vec<String>,
    /// The libraries that are loaded with it.
    pub(crate) libraries: Vec<String>,
    /// What it asks for without saying of which library, as can be in Mach-O: nobody may have it.
    pub(crate) anywhere: Vec<String>,
    /// The newest glibc that a symbol of it asks for, if any does: an older one cannot load it.
    pub(crate) glibc: Option<Version>,
    /// The oldest macOS that loads it, as it says itself.
    pub(crate) macos: Option<Version>,
    /// Whether it asks to stay loaded, as only ELF can.
    pub(crate) stays: bool,
}

impl Binary {
    pub(crate) fn read(bytes: &[u8]) -> object::Result<Self> {
        let file = File::parse(bytes)?;
        let imports = file.imports()?.collect::<object::Result<Vec<_>>>()?;
        let exports = file.exports()?.collect::<object::Result<Vec<_>>>()?;
        let libraries = file.import_libraries()?.collect::<object::Result<Vec<_>>>()?;
        let is_macho = file.format() == BinaryFormat::MachO;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let symbol = |name: NameOrOrdinal<&[u8]>| match name {
            // Mach-O has what C calls `x` as `_x`.
            NameOrOrdinal::Name([b'_', rest @ ..]) if is_macho => text(rest),
            NameOrOrdinal::Name(name) => text(name),
            NameOrOrdinal::Ordinal(ordinal) => format!("#{ordinal}"),
        };
        let glibc = |flags| match flags {
            ImportFlags::Elf { version: Some(version), .. } => Version::of_symbol(&text(version)),
            _ => None,
        };
        Ok(Self {
            format: file.format(),
            architecture: file.architecture(),
            exports: exports.iter().map(|it| symbol(it.name())).collect(),
            libraries: libraries.iter().map(|library| text(library.name())).collect(),
            anywhere: imports
                .iter()
                .filter(|import| is_macho && import.library().is_empty())
                .map(|import| symbol(import.name()))
                .collect(),
            glibc: imports.iter().filter_map(|import| glibc(import.flags())).max(),
            macos: macos(&file)?,
            stays: stays(&file)?,
        })
    }
}

fn stays(file: &File<'_>) -> object::Result<bool> {
    let File::Elf64(file) = file else { return Ok(false) };
    let flags = file.elf_dynamic_table()?.iter().find(|entry| entry.tag == DT_FLAGS_1);
    Ok(flags.is_some_and(|flags| flags.val & DF_1_NODELETE.0 != 0))
}

fn macos(file: &File<'_>) -> object::Result<Option<Version>> {
    let File::MachO64(file) = file else { return Ok(None) };
    let build = file.build_version()?;
    Ok(build.map(|(build, _)| Version::of_macos(build.minos.get(file.endianness()))))
}

/// A version of glibc, such as 2.28, or of macOS, such as 11.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u32,
    pub(crate) minor: u32,
}

impl Version {
    /// What a library for macOS says. The third number decides nothing.
    fn of_macos(version: macho::Version) -> Self {
        Self { major: version.major().into(), minor: version.minor().into() }
    }

    /// What the version of a symbol asks for, such as `GLIBC_2.28`. Some have a third number, which decides nothing.
    fn of_symbol(version: &str) -> Option<Self> {
        let mut numbers = version.strip_prefix("GLIBC_")?.split('.').map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Some(Self { major, minor }),
            _ => None,
        }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_glibc_are_numbers() {
        let glibc = |version| Version::of_symbol(version);
        assert!(glibc("GLIBC_2.9") < glibc("GLIBC_2.28"));
        assert_eq!(glibc("GLIBC_2.2.5").map(|it| it.to_string()).as_deref(), Some("2.2"));
        assert_eq!(glibc("GLIBC_PRIVATE"), None);
        assert_eq!(glibc("GCC_3.0"), None);
    }

    #[test]
    fn versions_of_macos_are_numbers_too() {
        let macos = |major, minor, update| Version::of_macos(macho::Version::new(major, minor, update));
        assert_eq!(macos(13, 5, 1).to_string(), "13.5");
        assert!(macos(11, 0, 0) < macos(13, 5, 0) && macos(13, 5, 0) < macos(15, 0, 0));
    }

    #[test]
    fn what_is_no_library_is_an_error() {
        for bytes in [b"".as_slice(), b"#!/bin/sh\n", b"\x7fELF\x02\x01\x01"] {
            assert!(Binary::read(bytes).is_err());
        }
    }
}
