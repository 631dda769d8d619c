//! For hosts: where accepted messages are kept until their turn has ended.
//!
//! An [`Inbox`] is one file per account, with a store inside of it that survives a crash at any point.
//! A message is answered `New` once it is on disk, and from then on it is handed over: through the
//! [`Listener`] while the process lives, and as what was left when a later process opens the file;
//! oldest first, until its turn has [ended](Inbox::finished). Then its content is removed, with the
//! reply handle, and its id is remembered for days, so that a late push of it is a `Duplicate`.
//!
//! - **Nothing blocks.** Offering puts a message on a desk; a few [`Writers`], shared by all accounts,
//!   write what has gathered there, with one `fdatasync` for all of it.
//! - **Durable** means that the `fdatasync` has returned, for what is accepted as for what is finished.
//!   There is no faster mode: whoever acknowledges a message must have it.
//! - **Bounded.** [`Caps`] limit what a sender, a conversation and the account may have unfinished; what
//!   waits to be written has limits of its own (16,384 messages, 32 MiB), over which a message is refused.
//! - **In memory** is of each unfinished message only what a [`Waiting`] has. The content is
//!   [read](Inbox::read) when its turn comes, so that a host that is far behind does not grow.
//! - **Private.** The file is readable by its owner alone. The bytes of a removed message leave it when
//!   the file is written anew: [`Settings::erase_within`] after the removal, and at every opening and
//!   closing. What the disk keeps of a file that was deleted is beyond it.
//! - **One owner.** A lock beside the file goes to one process; the next one is told
//!   [`InUse`](InboxError::InUse), and may try again for as long as the other may take to stop.
//! - **Damage** is set aside as `<name>.damaged` and reported, and the inbox goes on with what can be
//!   read. A file of an older format is brought to this one, one of a newer is refused and left alone.
//!
//! ```
//! use host_sdk::{*, inbox::{Inbox, Listener, Settings, Waiting, Writers}};
//! use std::{sync::{Arc, mpsc}, time::Duration};
//!
//! struct Queue(mpsc::Sender<Arc<Waiting>>);
//! impl Listener for Queue {
//!     fn waiting(&self, message: Arc<Waiting>) {
//!         self.0.send(message).ok(); // nobody there any more: the successor's
//!     }
//! }
//!
//! # fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("inbox/default.redb");
//! let writers = Writers::start(Writers::USUAL)?;
//! let (queue, turns) = mpsc::channel();
//! let (inbox, left) = Inbox::open(&file, Settings::default(), &writers, Queue(queue))?;
//! assert!(left.is_empty());
//!
//! let message = InboundMessage { id: "1".into(), text: "hello".into(), ..Default::default() };
//! inbox.offer(message, Done::new(|answer| assert_eq!(answer, Ok(Accepted::New))));
//! let waiting = turns.recv()?;
//! inbox.started(&waiting);
//! let message = inbox.read(&waiting)?;
//! assert_eq!(message.map(|message| message.text).as_deref(), Some("hello"));
//! inbox.finished(&waiting);
//! inbox.close().wait(Duration::from_secs(5))?;
//! # Ok(()) }
//! ```

mod book;
#[cfg(test)]
mod breaking;
mod clerk;
mod desk;
mod error;
mod listener;
#[cfg(test)]
mod model_tests;
mod place;
mod rota;
mod settings;
#[cfg(test)]
mod stand;
mod store;
mod waiting;
mod writers;

pub use clerk::Figures;
pub use desk::Inbox;
pub use error::InboxError;
pub use listener::Listener;
pub use settings::{Caps, Settings};
pub use waiting::Waiting;
pub use writers::Writers;
