//! Which frames a window holds. Both backends ask this module, so that the same window of the same
//! file is the same frames on both.
//!
//! The rule: a clip is the frames whose time lies in `[start, end)`. A time within half a
//! millisecond of a frame's time means that frame, because callers write times with three decimals.
//! Where a frame stands still for longer than one and a half usual intervals (variable frame rate),
//! the frame on screen at `start` is kept too, from `start` on, and one on screen at `end` is cut there.

use crate::error::{Error, Result};

/// Half a millisecond: as near as a time with three decimals comes.
const TOLERANCE_SECONDS: f64 = 0.0005;

/// The times of a track's frames, in presentation order.
#[derive(Debug, Clone)]
pub(crate) struct Timeline {
    /// When each frame is shown, in ticks, ascending.
    pub(crate) times: Vec<i64>,
    /// When the last frame goes away.
    pub(crate) end: i64,
    /// Length of a tick in seconds, as a fraction.
    pub(crate) tick: (u32, u32),
    /// The tick that callers call zero seconds.
    pub(crate) origin: i64,
}

/// The frames of one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Index of the first frame, in presentation order.
    pub(crate) first: usize,
    /// Index after the last frame.
    pub(crate) end: usize,
    /// The tick at which the clip's time is zero.
    pub(crate) from: i64,
    /// The tick at which the clip ends.
    pub(crate) until: i64,
}

impl Timeline {
    pub(crate) fn seconds(&self, ticks: i64) -> f64 {
        ticks as f64 * f64::from(self.tick.0) / f64::from(self.tick.1)
    }

    fn ticks(&self, seconds: f64) -> f64 {
        seconds * f64::from(self.tick.1) / f64::from(self.tick.0)
    }

    /// Length from zero to the end of the last frame.
    pub(crate) fn duration_seconds(&self) -> f64 {
        self.seconds(self.end - self.origin)
    }

    /// The time between most frames, in ticks.
    pub(crate) fn usual_interval(&self) -> i64 {
        let mut gaps: Vec<i64> = self
            .times
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .collect();
        if gaps.is_empty() {
            return (self.end - self.times.first().copied().unwrap_or(0)).max(1);
        }
        let middle = gaps.len() / 2;
        *gaps.select_nth_unstable(middle).1
    }

    /// Whether any two neighbours are further apart, or nearer, than rounding explains.
    pub(crate) fn varies(&self) -> bool {
        let usual = self.usual_interval();
        let slack = (usual / 10).max(1);
        self.times
            .windows(2)
            .any(|pair| (pair[1] - pair[0] - usual).abs() > slack)
    }

    /// Average frames in a second.
    pub(crate) fn frame_rate(&self) -> f64 {
        let first = self.times.first().copied().unwrap_or(0);
        let span = self.seconds(self.end - first);
        if span > 0.0 {
            self.times.len() as f64 / span
        } else {
            0.0
        }
    }

    /// The frames of `[start_seconds, end_seconds)`.
    pub(crate) fn window(&self, start_seconds: f64, end_seconds: f64) -> Result<Window> {
        check_window(start_seconds, end_seconds)?;
        let duration = self.duration_seconds();
        if start_seconds >= duration {
            return Err(Error::invalid(format!(
                "the window {start_seconds}-{end_seconds} s begins after the video's end \
                 ({duration:.3} s): choose a window inside it"
            )));
        }
        let slack = self.ticks(TOLERANCE_SECONDS);
        let start = self.ticks(start_seconds);
        let stop = self.ticks(end_seconds);
        let at = |time: i64| (time - self.origin) as f64;
        let mut first = self.times.partition_point(|&time| at(time) < start - slack);
        let end = self.times.partition_point(|&time| at(time) < stop - slack);

        let long = self.usual_interval().saturating_mul(3) / 2;
        let start_tick = self.origin + start.round() as i64;
        let stop_tick = self.origin + stop.round() as i64;
        let next = self.times.get(first).copied().unwrap_or(self.end);
        let mut from = next;
        if first > 0 && next - self.times[first - 1] > long && next - start_tick > 0 {
            first -= 1;
            from = start_tick;
        }
        if first >= end {
            return Err(Error::invalid(format!(
                "the window {start_seconds}-{end_seconds} s holds no frame of the video: make it longer"
            )));
        }
        let mut until = self.times.get(end).copied().unwrap_or(self.end);
        if until - self.times[end - 1] > long {
            until = until.min(stop_tick);
        }
        if until <= from {
            return Err(Error::invalid(format!(
                "the window {start_seconds}-{end_seconds} s is shorter than a tick of the video: make it longer"
            )));
        }
        Ok(Window {
            first,
            end,
            from,
            until,
        })
    }
}

/// Refuses windows that are wrong whatever the file.
pub(crate) fn check_window(start_seconds: f64, end_seconds: f64) -> Result<()> {
    if !start_seconds.is_finite() || !end_seconds.is_finite() || start_seconds < 0.0 {
        return Err(Error::invalid(format!(
            "the window {start_seconds}-{end_seconds} s is no time range: start must be 0 or more"
        )));
    }
    if end_seconds <= start_seconds {
        return Err(Error::invalid(format!(
            "the window {start_seconds}-{end_seconds} s is empty: end must be greater than start"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn steady() -> Timeline {
        Timeline {
            times: (0..100).map(|n| n * 40).collect(),
            end: 4000,
            tick: (1, 1000),
            origin: 0,
        }
    }

    #[test]
    fn a_window_is_half_open() {
        let window = steady().window(0.4, 0.8).unwrap();
        assert_eq!((window.first, window.end), (10, 20));
        assert_eq!((window.from, window.until), (400, 800));
    }

    #[test]
    fn between_frames_the_next_one_is_first() {
        let window = steady().window(0.41, 0.81).unwrap();
        assert_eq!((window.first, window.end), (11, 21));
    }

    #[test]
    fn three_decimals_are_near_enough() {
        let ntsc = Timeline {
            times: (0..100).map(|n| n * 1001).collect(),
            end: 100_100,
            tick: (1, 30_000),
            origin: 0,
        };
        // Frame 7 is at 0.233566… s.
        assert_eq!(ntsc.window(0.234, 0.5).unwrap().first, 7);
        assert_eq!(ntsc.window(0.233, 0.5).unwrap().first, 7);
    }

    #[test]
    fn a_frame_that_stands_still_is_cut_at_both_ends() {
        let mut held = steady();
        held.times.retain(|&time| time <= 400 || time >= 2000);
        let window = held.window(1.0, 1.5).unwrap();
        assert_eq!((window.first, window.end), (10, 11));
        assert_eq!((window.from, window.until), (1000, 1500));
        let window = held.window(0.2, 1.5).unwrap();
        assert_eq!((window.first, window.end, window.until), (5, 11, 1500));
        assert!(held.varies());
    }

    #[test]
    fn the_last_window_is_cut_at_the_end_of_the_video() {
        let window = steady().window(3.9, 60.0).unwrap();
        assert_eq!((window.first, window.end, window.until), (98, 100, 4000));
    }

    #[test]
    fn impossible_windows_are_refused_with_the_reason() {
        for (start, end, word) in [
            (-1.0, 2.0, "0 or more"),
            (2.0, 2.0, "empty"),
            (f64::NAN, 2.0, "time range"),
            (4.0, 5.0, "after the video's end"),
            (0.41, 0.42, "holds no frame"),
        ] {
            let error = steady().window(start, end).unwrap_err();
            assert!(error.is_invalid());
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
