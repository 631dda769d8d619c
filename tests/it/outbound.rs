//! What the host sends without having been asked: to whom, with which files, and back again.

use host_mock::dingtalk::{Endpoint, Fault, Message, Person, Reach, Settings};
use host_sdk::{
    Attachment, AttachmentKind, Conversation, ConversationKind, ErrorCode, Json, Notice, OutboundMessage,
    Outcome, Recall, Receipt, ReceiptPart,
};
use serde_json::{Value, json};
use std::{fs, time::Duration};
use tests::{Setup, World};

const GROUP: &str = "cidFakeGroupAAAA1111bbbb2222==";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";

fn to(target: &str, text: &str) -> OutboundMessage {
    OutboundMessage { target: target.into(), text: text.into(), ..Default::default() }
}

fn messages(world: &World) -> Vec<Message> {
    world.dingtalk().look(|view| view.messages().cloned().collect())
}

/// Puts a file where the host allows it to be sent from.
fn file(world: &World, kind: AttachmentKind, name: &str, content: &[u8]) -> Attachment {
    let path = world.media().join(name);
    fs::write(&path, content).unwrap();
    Attachment { kind, path: path.to_str().unwrap().into(), ..Default::default() }
}

async fn send(world: &World, message: OutboundMessage) -> Receipt {
    world.host().send("default", message).await.unwrap()
}

#[tokio::test]
async fn people_and_groups_are_written_to_by_id_and_the_receipt_has_dingtalks_id() {
    let world = World::start().await;
    for (target, place) in [
        ("user:user0001", "Lin"),
        ("dingtalk:user:user0002", "Mo"),
        ("user0001", "Lin"),
        (&format!("group:{GROUP}"), "Release crew"),
        (GROUP, "Release crew"),
    ] {
        let receipt = send(&world, to(target, "Good morning.")).await;
        let last = world.dingtalk().look(|view| view.messages_in(place).next_back().cloned()).unwrap();
        assert_eq!((last.text(), receipt.parts.len()), ("Good morning.", 1), "{target}");
        assert_eq!(receipt.parts[0].id, last.process_query_key, "{target}");
        assert_eq!(receipt.parts[0].outcome, Outcome::Delivered);
    }
    world.end().await;
}

#[tokio::test]
async fn the_status_says_when_a_message_or_an_answer_went_out() {
    for answers in [false, true] {
        let world = World::start().await;
        if answers {
            world.dingtalk().says("Lin", "hello");
            let turn = world.agent().next_turn().await.unwrap();
            turn.say("hello yourself");
            turn.done();
        } else {
            send(&world, to("user:user0001", "Good morning.")).await;
        }
        let told = world.host().wait_status("default", |status| status.get("lastOutboundAt").is_some());
        assert!(told.await.unwrap().get("lastOutboundAt").and_then(Value::as_i64) > Some(0));
        world.end().await;
    }
}

#[tokio::test]
async fn ids_that_a_host_lower_cased_and_names_are_found_also_by_the_next_process() {
    let world = World::start().await;
    world.dingtalk().says_in_group("Release crew", "Mo", "hello");
    world.agent().next_turn().await.unwrap().done();
    world.host().wait_turn(1).await.unwrap();
    let lost = format!("agent:main:dingtalk:group:{}", GROUP.to_lowercase());
    send(&world, to(&lost, "by a lower-cased id")).await;
    send(&world, to("release crew", "by its title")).await;
    send(&world, to("Mo", "by name")).await;
    let conversation =
        Conversation { id: GROUP.to_lowercase(), kind: ConversationKind::Group, ..Default::default() };
    send(&world, OutboundMessage { conversation: Some(conversation), ..to("", "by conversation") }).await;
    let in_group: Vec<_> = world
        .dingtalk()
        .look(|view| view.messages_in("Release crew").map(|message| message.text().to_owned()).collect());
    assert_eq!(in_group, ["by a lower-cased id", "by its title", "by conversation"]);
    let to_mo = world.dingtalk().look(|view| view.messages_in("Mo").count());
    assert_eq!(to_mo, 1);

    let world = world.stop_and_restart().await;
    send(&world, to("Release crew", "again")).await;
    assert_eq!(world.dingtalk().look(|view| view.messages_in("Release crew").count()), 4);
    world.end().await;
}

#[tokio::test]
async fn a_private_conversation_is_written_to_by_its_person() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    let conversation = turn.message().conversation.clone();
    turn.done();
    world.host().wait_turn(1).await.unwrap();
    assert!(conversation.id.starts_with("cid"));
    for target in [conversation.id.clone(), format!("group:{}", conversation.id)] {
        send(&world, to(&target, "to you")).await;
    }
    let texts =
        world.dingtalk().look(|view| view.messages_in("Lin").next_back().map(|it| it.text().to_owned()));
    assert_eq!(texts.as_deref(), Some("to you"));
    world.end().await;
}

