//! A large file passes through, and is never in memory.

use super::{content, file, turn, world};
use host_mock::dingtalk::{Endpoint, Fault};
use serde_json::json;
use std::{
    env, fs,
    io::{Read, Write},
    net::TcpListener,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// The one test, which is run again in a process of its own.
const NAME: &str = "memory::a_download_of_100_mb_adds_less_than_4_mb";
const ALONE: &str = "ALONE_IN_ITS_PROCESS";
const SIZE: usize = 100 * 1024 * 1024;
const PIECE: usize = 64 * 1024;
/// In kilobytes.
const MOST: usize = 4 * 1024;
/// What makes glibc's allocator give back what is free.
const THRIFT: [(&str, &str); 3] =
    [("MALLOC_ARENA_MAX", "1"), ("MALLOC_TRIM_THRESHOLD_", "65536"), ("MALLOC_TOP_PAD_", "0")];

/// Resident memory that is of no file, in kilobytes.
fn memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// Serves one file of [`SIZE`], measuring what the process has meanwhile; says where.
fn serve(highest: Arc<AtomicUsize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let piece = vec![7; PIECE];
    thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut asked = [0; 4096];
        assert!(client.read(&mut asked).unwrap() > 0);
        write!(client, "HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\nConnection: close\r\n\r\n").unwrap();
        for _ in 0..SIZE / PIECE {
            client.write_all(&piece).unwrap();
            highest.fetch_max(memory(), Ordering::Relaxed);
        }
    });
    format!("http://{address}/large")
}

#[test]
fn a_download_of_100_mb_adds_less_than_4_mb() {
    if env::var_os(ALONE).is_none() {
        let mut again = Command::new(env::current_exe().unwrap());
        let ended =
            again.args(["--exact", NAME, "--nocapture"]).env(ALONE, "1").envs(THRIFT).output().unwrap();
        print!("{}", String::from_utf8_lossy(&ended.stdout));
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = world(json!({})).await;
        // What is made once is made by then.
        world.dingtalk().sends_file("Lin", "small.bin", vec![7; 1024 * 1024]);
        let small = turn(&world).await;
        assert_eq!(content(&file(&small)).len(), 1024 * 1024);
        small.done();
        world.host().wait_turn(1).await.unwrap();

        let highest = Arc::default();
        let address = serve(Arc::clone(&highest));
        world.dingtalk().on(Endpoint::File).answer(Fault::Redirect(address)).once();
        let before = memory();
        world.dingtalk().sends_file("Lin", "large.bin", *b"elsewhere");
        let large = turn(&world).await;
        let given = file(&large);
        assert_eq!(fs::metadata(&given.path).unwrap().len(), SIZE as u64);
        let added = highest.load(Ordering::Relaxed).saturating_sub(before);
        println!("100 MB were downloaded with {added} kB more than the {before} kB before");
        assert!(added < MOST, "{added} kB");
        large.done();
        world.end().await;
    });
}
