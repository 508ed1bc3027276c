//! Cuts short clips out of a video: moments, framing, captions, MP4 and WebVTT.
