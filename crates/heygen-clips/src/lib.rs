//! Rust SDK of HeyGen's clipping API: clip jobs, assets, downloads, webhooks.
