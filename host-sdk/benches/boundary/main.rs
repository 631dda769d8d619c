//! What crossing the boundary costs, each time beside the same call inside of one binary.
//!
//! `loaded` goes through a library that is built as it ships and loaded as a host loads it, so that
//! strings are copied as they are in reality; `direct` is plain Rust without a boundary. What takes
//! less than a round trip is done a thousand times per call: read such figures one unit lower, and
//! microseconds as nanoseconds.
#![allow(missing_docs, reason = "a bench")]
#![allow(clippy::unwrap_used, reason = "a bench may")]

mod direct;
mod loaded;
mod values;

fn main() {
    direct::log_to_nobody();
    divan::main();
}

/// A thousand messages of 1 KiB, each made, handed over, and accepted at once.
#[divan::bench_group(name = "inbound_x1000", sample_count = 500, sample_size = 1)]
mod inbound {
    use super::{direct::Direct, loaded};
    use divan::{Bencher, counter::ItemsCount};

    const MESSAGES: u32 = 1000;

    #[divan::bench]
    fn loaded(bencher: Bencher<'_, '_>) {
        let channel = loaded::started();
        let bencher = bencher.counter(ItemsCount::new(MESSAGES));
        bencher.bench_local(|| loaded::order(&channel, &format!("hand over {MESSAGES}")));
    }

    #[divan::bench]
    fn direct(bencher: Bencher<'_, '_>) {
        let direct = Direct::new();
        bencher.counter(ItemsCount::new(MESSAGES)).bench_local(|| direct.hand_over(MESSAGES));
    }
}

/// A whole message, until its answer is there: mostly the waking of two threads.
#[divan::bench_group(name = "send", sample_count = 10_000, sample_size = 1)]
mod send {
    use super::{direct::Direct, loaded, values};
    use divan::Bencher;

    #[divan::bench]
    fn loaded(bencher: Bencher<'_, '_>) {
        let channel = loaded::started();
        bencher
            .with_inputs(|| values::outbound("hello"))
            .bench_local_values(|message| channel.send(message).wait(loaded::SOON).unwrap());
    }

    #[divan::bench]
    fn direct(bencher: Bencher<'_, '_>) {
        let direct = Direct::new();
        bencher
            .with_inputs(|| values::outbound("hello"))
            .bench_local_values(|message| direct.send(message).blocking_recv().unwrap());
    }
}

/// A text of so many KiB that takes the place of one which still waits.
#[divan::bench_group(name = "stream_update", sample_count = 1000, sample_size = 100)]
mod stream_update {
    use super::{direct::Direct, loaded, values};
    use divan::Bencher;

    const KIBIBYTES: [usize; 3] = [1, 4, 40];

    #[divan::bench(args = KIBIBYTES)]
    fn loaded(bencher: Bencher<'_, '_>, kibibytes: usize) {
        let channel = loaded::started();
        let update = || values::update(kibibytes);
        let _shown = channel.stream_update(update());
        bencher.with_inputs(update).bench_local_values(|update| channel.stream_update(update));
    }

    #[divan::bench(args = KIBIBYTES)]
    fn direct(bencher: Bencher<'_, '_>, kibibytes: usize) {
        let direct = Direct::new();
        let update = || values::update(kibibytes);
        bencher.with_inputs(update).bench_local_values(|update| direct.stream_update(update));
    }
}

/// A thousand lines with one field, which the filter keeps out or lets through.
#[divan::bench_group(name = "log_x1000", sample_count = 1000)]
mod log {
    use super::{direct, loaded};
    use divan::{Bencher, counter::ItemsCount};

    const LINES: u32 = 1000;

    #[divan::bench(args = ["off", "on"])]
    fn loaded(bencher: Bencher<'_, '_>, line: &str) {
        let channel = loaded::started();
        loaded::plugin().log_filter(if line == "on" { "debug" } else { "info" });
        // Pulse logs so many lines per call, on this thread.
        bencher.counter(ItemsCount::new(LINES)).bench_local(|| channel.metrics());
    }

    #[divan::bench(args = ["off", "on"])]
    fn direct(bencher: Bencher<'_, '_>, line: &str) {
        let bencher = bencher.counter(ItemsCount::new(LINES));
        match line {
            "on" => bencher.bench_local(|| direct::log_on(LINES)),
            _ => bencher.bench_local(|| direct::log_off(LINES)),
        }
    }
}

/// The plugin that ships, from a folder that was never loaded before. `bare` is what nobody can do
/// without: the digest of the file, and the system's linker.
#[divan::bench_group(name = "load", sample_count = 30, sample_size = 1)]
mod load {
    use super::loaded;
    use abi_stable::library::RawLibrary;
    use divan::Bencher;
    use host_sdk::host::Plugin;
    use obedient::Obedient;
    use sha2::{Digest, Sha256};
    use std::{fs, hint::black_box};

    const MANIFESTS: [&str; 2] = ["with sha256", "without"];

    #[divan::bench(args = MANIFESTS)]
    fn loaded(bencher: Bencher<'_, '_>, manifest: &str) {
        let copied = || loaded::copy_of_the_plugin(manifest == "with sha256");
        bencher.with_inputs(copied).bench_local_values(|folder| {
            let plugin = Plugin::load(folder.path()).unwrap();
            (plugin, folder) // so that the folder is removed later
        });
    }

    #[divan::bench(args = MANIFESTS)]
    fn bare(bencher: Bencher<'_, '_>, manifest: &str) {
        let copied = || loaded::copy_of_the_plugin(true);
        bencher.with_inputs(copied).bench_local_values(|folder| {
            let path = loaded::library_in(folder.path());
            if manifest == "with sha256" {
                black_box(Sha256::digest(fs::read(&path).unwrap()));
            }
            (RawLibrary::load_at(&path).unwrap(), folder)
        });
    }

    #[divan::bench]
    fn again(bencher: Bencher<'_, '_>) {
        let folder = loaded::copy_of_the_plugin(true);
        let _first = Plugin::load(folder.path()).unwrap();
        bencher.bench_local(|| Plugin::load(folder.path()).unwrap());
    }

    #[divan::bench]
    fn linked() -> Plugin {
        Plugin::linked::<Obedient>().unwrap()
    }
}
