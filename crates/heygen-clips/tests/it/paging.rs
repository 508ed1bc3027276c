//! Lists: followed to their end, and never in circles.

use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};

use crate::server::{Server, json_reply, refusal};

fn page(ids: &[&str], has_more: impl Into<Value>, next: Option<&str>) -> crate::server::Reply {
    let rows: Vec<_> = ids
        .iter()
        .map(|id| json!({ "id": id, "status": "completed" }))
        .collect();
    json_reply(
        200,
        &json!({ "data": rows, "has_more": has_more.into(), "next_token": next }),
    )
}

#[tokio::test]
async fn items_come_from_all_pages() {
    let server = Server::script(vec![
        page(&["a", "b"], true, Some("t1")),
        page(&[], true, Some("t2")),
        page(&["c"], false, Some("t3")),
    ]);
    let items = server.client().clips().list().limit(2).by_item();
    let ids: Vec<_> = items.map_ok(|job| job.id).try_collect().await.unwrap();
    assert_eq!(ids, ["a", "b", "c"]);
    let urls: Vec<_> = server.calls().into_iter().map(|call| call.url).collect();
    assert_eq!(
        urls,
        [
            "https://api.example.com/v3/clips?limit=2",
            "https://api.example.com/v3/clips?limit=2&token=t1",
            "https://api.example.com/v3/clips?limit=2&token=t2",
        ]
    );
}

#[tokio::test]
async fn a_page_is_fetched_when_it_is_asked_for() {
    let server = Server::script(vec![
        page(&["a"], true, Some("t1")),
        page(&["b"], false, None),
    ]);
    let mut pages = server.client().clips().list().by_page();
    assert_eq!(server.calls().len(), 0);
    let first = pages.try_next().await.unwrap().unwrap();
    assert_eq!(
        (first.items.len(), first.next_token.as_deref()),
        (1, Some("t1"))
    );
    assert_eq!(server.calls().len(), 1);
    assert!(pages.try_next().await.unwrap().is_some());
    assert!(pages.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_cursor_that_comes_again_ends_the_list_with_an_error() {
    for (replies, calls) in [
        (
            vec![
                page(&["a"], true, Some("t1")),
                page(&["a"], true, Some("t1")),
            ],
            2,
        ),
        (
            vec![
                page(&["a"], true, Some("t1")),
                page(&["b"], true, Some("t2")),
                page(&["a"], true, Some("t1")),
            ],
            3,
        ),
    ] {
        let server = Server::script(replies);
        let mut seen: Vec<_> = server.client().clips().list().by_item().collect().await;
        let error = seen.pop().unwrap().unwrap_err();
        assert_eq!(seen.len(), calls, "the rows of every page come first");
        assert!(seen.iter().all(Result::is_ok));
        assert!(error.is_bad_response());
        assert_eq!(
            error.to_string(),
            "list_clip_jobs: the server gave the same cursor again, so the list would never end"
        );
        assert_eq!(server.calls().len(), calls);
    }
}

#[tokio::test]
async fn a_start_token_that_comes_back_is_a_circle_too() {
    let server = Server::script(vec![page(&["a"], true, Some("t0"))]);
    let result = server
        .client()
        .clips()
        .list()
        .token("t0")
        .by_item()
        .try_collect::<Vec<_>>();
    assert!(result.await.is_err());
}

#[tokio::test]
async fn more_without_a_cursor_is_an_error_and_a_cursor_alone_means_more() {
    let server = Server::script(vec![page(&["a"], true, None)]);
    let result = server
        .client()
        .clips()
        .list()
        .by_item()
        .try_collect::<Vec<_>>()
        .await;
    assert!(result.unwrap_err().is_bad_response());

    let server = Server::script(vec![
        page(&["a"], Value::Null, Some("t1")),
        page(&["b"], Value::Null, None),
    ]);
    let jobs: Vec<_> = server
        .client()
        .clips()
        .list()
        .by_item()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(jobs.len(), 2);
}

#[tokio::test]
async fn a_failure_ends_the_stream_after_what_came_before() {
    let server = Server::script(vec![
        page(&["a"], true, Some("t1")),
        refusal(500, "internal_error", "x"),
    ]);
    let mut items = server.client().clips().list().by_item();
    assert_eq!(items.next().await.unwrap().unwrap().id, "a");
    assert_eq!(items.next().await.unwrap().unwrap_err().status(), Some(500));
    assert!(items.next().await.is_none());
}
