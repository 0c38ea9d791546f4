"""The heartbeat is read as it was written; what else stands in its place hinders nobody."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kzreminder.alive.heartbeat import Heartbeat, read, write

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
BEATS = [
    Heartbeat(7, "1.0", NOW, NOW),
    Heartbeat(7, "1.0", NOW, None, "the disk is full", is_told=True),
]


@pytest.mark.parametrize("beat", BEATS)
def test_it_is_read_as_it_was_written(tmp_path: Path, beat: Heartbeat) -> None:
    path = tmp_path / "state" / "beat"
    write(path, beat)
    assert read(path) == beat
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"pid": "x"}', "\x00", "{" * 9999])
def test_what_is_no_heartbeat_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "beat"
    path.write_text(text, encoding="utf-8")
    assert read(path) is None


@pytest.mark.timeout(10)
@pytest.mark.parametrize("stand", [os.mkfifo, os.mkdir])
def test_a_pipe_or_a_folder_in_its_place_keeps_nobody_waiting(
    tmp_path: Path, stand: Callable[[Path], None]
) -> None:
    path = tmp_path / "beat"
    stand(path)
    assert read(path) is None
    write(path, BEATS[0])
    assert read(path) in (None, BEATS[0])


def test_none_is_read_where_there_is_none(tmp_path: Path) -> None:
    assert read(tmp_path / "beat") is None
