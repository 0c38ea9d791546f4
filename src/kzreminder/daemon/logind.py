"""Stub until it comes."""

from __future__ import annotations

from collections.abc import Callable


class Logind:
    def __init__(self, wake: Callable[[], None], finish: Callable[[float], None]) -> None:
        pass

    def attend(self) -> None:
        pass

    def somebody_is_there(self) -> bool:
        return True

    def close(self) -> None:
        pass
