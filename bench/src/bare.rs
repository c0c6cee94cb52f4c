//! The bare loop: read a file, post it, rename it. No queue, no sync, no look at what is in it: what the same delivery costs at least.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Sends the files to the sandbox over so many connections and moves each to `done` once it is accepted.
pub(crate) fn deliver(url: &str, files: &[PathBuf], done: &Path, connections: usize) -> Result<()> {
    fs::create_dir_all(done)?;
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let loops: Vec<_> = (0..connections).map(|_| scope.spawn(|| one(url, files, done, &next))).collect();
        loops.into_iter().try_for_each(|ended| ended.join().ok().context("a connection's thread panicked")?)
    })
}

fn one(url: &str, files: &[PathBuf], done: &Path, next: &AtomicUsize) -> Result<()> {
    let host = url.trim_start_matches("http://");
    let stream = TcpStream::connect(host).with_context(|| host.to_owned())?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut line = stream;
    while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
        let body = fs::read(file)?;
        let mut request = format!(
            "POST /api/Report/WSJF HTTP/1.1\r\nhost: {host}\r\nauthorization: Basic {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            e2e::TOKEN,
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(&body);
        line.write_all(&request)?;
        answer(&mut answers)?;
        fs::rename(file, done.join(file.file_name().context("a file has a name")?))?;
    }
    Ok(())
}

/// Reads one answer to its end; anything but 200 is an error.
fn answer(answers: &mut BufReader<TcpStream>) -> Result<()> {
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        ensure!(answers.read_line(&mut line)? > 0, "the connection was closed");
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().context("content-length")?;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    answers.read_exact(&mut body)?;
    ensure!(head.starts_with("HTTP/1.1 200"), "{head}{}", String::from_utf8_lossy(&body));
    Ok(())
}
