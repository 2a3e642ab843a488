//! A headless Chromium, driven by the DevTools protocol over two pipes: JSON documents that end with a zero byte.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::Duration,
};

use serde_json::{Value, json};

/// What the program is called by the systems that package it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/// A browser that is silent for longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// One browser with one page.
pub(super) struct Chromium {
    process: Child,
    orders: ChildStdin,
    reports: Receiver<Value>,
    events: Vec<Value>,
    session: Option<String>,
    number: u64,
    _profile: tempfile::TempDir,
}

impl Chromium {
    /// `None` where there is none; the reason is printed.
    pub(super) fn start() -> Option<Self> {
        let works =
            |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
        let Some(name) = NAMES.into_iter().find(works) else {
            eprintln!("skipped: no Chromium is installed (one of {})", NAMES.join(", "));
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        // The browser reads orders from file descriptor 3 and reports to 4.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null", name])
            .args(["--headless", "--remote-debugging-pipe", "--no-first-run", "--hide-scrollbars", "--mute-audio"])
            // Only pages of the sandbox are opened; containers and root have no user namespaces to lock them in.
            .args(["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let orders = process.stdin.take().unwrap();
        let reports = receive(BufReader::new(process.stdout.take().unwrap()));
        let mut browser =
            Self { process, orders, reports, events: Vec::new(), session: None, number: 0, _profile: profile };
        browser.open_page();
        Some(browser)
    }

    fn open_page(&mut self) {
        let target = self.call("Target.createTarget", json!({"url": "about:blank"}));
        let target = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.call("Target.attachToTarget", target);
        self.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Accessibility"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
    }

    /// One order and its answer.
    pub(super) fn call(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let mut order = json!({"id": self.number, "method": method, "params": params});
        if let Some(session) = &self.session {
            order["sessionId"] = json!(session);
        }
        self.orders.write_all(format!("{order}\0").as_bytes()).unwrap();
        loop {
            let mut report = self.report();
            if report["id"] == self.number {
                assert!(report.get("error").is_none(), "{method}: {}", report["error"]);
                return report["result"].take();
            }
            self.events.push(report);
        }
    }

    fn report(&mut self) -> Value {
        self.reports.recv_timeout(PATIENCE).expect("the browser does not answer")
    }

    /// Until an event of this kind has come since the last look.
    fn wait_for(&mut self, method: &str) {
        while !self.events.iter().any(|event| event["method"] == method) {
            let report = self.report();
            self.events.push(report);
        }
    }

    /// Opens an address and waits until it is loaded.
    pub(super) fn open(&mut self, address: &str) {
        self.events.clear();
        let answer = self.call("Page.navigate", json!({"url": address}));
        assert!(answer.get("errorText").is_none(), "{address}: {answer}");
        self.wait_for("Page.loadEventFired");
    }

    /// A page of this text.
    pub(super) fn show(&mut self, html: &str) {
        self.open("about:blank");
        let frame = self.call("Page.getFrameTree", json!({}))["frameTree"]["frame"]["id"].take();
        self.call("Page.setDocumentContent", json!({"frameId": frame, "html": html}));
    }

    pub(super) fn forbid_scripts(&mut self) {
        self.call("Emulation.setScriptExecutionDisabled", json!({"value": true}));
    }

    /// A key that leads to another page.
    pub(super) fn press_and_wait(&mut self, key: &str, code: u32) {
        self.events.clear();
        self.press(key, code);
        self.wait_for("Page.loadEventFired");
    }

    /// Errors of scripts, of policies, of what was not loaded.
    pub(super) fn complaints(&mut self) -> Vec<String> {
        // An answer comes after all events before it.
        self.run("0");
        let complaint = |event: &Value| match event["method"].as_str()? {
            "Runtime.exceptionThrown" => Some(event["params"]["exceptionDetails"].to_string()),
            "Log.entryAdded" if event["params"]["entry"]["level"] == "error" => {
                Some(event["params"]["entry"].to_string())
            }
            "Runtime.consoleAPICalled" if event["params"]["type"] == "error" => {
                Some(event["params"]["args"].to_string())
            }
            _ => None,
        };
        self.events.iter().filter_map(complaint).collect()
    }

    /// The value of an expression in the page; promises are waited for.
    pub(super) fn run(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.call("Runtime.evaluate", params);
        assert!(answer.get("exceptionDetails").is_none(), "{}", answer["exceptionDetails"]);
        answer["result"]["value"].take()
    }

    pub(super) fn press(&mut self, key: &str, code: u32) {
        let text = match key {
            "Enter" => "\r",
            " " => " ",
            _ => "",
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// A screen of this width, light or dark.
    pub(super) fn look(&mut self, width: u32, scheme: &str) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", metrics);
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.call("Emulation.setEmulatedMedia", json!({"features": [feature]}));
    }

    /// A PNG of the whole page.
    pub(super) fn screenshot(&mut self) -> Vec<u8> {
        use base64::{Engine, prelude::BASE64_STANDARD};
        let picture = self.call("Page.captureScreenshot", json!({"captureBeyondViewport": true}));
        BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn receive(mut pipe: impl BufRead + Send + 'static) -> Receiver<Value> {
    let (send, reports) = mpsc::channel();
    std::thread::spawn(move || {
        let mut document = Vec::new();
        while pipe.read_until(0, &mut document).is_ok_and(|length| length > 0) {
            document.pop();
            let Ok(report) = serde_json::from_slice(&document) else { return };
            if send.send(report).is_err() {
                return;
            }
            document.clear();
        }
    });
    reports
}
