//! Tells people that clips which were to have captions have none. The answers of the API say neither
//! whether captions were asked for nor why there are none; the log that the emulator keeps does.

use std::time::Duration;

use heygen_clips::{ClientInfo as _, JobView};
use serde::Deserialize;

use crate::session::Session;

const NO_TRANSCRIPT: &str = "the clips have no captions, because no transcript was found: put a .vtt \
    or .srt file of the same name beside the video, or name one with --transcript";
const NOTHING_SAID: &str = "the clips have no captions: by the transcript, nothing is said in them";
const NONE_MADE: &str = "the clips have no caption files: the server made none";

/// The log is not what a command is about.
const LONGEST: Duration = Duration::from_secs(5);

/// What to tell of a job whose finished clips all have no captions, if they were to have some.
/// `asked` says that caption files were asked for with this very command.
pub(crate) async fn missing(
    session: &Session,
    job: &impl JobView,
    asked: bool,
) -> Option<&'static str> {
    let clips = job.finished_clips();
    if clips.is_empty() || clips.iter().any(|clip| clip.caption_url.is_some()) {
        return None;
    }
    let log = if session.is_local {
        let log = tokio::time::timeout(LONGEST, log(session, job.job_id())).await;
        log.ok().flatten()
    } else {
        None
    };
    text(log.as_deref(), asked)
}

/// `log` is that of an emulator.
fn text(log: Option<&[Line]>, asked: bool) -> Option<&'static str> {
    match log {
        Some(log) if log.iter().any(Line::is_without) => Some(NO_TRANSCRIPT),
        Some(_) => asked.then_some(NOTHING_SAID),
        None => asked.then_some(NONE_MADE),
    }
}

#[derive(Deserialize)]
struct Log {
    data: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    message: String,
}

impl Line {
    fn is_without(&self) -> bool {
        self.message.ends_with("the clips come without captions")
    }
}

/// A job's log, where the server is an emulator.
async fn log(session: &Session, job: &str) -> Option<Vec<Line>> {
    let mut url = url::Url::parse(session.client.base_url()).ok()?;
    let mut path = url.path_segments_mut().ok()?;
    path.pop_if_empty().extend(["_local", "jobs", job, "log"]);
    drop(path);
    let raw = session.client.raw().clips;
    let request = raw.client().get(url).build().ok()?;
    let sent = raw.inner().transport().send("get_local_job_log", request);
    let answer = sent.await.ok()?.error_for_status().ok()?;
    Some(answer.json::<Log>().await.ok()?.data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_emulator_is_said_to_look_for_files() {
        let log = |message: &str| {
            let message = message.to_owned();
            Some(vec![Line { message }])
        };
        let without = log("there is no transcript; the clips come without captions");
        assert_eq!(text(without.as_deref(), false), Some(NO_TRANSCRIPT));
        let other = log("begun");
        assert_eq!(text(other.as_deref(), true), Some(NOTHING_SAID));
        assert_eq!(text(other.as_deref(), false), None);
        assert_eq!(text(None, true), Some(NONE_MADE));
        assert_eq!(text(None, false), None);
    }
}
