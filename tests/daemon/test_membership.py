"""A service among others that share its database: it joins, hears them, leaves, and agrees."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kzreminder import clock
from kzreminder.assembly import Parts, load_settings
from kzreminder.daemon.work import Work
from kzreminder.errors import ServicesDiffer
from kzreminder.settings.reading import Given
from kzreminder.settings.shared import rules_of
from kzreminder.storage.dialects import NEWS
from tests.cli.running import Home
from tests.postgres import ON_POSTGRES, Server
from tests.storage.samples import a_member, ending

pytestmark = ON_POSTGRES


Changed = tuple[Work, Path]
"A service in this process, and its settings, which a test may change."


@pytest.fixture
def changed(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Changed]:
    for kind in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    file = tmp_path / "config.toml"
    file.touch()
    given = Given(file=file, database_url=postgres.database())
    parts = Parts(load_settings(given, {}), lambda: load_settings(given, {}))
    work = Work(parts, lambda: None, lambda: None, lambda _: None, lambda _: None)
    try:
        yield work, file
    finally:
        work.close()
        assert work._listener._thread is not None
        work._listener._thread.join(5)


def test_a_service_whose_rules_are_changed_beside_others_ends_and_names_them(
    changed: Changed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kzreminder")
    work, file = changed
    work.make_pass()
    work.refuse_to_linger()
    services = work._parts.store.services
    services.join(a_member(rules=rules_of(work._parts.settings)), clock.now())
    work.make_pass()
    work.refuse_to_linger()
    assert len(services.alive(clock.now())) == 2
    file.write_text('[reminders]\nhour = "09:00"\n', encoding="utf-8")
    caplog.clear()
    work.make_pass()
    work.make_pass()
    assert caplog.messages == [], "it is said once, as the service ends"
    assert work._trouble.fault is None, "no target is told"
    with pytest.raises(ServicesDiffer) as refusal:
        work.refuse_to_linger()
    assert refusal.value.keys == ("reminders.hour",)


def test_a_service_that_is_given_a_name_while_it_runs_takes_its_cards(changed: Changed) -> None:
    work, file = changed
    store = work._parts.store
    now = clock.now()
    store.add(replace(ending(in_days=40, at=now), watcher="almaty"), now)
    assert work.make_pass() is None
    file.write_text('watches = ["almaty"]\n', encoding="utf-8")
    planned_at = work.make_pass()
    assert (planned_at or now) > clock.now(), "it was claimed, and put back"


def test_a_service_joins_hears_of_a_change_and_leaves(postgres: Server, tmp_path: Path) -> None:
    home = Home(tmp_path, KZREMINDER_DATABASE=postgres.database())
    home.configure('[reminders]\nzone = "Asia/Almaty"\n')
    home.kz("add", "--label", "Mum", "--expires", "+40d")
    planned = "select wake_at > extract(epoch from now()) * 1e6 + 86400e6 from cards"
    url = home.environ["KZREMINDER_DATABASE"]
    with subprocess.Popen(
        [sys.executable, "-m", "kzreminder", "run"],
        env=home.process_environ(),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as service:
        try:
            until(lambda: postgres.ask(url, planned) == [(True,)], 20)
            assert [one["pid"] for one in home.kz("status", "--json").json["services"]] == [
                service.pid
            ]
            postgres.ask(url, "update cards set wake_at = extract(epoch from now()) * 1e6")
            postgres.ask(url, f"notify {NEWS}")
            until(lambda: postgres.ask(url, planned) == [(True,)], 5)
        finally:
            service.send_signal(signal.SIGTERM)
            _, err = service.communicate(timeout=20)
    assert service.returncode == 0, err
    assert home.kz("status", "--json").json["services"] == []


def until(holds: Callable[[], bool], seconds: float) -> None:
    ends_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends_at
        time.sleep(0.05)