#[tokio::test]
async fn whom_dingtalk_does_not_reach_is_named_with_what_to_do() {
    let mut people =
        vec![Person::new("user0001", "Lin"), Person::new("far1", "Far"), Person::new("busy1", "Busy")];
    people[1].reach = Reach::OutOfRange;
    people[2].reach = Reach::FlowControlled;
    let dingtalk = Settings { people, ..Settings::default() };
    let world = World::of(Setup { dingtalk, ..Setup::default() }).await;
    let refused = async |target: &str| world.host().send("default", to(target, "hello")).await.unwrap_err();

    let far = refused("user:far1").await;
    assert_eq!(far.code, ErrorCode::Rejected);
    assert!(far.message.contains("far1") && far.message.contains("user:<staff id>"), "{far}");
    let busy = refused("user:busy1").await;
    assert_eq!((busy.code, busy.retry_after_ms), (ErrorCode::RateLimited, Some(60_000)));
    assert!(busy.message.contains("busy1"), "{busy}");
    let group = refused("group:cidNobody==").await;
    assert!(group.message.contains("invalid.openConversationId"), "{group}");
    assert!(refused("王 小明").await.message.contains("王 小明"));
    assert!(refused("").await.message.contains("names nobody"));
    assert!(messages(&world).is_empty());
    world.end().await;
}

#[tokio::test]
async fn a_send_that_may_have_arrived_is_unknown_and_not_repeated() {
    let world = World::start().await;
    world.dingtalk().on(Endpoint::GroupSend).answer(Fault::LostAnswer).times(1);
    let receipt = send(&world, to(GROUP, "once")).await;
    assert_eq!(receipt.parts[0].outcome, Outcome::Unknown);
    assert_eq!(messages(&world).len(), 1);
    world.end().await;
}

#[tokio::test]
async fn what_was_sent_is_taken_back_by_its_receipt() {
    let world = World::start().await;
    for target in ["user:user0001", GROUP] {
        let message = to(target, "oh no");
        let receipt = send(&world, message.clone()).await;
        world.host().recall("default", Recall::of(&message, &receipt)).await.unwrap();
        assert!(messages(&world).last().unwrap().recalled.is_some(), "{target}");
    }
    let unknown = Recall { target: GROUP.into(), ids: vec!["pqkNever==".into()], ..Default::default() };
    let error = world.host().recall("default", unknown).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Rejected);
    assert!(error.message.contains("pqkNever==: invalid.processQueryKey"), "{error}");
    let nothing = Recall { target: GROUP.into(), ids: vec![String::new()], ..Default::default() };
    assert!(world.host().recall("default", nothing).await.is_err());
    world.end().await;
}

#[tokio::test]
async fn more_than_twenty_messages_are_taken_back_in_several_calls() {
    let world = World::start().await;
    let message = to(GROUP, &"line\n\n".repeat(15_000));
    let receipt = send(&world, message.clone()).await;
    assert!(receipt.parts.len() > 20, "{}", receipt.parts.len());
    world.host().recall("default", Recall::of(&message, &receipt)).await.unwrap();
    assert!(messages(&world).iter().all(|message| message.recalled.is_some()));
    world.end().await;
}

#[tokio::test]
async fn files_go_as_what_they_are_after_the_words_and_also_while_a_webhook_lives() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "show me");
    let turn = world.agent().next_turn().await.unwrap();
    let cover = file(&world, AttachmentKind::Picture, "cover.png", PNG).path;
    let film = Attachment {
        extra: Json::new(&json!({ "cover": cover })),
        ..file(&world, AttachmentKind::Video, "film.mp4", &mp4(4_200))
    };
    let attachments = vec![
        file(&world, AttachmentKind::Picture, "chart.png", PNG),
        Attachment { name: "报告.pdf".into(), ..file(&world, AttachmentKind::File, "x1", b"%PDF-1.7") },
        file(&world, AttachmentKind::Audio, "hello.ogg", &opus(4_200)),
        film,
        file(&world, AttachmentKind::Video, "bare.mp4", &mp4(4_200)),
    ];
    let reply = turn.message().reply.clone();
    let message = OutboundMessage { reply, attachments, as_voice: true, ..to("", "Here it is:") };
    let receipt = send(&world, message.clone()).await;
    turn.done();

    let sent = messages(&world);
    let kinds: Vec<_> = sent.iter().map(|message| message.kind.as_str()).collect();
    let expected = ["markdown", "sampleImageMsg", "sampleFile", "sampleAudio", "sampleVideo", "sampleFile"];
    assert_eq!(kinds, expected);
    assert_eq!(sent[2].content["fileName"], "报告.pdf");
    assert_eq!(sent[2].content["fileType"], "pdf");
    assert_eq!(sent[3].content["duration"], "4200");
    assert_eq!((&sent[4].content["duration"], &sent[4].content["videoType"]), (&json!("5"), &json!("mp4")));
    assert!(receipt.parts.iter().all(|part| part.outcome == Outcome::Delivered), "{receipt:?}");
    assert!(receipt.parts[1..].iter().all(|part| !part.id.is_empty()), "{receipt:?}");
    world.host().recall("default", Recall::of(&message, &receipt)).await.unwrap();
    assert!(messages(&world)[1..].iter().all(|message| message.recalled.is_some()));
    world.end().await;
}

