//! Reads the sample tables of a track: where each sample lies, how long it lasts, and where decoding can begin.

use mp4_atom::{Co64, Ctts, Stco, Stsc, Stss, Stsz, StszSamples, Stts};

use super::boxes::{decode_child, require};
use crate::error::{Error, Result};

/// More samples than a day of 120 frames a second has.
const MOST_SAMPLES: usize = 12_000_000;
/// A sample before edits: decoding and composition time.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawSample {
    pub(super) offset: u64,
    pub(super) size: u32,
    pub(super) decode_time: i64,
    pub(super) composition_offset: i64,
    pub(super) duration: u32,
    pub(super) sync: bool,
}

/// The samples of a track in decoding order, from its tables.
pub(super) fn samples(stbl: &[u8]) -> Result<Vec<RawSample>> {
    let sizes: Stsz = require(stbl)?;
    let count = match &sizes.samples {
        StszSamples::Identical { count, .. } => *count as usize,
        StszSamples::Different { sizes } => sizes.len(),
    };
    if count > MOST_SAMPLES {
        return Err(Error::damaged(format!(
            "a track claims {count} samples: the file is damaged"
        )));
    }
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut durations = {
        let stts: Stts = require(stbl)?;
        stts.entries
            .into_iter()
            .flat_map(|entry| std::iter::repeat_n(entry.sample_delta, entry.sample_count as usize))
    };
    let mut offsets = decode_child::<Ctts>(stbl)?
        .unwrap_or_default()
        .entries
        .into_iter()
        .flat_map(|entry| std::iter::repeat_n(entry.sample_offset, entry.sample_count as usize));
    let sync = decode_child::<Stss>(stbl)?.map(|stss| stss.entries);
    let places = places(stbl, &sizes.samples, count)?;

    let mut decode_time = 0_i64;
    let mut result = Vec::with_capacity(count);
    for (index, (offset, size)) in places.into_iter().enumerate() {
        let duration = durations.next().ok_or_else(|| {
            Error::damaged("the time table is shorter than the sample table: the file is damaged")
        })?;
        result.push(RawSample {
            offset,
            size,
            decode_time,
            composition_offset: offsets.next().unwrap_or(0),
            duration,
            sync: sync
                .as_ref()
                .is_none_or(|sync| sync.binary_search(&(index as u32 + 1)).is_ok()),
        });
        decode_time += i64::from(duration);
    }
    Ok(result)
}

/// Offset and size of each sample.
fn places(stbl: &[u8], sizes: &StszSamples, count: usize) -> Result<Vec<(u64, u32)>> {
    let runs: Stsc = require(stbl)?;
    let chunks: Vec<u64> = match decode_child::<Stco>(stbl)? {
        Some(stco) => stco.entries.into_iter().map(u64::from).collect(),
        None => require::<Co64>(stbl)?.entries,
    };
    let size_of = |index: usize| match sizes {
        StszSamples::Identical { size, .. } => *size,
        StszSamples::Different { sizes } => sizes[index],
    };
    let mut result = Vec::with_capacity(count.min(1 << 20));
    let mut run = 0;
    for (chunk, &chunk_offset) in chunks.iter().enumerate() {
        while runs
            .entries
            .get(run + 1)
            .is_some_and(|next| next.first_chunk as usize <= chunk + 1)
        {
            run += 1;
        }
        let per_chunk = runs.entries.get(run).map_or(0, |run| run.samples_per_chunk);
        let mut offset = chunk_offset;
        for _ in 0..per_chunk {
            if result.len() == count {
                break;
            }
            let size = size_of(result.len());
            result.push((offset, size));
            offset = offset.saturating_add(u64::from(size));
        }
    }
    if result.len() < count {
        return Err(Error::damaged(
            "the chunk table is shorter than the sample table: the file is damaged",
        ));
    }
    Ok(result)
}
