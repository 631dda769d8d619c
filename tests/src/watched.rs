//! A fake DingTalk that fails a test if a rule of DingTalk's was broken.

use host_mock::dingtalk::{DingTalk, Settings};
use std::{
    ops::Deref,
    sync::atomic::{AtomicU32, Ordering},
};

static STARTED: AtomicU32 = AtomicU32::new(0);

/// A fake DingTalk. Dropped by a test that is passing, it demands that no rule was broken.
pub struct Watched(DingTalk);

impl Watched {
    /// Starts one on a free port. Its apps have ids of their own: the system hands out the port of
    /// one that has ended again, and tokens are kept per address and app.
    pub async fn start(mut settings: Settings) -> Self {
        for app in &mut settings.apps {
            app.client_id = format!("dingfakeapp{:08}", STARTED.fetch_add(1, Ordering::Relaxed));
        }
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
