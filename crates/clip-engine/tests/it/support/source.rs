//! Makes source videos with openh264 and mp4-atom, with numbered pictures and a tone that tells the
//! time. None of the engine's own reading or writing is used.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use mp4_atom::*;
use openh264::OpenH264API;
use openh264::encoder::{
    Encoder, EncoderConfig, FrameType, IntraFramePeriod, RateControlMode, UsageType,
};

use super::picture::Picture;

/// The tone: AAC packets of 1024 samples at 48 kHz, two seconds that can be repeated.
const CHIRP: &[u8] = include_bytes!("../../fixtures/chirp.aac");

/// A video to be made.
#[derive(Clone)]
pub struct Source {
    pub width: u16,
    pub height: u16,
    pub timescale: u32,
    /// When each frame is shown, in ticks.
    pub times: Vec<u32>,
    /// When the last frame ends.
    pub end: u32,
    pub frames_between_keyframes: u32,
    pub audio: bool,
    pub rotation: u32,
    pub pixel_aspect: Option<(u32, u32)>,
    /// Frames in each fragment; `None` for a file that is not fragmented.
    pub fragment: Option<usize>,
    /// The video's edit list: duration in movie ticks (of the video's timescale) and media time.
    pub edits: Vec<(u64, Option<u64>)>,
}

struct Encoded {
    data: Vec<u8>,
    sync: bool,
    duration: u32,
}

impl Source {
    /// A steady 25 frames a second, a keyframe every two seconds, with sound.
    pub fn steady(frames: u32) -> Self {
        Self {
            width: 320,
            height: 176,
            timescale: 12_800,
            times: (0..frames).map(|frame| frame * 512).collect(),
            end: frames * 512,
            frames_between_keyframes: 50,
            audio: true,
            rotation: 0,
            pixel_aspect: None,
            fragment: None,
            edits: Vec::new(),
        }
    }

    pub fn write(&self, path: &Path) {
        let (video, sps, pps) = self.encode();
        let audio = if self.audio { self.sound() } else { Vec::new() };
        let bytes = match self.fragment {
            None => self.whole(&video, &audio, &sps, &pps),
            Some(frames) => self.fragmented(frames, &video, &audio, &sps, &pps),
        };
        File::create(path).unwrap().write_all(&bytes).unwrap();
    }

    fn encode(&self) -> (Vec<Encoded>, Vec<u8>, Vec<u8>) {
        let settings = EncoderConfig::new()
            .rate_control_mode(RateControlMode::Off)
            .skip_frames(false)
            .usage_type(UsageType::CameraVideoRealTime)
            .scene_change_detect(false)
            .intra_frame_period(IntraFramePeriod::from_num_frames(
                self.frames_between_keyframes,
            ));
        let mut encoder = Encoder::with_api_config(OpenH264API::from_source(), settings).unwrap();
        let (mut sps, mut pps) = (Vec::new(), Vec::new());
        let mut ends = self.times[1..].to_vec();
        ends.push(self.end);
        let mut samples = Vec::new();
        for (number, (&time, end)) in self.times.iter().zip(ends).enumerate() {
            let picture = Picture::numbered(self.width.into(), self.height.into(), number);
            let stream = encoder.encode(&picture).unwrap();
            let sync = stream.frame_type() == FrameType::IDR;
            let mut data = Vec::new();
            let layers = (0..stream.num_layers()).map(|index| stream.layer(index).unwrap());
            for layer in layers {
                for index in 0..layer.nal_count() {
                    let unit = &layer.nal_unit(index).unwrap()[4..];
                    match unit[0] & 0x1f {
                        7 => sps = unit.to_vec(),
                        8 => pps = unit.to_vec(),
                        _ => {
                            data.extend((unit.len() as u32).to_be_bytes());
                            data.extend(unit);
                        }
                    }
                }
            }
            samples.push(Encoded {
                data,
                sync,
                duration: end - time,
            });
        }
        (samples, sps, pps)
    }

    /// As much of the tone as the video is long.
    fn sound(&self) -> Vec<Encoded> {
        let packets = packets();
        let seconds = f64::from(self.end) / f64::from(self.timescale);
        let count = (seconds * 48_000.0 / 1024.0).round() as usize;
        (0..count)
            .map(|index| Encoded {
                data: packets[index % packets.len()].to_vec(),
                sync: true,
                duration: 1024,
            })
            .collect()
    }

