//! Records made by hand: every kind of defect is called by its name, and nothing else is.

use super::*;
use std::collections::BTreeSet;

const CONVERSATION: &str = "cid1==";

fn moment(seq: u64) -> Moment {
    Moment { seq, at: Duration::from_secs(seq) }
}

/// Acknowledged on link 1, one second after it was written.
fn delivered(seq: u64) -> Delivery {
    Delivery { link: 1, sent: moment(seq), written: Some(moment(seq)), acked: Some(moment(seq + 1)) }
}

fn unacknowledged(link: u64, seq: u64) -> Delivery {
    Delivery { link, acked: None, ..delivered(seq) }
}

fn message(id: &str, deliveries: Vec<Delivery>) -> Message {
    let queued = deliveries.first().map_or(moment(0), |first| first.sent);
    let (conversation, text) = (CONVERSATION.into(), format!("text of {id}"));
    Message { id: id.into(), conversation, text, queued, deliveries, prompt: true }
}

fn sighting(sight: Sight, life: u32, id: &str) -> Sighting {
    Sighting { sight, life, at: 0, message: id.into(), conversation: CONVERSATION.into() }
}

/// Taken, worked on, finished, in life 1.
fn answered(id: &str) -> [Sighting; 3] {
    [Sight::Taken, Sight::Began, Sight::Ended].map(|sight| sighting(sight, 1, id))
}

fn answer(id: &str, seconds: u64) -> Answer {
    let at = Duration::from_secs(seconds);
    Answer { conversation: CONVERSATION.into(), text: format!("text of {id}"), at }
}

/// What is in these records, and an answer at once to each message that the agent saw.
fn ledger(messages: Vec<Message>, sightings: impl IntoIterator<Item = Sighting>) -> Ledger {
    let link = Link { life: 1, ..Link::default() };
    let links = BTreeMap::from([(1, link.clone()), (2, link)]);
    let sightings: Vec<_> = sightings.into_iter().collect();
    let seen: BTreeSet<_> = sightings.iter().map(|it| it.message.as_str()).collect();
    let answers = seen.into_iter().map(|id| answer(id, 1)).collect();
    Ledger { messages, answers, links, sightings, ..Ledger::default() }
}

fn ended(ending: Ending, seconds: u64) -> BTreeMap<u32, Life> {
    BTreeMap::from([(1, Life { end: Duration::from_secs(seconds), end_epoch: seconds * 1_000_000, ending })])
}

#[track_caller]
fn fate(ledger: &Ledger) -> Fate {
    let account = ledger.account();
    let columns = [
        account.lost.len(),
        account.unacknowledged_at_a_kill,
        account.unacknowledged_at_a_stop,
        account.swallowed,
    ];
    assert_eq!(account.pushed, account.accepted + columns.iter().sum::<usize>(), "the columns add up");
    ledger.fate(&ledger.messages[0])
}

#[test]
fn what_was_seen_and_answered_once_in_order_is_clean() {
    let messages = vec![message("a", vec![delivered(1)]), message("b", vec![delivered(2)])];
    let account = ledger(messages, answered("a").into_iter().chain(answered("b"))).account();

    assert!(account.is_clean(), "{account}");
    assert_eq!((account.pushed, account.accepted), (2, 2));
    assert_eq!(account.ack.max, Duration::from_secs(1));
}

#[test]
fn what_was_acknowledged_and_not_seen_is_lost_whatever_happened_since() {
    let mut ledger = ledger(vec![message("a", vec![delivered(1)])], []);
    assert_eq!(fate(&ledger), Fate::Lost);

    ledger.lives = ended(Ending::Killed, 2);
    assert_eq!(fate(&ledger), Fate::Lost);
    assert!(!ledger.account().is_clean());
}

#[test]
fn what_a_plugin_that_lives_on_could_read_and_the_agent_did_not_see_is_lost() {
    assert_eq!(fate(&ledger(vec![message("a", vec![unacknowledged(1, 1)])], [])), Fate::Lost);
}

