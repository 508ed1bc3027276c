//! Encodes pictures to H.264 at a constant quality and splits the result into what an MP4 stores.

use mp4_atom::Colr;
use openh264::OpenH264API;
use openh264::encoder::{
    ColorPrimaries, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod,
    MatrixCoefficients, RateControlMode, SpsPpsStrategy, TransferCharacteristics, VuiConfig,
};

use super::picture::Picture420;
use crate::error::{Error, Kind, Result};

/// One encoded frame, its units with four length bytes each.
pub(super) struct Encoded {
    pub(super) data: Vec<u8>,
    pub(super) sync: bool,
}

pub(super) struct VideoEncoder {
    encoder: Encoder,
    /// The parameter sets of the stream, known after the first frame.
    pub(super) sps: Vec<u8>,
    pub(super) pps: Vec<u8>,
}

impl VideoEncoder {
    pub(super) fn new(frame_rate: f64, colour: Option<&Colr>) -> Result<Self> {
        let rate = frame_rate.clamp(1.0, 240.0) as f32;
        let mut settings = EncoderConfig::new()
            // Constant quality: no frame is ever skipped, and a quiet picture costs little.
            .rate_control_mode(RateControlMode::Off)
            .skip_frames(false)
            .max_frame_rate(FrameRate::from_hz(rate))
            .complexity(Complexity::Low)
            .sps_pps_strategy(SpsPpsStrategy::ConstantId)
            .scene_change_detect(true)
            .intra_frame_period(IntraFramePeriod::from_num_frames((rate * 4.0) as u32))
            .num_threads(1);
        if let Some(vui) = colour.and_then(vui) {
            settings = settings.vui(vui);
        }
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), settings)
            .map_err(encoder_error)?;
        Ok(Self {
            encoder,
            sps: Vec::new(),
            pps: Vec::new(),
        })
    }

    pub(super) fn encode(&mut self, picture: &Picture420) -> Result<Encoded> {
        let stream = self.encoder.encode(picture).map_err(encoder_error)?;
        let sync = matches!(stream.frame_type(), FrameType::IDR);
        let mut data = Vec::new();
        for layer in (0..stream.num_layers()).filter_map(|index| stream.layer(index)) {
            for unit in (0..layer.nal_count()).filter_map(|index| layer.nal_unit(index)) {
                let unit = without_start_code(unit);
                match unit.first().map_or(0, |first| first & 0x1f) {
                    7 => self.sps = unit.to_vec(),
                    8 => self.pps = unit.to_vec(),
                    _ => {
                        let length = u32::try_from(unit.len()).unwrap_or(u32::MAX);
                        data.extend_from_slice(&length.to_be_bytes());
                        data.extend_from_slice(unit);
                    }
                }
            }
        }
        if data.is_empty() {
            return Err(Error::new(
                Kind::Worker,
                "the encoder gave no data for a frame",
            ));
        }
        Ok(Encoded { data, sync })
    }
}

fn without_start_code(unit: &[u8]) -> &[u8] {
    unit.strip_prefix(&[0, 0, 0, 1])
        .or_else(|| unit.strip_prefix(&[0, 0, 1]))
        .unwrap_or(unit)
}

/// The colour description, so that a player shows the clip in the source's colours. What has no name
/// in openh264 is left unspecified.
fn vui(colour: &Colr) -> Option<VuiConfig> {
    let (primaries, transfer, matrix, full_range) = match colour {
        Colr::Nclx {
            colour_primaries,
            transfer_characteristics,
            matrix_coefficients,
            full_range_flag,
        } => (
            *colour_primaries,
            *transfer_characteristics,
            *matrix_coefficients,
            *full_range_flag,
        ),
        Colr::Nclc {
            colour_primaries,
            transfer_characteristics,
            matrix_coefficients,
        } => (
            *colour_primaries,
            *transfer_characteristics,
            *matrix_coefficients,
            false,
        ),
        _ => return None,
    };
    let vui = VuiConfig::new()
        .color_primaries(match primaries {
            1 => ColorPrimaries::Bt709,
            5 => ColorPrimaries::Bt470BG,
            6 => ColorPrimaries::Smpte170M,
            9 => ColorPrimaries::Bt2020,
            _ => ColorPrimaries::Unspecified,
        })
        .transfer_characteristics(match transfer {
            1 => TransferCharacteristics::Bt709,
            5 => TransferCharacteristics::Bt470Bg,
            6 => TransferCharacteristics::Smpte170M,
            13 => TransferCharacteristics::Srgb,
            14 => TransferCharacteristics::Bt2020_10,
            16 => TransferCharacteristics::Smpte2084,
            18 => TransferCharacteristics::Hlg,
            _ => TransferCharacteristics::Unspecified,
        })
        .matrix_coefficients(match matrix {
            1 => MatrixCoefficients::Bt709,
            5 => MatrixCoefficients::Bt470Bg,
            6 => MatrixCoefficients::Smpte170M,
            9 => MatrixCoefficients::Bt2020Ncl,
            _ => MatrixCoefficients::Unspecified,
        });
    Some(vui.full_range(full_range))
}

fn encoder_error(cause: openh264::Error) -> Error {
    Error::new(Kind::Worker, "the H.264 encoder refused a frame").caused_by(cause)
}
