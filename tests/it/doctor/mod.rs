//! The doctor: each switch of the simulator's, and of this machine, and exactly what is found because of it.

mod stage;
mod switches;

use host_mock::{command::doctor::ended, simulator::fault_names};
use host_sdk::Verdict;
use stage::{Stage, named};
use std::{collections::BTreeSet, sync::Arc};
use switches::{By, CHARGED, ELSEWHERE, SILENT, SWITCHES, WELL};
use tests::World;
use tokio::{sync::Semaphore, task::JoinSet};

/// What every bot is told, and nothing more where all is well.
const ALWAYS: [&str; 6] = [
    "permission.snsapi_base permissionUnknown",
    "permission.qyapi_base permissionUnknown",
    "messageMode messageModeUnknown",
    "eventMode eventModeUnknown",
    "version versionUnknown",
    "secondConnection rivalUnknown",
];

/// A stage with this turned, and its name.
async fn turned(by: By, number: usize) -> (String, Stage) {
    let mut stage = Stage::new().await;
    let name = match by {
        By::Fault(fault) => {
            if let Err(refusal) = stage.simulator.turn_on_written(&fault.parse().unwrap()) {
                // What happens to a connection or to a message has none to happen to.
                assert!(refusal.is_for_lack_of_connections(), "{refusal:?}");
            }
            fault.to_owned()
        }
        By::Here(turn) => {
            turn(&mut stage);
            format!("row {number}")
        }
    };
    (name, stage)
}

