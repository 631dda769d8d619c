//! A bot that a person sets up with OpenClaw's and our own commands, and changes while it runs.

use crate::{
    claim::{Found, Stage, claims},
    home::{NO_OPTION, Said, provided},
    lack::{self, Lack},
    onboarding::who_is_new_to_openclaw_finds_the_channel_and_is_led_to_a_bot,
    reload::{
        a_live_option_holds_on_the_connection_that_there_is,
        a_secret_may_lie_wherever_openclaw_keeps_secrets,
        what_needs_another_connection_gets_it_before_the_old_one_goes,
    },
    scanning::{
        prometheus_reads_what_was_counted_with_the_gateways_token,
        who_scans_a_code_gets_another_bot_that_connects,
    },
    terminal::{DOWN, ENTER, Terminal},
    world::World,
};
use host_mock::{
    dingtalk::{App, View},
    host::{ConfigSource, Host, Options, PluginSource},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs};

pub(crate) const STAGE: Stage = Stage {
    name: "setup",
    begin: || Box::pin(begin()),
    claims: claims![
        who_was_heard_of_is_in_the_directory_by_name,
        prometheus_reads_what_was_counted_with_the_gateways_token,
        a_live_option_holds_on_the_connection_that_there_is,
        what_needs_another_connection_gets_it_before_the_old_one_goes,
        who_logs_out_is_gone_and_who_logs_in_is_back,
        a_second_account_comes_from_the_environment_and_leaves_the_first_as_it_is,
        an_account_is_removed_and_the_others_stay,
        a_person_adds_an_account_at_a_terminal,
        who_is_new_to_openclaw_finds_the_channel_and_is_led_to_a_bot,
        a_secret_may_lie_wherever_openclaw_keeps_secrets,
        a_hosted_gateway_with_the_same_client_id_takes_some_of_the_messages,
        who_scans_a_code_gets_another_bot_that_connects,
        what_is_mistaken_is_told_by_doctor_and_audit,
    ],
};

/// Another application, which is added in one way after the other.
pub(crate) const SECOND: &str = "dingsecondapp";

/// Credentials are looked at as they are entered, and tried; the wizard writes them, and the bot answers.
async fn begin() -> World {
    let mut world = World::with_apps(vec![App::default(), App::new(SECOND)]).await;
    world.home.has_plugin().await;
    let endpoints = world.endpoints();
    world.home.edits(|config| {
        let section = &mut config["channels"]["dingtalk"];
        section["endpoints"] = endpoints;
        // As it comes: what is written, a second account has to leave where it stands.
        section["groupPolicy"] = json!("open");
    });
    let App { client_id, client_secret, .. } = world.dingtalk.app();
    let second = world.secret_of(SECOND);
    let variables = [
        ("DINGTALK_CLIENT_ID", SECOND),
        ("DINGTALK_CLIENT_SECRET", &second),
        ("MAIN_SECRET", &client_secret),
    ];
    let variables = variables.map(|(name, value)| format!("{name}={value}\n")).concat();
    fs::write(world.home.state().join(".env"), variables).unwrap();

    // A secret in place of the Client ID is not taken; nor is one with white space, which is asked for again. The
    // third way is that there is an application.
    let add = ["channels", "add", "--channel", "dingtalk"];
    let add = [&add[..], &["--client-id", &client_secret, "--client-secret", &client_id]].concat();
    let typed = format!("3\n{client_id}\nwith a space\n{client_secret}\n");
    let (exchanged, abandoned) =
        tokio::join!(world.home.tries(&add), world.home.answers(&["china", "setup"], "3\n"));
    let is_refused = ["look exchanged", NO_OPTION].iter().any(|text| exchanged.on_one_line().contains(text));
    assert!(!exchanged.succeeded() && is_refused, "{exchanged}");
    assert!(!abandoned.succeeded() && abandoned.everything().contains("Client ID"), "{abandoned}");
    assert_eq!(world.home.section()["clientId"], Value::Null, "nothing is written of either");

    let said = world.home.answers(&["dingtalk", "setup"], &typed).await;
    assert!(said.succeeded() && said.on_one_line().contains("white space"), "{said}");
    assert!(!said.everything().contains(&client_secret), "a secret is not repeated");
    let section = world.home.section();
    assert_eq!((&section["clientId"], &section["enabled"]), (&json!(client_id), &json!(true)), "{section:#}");

    world.starts().await;
    world.dingtalk.connected().await;
    let asked = world.dingtalk.says("An", "#say set up");
    assert_eq!(world.answer_to(&asked).await.text(), "set up");
    world
}

