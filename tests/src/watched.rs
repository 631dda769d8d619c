//! A fake DingTalk that fails a test if a rule of DingTalk's was broken.

use host_mock::dingtalk::{DingTalk, Settings};
use std::ops::Deref;

/// A fake DingTalk. Dropped by a test that is passing, it demands that no rule was broken.
pub struct Watched(DingTalk);

impl Watched {
    /// Starts one on a free port.
    pub async fn start(settings: Settings) -> Self {
        Self(DingTalk::start(settings).await.expect("there is a free port"))
    }
}

impl Deref for Watched {
    type Target = DingTalk;

    fn deref(&self) -> &DingTalk {
        &self.0
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let violations = self.0.violations();
        assert!(
            violations.is_empty() || std::thread::panicking(),
            "rules of DingTalk's were broken: {violations:#?}"
        );
    }
}
