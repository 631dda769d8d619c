//! The machines that the plugin is built for.

use serde_json::{Value, json};

/// A kind of machine, in npm's words, which the JavaScript uses, too, to find its build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Platform {
    pub(crate) os: &'static str,
    pub(crate) cpu: &'static str,
    /// The C library, on Linux.
    pub(crate) libc: Option<&'static str>,
}

impl Platform {
    /// This machine, as far as this program was built for it.
    pub(crate) fn here() -> Self {
        Self {
            os: match std::env::consts::OS {
                "macos" => "darwin",
                "windows" => "win32",
                other => other,
            },
            cpu: match std::env::consts::ARCH {
                "x86_64" => "x64",
                "aarch64" => "arm64",
                other => other,
            },
            libc: match () {
                () if cfg!(not(target_os = "linux")) => None,
                () if cfg!(target_env = "musl") => Some("musl"),
                () => Some("glibc"),
            },
        }
    }

    /// What its archive, and its folder in an archive for several, are named after.
    pub(crate) fn name(&self) -> String {
        let libc = if self.libc == Some("musl") { "-musl" } else { "" };
        format!("{}-{}{libc}", self.os, self.cpu)
    }

    /// The file name of a dynamic library.
    pub(crate) fn library_file(&self, name: &str) -> String {
        match self.os {
            "win32" => format!("{name}.dll"),
            "darwin" => format!("lib{name}.dylib"),
            _ => format!("lib{name}.so"),
        }
    }

    /// What npm has to know of a package that is for this platform alone.
    pub(crate) fn npm_fields(&self) -> Vec<(&'static str, Value)> {
        let mut fields = vec![("os", json!([self.os])), ("cpu", json!([self.cpu]))];
        fields.extend(self.libc.map(|libc| ("libc", json!([libc]))));
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_s_libraries_are_named_as_rust_names_them() {
        let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        assert_eq!(Platform::here().library_file("x"), format!("{prefix}x{suffix}"));
    }

    #[test]
    fn each_system_has_its_own_names_of_libraries_and_npm_s_words_for_itself() {
        let platform = |os, cpu, libc| Platform { os, cpu, libc };
        for (platform, library, fields) in [
            (platform("linux", "x64", Some("glibc")), "libx.so", r#"[["linux"],["x64"],["glibc"]]"#),
            (platform("linux", "arm64", Some("glibc")), "libx.so", r#"[["linux"],["arm64"],["glibc"]]"#),
            (platform("linux", "x64", Some("musl")), "libx.so", r#"[["linux"],["x64"],["musl"]]"#),
            (platform("darwin", "arm64", None), "libx.dylib", r#"[["darwin"],["arm64"]]"#),
            (platform("win32", "x64", None), "x.dll", r#"[["win32"],["x64"]]"#),
        ] {
            assert_eq!(platform.library_file("x"), library);
            let values: Vec<_> = platform.npm_fields().into_iter().map(|(_, value)| value).collect();
            assert_eq!(json!(values).to_string(), fields);
        }
    }

    #[test]
    fn only_musl_is_worth_a_word_in_the_name() {
        let linux = Platform { os: "linux", cpu: "x64", libc: Some("glibc") };
        assert_eq!(linux.name(), "linux-x64");
        assert_eq!(Platform { libc: Some("musl"), ..linux }.name(), "linux-x64-musl");
        assert_eq!(Platform { os: "darwin", cpu: "arm64", libc: None }.name(), "darwin-arm64");
    }
}
