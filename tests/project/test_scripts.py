"""What the set-up scripts say when a machine lacks what they need."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout with nothing but the scripts, on a machine with nothing but a shell."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / "bin").mkdir()
    link_program(tmp_path, "dirname")
    return tmp_path


def link_program(bare: Path, name: str) -> None:
    program = shutil.which(name)
    assert program is not None
    (bare / "bin" / name).symlink_to(program)


def put_program(bare: Path, name: str, body: str) -> Path:
    path = bare / "bin" / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def run(bare: Path, script: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(bare / "scripts" / script)],
        env={"PATH": str(bare / "bin"), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_setup_without_a_recent_python_says_what_it_saw_and_what_to_install(bare: Path) -> None:
    put_program(bare, "python3", '[ "$1" = --version ] && echo Python 3.9.2')
    done = run(bare, "setup.sh")
    assert done.returncode == 1
    assert done.stderr == (
        "Filrouge needs Python 3.11 or newer, with its venv and ensurepip modules. Looked for:\n"
        "  python3 python3.14 python3.13 python3.12 python3.11 python\n"
        "Found:\n"
        "  python3 is Python 3.9.2\n"
        "Install one (Debian, Ubuntu: apt-get install python3 python3-venv), or install uv,\n"
        "or name one: make setup PYTHON=/path/to/python3.12\n"
    )


def test_lock_without_uv_says_how_to_get_it(bare: Path) -> None:
    done = run(bare, "lock.sh")
    assert (done.returncode, done.stderr) == (
        1,
        "Locking needs uv, and it is neither on PATH nor in .venv.\n"
        "Install it: .venv/bin/python -m pip install uv\n",
    )


def test_browser_named_by_the_environment_comes_first(bare: Path) -> None:
    put_program(bare, "chromium", "")
    named = put_program(bare, "my-browser", "")
    assert run(bare, "browser.sh", FILROUGE_BROWSER=str(named)).stdout == f"{named}\n"


def test_browser_on_path_is_found(bare: Path) -> None:
    chrome = put_program(bare, "google-chrome", "")
    assert run(bare, "browser.sh").stdout == f"{chrome}\n"


def test_browser_that_cannot_be_run_is_refused(bare: Path) -> None:
    done = run(bare, "browser.sh", FILROUGE_BROWSER="/nowhere/chrome")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "FILROUGE_BROWSER is '/nowhere/chrome', which is not a program that can be run.\n"
        "Set it to the path of Chromium or Chrome, or unset it to have one looked for.\n"
    )


def test_browser_that_is_nowhere_is_asked_for(bare: Path) -> None:
    done = run(bare, "browser.sh")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "The tests of report.html need Chromium or Chrome, and none is on PATH.\n"
        "Install one (Debian: apt-get install chromium), or set FILROUGE_BROWSER to its path.\n"
    )


def test_make_alone_lists_every_target_with_a_sentence() -> None:
    listed = subprocess.check_output(["make"], cwd=ROOT, text=True)  # noqa: S607 - whichever make
    described = re.findall(r"^  make ([\w-]+) +\S", listed, flags=re.MULTILINE)
    targets = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert described == targets
