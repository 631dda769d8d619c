//! What a person does wrong gets one clear error, and its exit code.

use crate::program::Home;

fn dingtalk_plugins() -> &'static str {
    tests::dingtalk().plugins_directory().to_str().unwrap()
}

/// A configuration with credentials of nobody's.
const CONFIG: &str = "{ channels: { dingtalk: { clientId: 'dingfake', clientSecret: 'fake', \
                      endpoints: { api: 'http://127.0.0.1:9', oapi: 'http://127.0.0.1:9' } } } }";

#[test]
fn a_word_that_is_no_command_is_named() {
    let home = Home::new();
    home.run(&["dmeo"]).is_one_error(2, &["dmeo", "demo"]);
    home.run(&["run", "--plugin", "x"]).is_one_error(2, &["--plugin", "--plugins"]);
}

#[test]
fn a_fault_that_nobody_knows_is_told_beside_those_that_there_are() {
    let home = Home::new();
    for command in [&["gateway", "--port", "0"][..], &["chaos"]] {
        home.run(&[command, &["--fault", "earthquake"]].concat())
            .is_one_error(2, &["earthquake", "lost-answer"]);
        home.run(&[command, &["--fault", "f3-rest"]].concat()).is_one_error(2, &["did you mean `f3-reset`?"]);
        home.run(&[command, &["--fault", "latency=x"]].concat()).is_one_error(2, &["latency=x", "no number"]);
    }
}

#[test]
fn a_scenario_that_is_damaged_or_not_there_and_a_port_that_is_taken_are_told_each_in_a_sentence() {
    let home = Home::new();
    let damaged = home.write("chat.json", "{\"format\": 1,\n\"steps\": [");
    let gateway = |more: &[&str]| home.run(&[&["gateway", "--port", "0"], more].concat());
    gateway(&["--scenario", damaged.to_str().unwrap()])
        .is_one_error(2, &["chat.json is no scenario", "line 2"]);
    gateway(&["--scenario", "nowhere.json"]).is_one_error(2, &["nowhere.json"]);
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    home.run(&["gateway", "--port", &port]).is_one_error(2, &[&port, "is taken", "--port"]);
}

#[test]
fn the_faults_that_there_are_are_listed_with_their_words() {
    let home = Home::new();
    let list = home.run(&["gateway", "--faults"]).stdout;
    assert!(list.contains("f3-reset ") && list.contains("F3 TCP reset · F3 TCP 重置"), "{list}");
    let faults = home.run(&["gateway", "--faults", "--json"]).stdout;
    let faults: Vec<serde_json::Value> = serde_json::from_str(&faults).unwrap();
    assert_eq!(faults.len(), list.lines().count());
    assert_eq!(faults[0]["name"], "f1-disconnect");
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    let home = Home::new();
    let said = home.run(&["run"]);
    said.is_one_error(2, &["openclaw.json cannot be read"]);
    home.run(&["config", "check"]).is_one_error(2, &["openclaw.json cannot be read"]);
}

#[test]
fn a_damaged_configuration_is_told_with_its_place_and_without_its_content() {
    let home = Home::new();
    home.write("openclaw.json", "{\n  channels: { dingtalk: { clientSecret: 's3cret' oops\n");
    for words in [&["run"][..], &["config", "check"]] {
        let ended = home.run(words);
        ended.is_one_error(2, &["line 2", "JSON5"]);
        assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);
    }
}

#[test]
fn a_damaged_script_is_told_with_its_place() {
    let home = Home::new();
    home.write("openclaw.json", CONFIG);
    let script = home.write("answers.json5", "[[{say: 'a'}, {sey: 'b'}]]");
    let ended = home.run(&["run", "--script", script.to_str().unwrap()]);
    ended.is_one_error(2, &["step 2 of answer 1"]);
}

#[test]
fn an_address_that_is_no_model_s_is_told() {
    let home = Home::new();
    home.write("openclaw.json", CONFIG);
    home.run(&["run", "--model", "api.example.com"]).is_one_error(2, &["https://"]);
}

#[test]
fn a_port_that_is_in_use_is_told_before_anything_connects() {
    let home = Home::new();
    home.write("openclaw.json", CONFIG);
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = home.run(&["run", "--plugins", dingtalk_plugins(), "--metrics", &address]);
    ended.is_one_error(2, &[&address, "in use"]);
}

#[test]
fn a_plugin_that_is_not_there_is_told_beside_those_that_are() {
    let home = Home::new();
    for words in [&["plugins", "inspect", "slack"][..], &["config", "schema", "slack"]] {
        let ended = home.run(&[words, &["--plugins", dingtalk_plugins()]].concat());
        ended.is_one_error(2, &["\"slack\"", "dingtalk"]);
    }
    home.run(&["plugins", "list"]).is_one_error(2, &["extensions", "create it"]);
}

#[test]
fn a_command_for_a_host_that_runs_says_that_none_does() {
    let home = Home::new();
    for words in [&["channels", "status"][..], &["message", "send", "--target", "x", "--message", "y"]] {
        home.run(words).is_one_error(3, &["no host runs", "host-mock run"]);
    }
    // What a host that was killed leaves behind leads nowhere.
    let nobody = "{\"address\":\"127.0.0.1:9\",\"word\":\"w\",\"pid\":1}";
    home.write("host-mock/control.json", nobody);
    home.run(&["channels", "status"]).is_one_error(3, &["no host runs"]);
}

#[test]
fn a_configuration_with_a_mistake_fails_its_check_and_a_sound_one_passes() {
    let home = Home::new();
    let check = |json: bool| {
        let words = ["config", "check", "--plugins", dingtalk_plugins(), "--json"];
        home.run(if json { &words } else { &words[..4] })
    };
    home.write("openclaw.json", "{ channels: { dingtalk: { clientId: 'dingfake' } } }");
    let ended = check(false);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(ended.stdout.contains("clientSecret"), "{}", ended.stdout);
    home.write("openclaw.json", CONFIG);
    let ended = check(true);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let review: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&review["ok"], &review["accounts"][0]["runs"]), (&true.into(), &true.into()), "{review:#}");
}

#[test]
fn what_plugins_there_are_and_what_they_say_is_told() {
    let home = Home::new();
    let list = home.run(&["plugins", "list", "--json", "--plugins", dingtalk_plugins()]);
    let found: serde_json::Value = serde_json::from_str(&list.stdout).unwrap();
    assert_eq!((list.code, &found[0]["id"], &found[0]["trouble"]), (0, &"dingtalk".into(), &().into()));
    let about = home.run(&["plugins", "inspect", "dingtalk", "--plugins", dingtalk_plugins()]);
    for said in ["dingtalk", "clientSecret", "dingtalk_messages_total"] {
        assert!(about.stdout.contains(said), "{}", about.stdout);
    }
    let schema = home.run(&["config", "schema", "--plugins", dingtalk_plugins()]);
    let schema: serde_json::Value = serde_json::from_str(&schema.stdout).unwrap();
    assert!(schema["properties"]["clientId"].is_object(), "{schema:#}");
}
