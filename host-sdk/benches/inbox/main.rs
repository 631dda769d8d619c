//! What it costs to have a message on disk before it is answered, each time beside a plain file to
//! which the same bytes are appended with an `fdatasync`.
#![allow(missing_docs, reason = "a bench")]
#![allow(clippy::unwrap_used, reason = "a bench may")]

use host_sdk::{
    Accepted, Conversation, Done, Handle, InboundMessage, Sender,
    inbox::{Caps, Inbox, Listener, Settings, Waiting, Writers},
};
use std::{
    fs::File,
    io::Write,
    sync::{Arc, mpsc},
    time::Duration,
};
use tempfile::TempDir;

/// Longer than anything takes that works.
const SOON: Duration = Duration::from_secs(60);
const BURST: usize = 5_000;

fn main() {
    divan::main();
}

struct Ear(mpsc::Sender<Arc<Waiting>>);

impl Listener for Ear {
    fn waiting(&self, message: Arc<Waiting>) {
        self.0.send(message).ok(); // most benches do not listen
    }
}

/// An inbox on the disk that is built on.
struct Open {
    inbox: Inbox,
    waiting: mpsc::Receiver<Arc<Waiting>>,
    _folder: Arc<TempDir>,
}

impl Open {
    fn new() -> Self {
        Self::at(Arc::new(folder()))
    }

    fn at(folder: Arc<TempDir>) -> Self {
        let caps = Caps { sender: 1_000_000, conversation: 1_000_000, account: 1_000_000 };
        let settings = Settings { caps, ..Settings::default() };
        let writers = Writers::start(Writers::USUAL).unwrap();
        let (tell, waiting) = mpsc::channel();
        let file = folder.path().join("inbox.redb");
        let (inbox, _) = Inbox::open(file, settings, &writers, Ear(tell)).unwrap();
        Self { inbox, waiting, _folder: folder }
    }

    /// Offers them all, and waits until all are answered.
    fn accept(&self, messages: Vec<InboundMessage>) {
        let (count, (tell, told)) = (messages.len(), mpsc::channel());
        for message in messages {
            let tell = tell.clone();
            self.inbox.offer(message, Done::new(move |answer| tell.send(answer).unwrap()));
        }
        for _ in 0..count {
            assert_eq!(told.recv_timeout(SOON).unwrap(), Ok(Accepted::New));
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.inbox.close().wait(SOON).unwrap();
    }
}

fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// A message as DingTalk's usually are, about 1 KiB, from one of 500 conversations.
fn message(number: usize) -> InboundMessage {
    InboundMessage {
        id: format!("msg{number:016}"),
        conversation: Conversation { id: format!("cid{:04}", number % 500), ..Default::default() },
        sender: Sender { id: format!("user{:04}", number % 500), name: "Lin".into(), ..Default::default() },
        text: "x".repeat(300),
        reply: Handle::new("https://oapi.example/robot/sendBySession?session=".repeat(4)),
        ..Default::default()
    }
}

fn plain(file: &mut File, message: &InboundMessage) {
    file.write_all(&serde_json::to_vec(message).unwrap()).unwrap();
    file.sync_data().unwrap();
}

/// One message, from the offer to the answer.
#[divan::bench_group(name = "accept", sample_count = 2_000, sample_size = 1)]
mod accept {
    use super::{File, Open, folder, message, plain};
    use divan::Bencher;

    #[divan::bench]
    fn inbox(bencher: Bencher<'_, '_>) {
        let (open, mut number) = (Open::new(), 0);
        let next = || {
            number += 1;
            vec![message(number)]
        };
        bencher.with_inputs(next).bench_local_values(|messages| open.accept(messages));
    }

    #[divan::bench]
    fn plain_file(bencher: Bencher<'_, '_>) {
        let (folder, mut number) = (folder(), 0);
        let mut file = File::create(folder.path().join("plain")).unwrap();
        let next = || {
            number += 1;
            message(number)
        };
        bencher.with_inputs(next).bench_local_values(|message| plain(&mut file, &message));
    }
}

/// Five thousand messages at once, until the last is answered.
#[divan::bench_group(name = "burst_of_5000", sample_count = 10, sample_size = 1)]
mod burst {
    use super::{BURST, File, Open, folder, message, plain};
    use divan::{Bencher, counter::ItemsCount};

    #[divan::bench]
    fn inbox(bencher: Bencher<'_, '_>) {
        let bencher = bencher.counter(ItemsCount::new(BURST));
        let fresh = || (Open::new(), (0..BURST).map(message).collect());
        bencher.with_inputs(fresh).bench_local_values(|(open, messages)| {
            open.accept(messages);
            open // so that it is closed later
        });
    }

    #[divan::bench(sample_count = 3)]
    fn plain_file(bencher: Bencher<'_, '_>) {
        let bencher = bencher.counter(ItemsCount::new(BURST));
        let fresh = || (folder(), (0..BURST).map(message).collect::<Vec<_>>());
        bencher.with_inputs(fresh).bench_local_values(|(folder, messages)| {
            let mut file = File::create(folder.path().join("plain")).unwrap();
            messages.iter().for_each(|message| plain(&mut file, message));
            folder
        });
    }
}

/// Opening a file with as many remembered ids as there may be: all of it is checked, and written anew.
#[divan::bench_group(name = "open_with_20000_ids", sample_count = 30, sample_size = 1)]
mod open {
    use super::{Arc, BURST, Open, folder, message};
    use divan::Bencher;

    #[divan::bench]
    fn inbox(bencher: Bencher<'_, '_>) {
        let folder = Arc::new(folder());
        let open = Open::at(folder.clone());
        for batch in 0..4 {
            open.accept((batch * BURST..(batch + 1) * BURST).map(message).collect());
            open.waiting.iter().take(BURST).for_each(|waiting| open.inbox.finished(&waiting));
        }
        drop(open);
        // Each is closed after its sample.
        bencher.bench_local(|| Open::at(folder.clone()));
    }
}
