//! From options to the request of a dialect.

use heygen_clips::{CreateAiClipping, CreateClips, Video};

use crate::args::{AspectRatio, ClipOptions, Dialect, DurationType};
use crate::failure::Failure;
use crate::values::Window;

/// Refuses options that the dialect has no place for, so that none is dropped silently.
pub(crate) fn check_dialect(options: &ClipOptions, dialect: Dialect) -> Result<(), Failure> {
    let (foreign, other) = match dialect {
        Dialect::Clips => (
            [
                ("--duration", !options.durations.is_empty()),
                ("--caption-style", options.caption_style.is_some()),
                ("--language", options.language.is_some()),
                ("--idempotency-key", options.idempotency_key.is_some()),
            ],
            "ai-clipping",
        ),
        Dialect::AiClipping => (
            [
                ("--max-clips", options.max_clips.is_some()),
                ("--window", !options.windows.is_empty()),
                ("--folder-id", options.folder_id.is_some()),
                ("", false),
            ],
            "clips",
        ),
    };
    match foreign.into_iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Failure::usage(
            option,
            format!("{option} works only with --dialect {other}"),
        )),
        None => Ok(()),
    }
}

/// The request of `/v3/clips`.
pub(crate) fn clips(video: Video, options: &ClipOptions) -> CreateClips {
    let mut request = CreateClips::new(video);
    if let Some(title) = &options.title {
        request = request.title(title);
    }
    if let Some(ratio) = options.aspect_ratio {
        request = request.aspect_ratio(ratio.into());
    }
    if let Some(captions) = captions(options) {
        request = request.captions(captions);
    }
    if let Some(text) = &options.instruction {
        request = request.instruction(text);
    }
    if let Some(url) = &options.callback_url {
        request = request.callback_url(url.as_str());
    }
    if let Some(id) = &options.callback_id {
        request = request.callback_id(id);
    }
    if let Some(number) = options.max_clips {
        request = request.max_clips(number);
    }
    if !options.windows.is_empty() {
        request = request.windows(options.windows.iter().cloned().map(Into::into));
    }
    if let Some(id) = &options.folder_id {
        request = request.folder_id(id);
    }
    request
}

/// The request of `/v3/ai-clipping`.
pub(crate) fn ai_clipping(video: Video, options: &ClipOptions) -> CreateAiClipping {
    let mut request = CreateAiClipping::new(video);
    if let Some(title) = &options.title {
        request = request.title(title);
    }
    if let Some(ratio) = options.aspect_ratio {
        request = request.aspect_ratio(ratio.into());
    }
    if let Some(captions) = captions(options) {
        request = request.captions(captions);
    }
    if let Some(text) = &options.instruction {
        request = request.prompt(text);
    }
    if let Some(url) = &options.callback_url {
        request = request.callback_url(url.as_str());
    }
    if let Some(id) = &options.callback_id {
        request = request.callback_id(id);
    }
    if !options.durations.is_empty() {
        request = request.durations(options.durations.iter().copied().map(Into::into));
    }
    if let Some(style) = &options.caption_style {
        request = request.caption_style(style);
    }
    if let Some(language) = &options.language {
        request = request.input_language(language);
    }
    if let Some(key) = &options.idempotency_key {
        request = request.idempotency_key(key);
    }
    request
}

/// What was said about captions, if anything.
fn captions(options: &ClipOptions) -> Option<bool> {
    (options.captions || options.no_captions).then_some(options.captions)
}

impl From<AspectRatio> for heygen_clips::AspectRatio {
    fn from(ratio: AspectRatio) -> Self {
        match ratio {
            AspectRatio::Portrait => Self::Portrait,
            AspectRatio::Square => Self::Square,
            AspectRatio::Landscape => Self::Landscape,
        }
    }
}

impl From<DurationType> for heygen_clips::ClipDuration {
    fn from(duration: DurationType) -> Self {
        match duration {
            DurationType::HalfMinute => Self::Seconds30,
            DurationType::Minute => Self::Seconds60,
            DurationType::ThreeMinutes => Self::Seconds180,
            DurationType::Long => Self::Long,
        }
    }
}

impl From<Window> for heygen_clips::Window {
    fn from(window: Window) -> Self {
        let wanted = Self::new(window.start, window.end);
        match window.label {
            Some(label) => wanted.label(label),
            None => wanted,
        }
    }
}