async fn who_was_heard_of_is_in_the_directory_by_name(world: &mut World) {
    let group = world.dingtalk.says_in_group("Release crew", "Lin", "#say in the group");
    world.answer_to(&group).await;
    let list = |what: &'static str, query: &'static str| {
        ["directory", what, "list", "--channel", "dingtalk", "--query", query, "--json"]
    };
    // It is written down within seconds, and commands are processes of their own.
    let (groups, people) = (list("groups", "crew"), list("peers", "lin"));
    let (groups, people) =
        tokio::join!(world.home.runs_until(&groups, "cid"), world.home.runs_until(&people, "user0001"));
    assert!(groups.stdout().contains("Release crew"), "{groups}");
    assert!(people.stdout().contains("user0001") && !people.stdout().contains("staff0"), "{people}");
}

async fn who_logs_out_is_gone_and_who_logs_in_is_back(world: &mut World) {
    let written = world.home.section();
    let out = world.home.runs(&["channels", "logout", "--channel", "dingtalk"]).await;
    assert!(says(&out, "Cleared saved auth for dingtalk/default"), "{out}");
    world.dingtalk.disconnected().await;
    let mut without = written.clone();
    for credential in ["clientId", "clientSecret"] {
        without.as_object_mut().unwrap().remove(credential);
    }
    assert_eq!(world.home.section(), without, "all else stays");

    let App { client_id, client_secret, .. } = world.dingtalk.app();
    let before = world.dingtalk.look(|view| view.connections().count());
    let mut login = Terminal::runs(&world.home, &["channels", "login", "--channel", "dingtalk"]);
    let nobody = ["channels", "logout", "--channel", "dingtalk", "--account", "nobody"];
    let asked = login.shows("How do you want to connect");
    let (nobody, ()) = tokio::join!(world.home.runs(&nobody), asked);
    assert!(says(&nobody, "No saved auth was cleared"), "{nobody}");
    assert_eq!(world.home.section(), without, "an account that is not there is not written");
    login.types(&format!("3{ENTER}"));
    login.answers("Client ID (AppKey)", &format!("{client_id}{ENTER}")).await;
    login.answers("Client Secret (AppSecret)", &format!("{client_secret}{ENTER}")).await;
    let said = login.ends().await;
    assert!(said.contains("The bot works") && !said.contains(&client_secret), "{said}");
    assert_eq!(world.home.section(), written);
    world.dingtalk.connected_times(before + 1).await;
    let asked = world.dingtalk.says("Bo", "#say back again");
    assert_eq!(world.answer_to(&asked).await.text(), "back again");
}

/// Whether it says that; older releases end such a command without a word.
fn says(said: &Said, words: &str) -> bool {
    said.everything().contains(words) || lack::is_possible()
}

async fn a_second_account_comes_from_the_environment_and_leaves_the_first_as_it_is(
    world: &mut World,
) -> Found {
    let written = world.home.section();
    let add = ["channels", "add", "--channel", "dingtalk", "--account", "second", "--use-env"];
    let said = world.home.runs(&add).await;

    let mut section = world.home.section();
    let own = section["accounts"]["second"].take();
    assert_eq!(own["clientId"], "${DINGTALK_CLIENT_ID}", "{said}\n{own:#}");
    assert_eq!(own["clientSecret"], "${DINGTALK_CLIENT_SECRET}");
    connects(world, SECOND).await;
    let moved = section["accounts"]["default"].take();
    section.as_object_mut().unwrap().remove("accounts");
    if moved == json!({"groupPolicy": "open"}) {
        return Err(Lack::SharedOptions);
    }
    assert_eq!(section, written, "what both take stays where both take it from");
    Ok(())
}

async fn an_account_is_removed_and_the_others_stay(world: &mut World) {
    let mut section = world.home.section();
    let accounts = section["accounts"].as_object_mut().unwrap();
    accounts.remove("second");
    if accounts.is_empty() {
        section.as_object_mut().unwrap().remove("accounts");
    }
    let remove = ["channels", "remove", "--channel", "dingtalk", "--account", "second", "--delete"];
    let said = world.home.runs(&remove).await;
    assert_eq!(world.home.section(), section, "{said}");
    disconnects(world, SECOND).await;
    let asked = world.dingtalk.says("Chen", "#say still here");
    assert_eq!(world.answer_to(&asked).await.text(), "still here");
}

