//! Servers of a few lines, for what the emulator does not do.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use serde_json::{Value, json};

/// A server that answers each request by its head and its own address; given nothing, it keeps
/// silent.
pub(crate) fn serve(answer: impl Fn(&str, &str) -> Option<String> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let own_url = base_url.clone();
    thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap();
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let Some(body) = answer(&head, &own_url) else {
                open.push(stream);
                continue;
            };
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            let _ = write!(stream, "{head}\r\ncontent-length: {length}\r\n\r\n{body}");
        }
    });
    base_url
}

/// A clip of a job of `/v3/clips`, whose video is at `/clip.mp4` of that server.
pub(crate) fn clip_at(base_url: &str) -> Value {
    json!({
        "id": "c", "label": "Hello", "url": format!("{base_url}/clip.mp4"), "start": 0.0,
        "end": 1.0, "duration": 1.0, "score": 0.5, "aspect_ratio": "9:16",
    })
}
