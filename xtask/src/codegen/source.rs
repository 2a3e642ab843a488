//! Knows where a document comes from, and its fingerprint.

use std::borrow::Cow;
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
        let place = if from == "-" { "on the standard input" } else { from };
        let bytes = bytes(from).with_context(|| format!("cannot read the document {place}"))?;
        Self::parse(&bytes).with_context(|| format!("the document {place} cannot be used"))
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        let text = text(bytes)?;
        ensure!(!text.trim().is_empty(), "it is empty");
        ensure!(
            !text.trim_start().starts_with('<'),
            "it is a web page, no JSON; give the address of the document itself, such as /openapi.json"
        );
        ensure!(
            text.trim_start().starts_with('{'),
            "it is no JSON object; a document in YAML must be converted to JSON first"
        );
        let json = serde_json::from_str(&text)?;
        Ok(Self { json, sha256: hex(&Sha256::digest(bytes)) })
    }
}

/// The text of a document. Windows puts a byte order mark before it, PowerShell writes UTF-16.
fn text(bytes: &[u8]) -> Result<Cow<'_, str>> {
    if let Some(units) = bytes.strip_prefix(b"\xFF\xFE") {
        let units: Vec<u16> = units.as_chunks().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
        return Ok(String::from_utf16(&units).context("it is no UTF-16")?.into());
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    Ok(std::str::from_utf8(bytes).context("it is no UTF-8")?.into())
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
