"""Passes happen when asked for, whatever moment that is; a stop waits for none of them."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kzreminder import clock
from kzreminder.alive.lock import only_one
from kzreminder.assembly import Parts
from kzreminder.daemon import guard, service
from kzreminder.daemon.guard import ServiceStuck
from kzreminder.daemon.service import Service
from kzreminder.daemon.signs import Signs
from kzreminder.settings.declared import Desktop
from kzreminder.settings.reading import Settings
from kzreminder.storage import upgrading
from tests.storage.old_databases import lay_old
from tests.storage.samples import POLICY, url_of


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    for name in ("XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    settings = Settings(
        tmp_path / "config.toml", "en", url_of(tmp_path), POLICY, Desktop.AUTO, True
    )
    parts = Parts(settings)
    with only_one(parts.lock_file) as lock:
        signs = Signs(lock, parts.poke_file, clock.monotonic)
        with signs.shown():
            yield Service(parts, signs)


def test_a_wake_at_the_very_end_of_a_pass_is_not_lost(
    running: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pass has looked whether it was asked for, and its job is still on APScheduler's list."""
    passes = 0
    monkeypatch.setattr(service, "LOOK_SECONDS", 0.2)
    usual = running._pass_at

    def make_pass() -> datetime:
        nonlocal passes
        passes += 1
        if passes == 2:
            running.end(signal.SIGTERM, None)
        return clock.now() + timedelta(days=1)

    def pass_at(at: datetime) -> None:
        usual(at)
        monkeypatch.setattr(running, "_pass_at", usual)
        running.wake()
        time.sleep(0.2)

    monkeypatch.setattr(running._work, "make_pass", make_pass)
    monkeypatch.setattr(running, "_pass_at", pass_at)
    in_vain = threading.Timer(20, running.end, (signal.SIGTERM, None))
    in_vain.start()
    running.run()
    in_vain.cancel()
    running.finish()
    assert passes == 2


def test_an_upgrade_that_takes_long_gives_signs_of_life(
    tmp_path: Path, running: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_old(tmp_path, 1)
    monkeypatch.setattr(upgrading, "SIGN_SECONDS", 0.05)
    signs: list[None] = []
    monkeypatch.setattr(running._work, "_sign_of_life", lambda: signs.append(None))
    running._work._desk_of_now(clock.now())
    running._work.close()
    assert len(signs) > 2


def test_a_pass_that_never_ends_ends_the_service(
    running: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the clock that nobody sets; here its five minutes are one second."""
    freed = threading.Event()
    monkeypatch.setattr(guard, "DEAD_AFTER_SECONDS", 1.0)
    monkeypatch.setattr(service, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(running._work, "make_pass", lambda: freed.wait(30))
    began = time.monotonic()
    try:
        with pytest.raises(ServiceStuck):
            running.run()
        assert 1 < time.monotonic() - began < 10
    finally:
        freed.set()
        running.finish()
