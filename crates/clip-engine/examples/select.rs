//! Prints the moments that would be chosen: `select SOURCE COUNT [INSTRUCTION]`.
//!
//! `CLIP_BACKEND` chooses `embedded` or `ffmpeg`. The transcript is a `.vtt` or `.srt` beside the
//! source.

use clip_engine::{Backend, Engine, SelectSpec, Transcript};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [source, count, rest @ ..] = &arguments[..] else {
        return Err("usage: select SOURCE COUNT [INSTRUCTION]".into());
    };
    let mut spec = SelectSpec::count(count.parse()?);
    if let Some(instruction) = rest.first() {
        spec = spec.instruction(instruction);
    }
    if let Some(transcript) = Transcript::beside(source)? {
        spec = spec.transcript(transcript);
    }
    let backend = match std::env::var("CLIP_BACKEND").as_deref() {
        Ok("embedded") => Backend::Embedded,
        Ok("ffmpeg") => Backend::Ffmpeg(None),
        _ => Backend::Auto,
    };
    let engine = Engine::builder().backend(backend).build()?;
    let selection = engine.select(source, &spec).await?;
    for moment in selection.moments {
        println!(
            "{:7.2} - {:7.2}  {:.3}  {}",
            moment.start_seconds, moment.end_seconds, moment.score, moment.label
        );
        for feature in moment.features {
            println!(
                "    {:18} {:.2} x {}",
                feature.name, feature.value, feature.weight
            );
        }
    }
    for line in selection.log {
        println!("{line}");
    }
    Ok(())
}
