"""A service whose settings are changed while others share its database by the old ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from kzreminder import clock
from kzreminder.assembly import Parts, load_settings
from kzreminder.daemon.work import Work
from kzreminder.errors import ServicesDiffer
from kzreminder.settings.reading import Given
from kzreminder.settings.shared import rules_of
from tests.postgres import ON_POSTGRES, Server
from tests.storage.samples import a_member

pytestmark = ON_POSTGRES


def test_a_service_whose_rules_are_changed_beside_others_ends_and_names_them(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    file = tmp_path / "config.toml"
    file.touch()
    given = Given(file=file, database_url=postgres.database())
    parts = Parts(load_settings(given, {}), lambda: load_settings(given, {}))
    work = Work(parts, lambda: None, lambda: None, lambda _: None, lambda _: None)
    try:
        work.make_pass()
        work.refuse_to_linger()
        services = parts.store.services
        services.join(a_member(rules=rules_of(parts.settings)), clock.now())
        work.make_pass()
        work.refuse_to_linger()
        assert len(services.alive(clock.now())) == 2
        file.write_text('[reminders]\nhour = "09:00"\n', encoding="utf-8")
        work.make_pass()
        with pytest.raises(ServicesDiffer) as refusal:
            work.refuse_to_linger()
        assert refusal.value.keys == ("reminders.hour",)
    finally:
        work.close()
