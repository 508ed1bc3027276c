//! Setting up a client: what is taken, what is refused, what `Debug` shows.

use heygen_clips::Client;

use crate::server::KEY;

#[test]
fn plain_http_is_taken_for_loopback_only() {
    let base = |url: &str| Client::builder().api_key(KEY).base_url(url).build();
    for url in [
        "https://api.heygen.com",
        "https://proxy.example.com/heygen/",
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://localhost:3000/",
        "http://[::1]:8080",
    ] {
        assert!(base(url).is_ok(), "{url}");
    }
    for url in [
        "http://api.heygen.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://10.0.0.1",
        "ftp://localhost",
        "file:///etc/passwd",
        "api.heygen.com",
        "",
        "https://user:word@api.heygen.com",
        "https://api.heygen.com/?key=1",
        "https://api.heygen.com/#x",
    ] {
        let error = base(url).unwrap_err();
        assert!(error.is_config(), "{url}: {error}");
        assert_eq!(error.code(), "cli_config");
    }
}

#[test]
fn a_base_url_loses_its_last_slash_and_keeps_its_path() {
    let client = Client::builder()
        .api_key(KEY)
        .base_url("https://x.example/heygen/")
        .build();
    assert_eq!(client.unwrap().base_url(), "https://x.example/heygen");
}

#[test]
fn a_key_is_needed_and_must_fit_a_header() {
    let message = |key: &str| {
        Client::builder()
            .api_key(key)
            .build()
            .unwrap_err()
            .to_string()
    };
    assert_eq!(message(" \n"), "the API key is empty");
    assert_eq!(
        message("sk_\u{1F511}"),
        "the API key has characters that cannot stand in an HTTP header"
    );
    assert_eq!(
        Client::builder().build().unwrap_err().to_string(),
        "no API key: give one to the builder, or set HEYGEN_API_KEY and use Client::from_env"
    );
    assert!(
        Client::builder().api_key("from a file\n").build().is_ok(),
        "a line end is trimmed"
    );
}

#[test]
fn debug_shows_no_credential() {
    let builder = Client::builder().api_key(KEY);
    let shown = format!("{builder:?}");
    assert!(!shown.contains(KEY), "{shown}");
    let client = builder.build().unwrap();
    let shown = format!("{client:?} {:?} {:?}", client.clips(), client.raw());
    assert!(!shown.contains(KEY), "{shown}");
    let shown = format!("{:?}", Client::builder().bearer_token(KEY));
    assert!(!shown.contains(KEY), "{shown}");
}

#[test]
fn a_password_or_query_in_a_base_url_is_not_shown() {
    for url in [
        "https://user:hunter2@example.com",
        "https://example.com/?token=hunter2",
        "https://example.com/#hunter2",
        "user:hunter2@example.com:8080",
    ] {
        let builder = Client::builder().api_key("any").base_url(url);
        let shown = format!("{builder:?}");
        assert!(shown.contains("base_url: Some(\"("), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
        let error = builder.build().unwrap_err().to_string();
        assert!(
            error.contains("base URL") && !error.contains("hunter2"),
            "{error}"
        );
    }
}
