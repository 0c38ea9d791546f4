"""Fixtures for every room."""

from __future__ import annotations

import pytest

from tests.desktop import desktop
from tests.passes import house

__all__ = ["desktop", "house"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long ones, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes long: tests/run --long"))
