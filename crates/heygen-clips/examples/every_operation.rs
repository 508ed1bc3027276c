//! Sends every operation of one of the two documents once to the server at `HEYGEN_API_BASE`.
//!
//! Answers do not matter here, only whether the server takes the requests: it is how
//! `tests/external/prism` has a validator of others judge them. Each line is an operation and what
//! came of it; the exit code is 1 if a request was refused as invalid.

use bytes::Bytes;
use futures::stream;
use heygen_clips::{
    AspectRatio, Client, ClipDuration, CreateAiClipping, CreateClips, Error, Http, Request,
    Response, Result, Retries, Sending, Transport, Window,
};

#[tokio::main]
async fn main() -> Result<()> {
    let base = std::env::var("HEYGEN_API_BASE").unwrap_or("http://127.0.0.1:4010".to_owned());
    let client = Client::builder()
        .api_key("any")
        .base_url(base)
        .transport(NoStore(Http::new()?))
        .retries(Retries::none())
        .build()?;
    let mut refused = false;
    let results = match std::env::args().nth(1).as_deref() {
        Some("clips") => clips(&client).await,
        Some("ai-clipping") => ai_clipping(&client).await,
        _ => {
            eprintln!("usage: every_operation clips|ai-clipping");
            std::process::exit(2);
        }
    };
    for (operation, result) in results {
        match result {
            Ok(()) => println!("{operation:<28} accepted"),
            Err(error) => {
                let was_refused = is_refusal(&error);
                println!(
                    "{operation:<28} {}: {error}",
                    if was_refused { "REFUSED" } else { "accepted" }
                );
                refused |= was_refused;
            }
        }
    }
    std::process::exit(refused.into());
}

/// Sends everything over the network but what is meant for the vendor's store of files.
struct NoStore(Http);

impl Transport for NoStore {
    fn send(&self, request: Request) -> Sending<'_> {
        if request.operation() == "put_direct_upload" {
            return Box::pin(async { Ok(Response::from(http::Response::new(""))) });
        }
        self.0.send(request)
    }
}

const VIDEO: &str = "https://example.com/talk.mp4";
const HOOK: &str = "https://example.com/hook";

/// Whether the request is to blame. A mock's answer may be odd; that is another matter.
fn is_refusal(error: &Error) -> bool {
    error.is_network() || error.is_timeout() || matches!(error.status(), Some(400..=599))
}

type Outcomes = Vec<(&'static str, Result<()>)>;

/// The operations of `openapi/clips.yaml`.
async fn clips(client: &Client) -> Outcomes {
    let clips = client.clips();
    let least = CreateClips::from_url(VIDEO);
    let all = CreateClips::from_asset("asset_1")
        .max_clips(3)
        .instruction("prices")
        .windows([Window::new(12.0, 28.5).label("The answer")])
        .aspect_ratio(AspectRatio::Landscape)
        .captions(true)
        .title("Talk")
        .callback_url(HOOK)
        .callback_id("mine")
        .folder_id("folder_1");
    vec![
        ("createClipJob", clips.create(least).await.map(drop)),
        (
            "createClipJob, all fields",
            clips.create(all).await.map(drop),
        ),
        (
            "listClipJobs",
            clips.list().limit(5).token("t").page().await.map(drop),
        ),
        ("getClipJob", clips.get("clip_1").await.map(drop)),
        ("deleteClipJob", clips.delete("clip_1").await),
    ]
}

/// The operations of `openapi/ai-clipping.yaml`.
async fn ai_clipping(client: &Client) -> Outcomes {
    let jobs = client.ai_clipping();
    let least = CreateAiClipping::from_url(VIDEO);
    let all = CreateAiClipping::from_asset("asset_1")
        .title("Talk")
        .input_language("en")
        .durations([ClipDuration::Seconds30, ClipDuration::Long])
        .aspect_ratio(AspectRatio::Square)
        .captions(true)
        .caption_style("bold")
        .prompt("prices")
        .callback_url(HOOK)
        .callback_id("mine");
    let mut outcomes = vec![
        ("createAiClippingV3", jobs.create(least).await.map(drop)),
        ("createAiClippingV3, all", jobs.create(all).await.map(drop)),
        (
            "listAiClippingsV3",
            jobs.list().limit(5).token("t").page().await.map(drop),
        ),
        ("getAiClippingV3", jobs.get("job_1").await.map(drop)),
        ("deleteAiClippingV3", jobs.delete("job_1").await),
    ];
    outcomes.extend(assets(client).await);
    outcomes.extend(webhooks(client).await);
    outcomes
}

async fn assets(client: &Client) -> Outcomes {
    let assets = client.assets();
    let bytes = stream::iter([Ok(Bytes::from_static(b"not really a video"))]);
    let small = assets.upload_stream("a.mp4", 18, bytes);
    // Goes to the vendor's store. The mock gives the address of none, so `NoStore` takes the bytes.
    let large = assets.upload_stream("a.mp4", 33_000_000, stream::empty());
    vec![
        ("uploadAsset", small.await.map(drop)),
        ("createDirectUpload, complete", large.await.map(drop)),
        ("getAsset", assets.get("asset_1").await.map(drop)),
        ("deleteAsset", assets.delete("asset_1").await),
    ]
}

async fn webhooks(client: &Client) -> Outcomes {
    let webhooks = client.webhooks();
    let events = ["ai_clipping.success"];
    let no_events: [&str; 0] = [];
    vec![
        (
            "listWebhookEndpoints",
            webhooks.list().page().await.map(drop),
        ),
        (
            "createWebhookEndpoint",
            webhooks.create(HOOK, no_events).await.map(drop),
        ),
        (
            "createWebhookEndpoint, events",
            webhooks.create(HOOK, events).await.map(drop),
        ),
        (
            "updateWebhookEndpoint",
            webhooks.set_events("ep_1", events).await.map(drop),
        ),
        (
            "updateWebhookEndpoint, url",
            webhooks.set_url("ep_1", HOOK).await.map(drop),
        ),
        (
            "rotateWebhookEndpointSecret",
            webhooks.rotate_secret("ep_1").await.map(drop),
        ),
        ("deleteWebhookEndpoint", webhooks.delete("ep_1").await),
        (
            "listWebhookEventTypes",
            webhooks.event_types().await.map(drop),
        ),
        (
            "listWebhookEvents",
            webhooks.events().limit(5).page().await.map(drop),
        ),
    ]
}
