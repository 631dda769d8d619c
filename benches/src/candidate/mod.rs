//! Those that are measured, each in a process of its own: what answers here is started by `benches candidate`.

mod bare;
mod plugin;
pub mod soak;
mod speech;

pub use bare::run as bare;
pub use plugin::{Accept, Load, run as plugin};
pub use speech::Manner;

use crate::{Error, memory};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, stdin};

/// Waits until whoever started this process lets go of it.
async fn dismissed() -> Result<(), Error> {
    let mut nothing = Vec::new();
    stdin().read_to_end(&mut nothing).await.map(drop).map_err(Error::system("read standard input"))
}

/// Says what memory is in use whenever it gets a line, until whoever started this process lets go of it.
async fn asked_and_dismissed() -> Result<(), Error> {
    let mut lines = BufReader::new(stdin()).lines();
    while lines.next_line().await.map_err(Error::system("read standard input"))?.is_some() {
        println!("{}", memory::in_use());
    }
    Ok(())
}
