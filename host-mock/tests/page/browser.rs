//! A headless Chromium, told what to do through its DevTools protocol.

use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Nothing here takes this long, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(90);

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// A browser with one page; it ends when dropped.
pub(crate) struct Browser {
    socket: Mutex<Socket>,
    session: String,
    calls: AtomicU64,
    _process: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        let program = std::env::var_os("PAGE_CHROME").expect("a Chromium, from `cargo xtask page-test`");
        let profile = tempfile::tempdir().expect("a folder for the browser");
        let mut process = Command::new(program)
            .args([
                "--headless",
                "--remote-debugging-port=0",
                "--no-first-run",
                "--disable-gpu",
                "--no-sandbox",
            ])
            .args([
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .args(["--hide-scrollbars", "--lang=zh-CN", "--no-proxy-server"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the browser can be started");
        let mut lines = BufReader::new(process.stderr.take().expect("its words are ours")).lines();
        let address = loop {
            let line = lines.next_line().await.expect("its words are text").expect("it listens somewhere");
            if let Some(address) = line.strip_prefix("DevTools listening on ") {
                break address.to_owned();
            }
        };
        // What it says later is read, so that it never waits for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let (socket, _) = connect_async(address).await.expect("it can be told what to do");
        let mut browser = Self {
            socket: Mutex::new(socket),
            session: String::new(),
            calls: AtomicU64::new(0),
            _process: process,
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"})).await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", attach).await;
        browser.session = attached["sessionId"].as_str().expect("a session").to_owned();
        browser.call("Page.enable", json!({})).await;
        browser.call("Page.setLifecycleEventsEnabled", json!({"enabled": true})).await;
        browser
    }

    async fn call(&self, method: &str, params: Value) -> Value {
        let asked = self.ask(method, params).await;
        let id = asked["id"].clone();
        let mut answer = self.says(&asked, |message| message["id"] == id).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// Asks for something, and leaves the answer for later.
    async fn ask(&self, method: &str, params: Value) -> Value {
        let id = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let mut asked = json!({"id": id, "method": method, "params": params});
        if !self.session.is_empty() {
            asked["sessionId"] = json!(self.session);
        }
        self.socket.lock().await.send(Message::text(asked.to_string())).await.expect("the browser listens");
        asked
    }

    /// The next message that is the one that is waited for, because of `asked`.
    async fn says(&self, asked: &Value, is_it: impl Fn(&Value) -> bool) -> Value {
        let mut socket = self.socket.lock().await;
        let said = async {
            loop {
                let message = socket.next().await.expect("the browser is there").expect("and speaks");
                let Message::Text(text) = message else { continue };
                let message: Value = serde_json::from_str(&text).expect("it speaks JSON");
                if is_it(&message) {
                    return message;
                }
            }
        };
        let said = tokio::time::timeout(PATIENCE, said).await;
        said.unwrap_or_else(|_| panic!("the browser did not answer {asked}"))
    }

    async fn evaluate(&self, script: &str) -> Value {
        let params = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        let mut answer = self.call("Runtime.evaluate", params).await;
        assert!(answer.get("exceptionDetails").is_none(), "{script}: {answer}");
        answer["result"]["value"].take()
    }

    /// Runs a script, and waits for its promise.
    pub(crate) async fn run(&self, script: &str) {
        self.evaluate(script).await;
    }

    pub(crate) async fn text(&self, script: &str) -> String {
        self.evaluate(script).await.as_str().unwrap_or_else(|| panic!("{script} is no text")).to_owned()
    }

    pub(crate) async fn number(&self, script: &str) -> u64 {
        let number = self.evaluate(script).await.as_f64().unwrap_or_else(|| panic!("{script} is no number"));
        // Sizes and milliseconds.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and not negative")]
        let number = number as u64;
        number
    }

    /// Waits until something holds on the page.
    #[track_caller]
    pub(crate) fn until(&self, condition: &str) -> impl Future<Output = ()> {
        let script = format!(
            "new Promise(done => {{ const end = Date.now() + 60000; const look = () => {{ let holds = false; try {{ holds = ({condition}) }} \
             catch {{}} if (holds) done('held'); else if (Date.now() > end) done(document.body.innerText.slice(0, 3000)); \
             else setTimeout(look, 20) }}; look() }})"
        );
        let place = std::panic::Location::caller();
        let condition = condition.to_owned();
        async move {
            let held = self.text(&script).await;
            assert!(held == "held", "{place}: never {condition}; the page says:\n{held}");
        }
    }

    pub(crate) async fn open(&self, address: &str) {
        let asked = json!({"url": address});
        let loader = self.call("Page.navigate", asked.clone()).await["loaderId"].take();
        // Before it is loaded, the page that was there may still answer.
        let is_loaded = |message: &Value| {
            let told = &message["params"];
            message["method"] == "Page.lifecycleEvent" && told["name"] == "load" && told["loaderId"] == loader
        };
        self.says(&asked, is_loaded).await;
    }

    pub(crate) async fn size(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    pub(crate) async fn type_text(&self, text: &str) {
        self.call("Input.insertText", json!({"text": text})).await;
    }

    pub(crate) async fn key(&self, key: &str) {
        self.press(key, 0).await;
    }

    pub(crate) async fn alt_key(&self, key: &str) {
        self.press(key, 1).await;
    }

    async fn press(&self, key: &str, modifiers: u8) {
        let mut params = json!({"type": "keyDown", "key": key, "code": key, "modifiers": modifiers});
        match key {
            "Enter" => (params["text"], params["windowsVirtualKeyCode"]) = (json!("\r"), json!(13)),
            " " => {
                (params["text"], params["code"]) = (json!(" "), json!("Space"));
                params["windowsVirtualKeyCode"] = json!(32);
            }
            _ if key.len() == 1 => params["text"] = json!(key),
            _ => {}
        }
        self.call("Input.dispatchKeyEvent", params.clone()).await;
        params["type"] = json!("keyUp");
        params.as_object_mut().expect("it is one").remove("text");
        self.call("Input.dispatchKeyEvent", params).await;
    }

    /// Presses the mouse in the middle of an element, and lets it go.
    pub(crate) async fn click(&self, selector: &str) {
        let place = self.middle(selector).await;
        self.mouse("mousePressed", &place).await;
        self.mouse("mouseReleased", &place).await;
    }

    /// Presses the mouse in the middle of an element, lets something happen, and lets the mouse go there.
    pub(crate) async fn click_while(&self, selector: &str, meanwhile: impl Future<Output = ()>) {
        let place = self.middle(selector).await;
        self.mouse("mousePressed", &place).await;
        meanwhile.await;
        self.mouse("mouseReleased", &place).await;
    }

    /// Clicks, and waits for the event that comes of it, whether before or after the answer.
    async fn click_until(&self, selector: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let place = self.middle(selector).await;
        self.mouse("mousePressed", &place).await;
        let asked = self.ask("Input.dispatchMouseEvent", mouse_event("mouseReleased", &place)).await;
        self.says(&asked, is_it).await
    }

    /// Clicks on what asks for a file, and chooses one.
    pub(crate) async fn choose(&self, selector: &str, file: &Path) {
        self.call("Page.setInterceptFileChooserDialog", json!({"enabled": true})).await;
        let asked = self.click_until(selector, |it| it["method"] == "Page.fileChooserOpened").await;
        let input = &asked["params"]["backendNodeId"];
        self.call("DOM.setFileInputFiles", json!({"files": [file], "backendNodeId": input})).await;
    }

    /// Clicks on what saves a file, and waits until it is whole in this folder.
    pub(crate) async fn save(&self, selector: &str, folder: &Path) {
        let way = json!({"behavior": "allow", "downloadPath": folder, "eventsEnabled": true});
        self.call("Browser.setDownloadBehavior", way).await;
        let is_whole =
            |it: &Value| it["method"] == "Browser.downloadProgress" && it["params"]["state"] == "completed";
        self.click_until(selector, is_whole).await;
    }

    /// What the system's settings say: `light` or `dark`.
    pub(crate) async fn prefers(&self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.call("Emulation.setEmulatedMedia", json!({"features": [feature]})).await;
    }

    async fn middle(&self, selector: &str) -> Value {
        let script = format!(
            "(() => {{ const it = document.querySelector('{selector}'); it.scrollIntoView({{block: 'center'}}); \
             const box = it.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2] }})()"
        );
        self.evaluate(&script).await
    }

    async fn mouse(&self, kind: &str, place: &Value) {
        self.call("Input.dispatchMouseEvent", mouse_event(kind, place)).await;
    }

    /// Asks the simulator as the page does.
    pub(crate) async fn post(&self, path: &str, body: &Value) {
        let script = format!(
            "fetch('/simulator/api/{path}', {{method: 'POST', headers: {{'content-type': 'application/json'}}, \
             body: JSON.stringify({body})}}).then(it => it.text())"
        );
        let answer = self.text(&script).await;
        assert!(!answer.contains("\"error\""), "{answer}");
    }

    pub(crate) async fn picture(&self, file: &Path) {
        let taken = self.call("Page.captureScreenshot", json!({"format": "png"})).await;
        let bytes =
            base64::engine::general_purpose::STANDARD.decode(taken["data"].as_str().expect("a picture"));
        std::fs::write(file, bytes.expect("in Base64")).expect("it can be written");
    }
}

fn mouse_event(kind: &str, place: &Value) -> Value {
    json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1})
}
