//! Files that people send and the model sees, and files that the model sends.

use crate::{turns::sends, world::World};
use host_mock::dingtalk::Message;
use serde_json::json;
use std::{fs, path::PathBuf};

/// A picture of eight by eight points in one colour.
const PICTURE: [u8; 74] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x08, 0x08, 0x02, 0x00, 0x00, 0x00, 0x4b, 0x6d, 0x29, 0xdc, 0x00,
    0x00, 0x00, 0x11, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x50, 0x68, 0x38, 0x80, 0x15, 0x31, 0x0c,
    0x2d, 0x09, 0x00, 0x3a, 0xc6, 0x58, 0x01, 0xff, 0xad, 0xcf, 0xc8, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45,
    0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

pub(crate) async fn a_picture_is_seen_by_the_model(world: &mut World) {
    let sent = world.dingtalk.sends_picture("An", PICTURE);
    world.model.is_asked(|asked| asked.pictures > 0).await;
    world.answer_to(&sent).await;

    let before = world.model.asked().len();
    let asked = world.dingtalk.replies("An", &sent, "#say That one.");
    assert_eq!(world.answer_to(&asked).await.text(), "That one.");
    let seen = world.model.asked().into_iter().skip(before).find(|asked| asked.text.contains("That one."));
    assert!(seen.is_some_and(|asked| asked.pictures > 0), "what is quoted is seen, too");
}

pub(crate) async fn a_file_is_named_to_the_model(world: &mut World) {
    let sent = world.dingtalk.sends_file("Bo", "plan.txt", "Tea at four.");
    world.model.is_asked(|asked| asked.text.contains("plan") && asked.text.contains(".txt")).await;
    world.answer_to(&sent).await;
}

pub(crate) async fn what_a_voice_says_is_what_is_asked(world: &mut World) {
    let mut voice = world.dingtalk.payload("Bo", None);
    let code = world.dingtalk.offer_file(*b"#!AMR\n\x3c\x91\x17\x16");
    voice["msgtype"] = json!("audio");
    voice["content"] = json!({"duration": 1000, "downloadCode": code, "recognition": "#say I hear you."});
    let asked = world.dingtalk.push(voice);
    assert_eq!(world.answer_to(&asked).await.text(), "I hear you.");
}

pub(crate) async fn a_picture_of_a_tool_s_arrives(world: &mut World) {
    let path = picture(world);
    let order = json!({"action": "send", "target": "user:staff5", "message": "Here it is.", "media": path});
    world.dingtalk.says("Guo", &format!("{} #say Sent.", sends(world, &order)));
    picture_to(world, "Guo").await;
}

pub(crate) async fn a_tool_s_text_and_files_arrive_whole_and_in_order(world: &mut World) {
    let picture = picture(world);
    let plan = picture.with_file_name("plan.txt");
    fs::write(&plan, "Tea at four.").unwrap();
    let order = json!({"action": "send", "target": "user:user0002", "message": "Both of them.", "mediaUrls": [picture, plan]});
    let asked = world.dingtalk.says("Mo", &format!("{} #say Sent both.", sends(world, &order)));

    assert_eq!(world.answer_to(&asked).await.text(), "Sent both.");
    let told: Vec<_> = world.dingtalk.look(|view| {
        let from_there = view.messages_in("Mo").skip_while(|message| message.text() != "Both of them.");
        from_there.map(|message| message.kind.clone()).collect()
    });
    assert_eq!(told, ["sampleMarkdown", "sampleImageMsg", "sampleFile"]);
}

pub(crate) async fn a_turn_may_say_nothing_but_a_picture(world: &mut World) {
    let path = picture(world);
    world.dingtalk.says("Fei", &format!("#say MEDIA:{}", path.display()));
    picture_to(world, "Fei").await;
    world.no_card_stays_open().await;
}

/// A file that the model may send.
fn picture(world: &World) -> PathBuf {
    let folder = world.home.state().join("workspace");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("picture.png");
    fs::write(&path, PICTURE).unwrap();
    path
}

async fn picture_to(world: &World, who: &str) -> Message {
    let is_picture = |message: &&Message| message.kind == "sampleImageMsg" || message.kind == "image";
    world.dingtalk.wait_for(|view| view.messages_in(who).find(is_picture).cloned()).await
}
