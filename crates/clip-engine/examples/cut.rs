//! Cuts one clip from the command line: `cut SOURCE START END OUTPUT [ASPECT [HEIGHT]]`.
//!
//! `CLIP_BACKEND` chooses `embedded` or `ffmpeg`. Captions come from a `.vtt` or `.srt` beside the source.

use clip_engine::{Aspect, Backend, Captions, ClipSpec, Engine, Framing, Transcript};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [source, start, end, output, rest @ ..] = &arguments[..] else {
        return Err("usage: cut SOURCE START END OUTPUT [ASPECT [HEIGHT]]".into());
    };
    let mut framing = Framing::default();
    if let Some(aspect) = rest.first() {
        framing = Framing::new(aspect.parse::<Aspect>()?);
    }
    if let Some(height) = rest.get(1) {
        framing = framing.height(height.parse()?);
    }
    let mut spec = ClipSpec::new(start.parse()?, end.parse()?)
        .framing(framing)
        .thumbnail(true);
    if let Some(transcript) = Transcript::beside(source)? {
        spec = spec.captions(Captions::new(transcript.cues));
    }
    let backend = match std::env::var("CLIP_BACKEND").as_deref() {
        Ok("embedded") => Backend::Embedded,
        Ok("ffmpeg") => Backend::Ffmpeg(None),
        _ => Backend::Auto,
    };
    let engine = Engine::builder().backend(backend).build()?;
    let report = engine.cut(source, &spec, output).await?;
    println!("{report:#?}");
    Ok(())
}
