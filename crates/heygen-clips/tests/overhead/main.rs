//! What a call costs beyond bare `reqwest`, in allocations, how large the futures are, and what many
//! calls leave behind. A binary of its own because it counts by replacing the allocator.
#![allow(clippy::unwrap_used, clippy::panic)]

mod calls;
mod load;

use calls::{Bare, Sdk};
use heygen_clips::{
    Callback, CreateAiClipping, CreateClips, JobView, Manifest, PendingUpload, Unverified, types,
};
use serde_json::json;

const CALLS: u64 = 200;

/// Allocations of one call, on average, on the thread that makes it.
fn allocations<F: Future>(runtime: &tokio::runtime::Runtime, call: impl Fn() -> F) -> f64 {
    for _ in 0..20 {
        runtime.block_on(call());
    }
    let counted = allocation_counter::measure(|| {
        for _ in 0..CALLS {
            runtime.block_on(call());
        }
    });
    counted.count_total as f64 / CALLS as f64
}

#[test]
fn a_typed_get_allocates_at_most_eight_times_more_than_bare_reqwest() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = calls::serve();
    let (sdk, bare) = (Sdk::new(server), Bare::new(server));
    let bare = allocations(&runtime, || bare.call());
    let sdk = allocations(&runtime, || sdk.call());
    println!("allocations a call: bare {bare}, SDK {sdk}");
    assert!(sdk - bare <= 8.0, "bare {bare}, SDK {sdk}");
}

/// Sizes of what is awaited, before anything is polled.
#[test]
fn no_future_is_larger_than_two_kibibytes() {
    let folder = tempfile::TempDir::new().unwrap();
    let noted = json!({
        "at": 1, "intent": "i", "is": "intent", "dialect": "clips",
        "base_url": "https://api.example.com", "sha256": "00",
    });
    let path = folder.path().join("journal");
    std::fs::write(&path, format!("{noted}\n")).unwrap();
    let builder = heygen_clips::Client::builder().api_key("any").journal(path);
    let client = builder.build().unwrap();
    let journal = client.journal().unwrap();
    let intent = &journal.intents()[0];
    let pending: PendingUpload = serde_json::from_value(json!({
        "base_url": "https://api.example.com", "asset_id": "a", "file_name": "talk.mp4",
        "content_type": "video/mp4", "size_bytes": 1, "checksum_sha256": "00",
    }))
    .unwrap();
    let job: types::ClipJob = serde_json::from_value(json!({
        "id": "clip_1", "status": "completed", "clips": [{
            "id": "c_1", "label": "One", "url": "https://files.example.com/c_1.mp4", "start": 1.0,
            "end": 3.5, "duration": 2.5, "aspect_ratio": "9:16", "score": 0.5,
        }],
    }))
    .unwrap();
    let clip = &job.finished_clips()[0];
    let callback = br#"{"event_type":"clips.success","event_data":{"clip_job_id":"clip_1"}}"#;
    let callback = Unverified::<Callback>::read(callback).unwrap();
    let (clips, ai_clipping) = (client.clips(), client.ai_clipping());
    let (assets, webhooks) = (client.assets(), client.webhooks());
    let url = "https://example.com/talk.mp4";
    let sizes = [
        (
            "clips.create",
            size_of_val(&clips.create(CreateClips::from_url(url))),
        ),
        ("clips.get", size_of_val(&clips.get("id"))),
        ("clips.delete", size_of_val(&clips.delete("id"))),
        ("clips.list().page", size_of_val(&clips.list().page())),
        (
            "ai_clipping.create",
            size_of_val(&ai_clipping.create(CreateAiClipping::from_url(url))),
        ),
        ("ai_clipping.get", size_of_val(&ai_clipping.get("id"))),
        ("ai_clipping.delete", size_of_val(&ai_clipping.delete("id"))),
        ("assets.get", size_of_val(&assets.get("id"))),
        ("assets.delete", size_of_val(&assets.delete("id"))),
        (
            "assets.upload",
            size_of_val(&assets.upload("talk.mp4").into_future()),
        ),
        (
            "webhooks.create",
            size_of_val(&webhooks.create(url, ["ai_clipping.success"])),
        ),
        (
            "webhooks.set_url",
            size_of_val(&webhooks.set_url("id", url)),
        ),
        (
            "webhooks.rotate_secret",
            size_of_val(&webhooks.rotate_secret("id")),
        ),
        ("webhooks.delete", size_of_val(&webhooks.delete("id"))),
        ("webhooks.event_types", size_of_val(&webhooks.event_types())),
        (
            "clips.submit",
            size_of_val(&clips.submit(CreateClips::from_url(url))),
        ),
        (
            "ai_clipping.submit",
            size_of_val(&ai_clipping.submit(CreateAiClipping::from_url(url))),
        ),
        ("resume_all", size_of_val(&client.resume_all())),
        (
            "upload.send",
            size_of_val(&assets.upload("talk.mp4").send()),
        ),
        ("assets.complete", size_of_val(&assets.complete(&pending))),
        ("clips.open_clip", size_of_val(&clips.open_clip(clip))),
        ("job.close", size_of_val(&clips.job("id").close())),
        ("job.await", size_of_val(&clips.job("id").into_future())),
        (
            "webhooks.set_events",
            size_of_val(&webhooks.set_events("id", ["ai_clipping.success"])),
        ),
        ("journal.discard", size_of_val(&journal.discard(intent))),
        ("callback.confirm", size_of_val(&callback.confirm(&client))),
        ("manifest.read", size_of_val(&Manifest::read("clips"))),
        (
            "download",
            size_of_val(&clips.download(&job, "clips").into_future()),
        ),
    ];
    for (name, size) in sizes {
        println!("{name}: {size} bytes");
        assert!(size <= 2048, "{name} is {size} bytes");
    }
}