#[tokio::test]
async fn each_switch_is_found_by_its_name_with_its_cure_in_both_languages_and_its_exit_code() {
    let mut wrong = Vec::new();
    let mut examining = JoinSet::new(); // some of them wait for most of their time
    let doors = Arc::new(Semaphore::new(8)); // all at once would keep a small machine busy past DingTalk's time
    for (number, (by, found, exit)) in SWITCHES.into_iter().enumerate() {
        let doors = Arc::clone(&doors);
        examining.spawn(async move {
            let _through = doors.acquire_owned().await;
            let (name, stage) = turned(by, number).await;
            (name, stage.examined().await, found, exit)
        });
    }
    for (name, examination, found, exit) in examining.join_all().await {
        let checks = &examination.accounts[0].report.checks;
        let ill = checks.iter().filter(|check| matches!(check.verdict, Verdict::Warning | Verdict::Failed));
        let ill: Vec<_> = ill.collect();
        let code = ended(&examination).err().map_or(0, |failure| failure.exit.code());
        let told: Vec<_> = ill.iter().map(|check| named(check)).collect();
        if told != found || code != exit {
            wrong.push(format!("{name}: {told:?} and exit code {code}, not {found:?} and {exit}"));
        }
        for check in ill {
            let [zh, en] = ["zh-CN", "en"].map(|locale| check.in_language(locale));
            for words in [&zh, &en] {
                assert!(
                    ![&words.finding, &words.why, &words.remedy].iter().any(|text| text.is_empty()),
                    "{check:?}"
                );
            }
            assert!(!zh.remedy.is_ascii() && en.remedy.is_ascii(), "{check:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn what_the_doctor_says_nothing_of_changes_nothing_of_what_it_says() {
    for fault in SILENT.into_iter().flat_map(|(_, faults)| faults) {
        let (name, stage) = turned(By::Fault(fault), 0).await;
        let examination = stage.examined().await;
        let unknown = examination.accounts[0].report.checks.iter().filter(|it| it.verdict != Verdict::Ok);
        assert_eq!(unknown.map(named).collect::<Vec<_>>(), ALWAYS, "{name}");
    }
}

#[test]
fn each_fault_of_the_simulator_has_a_finding_or_a_reason_to_have_none() {
    let found = SWITCHES.iter().filter_map(|(by, _, _)| match by {
        By::Fault(fault) => fault.split('=').next(),
        By::Here(_) => None,
    });
    let found: BTreeSet<_> = found.collect();
    let silent: BTreeSet<_> = SILENT.iter().flat_map(|(_, faults)| faults.iter().copied()).collect();
    assert!(found.is_disjoint(&silent), "{:?}", found.intersection(&silent));
    assert_eq!(found.union(&silent).copied().collect::<BTreeSet<_>>(), fault_names().collect());
}

#[tokio::test]
async fn of_a_bot_that_is_well_the_way_is_told_and_only_what_no_call_tells_is_unknown() {
    for (turn, found) in WELL {
        let mut stage = Stage::new().await;
        turn(&mut stage);
        let examination = stage.examined().await;
        let checks = &examination.accounts[0].report.checks;
        let told: Vec<_> = checks.iter().map(named).collect();
        assert!(
            examination.ok && found.iter().all(|one| told.iter().any(|it| it == one)),
            "{found:?}: {told:?}"
        );
        let unknown: Vec<_> = checks.iter().filter(|check| check.verdict != Verdict::Ok).collect();
        assert_eq!(unknown.iter().map(|check| named(check)).collect::<Vec<_>>(), ALWAYS);
        for check in unknown.iter().filter(|check| check.name != "secondConnection") {
            assert!(check.link.starts_with("https://open-dev.dingtalk.com/"), "{check:?}");
            assert!(check.in_language("en").finding.contains("cannot be checked from here"), "{check:?}");
        }
    }
}

#[test]
fn there_is_no_finding_that_no_switch_brings_about() {
    let table = include_str!("../../../plugin/src/probe/table.rs");
    let rows = table.split("pub(super) static ").skip(1);
    // The first text of a row is its code.
    let codes: BTreeSet<_> = rows.filter_map(|row| row.split('"').nth(1)).collect();
    assert_eq!(codes.len(), table.matches("pub(super) static ").count());
    let found = SWITCHES.iter().flat_map(|(_, found, _)| *found);
    let found = found.chain(WELL.iter().flat_map(|(_, found)| *found)).chain(&ALWAYS);
    let mut shown: BTreeSet<_> = found.filter_map(|found| found.rsplit(' ').next()).collect();
    for (code, file) in ELSEWHERE {
        assert!(file.contains(code), "{code} is not where it should be shown");
        shown.insert(code);
    }
    assert_eq!(shown, codes, "what is shown, and what there is");
}

#[tokio::test]
async fn what_has_to_work_first_is_said_to_be_unexamined_and_never_fine() {
    let (_, stage) = turned(By::Fault("no-token"), 0).await;
    let examination = stage.examined().await;
    let checks = &examination.accounts[0].report.checks;
    let unexamined: Vec<_> = checks.iter().filter(|check| check.code == "notExamined").collect();
    assert!(unexamined.iter().any(|check| check.name == "permission.qyapi_robot_sendmsg"), "{checks:#?}");
    assert!(unexamined.iter().all(|check| check.verdict == Verdict::Unknown));
}

#[tokio::test]
async fn what_arrives_proves_that_it_does_and_that_a_version_is_published() {
    let world = World::start().await;
    world.dingtalk().push_event("user_add_org", serde_json::json!({}));
    let asked = world.dingtalk().says("Lin", "hello");
    world.dingtalk().acked(&asked).await;
    let channel = world.host().channel("dingtalk/default").unwrap();
    let mut told = Vec::new();
    // An event is acknowledged by itself, and may be the later one.
    while !told.contains(&"eventMode eventsArrive".to_owned()) {
        told = channel.probe().await.unwrap().checks.iter().map(named).collect();
    }
    for found in ["messageMode messagesArrive", "version versionInUse"] {
        assert!(told.iter().any(|it| it == found), "{told:?}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_call_that_is_refused_for_its_pace_is_not_made_and_charged_again() {
    let (_, stage) = turned(By::Fault("qps"), 0).await;
    assert_eq!(stage.examined().await.accounts[0].report.charged_calls, 3);
    stage.simulator.dingtalk().look(|view| {
        let made = view.calls().filter_map(|call| call.endpoint);
        assert_eq!(made.filter(|endpoint| CHARGED.contains(endpoint)).count(), 3);
    });
}

#[tokio::test]
async fn a_probe_shows_nothing_opens_nothing_and_says_what_it_cost() {
    let stage = Stage::new().await;
    let examination = stage.examined().await;
    assert_eq!(examination.accounts[0].report.charged_calls, 3);
    stage.simulator.dingtalk().look(|view| {
        assert_eq!(view.connections().count(), 0, "a connection would take messages from a bot that runs");
        let made: Vec<_> = view.calls().filter_map(|call| call.endpoint).collect();
        let charged = made.iter().filter(|endpoint| CHARGED.contains(endpoint)).count();
        assert_eq!((charged, made.len()), (3, 5), "{made:?}");
        assert!(view.cards().all(|card| card.carriers.is_empty()), "somebody sees a card");
    });
}
