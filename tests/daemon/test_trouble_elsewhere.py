"""What keeps passes from ending well is said on the first target, where the desktop is off."""

from __future__ import annotations

from pathlib import Path

import pytest

from kzreminder import clock
from kzreminder.assembly import Parts
from kzreminder.daemon.work import Work
from kzreminder.settings.declared import Desktop
from kzreminder.settings.reading import Settings
from tests.channels.push_server import PlainWebServer
from tests.passes import a_target
from tests.storage.samples import POLICY, url_of


def test_without_a_desktop_trouble_is_said_on_the_first_target_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cards.db").mkdir()  # no file: every pass fails
    assert "cards.db cannot be opened" in told_of_trouble(url_of(tmp_path), tmp_path, monkeypatch)


def test_a_chat_is_not_told_where_the_server_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Port 1 answers nobody."""
    said = told_of_trouble("postgresql://anna:geheim@127.0.0.1:1/sims", tmp_path, monkeypatch)
    assert "the database cannot be reached" in said
    for part in ("anna", "geheim", "127.0.0.1", "sims", "port"):
        assert part not in said


def told_of_trouble(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the first target is told, once, though two passes fail."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    file, targets = tmp_path / "config.toml", (a_target("dad"), a_target("boss"))
    settings = Settings(file, "en", url, POLICY, Desktop.OFF, mask_numbers=True, targets=targets)
    with PlainWebServer() as web:
        monkeypatch.setenv("NOWHERE", f"json://127.0.0.1:{web.port}/dad")
        alive: list[float] = []
        work = Work(
            Parts(settings),
            lambda: None,
            lambda: alive.append(clock.monotonic()),
            lambda work: work(),
            lambda seconds: None,
        )
        try:
            assert work.make_pass() is None
            assert work.make_pass() is None
        finally:
            work.close()
    assert len(web.requests) == 1
    assert len(alive) >= 2
    return str(web.requests[0].json["message"])
