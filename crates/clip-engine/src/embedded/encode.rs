//! Encodes pictures to H.264 at a constant quality and splits the result into what an MP4 stores.

use mp4_atom::Colr;
use openh264::OpenH264API;
use openh264::encoder::{
    Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, RateControlMode,
    SpsPpsStrategy, VuiConfig,
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
            .complexity(Complexity::Medium)
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

/// The colour description, so that a player shows the clip in the source's colours.
fn vui(colour: &Colr) -> Option<VuiConfig> {
    use openh264::encoder::{ColorPrimaries, MatrixCoefficients, TransferCharacteristics};
    let (matrix, full) = match colour {
        Colr::Nclx {
            matrix_coefficients,
            full_range_flag,
            ..
        } => (*matrix_coefficients, *full_range_flag),
        Colr::Nclc {
            matrix_coefficients,
            ..
        } => (*matrix_coefficients, false),
        _ => return None,
    };
    let vui = match matrix {
        1 => VuiConfig::bt709(),
        5 | 6 => VuiConfig::bt601(),
        9 => VuiConfig::new()
            .color_primaries(ColorPrimaries::Bt2020)
            .transfer_characteristics(TransferCharacteristics::Bt709)
            .matrix_coefficients(MatrixCoefficients::Bt2020Ncl),
        _ => return None,
    };
    Some(vui.full_range(full))
}

fn encoder_error(cause: openh264::Error) -> Error {
    Error::new(Kind::Worker, "the H.264 encoder refused a frame").caused_by(cause)
}
