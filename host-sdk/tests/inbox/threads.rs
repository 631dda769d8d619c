//! Many who offer, few who write.

use super::{Ear, SOON, message, offer, open, writers};
use host_sdk::{
    Accepted, InboundMessage,
    inbox::{Inbox, Listener, Settings, Waiting},
};
use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
};

#[test]
fn what_one_conversation_offers_waits_in_that_order_however_many_offer() {
    let (folder, writers) = (tempfile::tempdir().unwrap(), writers());
    let open = open(folder.path(), &writers);
    thread::scope(|scope| {
        for conversation in ["a", "b", "c", "d"] {
            let inbox = &open.inbox;
            scope.spawn(move || {
                let offers =
                    (0..200).map(|n| offer(inbox, message(&format!("{conversation}{n}"), conversation)));
                let answers: Vec<_> = offers.collect();
                assert!(answers.iter().all(|answer| answer.recv_timeout(SOON) == Ok(Accepted::New)));
            });
        }
    });
    let waiting: Vec<_> = open.waiting.iter().take(800).collect();
    for conversation in ["a", "b", "c", "d"] {
        let ids = waiting.iter().filter(|waiting| waiting.conversation == conversation);
        assert!(ids.map(|waiting| &*waiting.id).eq((0..200).map(|n| format!("{conversation}{n}"))));
    }
    assert_eq!(open.inbox.figures().unfinished, 800);
}

#[test]
fn the_content_is_read_when_its_turn_comes_and_is_gone_afterwards() {
    let (folder, writers) = (tempfile::tempdir().unwrap(), writers());
    let open = open(folder.path(), &writers);
    let content = InboundMessage { text: "hello".into(), ..message("1", "c") };
    offer(&open.inbox, content.clone()).recv_timeout(SOON).unwrap();
    let waiting = open.waiting.recv_timeout(SOON).unwrap();
    assert_eq!(open.inbox.read(&waiting).unwrap(), Some(content));
    open.inbox.finished(&waiting);
    // Whoever is answered after that was written after that.
    offer(&open.inbox, message("2", "c")).recv_timeout(SOON).unwrap();
    assert_eq!(open.inbox.read(&waiting).unwrap(), None);
}

/// Says that it was told, and waits for leave.
struct Slow(mpsc::Sender<()>, Mutex<mpsc::Receiver<()>>);

impl Listener for Slow {
    fn waiting(&self, _: Arc<Waiting>) {
        self.0.send(()).ok();
        self.1.lock().unwrap().recv().ok();
    }
}

#[test]
fn offering_does_not_block_while_nothing_is_written_and_what_gathers_is_bounded() {
    const ROOM: usize = 16_384;
    let (folder, writers) = (tempfile::tempdir().unwrap(), writers());
    let ((told, tell), (leave, wait)) = (mpsc::channel(), mpsc::channel());
    let listener = Slow(told, Mutex::new(wait));
    let file = folder.path().join("inbox.redb");
    let (inbox, _) = Inbox::open(file, Settings::default(), &writers, listener).unwrap();
    let first = offer(&inbox, message("first", "c"));
    tell.recv_timeout(SOON).unwrap();
    assert_eq!(first.recv_timeout(SOON), Ok(Accepted::New));

    let answers: Vec<_> = (0..=ROOM).map(|n| offer(&inbox, message(&n.to_string(), "c"))).collect();
    assert_eq!(answers[ROOM].recv_timeout(SOON), Ok(Accepted::Refused));
    assert!(answers[..ROOM].iter().all(|answer| answer.try_recv().is_err()), "nobody was answered early");
    drop(leave);
    assert_eq!(answers[0].recv_timeout(SOON), Ok(Accepted::New));
    assert!(answers[1..ROOM].iter().all(|answer| answer.recv_timeout(SOON).is_ok()), "each was answered");
    inbox.close().wait(SOON).unwrap();
}

#[test]
fn closing_writes_what_was_handed_in_and_gives_the_file_up() {
    let (folder, writers) = (tempfile::tempdir().unwrap(), writers());
    let first = open(folder.path(), &writers);
    let answers: Vec<_> = (0..100).map(|n| offer(&first.inbox, message(&n.to_string(), "c"))).collect();
    let closings = [first.inbox.close(), first.inbox.close()];
    assert_eq!(offer(&first.inbox, message("late", "c")).recv_timeout(SOON), Ok(Accepted::Refused));
    closings.into_iter().for_each(|closing| closing.wait(SOON).unwrap());
    assert!(answers.iter().all(|answer| answer.try_recv() == Ok(Accepted::New)));
    assert_eq!(open(folder.path(), &writers).left.len(), 100);
    first.inbox.close().wait(SOON).unwrap();
}

#[test]
fn an_open_inbox_cannot_be_opened_again() {
    let (folder, writers) = (tempfile::tempdir().unwrap(), writers());
    let _first = open(folder.path(), &writers);
    let file = folder.path().join("inbox.redb");
    let error = Inbox::open(file, Settings::default(), &writers, Ear(mpsc::channel().0)).unwrap_err();
    assert!(error.is_in_use(), "{error}");
}

/// Panics over some messages.
struct Touchy(mpsc::Sender<Arc<Waiting>>);

impl Listener for Touchy {
    fn answering(&self, message: &Arc<InboundMessage>, _: Accepted) {
        assert_ne!(message.id, "bad", "as told");
    }

    fn waiting(&self, message: Arc<Waiting>) {
        self.0.send(message).unwrap();
    }
}

#[test]
fn a_listener_that_panics_costs_nobody_their_answer() {
    let (folder, writers) = (tempfile::tempdir().unwrap(), writers());
    let (tell, waiting) = mpsc::channel();
    let file = folder.path().join("inbox.redb");
    let (inbox, _) = Inbox::open(file, Settings::default(), &writers, Touchy(tell)).unwrap();
    let answers = ["1", "bad", "2"].map(|id| offer(&inbox, message(id, "c")));
    assert!(answers.iter().all(|answer| answer.recv_timeout(SOON) == Ok(Accepted::New)));
    assert!(waiting.iter().take(3).map(|waiting| waiting.id.clone()).eq(["1", "bad", "2"]));
}

#[test]
fn an_inbox_that_is_dropped_unclosed_lets_go_of_its_file() {
    let (folder, writers) = (tempfile::tempdir().unwrap(), writers());
    let first = open(folder.path(), &writers);
    offer(&first.inbox, message("1", "c")).recv_timeout(SOON).unwrap();
    drop((first, writers)); // with the last of them, the threads have ended
    assert_eq!(open(folder.path(), &super::writers()).left.len(), 1);
}
