#!/usr/bin/env python3
"""Compares openapi-drift with the peers that install from a registry, on three sizes, in one run.

    cargo build --release -p openapi-drift
    python3 crates/openapi-drift/benches/peers.py target/release/openapi-drift

Fetches oxide's `drift` (crates.io), `openapi-diff` and `api-smart-diff` (npm) into a temporary folder. The pairs are
made here, as OpenAPI 3.0 JSON, which all of them read. Prints a Markdown table: CPU time (user and system, the least
of several runs) and peak memory of each process.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

RUNS = 5
# A run that takes longer than this is not repeated.
SLOW_SECONDS = 5
LIMIT_SECONDS = 120
SIZES = {"small": 10, "middle": 150, "large": 1500}

DRIFT = {
    "Cargo.toml": """[package]
name = "peer"
version = "0.0.0"
edition = "2021"
[workspace]
[dependencies]
drift = "=0.2.0"
serde_json = "1"
""",
    "src/main.rs": """fn main() {
    let mut read = std::env::args().skip(1).map(|path| {
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    });
    let (old, new): (serde_json::Value, serde_json::Value) = (read.next().unwrap(), read.next().unwrap());
    for change in drift::compare(&old, &new).unwrap() {
        println!("{change:?}");
    }
}
""",
}
OPENAPI_DIFF = """const fs = require('fs'), diff = require('openapi-diff');
const read = (path) => ({content: fs.readFileSync(path, 'utf8'), location: path, format: 'openapi3'});
diff.diffSpecs({sourceSpec: read(process.argv[2]), destinationSpec: read(process.argv[3])})
    .then((found) => console.log(JSON.stringify(found)));
"""
SMART_DIFF = """const fs = require('fs'), {apiCompare} = require('api-smart-diff');
const read = (path) => JSON.parse(fs.readFileSync(path, 'utf8'));
console.log(JSON.stringify(apiCompare(read(process.argv[2]), read(process.argv[3])).diffs));
"""


def document(resources, new):
    """A service with so many resources; the new one differs in every third of them."""
    paths, schemas = {}, {}
    schemas["Error"] = {"type": "object", "required": ["code"], "properties": {
        "code": {"type": "string"}, "message": {"type": "string"}}}
    error = {"description": "wrong", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    for index in range(resources):
        name, edit = f"Thing{index}", new and index % 3 == 0
        body = lambda suffix: {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}{suffix}"}}}
        properties = {f"field{number}": {"type": "string", "maxLength": 100 + number, "description": f"Field {number}."}
                      for number in range(12)}
        properties["state"] = {"type": "string", "enum": ["new", "done"] + (["lost"] if edit else [])}
        properties["parts"] = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}Part"}}
        if edit:
            properties["field3"]["maxLength"] = 20
            properties["added"] = {"type": "boolean"}
            del properties["field5"]
        schemas[name] = {"type": "object", "required": ["field0", "state"], "properties": properties}
        schemas[f"{name}Part"] = {"type": "object", "required": ["size"], "properties": {
            "size": {"type": "number" if index % 6 else "integer", "maximum": 9 if edit else 10},
            "label": {"type": "string", "nullable": bool(edit)}}}
        listed = [{"name": "limit", "in": "query", "required": bool(edit), "schema": {"type": "integer", "maximum": 50}},
                  {"name": "after", "in": "query", "schema": {"type": "string"}}]
        one = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
        answer = lambda suffix: {"200": {"description": "it", "content": body(suffix)}, "default": error}
        paths[f"/things{index}"] = {
            "get": {"operationId": f"list{name}", "parameters": listed, "responses": answer("Part")},
            "post": {"operationId": f"create{name}", "requestBody": {"required": True, "content": body("")},
                     "responses": answer("")}}
        if not (edit and index % 9 == 0):
            paths[f"/things{index}/{{id}}"] = {
                "get": {"operationId": f"get{name}", "parameters": one, "responses": answer("")}}
    return {"openapi": "3.0.3", "info": {"title": "Things", "version": "1"}, "paths": paths,
            "components": {"schemas": schemas}}


def fetch(folder):
    """Each peer as the start of a command line."""
    for name, text in DRIFT.items():
        path = folder / "drift" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    environment = {name: value for name, value in os.environ.items() if name != "CARGO_TARGET_DIR"}
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=folder / "drift", env=environment, check=True)
    (folder / "npm").mkdir()
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "openapi-diff@0.24.1", "api-smart-diff@1.0.6"],
                   cwd=folder / "npm", check=True)
    (folder / "npm" / "openapi-diff.js").write_text(OPENAPI_DIFF)
    (folder / "npm" / "smart-diff.js").write_text(SMART_DIFF)
    return {
        "drift 0.2.0": [str(folder / "drift/target/release/peer")],
        "openapi-diff 0.24.1": ["node", str(folder / "npm/openapi-diff.js")],
        "api-smart-diff 1.0.6": ["node", str(folder / "npm/smart-diff.js")],
    }


def measure(command):
    """CPU seconds and peak memory in MiB of one run; why there are none when it takes too long or fails.

    A small process of its own starts it: what this one holds would count as the child's memory otherwise.
    """
    helper = [sys.executable, __file__, "--measure", *command]
    result = json.loads(subprocess.run(helper, stdout=subprocess.PIPE, check=True).stdout)
    return tuple(result) if isinstance(result, list) else result


def run_once(command):
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() - started > LIMIT_SECONDS:
            process.kill()
            os.wait4(process.pid, 0)
            return f"over {LIMIT_SECONDS} s"
        time.sleep(0.002)
    # Our own exit codes say what was found, up to 4; a peer fails with any other than 0.
    if os.waitstatus_to_exitcode(status) not in (0, 2, 3, 4):
        return "fails"
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    ours = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        peers = fetch(folder)
        commands = {
            "openapi-drift, wire and Rust by the table (`--rust rules`)": [ours, "--rust", "rules"],
            "openapi-drift, as it comes (up to 1000 operations what differs is generated)": [ours],
            **peers,
        }
        pairs = {}
        for size, resources in SIZES.items():
            pair = [folder / f"{size}-{side}.json" for side in ("old", "new")]
            for path, new in zip(pair, (False, True)):
                path.write_text(json.dumps(document(resources, new), indent=1))
            pairs[size] = [str(path) for path in pair]
        titles = [f"{size} ({os.path.getsize(pair[0]) // 1024} KiB)" for size, pair in pairs.items()]
        print("| | " + " | ".join(titles) + " |")
        print("|---" * (len(titles) + 1) + "|")
        for name, command in commands.items():
            cells = []
            for pair in pairs.values():
                runs = []
                for _ in range(RUNS):
                    run = measure(command + pair)
                    runs.append(run)
                    if isinstance(run, str) or run[0] > SLOW_SECONDS:
                        break
                failed = next((run for run in runs if isinstance(run, str)), None)
                least = lambda part: min(run[part] for run in runs)
                cells.append(failed or f"{least(0) * 1000:.0f} ms, {least(1):.0f} MiB")
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--measure":
        print(json.dumps(run_once(sys.argv[2:])))
    else:
        main()
