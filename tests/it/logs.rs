//! The log of a channel: whose it is, what is in it, and what a filter keeps out.

use host_sdk::{
    Accepted, Done, ErrorCode, InboundMessage, LogLine, StopReason,
    host::{Channel, Events, Plugin},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tests::{
    Copied, pulse,
    pulse::{Ears, SOON, order, started},
};

struct Logging {
    plugin: Plugin,
    channel: Channel,
    ears: Ears,
}

impl Logging {
    fn new() -> Self {
        let plugin = Copied::of(pulse()).load();
        let ears = Ears::default();
        let channel = started(&plugin, "default", ears.clone());
        ears.take();
        Self { plugin, channel, ears }
    }

    /// Another channel of the same library, with its own ears.
    fn another(&self) -> (Channel, Ears) {
        let ears = Ears::default();
        let channel = started(&self.plugin, "other", ears.clone());
        ears.take();
        (channel, ears)
    }

    /// What is heard of `said`.
    fn heard(&self, said: &str) -> Vec<String> {
        order(&self.channel, said);
        self.ears.take()
    }
}

#[test]
fn a_line_brings_its_level_its_target_its_fields_and_those_of_its_spans_innermost_first() {
    let logging = Logging::new();
    let fields = "status=429 reason=too fast id=c1 account=default attempt=2";
    assert_eq!(logging.heard("spans"), [format!("warn pulse::orders the card waits {fields}")]);
}

#[test]
fn a_filter_changes_at_run_time_and_keeps_out_exactly_what_it_says() {
    let logging = Logging::new();
    // One line of each of the five levels, in two modules.
    let cases = [
        ("info", 6),
        ("trace", 10),
        ("off", 0),
        ("warn,pulse::orders::deep=debug", 2 + 4),
        ("pulse::orders::deep=error", 1),
        ("error,pulse=info,pulse::orders::deep=off", 3),
        ("another_crate=trace", 0),
        ("debug", 8),
    ];
    for (directives, lines) in cases {
        assert!(logging.plugin.log_filter(directives), "{directives}");
        assert_eq!(logging.heard("levels").len(), lines, "{directives}");
    }
}

#[test]
fn directives_that_cannot_be_read_are_refused_and_change_nothing() {
    let logging = Logging::new();
    assert!(logging.plugin.log_filter("warn"));
    for bad in ["pulse=loud", "info,pulse=9", "pulse=info=debug", "info,=,pulse=loud"] {
        assert!(!logging.plugin.log_filter(bad), "{bad}");
        assert_eq!(logging.heard("levels").len(), 4, "{bad}");
    }
}

#[test]
fn lines_of_tasks_and_of_blocking_work_belong_to_their_channel() {
    let logging = Logging::new();
    let (_other, other_ears) = logging.another();
    let lines = ["info pulse::orders from a task", "info pulse::orders from blocking work"];
    assert_eq!(logging.heard("elsewhere"), lines);
    assert!(other_ears.take().is_empty());
}

#[test]
fn a_line_arrives_before_the_answer_to_the_call_that_logged_it() {
    let logging = Logging::new();
    assert!(logging.plugin.log_filter("debug"));
    for _ in 0..100 {
        assert_eq!(logging.heard("levels").len(), 8);
    }
}

#[test]
fn of_a_flood_of_lines_a_channel_says_ten_and_that_it_leaves_the_others_out() {
    let logging = Logging::new();
    let (other, other_ears) = logging.another();
    let heard = logging.heard("flood");
    assert_eq!((heard.len(), &*heard[0]), (10, "warn pulse::orders one of a hundred number=0"));
    let last = "warn pulse::orders one of a hundred number=9 left_out=those like it, for up to a minute";
    assert_eq!(heard[9], last);
    assert!(logging.heard("flood").is_empty());

    assert_eq!(logging.heard("spans").len(), 1, "lines of other places are said");
    order(&other, "flood");
    assert_eq!(other_ears.take().len(), 10, "and another channel's");
}

#[test]
fn who_asks_for_the_details_of_a_target_gets_every_line_of_a_flood() {
    let logging = Logging::new();
    assert!(logging.plugin.log_filter("warn,pulse=debug"));
    assert_eq!(logging.heard("flood").len(), 100);
    assert!(logging.plugin.log_filter("debug,pulse=warn"));
    assert_eq!(logging.heard("flood").len(), 10);
}

/// Panics at every line.
#[derive(Clone, Default)]
struct Clumsy(Arc<AtomicUsize>);

impl Clumsy {
    fn stumble(&self) -> ! {
        self.0.fetch_add(1, Ordering::Relaxed);
        panic!("a log sink of the test's panics");
    }
}

impl Events for Clumsy {
    fn receive(&self, _message: InboundMessage, answer: Done<Accepted>) {
        answer.answer(Ok(Accepted::New));
    }

    fn log(&self, _line: &LogLine<'_>) {
        self.stumble();
    }
}

#[test]
fn a_sink_that_panics_hurts_neither_the_channel_nor_the_other_sinks() {
    let plugin = Copied::of(pulse()).load();
    let (clumsy, root) = (Clumsy::default(), Ears::default());
    let stumbling = clumsy.clone();
    let _first = plugin.log_to(move |_| stumbling.stumble()).unwrap();
    let heard = root.clone();
    let _second = plugin.log_to(move |line| heard.note(line)).unwrap();

    let channel = started(&plugin, "default", clumsy.clone());
    order(&channel, "elsewhere");

    // One at the start, two of the channel's own, and one that belongs to none.
    assert_eq!(clumsy.0.load(Ordering::Relaxed), 4);
    assert_eq!(root.take(), ["info pulse::orders from a task of nobody's"]);
    order(&channel, "hand over 1");
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
}

#[test]
fn a_listener_may_change_who_listens_and_to_what_while_it_is_told_a_line() {
    let plugin = Copied::of(pulse()).load();
    let (ears, again) = (Ears::default(), plugin.clone());
    let (heard, another) = (ears.clone(), Ears::default());
    let _meddling = plugin.log_to(move |line| {
        heard.note(line);
        drop(again.log_to(|_| ()).unwrap());
        assert!(again.log_filter("off"));
    });
    let channel = started(&plugin, "default", another);
    order(&channel, "elsewhere");
    order(&channel, "elsewhere");
    assert_eq!(
        ears.take(),
        ["info pulse::orders from a task of nobody's"],
        "from then on none is let through"
    );
}

#[test]
fn whoever_cannot_listen_any_more_is_told_so_until_there_is_room() {
    let plugin = Copied::of(pulse()).load();
    let mut listening: Vec<_> = (0..64).map(|_| plugin.log_to(|_| ()).unwrap()).collect();
    let error = plugin.log_to(|_| ()).unwrap_err();
    assert_eq!(error.code, ErrorCode::Busy, "{error}");
    listening.pop();
    listening.push(plugin.log_to(|_| ()).unwrap());
}
