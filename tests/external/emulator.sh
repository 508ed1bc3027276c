# Sourced by the scripts beside it: starts an emulator on a free port, and stops it at the end.
# Afterwards $API is its address and $KEY the only key that it takes.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d)
running=()
: >"$scratch/address"
: >"$scratch/files"
# Only what was started here is ended, by its process id.
trap 'for pid in "${running[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$scratch"' EXIT

KEY=external-test-key
(cd "$root" && cargo build --quiet --package heygen-clips-emulator --example serve)
"${CARGO_TARGET_DIR:-$root/target}/debug/examples/serve" 127.0.0.1:0 "$KEY" >"$scratch/address" &
running+=($!)
for _ in $(seq 100); do
    API=$(head -n 1 "$scratch/address")
    [ -n "$API" ] && break
    sleep 0.1
done
[ -n "$API" ] || { echo "the emulator did not start" >&2; exit 1; }
export API KEY

# python_with PACKAGE...: a virtual environment with these packages, or a clear message and success
# where there is neither Python nor a package index. Its interpreter is then $PYTHON.
python_with() {
    local home="$root/.external/python-$(printf '%s-' "$@" | tr -c 'a-z0-9\n' '-')"
    PYTHON="$home/bin/python"
    if [ ! -e "$home/complete" ]; then
        if ! python3 -m venv "$home" >/dev/null 2>&1 || ! "$PYTHON" -m pip install --quiet --disable-pip-version-check "$@"; then
            rm -rf "$home"
            echo "SKIPPED $(basename "$0"): Python with $* cannot be installed here"
            exit 0
        fi
        touch "$home/complete"
    fi
}
