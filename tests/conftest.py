"""Fixtures for every room."""

from __future__ import annotations

from tests.desktop import desktop
from tests.passes import house

__all__ = ["desktop", "house"]
