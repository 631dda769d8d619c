//! Waiting for a file to go.

use std::{path::Path, time::Duration};

/// More than anything takes that goes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until a file is not there any more. A file system tells nobody of that.
pub async fn gone(path: &Path) {
    let looking = async {
        while path.exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("{} stays", path.display()));
}