    fn whole(&self, video: &[Encoded], audio: &[Encoded], sps: &[u8], pps: &[u8]) -> Vec<u8> {
        let mut bytes = ftyp();
        let start = bytes.len() as u32 + 8;
        let size: usize = video
            .iter()
            .chain(audio)
            .map(|sample| sample.data.len())
            .sum();
        bytes.extend((size as u32 + 8).to_be_bytes());
        bytes.extend(b"mdat");
        video
            .iter()
            .chain(audio)
            .for_each(|sample| bytes.extend(&sample.data));
        let video_size: usize = video.iter().map(|sample| sample.data.len()).sum();
        let mut trak = vec![self.video_track(sps, pps, table(video, start))];
        if !audio.is_empty() {
            trak.push(audio_track(table(audio, start + video_size as u32)));
        }
        self.moov(trak, None).encode(&mut bytes).unwrap();
        bytes
    }

    fn fragmented(
        &self,
        frames: usize,
        video: &[Encoded],
        audio: &[Encoded],
        sps: &[u8],
        pps: &[u8],
    ) -> Vec<u8> {
        let mut bytes = ftyp();
        let mut trak = vec![self.video_track(sps, pps, table(&[], 0))];
        let mut trex = vec![Trex {
            track_id: 1,
            default_sample_description_index: 1,
            ..Trex::default()
        }];
        if !audio.is_empty() {
            trak.push(audio_track(table(&[], 0)));
            trex.push(Trex {
                track_id: 2,
                default_sample_description_index: 1,
                default_sample_duration: 1024,
                ..Trex::default()
            });
        }
        self.moov(trak, Some(Mvex { mehd: None, trex }))
            .encode(&mut bytes)
            .unwrap();
        let mut packets = audio;
        let (mut at, mut sound_at) = (0, 0);
        for (number, run) in (1..).zip(video.chunks(frames)) {
            let ticks: u64 = run.iter().map(|sample| u64::from(sample.duration)).sum();
            let until = (at + ticks) as f64 / f64::from(self.timescale) * 48_000.0 / 1024.0;
            let count = (until as usize)
                .saturating_sub(sound_at / 1024)
                .min(packets.len());
            let (sound, rest) = packets.split_at(count);
            packets = rest;
            let moof = |base: i32| Moof {
                mfhd: Mfhd {
                    sequence_number: number,
                },
                traf: {
                    let size: usize = run.iter().map(|sample| sample.data.len()).sum();
                    let mut traf = vec![fragment(1, at, run, base)];
                    if !sound.is_empty() {
                        traf.push(fragment(2, sound_at as u64, sound, base + size as i32));
                    }
                    traf
                },
            };
            let mut sized = Vec::new();
            moof(0).encode(&mut sized).unwrap();
            moof(sized.len() as i32 + 8).encode(&mut bytes).unwrap();
            let data: Vec<u8> = run
                .iter()
                .chain(sound)
                .flat_map(|sample| sample.data.clone())
                .collect();
            bytes.extend((data.len() as u32 + 8).to_be_bytes());
            bytes.extend(b"mdat");
            bytes.extend(data);
            at += ticks;
            sound_at += sound.len() * 1024;
        }
        bytes
    }

    fn moov(&self, trak: Vec<Trak>, mvex: Option<Mvex>) -> Moov {
        Moov {
            mvhd: Mvhd {
                creation_time: 0,
                modification_time: 0,
                timescale: self.timescale,
                duration: self.end.into(),
                rate: 1.into(),
                volume: 1.into(),
                matrix: Matrix::default(),
                next_track_id: 3,
            },
            trak,
            mvex,
            ..Moov::default()
        }
    }

    fn video_track(&self, sps: &[u8], pps: &[u8], mut stbl: Stbl) -> Trak {
        let one = 0x1_0000;
        let matrix = |a, b, c, d| Matrix {
            a,
            b,
            c,
            d,
            ..Matrix::default()
        };
        stbl.stsd.codecs = vec![Codec::Avc1(Avc1 {
            visual: Visual {
                data_reference_index: 1,
                width: self.width,
                height: self.height,
                ..Visual::default()
            },
            avcc: Avcc::new(sps, pps).unwrap(),
            pasp: self.pixel_aspect.map(|(h, v)| Pasp::new(h, v).unwrap()),
            ..Avc1::default()
        })];
        Trak {
            tkhd: Tkhd {
                track_id: 1,
                duration: self.end.into(),
                enabled: true,
                in_movie: true,
                matrix: match self.rotation {
                    90 => matrix(0, one, -one, 0),
                    180 => matrix(-one, 0, 0, -one),
                    270 => matrix(0, -one, one, 0),
                    _ => Matrix::default(),
                },
                width: self.width.into(),
                height: self.height.into(),
                ..Tkhd::default()
            },
            edts: (!self.edits.is_empty()).then(|| Edts {
                elst: Some(Elst {
                    entries: self
                        .edits
                        .iter()
                        .map(|&(segment_duration, media_time)| ElstEntry {
                            segment_duration,
                            media_time,
                            media_rate: 1.into(),
                        })
                        .collect(),
                }),
            }),
            mdia: mdia(b"vide", self.timescale, self.end.into(), stbl),
            ..Trak::default()
        }
    }
}

