//! `run`: a host with the real DingTalk, or with whatever the configuration names.

mod metrics;
mod mind;

use super::{
    Exit, Failure,
    place::{Found, Places, home},
    signals::Ending,
    tell::say,
};
use crate::{
    control::Control,
    host::{ConfigSource, Host, LogEntry, Options, PluginSource},
};
use host_sdk::host::private_directory;
use std::{net::SocketAddr, path::PathBuf, sync::Arc};

const EXAMPLES: &str = "\
Examples:
  host-mock run
      connect the bots of ~/.openclaw/openclaw.json, and echo what people write
  host-mock run --plugins target/dist --model https://api.example.com/v1 --model-name small
      let a model answer; its key comes from OPENAI_API_KEY
  host-mock run --script answers.json5 --metrics 127.0.0.1:9464
      give written answers, and serve /metrics for Prometheus

While it runs, `host-mock message send` and `host-mock channels status` speak to it. Ctrl-C ends it in order.";

/// Runs a host: connects the bots of a configuration, and answers who writes to them.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    places: Places,
    #[command(flatten)]
    mind: mind::Mind,
    /// A directory that files may be sent from; may be given several times.
    #[arg(long, value_name = "DIR")]
    media_root: Vec<PathBuf>,
    /// Serves /metrics there for Prometheus.
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics: Option<SocketAddr>,
    /// Which lines are logged, as in info,openclaw_dingtalk=debug.
    #[arg(long, value_name = "FILTER", default_value = "info")]
    log: String,
}

/// Runs the host until somebody wants it to end.
///
/// # Errors
/// When it cannot start, or does not stop in order.
pub async fn run(args: &Args) -> Result<(), Failure> {
    let mut ending = Ending::listen();
    let places = args.places.found()?;
    let state = places.state.clone();
    private_directory(&state).map_err(|error| unusable(&state, &error))?;
    // A port that is taken is found before anything connects.
    let metrics = match args.metrics {
        Some(address) => Some(metrics::Listening::at(address).await?),
        None => None,
    };
    let options = args.options(places)?;
    let starting = Host::start(options);
    let host = tokio::select! {
        host = starting => Arc::new(host?),
        () = ending.asked() => return Err(Failure::new(Exit::Interrupted, "interrupted")),
    };
    let control = Control::open(&state, host.clone()).await;
    let control = control.map_err(|error| Failure::system("offer the host to other commands", &error))?;
    let metrics = metrics.map(|listening| listening.serve(&host));
    for account in host.accounts() {
        say(format_args!("running {account}"));
    }
    say("ready; Ctrl-C ends it");
    ending.asked().await;
    say("stopping: answers that are complete are still delivered; Ctrl-C again ends it at once");
    let stopping = async {
        control.close().await;
        if let Some(metrics) = metrics {
            metrics.close().await;
        }
        match Arc::into_inner(host) {
            Some(host) => host.stop().await,
            // Nobody else has it; dropping it ends it all the same.
            None => Ok(()),
        }
    };
    tokio::select! {
        stopped = stopping => stopped?,
        () = ending.asked() => return Err(Failure::new(Exit::Interrupted, "ended at once")),
    }
    say("goodbye");
    Ok(())
}

impl Args {
    fn options(&self, places: Found) -> Result<Options, Failure> {
        let (config, plugins) = (ConfigSource::File(places.config), PluginSource::Directory(places.plugins));
        let mut options = Options::new(config, plugins, places.state);
        options.agent = self.mind.agent()?;
        options.home = home().unwrap_or(options.home);
        options.media_roots.clone_from(&self.media_root);
        options.log_filter.clone_from(&self.log);
        options.log_sink = Some(Arc::new(|entry: &LogEntry| say(entry)));
        Ok(options)
    }
}

fn unusable(state: &std::path::Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Wrong, format!("{} cannot be the state directory: {error}", state.display()))
}
