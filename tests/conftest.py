"""Fixtures for every room."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desktop import desktop
from tests.passes import house

__all__ = ["desktop", "house"]


HERE = Path(__file__).parent
LONG = (
    *("cli/test_doctor.py", "cli/test_storage_faults.py", "cli/test_import.py", "doctor"),
    *("e2e/test_faults.py", "e2e/test_faulty_desktops.py", "e2e/test_watchdog.py"),
    *("fuzz/test_files_and_texts.py", "keeper/test_systemd.py", "keeper/test_autostart.py"),
    *("e2e/test_clock.py", "e2e/test_played_card.py", "test_machine.py", "faults"),
    *("storage/test_backup.py", "storage/test_upgrades.py", "cli/test_backups.py"),
    *("storage/test_kills.py", "storage/test_faults.py", "test_threats_files.py", "exchange"),
)
"Each of these starts many processes; together they take as long as all others."


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long ones, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    for item in items:
        is_long = any(item.path.is_relative_to(HERE / place) for place in LONG)
        if is_long or item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes long: tests/run --long"))
