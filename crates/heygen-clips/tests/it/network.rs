//! The way over the network: where the key goes, and where it does not.

use heygen_clips::Client;
use heygen_clips::testing::Server;

use crate::server::{KEY, data, job, reply, with};

/// One that has the job.
fn with_job() -> Server {
    Server::always(data(&job("completed")))
}

#[tokio::test]
async fn the_key_follows_no_redirect_whatever_the_client_was_set_to() {
    let other = with_job();
    let listening = other.listen().await.unwrap();
    let location = format!("{}/v3/clips/clip_1", listening.base_url());
    let first = Server::always(with(reply(307, ""), "location", &location));
    let listening = first.listen().await.unwrap();
    let follows = reqwest::redirect::Policy::limited(3);
    let own = reqwest::Client::builder().redirect(follows);
    for builder in [Client::builder(), Client::builder().http_client(own)] {
        let builder = builder.api_key(KEY).base_url(listening.base_url());
        let client = builder.build().unwrap();
        let error = client.clips().get("clip_1").await.unwrap_err();
        assert_eq!(error.status(), Some(307), "{error}");
        assert_eq!(other.calls().len(), 0);
    }
    let calls = first.calls();
    let keys = calls.iter().map(|call| call.header("x-api-key"));
    assert_eq!(keys.collect::<Vec<_>>(), [Some(KEY); 2]);
}

#[tokio::test]
async fn plain_http_to_this_machine_goes_through_no_proxy() {
    let (server, proxy) = (with_job(), with_job());
    let (direct, around) = (
        server.listen().await.unwrap(),
        proxy.listen().await.unwrap(),
    );
    let proxied = reqwest::Proxy::all(around.base_url()).unwrap();
    let client = Client::builder()
        .http_client(reqwest::Client::builder().proxy(proxied))
        .api_key(KEY)
        .base_url(direct.base_url())
        .build()
        .unwrap();
    client.clips().get("clip_1").await.unwrap();
    assert_eq!((server.calls().len(), proxy.calls().len()), (1, 0));
}
