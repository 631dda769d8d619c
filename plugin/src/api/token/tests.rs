use super::*;
use crate::error::{Error, ErrorKind};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::oneshot;

fn grant(token: &str) -> Grant {
    Grant { token: Secret::new(token), lifetime: Duration::from_secs(7200) }
}

fn credentials(id: &str) -> Credentials {
    Credentials { client_id: id.into(), client_secret: Secret::new("s") }
}

#[test]
fn a_token_is_renewed_five_minutes_early_by_one_of_those_who_ask_every_half_minute() {
    let (mut held, start) = (Held::default(), clock::now());
    let (fresh, ageing) = (Supply::Fresh(Secret::new("t")), Supply::Ageing(Secret::new("t")));
    held.store(grant("t"), start);
    let mut at = |second| held.supply(start + Duration::from_secs(second));
    assert_eq!(at(6899), fresh);
    assert_eq!((at(6900), at(6900), at(6929)), (ageing.clone(), fresh.clone(), fresh));
    assert_eq!(at(6930), ageing);
    assert_eq!(at(7200), Supply::None);
}

#[test]
fn a_rejection_of_an_older_token_leaves_the_newer_alone() {
    let (mut held, now) = (Held::default(), clock::now());
    held.store(grant("new"), now);
    held.forget(&Secret::new("old"));
    assert_ne!(held.supply(now), Supply::None);
    held.forget(&Secret::new("new"));
    assert_eq!(held.supply(now), Supply::None);
}

/// A slot whose token serves, but not for long.
async fn ageing() -> Arc<TokenSlot> {
    let slot = Arc::new(TokenSlot::default());
    slot.token(|| async { Ok(grant("old")) }.boxed()).await.unwrap();
    tokio::time::advance(Duration::from_secs(6900)).await;
    slot
}

#[tokio::test(start_paused = true)]
async fn while_one_renews_a_token_that_still_serves_the_others_go_on_with_it() {
    let slot = ageing().await;
    let (answer, answered) = oneshot::channel();
    let renews = slot.token(|| async { Ok(answered.await.unwrap()) }.boxed());
    tokio::pin!(renews);
    assert!(futures_util::poll!(renews.as_mut()).is_pending());
    for _ in 0..100 {
        let other = slot.token(|| unreachable!("one is enough")).await;
        assert_eq!(other.unwrap(), Secret::new("old"));
    }
    assert!(answer.send(grant("new")).is_ok());
    assert_eq!(renews.await.unwrap(), Secret::new("new"));
    let next = slot.token(|| unreachable!("it is held")).await;
    assert_eq!(next.unwrap(), Secret::new("new"));
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_or_hangs_costs_nobody_a_call_while_the_token_serves() {
    let slot = ageing().await;
    let fails = slot.token(|| async { Err(Error::new(ErrorKind::Protocol, "test")) }.boxed()).await;
    assert_eq!(fails.unwrap(), Secret::new("old"));
    tokio::time::advance(RENEW_AGAIN).await;
    let before = clock::now();
    let hangs = slot.token(|| std::future::pending().boxed()).await;
    assert_eq!(hangs.unwrap(), Secret::new("old"));
    assert!(clock::now() - before <= EARLY + Duration::from_millis(1));
    tokio::time::advance(Duration::from_secs(300)).await;
    let ended = slot.token(|| async { Ok(grant("new")) }.boxed()).await;
    assert_eq!(ended.unwrap(), Secret::new("new"));
}

#[tokio::test]
async fn those_who_wait_share_one_request_and_its_answer() {
    let slot = Arc::new(TokenSlot::default());
    let (answer, answered) = oneshot::channel();
    let requests = AtomicUsize::new(0);
    let first = slot.token(|| {
        requests.fetch_add(1, Ordering::Relaxed);
        async { Ok(answered.await.unwrap()) }.boxed()
    });
    let second = slot.token(|| unreachable!("the first is under way"));
    let (first, second, ()) = tokio::join!(first, second, async {
        tokio::task::yield_now().await;
        assert!(answer.send(grant("t")).is_ok());
    });
    assert_eq!((first.unwrap(), second.unwrap()), (Secret::new("t"), Secret::new("t")));
    assert_eq!(requests.load(Ordering::Relaxed), 1);
    let third = slot.token(|| unreachable!("it is held")).await;
    assert_eq!(third.unwrap(), Secret::new("t"));
}

#[tokio::test]
async fn a_failure_is_shared_but_not_kept() {
    let slot = Arc::new(TokenSlot::default());
    let failed = || async { Err(Error::new(ErrorKind::Protocol, "test")) }.boxed();
    assert!(slot.token(failed).await.is_err());
    assert!(slot.token(|| async { Ok(grant("t")) }.boxed()).await.is_ok());
}

#[tokio::test]
async fn a_request_that_everyone_gave_up_is_begun_anew() {
    let slot = Arc::new(TokenSlot::default());
    {
        let abandoned = slot.token(|| std::future::pending().boxed());
        tokio::pin!(abandoned);
        assert!(futures_util::poll!(abandoned.as_mut()).is_pending());
    }
    let token = slot.token(|| async { Ok(grant("t")) }.boxed()).await;
    assert_eq!(token.unwrap(), Secret::new("t"));
}

#[test]
fn accounts_of_one_app_share_a_slot_and_others_do_not() {
    let tokens = Tokens::default();
    let first = tokens.slot("cn", &credentials("a"));
    assert!(Arc::ptr_eq(&first, &tokens.slot("cn", &credentials("a"))));
    assert!(!Arc::ptr_eq(&first, &tokens.slot("cn", &credentials("b"))));
    assert!(!Arc::ptr_eq(&first, &tokens.slot("io", &credentials("a"))));
}
