//! Runs the program and reads what it left.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use mp4_atom::{Atom as _, Header, Moov, ReadAtom as _, ReadFrom as _};
use serde_json::Value;

/// A key that must never be seen in anything that the program says.
pub(crate) const KEY: &str = "very-secret-key";

/// How a run of the program ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The JSON on stdout of a run that went well.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The error on stderr of a run that failed; its envelope is the last line.
    pub(crate) fn error(&self, code: i32) -> Value {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "", "a failure writes no result");
        let line = self.stderr.lines().last().unwrap();
        serde_json::from_str::<Value>(line).unwrap()["error"].clone()
    }
}

/// Runs the program to its end, without a key or server from the environment.
pub(crate) fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    ran(command(arguments, environment).output().unwrap())
}

/// What a run left, in which no key may be seen.
fn ran(output: Output) -> Ran {
    let Output {
        status,
        stdout,
        stderr,
    } = output;
    let ran = Ran {
        code: status.code().unwrap(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    };
    assert!(
        !ran.stdout.contains(KEY) && !ran.stderr.contains(KEY),
        "a key was printed"
    );
    ran
}

fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heygen-clips"));
    command
        .args(arguments)
        .env_remove("HEYGEN_API_KEY")
        .env_remove("HEYGEN_API_BASE")
        .env_remove("HEYGEN_WEBHOOK_SECRET")
        .env_remove("HEYGEN_CLIPS_JOURNAL");
    command
        .envs(environment.iter().copied())
        .stdin(Stdio::null());
    command
}

/// Starts the program, does something meanwhile, asks it to stop as Ctrl-C does, and waits.
#[cfg(unix)]
pub(crate) fn run_and_interrupt(
    arguments: &[&str],
    environment: &[(&str, &str)],
    meanwhile: impl FnOnce(),
) -> Ran {
    let mut command = command(arguments, environment);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    meanwhile();
    kill("-INT", child.id());
    ran(child.wait_with_output().unwrap())
}

#[cfg(unix)]
fn kill(signal: &str, process: u32) {
    let mut kill = Command::new("kill");
    let done = kill.args([signal, &process.to_string()]).status().unwrap();
    assert!(done.success());
}

/// An emulator in a process of its own; ended when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) base_url: String,
}

impl Server {
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        Self::start_with(data, &[&["--api-key", KEY], more].concat(), &[])
    }

    pub(crate) fn start_with(data: &Path, more: &[&str], environment: &[(&str, &str)]) -> Self {
        let data = data.to_str().unwrap();
        let mut arguments = vec!["emulator", "--listen", "127.0.0.1:0", "--data", data];
        arguments.extend(["--backend", "embedded"]);
        arguments.extend(more);
        let mut child = command(&arguments, environment)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        Self {
            child,
            base_url: said["base_url"].as_str().unwrap().to_owned(),
        }
    }

    /// Runs the program against it.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Ran {
        self.ask_with(KEY, arguments)
    }

    pub(crate) fn ask_with(&self, key: &str, arguments: &[&str]) -> Ran {
        run(
            arguments,
            &[("HEYGEN_API_KEY", key), ("HEYGEN_API_BASE", &self.base_url)],
        )
    }

    /// Asks it to stop, by `-TERM` or another signal, and gives its exit code.
    #[cfg(unix)]
    pub(crate) fn stop(mut self, signal: &str) -> Option<i32> {
        kill(signal, self.child.id());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `webhook listen` in a process of its own; ended when dropped.
pub(crate) struct Listener {
    child: Child,
    stderr: BufReader<ChildStderr>,
    notes: String,
    pub(crate) address: String,
}

impl Listener {
    pub(crate) fn start(more: &[&str], environment: &[(&str, &str)]) -> Self {
        let arguments = [&["webhook", "listen", "--port", "0"], more].concat();
        let mut child = command(&arguments, environment)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut notes = String::new();
        let address = loop {
            let from = notes.len();
            assert_ne!(stderr.read_line(&mut notes).unwrap(), 0, "{notes}");
            if let Some((_, address)) = notes[from..].split_once("http://") {
                break address.trim().to_owned();
            }
        };
        Self {
            child,
            stderr,
            notes,
            address,
        }
    }

    /// Waits until it has printed enough, and gives what it printed.
    pub(crate) fn end(mut self) -> (Vec<Value>, String) {
        let mut stdout = String::new();
        let mut pipe = self.child.stdout.take().unwrap();
        pipe.read_to_string(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut self.notes).unwrap();
        assert!(self.child.wait().unwrap().success(), "{}", self.notes);
        let lines = stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        (lines.collect(), std::mem::take(&mut self.notes))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a player would see of an MP4.
#[derive(Debug)]
pub(crate) struct Clip {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) seconds: f64,
    /// Samples in the tracks, video first.
    pub(crate) samples: Vec<u32>,
}

pub(crate) fn clip(path: &Path) -> Clip {
    let mut file = std::fs::File::open(path).unwrap();
    loop {
        let header = Header::read_from(&mut file).unwrap();
        if header.kind == Moov::KIND {
            return facts(&Moov::read_atom(&header, &mut file).unwrap());
        }
        let skip = i64::try_from(header.size.unwrap()).unwrap();
        std::io::Seek::seek_relative(&mut file, skip).unwrap();
    }
}

#[allow(clippy::cast_precision_loss)]
fn facts(moov: &Moov) -> Clip {
    let mut tracks: Vec<_> = moov.trak.iter().collect();
    tracks.sort_by_key(|track| track.tkhd.width.integer() == 0);
    let samples = |track: &&mp4_atom::Trak| {
        track
            .mdia
            .minf
            .stbl
            .stts
            .entries
            .iter()
            .map(|entry| entry.sample_count)
            .sum()
    };
    Clip {
        width: tracks[0].tkhd.width.integer(),
        height: tracks[0].tkhd.height.integer(),
        seconds: moov.mvhd.duration as f64 / f64::from(moov.mvhd.timescale),
        samples: tracks.iter().map(samples).collect(),
    }
}
