//! Who we believe at the other end of a TLS connection.

use super::Authorities;
use crate::error::{Error, ErrorKind};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_platform_verifier::Verifier;
use std::{error::Error as StdError, io, sync::Arc};

const DURING: &str = "setting up TLS";

/// TLS settings for HTTP and WebSocket alike, with the operating system's trust.
#[derive(Clone)]
pub(crate) struct Tls {
    config: Arc<ClientConfig>,
    /// Why nobody can be trusted, on a system without certificates. It stays silent until
    /// someone needs TLS: plain connections to loopback work without.
    distrust: Option<Error>,
}

impl Tls {
    /// Reads the operating system's trust once, and adds `authorities` to it.
    ///
    /// # Errors
    /// `Config` when one of the authorities' certificates is none; `Protocol` when this build's own
    /// cryptography is unusable. A system without trusted certificates is no error here but in
    /// [`config`](Self::config).
    pub(crate) fn trusting(authorities: &Authorities) -> Result<Self, Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = || {
            ClientConfig::builder_with_provider(Arc::clone(&provider))
                .with_safe_default_protocol_versions()
                .map_err(|error| Error::new(ErrorKind::Protocol, DURING).because(error))
        };
        let extra = authorities.certificates();
        for certificate in extra {
            RootCertStore::empty().add(certificate.clone()).map_err(|error| {
                Error::new(ErrorKind::Config { key: "caFile" }, DURING)
                    .because(error)
                    .advising("one of its certificates is damaged or too old: export it anew")
            })?;
        }
        // Windows keeps a store of its own for those that are extra, which not every system of its kind can make.
        let verifier = match extra {
            [] => Verifier::new(Arc::clone(&provider)),
            extra => Verifier::new_with_extra_roots(extra.iter().cloned(), Arc::clone(&provider)),
        };
        match verifier {
            Ok(verifier) => {
                let builder = builder()?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
                Ok(Self { config: Arc::new(builder.with_no_client_auth()), distrust: None })
            }
            Err(error) => {
                let config = builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
                let distrust = Error::new(ErrorKind::NoTrust, DURING).because(error);
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
    pub(super) fn for_http(&self) -> ClientConfig {
        ClientConfig::clone(&self.config)
    }
}

/// Whether a connection failed because the other side's certificate is not believed.
pub(crate) fn is_distrust(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| inner(error))
        .any(|error| matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))))
}

/// What an error wraps or was caused by. An I/O error does not count what it wraps as its source.
fn inner<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::CertificateError;

    #[test]
    fn distrust_is_recognised_however_deep_the_clients_wrap_it() {
        let distrust = || rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let once = io::Error::new(io::ErrorKind::InvalidData, distrust());
        let twice = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, distrust()));
        assert!(is_distrust(&distrust()) && is_distrust(&once) && is_distrust(&twice));
        assert!(!is_distrust(&io::Error::other(rustls::Error::DecryptError)));
    }

    #[test]
    fn settings_exist_with_and_without_trusted_certificates() {
        let tls = Tls::trusting(&Authorities::default()).unwrap();
        match tls.config() {
            Ok(config) => assert!(config.alpn_protocols.is_empty()),
            Err(error) => assert!(matches!(error.kind(), ErrorKind::NoTrust)),
        }
    }
}
