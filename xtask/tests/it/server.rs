//! An upstream on loopback that behaves as it is told to: well, slowly, or badly.
//!
//! It writes bytes to sockets by itself, because an HTTP library would refuse to lie.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How a path is answered.
#[derive(Clone)]
pub(crate) enum Answer {
    /// As it should be: content type and body.
    Good(&'static str, String),
    /// Nothing, until the client gives up.
    Silent,
    /// A head that promises the whole body, and half of it.
    Truncated(&'static str, String),
    /// The first half as if it were the whole: no length, the connection just ends.
    Cut(&'static str, String),
    /// Fewer bytes announced than sent.
    ShortLength(&'static str, String),
    /// Another place.
    Redirect(String),
    /// A status and nothing else.
    Status(u16),
    /// Each in turn, the last for ever.
    InTurn(Vec<Answer>),
    /// This many bytes of nothing much.
    Endless(u64),
}

/// A running server; it ends with the test's process.
pub(crate) struct Server {
    base: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves `answers` by path.
    pub(crate) fn start(answers: impl IntoIterator<Item = (&'static str, Answer)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let answers: HashMap<&str, Answer> = answers.into_iter().collect();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (answers, seen) = (answers.clone(), seen.clone());
                // A client may hang up at any time; that is what some of the tests are about.
                thread::spawn(move || drop(serve(stream, &answers, &seen)));
            }
        });
        Self { base, requests }
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The paths that were asked for, in order.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(
    mut stream: TcpStream,
    answers: &HashMap<&str, Answer>,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let turn = {
        let mut seen = seen.lock().unwrap();
        seen.push(path.clone());
        seen.iter().filter(|known| **known == path).count() - 1
    };
    let mut answer = answers
        .get(path.as_str())
        .cloned()
        .unwrap_or(Answer::Status(404));
    if let Answer::InTurn(answers) = &answer {
        answer = answers[turn.min(answers.len() - 1)].clone();
    }
    let typed =
        |kind: &str| format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: {kind}\r\n");
    let half = |body: &str| body.as_bytes()[..body.len() / 2].to_vec();
    match answer {
        Answer::Good(kind, body) => {
            write!(
                stream,
                "{}Content-Length: {}\r\n\r\n{body}",
                typed(kind),
                body.len()
            )
        }
        Answer::Silent => stream.read_exact(&mut byte),
        Answer::Truncated(kind, body) => {
            write!(
                stream,
                "{}Content-Length: {}\r\n\r\n",
                typed(kind),
                body.len()
            )?;
            stream.write_all(&half(&body))
        }
        Answer::Cut(kind, body) => {
            write!(stream, "{}\r\n", typed(kind))?;
            stream.write_all(&half(&body))
        }
        Answer::ShortLength(kind, body) => {
            write!(
                stream,
                "{}Content-Length: {}\r\n\r\n{body}",
                typed(kind),
                body.len() / 2
            )
        }
        Answer::Redirect(target) => write!(
            stream,
            "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
        ),
        Answer::Status(status) => write!(
            stream,
            "HTTP/1.1 {status} Nothing\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        ),
        Answer::Endless(bytes) => {
            write!(stream, "{}\r\n", typed("application/json"))?;
            let chunk = vec![b' '; 1 << 16];
            for _ in 0..bytes.div_ceil(1 << 16) {
                stream.write_all(&chunk)?;
            }
            Ok(())
        }
        Answer::InTurn(_) => Ok(()),
    }
}
