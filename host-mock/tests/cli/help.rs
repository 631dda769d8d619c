//! What `--help` says is in the guide, and every command has examples.

use crate::program::Home;

/// The names of the commands that `--help` lists.
fn commands(home: &Home) -> Vec<(String, String)> {
    let help = home.run(&["--help"]).stdout;
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let command = |line: &str| {
        let (name, about) = line.trim().split_once("  ").unwrap();
        (name.to_owned(), about.trim().to_owned())
    };
    list.lines().map(command).filter(|(name, _)| name != "help").collect()
}

#[test]
fn both_guides_name_every_command_and_no_other() {
    let commands: Vec<_> = commands(&Home::new()).into_iter().map(|(name, _)| name).collect();
    for guide in
        [include_str!("../../../docs/host-mock.md"), include_str!("../../../docs/host-mock.zh-CN.md")]
    {
        let rows = guide.lines().filter_map(|line| line.strip_prefix("| `host-mock ")?.split('`').next());
        let mut told: Vec<_> = rows.map(|row| row.split(' ').next().unwrap().to_owned()).collect();
        told.dedup();
        assert_eq!(told, commands);
    }
}

#[test]
fn the_guide_says_of_every_command_what_its_help_says() {
    for (name, about) in commands(&Home::new()) {
        let row = format!("| `host-mock {name}");
        let guide = include_str!("../../../docs/host-mock.md");
        let line = guide.lines().find(|line| line.starts_with(&row)).unwrap_or_default();
        assert!(line.contains(&about), "{name}: {about:?} is not in {line:?}");
    }
}

#[test]
fn every_command_has_examples_and_no_colours_where_nobody_sees_them() {
    let home = Home::new();
    for (name, _) in commands(&home) {
        let help = home.run(&[&name, "--help"]);
        assert_eq!(help.code, 0, "{name}: {}", help.stderr);
        assert!(help.stdout.contains("Examples:\n  host-mock "), "{name}: {}", help.stdout);
        let mistaken = home.run(&[&name, "--no-such-option"]);
        assert!(
            !format!("{}{}", help.stdout, mistaken.stderr).contains('\u{1b}'),
            "{name}: {}",
            mistaken.stderr
        );
    }
}

#[test]
fn the_exit_codes_are_in_the_help() {
    let help = Home::new().run(&["--help"]).stdout;
    for code in ["    0  ", "    1  ", "    2  ", "    3  ", "  130  "] {
        assert!(help.contains(code), "{help}");
    }
}
