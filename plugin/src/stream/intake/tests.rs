use super::{
    memory::{MEMORY, REMEMBERED},
    *,
};
use crate::clock;

mod memory;
mod order;
mod refusal;

const S: Duration = Duration::from_secs(1);

type Mine = Intake<u32, &'static str>;

fn push(id: &str, conversation: &str, receipt: u32, message: &'static str) -> Push<u32, &'static str> {
    Push {
        message_id: id.into(),
        frame_id: Some(format!("frame-{receipt}")),
        conversation: conversation.into(),
        receipt: Some(receipt),
        message,
        bytes: message.len(),
    }
}

fn steps<R: Clone, M: Clone>(intake: &mut Intake<R, M>) -> Vec<Step<R, M>> {
    std::iter::from_fn(|| intake.next_step()).collect()
}

/// What is handed over, apart from all else.
fn hand_overs(intake: &mut Mine) -> Vec<(Ticket, &'static str)> {
    let hand_over = |step| match step {
        Step::HandOver { ticket, message, .. } => Some((ticket, message)),
        _ => None,
    };
    steps(intake).into_iter().filter_map(hand_over).collect()
}

#[track_caller]
fn handed_over(intake: &mut Mine) -> (Ticket, &'static str) {
    let hand_overs = hand_overs(intake);
    let [only] = hand_overs[..] else { panic!("{hand_overs:?}") };
    only
}

#[test]
fn a_push_is_answered_once_the_host_has_the_message() {
    let (mut intake, now) = (Mine::default(), clock::now());
    assert_eq!(intake.offer(push("a", "c", 1, "hi"), now), Verdict::New);
    let (ticket, message) = handed_over(&mut intake);
    assert_eq!(message, "hi");
    intake.on_answer(ticket, Taken::Yes, now);
    assert_eq!(steps(&mut intake), [Step::Acknowledge(1)]);
    assert_eq!((intake.waiting(), intake.deadline()), (0, None));
}

#[test]
fn a_hand_over_brings_the_receipts_of_all_pushes_so_far() {
    let (mut intake, now) = (Mine::default(), clock::now());
    intake.offer(push("a", "c", 1, "hi"), now);
    let (ticket, _) = handed_over(&mut intake);
    intake.offer(push("a", "c", 2, "hi"), now);
    intake.on_answer(ticket, Taken::No, now);
    intake.on_time(now + FIRST_REST);
    let steps = steps(&mut intake);
    assert!(
        matches!(&steps[..], [_, Step::HandOver { receipts, .. }] if receipts[..] == [1, 2]),
        "{steps:?}"
    );
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
