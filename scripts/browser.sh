#!/bin/sh
# Prints the path of a Chromium-family browser for the tests of report.html.
#
# In this order: $FILROUGE_BROWSER, a browser on PATH, and on Debian-like
# systems the package `chromium`, installed on the spot when we are root or
# may use sudo without a password. Nothing else is written to standard output,
# so that `FILROUGE_BROWSER=$(scripts/browser.sh)` works.
set -eu

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

find_on_path() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return
    done
    return 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

may_install() {
    command -v apt-get >/dev/null && as_root true 2>/dev/null
}

# Mirrors drop a request now and then; a second try costs little.
install_chromium() {
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get -o Acquire::Retries=3 -q update &&
        as_root apt-get -o Acquire::Retries=3 -qy install --no-install-recommends chromium
}

if [ -n "${FILROUGE_BROWSER:-}" ]; then
    command -v "$FILROUGE_BROWSER" ||
        fail "FILROUGE_BROWSER is '$FILROUGE_BROWSER', which is not a program that can be run." \
            "Set it to the path of Chromium or Chrome, or unset it to have one looked for."
    exit
fi

find_on_path && exit

may_install ||
    fail "The tests of report.html need Chromium or Chrome, and none is on PATH." \
        "Install one (Debian: apt-get install chromium), or set FILROUGE_BROWSER to its path."

echo "No browser on PATH: installing Debian's chromium (about 100 MB, once)." >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install_chromium >"$log" 2>&1 </dev/null || {
    tail -n 20 "$log" >&2
    fail "Installing chromium failed (the end of apt-get's output is above)." \
        "Install it by hand, or set FILROUGE_BROWSER to the path of Chromium or Chrome."
}
find_on_path || fail "The package chromium is installed, but no browser is on PATH."
