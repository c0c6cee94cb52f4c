//! Before the app is built: tauri's own step, and a page to embed where none has been built yet.
//!
//! Without this a fresh clone could not be checked, linted or tested before npm has run. Which page is embedded is seen at once: the stand-in says
//! how the real one is made.
#![allow(clippy::print_stdout, reason = "a build script speaks to cargo on stdout")]

use std::path::Path;

const STAND_IN: &str =
    "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Lineside</title>\n<p>The window has not been built. Run: cargo xtask app</p>\n";

fn main() {
    let page = Path::new("../ui/dist/index.html");
    if !page.exists() {
        let written = std::fs::create_dir_all("../ui/dist").and_then(|()| std::fs::write(page, STAND_IN));
        if let Err(error) = written {
            println!("cargo::error={} cannot be written: {error}", page.display());
        }
    }
    println!("cargo::rerun-if-changed=../ui/dist");
    tauri_build::build();
}
