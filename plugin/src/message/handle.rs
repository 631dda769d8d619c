//! How the plugin's own facts are kept in a handle that a host stores.

use host_sdk::Handle;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Why a handle cannot be used. Says nothing of what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HandleError {
    /// There is none.
    #[error("there is no handle")]
    Missing,
    /// It was made by a later version of this plugin.
    #[error(
        "the handle has format {found}, this version of the plugin reads up to {known}: update the plugin"
    )]
    Newer {
        /// Its format.
        found: u32,
        /// The latest that this version reads.
        known: u32,
    },
    /// It is not one of ours, or it is damaged.
    #[error("the handle is not one this plugin made, or it is damaged")]
    Malformed,
}

#[derive(Serialize)]
struct Written<'a, T> {
    v: u32,
    #[serde(flatten)]
    value: &'a T,
}

#[derive(Deserialize)]
struct Format {
    v: u32,
}

/// Writes `value` in format `version`.
pub(super) fn seal<T: Serialize>(version: u32, value: &T) -> Handle {
    // Only maps with keys that are not text fail to serialise, and handles are structs of texts.
    Handle::new(serde_json::to_string(&Written { v: version, value }).unwrap_or_default())
}

/// Reads a value that was written in format `known` or an earlier one.
pub(super) fn unseal<T: DeserializeOwned>(known: u32, handle: &Handle) -> Result<T, HandleError> {
    if handle.is_empty() {
        return Err(HandleError::Missing);
    }
    let Format { v: found } = serde_json::from_str(handle.reveal()).map_err(|_| HandleError::Malformed)?;
    if found > known {
        return Err(HandleError::Newer { found, known });
    }
    serde_json::from_str(handle.reveal()).map_err(|_| HandleError::Malformed)
}
