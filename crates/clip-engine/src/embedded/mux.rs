//! Writes the clip's MP4: index before data (faststart), sound and picture interleaved, and an edit
//! list that cuts the sound to the sample.
//!
//! Samples go to a spool file as they are made; the index, whose size depends on them, is written
//! first and the spool copied behind it.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use mp4_atom::{
    Avc1, Avcc, AvccExt, Co64, Codec, Colr, Ctts, Dinf, Dref, DrefEntry, Edts, Elst, ElstEntry,
    Encode, FourCC, Ftyp, Hdlr, Mdhd, Mdia, Minf, Moov, Mvhd, Smhd, Stbl, Stsc, StscEntry, Stsd,
    Stss, Stsz, StszSamples, Stts, SttsEntry, Tkhd, Trak, Url, Visual, Vmhd,
};

use crate::error::{Error, Kind, Result};

/// Spools samples and remembers what the index needs.
pub(super) struct Spool {
    file: BufWriter<File>,
    written: u64,
}

/// The stored samples of one track.
#[derive(Debug, Default)]
pub(super) struct Stored {
    sizes: Vec<u32>,
    durations: Vec<u32>,
    sync: Vec<u32>,
    /// Spool offset and number of samples of each run that lies in one piece.
    chunks: Vec<(u64, u32)>,
    end: Option<u64>,
}

pub(super) struct VideoIndex<'a> {
    pub(super) stored: &'a Stored,
    pub(super) timescale: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) sps: &'a [u8],
    pub(super) pps: &'a [u8],
    pub(super) colour: Option<&'a Colr>,
}

pub(super) struct AudioIndex<'a> {
    pub(super) stored: &'a Stored,
    pub(super) timescale: u32,
    pub(super) codec: &'a Codec,
    /// Where in the stored sound the clip begins, in the track's ticks.
    pub(super) skip: u64,
    /// Silence before the sound begins, in the video's ticks.
    pub(super) delay: u64,
    /// How long the sound lasts, in the video's ticks.
    pub(super) length: u64,
}

impl Spool {
    pub(super) fn new(file: File) -> Self {
        Self {
            file: BufWriter::with_capacity(1 << 16, file),
            written: 0,
        }
    }

    /// Appends a sample of a track.
    pub(super) fn push(
        &mut self,
        track: &mut Stored,
        data: &[u8],
        duration: u32,
        sync: bool,
    ) -> Result<()> {
        self.file
            .write_all(data)
            .map_err(|cause| Error::io("writing the clip", cause))?;
        let size = u32::try_from(data.len())
            .map_err(|_| Error::damaged("a sample is larger than an MP4 can hold"))?;
        match track.chunks.last_mut() {
            Some((_, count)) if track.end == Some(self.written) => *count += 1,
            _ => track.chunks.push((self.written, 1)),
        }
        self.written += u64::from(size);
        track.end = Some(self.written);
        track.sizes.push(size);
        track.durations.push(duration);
        if sync {
            track.sync.push(track.sizes.len() as u32);
        }
        Ok(())
    }

    /// Writes the whole MP4 to `path` and makes sure that it is on the disk.
    pub(super) fn finish(
        self,
        path: &Path,
        video: &VideoIndex<'_>,
        audio: Option<&AudioIndex<'_>>,
    ) -> Result<u64> {
        let wrap = |cause| Error::io("writing the clip", cause);
        let mut spool = self
            .file
            .into_inner()
            .map_err(|cause| wrap(cause.into_error()))?;
        let ftyp = Ftyp {
            major_brand: FourCC::new(b"isom"),
            minor_version: 512,
            compatible_brands: [b"isom", b"iso2", b"avc1", b"mp41"]
                .into_iter()
                .map(FourCC::new)
                .collect(),
        };
        let mut head = Vec::new();
        ftyp.encode(&mut head).map_err(encode_error)?;
        // The index has the same size whatever the offsets, as they are all 64 bits wide.
        let mut index = Vec::new();
        moov(video, audio, 0)
            .encode(&mut index)
            .map_err(encode_error)?;
        let data = head.len() as u64 + index.len() as u64 + 16;
        moov(video, audio, data)
            .encode(&mut head)
            .map_err(encode_error)?;
        head.extend_from_slice(&1_u32.to_be_bytes());
        head.extend_from_slice(b"mdat");
        head.extend_from_slice(&(self.written + 16).to_be_bytes());

        let mut target = File::create(path).map_err(wrap)?;
        target.write_all(&head).map_err(wrap)?;
        spool.seek(SeekFrom::Start(0)).map_err(wrap)?;
        std::io::copy(&mut spool.take(self.written), &mut target).map_err(wrap)?;
        target.sync_all().map_err(wrap)?;
        Ok(head.len() as u64 + self.written)
    }
}

impl Stored {
    pub(super) fn frames(&self) -> u64 {
        self.sizes.len() as u64
    }

    fn duration(&self) -> u64 {
        self.durations.iter().copied().map(u64::from).sum()
    }

