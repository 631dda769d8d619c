//! For how many days files stay (O11), to the day.

use super::{file, gone, retention::aged, turn, world};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tests::World;

#[tokio::test]
async fn o11_m1_a_file_stays_for_so_many_whole_days_by_default_7() {
    for (written, stays) in [(Value::Null, 7), (json!(1), 1), (json!(2), 2)] {
        let world = world(json!({"inboundMedia": {"keepDays": written}})).await;
        while !stays_for(&world, stays).await {}
        world.end().await;
    }
}

/// Puts files into the archive as if they had come earlier, and looks what is left after a message. `false` if a day
/// ended meanwhile, which proves nothing.
async fn stays_for(world: &World, days: usize) -> bool {
    world.dingtalk().sends_file("Lin", "new.txt", *b"new");
    let asked = turn(world).await;
    let new = PathBuf::from(file(&asked).path);
    let today = date_of(&new);
    let of = |days| aged(&new, &before(&today, days), days);
    let [last, over] = [days, days + 1].map(of);
    for path in [&last, &over] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    asked.done();
    gone(&over).await;
    let is_there = last.exists();
    world.dingtalk().sends_file("Lin", "later.txt", *b"later");
    let asked = turn(world).await;
    let is_same_day = date_of(Path::new(&file(&asked).path)) == today;
    asked.done();
    assert!(is_there || !is_same_day, "{} is gone", last.display());
    is_same_day
}

/// The date of the folder that a file lies in.
fn date_of(path: &Path) -> String {
    path.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned()
}

/// The date so many days before another one.
fn before(date: &str, days: usize) -> String {
    (0..days).fold(date.to_owned(), |date, _| the_day_before(&date))
}

fn the_day_before(date: &str) -> String {
    let parts: Vec<u32> = date.split('-').map(|part| part.parse().unwrap()).collect();
    let (year, month, day) = match parts[..] {
        [year, month, day] if day > 1 => (year, month, day - 1),
        [year, 1, _] => (year - 1, 12, 31),
        [year, month, _] => (year, month - 1, last_day(year, month - 1)),
        _ => panic!("{date} is no date"),
    };
    format!("{year:04}-{month:02}-{day:02}")
}

fn last_day(year: u32, month: u32) -> u32 {
    let is_leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[test]
fn the_day_before_is_known_across_months_and_years() {
    for (day, expected) in
        [("2026-01-01", "2025-12-31"), ("2024-03-01", "2024-02-29"), ("2026-11-22", "2026-11-21")]
    {
        assert_eq!(the_day_before(day), expected);
    }
}
