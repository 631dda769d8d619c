//! What has to be proved in the real gateway, line by line, and the claims that prove it.

use crate::verdict::{Outcome, Verdicts};
use std::fmt;

/// A line of the goal, and the names of its claims.
const PROOF: &[(&str, &[&str])] = &[
    ("a private chat, by card", &["one_bot::a_private_message_is_answered_on_one_card"]),
    ("a group, by card", &["one_bot::a_mention_in_a_group_is_answered_there"]),
    ("a private chat, by markdown", &["two_bots::each_bot_answers_with_its_agent_and_in_its_manner"]),
    ("a group, by markdown", &["two_bots::in_a_group_a_bot_without_cards_answers_with_a_message"]),
    ("partials stream", &["one_bot::an_answer_grows_while_the_model_speaks"]),
    ("duplicates are answered once", &["one_bot::a_message_that_is_pushed_again_is_answered_once"]),
    ("pairing by the command line", &["access::who_is_new_is_told_a_code_and_let_in_by_it"]),
    (
        "allow lists",
        &["access::who_is_listed_is_answered_at_once", "access::in_groups_only_who_is_listed_is_answered"],
    ),
    (
        "a stop by the button and by a word",
        &[
            "turns::a_press_of_the_button_ends_the_model_s_answer",
            "turns::a_word_ends_the_model_s_answer",
            "turns::a_model_that_hangs_is_stopped",
        ],
    ),
    (
        "messages behind a running turn: followup, collect, interrupt",
        &[
            "turns::what_is_queued_behind_a_turn_has_a_card_of_its_own",
            "turns::what_is_collected_behind_a_turn_is_answered_once",
            "turns::what_interrupts_a_turn_is_answered_instead",
        ],
    ),
    ("payloads with several files", &["turns::a_tool_s_text_and_files_arrive_whole_and_in_order"]),
    ("the directory", &["setup::who_was_heard_of_is_in_the_directory_by_name"]),
    ("orders in groups", &["access::an_order_counts_only_of_who_is_listed_by_id"]),
    (
        "quotes, and what was said meanwhile",
        &[
            "access::what_is_quoted_is_told_to_the_model",
            "access::what_was_said_meanwhile_is_told_to_the_model_and_not_answered",
        ],
    ),
    ("two accounts, two agents", &["two_bots::each_bot_answers_with_its_agent_and_in_its_manner"]),
    (
        "media in",
        &[
            "turns::a_picture_is_seen_by_the_model",
            "turns::a_file_is_named_to_the_model",
            "turns::what_a_voice_says_is_what_is_asked",
        ],
    ),
    ("media out", &["turns::a_picture_of_a_tool_s_arrives", "options::a_file_is_sent_from_the_command_line"]),
    ("channels status --probe", &["one_bot::the_status_says_that_it_is_connected_and_a_probe_examines_it"]),
    ("message send", &["one_bot::a_message_of_the_command_line_arrives"]),
    (
        "channels add",
        &[
            "setup::begins",
            "packaging::an_account_is_added_by_a_command",
            "setup::a_second_account_comes_from_the_environment_and_leaves_the_first_as_it_is",
            "setup::a_person_adds_an_account_at_a_terminal",
        ],
    ),
    ("channels remove", &["setup::an_account_is_removed_and_the_others_stay"]),
    ("channels login, channels logout", &["setup::who_logs_out_is_gone_and_who_logs_in_is_back"]),
    ("onboard", &["setup::who_is_new_to_openclaw_finds_the_channel_and_is_led_to_a_bot"]),
    ("dingtalk setup, china setup", &["setup::begins"]),
    ("references to secrets", &["setup::a_secret_may_lie_wherever_openclaw_keeps_secrets"]),
    (
        "another plugin of the channel, at install, start and doctor",
        &[
            "neighbours::whichever_is_installed_second_the_command_names_the_other",
            "neighbours::at_a_start_and_by_the_doctor_it_is_named_with_the_command_that_ends_it",
            "neighbours::who_does_what_is_said_has_a_bot",
        ],
    ),
    (
        "another gateway, by doctor and audit",
        &[
            "setup::a_hosted_gateway_with_the_same_client_id_takes_some_of_the_messages",
            "setup::what_is_mistaken_is_told_by_doctor_and_audit",
        ],
    ),
    ("setup by a code", &["setup::who_scans_a_code_gets_another_bot_that_connects"]),
    ("metrics", &["setup::prometheus_reads_what_was_counted_with_the_gateways_token"]),
    ("doctor", &["setup::what_is_mistaken_is_told_by_doctor_and_audit", "guide::the_doctor_ends_well"]),
    ("the first configuration, as it stands", &["one_bot::begins", "guide::the_bot_of_the_readme_answers"]),
    ("the second configuration, as it stands", &["two_bots::begins"]),
    ("O1 enabled", &["access::begins", "options::a_channel_that_is_off_is_not_connected"]),
    ("O2 defaultAccount", &["two_bots::the_default_account_is_the_one_that_is_named_or_the_first"]),
    (
        "O3 clientId, O4 clientSecret",
        &["one_bot::begins", "options::without_credentials_the_gateway_runs_and_says_that_they_are_missing"],
    ),
    (
        "O5 dmPolicy",
        &[
            "one_bot::a_private_message_is_answered_on_one_card",
            "access::who_is_new_is_told_a_code_and_let_in_by_it",
        ],
    ),
    (
        "O6 groupPolicy",
        &[
            "one_bot::a_mention_in_a_group_is_answered_there",
            "access::in_groups_only_who_is_listed_is_answered",
            "options::nobody_is_answered_in_groups_that_are_off",
        ],
    ),
    (
        "O7 longTaskNoticeDelayMs",
        &[
            "two_bots::who_waits_half_a_minute_without_a_card_is_told_so",
            "options::without_cards_who_waits_long_is_told_so_once",
        ],
    ),
    (
        "O8 enableAICard",
        &[
            "access::who_is_listed_is_answered_at_once",
            "two_bots::each_bot_answers_with_its_agent_and_in_its_manner",
        ],
    ),
    (
        "O9 maxFileSizeMB",
        &[
            "one_bot::a_file_of_more_than_a_hundred_megabytes_is_refused",
            "two_bots::a_file_of_more_than_a_hundred_megabytes_is_refused",
            "options::a_file_that_is_too_large_is_refused_with_the_limit",
        ],
    ),
    (
        "O10 inboundMedia.dir, O11 inboundMedia.keepDays",
        &[
            "one_bot::a_file_is_kept_for_seven_days_where_openclaw_keeps_media",
            "two_bots::a_file_is_kept_for_seven_days_where_openclaw_keeps_media",
            "options::a_file_is_kept_as_long_as_is_set_where_it_is_set",
        ],
    ),
    (
        "the configuration is reloaded",
        &[
            "one_bot::a_change_of_the_configuration_is_taken_in_while_it_runs",
            "setup::a_live_option_holds_on_the_connection_that_there_is",
            "setup::what_needs_another_connection_gets_it_before_the_old_one_goes",
        ],
    ),
    ("the plugin is reloaded", &["trouble::a_plugin_that_is_reloaded_answers_again"]),
    ("a plugin reload in mid-answer", &["restarts::a_plugin_that_is_reloaded_in_mid_answer_is_not_seen"]),
    ("a restart in mid-answer", &["trouble::a_killed_gateway_gives_each_answer_once_on_its_card"]),
    (
        "a restart that waits for answers",
        &[
            "one_bot::a_gateway_that_starts_again_answers_again",
            "restarts::a_restart_of_the_gateway_waits_for_what_is_being_said",
        ],
    ),
    (
        "a restart that does not wait for answers",
        &["restarts::a_restart_that_waits_no_longer_has_its_answer_on_its_card"],
    ),
    (
        "a restart of the channel in mid-answer",
        &[
            "restarts::a_channel_that_stops_in_mid_answer_goes_on_when_it_starts_again",
            "restarts::a_change_that_starts_the_account_anew_in_mid_answer_is_not_seen",
            "rejected::a_restart_by_the_health_monitor_in_mid_answer_is_not_seen",
        ],
    ),
    (
        "a stop of what is resumed",
        &["restarts::what_is_resumed_after_a_crash_is_stopped_by_the_button_and_by_a_word"],
    ),
    ("a stop within five seconds", &["turns::a_stop_waits_for_nobody"]),
    ("rejected credentials", &["rejected::rejected_credentials_are_a_status_and_no_restart"]),
    (
        "steering: a second message in mid-run",
        &["trouble::a_message_that_joins_a_running_turn_is_answered_too"],
    ),
    (
        "tool and reasoning progress",
        &[
            "turns::what_the_agent_does_is_told_while_it_does_it",
            "turns::what_the_model_thinks_is_seen_meanwhile_by_who_asks_for_that",
        ],
    ),
    (
        "plugins update and rollback with an open card",
        &[
            "updates::an_update_in_mid_answer_loses_and_repeats_nothing",
            "updates::the_version_before_goes_on_where_a_killed_one_was",
            "trouble::an_update_in_mid_answer_is_not_seen",
        ],
    ),
    ("plugins uninstall", &["packaging::an_uninstalled_plugin_leaves_a_healthy_gateway_and_its_state"]),
    ("the tarball without a network", &["packaging::a_tarball_is_installed_without_a_network"]),
    ("the extensions folder", &["packaging::a_folder_that_is_dropped_in_and_enabled_answers"]),
    ("file modes", &["packaging::a_folder_that_anybody_may_write_is_refused_and_named"]),
    ("keys of other plugins", &["packaging::keys_of_other_plugins_are_valid", "options::begins"]),
    ("a lost socket", &["one_bot::a_lost_connection_is_replaced"]),
    ("403 on cards", &["one_bot::without_cards_the_answer_is_a_message"]),
    ("a token revoked in mid-answer", &["trouble::a_revoked_token_in_mid_answer_is_not_seen"]),
    ("two card calls a second", &["trouble::two_calls_a_second_are_enough_for_three_answers"]),
    ("200 messages at once", &["load::two_hundred_messages_at_once_are_all_answered"]),
    (
        "ten reloads: no leftover threads, and no more memory than modules take",
        &["load::ten_reloads_leave_no_thread_no_file_and_no_connection"],
    ),
    (
        "no secret in a log",
        &["one_bot::the_logs_hold_no_secret", "one_bot::ends_without_a_secret_in_its_logs"],
    ),
];