#[tokio::test]
async fn a_message_with_a_key_is_sent_once_words_and_files_also_by_the_next_process() {
    let world = World::start().await;
    let attachments = vec![file(&world, AttachmentKind::File, "a.txt", b"a")];
    let message = OutboundMessage { attachments, key: "daily-report".into(), ..to(GROUP, "See below:") };
    send(&world, message.clone()).await;
    send(&world, message.clone()).await;
    assert_eq!(messages(&world).len(), 2);
    let world = world.crash_and_restart().await;
    send(&world, message.clone()).await;
    assert_eq!(messages(&world).len(), 2);
    send(&world, OutboundMessage { key: "another".into(), ..message.clone() }).await;
    send(&world, OutboundMessage { key: String::new(), ..message }).await;
    assert_eq!(messages(&world).len(), 6);
    world.end().await;
}

#[tokio::test]
async fn a_file_that_was_uploaded_is_not_uploaded_again_until_it_changes() {
    let world = World::start().await;
    let chart = file(&world, AttachmentKind::Picture, "chart.png", PNG);
    let message = |target| OutboundMessage { attachments: vec![chart.clone()], ..to(target, "") };
    send(&world, message(GROUP)).await;
    send(&world, message("user:user0001")).await;
    let uploads = || world.dingtalk().look(|view| view.uploads().len());
    assert_eq!(uploads(), 1);
    file(&world, AttachmentKind::Picture, "chart.png", &[PNG, b"more"].concat());
    send(&world, message(GROUP)).await;
    assert_eq!(uploads(), 2);
    // What DingTalk does not find any more is uploaded anew, once.
    world
        .dingtalk()
        .on(Endpoint::GroupSend)
        .answer(Fault::refused(400, "invalidParameter.msgParam.invalid"))
        .times(1);
    send(&world, message(GROUP)).await;
    assert_eq!((uploads(), messages(&world).len()), (3, 4));
    world.end().await;
}

#[tokio::test]
async fn of_several_files_those_that_can_go_and_the_receipt_says_which_did_not_and_why() {
    let world = World::of(Setup::configured(|section| section["maxFileSizeMB"] = json!(0.001))).await;
    let good = |name| file(&world, AttachmentKind::File, name, b"good");
    let large = file(&world, AttachmentKind::File, "large.txt", &[b'x'; 1_049]);
    let outside = Attachment { path: "/etc/passwd".into(), ..Attachment::default() };
    let attachments = vec![good("one.txt"), large, outside, good("two 报告 👩‍💻.txt")];
    let receipt = send(&world, OutboundMessage { attachments, ..to(GROUP, "see below") }).await;

    let outcomes: Vec<_> = receipt.parts.iter().map(|part| part.outcome).collect();
    assert_eq!(
        outcomes,
        [Outcome::Delivered, Outcome::Delivered, Outcome::Failed, Outcome::Failed, Outcome::Delivered]
    );
    let large = lost(&receipt.parts[2]);
    assert_eq!(large["name"], "large.txt");
    let sentence = large["error"].as_str().unwrap();
    assert!(
        sentence.starts_with("large.txt has 1.03 KB, and `maxFileSizeMB` allows at most 1.03 KB"),
        "{sentence}"
    );
    let outside = lost(&receipt.parts[3]);
    assert!(outside["name"] == "passwd" && outside["notice"]["kind"] == "fileNotSent", "{outside}");
    let sent = messages(&world);
    assert_eq!((sent.len(), &sent[2].content["fileName"]), (3, &json!("two 报告 👩‍💻.txt")));
    assert_eq!(world.dingtalk().look(|view| view.uploads()[1].file_name.clone()), "two 报告 👩‍💻.txt");

    let notice = Notice { kind: "fileNotSent".into(), params: Json::new(&large["notice"]["params"]) };
    send(&world, OutboundMessage { notice: Some(notice), ..to(GROUP, "") }).await;
    assert!(messages(&world)[3].text().contains("「large.txt」大小为 1.03 KB"), "{:?}", messages(&world)[3]);
    world.end().await;
}

