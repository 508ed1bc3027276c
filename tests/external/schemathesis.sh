#!/usr/bin/env bash
# Lets Schemathesis make up requests from our documents and send them to a running emulator: no
# answer may be a server error or one that the documents do not declare.
#
# Left out is the check that everything the schemas allow is accepted: a link to nowhere, a window
# that ends before it begins and a wrong checksum are all valid JSON, and are refused with a 400.
source "$(dirname "$0")/emulator.sh"
python_with 'schemathesis==4.32.5'
export SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH="$root/tests/external"
cd "$scratch" # it keeps a cache where it runs
for document in clips ai-clipping; do
    echo "== $document"
    "$(dirname "$PYTHON")/schemathesis" run "$root/openapi/$document.yaml" \
        --url "$API" --header "x-api-key: $KEY" \
        --checks all --exclude-checks positive_data_acceptance \
        --max-examples "${EXAMPLES:-50}" --generation-deterministic --no-color
done
