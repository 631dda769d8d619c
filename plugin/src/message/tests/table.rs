//! What comes of every fixture, on a line each.

use super::{FIXTURES, RECEIVED_AT_MS, codes};
use crate::message::inbound::decode;
use host_sdk::{Attachment, ConversationKind, EventKind, InboundMessage};

/// Where and by whom, what was said, with which files, to whom, and in answer to what.
fn facts(message: &InboundMessage) -> String {
    let place = if message.conversation.kind == ConversationKind::Group { "group" } else { "direct" };
    let withheld = if message.event == EventKind::Withheld { " withheld" } else { "" };
    let sender = if message.sender.is_bot { "ourselves" } else { &message.sender.id };
    let mut line = format!("{place} {sender}{withheld} {:?}", message.text);
    line.extend(message.attachments.iter().map(file));
    for mention in &message.mentions {
        let who = if mention.is_us { "us" } else { &mention.id };
        line += &format!(" @{who}({})", mention.name);
    }
    if let Some(quote) = &message.quote {
        let whose = if quote.ours { "ours" } else { &quote.sender };
        line += &format!(" <- {} {whose} {:?}", quote.id, quote.text);
        line.extend(quote.attachments.iter().map(file));
    }
    line
}

fn file(attachment: &Attachment) -> String {
    let Attachment { kind, name, mime, duration_ms, size, transcript, .. } = attachment;
    let mut told = vec![format!("{kind:?}"), codes(attachment).join("/")];
    told.extend([name, mime, transcript].into_iter().filter(|text| !text.is_empty()).cloned());
    told.extend(duration_ms.map(|ms| format!("{ms} ms")));
    told.extend(size.map(|bytes| format!("{bytes} B")));
    told.retain(|text| !text.is_empty());
    format!(" +[{}]", told.join(", "))
}

