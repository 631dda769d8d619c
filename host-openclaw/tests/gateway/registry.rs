//! A registry of npm's with one package in it, on loopback.

use crate::package::{Packed, json};
use serde_json::{Map, Value, json as value};
use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// It ends when dropped.
pub(crate) struct Registry {
    address: SocketAddr,
    shelf: Arc<Mutex<Shelf>>,
    serving: JoinHandle<()>,
}

/// What it has, the newest version last.
#[derive(Default)]
struct Shelf {
    versions: Vec<Value>,
    archives: Vec<(String, Vec<u8>)>,
}

impl Registry {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shelf = Arc::new(Mutex::new(Shelf::default()));
        let shown = shelf.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shown.clone()));
            }
        });
        Self { address, shelf, serving }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Offers the archive of a folder, as the newest.
    pub(crate) fn publish(&self, folder: &Path, packed: &Packed) {
        let mut package = json(&folder.join("package.json"));
        let path = format!("-/{}", packed.archive.file_name().unwrap().to_str().unwrap());
        package["dist"] = value!({
            "tarball": format!("{}{path}", self.url()), "integrity": packed.integrity, "shasum": packed.shasum,
        });
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.archives.push((path, fs::read(&packed.archive).unwrap()));
        shelf.versions.push(package);
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Shelf {
    fn get(&self, path: &str) -> Option<Vec<u8>> {
        if let Some((_, archive)) = self.archives.iter().find(|(known, _)| known == path) {
            return Some(archive.clone());
        }
        let newest = self.versions.last().filter(|newest| newest["name"] == path)?;
        let version = |package: &Value| package["version"].as_str().unwrap_or_default().to_owned();
        let versions: Map<_, _> = self.versions.iter().map(|it| (version(it), it.clone())).collect();
        let package = value!({"name": path, "dist-tags": {"latest": version(newest)}, "versions": versions});
        Some(package.to_string().into_bytes())
    }
}

async fn serve(mut stream: TcpStream, shelf: Arc<Mutex<Shelf>>) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    let found = shelf.lock().unwrap_or_else(PoisonError::into_inner).get(&path);
    let (status, body) = found.map_or(("404 Not Found", b"{}".to_vec()), |body| ("200 OK", body));
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    stream.shutdown().await
}
