//! Which marks may be on messages just now, for a successor to take off.

use crate::{
    api::emotion::Emotion,
    state_file::{Content, StateError, StateFile},
};
use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

const FILE: &str = "marks.json";
const FORMAT: u32 = 1;
/// More than there are at once; what a file has beyond it is left.
const MOST: usize = 2_000;

/// The marks of an account, in memory and on disk.
#[derive(Default)]
pub(super) struct Note {
    marks: Mutex<Vec<Emotion>>,
    file: Mutex<Option<StateFile>>,
}

impl Note {
    /// Keeps the marks in `directory`, and answers with those that were left there. Not for a worker
    /// thread.
    pub(super) fn open(&self, directory: &Path) -> Vec<Emotion> {
        match Self::read(directory) {
            Ok((file, left)) => {
                *self.file() = Some(file);
                self.go_on_from(left)
            }
            Err(error) => {
                tracing::warn!("marks that a kill leaves on messages will stay there: {error}");
                Vec::new()
            }
        }
    }

    fn read(directory: &Path) -> Result<(StateFile, Vec<Emotion>), StateError> {
        let file = StateFile::own(directory, FILE, FORMAT)?;
        let left = match file.read()? {
            Content::Known(left) => left,
            Content::Missing => Vec::new(),
            Content::Damaged(aside) => {
                tracing::warn!(aside = %aside.display(), "the list of marks on messages was damaged; some may stay");
                Vec::new()
            }
        };
        Ok((file, left))
    }

    fn go_on_from(&self, mut left: Vec<Emotion>) -> Vec<Emotion> {
        left.truncate(MOST);
        self.marks().extend(left.iter().cloned());
        left
    }

    /// Puts a mark down, before it is made.
    pub(super) fn add(&self, mark: &Emotion) {
        let mut marks = self.marks();
        if !marks.contains(mark) {
            marks.push(mark.clone());
        }
    }

    /// A mark is off.
    pub(super) fn remove(&self, mark: &Emotion) {
        self.marks().retain(|other| other != mark);
    }

    /// Writes it down. Not for a worker thread.
    pub(super) fn save(&self) {
        let file = self.file();
        let marks = self.marks().clone();
        if let Some(Err(error)) = file.as_ref().map(|file| file.write(&marks)) {
            tracing::warn!("marks that a kill leaves on messages will stay there: {error}");
        }
    }

    fn marks(&self) -> MutexGuard<'_, Vec<Emotion>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self) -> MutexGuard<'_, Option<StateFile>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whatever a file holds, its marks can be gone on from, written and taken off.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn any_file(text: &str) {
    let Ok(theirs) = serde_json::from_str::<Vec<Emotion>>(text) else { return };
    let note = Note::default();
    let left = note.go_on_from(theirs);
    assert!(left.len() <= MOST, "a file makes it grow");
    let written = serde_json::to_string(&*note.marks()).expect("marks can be written");
    assert_eq!(serde_json::from_str::<Vec<Emotion>>(&written).expect("ours can be read"), left);
    left.iter().for_each(|mark| note.remove(mark));
    assert!(note.marks().is_empty(), "a mark that is off is still put down");
}
