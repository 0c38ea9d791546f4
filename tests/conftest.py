"""Fixtures for every room; what is left for `--long`."""

from __future__ import annotations

import pytest

from tests.desktop import desktop
from tests.passes import house
from tests.postgres import postgres, timed

__all__ = ["desktop", "house", "postgres", "timed"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long ones, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `long` are not run, rather than skipped: they tell least for what they cost."""
    if config.getoption("--long"):
        return
    left = [item for item in items if item.get_closest_marker("long")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
