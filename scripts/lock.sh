#!/bin/sh
# Writes the lock files from pyproject.toml, for every platform and Python at once.
#
#   scripts/lock.sh              keeps the versions already locked, where they still fit
#   scripts/lock.sh --upgrade    takes the newest
#
# requirements-dev.txt is resolved first and holds everything; two others are cut out of it, so that
# all three name the same versions. requirements-peers.txt is for an environment of its own. They
# name no package index: which one to use is the business of the machine that installs.
set -eu
cd "$(dirname "$0")/.."

uv=$(command -v uv || command -v .venv/bin/uv) || {
    echo "Locking needs uv, and it is neither on PATH nor in .venv." >&2
    echo "Install it: .venv/bin/python -m pip install uv" >&2
    exit 1
}

compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --custom-compile-command "make lock" "$@" >/dev/null
}

compile pyproject.toml --group dev "$@" -o requirements-dev.txt
compile pyproject.toml --constraint requirements-dev.txt "$@" -o requirements.txt
compile --group build --constraint requirements-dev.txt "$@" -o requirements-build.txt
compile --group peers "$@" -o requirements-peers.txt
