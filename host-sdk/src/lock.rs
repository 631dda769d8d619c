//! Files that say, by being locked, who owns what lies beside them.

use std::{
    fs::{File, TryLockError},
    thread,
    time::Duration,
};

/// How often a lock that is held is asked for again.
const ATTEMPTS: u32 = 50;

/// How long it is left between two of them.
const PAUSE: Duration = Duration::from_millis(20);

/// Locks `file` for as long as it is open, as its only owner. Blocks for a second at most.
///
/// A lock is not taken at its word at once: while any thread of a process starts a child, the child holds
/// what its parent has open until it has become another program, and so for a moment also what the parent
/// has let go of. Hosts start children all the time.
///
/// # Errors
/// `WouldBlock` if somebody else holds it all that time; what the system says if it cannot be locked.
#[expect(clippy::disallowed_methods, reason = "nobody tells when another's child has begun")]
pub fn claim(file: &File) -> Result<(), TryLockError> {
    insist(|| file.try_lock(), thread::sleep)
}

fn insist(
    mut attempt: impl FnMut() -> Result<(), TryLockError>,
    mut pause: impl FnMut(Duration),
) -> Result<(), TryLockError> {
    for _ in 1..ATTEMPTS {
        match attempt() {
            Err(TryLockError::WouldBlock) => pause(PAUSE),
            answer => return answer,
        }
    }
    attempt()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;
    use std::{io, time::Duration};

    #[test]
    fn a_lock_that_is_let_go_of_within_a_second_is_had() {
        let folder = tempfile::tempdir().unwrap();
        let open = || File::create(folder.path().join("lock")).unwrap();
        let mut child = Some(open());
        child.as_ref().unwrap().lock().unwrap();
        let (ours, mut waited) = (open(), Duration::ZERO);
        let pause = |for_now| {
            waited += for_now;
            if waited > Duration::from_millis(900) {
                child = None;
            }
        };
        insist(|| ours.try_lock(), pause).unwrap();
        assert!(matches!(open().try_lock(), Err(TryLockError::WouldBlock)));
    }

    #[test]
    fn a_lock_that_is_held_for_longer_is_somebody_elses() {
        let mut waited = Duration::ZERO;
        let answer = insist(|| Err(TryLockError::WouldBlock), |for_now| waited += for_now);
        assert!(matches!(answer, Err(TryLockError::WouldBlock)));
        assert!(waited <= Duration::from_secs(1), "{waited:?}");
    }

    #[test]
    fn what_the_system_says_is_answered_at_once() {
        let unsupported = || Err(TryLockError::Error(io::ErrorKind::Unsupported.into()));
        let answer = insist(unsupported, |_| panic!("waited"));
        assert!(matches!(answer, Err(TryLockError::Error(_))));
    }
}
