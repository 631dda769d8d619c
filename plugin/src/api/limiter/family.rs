//! What DingTalk's limits count together.

/// One API, named by its path: DingTalk counts an app's calls to each of them for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Family(&'static str);

impl Family {
    /// The API at `path`.
    pub(crate) const fn of(path: &'static str) -> Self {
        Self(path)
    }

    /// Its path.
    pub(crate) fn path(self) -> &'static str {
        self.0
    }
}
