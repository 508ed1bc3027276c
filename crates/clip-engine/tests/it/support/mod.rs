//! What the tests stand on: videos that say which frame is which, and a reader that is not the
//! engine's.

pub mod clip;
pub mod picture;
pub mod source;

use std::path::{Path, PathBuf};

use clip_engine::{Backend, BackendKind, Engine, EngineBuilder, Worker};

/// Runs `test` on every backend that there is. ffmpeg's part is skipped, and says so, where ffmpeg
/// is not installed; with `CLIP_ENGINE_REQUIRE_FFMPEG=1` it fails instead.
pub async fn on_each_backend(test: impl AsyncFn(Engine)) {
    test(embedded().build().unwrap()).await;
    if let Some(builder) = ffmpeg() {
        test(builder.build().unwrap()).await;
    }
}

/// An engine with the embedded backend, in this process.
pub fn embedded() -> EngineBuilder {
    Engine::builder().backend(Backend::Embedded)
}

/// An engine with ffmpeg, where it is installed.
pub fn ffmpeg() -> Option<EngineBuilder> {
    let builder = Engine::builder().backend(Backend::Ffmpeg(None));
    match builder.clone().build() {
        Ok(engine) => {
            assert_eq!(engine.backend(), BackendKind::Ffmpeg);
            Some(builder)
        }
        Err(error) => {
            let required = std::env::var_os("CLIP_ENGINE_REQUIRE_FFMPEG").is_some();
            assert!(!required, "ffmpeg is required here: {error}");
            println!("SKIPPED on the ffmpeg backend: {error}");
            None
        }
    }
}

/// The worker of this crate as a child process.
pub fn worker() -> Worker {
    Worker::Command {
        program: env!("CARGO_BIN_EXE_clip-worker").into(),
        arguments: vec![],
    }
}

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// What lies in a folder, hidden files too.
pub fn files_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A small generator of the same numbers in every run.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, limit: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) % limit
    }
}
