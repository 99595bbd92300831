#!/bin/sh
# Makes sure that a Chromium for the browser tests is there, and prints its path.
set -eu

find_browser() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return
    done
    return 1
}

find_browser && exit

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    as_root=none
fi

if [ "$as_root" != none ] && command -v apt-get >/dev/null 2>&1; then
    {
        $as_root apt-get update -qq
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends \
            chromium chromium-sandbox fonts-liberation
    } >&2 || true
    find_browser && exit
fi

echo "The browser tests need Chromium or Chrome on PATH. Install it (Debian: apt-get install" \
    "chromium) and run again." >&2
exit 1
