//! What the program says without a server: help, wrong usage, missing keys, servers that cannot be
//! reached. The cases are the files in `cmd/`; `TRYCMD=overwrite cargo test -p heygen-clips-cli
//! --test cmd` writes what is said now, to be read before it is kept.

#[test]
fn cases() {
    trycmd::TestCases::new()
        .env("HEYGEN_API_BASE", "http://127.0.0.1:1")
        .case("tests/cmd/*.trycmd")
        .case("README.md");
}
