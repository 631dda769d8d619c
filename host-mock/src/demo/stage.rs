//! Everything a demo needs: a fake DingTalk, a configuration that points at it, and a host.

use super::{Args, DemoError, friend::friend, interrupted};
use crate::{
    command::doctor::{Language, people_s},
    dingtalk::{App, DingTalk, Person, Settings},
    host::{ConfigSource, Examination, Host, LogSink, Options, PluginSource},
    private_file::write_private,
    simulator::{AllowedHosts, Simulator},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long an answer may take before it counts as missing.
const PATIENCE: Duration = Duration::from_secs(120);

/// The bot's name.
pub(super) const BOT: &str = "OpenClaw";
/// The group that everyone is in.
pub(super) const GROUP: &str = "Release crew";
/// Who writes, unless told otherwise.
pub(super) const PERSON: &str = "Lin";

/// A fake DingTalk and a host that is connected to it.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) dingtalk: Arc<DingTalk>,
    /// The page to watch it on.
    pub(super) simulator: Simulator,
    pub(super) host: Host,
    /// Removed when the stage is.
    _directory: TempDir,
}

impl Stage {
    /// Starts everything, tells stderr how far it is, and waits for the connection.
    pub(super) async fn open(args: &Args, log: LogSink) -> Result<Self, DemoError> {
        tokio::select! {
            stage = Self::build(args, log) => stage,
            () = interrupted() => Err(DemoError::Interrupted),
        }
    }

    async fn build(args: &Args, log: LogSink) -> Result<Self, DemoError> {
        let begun = Instant::now();
        let directory = tempfile::Builder::new().prefix("openclaw-demo-").tempdir();
        let directory = directory.map_err(DemoError::io("make a temporary directory"))?;
        let simulator = Simulator::start(settings(args), AllowedHosts::default()).await;
        let simulator = simulator.map_err(DemoError::io("open a port on 127.0.0.1"))?;
        let dingtalk = Arc::clone(simulator.dingtalk());
        eprintln!("fake DingTalk   {}, and a page to watch it there", dingtalk.base_url());
        let file = directory.path().join("openclaw.json");
        // It holds a secret, if only a made-up one.
        write_private(&file, &config(&dingtalk.base_url(), &dingtalk.app()))
            .map_err(DemoError::io("write the configuration"))?;
        let mut options = Options::new(
            ConfigSource::File(file),
            PluginSource::Directory(args.plugins.clone()),
            directory.path().join("state"),
        )
        .agent(friend(args.tokens_per_second, args.page));
        options.home = directory.path().join("home");
        options.patience = PATIENCE;
        options.log_sink = Some(log);
        let host = Host::start(options).await?;
        eprintln!("OpenClaw host   plugins from {}", args.plugins.display());
        for account in host.accounts() {
            host.wait_connected(&account.to_string()).await?;
            eprintln!("connected       {account}, after {:.1} s", begun.elapsed().as_secs_f64());
        }
        Ok(Self { dingtalk, simulator, host, _directory: directory })
    }

    /// What the doctor says of the bot, while it runs.
    pub(super) async fn doctor(&self) -> String {
        people_s(&Examination::of_running(&self.host).await, Language::or_environment(None))
    }

    /// Ends the host, then the fake, and removes what they wrote.
    pub(super) async fn close(self) -> Result<(), DemoError> {
        let stopped = self.host.stop().await;
        drop(self.simulator);
        if let Some(dingtalk) = Arc::into_inner(self.dingtalk) {
            dingtalk.shutdown().await;
        }
        Ok(stopped?)
    }
}

fn settings(args: &Args) -> Settings {
    let mut settings = Settings {
        apps: vec![App { name: BOT.into(), ..App::default() }],
        people: vec![Person::new("user0001", PERSON), Person::new("user0002", "Mo")],
        ..Settings::default()
    };
    settings.seed = args.seed.unwrap_or(settings.seed);
    settings
}

/// What an operator would write, for this fake DingTalk.
fn config(base_url: &str, app: &App) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let (id, secret, url) = (text(&app.client_id), text(&app.client_secret), text(base_url));
    format!(
        "{{\n\
         \x20 channels: {{\n\
         \x20   dingtalk: {{\n\
         \x20     enabled: true,\n\
         \x20     // What stands here holds for every account that does not say otherwise.\n\
         \x20     enableAICard: true,\n\
         \x20     // The fake DingTalk; without this line it is the real one.\n\
         \x20     endpoints: {{ api: {url}, oapi: {url} }},\n\
         \x20     accounts: {{\n\
         \x20       default: {{\n\
         \x20         name: \"Demo bot\",\n\
         \x20         clientId: {id},\n\
         \x20         clientSecret: {secret},\n\
         \x20       }},\n\
         \x20     }},\n\
         \x20   }},\n\
         \x20 }},\n\
         }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Config;
    use std::path::Path;

    #[test]
    fn the_configuration_is_one_that_the_host_reads() {
        let app = App { client_secret: "quote\"d".into(), ..App::default() };
        let text = config("http://127.0.0.1:1", &app);
        let config = Config::from_text(Path::new("openclaw.json"), &text, &|_| None).unwrap();
        let section: serde_json::Value = config.channel("dingtalk").unwrap().raw.parse().unwrap();
        assert_eq!(section["endpoints"]["oapi"], "http://127.0.0.1:1");
        assert_eq!(section["accounts"]["default"]["clientSecret"], "quote\"d");
    }
}
