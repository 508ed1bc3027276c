//! A server in the same process, with the way to it: it makes jobs whether anyone waits for the answer
//! or not, and one time in five something fails.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::stream;
use heygen_clips::{
    Client, ClientBuilder, Manifest, Request, Response, Sending, Transport, TransportError,
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::server::{BASE, KEY};

const CLIPS: usize = 2;

/// Chance that is the same for the same seed.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

#[derive(Clone)]
pub(crate) struct World(Arc<Mutex<State>>);

struct State {
    chance: Chance,
    /// Of `/v3/clips` and of `/v3/ai-clipping`.
    jobs: [Vec<Made>; 2],
    /// By idempotency key: the job, or that it is being made.
    keys: HashMap<String, Option<String>>,
}

struct Made {
    id: String,
    title: Value,
    created_at: u64,
    looks: usize,
}

/// What goes wrong with a call.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fault {
    None,
    /// No connection.
    Unreachable,
    /// Reset before the server has seen it.
    Lost,
    /// Refused for now.
    Status(u16),
    /// Done, and the answer is cut off or reset.
    Cut,
    /// Done, and a gateway says that it is not.
    Gateway,
}

impl Fault {
    pub(super) fn draw(chance: &mut Chance) -> Self {
        if chance.below(5) > 0 {
            return Self::None;
        }
        match chance.below(7) {
            0 => Self::Unreachable,
            1 => Self::Lost,
            2 => Self::Status(429),
            3 => Self::Status(503),
            4 => Self::Gateway,
            _ => Self::Cut,
        }
    }
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            chance: Chance::new(seed),
            jobs: [Vec::new(), Vec::new()],
            keys: HashMap::new(),
        })))
    }

    pub(crate) fn client(&self) -> ClientBuilder {
        let builder = Client::builder().api_key(KEY).base_url(BASE);
        builder.transport(self.clone())
    }

    /// How many jobs there are, by dialect.
    pub(crate) fn jobs(&self) -> [usize; 2] {
        let state = self.lock();
        [state.jobs[0].len(), state.jobs[1].len()]
    }

    /// That the clips of the one job are in the folder, whole, and nothing else is.
    pub(crate) fn check_files(&self, folder: &Path, dialect: &str, said: &str) {
        let id = self.lock().jobs[usize::from(dialect == "ai")][0].id.clone();
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        let expected = ["01-clip-0.mp4", "02-clip-1.mp4", Manifest::FILE_NAME];
        assert_eq!(names, expected, "{said}: {dialect}");
        for (index, name) in expected[..CLIPS].iter().enumerate() {
            let bytes = std::fs::read(folder.join(name)).unwrap();
            assert!(bytes == content(&format!("{id}-{index}")), "{said}: {name}");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// A moment, at times a long one.
    async fn moment(&self, longest: usize) {
        let milliseconds = self.lock().chance.below(longest);
        sleep(Duration::from_millis(milliseconds as u64)).await;
    }

    async fn answer(&self, request: Request) -> Result<Response, TransportError> {
        let fault = Fault::draw(&mut self.lock().chance);
        self.moment(50).await;
        match fault {
            Fault::Unreachable => return Err(TransportError::not_connected("refused")),
            Fault::Lost => return Err(TransportError::broken("reset")),
            Fault::Status(status) => {
                let body = json!({ "error": { "code": "later", "message": "Later." } });
                return Ok(reply(status, body.to_string().as_bytes(), false));
            }
            _ => {}
        }
        // The server works on when nobody listens any more.
        let (world, started) = (self.clone(), request.into_http().await?);
        let work = tokio::spawn(async move { world.serve(started).await });
        let (status, body) = work.await.unwrap();
        self.moment(50).await;
        match fault {
            Fault::Gateway => Ok(reply(504, b"<html>", false)),
            fault => Ok(reply(status, &body, fault == Fault::Cut)),
        }
    }

    async fn serve(&self, request: http::Request<Bytes>) -> (u16, Vec<u8>) {
        let path = request.uri().path().to_owned();
        let parts: Vec<_> = path.trim_matches('/').split('/').collect();
        let which = usize::from(parts.get(1) == Some(&"ai-clipping"));
        let (status, answer) = match (request.method().as_str(), parts.as_slice()) {
            ("POST", ["v3", _]) => self.create(which, &request).await,
            ("GET", ["v3", _]) => (200, self.list(which)),
            ("GET", ["v3", _, id]) => (200, self.look(which, id)),
            ("GET", ["files", name]) => return (200, content(name)),
            other => panic!("{other:?}"),
        };
        (status, answer.to_string().into_bytes())
    }

    async fn create(&self, which: usize, request: &http::Request<Bytes>) -> (u16, Value) {
        let key = request.headers().get("idempotency-key");
        let key = key.map(|key| key.to_str().unwrap().to_owned());
        if let Some(key) = &key {
            let known = self.lock().keys.get(key).cloned();
            match known {
                Some(Some(id)) => return (202, json!({ "data": { "ai_clipping_id": id } })),
                Some(None) => {
                    let error = json!({ "code": "request_in_progress", "message": "Wait." });
                    return (409, json!({ "error": error }));
                }
                None => drop(self.lock().keys.insert(key.clone(), None)),
            }
        }
        self.moment(5_000).await;
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let mut state = self.lock();
        let id = format!("job_{which}_{}", state.jobs[which].len());
        state.jobs[which].push(Made {
            id: id.clone(),
            title: body["title"].clone(),
            created_at: now.unwrap().as_secs(),
            looks: 0,
        });
        match key {
            Some(key) => {
                state.keys.insert(key, Some(id.clone()));
                (202, json!({ "data": { "ai_clipping_id": id } }))
            }
            None => (200, json!({ "data": { "clip_job_id": id } })),
        }
    }

    fn list(&self, which: usize) -> Value {
        let state = self.lock();
        let rows = state.jobs[which].iter().rev().map(|job| {
            json!({
                "id": job.id, "title": job.title, "status": "running",
                "created_at": job.created_at,
            })
        });
        json!({ "data": rows.collect::<Vec<_>>(), "has_more": false, "next_token": null })
    }

    fn look(&self, which: usize, id: &str) -> Value {
        let mut state = self.lock();
        let jobs = &mut state.jobs[which];
        let job = jobs.iter_mut().find(|job| job.id == id).unwrap();
        job.looks += 1;
        if job.looks < 3 {
            return json!({ "data": { "id": id, "status": "running", "clips": [] } });
        }
        let clips = (0..CLIPS).map(|index| {
            let link = format!("{BASE}/files/{id}-{index}?sig=abc");
            let label = format!("clip {index}");
            json!({
                "id": format!("c{index}"), "label": label, "title": label, "url": link,
                "video_url": link, "start": 0, "end": 1, "duration": 1, "aspect_ratio": if which == 0 { "9:16" } else { "portrait" },
                "status": "completed",
            })
        });
        let clips: Vec<_> = clips.collect();
        json!({ "data": { "id": id, "status": "completed", "progress": 100, "clips": clips } })
    }
}

impl Transport for World {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(self.answer(request))
    }
}

/// The bytes of a clip.
fn content(name: &str) -> Vec<u8> {
    let seed = name.bytes().fold(7, |seed: u64, byte| {
        seed.wrapping_mul(31).wrapping_add(byte.into())
    });
    let mut chance = Chance::new(seed);
    (0..3_000)
        .map(|_| u8::try_from(chance.below(256)).unwrap())
        .collect()
}

/// In pieces, and cut off in the middle if so.
pub(super) fn reply(status: u16, body: &[u8], is_cut: bool) -> Response {
    let head = http::Response::builder()
        .status(status)
        .header("content-length", body.len());
    let end = if is_cut { body.len() / 2 } else { body.len() };
    let mut pieces: Vec<Result<Bytes, std::io::Error>> = body[..end]
        .chunks(1_000)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    if is_cut {
        pieces.push(Err(std::io::ErrorKind::ConnectionReset.into()));
    }
    let pieces = stream::unfold(pieces.into_iter(), |mut pieces| async move {
        let piece = pieces.next()?;
        tokio::task::yield_now().await;
        Some((piece, pieces))
    });
    Response::streaming(head.body(()).unwrap(), pieces)
}