/// The lines, with what became of the claims; its `Display` is a table.
pub(crate) struct Proof<'a>(pub(crate) &'a Verdicts);

impl Proof<'_> {
    /// The claims that the lines name and nobody makes any more, given the names of all.
    pub(crate) fn unknown(names: &[String]) -> Vec<&'static str> {
        let named = PROOF.iter().flat_map(|(_, claims)| *claims);
        named.copied().filter(|claim| !names.iter().any(|name| name == claim)).collect()
    }
}

impl fmt::Display for Proof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (line, claims) in PROOF {
            let outcomes: Vec<_> = claims.iter().map(|claim| self.0.of(claim)).collect();
            writeln!(f, "{:11}  {line}", word(&outcomes))?;
        }
        Ok(())
    }
}

/// What the claims of a line come to.
fn word(outcomes: &[Option<&Outcome>]) -> &'static str {
    let is_lacking = |outcome: &Option<&Outcome>| matches!(outcome, Some(Outcome::NotOffered(_)));
    if outcomes.iter().any(|outcome| matches!(outcome, Some(Outcome::Fails(_)))) {
        "FAILS"
    } else if outcomes.iter().any(is_lacking) {
        "not offered"
    } else if outcomes.iter().all(Option::is_some) {
        "proved"
    } else if outcomes.iter().any(Option::is_some) {
        "in part"
    } else {
        "not played"
    }
}