#[test]
fn every_kind_of_message_becomes_these_facts() {
    let table: Vec<String> = FIXTURES
        .iter()
        .map(|(name, payload)| format!("{name}: {}", facts(&decode(payload, RECEIVED_AT_MS).unwrap())))
        .collect();
    insta::assert_snapshot!(table.join("\n"), @r###"
    action_card: direct user0001 "Approve?\n\nDeploy **v2** today\n\nhttps://example.com/approve\n\nhttps://example.com/refuse"
    audio: direct user0001 "" +[audio, dcFakeAudio0001+/==, open the door please, 4000 ms]
    audio_packed: direct user0001 "" +[audio, dcFakeAudio0001+/==, open the door please, 4000 ms]
    audio_silent: direct user0001 "" +[audio, dcFakeAudio0002+/==]
    chat_record: direct user0001 "Chat history of Release crew\nLin: build failed\nMo: looking"
    chat_record_array: direct user0001 "Chat history of two\nLin: hi\nMo: a file" +[file, dcFakeRecordFile0001==]
    chat_record_empty: direct user0001 "Chat history of nobody\nLin: something was said"
    file: direct user0001 "" +[file, dcFakeFile0001+/==, report Q3.pdf, 102400 B]
    file_packed: direct user0001 "" +[file, dcFakeFile0001+/==, report Q3.pdf, 102400 B]
    interactive_card: direct user0001 "dingtalk://dingtalkclient/page/yunpan?route=previewDentry&spaceId=900000001&fileId=800000002&type=file"
    link: direct user0001 "Release notes\n\nWhat is new\n\nhttps://example.com/notes"
    location: direct user0001 withheld ""
    markdown: direct user0001 "# Weekly report\n\n- all green"
    over_quota: direct user0001 withheld "message service paused: quota used up (text invented)"
    over_quota_empty: direct user0001 withheld "message service paused: quota used up (text invented)"
    picture: direct user0001 "" +[picture, dcFakePicture0001+/==/pdcFakePicture0001]
    picture_packed: direct user0001 "" +[picture, dcFakePicture0001+/==/pdcFakePicture0001]
    quote_action_card: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "Approve?\n\nDeploy **v2** today"
    quote_audio: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "" +[audio, dcFakeQuotedAudio0001+/==, ship it on friday, 2000 ms]
    quote_chat_record: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "Chat history\nMo: who broke it?\nLin: not me"
    quote_document_card: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "dingtalk://dingtalkclient/page/yunpan?route=previewDentry&spaceId=900000001&fileId=800000003&type=file"
    quote_file: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "" +[file, dcFakeQuotedFile0001+/==, report.pdf]
    quote_id_only: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf==  ""
    quote_in_rich_text: group user0001 "see the quote" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "the nightly build failed"
    quote_legacy: group user0001 "legacy?" @us() <- msgFakeLegacy0001== $:LWCP_v1:$FakeOther11112222== "an old style quote"
    quote_legacy_content: group user0001 "legacy two?" @us() <-   "only the words of it"
    quote_markdown: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "## Nightly\n\n- failed"
    quote_nested: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "the middle one"
    quote_no_content: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== ""
    quote_other_bot: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOtherBot0001== "## Nightly\n\n- failed"
    quote_own_card: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== ours ""
    quote_own_message: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== ours "the nightly build failed"
    quote_packed: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "" +[picture, dcFakeQuotedPic0002+/==]
    quote_picture: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "" +[picture, dcFakeQuotedPic0002+/==]
    quote_rich_text: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "look at this\n@Tom [微笑]and that" +[picture, dcFakeQuotedPic0001+/==]
    quote_stale: group user0001 "and this one?" @us()
    quote_text: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "the nightly build failed"
    quote_unknown: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== ""
    quote_untyped: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "" +[audio, dcFakeQuotedAudio0002+/==, guess what i am, 1500 ms]
    quote_video: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf== $:LWCP_v1:$FakeOther11112222== "" +[video, dcFakeQuotedVideo0001+/==, video/mp4, 1000 ms]
    quote_without_message: group user0001 "and this one?" @us() <- msgFakeText0001AbCdEf==  ""
    reply: direct user0001 "and that one?" <- msgFakeText0001AbCdEf==  "the nightly build failed"
    rich_text: group user0001 "what is wrong on this screen?\nsecond line" +[picture, dcFakeRichPic0001+/==/pdcFakeRichPic0001] @us(Helper)
    rich_text_at_by_id: group user0001 "@Mo hello both" @us(Helper) @user0002(Mo)
    rich_text_at_only_us: group user0001 "ask\u{2005}about the build" @us(Helper)
    rich_text_at_us: group user0001 "and @Mo what do you think?" @us(Helper) @user0002(Mo)
    rich_text_everything: group user0001 "first [微笑]\nsecond the log\nthird" +[picture, dcFakeRichPic0031+/==] +[picture, dcFakeRichPic0032+/==/pdcFakeRichPic0032] +[picture, dcFakeRichPic0033+/==] @us()
    rich_text_many: group user0001 "@Tom  first and \nTranslate" +[picture, dcFakeRichPic0011+/==] +[picture, dcFakeRichPic0012+/==/pdcFakeRichPic0012] @us() @user0003(Tom)
    rich_text_mention_inside: group user0001 "please look at this" +[picture, dcFakeRichPic0020+/==] @us(Helper)
    rich_text_old: direct user0001 "an old client" +[picture]
    system_hint: direct user0001 "Mo renamed the group"
    text_at_all: group user0001 "@所有人 the build is green"
    text_bare: direct user0001 "hello, just so"
    text_direct: direct user0001 "hello"
    text_direct_outsider: direct $:LWCP_v1:$FakeSenderAAAABBBB== "hello"
    text_flag_only: group user0001 "summarise today's build please"
    text_group: group user0001 "summarise today's build please" @us() @user0002()
    text_group_outsider: group $:LWCP_v1:$FakeSenderAAAABBBB== "summarise today's build please" @us() @user0002() @()
    text_group_own: group ourselves "summarise today's build please" @us() @user0002()
    text_markdown: direct user0001 "# not a title\n\n```rust\nfn main() {}\n```\n| a | b |\n|---|---|\n| 1 | 2 |"
    text_mention_inside: group user0001 "could\u{2005} you and @Mo look?" @us() @user0002()
    text_no_sender: direct  "hello"
    text_others_only: group user0001 "@Mo can you look?" @user0002()
    text_packed: direct user0001 "hello"
    text_unicode: direct user0001 "שלום مرحبا \u{202e}abc\u{202c} 👩\u{200d}👩\u{200d}👧 e\u{301} nul:\0: end"
    unheard_of: direct user0001 withheld ""
    unknown: direct user0001 withheld "location"
    video: direct user0001 "" +[video, dcFakeVideo0001+/==, video/mp4, 5000 ms]
    video_number: direct user0001 "" +[video, dcFakeVideo0002+/==, video/mp4, 5000 ms]
    "###);
}
