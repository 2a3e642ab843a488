//! Writes the default slides into a directory: `cargo run -p aig-sandbox --example write_slides -- DIR`.

use std::{io, path::PathBuf};

fn main() -> io::Result<()> {
    let directory = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    for slide in aig_sandbox::synthetic::demo_slides() {
        slide.spec.write(&directory.join(slide.file_name))?;
    }
    Ok(())
}
