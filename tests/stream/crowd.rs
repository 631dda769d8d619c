//! Many accounts in one process, all of whose connections end at the same moment.

use host_mock::{
    dingtalk::{App, Endpoint, Settings},
    host::{ConfigSource, Echo, Options, PluginSource},
};
use serde_json::{Map, json};
use std::time::Duration;
use tests::Watched;

const ACCOUNTS: usize = 200;
/// DingTalk never sees more `connections/open` of one process within a second. By the plugin's rule, which a
/// test of its own claims, it is ten at once and twenty a second; a busy machine bunches up what came apart.
const OPENS_A_SECOND: usize = ACCOUNTS / 2;
/// The accounts take ten seconds to come, on a machine that has nothing else to do.
const PATIENCE: Duration = Duration::from_secs(300);

/// The most calls that arrived within any second.
fn most_within_a_second(arrived: &[Duration]) -> usize {
    let within = |from: &Duration| {
        arrived.iter().filter(|at| *at >= from && **at < *from + Duration::from_secs(1)).count()
    };
    arrived.iter().map(within).max().unwrap_or_default()
}

#[tokio::test]
async fn two_hundred_accounts_that_are_dropped_at_once_are_all_back_without_a_storm() {
    let apps = (0..ACCOUNTS).map(|number| App::new(&format!("app{number}"))).collect();
    let dingtalk = Watched::start(Settings { apps, patience: PATIENCE, ..Settings::default() }).await;
    let accounts: Map<_, _> = dingtalk
        .apps()
        .into_iter()
        .enumerate()
        .map(|(number, app)| {
            let credentials = json!({"clientId": app.client_id, "clientSecret": app.client_secret});
            (format!("account{number}"), credentials)
        })
        .collect();
    let base = dingtalk.base_url();
    let section = json!({"endpoints": {"api": base, "oapi": base}, "accounts": accounts});
    let plugin = tokio::task::spawn_blocking(tests::plugin).await.unwrap();
    let state = tempfile::tempdir().unwrap();
    let config = ConfigSource::Value(json!({"channels": {"dingtalk": section}}));
    let options = Options::new(config, PluginSource::Loaded(vec![plugin]), state.path()).agent(Echo);
    let host = tests::Discreet::start(options, dingtalk.apps()).await.unwrap();
    let all_connected =
        || dingtalk.wait_for(|view| (view.live_connections().count() == ACCOUNTS).then_some(()));
    all_connected().await;

    let dropped = dingtalk.now();
    assert_eq!(dingtalk.connections().reset(), ACCOUNTS);
    let gone = |view: host_mock::dingtalk::View<'_>| {
        let since = view.connections().filter(|it| it.closed.is_some()).count();
        (since == ACCOUNTS).then_some(())
    };
    dingtalk.wait_for(gone).await;
    all_connected().await;

    let opens: Vec<_> = dingtalk.look(|view| {
        let calls = view.calls_to(Endpoint::OpenConnection).map(|call| call.arrived.at);
        calls.filter(|at| *at >= dropped).collect()
    });
    let (most, took) = (most_within_a_second(&opens), dingtalk.now() - dropped);
    println!("{} accounts back after {took:?}; at most {most} opens within a second", ACCOUNTS);
    assert!(opens.len() <= ACCOUNTS + ACCOUNTS / 10, "{} attempts: each needs one", opens.len());
    assert!(most <= OPENS_A_SECOND, "{most} opens within a second");
    host.stop().await.unwrap();
}
