"""The Dockerfiles, and what goes with the image of ours: its probe, its secrets."""

from __future__ import annotations

import http.server
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from filrouge.ingestion.keys import read_keys
from filrouge.settings import load_settings
from filrouge.stack.ports import Port
from tests.conftest import CHECKOUT
from tests.containers.compose import COMPOSE, SERVICES, environment

DOCKERFILES = {name: CHECKOUT / name for name in ("deploy/Dockerfile", "collector/Dockerfile")}
PROBE = CHECKOUT / "deploy" / "probe.py"
SECRETS = CHECKOUT / "deploy" / "secrets.sh"


@pytest.mark.parametrize("name", DOCKERFILES)
def test_hadolint_finds_nothing(name: str) -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    done = subprocess.run(
        [hadolint, "--no-color", DOCKERFILES[name]], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("name", DOCKERFILES)
def test_bases_have_versions_and_no_host(name: str) -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILES[name].read_text(), re.MULTILINE)
    for base in bases:
        assert base == "scratch" or re.fullmatch(r"[a-z]+:\d+\.\d+[\w.-]*", base)
    assert len(bases) > 1  # what builds does not run


@pytest.mark.parametrize("name", DOCKERFILES)
def test_who_runs_is_not_root_and_who_compose_says(name: str) -> None:
    [user] = re.findall(r"^USER (\S+)$", DOCKERFILES[name].read_text(), re.MULTILINE)
    owners = {
        service["user"]
        for service in SERVICES.values()
        if service["image"].partition(":")[0] in {"filrouge", "otelcol-filrouge"}
    }
    assert owners == {user} == {"10001:10001"}


@pytest.mark.parametrize("name", DOCKERFILES)
def test_what_is_copied_is_there_and_is_not_ignored(name: str) -> None:
    lines = (CHECKOUT / ".dockerignore").read_text().splitlines()
    kept = {line.removeprefix("!").rstrip("/") for line in lines if line.startswith("!")}
    text = DOCKERFILES[name].read_text()
    for arguments in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE):
        for source in arguments.split()[:-1]:
            path = Path(source)
            assert (CHECKOUT / path).exists(), source
            assert any(str(each) in kept for each in (path, *path.parents)), source


def test_secrets_do_not_go_into_an_image() -> None:
    lines = (CHECKOUT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert not [each for each in rules if each.startswith(("!deploy/secrets", "!.env"))]
    assert "!deploy/" not in rules


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 503)
        self.end_headers()
        self.wfile.write(b"as asked")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def answering() -> Iterator[int]:
    with http.server.HTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def probe(port: int, path: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", PROBE, str(port), path],
        env={"http_proxy": "http://127.0.0.1:1"},  # which has no business on loopback
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_probe_says_what_a_service_answers(answering: int) -> None:
    assert probe(answering, "/readyz") == (0, "200 as asked\n")
    assert probe(answering, "/other") == (1, "503 as asked\n")


def test_the_probe_says_that_nothing_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    status, said = probe(port, "/readyz")
    assert status == 1
    assert "refused" in said


@pytest.mark.parametrize("name", ["ingestion", "processing", "monitoring"])
def test_a_service_is_asked_at_its_own_port(name: str) -> None:
    _, python, script, port, path = SERVICES[name]["healthcheck"]["test"]
    copied = re.findall(
        r"^COPY (deploy/\S+) (\S+)$", DOCKERFILES["deploy/Dockerfile"].read_text(), re.MULTILINE
    )
    assert (python, [("deploy/probe.py", script)], path) == ("python", copied, "/readyz")
    assert port == str(int(Port[name.upper()]))


def make_secrets(folder: Path) -> str:
    ours = shutil.which("filrouge", path=sysconfig.get_path("scripts"))
    assert ours is not None
    done = subprocess.run(
        [SECRETS],
        env={"PATH": os.environ["PATH"], "FILROUGE_SECRETS_FOLDER": str(folder), "FILROUGE": ours},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_secrets_are_made_once_and_only_those_that_compose_reads(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"

    said = make_secrets(folder)

    made = {each.name: each.read_bytes() for each in folder.iterdir()}
    assert set(made) == {Path(each["file"]).name for each in COMPOSE["secrets"].values()}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o644}
    assert "The key, which cannot be shown again: flr_" in said
    make_secrets(folder)
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == made


def test_the_secrets_fit_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "secrets"
    make_secrets(folder)
    (folder / "filrouge_database_url").write_bytes((folder / "database_url").read_bytes())
    monkeypatch.setenv("FILROUGE_SECRETS", str(folder))

    url = make_url(load_settings().database_url)

    told = environment("postgres")
    assert url.drivername == "postgresql+psycopg"
    assert (url.host, url.port, url.database) == ("postgres", 5432, told["POSTGRES_DB"])
    assert (url.username, url.password) == (
        told["POSTGRES_USER"],
        (folder / "postgres_password").read_text(),
    )
    [key] = read_keys(folder / "ingestion_keys.toml").values()
    assert (key.company, key.id) == ("*", "first")
