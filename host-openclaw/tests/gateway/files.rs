//! Files that people send: where they are kept, for how long, and how large they may be.

use crate::world::World;
use chrono::{Days, NaiveDate};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// How often a folder is looked at.
const PACE: Duration = Duration::from_millis(100);

/// `maxFileSizeMB`, `inboundMedia.dir` and `inboundMedia.keepDays` as they are if nobody writes them, and as
/// the guides write them.
pub(crate) async fn a_file_is_kept_for_seven_days_where_openclaw_keeps_media(world: &mut World) {
    let archive = world.home.state().join("media/dingtalk/inbound");
    is_kept(world, &archive, 7).await;
}

pub(crate) async fn a_file_is_kept_as_long_as_is_set_where_it_is_set(world: &mut World) {
    is_kept(world, &world.home.path().join("received"), 2).await;
}

/// A file comes into the folder of its day; folders of days that are over go with the next file.
async fn is_kept(world: &World, archive: &Path, days: u64) {
    let first = file_of(world, archive, "quince.txt").await;
    let today: NaiveDate = folder_name(&first).parse().unwrap();
    let day = |ago: u64| archive.join((today - Days::new(ago)).to_string());
    let (old, older) = (day(days), day(days + 1));
    for folder in [&old, &older] {
        fs::create_dir_all(folder).unwrap();
        fs::copy(&first, folder.join(first.file_name().unwrap())).unwrap();
    }

    let second = file_of(world, archive, "medlar.txt").await;
    while older.exists() {
        tokio::time::sleep(PACE).await; // what removes it tells nobody
    }
    // At midnight all are a day older.
    assert!(old.exists() || folder_name(&second) != folder_name(&first), "what is {days} days old stays");
}

/// Sends a file, has the agent asked about it, and waits until that is answered; where it is kept.
async fn file_of(world: &World, archive: &Path, name: &str) -> PathBuf {
    let (stem, _) = name.split_once('.').unwrap();
    let asked = world.dingtalk.sends_file("Guo", name, format!("all about the {stem}"));
    world.dingtalk.acked(&asked).await;
    world.model.is_asked(|asked| asked.text.contains(stem)).await;
    let days = fs::read_dir(archive).unwrap().map(|day| day.unwrap().path());
    let files = days.flat_map(|day| fs::read_dir(day).unwrap()).map(|file| file.unwrap().path());
    let is_it =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(stem));
    files.into_iter().find(is_it).unwrap_or_else(|| panic!("no {stem} in {}", archive.display()))
}

fn folder_name(file: &Path) -> String {
    file.parent().and_then(Path::file_name).unwrap().to_string_lossy().into_owned()
}

pub(crate) async fn a_file_of_more_than_a_hundred_megabytes_is_refused(world: &mut World) {
    world.dingtalk.sends_file("Dai", "film.mp4", vec![0; 100 * 1024 * 1024 + 1]);
    let told = world
        .dingtalk
        .wait_for(|view| {
            view.messages_in("Dai")
                .map(|message| message.text().to_owned())
                .find(|text| text.contains("film"))
        })
        .await;
    assert!(told.contains("100 MB"), "{told}");
}