#[test]
fn what_is_pushed_again_to_a_living_process_and_not_seen_is_lost() {
    let mut ledger = ledger(vec![message("a", vec![unacknowledged(1, 1), unacknowledged(2, 9)])], []);
    ledger.links.insert(2, Link { life: 2, ..Link::default() });
    ledger.links.get_mut(&1).unwrap().ended = Some(Duration::from_secs(2));
    ledger.lives = ended(Ending::Killed, 2);

    assert_eq!(fate(&ledger), Fate::Lost);
}

#[test]
fn what_was_unacknowledged_at_a_kill_has_a_column_of_its_own() {
    let mut ledger = ledger(vec![message("a", vec![unacknowledged(1, 1)])], []);
    ledger.lives = ended(Ending::Killed, 2);
    ledger.links.get_mut(&1).unwrap().ended = Some(Duration::from_secs(2));

    assert_eq!(fate(&ledger), Fate::Killed);
    assert!(ledger.account().is_clean());
}

#[test]
fn a_kill_excuses_nothing_on_a_connection_that_had_ended_before() {
    let mut ledger = ledger(vec![message("a", vec![unacknowledged(1, 1)])], []);
    ledger.lives = ended(Ending::Killed, 10);
    ledger.links.get_mut(&1).unwrap().ended = Some(Duration::from_secs(5));

    assert_eq!(fate(&ledger), Fate::Lost);
}

#[test]
fn a_stop_excuses_only_what_crossed_its_goodbye() {
    let mut ledger = ledger(vec![message("a", vec![unacknowledged(1, 5)])], []);
    ledger.links.get_mut(&1).unwrap().ended = Some(Duration::from_secs(10));
    ledger.lives = ended(Ending::Stopped, 5);
    assert_eq!(fate(&ledger), Fate::Stopped);

    ledger.lives = ended(Ending::Stopped, 6);
    assert_eq!(fate(&ledger), Fate::Lost);
}

#[test]
fn a_dead_connection_swallows_what_was_never_written_and_nothing_else() {
    let never = Delivery { written: None, ..unacknowledged(1, 1) };
    let mut ledger = ledger(vec![message("a", vec![never])], []);
    assert_eq!(fate(&ledger), Fate::Lost, "an open connection gets everything");

    ledger.links.get_mut(&1).unwrap().dead = Some(Duration::from_secs(1));
    assert_eq!(fate(&ledger), Fate::Swallowed);
    ledger.messages[0].deliveries[0].written = Some(moment(1));
    assert_eq!(fate(&ledger), Fate::Lost, "this one could be read before it died");
}

#[test]
fn a_reset_swallows_what_was_written_just_before_it() {
    let mut ledger = ledger(vec![message("a", vec![unacknowledged(1, 5)])], []);
    let link = ledger.links.get_mut(&1).unwrap();
    (link.severed, link.ended) = (Some(Duration::from_secs(5)), Some(Duration::from_secs(5)));
    assert_eq!(fate(&ledger), Fate::Swallowed);

    ledger.links.get_mut(&1).unwrap().severed = Some(Duration::from_secs(7));
    assert_eq!(fate(&ledger), Fate::Lost);
}

#[test]
fn a_close_frame_swallows_nothing_because_all_before_it_can_be_read() {
    let mut ledger = ledger(vec![message("a", vec![unacknowledged(1, 5)])], []);
    ledger.links.get_mut(&1).unwrap().ended = Some(Duration::from_secs(5));
    assert_eq!(fate(&ledger), Fate::Lost);
}

#[test]
fn a_message_that_the_agent_runs_twice_in_one_process_is_duplicated() {
    let sightings = answered("a").into_iter().chain([sighting(Sight::Began, 1, "a")]);
    let account = ledger(vec![message("a", vec![delivered(1)])], sightings).account();
    assert_eq!((account.duplicated, account.accepted), (vec!["a".to_owned()], 1));
}

