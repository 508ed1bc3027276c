//! The request of a new job, with what it requires up front.

use std::num::NonZeroU64;

use heygen_clips_openapi::clips::types;

use crate::error::{Error, Result};
use crate::limits;
use crate::source::{AspectRatio, Link, Video};

/// A new job of `/v3/clips`. What is not set is not sent, and the server's default holds.
///
/// Three ways to choose moments: nothing (the model picks), [`instruction`](Self::instruction)
/// (the model is steered), or [`windows`](Self::windows) (exactly these, no model).
///
/// ```
/// use heygen_clips::{AspectRatio, CreateClips, Window};
///
/// let request = CreateClips::from_url("https://example.com/talk.mp4")
///     .windows([Window::new(12.0, 28.5), Window::new(40.0, 55.0).label("The answer")])
///     .aspect_ratio(AspectRatio::Square)
///     .captions(true);
/// assert!(request.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CreateClips {
    video: Video,
    max_clips: Option<u32>,
    instruction: Option<String>,
    windows: Option<Vec<Window>>,
    aspect_ratio: Option<AspectRatio>,
    captions: Option<bool>,
    title: Option<String>,
    callback_url: Option<Link<String>>,
    callback_id: Option<String>,
    folder_id: Option<String>,
}

/// A stretch of the source to cut, in seconds from its start.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Window {
    /// First instant, in seconds.
    pub start: f64,
    /// First instant after it, in seconds.
    pub end: f64,
    /// Name for the clip.
    pub label: Option<String>,
}

impl Window {
    /// From `start` to `end`, in seconds.
    pub fn new(start: f64, end: f64) -> Self {
        Self {
            start,
            end,
            label: None,
        }
    }

    /// Names the clip.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
}

impl CreateClips {
    /// Clips the video behind a public link.
    pub fn from_url(url: impl Into<String>) -> Self {
        Self::new(Video::Url(url.into()))
    }

    /// Clips an uploaded video.
    pub fn from_asset(asset_id: impl Into<String>) -> Self {
        Self::new(Video::Asset(asset_id.into()))
    }

    /// Clips this video.
    pub fn new(video: Video) -> Self {
        Self {
            video,
            max_clips: None,
            instruction: None,
            windows: None,
            aspect_ratio: None,
            captions: None,
            title: None,
            callback_url: None,
            callback_id: None,
            folder_id: None,
        }
    }

    /// Makes at most so many clips, 1 to 10; 5 if not set. Has no effect beside windows.
    pub fn max_clips(mut self, count: u32) -> Self {
        self.max_clips = Some(count);
        self
    }

    /// Says in words which moments to look for, in up to 2000 characters. Has no effect beside windows.
    pub fn instruction(mut self, instruction: impl Into<String>) -> Self {
        self.instruction = Some(instruction.into());
        self
    }

    /// Cuts exactly these, up to 10.
    pub fn windows(mut self, windows: impl IntoIterator<Item = Window>) -> Self {
        self.windows = Some(windows.into_iter().collect());
        self
    }

    /// Frames the clips; [`AspectRatio::Portrait`] if not set.
    pub fn aspect_ratio(mut self, ratio: AspectRatio) -> Self {
        self.aspect_ratio = Some(ratio);
        self
    }

    /// Burns captions into the clips and offers them as a file; no if not set.
    ///
    /// Where the server finds out nothing of what is said, clips come without, which
    /// [`DownloadedClip::has_caption_file`](crate::DownloadedClip::has_caption_file) tells. The
    /// emulator makes captions of a `.vtt` or `.srt` of the same name beside the link
    /// (`talk.mp4`, `talk.vtt`) or, for an asset, uploaded before it, and of a subtitle track in
    /// the video.
    pub fn captions(mut self, captions: bool) -> Self {
        self.captions = Some(captions);
        self
    }

    /// Names the job in the vendor's dashboard.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Has the server POST there when the job is done. Such a call is not signed.
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.callback_url = Some(Link(url.into()));
        self
    }

    /// Comes back in that call.
    pub fn callback_id(mut self, id: impl Into<String>) -> Self {
        self.callback_id = Some(id.into());
        self
    }

    /// Puts the clips into a project folder.
    pub fn folder_id(mut self, id: impl Into<String>) -> Self {
        self.folder_id = Some(id.into());
        self
    }

    /// The limits of the document, as [`Clips::create`](crate::Clips::create) checks them.
    ///
    /// # Errors
    ///
    /// Code `invalid_parameter` and the `param` at fault.
    pub fn check(&self) -> Result<()> {
        self.video.check()?;
        if let Some(count) = self.max_clips
            && !(1..=10).contains(&count)
        {
            let message = format!("max_clips must be between 1 and 10, not {count}");
            return Err(Error::invalid("max_clips", message));
        }
        limits::length("instruction", self.instruction.as_deref(), 2000)?;
        if let Some(Link(url)) = &self.callback_url {
            limits::url("callback_url", url)?;
        }
        let windows = self.windows.as_deref().unwrap_or_default();
        if windows.len() > 10 {
            let message = format!(
                "there are {} windows, at most 10 are allowed",
                windows.len()
            );
            return Err(Error::invalid("windows", message));
        }
        windows
            .iter()
            .enumerate()
            .try_for_each(|(index, window)| window.check(index))
    }

    /// The request on the wire. Its types know the limits too, so this can fail.
    pub(super) fn into_raw(self) -> Result<types::CreateClipsRequest> {
        let instruction = self
            .instruction
            .map(types::CreateClipsRequestInstruction::try_from);
        Ok(types::CreateClipsRequest {
            video: match self.video {
                Video::Url(url) => types::VideoSource::Url { url },
                Video::Asset(asset_id) => types::VideoSource::AssetId { asset_id },
            },
            max_clips: self
                .max_clips
                .and_then(|count| NonZeroU64::new(count.into())),
            instruction: instruction
                .transpose()
                .map_err(|error| Error::invalid("instruction", error.to_string()))?,
            windows: self
                .windows
                .map(|windows| windows.into_iter().map(Window::into_raw).collect()),
            aspect_ratio: self.aspect_ratio.map(|ratio| match ratio {
                AspectRatio::Portrait => types::AspectRatioKnown::X916,
                AspectRatio::Square => types::AspectRatioKnown::X11,
                AspectRatio::Landscape => types::AspectRatioKnown::X169,
            }),
            enable_caption: self.captions,
            title: self.title,
            callback_url: self.callback_url.map(|Link(url)| url),
            callback_id: self.callback_id,
            folder_id: self.folder_id,
        })
    }
}

impl Window {
    fn into_raw(self) -> types::ClipWindow {
        types::ClipWindow {
            start: self.start,
            end: self.end,
            label: self.label,
        }
    }

    fn check(&self, index: usize) -> Result<()> {
        let (start, end) = (self.start, self.end);
        let fault = |field, message: String| {
            let param = format!("windows[{index}].{field}");
            let message = format!("{param} {message}");
            Err(Error::invalid(param, message))
        };
        if !start.is_finite() || start < 0.0 {
            return fault("start", format!("must be 0 or more seconds, not {start}"));
        }
        if !end.is_finite() || end <= start {
            return fault(
                "end",
                format!("must be later than its start at {start} s, not {end}"),
            );
        }
        Ok(())
    }
}
