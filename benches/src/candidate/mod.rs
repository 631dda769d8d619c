//! Those that are measured, each in a process of its own: what answers here is started by `benches candidate`.

mod bare;
mod plugin;
pub mod soak;
mod speech;

pub use bare::run as bare;
pub use plugin::{Accept, Load, run as plugin};
pub use speech::Manner;

use crate::Error;
use tokio::io::{AsyncReadExt, stdin};

/// Waits until whoever started this process lets go of it.
async fn dismissed() -> Result<(), Error> {
    let mut nothing = Vec::new();
    stdin().read_to_end(&mut nothing).await.map(drop).map_err(Error::system("read standard input"))
}