#[test]
fn an_interrupted_turn_may_run_again_and_an_ended_one_may_not() {
    let again = sighting(Sight::Began, 2, "a");
    let interrupted = [sighting(Sight::Taken, 1, "a"), sighting(Sight::Began, 1, "a"), again.clone()];
    let mut ledger = ledger(vec![message("a", vec![delivered(1)])], interrupted);
    for ending in [Ending::Killed, Ending::Stopped] {
        ledger.lives = ended(ending, 60);
        let account = ledger.account();
        assert_eq!((account.duplicated.len(), account.replayed), (0, 1));
    }

    ledger.sightings = answered("a").into_iter().chain([again]).collect();
    for ending in [Ending::Killed, Ending::Stopped] {
        ledger.lives = ended(ending, 60);
        assert_eq!(ledger.account().duplicated, ["a"]);
    }
}

#[test]
fn a_kill_right_after_a_turn_may_take_its_end_with_it_and_a_stop_may_not() {
    let again = sighting(Sight::Began, 2, "a");
    let sightings = answered("a").into_iter().chain([again]);
    let mut ledger = ledger(vec![message("a", vec![delivered(1)])], sightings);
    ledger.lives = ended(Ending::Killed, 0);
    assert!(ledger.account().duplicated.is_empty());

    for (ending, seconds) in [(Ending::Stopped, 0), (Ending::Killed, 2)] {
        ledger.lives = ended(ending, seconds);
        assert_eq!(ledger.account().duplicated, ["a"], "{ending:?} after {seconds} s");
    }
}

#[test]
fn two_answers_that_people_saw_are_duplicated_also_where_the_agent_ran_once() {
    let mut ledger = ledger(vec![message("a", vec![delivered(1)])], answered("a"));
    ledger.answers = vec![answer("a", 2), answer("b", 2), answer("a", 3)];
    assert_eq!(ledger.account().duplicated, ["a"]);
    assert!(!ledger.account().is_clean());

    ledger.lives = ended(Ending::Stopped, 2);
    assert_eq!(ledger.account().duplicated, ["a"], "a stop has time to write it down");
}

#[test]
fn a_kill_right_after_an_answer_or_while_it_was_on_its_way_excuses_the_next_one_and_no_third() {
    const MS: Duration = Duration::from_millis(1);
    let (kill, late) = (Duration::from_secs(3), Duration::from_secs(9));
    let mut ledger = ledger(vec![message("a", vec![delivered(1)])], answered("a"));
    ledger.lives = ended(Ending::Killed, 3);
    for (times, duplicated) in [
        ([kill - NOTING, late].as_slice(), false),
        (&[kill - NOTING - MS, late], true),
        (&[kill + CROSSING, late], false),
        (&[kill + CROSSING + MS, late], true),
        (&[kill, late, late + MS], true),
        (&[kill - 2 * MS, kill - MS], true),
    ] {
        ledger.answers = times.iter().map(|at| Answer { at: *at, ..answer("a", 0) }).collect();
        let account = ledger.account();
        let found = (account.duplicated.len(), account.answered_again_after_a_kill);
        assert_eq!(found, if duplicated { (1, 0) } else { (0, 1) }, "answers at {times:?}, a kill at 3 s");
    }
}

#[test]
fn an_answer_that_was_on_its_way_at_a_kill_is_excused_where_the_next_process_knows_of_it_and_only_there() {
    let run = |known: Option<u32>| {
        let began = [Sight::Taken, Sight::Began].map(|sight| sighting(sight, 1, "a"));
        let known = known.map(|life| sighting(Sight::Known, life, "a"));
        let mut ledger = ledger(vec![message("a", vec![delivered(1)])], began.into_iter().chain(known));
        ledger.answers = Vec::new();
        ledger
    };
    for (known, ending, seconds, excused) in [
        (Some(2), Ending::Killed, 3, true),
        (None, Ending::Killed, 3, false),
        (Some(2), Ending::Stopped, 3, false),
        (Some(2), Ending::Killed, 60, false),
    ] {
        let mut ledger = run(known);
        ledger.lives = ended(ending, seconds);
        let account = ledger.account();
        let found = (account.without_answer.len(), account.unknown_after_a_kill);
        assert_eq!(found, if excused { (0, 1) } else { (1, 0) }, "{known:?} {ending:?} after {seconds} s");
    }
}

