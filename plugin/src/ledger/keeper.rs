//! Who writes while an account runs: a dull task that has the file written as soon as there is something
//! to write, makes it survive a power cut about once a second, and looks again where there is trouble.

use super::{Ledger, desk::Standing};
use host_sdk::{StatusPatch, channel::Host};
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How much a power cut may take.
const SYNCED_EVERY: Duration = Duration::from_secs(1);
/// How often it is tried to write again.
const MENDED_EVERY: Duration = Duration::from_secs(10);

impl Ledger {
    /// Keeps the ledger on disk until `stop`; what was noted by then is written.
    pub(crate) async fn keep(self, host: Host, stop: CancellationToken) {
        let mut told = Standing::Disk;
        loop {
            let standing = self.desk().standing();
            tell(&host, &mut told, &standing);
            let troubled = matches!(standing, Standing::Troubled(_));
            tokio::select! {
                () = self.desk().called.notified() => self.in_background(&host, |ledger| ledger.desk().write()).await,
                () = sleep(SYNCED_EVERY), if self.is_unsynced() => {
                    self.in_background(&host, |ledger| ledger.desk().sync()).await;
                }
                () = sleep(MENDED_EVERY), if troubled => {
                    self.in_background(&host, |ledger| ledger.desk().mend()).await;
                }
                () = stop.cancelled() => break,
            }
        }
        self.in_background(&host, |ledger| {
            ledger.desk().write();
            ledger.desk().sync();
        })
        .await;
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
    let status = match standing {
        Standing::Troubled(why) => {
            tracing::error!("{why}");
            Some(why.clone())
        }
        Standing::Disk => {
            tracing::info!("what was said is on disk again");
            None
        }
        Standing::Memory => None,
    };
    host.status(StatusPatch::new().with("ledgerTrouble", status));
    told.clone_from(standing);
}
