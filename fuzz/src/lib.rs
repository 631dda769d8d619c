//! What the fuzz targets have in common: JSON that is changed like JSON.
//!
//! What holds of every input is said in the plugin's `fuzzing`, where its property tests ask the same.
//! `cargo xtask fuzz` builds and runs the targets.
#![cfg(feature = "targets")]

mod mutate;

pub use mutate::mutate;

/// A fuzz target: whatever text there is, the claim holds.
#[macro_export]
macro_rules! target {
    ($claim:path) => {
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
            if let Ok(text) = std::str::from_utf8(bytes) {
                $claim(text);
            }
        });

        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            $crate::mutate(data, size, max_size, seed)
        });
    };
}
