//! Who we believe at the other end of a TLS connection.

use crate::error::{Error, ErrorKind};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::Arc;

/// TLS settings for HTTP and WebSocket alike, with the operating system's trust.
#[derive(Clone)]
pub(crate) struct Tls {
    config: Arc<ClientConfig>,
    /// Why nobody can be trusted, on a system without certificates. It stays silent until
    /// someone needs TLS: plain connections to loopback work without.
    distrust: Option<Error>,
}

impl Tls {
    /// Reads the operating system's trust once.
    ///
    /// # Errors
    /// `Protocol`, when this build's own cryptography is unusable. A system without trusted
    /// certificates is no error here but in [`config`](Self::config).
    pub(crate) fn of_the_system() -> Result<Self, Error> {
        let builder = || {
            ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| Error::new(ErrorKind::Protocol, "setting up TLS").because(error))
        };
        match builder()?.with_platform_verifier() {
            Ok(config) => Ok(Self { config: Arc::new(config.with_no_client_auth()), distrust: None }),
            Err(error) => {
                let config = builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
                let distrust = Error::new(ErrorKind::NoTrust, "setting up TLS").because(error);
                Ok(Self { config: Arc::new(config), distrust: Some(distrust) })
            }
        }
    }

    /// The settings, for a connection that will really use them.
    ///
    /// # Errors
    /// `NoTrust` when the operating system has no trusted certificates.
    pub(crate) fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        match &self.distrust {
            None => Ok(Arc::clone(&self.config)),
            Some(error) => Err(error.clone()),
        }
    }

    /// A copy for the HTTP client, which wants its own and asks [`config`](Self::config) first
    /// for every `https` URL.
    pub(crate) fn for_http(&self) -> ClientConfig {
        ClientConfig::clone(&self.config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_exist_with_and_without_trusted_certificates() {
        let tls = Tls::of_the_system().unwrap();
        match tls.config() {
            Ok(config) => assert!(config.alpn_protocols.is_empty()),
            Err(error) => assert!(matches!(error.kind(), ErrorKind::NoTrust)),
        }
    }
}