/// The packets of the tone, without their ADTS headers.
pub fn packets() -> Vec<&'static [u8]> {
    let mut rest = CHIRP;
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let size =
            usize::from(rest[3] & 3) << 11 | usize::from(rest[4]) << 3 | usize::from(rest[5] >> 5);
        packets.push(&rest[7..size]);
        rest = &rest[size..];
    }
    packets
}

fn ftyp() -> Vec<u8> {
    let mut bytes = Vec::new();
    Ftyp {
        major_brand: FourCC::new(b"isom"),
        minor_version: 512,
        compatible_brands: vec![
            FourCC::new(b"isom"),
            FourCC::new(b"iso6"),
            FourCC::new(b"avc1"),
        ],
    }
    .encode(&mut bytes)
    .unwrap();
    bytes
}

/// All samples in one chunk.
fn table(samples: &[Encoded], offset: u32) -> Stbl {
    let chunk = StscEntry {
        first_chunk: 1,
        samples_per_chunk: samples.len() as u32,
        sample_description_index: 1,
    };
    let some = !samples.is_empty();
    Stbl {
        stts: Stts {
            entries: samples
                .iter()
                .map(|sample| SttsEntry {
                    sample_count: 1,
                    sample_delta: sample.duration,
                })
                .collect(),
        },
        stss: Some(Stss {
            entries: (1..)
                .zip(samples)
                .filter(|(_, s)| s.sync)
                .map(|(n, _)| n)
                .collect(),
        }),
        stsc: Stsc {
            entries: some.then_some(chunk).into_iter().collect(),
        },
        stsz: Stsz {
            samples: StszSamples::Different {
                sizes: samples
                    .iter()
                    .map(|sample| sample.data.len() as u32)
                    .collect(),
            },
        },
        stco: Some(Stco {
            entries: some.then_some(offset).into_iter().collect(),
        }),
        ..Stbl::default()
    }
}

fn fragment(track_id: u32, at: u64, samples: &[Encoded], offset: i32) -> Traf {
    Traf {
        tfhd: Tfhd {
            track_id,
            default_base_is_moof: true,
            ..Tfhd::default()
        },
        tfdt: Some(Tfdt {
            base_media_decode_time: at,
        }),
        trun: vec![Trun {
            data_offset: Some(offset),
            samples: TrunSamples::Explicit(
                samples
                    .iter()
                    .map(|sample| TrunEntry {
                        duration: (track_id == 1).then_some(sample.duration),
                        size: Some(sample.data.len() as u32),
                        flags: Some(if sample.sync {
                            0x0200_0000
                        } else {
                            0x0101_0000
                        }),
                        cts: None,
                    })
                    .collect(),
            ),
        }],
        ..Traf::default()
    }
}

fn audio_track(mut stbl: Stbl) -> Trak {
    let packets: u64 = stbl.stts.entries.len() as u64;
    // AAC-LC, 48 kHz, one channel.
    let config = esds::DecoderSpecific {
        raw: vec![0x11, 0x88],
        ..esds::DecoderSpecific::default()
    };
    stbl.stsd.codecs = vec![Codec::Mp4a(Mp4a {
        audio: Audio {
            data_reference_index: 1,
            channel_count: 1,
            sample_size: 16,
            sample_rate: 48_000.into(),
        },
        esds: Esds {
            es_desc: esds::EsDescriptor {
                es_id: 2,
                dec_config: esds::DecoderConfig {
                    object_type_indication: 0x40,
                    stream_type: 5,
                    max_bitrate: 32_000,
                    avg_bitrate: 32_000,
                    dec_specific: Some(config),
                    ..esds::DecoderConfig::default()
                },
                sl_config: esds::SLConfig::default(),
                ..esds::EsDescriptor::default()
            },
        },
        btrt: None,
        taic: None,
    })];
    stbl.stss = None;
    Trak {
        tkhd: Tkhd {
            track_id: 2,
            enabled: true,
            in_movie: true,
            volume: 1.into(),
            ..Tkhd::default()
        },
        mdia: mdia(b"soun", 48_000, packets * 1024, stbl),
        ..Trak::default()
    }
}

fn mdia(handler: &[u8; 4], timescale: u32, duration: u64, stbl: Stbl) -> Mdia {
    let video = handler == b"vide";
    Mdia {
        mdhd: Mdhd {
            timescale,
            duration,
            language: "und".to_owned(),
            ..Mdhd::default()
        },
        hdlr: Hdlr {
            handler: FourCC::new(handler),
            name: "test".to_owned(),
        },
        minf: Minf {
            vmhd: video.then(Vmhd::default),
            smhd: (!video).then(Smhd::default),
            dinf: Dinf {
                dref: Dref {
                    entries: vec![DrefEntry::Url(Url::default())],
                },
            },
            stbl,
            ..Minf::default()
        },
    }
}
