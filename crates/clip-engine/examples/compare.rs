//! Compares what the two backends cost for one clip: `compare SOURCE START END ASPECT [HEIGHT]`.
//!
//! Five rounds of each, in turn; what is printed are ratios of the medians, which hold on a busy
//! machine too. Processor time is read from `/proc`, so this runs on Linux.

use std::time::Instant;

use clip_engine::{Aspect, Backend, ClipSpec, Engine, Framing};

const ROUNDS: usize = 5;

struct Cost {
    processor: Vec<f64>,
    wall: Vec<f64>,
    bytes: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [source, start, end, aspect, rest @ ..] = &arguments[..] else {
        return Err("usage: compare SOURCE START END ASPECT [HEIGHT]".into());
    };
    let mut framing = Framing::new(aspect.parse::<Aspect>()?);
    if let Some(height) = rest.first() {
        framing = framing.height(height.parse()?);
    }
    let spec = ClipSpec::new(start.parse()?, end.parse()?).framing(framing);
    let folder = tempfile::tempdir()?;
    let output = folder.path().join("clip.mp4");
    let mut costs = Vec::new();
    for backend in [Backend::Embedded, Backend::Ffmpeg(None)] {
        let engine = Engine::builder().backend(backend).build()?;
        let cost = Cost {
            processor: vec![],
            wall: vec![],
            bytes: 0,
        };
        costs.push((engine, cost));
    }
    for _ in 0..ROUNDS {
        for (engine, cost) in &mut costs {
            let (processor, wall) = (processor_seconds()?, Instant::now());
            let report = engine.cut(source, &spec, &output).await?;
            cost.processor.push(processor_seconds()? - processor);
            cost.wall.push(wall.elapsed().as_secs_f64());
            cost.bytes = report.bytes;
        }
    }
    let (embedded, ffmpeg) = (&costs[0].1, &costs[1].1);
    println!("embedded : ffmpeg (libx264 veryfast crf 23)");
    println!(
        "processor time  {:.2}",
        median(&embedded.processor) / median(&ffmpeg.processor)
    );
    println!(
        "wall time       {:.2}",
        median(&embedded.wall) / median(&ffmpeg.wall)
    );
    println!(
        "bytes           {:.2}",
        embedded.bytes as f64 / ffmpeg.bytes as f64
    );
    Ok(())
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Of this process and the children that it has waited for.
fn processor_seconds() -> std::io::Result<f64> {
    const TICKS_IN_A_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name, in brackets, may hold spaces; what follows it are numbers.
    let numbers = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = numbers
        .split_whitespace()
        .skip(11)
        .take(4)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    Ok(ticks / TICKS_IN_A_SECOND)
}
