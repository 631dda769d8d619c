//! The addresses of a name, as the operating system knows them.

use futures_util::FutureExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{io, net::SocketAddr, panic::AssertUnwindSafe};
use tokio::net::lookup_host;

/// All addresses of `host`, which may be one itself.
///
/// # Errors
/// When it has none, or the system gives no thread to ask on.
pub(crate) async fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    // It is asked on a thread of the runtime's, and without one tokio panics.
    #[expect(clippy::disallowed_methods, reason = "this is the one that all names are looked up with")]
    let looked = AssertUnwindSafe(lookup_host((host, port))).catch_unwind().await;
    Ok(looked.unwrap_or_else(|_| Err(no_thread()))?.collect())
}

/// The same for HTTP.
#[derive(Debug)]
pub(super) struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        let look = async move {
            let found = addresses(name.as_str(), 0).await?; // the port is put in by who asks
            Ok::<Addrs, _>(Box::new(found.into_iter()))
        };
        look.boxed()
    }
}

fn no_thread() -> io::Error {
    let what = "the system gives no further thread to look a name up: raise the limit of processes and threads \
                (`ulimit -u`, a container's `pids.max`), or free memory";
    io::Error::new(io::ErrorKind::WouldBlock, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::runtime::Builder;

    #[tokio::test]
    async fn a_name_has_the_addresses_that_the_system_knows() {
        let found = addresses("localhost", 80).await.unwrap();
        assert!(!found.is_empty());
        assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == 80), "{found:?}");
    }

    #[test]
    fn without_a_thread_to_ask_on_a_name_is_an_error_and_an_address_is_not() {
        // Its threads would need more memory for their stacks than there is.
        let runtime = Builder::new_current_thread().thread_stack_size(1 << 60).enable_io().build().unwrap();
        let error = runtime.block_on(addresses("localhost", 80)).unwrap_err();
        assert!(error.to_string().contains("no further thread"), "{error}");
        let found = runtime.block_on(addresses("127.0.0.1", 80)).unwrap();
        assert_eq!(found, [([127, 0, 0, 1], 80).into()]);
    }
}
