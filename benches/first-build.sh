#!/usr/bin/env bash
# What the first build of a program with one HTTP dependency (and tokio) costs: packages to compile, and CPU seconds of a debug
# build in an empty target folder. CPU, not time: that a machine is busy changes it little. The lower of ROUNDS builds (2).
# The last ones are clients of others, with the features they come with.
#
#     benches/first-build.sh             # all of them
#     benches/first-build.sh 'SDK.*'     # those whose name matches
#     ROUNDS=0 benches/first-build.sh    # packages only
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset CARGO_TARGET_DIR
# Packages of a registry are never compiled incrementally; ours stand in a folder here, and would be.
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0
TIMEFORMAT='%U %S'

reqwest='reqwest = { version = "0.13.5", default-features = false, features = ["http2", "json", "stream", "query", "charset"'
raw="heygen-clips-openapi = { path = \"$root\", default-features = false, features = ["
sdk="heygen-clips = { path = \"$root/crates/heygen-clips\", default-features = false, features = [\"tracing\", "
ring='rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12", "logging"] }'

only=${1:-.*}

measure() { # NAME DEPENDENCY...
    [[ "$1" =~ ^(${only})$ ]] || return 0
    local crate="$scratch/crate" lowest="" packages seconds
    mkdir -p "$crate/src"
    echo 'fn main() {}' >"$crate/src/main.rs"
    cp "$root/Cargo.lock" "$crate/"
    {
        printf '[package]\nname = "downstream"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n[dependencies]\n'
        printf 'tokio = { version = "1", features = ["macros", "rt-multi-thread"] }\n'
        printf '%s\n' "${@:2}"
    } >"$crate/Cargo.toml"
    cd "$crate"
    [ "${ROUNDS:-2}" = 0 ] || cargo fetch --quiet
    packages=$(cargo tree -e normal,build --prefix none --no-dedupe | awk '{print $1, $2}' | sort -u | wc -l)
    for _ in $(seq "${ROUNDS:-2}"); do
        rm -rf "$scratch/target"
        seconds=$({ time cargo build --quiet --offline --target-dir "$scratch/target" 2>"$scratch/log"; } 2>&1) ||
            { cat "$scratch/log" >&2; exit 1; }
        lowest=$(awk -v lowest="$lowest" '{ sum = $1 + $2; print lowest == "" || sum < lowest ? sum : lowest }' <<<"$seconds")
    done
    printf '| %s | %d | %.0f |\n' "$1" "$((packages - 1))" "$lowest"
}

printf '| dependency | packages | CPU s |\n|---|---|---|\n'
measure "reqwest alone, rustls with ring" "$reqwest, \"rustls-no-provider\"] }" "$ring"
measure "reqwest alone, with what the SDK uses of it" "$reqwest, \"multipart\", \"rustls-no-provider\"] }" "$ring"
measure "reqwest alone, rustls with aws-lc" "$reqwest, \"rustls\"] }"
measure "reqwest alone, native-tls" "$reqwest, \"native-tls\"] }"
measure "raw client without TLS" "$raw] }"
measure "raw client, rustls with ring (default)" "$raw\"rustls\"] }"
measure "raw client, rustls with aws-lc" "$raw\"rustls-aws-lc\"] }"
measure "raw client, native-tls" "$raw\"native-tls\"] }"
measure "raw client that generates (codegen), ring" "$raw\"rustls\", \"codegen\"] }"
measure "SDK, rustls with ring (default)" "$sdk\"rustls\"] }"
measure "SDK, rustls with aws-lc" "$sdk\"rustls-aws-lc\"] }"
measure "SDK, native-tls" "$sdk\"native-tls\"] }"
measure "svix 2 (an SDK)" 'svix = "2"'
measure "async-openai 0.43 (an SDK)" 'async-openai = { version = "0.43", features = ["chat-completion"] }'
measure "octocrab 0.54 (an SDK)" 'octocrab = "0.54"'
