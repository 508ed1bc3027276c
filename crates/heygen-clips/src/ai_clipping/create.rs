//! The request of a new job, with what it requires up front.

use heygen_clips_openapi::ai_clipping::types;

use crate::error::{Error, Result};
use crate::limits;
use crate::source::{AspectRatio, Link, Video};

/// A new job of `/v3/ai-clipping`. What is not set is not sent, and the server's default holds.
///
/// ```
/// use heygen_clips::{AspectRatio, ClipDuration, CreateAiClipping};
///
/// let request = CreateAiClipping::from_asset("asset_xyz789")
///     .durations([ClipDuration::Seconds30, ClipDuration::Long])
///     .aspect_ratio(AspectRatio::Landscape)
///     .caption_style("bold");
/// assert!(request.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CreateAiClipping {
    video: Video,
    title: Option<String>,
    input_language: Option<String>,
    durations: Option<Vec<ClipDuration>>,
    aspect_ratio: Option<AspectRatio>,
    captions: Option<bool>,
    caption_style: Option<String>,
    prompt: Option<String>,
    callback_url: Option<Link<String>>,
    callback_id: Option<String>,
    idempotency_key: Option<String>,
}

/// About how long a clip is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClipDuration {
    /// Half a minute.
    Seconds30,
    /// A minute.
    Seconds60,
    /// Three minutes.
    Seconds180,
    /// Longer than three minutes, as the model sees fit.
    Long,
}

impl CreateAiClipping {
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
            title: None,
            input_language: None,
            durations: None,
            aspect_ratio: None,
            captions: None,
            caption_style: None,
            prompt: None,
            callback_url: None,
            callback_id: None,
            idempotency_key: None,
        }
    }

    /// Names the job, in up to 255 characters; the source's title if not set.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Language spoken in the source, as in ISO 639-1 (`en`, `es`); detected if not set.
    pub fn input_language(mut self, language: impl Into<String>) -> Self {
        self.input_language = Some(language.into());
        self
    }

    /// Makes one clip for each of these, 1 to 4.
    pub fn durations(mut self, durations: impl IntoIterator<Item = ClipDuration>) -> Self {
        self.durations = Some(durations.into_iter().collect());
        self
    }

    /// Frames the clips; [`AspectRatio::Portrait`] if not set.
    pub fn aspect_ratio(mut self, ratio: AspectRatio) -> Self {
        self.aspect_ratio = Some(ratio);
        self
    }

    /// Burns captions into the clips; yes if not set. There are no caption files in this dialect. From
    /// what the emulator makes them: see [`CreateClips::captions`](crate::CreateClips::captions).
    pub fn captions(mut self, captions: bool) -> Self {
        self.captions = Some(captions);
        self
    }

    /// Look of the captions, such as `outline_classic` or `bold`. The vendor's list grows, so any
    /// name is sent.
    pub fn caption_style(mut self, style: impl Into<String>) -> Self {
        self.caption_style = Some(style.into());
        self
    }

    /// Says in words which moments to look for, in up to 500 characters.
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompt = Some(prompt.into());
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

    /// The key under which the server recognises this request for 24 hours: sent again under the
    /// same key, it gives the first answer again instead of a second job. 1 to 255 of
    /// `A-Z a-z 0-9 _ - : .`; a fresh UUID if not set.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// The limits of the document, as [`AiClipping::create`](crate::AiClipping::create) checks
    /// them.
    ///
    /// # Errors
    ///
    /// Code `invalid_parameter` and the `param` at fault.
    pub fn check(&self) -> Result<()> {
        self.video.check()?;
        limits::length("title", self.title.as_deref(), 255)?;
        if let Some(durations) = &self.durations
            && !(1..=4).contains(&durations.len())
        {
            let param = "output_settings.duration_types";
            let message = format!(
                "{param} must name 1 to 4 durations, not {}",
                durations.len()
            );
            return Err(Error::invalid(param, message));
        }
        limits::length("output_settings.prompt", self.prompt.as_deref(), 500)?;
        if let Some(Link(url)) = &self.callback_url {
            limits::url("callback_url", url)?;
        }
        self.idempotency_key
            .as_deref()
            .map_or(Ok(()), limits::idempotency_key)
    }

    /// The caller's key and the request on the wire. Its types know the limits too, so this can fail.
    pub(super) fn into_raw(self) -> Result<(Option<String>, types::CreateAiClippingRequest)> {
        let output_settings = self.output_settings()?;
        let title = self
            .title
            .map(types::CreateAiClippingRequestTitle::try_from);
        let key = self.idempotency_key;
        let body = types::CreateAiClippingRequest {
            video: match self.video {
                Video::Url(url) => types::CreateAiClippingRequestVideo::Url { url },
                Video::Asset(asset_id) => types::CreateAiClippingRequestVideo::AssetId { asset_id },
            },
            title: title
                .transpose()
                .map_err(|error| Error::invalid("title", error.to_string()))?,
            input_language: self.input_language,
            output_settings,
            callback_url: self.callback_url.map(|Link(url)| url),
            callback_id: self.callback_id,
        };
        Ok((key, body))
    }

    /// The nested settings; none where none is set.
    fn output_settings(&self) -> Result<Option<types::HighlightOutputSettingsInput>> {
        let prompt = self.prompt.as_deref().map(str::parse);
        let durations = self.durations.as_deref();
        let settings = types::HighlightOutputSettingsInput {
            duration_types: durations
                .map(|durations| durations.iter().map(|duration| duration.to_raw()).collect()),
            aspect_ratio: self.aspect_ratio.map(|ratio| match ratio {
                AspectRatio::Portrait => types::OutputAspectRatioKnown::Portrait,
                AspectRatio::Square => types::OutputAspectRatioKnown::Square,
                AspectRatio::Landscape => types::OutputAspectRatioKnown::Landscape,
            }),
            captions: self.captions,
            caption_style: self
                .caption_style
                .clone()
                .map(types::HighlightOutputSettingsCaptionStyle::Unknown),
            prompt: prompt
                .transpose()
                .map_err(|error: types::error::ConversionError| {
                    Error::invalid("output_settings.prompt", error.to_string())
                })?,
        };
        let is_set = self.durations.is_some()
            || self.aspect_ratio.is_some()
            || self.captions.is_some()
            || self.caption_style.is_some()
            || self.prompt.is_some();
        Ok(is_set.then_some(settings))
    }
}

impl ClipDuration {
    fn to_raw(self) -> types::OutputDurationKnown {
        match self {
            Self::Seconds30 => types::OutputDurationKnown::X30,
            Self::Seconds60 => types::OutputDurationKnown::X60,
            Self::Seconds180 => types::OutputDurationKnown::X180,
            Self::Long => types::OutputDurationKnown::Long,
        }
    }
}
