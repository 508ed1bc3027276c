#!/usr/bin/env bash
# The README's first command, as on a machine without ffmpeg: at least three captioned portrait clips, as long as the job says.
# Where there is an ffprobe, it measures the clips too.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

(cd "$root" && cargo build --quiet --release --package heygen-clips-cli)
mkdir "$scratch/bin"
for tool in cargo rustc; do ln -s "$(command -v $tool)" "$scratch/bin/$tool"; done
cd "$scratch"
PATH="$scratch/bin" cargo run --quiet --release --manifest-path "$root/Cargo.toml" -p heygen-clips-cli -- demo | tee table

# file  start-end  duration  s  pixels  score  captions  label, where times are m:ss.ss
grep -F .mp4 table >rows
[ "$(wc -l <rows)" -ge 3 ] || { echo "fewer than three clips" >&2; exit 1; }
while read -r file times duration _ pixels _ captions _; do
    measured=$duration
    if command -v ffprobe >/dev/null; then
        measured=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$file")
    fi
    # Within 50 ms, of which the table's rounding to 10 ms takes some.
    awk -v times="$times" -v duration="$duration" -v measured="$measured" -v pixels="$pixels" '
        function seconds(clock, part) { split(clock, part, ":"); return part[1] * 60 + part[2] }
        function apart(a, b) { return a > b ? a - b : b - a }
        BEGIN {
            split(times, window, "-"); split(pixels, size, "x")
            promised = seconds(window[2]) - seconds(window[1])
            exit apart(promised, duration) > 0.05 || apart(promised, measured) > 0.05 || apart(size[1] / size[2], 9 / 16) > 0.01
        }' || { echo "$file: $measured s of $pixels are not what the job said" >&2; exit 1; }
    [ "$captions" = yes ] && grep -q -- '-->' "${file%.mp4}.vtt" || { echo "$file: no captions" >&2; exit 1; }
done <rows
echo "$(wc -l <rows) captioned clips, as long and as wide as they should be"
