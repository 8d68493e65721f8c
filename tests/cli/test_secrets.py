"""Settings from the files that containers have for secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from filrouge.errors import UsageError
from filrouge.settings import load_settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "filrouge_database_url").write_text("postgresql://u:secret@host/db\n")
    (tmp_path / "filrouge_kafka_options").write_text('{"sasl.password": "hidden"}')
    (tmp_path / "postgres_password").write_text("another's")
    monkeypatch.setenv("FILROUGE_SECRETS", str(tmp_path))
    return tmp_path


def test_a_setting_is_read_from_the_file_named_as_its_variable(folder: Path) -> None:
    settings = load_settings()

    assert settings.database_url == "postgresql://u:secret@host/db"
    assert settings.kafka_options == {"sasl.password": "hidden"}
    assert "secret" not in repr(settings)
    assert folder.is_dir()


def test_it_gives_way_to_the_environment_and_prevails_over_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "filrouge.toml").write_text(
        'database_url = "sqlite:///a.db"\ntimezone = "Asia/Tokyo"'
    )
    assert load_settings().database_url.startswith("postgresql:")
    assert load_settings().timezone == "Asia/Tokyo"

    monkeypatch.setenv("FILROUGE_DATABASE_URL", "sqlite:///b.db")

    assert load_settings().database_url == "sqlite:///b.db"


def test_a_folder_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILROUGE_SECRETS", "/nowhere")

    with pytest.raises(UsageError, match="FILROUGE_SECRETS names /nowhere, which is no folder"):
        load_settings()
