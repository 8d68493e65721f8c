#!/bin/sh
# Makes .venv with the locked packages and this checkout, or brings it up to date.
#
#   scripts/setup.sh        what `filrouge` needs to run
#   scripts/setup.sh dev    and what its tests, linters and type checker need
#   scripts/setup.sh peers  .venv-peers instead, with whom benchmarks/services compares
#
# With uv when it is on PATH (UV= turns that off), else with plain Python and pip; hashes are
# checked either way. PYTHON=/path/to/python chooses the interpreter. Where packages come from is
# left to the environment and configuration of uv and pip.
set -eu
cd "$(dirname "$0")/.."

venv=.venv
if [ "${1:-}" = peers ]; then venv=.venv-peers; fi
python=$venv/bin/python
uv=${UV-$(command -v uv || true)}
candidates=${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Runs the candidate rather than trusting its name: version managers put names on PATH that only
# print an error, and Debian's Python cannot make environments without the package python3-venv.
makes_environments() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

describe() {
    for name in $candidates; do
        seen=$("$name" --version 2>/dev/null) && printf '  %s is %s\n' "$name" "$seen"
    done
    return 0
}

find_python() {
    for name in $candidates; do
        if makes_environments "$name"; then
            command -v "$name"
            return
        fi
    done
    fail "Filrouge needs Python 3.11 or newer, with its venv and ensurepip modules. Looked for:" \
        "  $candidates" "Found:" "$(describe)" \
        "Install one (Debian, Ubuntu: apt-get install python3 python3-venv), or install uv," \
        "or name one: make setup PYTHON=/path/to/python3.12"
}

create() {
    if [ -n "$uv" ] && "$uv" venv --quiet --clear --python "${PYTHON:->=3.11}" $venv; then
        return
    fi
    found=$(find_python)
    "$found" -m venv --clear $venv
}

pip_install() {
    $python -m pip --version >/dev/null 2>&1 || $python -m ensurepip >/dev/null
    $python -m pip install --quiet --no-input --disable-pip-version-check --no-compile "$@"
}

# uv does not read pip's settings: on a machine whose package index is known to pip alone it
# cannot find anything, so pip has the last word.
install() {
    if [ -n "$uv" ]; then
        "$uv" pip install --quiet --python $python "$@" && return
        echo "uv could not install; trying pip." >&2
    fi
    pip_install "$@"
}

is_usable() {
    $python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

echo "Setting up $venv for ${1:-runtime}, with ${uv:-pip (about half a minute, once)}"
is_usable || create
case ${1:-runtime} in
runtime)
    install --require-hashes -r requirements.txt -r requirements-build.txt
    # The build backend is in place now, with its hash checked: no isolated build fetches another.
    install --no-deps --no-build-isolation --editable .
    ;;
dev)
    install --require-hashes -r requirements-dev.txt
    ;;
peers)
    install --require-hashes -r requirements-peers.txt
    ;;
*)
    fail "scripts/setup.sh takes 'runtime', 'dev' or 'peers', not '$1'."
    ;;
esac
echo "$venv is ready: $($python --version)"
