//! Makes a number of typed reads, by the SDK or by bare `reqwest`, for a tool that counts
//! instructions: `overhead sdk|bare CALLS`. The difference of two runs is what the calls cost.

#[path = "../tests/overhead/calls.rs"]
mod calls;

use calls::{Bare, Sdk};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let way = arguments.next();
    let count: u32 = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let server = calls::serve();
    match way.as_deref() {
        Some("sdk") => {
            let sdk = Sdk::new(server);
            for _ in 0..count {
                sdk.call().await;
            }
        }
        Some("bare") => {
            let bare = Bare::new(server);
            for _ in 0..count {
                bare.call().await;
            }
        }
        _ => {
            eprintln!("usage: overhead sdk|bare CALLS");
            std::process::exit(2);
        }
    }
}
