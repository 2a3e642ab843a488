//! Knows where a document comes from, and its fingerprint.

use std::io::Read;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::json::Json;

/// A document as it was read.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) json: Json,
    pub(crate) sha256: String,
}

impl Document {
    /// Reads a file, a URL, or the standard input for `-`.
    ///
    /// # Errors
    /// When there is nothing to read, or when it is no JSON.
    pub(crate) fn read(from: &str) -> Result<Self> {
        let bytes = bytes(from).with_context(|| format!("cannot read the document {from}"))?;
        Self::parse(&bytes).with_context(|| format!("the document {from} cannot be used"))
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        // Windows editors put a byte order mark before the text.
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
        ensure!(first == Some(&b'{'), "it is no JSON object; a document in YAML must be converted to JSON first");
        let json = serde_json::from_slice(text)?;
        Ok(Self { json, sha256: hex(&Sha256::digest(bytes)) })
    }
}

fn bytes(from: &str) -> Result<Vec<u8>> {
    if from == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    if from.starts_with("http://") || from.starts_with("https://") {
        return download(from);
    }
    Ok(std::fs::read(from)?)
}

/// Downloads with curl, which every system brings: an HTTP client with TLS would be most of what `cargo xtask` compiles.
fn download(url: &str) -> Result<Vec<u8>> {
    let arguments = ["--fail", "--silent", "--show-error", "--location", "--max-time", "60", "--proto", "=http,https"];
    let output = Command::new("curl")
        .args(arguments)
        .arg("--")
        .arg(url)
        .output()
        .context("curl cannot be started; download the document and give the file, or pipe it to `--spec -`")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(output.stdout)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
