#!/bin/sh
# Runs uv with the given arguments: the one on PATH when it is recent enough, otherwise one of
# ours in .tools, installed from the Python package index on first use.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
tools=$root/.tools
needed=0.8

is_recent() {
    version=$("$1" --version 2>/dev/null | awk '{print $2}')
    [ -n "$version" ] && [ "$(printf '%s\n%s\n' "$needed" "$version" | sort -V | head -n 1)" = "$needed" ]
}

# Prints the interpreter itself: a shim of a version manager may mean another Python elsewhere.
find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        command -v "$name" >/dev/null 2>&1 || continue
        "$name" -c 'import sys; assert sys.version_info >= (3, 11); print(sys.executable)' \
            2>/dev/null && return
    done
    echo "Python 3.11 or newer is needed and was not found. Set PYTHON to its path." >&2
    return 1
}

# Debian splits venv and pip off Python, so each may be missing.
install_uv() {
    rm -rf "$tools/uv"
    mkdir -p "$tools"
    if "$python" -m venv "$tools/uv" >/dev/null 2>&1; then
        "$tools/uv/bin/python" -m pip install --quiet --disable-pip-version-check uv && return
    fi
    rm -rf "$tools/uv"
    if "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m pip install --quiet --disable-pip-version-check --target "$tools/uv" uv && return
    fi
    echo "uv could not be installed: install uv, or Python's venv or pip (Debian: python3-venv)." >&2
    return 1
}

python=$(find_python)
if command -v uv >/dev/null 2>&1 && is_recent uv; then
    uv=uv
else
    uv=$tools/uv/bin/uv
    is_recent "$uv" || install_uv
fi

# The interpreter found above; uv would otherwise fetch one from elsewhere.
export UV_PYTHON="${UV_PYTHON:-$python}" UV_PYTHON_DOWNLOADS=never
unset VIRTUAL_ENV
exec "$uv" "$@"
