//! Tells what the server's answers have and the documents do not say. Feature `observe`.
//!
//! With the key in `HEYGEN_API_KEY`.

use heygen_clips::{Client, Observer, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let observer = Observer::new().on_new(|seen| eprintln!("{}", seen.summary));
    let key = std::env::var("HEYGEN_API_KEY").unwrap_or_default();
    let client = Client::builder().api_key(key).observer(&observer).build()?;
    run(&client).await?;
    println!("{}", observer.report());
    Ok(())
}

pub(crate) async fn run(client: &Client) -> Result<()> {
    client.clips().list().page().await?;
    client.ai_clipping().list().page().await?;
    client.webhooks().event_types().await?;
    Ok(())
}
