#!/bin/sh
# Makes the secrets that docker-compose.yml reads, those that are missing, in deploy/secrets:
#
#   docker compose build
#   deploy/secrets.sh
#
# The key for sending records is printed once; the file keeps its hash. The folder is for its owner
# alone. The files in it may be read by all, for containers run as users of their own.
#
# FILROUGE names another way to call filrouge than the image: FILROUGE=.venv/bin/filrouge
set -eu
cd "$(dirname "$0")/.."
folder=${FILROUGE_SECRETS_FOLDER:-deploy/secrets}
filrouge=${FILROUGE:-docker run --rm --network none filrouge:0.1.0}

umask 022
mkdir -p "$folder"
chmod 700 "$folder"

random() {
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

# keep NAME: standard input becomes the secret; nothing is left of one that could not be made.
keep() {
    cat >"$folder/.new" && [ -s "$folder/.new" ] && mv "$folder/.new" "$folder/$1"
    echo "made $folder/$1"
}

[ -e "$folder/grafana_admin_password" ] || random | keep grafana_admin_password
[ -e "$folder/postgres_password" ] || random | keep postgres_password
[ -e "$folder/database_url" ] || printf 'postgresql+psycopg://filrouge:%s@postgres:5432/filrouge' \
    "$(cat "$folder/postgres_password")" | keep database_url
if [ ! -e "$folder/ingestion_keys.toml" ]; then
    # shellcheck disable=SC2086 # a command and its arguments
    entry=$($filrouge key '*' --id first)
    printf '%s\n' "$entry" | keep ingestion_keys.toml
fi
