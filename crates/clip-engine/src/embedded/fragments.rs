//! Samples of a fragmented MP4: each `moof` says where the samples of its `mdat` lie and how long
//! they last, with defaults that cascade from `trex` over `tfhd` to the single sample.

use std::collections::HashMap;
use std::fs::File;

use mp4_atom::{Tfdt, Tfhd, Trex, Trun};

use super::boxes::{FileBox, children, decode, decode_child, find, require};
use super::demux::RawTrack;
use super::tables::RawSample;
use crate::error::{Error, Result};

/// In the flags of a sample: decoding cannot begin here.
const NOT_SYNC: u32 = 0x0001_0000;
const MOST_SAMPLES: usize = 12_000_000;

/// Appends the samples of all fragments to the tracks that they belong to.
pub(super) fn append(
    file: &mut File,
    layout: &[FileBox],
    moov: &[u8],
    tracks: &mut [RawTrack],
) -> Result<()> {
    let mvex = find(moov, b"mvex").unwrap_or_default();
    let mut defaults = HashMap::new();
    for child in children(mvex).filter(|child| &child.kind == b"trex") {
        let trex: Trex = decode(child.body)?;
        defaults.insert(trex.track_id, trex);
    }
    for moof_box in layout.iter().filter(|found| &found.kind == b"moof") {
        let moof = moof_box.read(file)?;
        // Where a fragment names no base, its samples follow those of the one before it.
        let mut implied_base = moof_box.offset;
        for child in children(&moof).filter(|child| &child.kind == b"traf") {
            implied_base =
                append_track(child.body, moof_box.offset, implied_base, &defaults, tracks)?;
        }
    }
    Ok(())
}

fn append_track(
    traf: &[u8],
    moof_offset: u64,
    implied_base: u64,
    defaults: &HashMap<u32, Trex>,
    tracks: &mut [RawTrack],
) -> Result<u64> {
    let header: Tfhd = require(traf)?;
    let fallback = Trex::default();
    let trex = defaults.get(&header.track_id).unwrap_or(&fallback);
    let base = match header.base_data_offset {
        Some(offset) => offset,
        None if header.default_base_is_moof => moof_offset,
        None => implied_base,
    };
    let Some(track) = tracks.iter_mut().find(|track| track.id == header.track_id) else {
        return Ok(base);
    };
    let carried_on = track
        .samples
        .last()
        .map_or(0, |last| last.decode_time + i64::from(last.duration));
    let mut decode_time = match decode_child::<Tfdt>(traf)? {
        Some(tfdt) => i64::try_from(tfdt.base_media_decode_time)
            .map_err(|_| Error::damaged("a fragment's time is absurd: the file is damaged"))?,
        None => carried_on,
    };
    let mut offset = base;
    for child in children(traf).filter(|child| &child.kind == b"trun") {
        let run: Trun = decode(child.body)?;
        if let Some(data_offset) = run.data_offset {
            offset = base
                .checked_add_signed(i64::from(data_offset))
                .ok_or_else(|| {
                    Error::damaged("a fragment points before the file: it is damaged")
                })?;
        }
        if track.samples.len() + run.samples.len() > MOST_SAMPLES {
            return Err(Error::damaged(
                "the fragments claim too many samples: the file is damaged",
            ));
        }
        for entry in run.samples.iter() {
            let duration = entry
                .duration
                .or(header.default_sample_duration)
                .unwrap_or(trex.default_sample_duration);
            let size = entry
                .size
                .or(header.default_sample_size)
                .unwrap_or(trex.default_sample_size);
            let flags = entry
                .flags
                .or(header.default_sample_flags)
                .unwrap_or(trex.default_sample_flags);
            track.samples.push(RawSample {
                offset,
                size,
                decode_time,
                composition_offset: entry.cts.map_or(0, i64::from),
                duration,
                sync: flags & NOT_SYNC == 0,
            });
            offset = offset.saturating_add(u64::from(size));
            decode_time = decode_time.saturating_add(i64::from(duration));
        }
    }
    Ok(offset)
}
