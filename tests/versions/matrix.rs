//! Every host with every plugin, of two minor versions and of two major ones.

use crate::fixtures::{
    Built::{self, NextMajor, NextMinor, Now},
    DEMANDING, Installed, MODEST,
};

const NOW_WITH_NOW: [&str; 10] = [
    "can direct",
    "received letter message",
    "accepted new",
    "send delivered",
    "send busy: the postbox is full",
    "update open shown as open",
    "update done shown as done",
    "update came too late",
    "stopping shutdown",
    "stopped",
];

#[track_caller]
fn assert_says(host: Built, plugin: Built, expected: &[&str]) {
    assert_eq!(Installed::plugin(plugin).under(host), expected, "{plugin:?} under {host:?}");
}

#[test]
fn a_plugin_lives_with_the_host_of_its_version() {
    assert_says(Now, Now, &NOW_WITH_NOW);
    assert_says(
        NextMinor,
        NextMinor,
        &[
            "can direct, pin",
            "about Some(\"letters\")",
            "received letter message",
            "accepted shelved",
            "received letter recalled",
            "recalled letter",
            "status quota 7",
            "send delivered",
            "send quota: the postbox is full",
            "update open shown as open",
            "update draft shown as draft",
            "update came too late",
            "pin Ok(())",
            "stopping moved",
            "stopped",
        ],
    );
}

/// What was added for plugins to hear is a number to them; an unknown phase ends its answer.
#[test]
fn an_older_plugin_hears_numbers_for_what_it_does_not_know_and_does_not_support_what_came_later() {
    assert_says(
        NextMinor,
        Now,
        &[
            "can direct",
            "about None",
            "received letter message",
            "accepted #200",
            "send delivered",
            "send busy: the postbox is full",
            "update open shown as open",
            "update draft shown as #200",
            "update came too late",
            "pin Err(unsupported)",
            "stopping #200",
            "stopped",
        ],
    );
}

#[test]
fn an_older_host_hears_numbers_for_what_it_does_not_know_and_no_later_callback() {
    assert_says(
        Now,
        NextMinor,
        &[
            "can direct, pin",
            "received letter message",
            "accepted new",
            "received letter #900",
            "status quota 7",
            "send delivered",
            "send #900: the postbox is full",
            "update open shown as open",
            "update done shown as done",
            "update came too late",
            "stopping shutdown",
            "stopped",
        ],
    );
}

#[test]
fn a_newer_plugin_that_uses_nothing_new_is_to_an_older_host_as_one_of_its_own_version() {
    let modest = Installed::library(MODEST, &NextMinor.version());
    assert_eq!(modest.under(Now), NOW_WITH_NOW);
}

#[test]
fn a_plugin_that_needs_what_an_older_host_cannot_do_says_so_and_is_not_opened() {
    let demanding = Installed::library(DEMANDING, &NextMinor.version());
    let said = demanding.under(Now).join("\n");
    assert!(said.contains("not opened unsupported: ") && said.ends_with("update the host"), "{said}");
    let said = demanding.under(NextMinor).join("\n");
    assert!(said.contains("pin Ok(())") && said.ends_with("stopped"), "{said}");
}

#[track_caller]
fn assert_refused(installed: &Installed, host: Built, plugin: Built) {
    let said = installed.under(host).join("\n");
    let (plugin, host) = (plugin.version(), host.version());
    let (host_major, _) = host.split_once('.').unwrap();
    assert!(said.starts_with("refused [sdk-version]"), "{said}");
    for part in [
        format!("built with host-sdk {plugin}"),
        format!("this host has {host}"),
        format!("install a plugin built for {host_major}.x"),
        "update the host".to_owned(),
    ] {
        assert!(said.contains(&part), "no {part:?} in {said}");
    }
}

#[test]
fn another_major_version_is_refused_with_both_versions_and_the_remedy() {
    for (host, plugin) in [(Now, NextMajor), (NextMinor, NextMajor), (NextMajor, Now), (NextMajor, NextMinor)]
    {
        assert_refused(&Installed::plugin(plugin), host, plugin);
    }
}

#[test]
fn a_manifest_that_lies_about_the_version_does_not_help() {
    let lying = Installed::library("postbox_nextmajor", &Now.version());
    assert_refused(&lying, Now, NextMajor);
}
