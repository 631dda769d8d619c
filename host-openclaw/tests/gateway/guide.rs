//! "Use it in OpenClaw" of both READMEs is the transcript of a terminal: what it has somebody type is typed
//! here, in a fresh home, and OpenClaw has to answer what is written there, where anything is.
//! `--transcript` writes all of it anew.

use crate::{
    claim::{Found, Stage, claims},
    home::{CONSENT, NO_OPTION, copy_plugin},
    lack::Lack,
    transcript::{Entry, Transcript},
    world::World,
};
use host_mock::dingtalk::{App, Via};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};

pub(crate) const STAGE: Stage = Stage {
    name: "guide",
    begin: || Box::pin(begin()),
    claims: claims![
        what_the_readme_has_one_type_answers_as_it_says,
        the_bot_of_the_readme_answers,
        the_doctor_ends_well,
    ],
};

/// Whether the READMEs are written rather than compared.
const WRITES: &str = "OPENCLAW_E2E_WRITE";

/// What the transcript starts the gateway with; it goes on until the stage ends.
const GATEWAY: &str = "openclaw gateway run &";

async fn begin() -> World {
    // The bot of the first configuration of the guides.
    let app = App { client_secret: "your-app-secret".to_owned(), ..App::new("dingxxxxxx") };
    let world = World::with_apps(vec![app]).await;
    copy_plugin(&world.home.path().join("target/dist/dingtalk"));
    world.home.edits(|config| config["session"] = json!({})); // as OpenClaw comes
    world
}

async fn what_the_readme_has_one_type_answers_as_it_says(world: &mut World) -> Found {
    let [english, chinese] = readmes();
    let written = Transcript::of(&fs::read_to_string(&english).unwrap());
    let mut happened = Transcript::default();
    for Entry { command, .. } in &written.entries {
        println!("$ {command}");
        let output = plays(world, command).await;
        println!("{output}");
        happened.entries.push(Entry { command: command.clone(), output });
    }
    if std::env::var_os(WRITES).is_some() {
        for readme in [english, chinese] {
            let text = happened.put_into(&fs::read_to_string(&readme).unwrap());
            fs::write(readme, text).unwrap();
        }
        return Ok(());
    }
    let others = Transcript::of(&fs::read_to_string(&chinese).unwrap());
    assert_eq!(written, others, "the two READMEs show different transcripts");
    if happened.entries.iter().any(|entry| entry.output.contains(NO_OPTION)) {
        return Err(Lack::Consent);
    }
    let (written, happened) = (written.without_figures(), happened.without_figures());
    for (written, happened) in written.entries.iter().zip(&happened.entries) {
        let is_shown = !written.output.is_empty();
        assert!(!is_shown || written == happened, "{written:?} is what is written, and not {happened:?}");
    }
    Ok(())
}

/// Types one line of the transcript; what the terminal shows then.
async fn plays(world: &mut World, command: &str) -> String {
    if command == GATEWAY {
        // Where DingTalk is, nobody writes: this one is not the real one.
        let endpoints = world.endpoints();
        world.home.edits(|config| config["channels"]["dingtalk"]["endpoints"] = endpoints);
        world.starts().await;
        world.dingtalk.connected().await;
        return String::new();
    }
    let said = world.home.types(command).await;
    if said.everything().contains(NO_OPTION) {
        let plain = world.home.types(&command.replace(CONSENT, "")).await;
        assert!(plain.succeeded(), "{plain}");
    } else {
        assert!(said.succeeded(), "{said}");
    }
    let home = world.home.path().to_str().unwrap();
    let shown = said.everything().replace(home, "~").replace("~/target/dist", "./target/dist");
    // What begins with a bracket is of OpenClaw's log: that a slow disk was waited for, for instance.
    let is_said = |line: &&str| !line.is_empty() && !line.starts_with('[');
    let lines: Vec<_> = shown.lines().map(str::trim_end).filter(is_said).collect();
    lines.join("\n")
}

async fn the_bot_of_the_readme_answers(world: &mut World) {
    let sent = world.dingtalk.message_to("Mo").await;
    assert_eq!((sent.via, sent.text()), (Via::Robot, "Good morning."));

    let asked = world.dingtalk.says("Lin", "#say Good morning, Lin.");
    assert_eq!(world.answer_to(&asked).await.text(), "Good morning, Lin.");
    let section = world.home.section();
    let own =
        json!({"clientId": "dingxxxxxx", "clientSecret": "your-app-secret", "endpoints": world.endpoints()});
    assert_eq!(section, own, "it takes no other key");
}

async fn the_doctor_ends_well(world: &mut World) {
    let said = world.home.runs(&["doctor", "--non-interactive"]).await;
    let text = said.everything();
    for complaint in ["unknown channel", "Unknown channel", "failed to load", "Config invalid"] {
        assert!(!text.contains(complaint), "{said}");
    }
}

/// The English one, and the Chinese one.
fn readmes() -> [PathBuf; 2] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    ["README.md", "README.zh-CN.md"].map(|name| root.join(name))
}
