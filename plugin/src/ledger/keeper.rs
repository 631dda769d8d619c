//! Who writes while an account runs: a dull task that has the file written as soon as there is something
//! to write, makes it survive a power cut about once a second, and looks again where there is trouble.

use super::{Ledger, desk::Standing};
use host_sdk::{StatusPatch, channel::Host};
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How much a power cut may take.
const SYNCED_EVERY: Duration = Duration::from_secs(1);
/// How often, and how far apart, it is tried to have the file of a predecessor that is about to end.
const CLAIMS: u32 = 30;
const CLAIMED_EVERY: Duration = Duration::from_millis(100);
/// How often it is tried to write again.
const MENDED_EVERY: Duration = Duration::from_secs(10);

impl Ledger {
    /// Waits for a predecessor in another process to let go of the file, but not for long.
    pub(crate) async fn claimed(&self, host: &Host) {
        for _ in 0..CLAIMS {
            if !matches!(self.desk().standing(), Standing::Elsewhere(_)) {
                return;
            }
            sleep(CLAIMED_EVERY).await;
            self.in_background(host, |ledger| ledger.desk().mend()).await;
        }
    }

    /// Waits until there may be cards that were left: what earlier processes left is known, if it was not
    /// from the start, or one could not be ended.
    pub(crate) async fn some_left(&self) {
        self.desk().left.notified().await;
    }

    /// Keeps the ledger on disk until `stop`; what was noted by then is written.
    pub(crate) async fn keep(self, host: Host, stop: CancellationToken) {
        // Apart, so that a slow disk delays no answer, and many answers do not delay the disk.
        let keeping = async { tokio::join!(self.write(&host), self.secure(&host)) };
        stop.run_until_cancelled(keeping).await;
        self.in_background(&host, |ledger| {
            ledger.desk().write();
            ledger.desk().sync();
        })
        .await;
    }

    /// Writes as soon as there is something to write, for ever.
    async fn write(&self, host: &Host) {
        let mut told = Standing::Disk;
        loop {
            let standing = self.desk().standing();
            tell(host, &mut told, &standing);
            let troubled = standing.trouble().is_some();
            tokio::select! {
                () = self.desk().called.notified() => self.in_background(host, |ledger| ledger.desk().write()).await,
                () = sleep(MENDED_EVERY), if troubled => {
                    self.in_background(host, |ledger| ledger.desk().mend()).await;
                }
            }
        }
    }

    /// Makes what was written survive a power cut, for ever.
    async fn secure(&self, host: &Host) {
        loop {
            self.desk().soiled.notified().await;
            sleep(SYNCED_EVERY).await;
            self.in_background(host, |ledger| ledger.desk().sync()).await;
        }
    }

    async fn in_background(&self, host: &Host, work: impl FnOnce(Self) + Send + 'static) {
        let ledger = self.clone();
        // It fails only if the runtime ends, and then there is nobody left to tell.
        drop(host.blocking(move || work(ledger)).await);
    }
}

/// Says so when the ledger has come to stand elsewhere.
fn tell(host: &Host, told: &mut Standing, standing: &Standing) {
    if told == standing {
        return;
    }
    match standing.trouble() {
        Some(why) => tracing::error!("{why}"),
        None => tracing::info!("what is said is written down again"),
    }
    host.status(StatusPatch::new().with("ledgerTrouble", standing.trouble()));
    told.clone_from(standing);
}
