//! A plugin: found, judged, loaded.

use super::{
    Channel, Events, LoadError, Manifest,
    events::{Listening, log_line},
    folder,
    gate::Gate,
    library_file, linking, manifest,
};
use crate::{
    abi::{Crossing, RawHost_TO, RawLogLine, RawLogSink, RawLogSink_TO, RootRef, result},
    contain::{Contained, contained},
    value::{ChannelError, Descriptor, ErrorCode, Json, LogLine, OpenContext, Resolved, Result},
};
use abi_stable::erased_types::TD_Opaque;
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The plugin directories inside `directory`: those that hold a manifest, sorted by name. Names that
/// begin with a dot are passed over; installers build there.
///
/// # Errors
/// When `directory` cannot be read.
pub fn discover(directory: &Path) -> std::result::Result<Vec<PathBuf>, LoadError> {
    let unreadable = |error: std::io::Error| LoadError::Directory {
        path: directory.to_owned(),
        reason: error.to_string(),
    };
    let entries = std::fs::read_dir(directory).map_err(unreadable)?;
    let paths: std::io::Result<Vec<PathBuf>> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut found = paths.map_err(unreadable)?;
    let is_hidden =
        |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    found.retain(|path| !is_hidden(path) && path.join(manifest::FILE).exists());
    found.sort();
    Ok(found)
}

/// A loaded plugin. It stays loaded until the process ends.
#[derive(Clone)]
pub struct Plugin {
    root: RootRef,
    descriptor: Descriptor,
}

impl Plugin {
    /// Loads the plugin in `directory`, which holds a `manifest.toml` and the library it names.
    ///
    /// Loading it again gives the same library, with the same runtime, log filter and sinks; unless
    /// the file was replaced meanwhile (by renaming another one to its path, never by writing into
    /// it): then the new library is loaded beside the old one, which runs on.
    ///
    /// # Errors
    /// Whatever is wrong with it, found as early as can be.
    pub fn load(directory: &Path) -> std::result::Result<(Self, Manifest), LoadError> {
        let manifest = Manifest::read(directory)?;
        manifest.check_sdk()?;
        let path = manifest.library_path(directory);
        folder::check_library(directory, &path)?;
        library_file::check(&path, manifest.sha256.as_deref())?;
        let root = linking::link(&path)?;
        let plugin = Self::rooted(root).map_err(|error| LoadError::Init { path, reason: error.message })?;
        if plugin.descriptor.id != manifest.id {
            let library = plugin.descriptor.id;
            return Err(LoadError::Id { manifest: manifest.id, library });
        }
        Ok((plugin, manifest))
    }

    /// The channel `C` of this very binary, behind the same boundary as a loaded one.
    #[cfg(feature = "channel")]
    pub fn linked<C: crate::export::Exported>() -> Result<Self> {
        Self::rooted(crate::export::root::<C>())
    }

    fn rooted(root: RootRef) -> Result<Self> {
        let descriptor = result(root.describe()())?;
        Ok(Self { root, descriptor })
    }

    /// What the plugin says about itself.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// What `config`, the section `channels.<id>` as written, means.
    ///
    /// # Errors
    /// When the plugin panics.
    pub fn resolve(&self, config: &Json) -> Result<Resolved> {
        result(self.root.resolve()(config.as_str().into()))
    }

    /// Opens one account. Nothing runs before [`Channel::start`].
    ///
    /// # Errors
    /// When the account cannot be opened with this configuration.
    pub fn open(&self, context: OpenContext, events: impl Events) -> Result<Channel> {
        let gate = Arc::new(Gate::default());
        let host = RawHost_TO::from_value(
            Listening { events: Contained::new(events), gate: gate.clone() },
            TD_Opaque,
        );
        let raw = self.root.open()(context.into_raw(), host).into_result();
        Ok(Channel::new(raw.map_err(Crossing::from_raw)?, gate))
    }

    /// Sends the lines that belong to no channel to `sink`, until the subscription is dropped.
    /// `sink` must not log through the plugin.
    ///
    /// # Errors
    /// `Busy` when as many listen to the library already as it lets, 64.
    pub fn log_to(&self, sink: impl Fn(&LogLine<'_>) + Send + Sync + 'static) -> Result<LogSubscription> {
        struct Sink<F>(Contained<F>);
        impl<F: Fn(&LogLine<'_>) + Send + Sync> RawLogSink for Sink<F> {
            fn log(&self, line: &RawLogLine<'_>) {
                // There is nobody to tell that a log sink panicked.
                let _panicked = contained(|| (*self.0)(&log_line(line)));
            }
        }
        let number =
            self.root.add_log_sink()(RawLogSink_TO::from_value(Sink(Contained::new(sink)), TD_Opaque));
        if number == 0 {
            let what = "as many listen to the plugin's log as it lets; drop a subscription first";
            return Err(ChannelError::new(ErrorCode::Busy, what));
        }
        Ok(LogSubscription { root: self.root, number })
    }

    /// Says which lines are logged, as in `info,openclaw_dingtalk=debug`; `info` without it. Holds
    /// for the library, so for all channels and for other copies of this host in the process.
    /// `false`: the directives cannot be read, and nothing changed.
    ///
    /// Of the lines that come from one place in the plugin's code a channel says ten a minute; with the tenth, and the
    /// first one after that minute, stands in the field `left_out` that there are more, or how many there were. Where
    /// the filter lets `debug` lines of a target through, each is said.
    pub fn log_filter(&self, directives: &str) -> bool {
        self.root.log_filter()(directives.into())
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plugin({} {})", self.descriptor.id, self.descriptor.version)
    }
}

/// Keeps a log sink in place.
#[must_use = "dropping it ends the logging"]
pub struct LogSubscription {
    root: RootRef,
    number: u64,
}

impl Drop for LogSubscription {
    fn drop(&mut self) {
        self.root.remove_log_sink()(self.number);
    }
}

impl fmt::Debug for LogSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSubscription({})", self.number)
    }
}
