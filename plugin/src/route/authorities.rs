//! Certificate authorities that an account trusts besides the operating system's.

use crate::{
    error::{Error, ErrorKind, Result},
    small_file,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use std::{fmt, io, path::Path};

/// The largest file that is read, in bytes; the bundle of all public authorities is a quarter of it.
const FILE_BYTES: u64 = 1024 * 1024;
const DURING: &str = "reading the certificates of `caFile`";
const NO_PEM: &str = "give a PEM file, whose certificates begin with -----BEGIN CERTIFICATE-----; \
    `openssl x509 -inform der -in FILE -out FILE.pem` makes one of a binary certificate";
const NO_FILE: &str = "check the path, and that this user may read the file";

/// Certificates of authorities; empty means the operating system's alone. Equal ones are equal
/// whatever file they came from.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// Reads a PEM file. This blocks for as long as a small file takes.
    ///
    /// # Errors
    /// `CaFile` when it is not there, is larger than 1 MiB, or has no certificate in it.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let failed = |why: &str, advice| {
            let kind = ErrorKind::CaFile { path: path.display().to_string() };
            Error::new(kind, DURING).because(io::Error::other(why.to_owned())).advising(advice)
        };
        let read = small_file::read(path, FILE_BYTES);
        let pem = read.map_err(|error| failed(&error.to_string(), NO_FILE))?;
        if pem.len() as u64 > FILE_BYTES {
            return Err(failed("it is larger than 1 MiB", NO_PEM));
        }
        Self::parse(&pem).map_err(|why| failed(why, NO_PEM))
    }

    fn parse(pem: &[u8]) -> Result<Self, &'static str> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let certificates = certificates.map_err(|_| "it is damaged")?;
        if !certificates.is_empty() {
            return Ok(Self(certificates));
        }
        let is_pem = pem.windows(11).any(|text| text == b"-----BEGIN ");
        Err(if is_pem { "there is no certificate in it" } else { "it is not PEM" })
    }

    /// The certificates.
    pub(super) fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.0
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::Tls;

    const KEY: &[u8] = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

    #[test]
    fn every_certificate_in_a_file_counts_and_a_key_beside_them_does_not() {
        let all = [CERTIFICATE, KEY, b"# comment\n", CERTIFICATE].concat();
        assert_eq!(Authorities::parse(&all).unwrap().certificates().len(), 2);
    }

    #[test]
    fn a_file_without_certificates_says_what_it_is() {
        assert_eq!(Authorities::parse(b"\x30\x82\x01").unwrap_err(), "it is not PEM");
        assert_eq!(Authorities::parse(KEY).unwrap_err(), "there is no certificate in it");
        let damaged = b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
        assert_eq!(Authorities::parse(damaged).unwrap_err(), "it is damaged");
    }

    #[test]
    fn a_real_certificate_is_believed_and_a_damaged_one_is_an_error_that_names_the_option() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/certificates/authority.pem");
        let real = Authorities::read(&path).unwrap();
        assert!(Tls::trusting(&real).unwrap().config().is_ok(), "also where nobody else is trusted");
        let damaged = Authorities::parse(CERTIFICATE).unwrap();
        let error = Tls::trusting(&damaged).err().unwrap();
        assert!(matches!(error.kind(), ErrorKind::Config { key: "caFile" }));
    }

    #[test]
    fn a_missing_file_is_named_with_the_option() {
        let error = Authorities::read(Path::new("/no/such/ca.pem")).unwrap_err();
        assert!(error.sentence().contains("`caFile`") && error.sentence().contains("/no/such/ca.pem"));
    }
}
