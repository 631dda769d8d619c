use super::*;
use crate::clock;
use proptest::prelude::*;
use std::collections::HashSet;

type Mine = Intake<u32, &'static str>;

fn push(id: &str, conversation: &str, receipt: u32, message: &'static str) -> Push<u32, &'static str> {
    Push {
        message_id: id.into(),
        frame_id: Some(format!("frame-{receipt}")),
        conversation: conversation.into(),
        receipt: Some(receipt),
        message,
    }
}

fn steps<R, M>(intake: &mut Intake<R, M>) -> Vec<Step<R, M>> {
    std::iter::from_fn(|| intake.next_step()).collect()
}

#[track_caller]
fn handed_over(intake: &mut Mine) -> (Ticket, &'static str) {
    match steps(intake)[..] {
        [Step::HandOver { ticket, message }] => (ticket, message),
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn a_push_is_answered_once_the_host_has_the_message() {
    let (mut intake, now) = (Mine::default(), clock::now());
    assert_eq!(intake.offer(push("a", "c", 1, "hi"), now), Verdict::New);
    let (ticket, message) = handed_over(&mut intake);
    assert_eq!(message, "hi");
    intake.on_answer(ticket, Taken::Yes, now);
    assert_eq!(steps(&mut intake), [Step::Acknowledge(1)]);
}

#[test]
fn a_second_push_of_a_pending_message_joins_it_and_is_answered_too() {
    let (mut intake, now) = (Mine::default(), clock::now());
    intake.offer(push("a", "c", 1, "hi"), now);
    let (ticket, _) = handed_over(&mut intake);
    assert_eq!(intake.offer(push("a", "c", 2, "hi"), now), Verdict::Joined);
    assert_eq!(steps(&mut intake), []);
    intake.on_answer(ticket, Taken::Yes, now);
    assert_eq!(steps(&mut intake), [Step::Acknowledge(1), Step::Acknowledge(2)]);
}

#[test]
fn an_accepted_message_is_answered_at_once_and_not_handed_over_again() {
    let (mut intake, now) = (Mine::default(), clock::now());
    intake.offer(push("a", "c", 1, "hi"), now);
    let (ticket, _) = handed_over(&mut intake);
    intake.on_answer(ticket, Taken::Yes, now);
    steps(&mut intake);
    assert_eq!(intake.offer(push("a", "c", 2, "hi"), now), Verdict::Duplicate);
    assert_eq!(steps(&mut intake), [Step::Acknowledge(2)]);
}

#[test]
fn a_refused_message_is_not_answered_and_the_next_push_is_a_new_one() {
    let (mut intake, now) = (Mine::default(), clock::now());
    intake.offer(push("a", "c", 1, "hi"), now);
    let (ticket, _) = handed_over(&mut intake);
    intake.on_answer(ticket, Taken::No, now);
    assert_eq!(steps(&mut intake), []);
    assert_eq!(intake.offer(push("a", "c", 2, "hi"), now), Verdict::New);
    handed_over(&mut intake);
}

#[test]
fn a_conversation_keeps_its_order_and_others_do_not_wait() {
    let (mut intake, now) = (Mine::default(), clock::now());
    intake.offer(push("a", "c", 1, "first"), now);
    intake.offer(push("b", "c", 2, "second"), now);
    intake.offer(push("x", "other", 3, "elsewhere"), now);
    let under_way = steps(&mut intake);
    let [Step::HandOver { ticket, message: "first" }, Step::HandOver { message: "elsewhere", .. }] =
        under_way[..]
    else {
        panic!("{under_way:?}")
    };
    intake.on_answer(ticket, Taken::Yes, now);
    let under_way = steps(&mut intake);
    assert!(
        matches!(under_way[..], [Step::Acknowledge(1), Step::HandOver { message: "second", .. }]),
        "{under_way:?}"
    );
}

#[test]
fn a_message_without_an_id_is_known_by_its_frame() {
    let (mut intake, now) = (Mine::default(), clock::now());
    intake.offer(push("", "c", 1, "hi"), now);
    assert_eq!(intake.offer(push("", "c", 1, "hi"), now), Verdict::Joined);
    assert_eq!(intake.offer(push("", "c", 2, "hi"), now), Verdict::New);
}

#[test]
fn messages_are_remembered_for_a_day() {
    let (mut intake, now) = (Mine::default(), clock::now());
    intake.offer(push("a", "c", 1, "hi"), now);
    let (ticket, _) = handed_over(&mut intake);
    intake.on_answer(ticket, Taken::Yes, now);
    steps(&mut intake);
    assert_eq!(
        intake.offer(push("a", "c", 2, "hi"), now + MEMORY - Duration::from_secs(1)),
        Verdict::Duplicate
    );
    assert_eq!(intake.offer(push("a", "c", 3, "hi"), now + MEMORY), Verdict::New);
}

#[test]
fn memory_and_queue_are_bounded() {
    let (mut intake, now) = (Mine::default(), clock::now());
    for n in 0..REMEMBERED + 50 {
        intake.offer(push(&n.to_string(), "c", 0, "hi"), now);
        let Some(Step::HandOver { ticket, .. }) = steps(&mut intake).pop() else { panic!() };
        intake.on_answer(ticket, Taken::Yes, now);
    }
    assert_eq!((intake.entries.len(), intake.names.len(), intake.lanes.len()), (REMEMBERED, REMEMBERED, 0));

    for n in 0..WAITING {
        assert_eq!(intake.offer(push(&format!("w{n}"), "c", 0, "hi"), now), Verdict::New);
    }
    assert_eq!(intake.offer(push("one more", "d", 0, "hi"), now), Verdict::Full);
    assert_eq!(intake.waiting(), WAITING);
}

/// What may happen to an intake of few messages in few conversations.
#[derive(Clone, Debug)]
enum Happening {
    Push { message: u8 },
    Answer { which: usize, taken: bool },
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (0u8..8).prop_map(|message| Happening::Push { message }),
        (0usize..8, prop::bool::weighted(0.7)).prop_map(|(which, taken)| Happening::Answer { which, taken }),
    ]
}

/// A model too simple to be wrong: what is queued per conversation, what was accepted, and which
/// pushes are owed an answer.
#[derive(Default)]
struct Model {
    queued: [Vec<u8>; 2],
    accepted: HashSet<u8>,
    owed: Vec<(u8, u32)>,
    expected: Vec<u32>,
}

impl Model {
    fn lane(message: u8) -> usize {
        usize::from(message % 2)
    }

    fn push(&mut self, message: u8, receipt: u32) {
        if self.accepted.contains(&message) {
            return self.expected.push(receipt);
        }
        self.owed.push((message, receipt));
        let lane = &mut self.queued[Self::lane(message)];
        if !lane.contains(&message) {
            lane.push(message);
        }
    }

    fn answer(&mut self, message: u8, taken: bool) {
        self.queued[Self::lane(message)].remove(0);
        let (answered, owed) = std::mem::take(&mut self.owed).into_iter().partition(|(of, _)| *of == message);
        self.owed = owed;
        if taken {
            self.accepted.insert(message);
            let answered: Vec<(u8, u32)> = answered;
            self.expected.extend(answered.into_iter().map(|(_, receipt)| receipt));
        }
    }
}

proptest! {
    #[test]
    fn every_message_is_taken_once_in_order_and_every_push_answered_after_it(
        happenings in prop::collection::vec(happening(), 0..120)
    ) {
        let now = clock::now();
        let (mut intake, mut model) = (Intake::<u32, u8>::default(), Model::default());
        let mut with_host: Vec<(Ticket, u8)> = Vec::new();
        let mut answered = Vec::new();
        for (receipt, happening) in (0u32..).zip(happenings) {
            match happening {
                Happening::Push { message } => {
                    // One message is never pushed more often than is answered.
                    if model.owed.iter().filter(|(of, _)| *of == message).count() >= PUSHES {
                        continue;
                    }
                    model.push(message, receipt);
                    intake.offer(Push {
                        message_id: message.to_string(),
                        frame_id: None,
                        conversation: Model::lane(message).to_string(),
                        receipt: Some(receipt),
                        message,
                    }, now);
                }
                Happening::Answer { which, taken } if !with_host.is_empty() => {
                    let (ticket, message) = with_host.remove(which % with_host.len());
                    model.answer(message, taken);
                    intake.on_answer(ticket, if taken { Taken::Yes } else { Taken::No }, now);
                }
                Happening::Answer { .. } => {}
            }
            for step in steps(&mut intake) {
                match step {
                    Step::HandOver { ticket, message } => with_host.push((ticket, message)),
                    Step::Acknowledge(receipt) => answered.push(receipt),
                }
            }
            let mut heads: Vec<u8> = model.queued.iter().filter_map(|lane| lane.first().copied()).collect();
            let mut handed_over: Vec<u8> = with_host.iter().map(|(_, message)| *message).collect();
            heads.sort_unstable();
            handed_over.sort_unstable();
            prop_assert_eq!(heads, handed_over, "the first of each conversation, and only it, is with the host");
            prop_assert_eq!(&answered, &model.expected);
            prop_assert_eq!(intake.waiting(), model.queued.iter().map(Vec::len).sum::<usize>());
        }
    }
}
