//! The two configurations that every release accepts unchanged, as the guides have them: byte for byte, with nothing
//! else written. Only the environment says that the way to DingTalk leads to the fake one.

use crate::bots::{CREW, PATIENCE};
use host_mock::{
    dingtalk::{App, DingTalk, Settings},
    host::{ConfigSource, Options, PluginSource},
    proxy::Proxy,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{
    env, fs,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Output, Stdio},
};
use tests::{Discreet, Scenario, TlsFront, dingtalk as dingtalk_plugin, scenarios};

pub(crate) const ALL: &[Scenario] = scenarios![
    both_configurations_are_as_the_guides_have_them_to_the_byte,
    o1_to_o11_b1_b2_the_first_one_is_a_bot_that_answers_on_cards_in_private_and_in_groups,
    m2_m3_b1_the_second_one_is_two_bots_that_answer_each_in_its_way_in_private_and_in_groups,
];

/// What they have in place of credentials.
const FIRST_BOT: (&str, &str) = ("dingxxxxxx", "your-app-secret");
const TWO_BOTS: [(&str, &str); 2] =
    [("ding-main-app-key", "ding-main-app-secret"), ("ding-backup-app-key", "ding-backup-app-secret")];

const FIRST: &str = include_str!("../fixtures/config/single.json");
const SECOND: &str = include_str!("../fixtures/config/two-accounts.json");

async fn both_configurations_are_as_the_guides_have_them_to_the_byte() {
    for (text, sum) in [
        (FIRST, "3552c8ba0d09be2c6e2625992ece452c92026949c6fd33947be0c9dc3d208648"),
        (SECOND, "6aed619b51a8a4ee0d249e64669833017bc8e384a082d23c9c593c58cbd8cb79"),
    ] {
        let found: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, sum, "{text}");
    }
}

async fn o1_to_o11_b1_b2_the_first_one_is_a_bot_that_answers_on_cards_in_private_and_in_groups() {
    // It is a section; what stands around it is what a host's file has there.
    let file = format!("{{\"channels\": {{\"dingtalk\": {FIRST}}}}}");
    let guide = Guide::follow(&file, &[FIRST_BOT]).await;
    guide.answers("dingxxxxxx", Surface::Card).await;
    // What the guide has in place of credentials is pointed out, and taken all the same.
    let complaints = guide.end().await;
    assert!(complaints.iter().all(|line| line.contains("the placeholder of an example")), "{complaints:#?}");
}

async fn m2_m3_b1_the_second_one_is_two_bots_that_answer_each_in_its_way_in_private_and_in_groups() {
    let guide = Guide::follow(SECOND, &TWO_BOTS).await;
    guide.answers("ding-main-app-key", Surface::Card).await;
    guide.answers("ding-backup-app-key", Surface::Message).await;
    assert_eq!(guide.end().await, [""; 0]);
}

fn app((id, secret): (&str, &str)) -> App {
    App { client_secret: secret.into(), ..App::new(id) }
}

/// Where an answer is seen.
#[derive(Clone, Copy, PartialEq)]
enum Surface {
    Card,
    Message,
}

/// Somebody who follows a guide: DingTalk with their applications, and a host in a process of its own, whose
/// environment has a proxy that leads to the fake, and the authority that vouches for it.
struct Guide {
    dingtalk: DingTalk,
    host: Child,
    _front: TlsFront,
    _proxy: Proxy,
    _directory: tempfile::TempDir,
}

impl Guide {
    async fn follow(config: &str, apps: &[(&str, &str)]) -> Self {
        let apps = apps.iter().copied().map(app).collect();
        let settings = Settings { apps, patience: PATIENCE, ..Settings::default() };
        let dingtalk = DingTalk::start(settings).await.unwrap();
        dingtalk.is_reached_at("https://api.dingtalk.com");
        let front = TlsFront::called(&["api.dingtalk.com", "oapi.dingtalk.com"]).await;
        front.leads_to()(dingtalk.address());
        let proxy = Proxy::start().await.unwrap();
        proxy.leads_to(front.address());

        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("openclaw.json"), config).unwrap();
        let plugins = tokio::task::spawn_blocking(|| dingtalk_plugin().plugins_directory()).await.unwrap();
        let mut host = Command::new(env::current_exe().unwrap());
        for name in ["all_proxy", "http_proxy", "https_proxy", "no_proxy"] {
            host.env_remove(name).env_remove(name.to_uppercase());
        }
        host.env(DIRECTORY, directory.path())
            .env(PLUGINS, plugins)
            .env("HTTPS_PROXY", proxy.url())
            .env("SSL_CERT_FILE", front.authority_file())
            .env_remove("SSL_CERT_DIR");
        let host = host.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Self { dingtalk, host, _front: front, _proxy: proxy, _directory: directory }
    }

    /// A bot answers in private and in a group.
    async fn answers(&self, app: &str, surface: Surface) {
        for group in [None, Some(CREW)] {
            let mut payload = self.dingtalk.payload_to(app, "Lin", group);
            payload["text"] = json!({"content": "hello"});
            let conversation = payload["conversationId"].as_str().unwrap().to_owned();
            self.dingtalk.push(payload);
            let seen = self.dingtalk.wait_for(|view| {
                let own = view.cards().filter(|card| card.app == app && card.is_in(&conversation));
                let card = own.filter(|card| card.closed.is_some()).map(|card| card.text().to_owned()).next();
                let own = view.messages().filter(|it| it.app == app && it.conversation == conversation);
                let message = own.map(|message| message.text().to_owned()).next();
                let card = card.map(|text| (Surface::Card, text));
                card.or(message.map(|text| (Surface::Message, text)))
            });
            let (place, text) = seen.await;
            assert!(place == surface && text == "hello", "{app} in {group:?}: {text:?}");
        }
    }

    /// The host ends in order; what it had to say of the configuration.
    async fn end(self) -> Vec<String> {
        let Self { dingtalk, mut host, .. } = self;
        drop(host.stdin.take());
        let ended = tokio::task::spawn_blocking(|| host.wait_with_output()).await.unwrap().unwrap();
        let Output { status, stdout, stderr } = ended;
        let said = String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr);
        assert!(status.success(), "{said}");
        assert!(dingtalk.violations().is_empty(), "{:#?}", dingtalk.violations());
        said.lines().filter(|line| line.contains("channels.dingtalk")).map(str::to_owned).collect()
    }
}

/// Names the directory of a host that follows a guide.
const DIRECTORY: &str = "TEST_OPTIONS_GUIDE";
/// Names its plugins directory.
const PLUGINS: &str = "TEST_OPTIONS_PLUGINS";

/// Is the host of a guide, if the environment says so, until nobody speaks to it any more.
pub(crate) fn host_of_a_guide() -> Option<ExitCode> {
    let [directory, plugins] = [env::var_os(DIRECTORY)?, env::var_os(PLUGINS)?].map(PathBuf::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    Some(runtime.block_on(serve(&directory, plugins)))
}

async fn serve(directory: &Path, plugins: PathBuf) -> ExitCode {
    let config = ConfigSource::File(directory.join("openclaw.json"));
    let options = Options::new(config, PluginSource::Directory(plugins), directory.join("state"));
    let apps = [FIRST_BOT].into_iter().chain(TWO_BOTS).map(app).collect();
    let host = Discreet::start(options, apps).await.unwrap();
    tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
    host.log().iter().for_each(|line| println!("{line}"));
    match host.stop().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}
