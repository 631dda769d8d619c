//! TLS before the fake DingTalk, as a company's gateway ends it: with a certificate of an authority
//! that no operating system knows.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

/// Something that speaks TLS to clients and plainly to the server behind it. It stops when dropped.
pub struct TlsFront {
    address: SocketAddr,
    leads_to: Arc<OnceLock<SocketAddr>>,
    directory: TempDir,
    server: JoinHandle<()>,
}

impl TlsFront {
    /// Starts one with an authority and a certificate of its own.
    pub async fn start() -> Self {
        Self::called(&["localhost", "127.0.0.1"]).await
    }

    /// The same, with a certificate for these names.
    pub async fn called(names: &[&str]) -> Self {
        let (authority, config) = certified(names);
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        std::fs::write(directory.path().join("authority.pem"), authority).expect("there is room for it");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let leads_to = Arc::<OnceLock<SocketAddr>>::default();
        let server = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), leads_to.clone()));
        Self { address, leads_to, directory, server }
    }

    /// Its base URL, such as `https://localhost:4711`.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// Says, once, which server is behind it.
    pub fn leads_to(&self) -> impl FnOnce(SocketAddr) + 'static {
        let leads_to = self.leads_to.clone();
        move |address| leads_to.set(address).expect("it is said once")
    }

    /// Where it listens, for a proxy that leads here.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A PEM file with the authority's certificate.
    pub fn authority_file(&self) -> PathBuf {
        self.directory.path().join("authority.pem")
    }

    /// Where its files are.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// An authority as PEM, and what a server with a certificate of its for `names` needs.
fn certified(names: &[&str]) -> (String, ServerConfig) {
    let mut authority = CertificateParams::new([]).expect("no name is a good list of names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = || KeyPair::generate().expect("ring makes keys");
    let authority = CertifiedIssuer::self_signed(authority, key()).expect("an authority may sign itself");
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    let (server, server_key) = (CertificateParams::new(names).expect("they are names"), key());
    let certificate = server.signed_by(&server_key, &authority).expect("the authority signs");

    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring knows them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .expect("the key is the certificate's");
    (authority.pem(), config)
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, leads_to: Arc<OnceLock<SocketAddr>>) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            arrived = listener.accept() => {
                let (Ok((client, _)), Some(address)) = (arrived, leads_to.get().copied()) else { continue };
                let accepting = acceptor.accept(client);
                clients.spawn(async move {
                    // A client that does not believe the certificate hangs up.
                    let Ok(mut client) = accepting.await else { return };
                    let Ok(mut server) = TcpStream::connect(address).await else { return };
                    copy_bidirectional(&mut client, &mut server).await.ok();
                });
            },
            Some(_) = clients.join_next() => {}
        }
    }
}