#[test]
fn an_answer_in_another_conversation_is_none() {
    let mut ledger = ledger(vec![message("a", vec![delivered(1)])], answered("a"));
    ledger.answers[0].conversation = "cid2==".into();
    assert_eq!(ledger.account().without_answer, ["a"]);
    assert!(!ledger.account().is_clean());
}

#[test]
fn a_message_that_the_host_was_given_twice_is_handed_over_again() {
    let again = |life| sighting(Sight::Again, life, "a");
    let in_one = answered("a").into_iter().chain([again(1)]);
    let account = ledger(vec![message("a", vec![delivered(1)])], in_one).account();
    assert_eq!((account.handed_over_again, account.duplicated.len()), (1, 0));
    assert!(!account.is_clean());

    let by_the_next = answered("a").into_iter().chain([again(2)]);
    let account = ledger(vec![message("a", vec![delivered(1)])], by_the_next).account();
    assert_eq!(account.handed_over_again, 0, "the next process cannot know it");
}

#[test]
fn a_conversation_whose_messages_are_seen_the_other_way_round_is_out_of_order() {
    let messages = vec![message("a", vec![delivered(1)]), message("b", vec![delivered(2)])];
    let mut ledger = ledger(messages, answered("b").into_iter().chain(answered("a")));
    assert_eq!(ledger.account().out_of_order, 1);

    ledger.messages[1].conversation = "cid2==".into();
    assert_eq!(ledger.account().out_of_order, 0, "conversations do not wait for each other");
}

#[test]
fn a_message_that_had_to_be_pushed_again_may_come_after_a_later_one() {
    let messages =
        vec![message("a", vec![unacknowledged(1, 1), delivered(9)]), message("b", vec![delivered(2)])];
    let ledger = ledger(messages, answered("b").into_iter().chain(answered("a")));
    assert_eq!(ledger.account().out_of_order, 0);
}

#[test]
fn two_connections_order_only_what_was_acknowledged_before_the_other_was_pushed() {
    let on_two = |seq| Delivery { link: 2, ..delivered(seq) };
    let messages = vec![message("a", vec![delivered(1)]), message("b", vec![on_two(2)])];
    let mut ledger = ledger(messages, answered("b").into_iter().chain(answered("a")));
    assert_eq!(ledger.account().out_of_order, 0);

    ledger.messages[1] = message("b", vec![on_two(3)]);
    assert_eq!(ledger.account().out_of_order, 1);
}

#[test]
fn a_push_that_nobody_answers_on_an_open_connection_is_told() {
    let pushed = vec![delivered(1), unacknowledged(1, 2)];
    let mut ledger = ledger(vec![message("a", pushed)], answered("a"));
    assert_eq!(ledger.account().unanswered, 1);

    ledger.links.get_mut(&1).unwrap().ended = Some(Duration::from_secs(3));
    assert_eq!(ledger.account().unanswered, 0);
}

#[test]
fn ack_times_count_only_where_the_host_was_prompt() {
    let slow = Message { prompt: false, ..message("a", vec![delivered(1)]) };
    assert_eq!(ledger(vec![slow], answered("a")).account().ack.count, 0);
}

#[test]
fn percentiles_are_the_least_time_that_so_many_do_not_exceed() {
    let spread = Spread::of((1..=200).rev().map(Duration::from_millis).collect());
    let ms = Duration::from_millis;
    assert_eq!((spread.p50, spread.p99, spread.max), (ms(100), ms(198), ms(200)));
    assert_eq!(Spread::of(Vec::new()), Spread::default());
}

#[test]
fn the_lines_of_an_account_do_not_change() {
    let account = ledger(vec![message("a", vec![delivered(1)])], answered("a")).account().to_string();
    for line in
        ["pushed: 1", "accepted: 1", "lost: 0", "duplicated: 0", "out of order: 0", "without an answer: 0"]
    {
        assert!(account.lines().any(|it| it == line), "{line} in {account}");
    }
    for start in [
        "unacknowledged at a kill: 0",
        "swallowed by the network: 0",
        "ack p50/p99/max: 1000.0/1000.0/1000.0 ms",
        "dead link noticed: none",
        "gap at reconnect: none",
    ] {
        assert!(account.lines().any(|it| it.starts_with(start)), "{start} in {account}");
    }
}
