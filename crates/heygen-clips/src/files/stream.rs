//! A clip as a stream, for those who put it elsewhere than into a folder.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::FutureExt;
use futures::stream::{BoxStream, Stream, StreamExt, try_unfold};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::fetch::{Fetch, Known, Step, changed};
use super::source::{FileOf, Links};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::job::{FinishedClip, JobView, Reading};

/// The MP4 of a clip, piece by piece, from [`Clips::open_clip`](crate::Clips::open_clip) and
/// [`AiClipping::open_clip`](crate::AiClipping::open_clip).
///
/// Broken connections and expired links are gone over as in a [`Download`](crate::Download); the
/// stream goes on at the next byte. What cannot be gone over ends it with an error, as does a file
/// that turns out to be another one meanwhile.
///
/// ```no_run
/// # async fn example(client: heygen_clips::Client) -> heygen_clips::Result<()> {
/// use heygen_clips::JobView as _;
///
/// let clips = client.clips();
/// let job = clips.get("clip_abc123").await?;
/// for clip in job.finished_clips() {
///     let mut sink = tokio::io::sink();
///     let bytes = clips.open_clip(&clip).await?.write_to(&mut sink).await?;
///     println!("{} has {bytes} bytes", clip.id);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing until it is read"]
pub struct ClipStream {
    length: Option<u64>,
    pieces: BoxStream<'static, Result<Bytes>>,
}

/// Opens the video of a clip.
pub(crate) async fn open<J: JobView>(
    client: &Client,
    clip: &FinishedClip,
    read_job: impl Fn() -> Reading<J> + Send + Sync + 'static,
) -> Result<ClipStream> {
    let links = Links::new(std::slice::from_ref(clip), read_job);
    let (client, links) = (client.clone(), Arc::new(links));
    let mut fetch = Fetch::new(client, links, &clip.id, FileOf::Video, Known::default());
    let job_id = clip.job_id.clone();
    let of_job = move |error: Error| error.with_job(&job_id, None);
    fetch.connect().boxed().await.map_err(&of_job)?;
    Ok(ClipStream {
        length: fetch.known().total,
        pieces: try_unfold(fetch, piece)
            .map(move |piece| piece.map_err(&of_job))
            .boxed(),
    })
}

async fn piece(mut fetch: Fetch) -> Result<Option<(Bytes, Fetch)>> {
    match fetch.next().await? {
        Step::Bytes(bytes) => Ok(Some((bytes, fetch))),
        Step::End => Ok(None),
        // The reader has the first bytes of what is no longer there.
        Step::Restart => Err(changed()),
    }
}

impl ClipStream {
    /// How many bytes there are in all, if the store says so.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Writes all of it, and gives how many bytes that was.
    ///
    /// # Errors
    ///
    /// [`Error::is_file`] when the writer fails; then, as after every error, it has got a part.
    pub async fn write_to(
        mut self,
        writer: &mut (impl AsyncWrite + Unpin + ?Sized),
    ) -> Result<u64> {
        let cannot = |error| Error::file("cannot write the clip to where it should go", error);
        let mut written = 0;
        while let Some(piece) = self.next().await {
            let piece = piece?;
            writer.write_all(&piece).await.map_err(cannot)?;
            written += piece.len() as u64;
        }
        writer.flush().await.map_err(cannot)?;
        Ok(written)
    }
}

impl Stream for ClipStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.pieces.poll_next_unpin(context)
    }
}

impl fmt::Debug for ClipStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClipStream")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
