#!/usr/bin/env bash
# What a typed read costs beyond bare reqwest, in instructions under callgrind: a release build with the features that users
# have, 600 calls less 100, so that only calls are counted (BENCHMARKS.md, "What a call costs"). Counts hardly differ from run to
# run and not from how busy a machine is, so there is a bound.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bound=5.0 # percent

if ! command -v valgrind >/dev/null; then
    echo "SKIPPED instructions: valgrind is not installed"
    exit 0
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$root/Cargo.lock" "$scratch/"
cat >"$scratch/Cargo.toml" <<EOF
[package]
name = "overhead"
version = "0.0.0"
edition = "2024"
[workspace]
[[bin]]
name = "overhead"
path = "$root/crates/heygen-clips/examples/overhead.rs"
[dependencies]
heygen-clips = { path = "$root/crates/heygen-clips" }
heygen-clips-openapi = { path = "$root" }
reqwest = { version = "0.13", default-features = false, features = ["json"] }
serde = { version = "1", features = ["derive"] }
tokio = { version = "1", features = ["macros", "rt"] }
EOF
target=${CARGO_TARGET_DIR:-$root/target}
cargo build --quiet --release --manifest-path "$scratch/Cargo.toml" --target-dir "$target"

count() { # WAY CALLS
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$target/release/overhead" "$1" "$2" 2>&1 |
        awk '/Collected/ { print $NF }'
}
a_call() { echo $((($(count "$1" 600) - $(count "$1" 100)) / 500)); }
sdk=$(a_call sdk)
bare=$(a_call bare)
awk -v sdk="$sdk" -v bare="$bare" -v bound="$bound" 'BEGIN {
    over = 100 * (sdk - bare) / bare
    printf "instructions a call: SDK %d, reqwest %d, %+.1f %% (bound %s %%)\n", sdk, bare, over, bound
    exit bare <= 0 || over > bound
}'
