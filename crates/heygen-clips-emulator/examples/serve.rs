//! Runs an emulator until it is interrupted, and prints its address:
//! `cargo run -p heygen-clips-emulator --example serve -- 127.0.0.1:8080 KEY`.

use heygen_clips_emulator::Emulator;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut builder = Emulator::builder();
    if let Some(address) = arguments.next() {
        builder = builder.listen(address.parse()?);
    }
    if let Some(key) = arguments.next() {
        builder = builder.api_key(key);
    }
    let emulator = builder.start().await?;
    println!("{}", emulator.base_url());
    tokio::signal::ctrl_c().await?;
    emulator.shutdown().await;
    Ok(())
}
