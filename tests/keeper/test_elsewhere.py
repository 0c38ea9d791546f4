"""A system whose services we do not keep, and one whose systemd does not answer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from kzreminder.cli.root import run
from kzreminder.keeper import choice
from kzreminder.keeper.look import NOBODY, look

if TYPE_CHECKING:
    from pathlib import Path


WORDS = ("install", "uninstall", "start", "stop", "restart", "status", "logs")


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_service_has_help_with_an_example(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["service", word, "--help"]) == 0
    assert f"kzreminder service {word}" in capsys.readouterr().out.partition("Example:")[2]


def test_where_we_keep_no_service_it_is_said_how_to_start_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert look() == NOBODY
    assert run(["service", "install"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "launchd" in said[1]
    assert said[1].endswith("kzreminder run")
    assert run(["service", "status"]) == 1


def test_a_systemd_that_does_not_answer_is_no_lack_of_systemd(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """As after `su`: an entry for autostart would start a second service at the next log-in."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "none"))
    monkeypatch.setattr(choice, "BOOTED", tmp_path)
    assert run(["service", "install"]) == 1
    assert "systemd does not answer" in capsys.readouterr().err
    assert not (tmp_path / ".config/autostart").exists()
    assert look().by == "systemd"
