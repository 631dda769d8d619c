//! An account whose host is the test itself.

use host_mock::dingtalk::Settings;
use host_sdk::{
    Accepted, Action, ActionAnswer, Done, InboundMessage, Json, OpenContext, StatusPatch,
    host::{Channel, Events},
};
use serde_json::Value;
use tempfile::TempDir;
use tests::{Watched, plugin, section};
use tokio::sync::{mpsc, watch};

/// A host that answers when the test says so.
struct Hesitant {
    messages: mpsc::UnboundedSender<(InboundMessage, Done<Accepted>)>,
    actions: mpsc::UnboundedSender<(Action, Done<ActionAnswer>)>,
    status: watch::Sender<StatusPatch>,
}

impl Events for Hesitant {
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
        let _test_is_over = self.messages.send((message, answer));
    }

    fn action(&self, action: Action, answer: Done<ActionAnswer>) {
        let _test_is_over = self.actions.send((action, answer));
    }

    fn status(&self, patch: StatusPatch) {
        self.status.send_modify(|status| status.merge(patch));
    }
}

/// A running account whose host is the test.
pub(crate) struct Opened {
    pub(crate) channel: Channel,
    pub(crate) messages: mpsc::UnboundedReceiver<(InboundMessage, Done<Accepted>)>,
    pub(crate) actions: mpsc::UnboundedReceiver<(Action, Done<ActionAnswer>)>,
    pub(crate) status: watch::Receiver<StatusPatch>,
    _state: TempDir,
    pub(crate) dingtalk: Watched,
}

/// A running account with these options besides the usual ones.
pub(crate) async fn opened(options: Value) -> Opened {
    let dingtalk = Watched::start(Settings::default()).await;
    let mut config = section(&dingtalk);
    config.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    let state = tempfile::tempdir().unwrap();
    let directory = state.path().to_string_lossy().into_owned();
    let context = OpenContext {
        account: "default".into(),
        config: Json::new(&config),
        state_dir: directory.clone(),
        shared_state_dir: directory.clone(),
        home: directory,
        ..OpenContext::default()
    };
    let (to_test, messages) = mpsc::unbounded_channel();
    let (acted, actions) = mpsc::unbounded_channel();
    let (told, status) = watch::channel(StatusPatch::new());
    let host = Hesitant { messages: to_test, actions: acted, status: told };
    let plugin = tokio::task::spawn_blocking(plugin).await.unwrap();
    let channel = plugin.open(context, host).unwrap();
    channel.start().await.unwrap();
    dingtalk.connected().await;
    Opened { channel, messages, actions, status, _state: state, dingtalk }
}

impl Opened {
    /// Waits until the status says so.
    pub(crate) async fn until(&mut self, key: &str, value: Value) {
        self.status.wait_for(|status| status.get(key) == Some(&value)).await.unwrap();
    }
}
