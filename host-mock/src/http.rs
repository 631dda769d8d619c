//! HTTP as a client.

/// A client to be, whose TLS has a cryptography: it cannot be built without one.
pub(crate) fn builder() -> reqwest::ClientBuilder {
    // Whoever was first has installed the same.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}
