//! A worker and nothing else, for hosts without a program of their own, and for the tests.

fn main() -> std::process::ExitCode {
    clip_engine::worker_main()
}
