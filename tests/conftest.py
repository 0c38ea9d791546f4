"""Fixtures for every room."""

from __future__ import annotations

from tests.desktop import desktop

__all__ = ["desktop"]
