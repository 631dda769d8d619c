//! Several links of one account, and many accounts of one library.

use super::*;

const S: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn with_two_links_one_that_dies_leaves_no_gap_and_nothing_comes_twice() {
    let mut world = World::of(Settings { links: 2, ..Settings::default() }, [], Arc::default());
    let (mut one, two) = (world.peer().await, world.peer().await);
    world.until("openLinks", 2).await;
    drop(two);
    one.message("f1", "m1", "c");
    world.offer().await.1.send(Accepted::New);
    assert_eq!(one.acked().await, "f1");
    world.until("openLinks", 1).await;
    assert_eq!(world.status("connected"), true);

    let mut three = world.peer().await;
    three.message("f2", "m1", "c");
    assert_eq!(three.acked().await, "f2");
    assert!(world.offers.try_recv().is_err(), "it was handed over once");
    assert_eq!(world.status("lastDisconnect"), Value::Null, "it was never without a connection");
}

#[tokio::test(start_paused = true)]
async fn two_hundred_accounts_that_drop_at_once_come_back_without_a_storm() {
    let turnstile = Arc::<Turnstile>::default();
    let account = |seed| World::of(Settings { seed, ..Settings::default() }, [], Arc::clone(&turnstile));
    let mut worlds: Vec<World> = (0..200).map(account).collect();
    let mut peers = Vec::new();
    for world in &mut worlds {
        peers.push(world.peer().await);
    }
    for world in &worlds {
        world.until("connected", true).await;
    }
    let dropped = clock::now();
    drop(peers);

    let (mut peers, mut returns) = (Vec::new(), Vec::new());
    for world in &mut worlds {
        let peer = world.peer().await;
        returns.push(peer.dialled - dropped);
        peers.push(peer);
    }
    returns.sort_unstable();
    assert!(returns.last().is_some_and(|last| *last < 12 * S), "{returns:?}");
    let within_a_second =
        |from: &Duration| returns.iter().filter(|at| **at >= *from && **at < *from + S).count();
    let most = returns.iter().map(within_a_second).max();
    assert!(most.is_some_and(|most| most <= 30), "{most:?} in one second");
}