async fn a_person_adds_an_account_at_a_terminal(world: &mut World) -> Found {
    let secret = world.secret_of(SECOND);
    let mut add = Terminal::runs(&world.home, &["channels", "add", "--channel", "dingtalk"]);
    // It is configured, and what is modified is another account of it. Older releases do not ask.
    if add.shows_one_of(&["already configured", "--client-id"]).await == "--client-id" {
        return Err(Lack::AddQuestions);
    }
    add.types(ENTER);
    add.answers("Which account?", &format!("{DOWN}{ENTER}")).await;
    add.answers("Id of the new account", &format!("typed{ENTER}")).await;
    add.answers("How do you want to connect", &format!("{DOWN}{DOWN}{ENTER}")).await;
    add.answers("Client ID (AppKey)", &format!("{SECOND}{ENTER}")).await;
    add.answers("Client Secret (AppSecret)", &format!("{secret}{ENTER}")).await;
    // What OpenClaw asks besides, and what is left as it is by a person who only wants the bot.
    add.answers("Configure DM access policies", ENTER).await;
    add.answers("Set up administration", ENTER).await;
    let said = add.ends().await;

    assert!(said.contains("The bot works") && !said.contains(&secret), "{said}");
    let own = json!({"enabled": true, "clientId": SECOND, "clientSecret": secret});
    assert_eq!(world.home.section()["accounts"], json!({"typed": own}));
    connects(world, SECOND).await;
    world.home.edits(|config| {
        config["channels"]["dingtalk"].as_object_mut().unwrap().remove("accounts");
    });
    disconnects(world, SECOND).await;
    Ok(())
}

/// Waits until an application has a connection.
async fn connects(world: &World, client_id: &str) {
    let live = |view: View<'_>| view.live_connections().any(|it| it.app == client_id).then_some(());
    world.dingtalk.wait_for(live).await;
}

/// Waits until it has none any more.
async fn disconnects(world: &World, client_id: &str) {
    let gone = |view: View<'_>| view.live_connections().all(|it| it.app != client_id).then_some(());
    world.dingtalk.wait_for(gone).await;
}

/// What the next claim has the doctor say: each message is given to one of the two, and nobody can tell to which. The
/// hosted one repeats what it is told.
async fn a_hosted_gateway_with_the_same_client_id_takes_some_of_the_messages(world: &mut World) {
    let before = world.dingtalk.look(|view| view.connections().count());
    let state = tempfile::tempdir().unwrap();
    let plugins = provided("OPENCLAW_E2E_PLUGIN").parent().unwrap().to_owned();
    let section = json!({"channels": {"dingtalk": world.credentials()}});
    let options = Options::new(ConfigSource::Value(section), PluginSource::Directory(plugins), state.path());
    let hosted = Host::start(options).await.unwrap();
    world.dingtalk.connected_times(before + 1).await;

    let mut answers = BTreeSet::new();
    for person in 0..40 {
        let asked = world.dingtalk.says(&format!("Person {person}"), "#say by the model");
        answers.insert(world.answer_to(&asked).await.text().to_owned());
        if answers.len() == 2 {
            break;
        }
    }
    hosted.stop().await.unwrap();
    assert_eq!(answers, ["#say by the model", "by the model"].map(str::to_owned).into());
}

async fn what_is_mistaken_is_told_by_doctor_and_audit(world: &mut World) {
    world.home.edits(|config| {
        config["channels"]["dingtalk"]["mediaMaxMb"] = json!(5);
        config["session"]["dmScope"] = json!("main");
    });

    let (doctor, audit) = tokio::join!(
        world.home.runs(&["doctor", "--non-interactive"]),
        world.home.runs(&["security", "audit", "--json"])
    );
    let doctor = doctor.on_one_line();
    for told in ["mediaMaxMb", "maxFileSizeMB"] {
        assert!(doctor.contains(told), "{told} is not in {doctor}");
    }
    for told in ["session.dmScope per-channel-peer", "one gateway for each"] {
        assert_eq!(doctor.matches(told).count(), 1, "{told} is to be said once in {doctor}");
    }
    assert!(!doctor.contains("all DMs will be dropped"), "`open` alone means everyone: {doctor}");
    // Older releases have names of their own for what a channel warns of, and a word for each account.
    let (told, times) = if lack::is_possible() {
        (["session.dmScope per-channel-peer", "one gateway for each"], 1..=2)
    } else {
        (["channels.dingtalk.dm.shared_session", "channels.dingtalk.one_gateway"], 1..=1)
    };
    for told in told {
        let found = audit.stdout().matches(told).count();
        assert!(times.contains(&found), "{told} is to be said once in {audit}");
    }
}