    fn table(&self, entry: Codec, data: u64, all_sync: bool) -> Stbl {
        let mut times: Vec<SttsEntry> = Vec::new();
        for &delta in &self.durations {
            match times.last_mut() {
                Some(last) if last.sample_delta == delta => last.sample_count += 1,
                _ => times.push(SttsEntry {
                    sample_count: 1,
                    sample_delta: delta,
                }),
            }
        }
        let mut runs: Vec<StscEntry> = Vec::new();
        for (chunk, &(_, count)) in (1..).zip(&self.chunks) {
            if runs.last().is_none_or(|run| run.samples_per_chunk != count) {
                runs.push(StscEntry {
                    first_chunk: chunk,
                    samples_per_chunk: count,
                    sample_description_index: 1,
                });
            }
        }
        Stbl {
            stsd: Stsd {
                codecs: vec![entry],
            },
            stts: Stts { entries: times },
            ctts: None::<Ctts>,
            stss: (!all_sync).then(|| Stss {
                entries: self.sync.clone(),
            }),
            stsc: Stsc { entries: runs },
            stsz: Stsz {
                samples: StszSamples::Different {
                    sizes: self.sizes.clone(),
                },
            },
            co64: Some(Co64 {
                entries: self
                    .chunks
                    .iter()
                    .map(|&(offset, _)| offset + data)
                    .collect(),
            }),
            ..Stbl::default()
        }
    }
}

/// The whole index; `data` is where the spooled bytes begin in the file.
fn moov(video: &VideoIndex<'_>, audio: Option<&AudioIndex<'_>>, data: u64) -> Moov {
    let length = video.stored.duration();
    let sound_end = audio.map_or(0, |audio| audio.delay + audio.length);
    let mut trak = vec![video_track(video, data)];
    trak.extend(audio.map(|audio| audio_track(audio, data)));
    Moov {
        mvhd: Mvhd {
            creation_time: 0,
            modification_time: 0,
            // The video's own ticks, so that its length needs no rounding.
            timescale: video.timescale,
            duration: length.max(sound_end),
            rate: 1.into(),
            volume: 1.into(),
            matrix: mp4_atom::Matrix::default(),
            next_track_id: 3,
        },
        trak,
        ..Moov::default()
    }
}

fn video_track(video: &VideoIndex<'_>, data: u64) -> Trak {
    let length = video.stored.duration();
    let (width, height) = (video.width as u16, video.height as u16);
    let entry = Avc1 {
        visual: Visual {
            data_reference_index: 1,
            width,
            height,
            ..Visual::default()
        },
        avcc: avcc(video.sps, video.pps),
        colr: video.colour.cloned(),
        ..Avc1::default()
    };
    Trak {
        tkhd: Tkhd {
            track_id: 1,
            duration: length,
            enabled: true,
            in_movie: true,
            width: width.into(),
            height: height.into(),
            ..Tkhd::default()
        },
        edts: Some(edit(vec![piece(length, Some(0))])),
        mdia: media(
            b"vide",
            video.timescale,
            length,
            Minf {
                vmhd: Some(Vmhd::default()),
                stbl: video.stored.table(Codec::Avc1(entry), data, false),
                ..Minf::default()
            },
        ),
        ..Trak::default()
    }
}

fn audio_track(audio: &AudioIndex<'_>, data: u64) -> Trak {
    let mut pieces = Vec::new();
    if audio.delay > 0 {
        pieces.push(piece(audio.delay, None));
    }
    pieces.push(piece(audio.length, Some(audio.skip)));
    Trak {
        tkhd: Tkhd {
            track_id: 2,
            duration: audio.delay + audio.length,
            alternate_group: 1,
            enabled: true,
            in_movie: true,
            volume: 1.into(),
            ..Tkhd::default()
        },
        edts: Some(edit(pieces)),
        mdia: media(
            b"soun",
            audio.timescale,
            audio.stored.duration(),
            Minf {
                smhd: Some(Smhd::default()),
                stbl: audio.stored.table(audio.codec.clone(), data, true),
                ..Minf::default()
            },
        ),
        ..Trak::default()
    }
}

fn edit(entries: Vec<ElstEntry>) -> Edts {
    Edts {
        elst: Some(Elst { entries }),
    }
}

fn piece(segment_duration: u64, media_time: Option<u64>) -> ElstEntry {
    ElstEntry {
        segment_duration,
        media_time,
        media_rate: 1.into(),
    }
}

fn media(handler: &[u8; 4], timescale: u32, duration: u64, minf: Minf) -> Mdia {
    let name = if handler == b"vide" {
        "VideoHandler"
    } else {
        "SoundHandler"
    };
    Mdia {
        mdhd: Mdhd {
            timescale,
            duration,
            language: "und".to_owned(),
            ..Mdhd::default()
        },
        hdlr: Hdlr {
            handler: FourCC::new(handler),
            name: name.to_owned(),
        },
        minf: Minf {
            dinf: Dinf {
                dref: Dref {
                    entries: vec![DrefEntry::Url(Url::default())],
                },
            },
            ..minf
        },
    }
}

fn avcc(sps: &[u8], pps: &[u8]) -> Avcc {
    let byte = |index: usize| sps.get(index).copied().unwrap_or(0);
    // Profiles above Main say their chroma format again.
    let high = byte(1) >= 100;
    Avcc {
        configuration_version: 1,
        avc_profile_indication: byte(1),
        profile_compatibility: byte(2),
        avc_level_indication: byte(3),
        length_size: 4,
        sequence_parameter_sets: vec![sps.to_vec()],
        picture_parameter_sets: vec![pps.to_vec()],
        ext: high.then(AvccExt::default),
    }
}

fn encode_error(cause: mp4_atom::Error) -> Error {
    Error::new(Kind::Worker, "the clip's index cannot be written").caused_by(cause)
}
