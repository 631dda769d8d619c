//! An inbox that is full, or that somebody else has.

use super::*;

/// A host that answers nobody, with these caps, once all of these messages were offered.
async fn crowded(caps: Caps, messages: &[(&str, &str)]) -> (Stand, PuppetMaster, Vec<Accepted>) {
    let (agent, master) = Puppet::new();
    let state = tempfile::tempdir().unwrap();
    let mut options = options(json!({ "tiny": arriving(messages) }), &state).agent(agent);
    options.inbox.caps = caps;
    let host = Host::start(options).await.unwrap();
    let offered = |entries: &[Recorded]| {
        let answers = entries.iter().filter_map(|entry| match entry.event {
            Event::Offered { answer, .. } => Some(answer),
            _ => None,
        });
        Some(answers.collect::<Vec<_>>()).filter(|answers| answers.len() == messages.len())
    };
    let answers = host.wait_for("all messages offered", offered).await.unwrap();
    (Stand { host, state }, master, answers)
}

#[tokio::test]
async fn a_flooded_conversation_is_told_once_and_others_go_on() {
    let caps = Caps { conversation: 2, ..Caps::default() };
    let messages = [("1", "a"), ("2", "a"), ("3", "a"), ("4", "a"), ("5", "b")];
    let (stand, _master, answers) = crowded(caps, &messages).await;
    let (new, dropped) = (Accepted::New, Accepted::Dropped);
    assert_eq!(answers, [new, new, dropped, dropped, new]);
    let told = |status: &StatusPatch| status.get("notice").is_some();
    let status = stand.host.wait_status("default", told).await.unwrap();
    assert_eq!(status.get("notice"), Some(&"flooded/3: flooded".into()));
    assert_eq!(stand.host.inbox("default").unwrap().dropped, 2);
}

#[tokio::test]
async fn a_full_account_refuses() {
    let caps = Caps { account: 2, ..Caps::default() };
    let (_stand, _master, answers) = crowded(caps, &[("1", "a"), ("2", "b"), ("3", "c")]).await;
    assert_eq!(answers, [Accepted::New, Accepted::New, Accepted::Refused]);
}

/// An inbox of `tiny/default` that somebody else has, and what it takes to wait for it.
struct Occupied {
    opener: Opener,
    _state: TempDir,
}

impl Occupied {
    fn new() -> Self {
        let state = tempfile::tempdir().unwrap();
        let options = options(json!({}), &state);
        let opener = Opener {
            state: State::new(options.state_dir.clone()),
            options,
            writers: Writers::start(1).unwrap(),
            patience: Duration::ZERO,
            board: StatusBoard::default(),
            record: Record::new(),
            log: Log::new(None),
            accounts: Accounts::default(),
            jobs: mpsc::unbounded_channel().0,
        };
        Self { opener, _state: state }
    }

    /// Opens the inbox, if it can be had within `patience`.
    async fn open(&self, patience: Duration) -> Result<Inbox, String> {
        let opener = Opener { patience, ..self.opener.clone() };
        let opened = opener.inbox(&address(), &opener.postman(&address())).await.unwrap();
        opened.map(|(inbox, _)| inbox).map_err(|error| error.to_string())
    }

    fn last_error(&self) -> Option<String> {
        Some(self.opener.board.of(&address()).get("lastError")?.as_str()?.to_owned())
    }
}

fn address() -> Address {
    Address::new("tiny", "default")
}

#[tokio::test]
async fn a_successor_waits_for_the_inbox_and_its_status_says_so() {
    let occupied = Occupied::new();
    let predecessor = occupied.open(Duration::ZERO).await.unwrap();
    let mut board = occupied.opener.board.watch(&address());
    let (successor, ()) = tokio::join!(occupied.open(Duration::from_secs(20)), async {
        board.wait_for(|status| status.get("lastError").is_some()).await.unwrap();
        let told = occupied.last_error().unwrap();
        assert!(told.contains("default.redb is in use by another host"), "{told}");
        predecessor.close().await.unwrap();
    });
    successor.unwrap();
    assert_eq!(occupied.last_error(), None);
}

#[tokio::test]
async fn a_successor_gives_up_with_the_file_and_the_remedy() {
    let occupied = Occupied::new();
    let _predecessor = occupied.open(Duration::ZERO).await.unwrap();
    let error = occupied.open(Duration::from_millis(1)).await.unwrap_err();
    assert!(error.contains("default.redb") && error.contains("stop that one"), "{error}");
}
