//! A fake DingTalk that fails a test if a rule of DingTalk's was broken.

use host_mock::dingtalk::{DingTalk, Settings};
use std::{
    ops::Deref,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

static STARTED: AtomicU32 = AtomicU32::new(0);
/// More than anything takes on one. That DingTalk's own time is kept is claimed where the clock is moved by
/// hand.
const A_BUSY_MACHINE: Duration = Duration::from_secs(60);

/// A fake DingTalk. Dropped by a test that is passing, it demands that no rule was broken.
pub struct Watched(DingTalk);

impl Watched {
    /// Starts one on a free port. Its apps have ids of their own: the system hands out the port of
    /// one that has ended again, and tokens are kept per address and app. It bears with a busy machine.
    pub async fn start(mut settings: Settings) -> Self {
        settings.card_callback_time = A_BUSY_MACHINE;
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
