#!/usr/bin/env bash
# Walks the road of the vendor's guide against a running emulator with the tools that the guide
# uses, curl and Python's requests: create, poll, print the clips, list, delete.
source "$(dirname "$0")/emulator.sh"
command -v curl >/dev/null || { echo "SKIPPED guide.sh: curl is not installed"; exit 0; }
python_with requests

sample="$root/crates/heygen-clips-cli/sample"
"$PYTHON" -u -m http.server --bind 127.0.0.1 --directory "$sample" 0 >"$scratch/files" 2>/dev/null &
running+=($!)
for _ in $(seq 100); do
    port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' "$scratch/files")
    [ -n "$port" ] && break
    sleep 0.1
done
export VIDEO="http://127.0.0.1:$port/sample.mp4"

field() { "$PYTHON" -c 'import json, sys; print(eval("json.load(sys.stdin)" + sys.argv[1]))' "$1"; }
call() { curl --silent --show-error --fail-with-body --header "X-Api-Key: $KEY" "$@"; }

echo "== curl"
body='{"video": {"type": "url", "url": "'$VIDEO'"}, "max_clips": 2, "aspect_ratio": "1:1"}'
job=$(call --header 'Content-Type: application/json' --data "$body" "$API/v3/clips" | field '["data"]["clip_job_id"]')
until [ "${status:=}" = completed ]; do
    status=$(call "$API/v3/clips/$job" | field '["data"]["status"]')
    [ "$status" != failed ] || { call "$API/v3/clips/$job"; exit 1; }
    sleep 0.5
done
call "$API/v3/clips/$job" | field '["data"]["clips"][0]["url"]' | xargs curl --silent --fail --output "$scratch/clip.mp4"
test -s "$scratch/clip.mp4"
test "$(call "$API/v3/clips?limit=10" | field '["data"][0]["id"]')" = "$job"
test "$(call --request DELETE "$API/v3/clips/$job" | field '["data"]["id"]')" = "$job"
echo "a job was made, waited for, downloaded, listed and deleted"

echo "== Python"
"$PYTHON" "$(dirname "$0")/guide.py"
