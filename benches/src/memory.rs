//! What of its memory this process uses, apart from what its allocator keeps for later.

/// Bytes in use, as the system's allocator counts them for all that share it, a loaded library included; 0 where
/// it does not count.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn in_use() -> u64 {
    #[expect(unsafe_code, reason = "there is no other way to ask the allocator")]
    // SAFETY: it takes nothing, answers with numbers, and may be called by any thread at any time.
    let counted = unsafe { libc::mallinfo2() };
    (counted.uordblks + counted.hblkhd) as u64
}

/// Bytes in use; unknown here.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn in_use() -> u64 {
    0
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_in_use_and_what_was_let_go_is_not() {
        const SIZE: usize = 64 * 1024 * 1024;
        let before = in_use();
        let kept = std::hint::black_box(vec![1_u8; SIZE]);
        let during = in_use();
        drop(kept);
        let after = in_use();
        assert!(during > before + SIZE as u64 / 2, "{before} {during}");
        assert!(after < before + SIZE as u64 / 2, "{before} {after}");
    }
}