#[tokio::test]
async fn a_message_of_nothing_but_files_that_cannot_be_sent_is_an_error_that_names_each() {
    let world = World::start().await;
    let outside = Attachment { path: "/etc/passwd".into(), ..Attachment::default() };
    let remote = Attachment { path: "https://example.org/a.png".into(), ..Attachment::default() };
    for (attachments, code) in
        [(vec![outside.clone()], ErrorCode::Rejected), (vec![remote, outside], ErrorCode::Unsupported)]
    {
        let message = OutboundMessage { attachments: attachments.clone(), ..to(GROUP, "") };
        let error = world.host().send("default", message).await.unwrap_err();
        assert_eq!(error.code, code, "{error}");
        assert!(error.message.contains("passwd is not in a directory"), "{error}");
        assert_eq!(error.message.contains("a.png is not a local file"), attachments.len() == 2, "{error}");
    }
    assert!(messages(&world).is_empty());
    assert!(world.dingtalk().look(|view| view.uploads().is_empty()));
    world.end().await;
}

/// What the receipt says of a file that failed.
fn lost(part: &ReceiptPart) -> Value {
    assert_eq!(part.outcome, Outcome::Failed, "{part:?}");
    part.extra.parse().unwrap()
}

#[tokio::test]
async fn a_file_that_dingtalk_does_not_take_stops_no_other_one() {
    let world = World::start().await;
    world.dingtalk().on(Endpoint::UploadMedia).answer(Fault::errcode(40006, "不合法的文件大小")).once();
    let attachments =
        ["a.txt", "b.txt"].map(|name| file(&world, AttachmentKind::File, name, name.as_bytes())).to_vec();
    let receipt = send(&world, OutboundMessage { attachments, ..to(GROUP, "") }).await;
    let said = lost(&receipt.parts[0]);
    assert!(said["name"] == "a.txt" && said["error"].as_str().unwrap().contains("40006"), "{said}");
    assert_eq!((receipt.parts[1].outcome, messages(&world).len()), (Outcome::Delivered, 1));

    world.dingtalk().on(Endpoint::UploadMedia).answer(Fault::errcode(40006, "不合法的文件大小")).always();
    let alone = vec![file(&world, AttachmentKind::File, "c.txt", b"c")];
    let alone = OutboundMessage { attachments: alone, ..to(GROUP, "") };
    assert!(world.host().send("default", alone).await.is_err());
    world.end().await;
}

#[tokio::test]
async fn a_token_that_dies_before_an_upload_costs_nothing() {
    let world = World::start().await;
    send(&world, to(GROUP, "first")).await;
    world.dingtalk().revoke_tokens();
    let content: Vec<u8> = (0..300_000_u32).map(|number| number as u8).collect();
    let attachments = vec![file(&world, AttachmentKind::File, "a.bin", &content)];
    send(&world, OutboundMessage { attachments, ..to(GROUP, "") }).await;
    assert!(world.dingtalk().look(|view| view.uploads()[0].bytes == content));
    world.end().await;
}

#[tokio::test]
async fn twenty_megabytes_arrive_whole() {
    let world = World::start().await;
    let mut state = 7_u32;
    let content: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(20 << 20)
    .collect();
    let attachments = vec![file(&world, AttachmentKind::File, "large.zip", &content)];
    let sending = send(&world, OutboundMessage { attachments, ..to(GROUP, "") });
    let receipt = tokio::time::timeout(Duration::from_secs(60), sending).await.unwrap();
    assert_eq!(receipt.parts[0].outcome, Outcome::Delivered);
    assert!(world.dingtalk().look(|view| view.uploads()[0].bytes == content));
    world.end().await;
}

/// An MP4 that says that it lasts so long, and no more.
fn mp4(milliseconds: u32) -> Vec<u8> {
    let header = [&[0; 12][..], &1_000_u32.to_be_bytes(), &milliseconds.to_be_bytes()].concat();
    let header = [&[0, 0, 0, 28][..], b"mvhd", &header].concat();
    [b"\0\0\0\x0cftypisom\0\0\0\x24moov", header.as_slice()].concat()
}

/// An Ogg file with Opus that says that it lasts so long.
fn opus(milliseconds: u64) -> Vec<u8> {
    let page = |position: u64, content: &[u8]| {
        let mut page = b"OggS\0\0".to_vec();
        page.extend(position.to_le_bytes());
        page.extend([0; 12]);
        page.extend([1, u8::try_from(content.len()).unwrap()]);
        page.extend(content);
        page
    };
    let head = page(0, b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0");
    [head, page(milliseconds * 48 + 312, b"sound")].concat()
}
